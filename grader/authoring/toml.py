"""Text as it stands in files of TOML that are written for authors and students."""

from __future__ import annotations

import json


def quoted(text: str) -> str:
    """Return text as a string of TOML: that of JSON, which differs in one character only."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
