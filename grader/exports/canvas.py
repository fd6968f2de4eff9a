"""Canvas: the gradebook as CSV, filled into a downloaded one or written anew.

Canvas recognises students by ID, SIS User ID, SIS Login ID and name, in this order, and assignments by the `(id)`
behind their title. A downloaded file comes back with one column changed and every other byte as it was.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterator, Sequence

from grader.entries import Entry
from grader.errors import UsageError, did_you_mean
from grader.exports.cells import text
from grader.exports.filling import Filled, guarded, out_of, pair, points
from grader.exports.matching import Keys, same, same_name
from grader.exports.sheets import Sheet, csv_text, decimal_comma

NAMES = (("Student",), ("LastName", "FirstName"))  # what stands before ID
HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POSSIBLE = "Points Possible"
NUMBERED = re.compile(r"(?P<title>.*?)\s*\((?P<id>\d+)\)\s*")
NO_ASSIGNMENT = re.compile(r"(Unposted )?(Current|Final|Override) (Score|Points|Grade|Status)\b")
NO_STUDENT = {"", "muted", "manual posting"}
EXCUSED = "ex"


def fill(sheet: Sheet, entries: Sequence[Entry], *, column: str | None = None) -> Filled:
    """Return the downloaded gradebook with the final points of the entries in their assignment's column.

    `column` is its title, its number, or both as in the header; without one it is the column with the assignment's
    title or name. UsageError when the file is not Canvas's gradebook, or no single column is meant.
    """
    table = _Table(sheet)
    place = table.column(column, entries)
    students = {row: (table.name(row), table.keys(row)) for row in table.students}
    excused = {row for row in students if sheet.rows[row].value(place).strip().casefold() == EXCUSED}
    pairs = pair(entries, [_keys(entry) for entry in entries], students, excused)
    comma = decimal_comma(table.numbers())
    cells = {(row, place): points(entry.final, comma=comma) for row, entry in pairs.entries.items()}
    # a row without an ID may be known by its name alone
    identified = [row for row in students if sheet.rows[row].value(len(table.names)).strip()]
    names = guarded(sheet, identified, range(len(table.names)))
    return Filled(
        content=sheet.changed(cells | names).content(),
        column=table.header[place],
        filled=sum(map(bool, cells.values())),
        notes=out_of(entries, table.possible(place), f"The column {table.header[place]!r}"),
        **pairs.people,
    )


def whole(entries: Sequence[Entry], *, column: str | None = None) -> str:
    """Return a gradebook of our own for Canvas's import; without `column` the assignment's title heads the points."""
    title = column or next((entry.title or entry.assignment for entry in entries), "Score")
    possible = max((entry.max_score for entry in entries), default=math.nan)
    rows = [[*HEADER, text(title)], [f"    {POSSIBLE}", "", "", "", "", points(possible)]]
    return csv_text([*rows, *map(_row, entries)])


def _row(entry: Entry) -> list[str]:
    whose = entry.identity
    login = "" if whose.canvas_user or whose.id or whose.name else entry.student
    about = (whose.name or entry.student, whose.canvas_user, whose.id, login, whose.section)
    return [*map(text, about), points(entry.final)]


def _keys(entry: Entry) -> Keys:
    whose = entry.identity
    own = (same(whose.id), same(entry.student))
    return ((same(whose.canvas_user),), own, (*own, same(whose.email)), (same_name(whose.name or entry.student),))


class _Table:
    """A downloaded gradebook: which columns and rows are what."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.header = sheet.rows[0].values if sheet.rows else []
        self.names = next((names for names in NAMES if _begins(self.header, names)), ())
        if not self.names:
            raise UsageError(
                "this is not a gradebook from Canvas: its first line has to begin with Student,ID. "
                "In Canvas: Grades, Export, Export Entire Gradebook."
            )
        sections = [place for place, name in enumerate(self.header) if "Section" in name]
        if not sections:
            raise UsageError("the header has no column Section, which Canvas writes behind the students' own columns.")
        self._first = sections[0] + 1
        self._identifying = [self.header.index(name) if name in self.header else None for name in HEADER[1:4]]
        self._possible = next((row for row in sheet.rows[1:6] if POSSIBLE in row.value(0)), None)
        self.students = [number for number, row in enumerate(sheet.rows) if number and self._is_student(row.values)]

    def _is_student(self, values: list[str]) -> bool:
        about = [value for value in values[: self._first] if value.strip().casefold() not in NO_STUDENT]
        return bool(about) and POSSIBLE not in values[0]

    def name(self, row: int) -> str:
        """Return a student's name as it stands in the file, the last name first."""
        parts = (self._sheet.rows[row].value(place).strip() for place in range(len(self.names)))
        return ", ".join(filter(None, parts))

    def keys(self, row: int) -> Keys:
        """Return what a student goes by: ID, SIS User ID, SIS Login ID, name."""
        known = [(same(self._sheet.rows[row].value(place)),) for place in self._identifying]
        return (*known, (same_name(self.name(row)),))

    def possible(self, place: int) -> str:
        """Return what stands in the row of points possible."""
        return "" if self._possible is None else self._possible.value(place).strip()

    def numbers(self) -> Iterator[str]:
        """Yield the cells that hold numbers, if anything."""
        rows = [self._sheet.rows[row] for row in self.students] + ([self._possible] if self._possible else [])
        return (row.value(place) for row in rows for place in self._assignments())

    def _assignments(self) -> list[int]:
        places = range(self._first, len(self.header))
        return [place for place in places if not NO_ASSIGNMENT.match(self.header[place].strip())]

    def column(self, wanted: str | None, entries: Sequence[Entry]) -> int:
        """Return the column that is meant, which must not be one that Canvas ignores."""
        titles = [wanted] if wanted is not None else sorted({t for e in entries for t in (e.title, e.assignment) if t})
        asked, places = set(map(same, titles)), self._assignments()
        found = [place for place in places if same(self.header[place]) in asked]
        found = found or [place for place in places if asked & _parts(self.header[place])]
        if len(found) != 1:
            names = [self.header[place] for place in found or places]
            raise UsageError(_not_one(" or ".join(map(repr, titles)), titles, names, several=bool(found)))
        if "read only" in self.possible(found[0]).casefold():
            raise UsageError(f"the column {self.header[found[0]]!r} is read only: Canvas ignores what stands there.")
        return found[0]


def _begins(header: Sequence[str], names: Sequence[str]) -> bool:
    """Tell whether a header begins with these names and then ID; Canvas may write more into a name's cell."""
    found = header[: len(names) + 1]
    return len(found) > len(names) and found[-1] == "ID" and all(map(operator.contains, found, names))


def _parts(header: str) -> set[str]:
    """Return what a column may be called: its title and its number."""
    numbered = NUMBERED.fullmatch(header)
    return {same(numbered["title"]), numbered["id"]} if numbered else set()


def _not_one(what: str, titles: Sequence[str], there: Sequence[str], *, several: bool) -> str:
    listed = ", ".join(there) or "none"
    if several:
        return f"several columns are called {what}: {listed}. Say which by its number: --column NUMBER."
    plain = [title for name in there for title in (name, NUMBERED.sub(r"\g<title>", name))]
    near = next((hint for title in titles if (hint := did_you_mean(title, plain))), "")
    return f"no column is called {what}.{near} There are: {listed}. Say which with --column."
