"""What comes of filling grades into a table that somebody else wrote: the file, and whom it left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.entries import Entry
from grader.exports.cells import starts_formula, text
from grader.exports.matching import Keys, Matches, match
from grader.exports.sheets import Sheet


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A downloaded table with the grades in it; students are called as somebody would look for them."""

    content: bytes
    column: str
    filled: int
    without_row: tuple[str, ...] = ()  # in the gradebook, not in the file
    ambiguous: tuple[str, ...] = ()  # several rows fit, or the row fits several
    without_grade: tuple[str, ...] = ()  # in the file, not in the gradebook
    ungraded: tuple[str, ...] = ()  # could not be graded: the cell is blank
    kept: tuple[str, ...] = ()  # the file says not to change these
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Entries with their rows, without the rows that are not to be changed, and the names of everybody else."""

    entries: Mapping[int, Entry]  # by row
    people: Mapping[str, tuple[str, ...]]  # by field of Filled


def pair(entries: Sequence[Entry], keys: Sequence[Keys], rows: Mapping[int, tuple[str, Keys]], kept: set[int]) -> Pairs:
    """Bring entries and rows together by their keys; `rows` have a name each, `kept` ones are not to be changed."""
    found: Matches = match(keys, {row: own for row, (_, own) in rows.items()})
    taken = {row: entries[number] for number, row in found.rows.items()}
    filled = {row: entry for row, entry in taken.items() if row not in kept}
    people = {
        "without_row": tuple(known_as(entries[number]) for number in found.unknown),
        "ambiguous": tuple(known_as(entries[number]) for number in found.ambiguous),
        "without_grade": tuple(name for row, (name, _) in rows.items() if row not in taken),
        "ungraded": tuple(known_as(entry) for entry in filled.values() if not math.isfinite(entry.final)),
        "kept": tuple(rows[row][0] for row in taken if row in kept),
    }
    return Pairs(entries=filled, people=people)


def guarded(sheet: Sheet, rows: Iterable[int], columns: Sequence[int]) -> dict[tuple[int, int], str]:
    """Return the cells of columns of names that would start a formula, as text; all other names stay as they are."""
    values = {(row, column): sheet.rows[row].value(column) for row in rows for column in columns}
    return {place: text(value) for place, value in values.items() if starts_formula(value)}


def points(value: float, *, comma: bool = False) -> str:
    """Return points with the two decimals that gradebooks compare; blank for no number."""
    written = f"{round(value, 2) + 0.0:.2f}" if math.isfinite(value) else ""
    return written.replace(".", ",") if comma else written


def known_as(entry: Entry) -> str:
    """Return what to call an entry when somebody has to look for it."""
    name = entry.identity.name
    return f"{name} ({entry.student})" if name and name != entry.student else entry.student


def out_of(entries: Sequence[Entry], possible: str, where: str) -> tuple[str, ...]:
    """Return a note when a table counts out of other points than the gradebook does; nothing when it does not say."""
    try:
        theirs = points(float(possible.replace(",", ".")))
    except ValueError:
        return ()
    ours = sorted({points(entry.max_score) for entry in entries if entry.graded} - {theirs})
    return (f"{where} is out of {theirs} points in the file, out of {' and '.join(ours)} here.",) if ours else ()
