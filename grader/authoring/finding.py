"""What `grade lint` finds."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Level(enum.StrEnum):
    """Whether a finding has to be mended."""

    ERROR = "error"
    NOTE = "note"  # worth a look, and perhaps meant


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it should be: where, what, and the way out."""

    rule: str
    file: Path
    what: str
    remedy: str
    line: int | None = None
    level: Level = Level.ERROR

    @property
    def place(self) -> str:
        """The file as seen from here, and the line where it is known."""
        here = Path.cwd()
        file = self.file.relative_to(here) if self.file.is_relative_to(here) else self.file
        return f"{file}:{self.line}" if self.line else str(file)

    def plain(self) -> dict[str, Any]:
        """Return the finding as plain data."""
        return {
            "rule": self.rule,
            "level": self.level.value,
            "file": str(self.file),
            "line": self.line,
            "what": self.what,
            "remedy": self.remedy,
        }


Findings = Iterator[Finding]


def line_with(file: Path, text: str) -> int | None:
    """Return the number of the first line of a file that has a text, None where there is none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return next((number for number, line in enumerate(lines, 1) if text in line), None)
