"""The entries of a class as JSON, for other programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any

from grader.entries import Entry


def entries_json(entries: Sequence[Entry]) -> str:
    """Return a list with an object per entry, a line each, `final` among its fields; what is no number is null."""
    plain = ({**_plain(entry), "final": _plain(entry.final)} for entry in entries)
    lines = (json.dumps(each, ensure_ascii=False, allow_nan=False) for each in plain)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return None if isinstance(value, float) and not math.isfinite(value) else value
