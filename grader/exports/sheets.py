"""A CSV file of another program, read so that it can be written back with only a few cells changed.

Everything else stays as it is byte for byte: encoding, byte-order mark, delimiter, quotes, spaces, lines' ends.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import UsageError

MAX_BYTES = 64_000_000
DELIMITERS = ",;\t"
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
ENCODINGS = ("utf-8", "cp1252", "latin-1")  # the last takes every byte
QUOTED = re.compile(r'"((?:[^"]|"")*+)"')
NUMBER = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?)?")  # or nothing
LINE_END = re.compile(r"\r\n|\r|\n|\Z")


@dataclass(frozen=True)
class Cell:
    """A cell: as it stands in the file, and what it means."""

    raw: str
    value: str


@dataclass(frozen=True)
class Row:
    """The cells of a record and the end of its line."""

    cells: tuple[Cell, ...]
    end: str

    def value(self, column: int | None) -> str:
        """Return what a cell means; a row may be shorter than the header."""
        return "" if column is None or column >= len(self.cells) else self.cells[column].value

    @property
    def values(self) -> list[str]:
        """What the cells mean."""
        return [cell.value for cell in self.cells]


@dataclass(frozen=True)
class Sheet:
    """A file's rows, the first one being its header or not, and how the file is written."""

    rows: tuple[Row, ...]
    delimiter: str
    encoding: str
    mark: bytes

    def changed(self, cells: dict[tuple[int, int], str]) -> Sheet:
        """Return the sheet with new values, by row and column; a cell that had quotes keeps them."""
        rows = list(self.rows)
        for (row, column), value in cells.items():
            rows[row] = self._with(rows[row], column, value)
        return replace(self, rows=tuple(rows))

    def _with(self, row: Row, column: int, value: str) -> Row:
        cells = [*row.cells, *[Cell("", "")] * (column + 1 - len(row.cells))]
        value = value.encode(self.encoding, "replace").decode(self.encoding)
        quoted = cells[column].raw.startswith('"') or any(char in value for char in f'"\r\n{self.delimiter}')
        cells[column] = Cell('"' + value.replace('"', '""') + '"' if quoted else value, value)
        return replace(row, cells=tuple(cells))

    def content(self) -> bytes:
        """Return the file."""
        lines = (self.delimiter.join(cell.raw for cell in row.cells) + row.end for row in self.rows)
        return self.mark + "".join(lines).encode(self.encoding)


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file; UsageError names it and says why it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB: no table of grades.")
    try:
        return parse(data)
    except ValueError as error:
        message = f"{path}: not a CSV file ({error}). Download the table again, as CSV, and do not save it as XLSX."
        raise UsageError(message) from error


def parse(data: bytes) -> Sheet:
    """Return the sheet a file holds; ValueError says why it is none."""
    if data.startswith(b"PK\x03\x04"):
        raise ValueError("it is a spreadsheet or a zip file")
    mark, encoding = next(((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", ""))
    body = data[len(mark) :]
    text, encoding = (body.decode(encoding), encoding) if encoding else _decoded(body)
    delimiter = _delimiter(text)
    return Sheet(rows=tuple(_rows(text, delimiter)), delimiter=delimiter, encoding=encoding, mark=mark)


def _decoded(body: bytes) -> tuple[str, str]:
    for encoding in ENCODINGS:
        try:
            return body.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 takes every byte")


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the first line into most cells; a comma when none does."""
    return max(DELIMITERS, key=lambda each: len(next(_rows(text, each), Row((), "")).cells))


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    plain = re.compile(f"[^{delimiter}\r\n]*")
    place = 0
    while place < len(text):
        cells, more = [], True
        while more:
            cell, place = _cell(text, place, plain)
            cells.append(cell)
            more = text[place : place + 1] == delimiter
            place += more
        end = LINE_END.match(text, place)
        assert end is not None  # noqa: S101 - a cell ends at a delimiter, a line's end or the text's
        place = end.end()
        yield Row(tuple(cells), end.group())


def _cell(text: str, start: int, plain: re.Pattern[str]) -> tuple[Cell, int]:
    """Return the cell that begins at `start` and where it ends; quotes that do not begin it are ordinary."""
    place, value = start, ""
    if text[start : start + 1] == '"':
        place, value = _quoted(text, start)
    rest = plain.match(text, place)
    assert rest is not None  # noqa: S101 - it matches nothing, too
    return Cell(text[start : rest.end()], value + rest.group()), rest.end()


def _quoted(text: str, start: int) -> tuple[int, str]:
    found = QUOTED.match(text, start)
    if found is None:
        raise ValueError(f"the quote in line {text.count(chr(10), 0, start) + 1} is never closed")
    return found.end(), found.group(1).replace('""', '"')


def csv_text(rows: Iterable[Sequence[str]], *, end: str = "\n") -> str:
    """Return rows as the text of a new file: all texts in quotes, and numbers, which some take for text then, bare."""
    return "".join(",".join(map(_written, row)) + end for row in rows)


def _written(value: str) -> str:
    return value if NUMBER.fullmatch(value) else '"' + value.replace('"', '""') + '"'


def decimal_comma(values: Iterable[str]) -> bool:
    """Tell whether numbers have a decimal comma: some do, and none a point."""
    numbers = [value.strip() for value in values]
    commas = any(re.fullmatch(r"-?\d+,\d+", value) for value in numbers)
    return commas and not any(re.fullmatch(r"-?\d+\.\d+", value) for value in numbers)
