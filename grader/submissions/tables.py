"""Reading a table somebody saved from a spreadsheet: its encoding and its delimiter are found out."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

DELIMITERS = (",", ";", "\t")
MOST_BYTES = 50_000_000
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table; `line` is its number in the file."""

    cells: tuple[str, ...]
    line: int

    def cell(self, place: int | None) -> str:
        """Return a cell with spaces folded, the empty text where there is none."""
        return " ".join(self.cells[place].split()) if place is not None and place < len(self.cells) else ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A heading and the lines below it."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]

    def place(self, heading: str) -> int | None:
        """Return where the column of a heading is; case, spaces and signs in a heading do not matter."""
        wanted = plain(heading)
        return next((place for place, there in enumerate(self.headings) if plain(there) == wanted), None)


def plain(heading: str) -> str:
    """Return a heading's letters and digits in small letters."""
    return "".join(char for char in heading.casefold() if char.isalnum())


def read_table(path: Path, known: Iterable[str]) -> Table:
    """Read a CSV file; the delimiter is the one that makes the most known headings.

    Raises UsageError when it cannot be read, or is no table.
    """
    text = _decoded(_read(path))
    if text[:4].casefold() == "sep=":  # Excel's own note about the delimiter
        text = "\n" + text.partition("\n")[2]
    headings = {plain(heading) for heading in known}
    tables = [_parsed(path, text, delimiter) for delimiter in DELIMITERS]
    return max(tables, key=lambda table: sum(plain(heading) in headings for heading in table.headings))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path}: the roster cannot be read ({reason}).") from error
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{path} is too large for a roster. Give a CSV file with a line per student.")
    if raw[:4] in {b"PK\3\4", b"\xd0\xcf\x11\xe0"}:
        raise UsageError(f"{path} is a spreadsheet, not a CSV file. Save it as CSV (UTF-8) and give that file.")
    return raw


def _decoded(raw: bytes) -> str:
    """Return the text of a file in UTF-8 or UTF-16, else in the code page of Western Windows."""
    encoding = next((encoding for mark, encoding in MARKS if raw.startswith(mark)), "")
    if not encoding and re.match(rb"(?:[^\0]\0){2}", raw):
        encoding = "utf-16-le"
    if not encoding and re.match(rb"(?:\0[^\0]){2}", raw):
        encoding = "utf-16-be"
    if encoding:
        return raw.decode(encoding, "replace")
    for guess in ("utf-8", "cp1252"):
        try:
            return raw.decode(guess)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _parsed(path: Path, text: str, delimiter: str) -> Table:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines = []
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                lines.append(Row(cells=tuple(cells), line=reader.line_num))
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: this is no table ({error}).") from error
    if not lines:
        raise UsageError(f"{path} is empty. Give a CSV file with a heading and a line per student.")
    head, *rows = lines
    return Table(headings=tuple(heading.strip() for heading in head.cells), rows=tuple(rows))
