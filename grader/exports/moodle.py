"""Moodle: the offline grading worksheet, filled in or written anew.

Moodle's import needs the columns Identifier, Grade and Last modified (grade), under these very names; the last one is
what tells it whether somebody changed a grade in the meantime, so it stays as it was downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.entries import Entry
from grader.errors import UsageError, did_you_mean
from grader.exports.cells import text
from grader.exports.comment import comment, is_ours
from grader.exports.filling import Filled, guarded, known_as, out_of, pair, points
from grader.exports.matching import Keys, same, same_name
from grader.exports.sheets import Sheet, csv_text, decimal_comma

IDENTIFIER, GRADE, MODIFIED = NEEDED = ("Identifier", "Grade", "Last modified (grade)")
NAME, NUMBER, EMAIL = "Full name", "ID number", "Email address"
POSSIBLE, CHANGEABLE, COMMENTS = "Maximum grade", "Grade can be changed", "Feedback comments"
PARTICIPANT = "Participant "
HEADER = (IDENTIFIER, NAME, EMAIL, GRADE, POSSIBLE, MODIFIED, COMMENTS)


def fill(sheet: Sheet, entries: Sequence[Entry]) -> Filled:
    """Return the worksheet with the grades and comments of the entries; a comment somebody wrote there stays.

    UsageError when it is not a grading worksheet.
    """
    header = _header(sheet)
    places = {name: header.index(name) for name in header}
    students = {
        number: (_name(row.value(places.get(NAME)), row.value(places[IDENTIFIER])), _row_keys(row.values, places))
        for number, row in enumerate(sheet.rows)
        if number and row.value(places[IDENTIFIER]).strip()
    }
    fixed = {row for row in students if sheet.rows[row].value(places.get(CHANGEABLE)).strip().casefold() == "no"}
    pairs = pair(entries, [_keys(entry) for entry in entries], students, fixed)
    numbers = [sheet.rows[row].value(places.get(name)) for row in students for name in (GRADE, POSSIBLE)]
    comma = decimal_comma(numbers)
    cells = {(row, places[GRADE]): points(entry.final, comma=comma) for row, entry in pairs.entries.items()}
    said = {
        (row, places[COMMENTS]): comment(entry)
        for row, entry in pairs.entries.items()
        if COMMENTS in places and is_ours(sheet.rows[row].value(places[COMMENTS]))
    }
    notes = [note for value in sorted(set(numbers[1::2])) for note in out_of(entries, value, "The worksheet's grade")]
    names = guarded(sheet, students, [places[NAME]] if NAME in places else [])
    return Filled(
        content=sheet.changed(cells | said | names).content(),
        column=GRADE,
        filled=sum(map(bool, cells.values())),
        notes=tuple(notes),
        **pairs.people,
    )


def whole(entries: Sequence[Entry]) -> tuple[str, tuple[str, ...]]:
    """Return a worksheet of our own, and who is not in it because Moodle's number of the participant is not known."""
    known = [entry for entry in entries if entry.identity.moodle_participant]
    unknown = tuple(known_as(entry) for entry in entries if not entry.identity.moodle_participant)
    return csv_text([HEADER, *map(_row, known)]), unknown


def _row(entry: Entry) -> list[str]:
    whose = entry.identity
    about = (f"{PARTICIPANT}{whose.moodle_participant}", whose.name or entry.student, whose.email)
    return [*map(text, about), points(entry.final), points(entry.max_score), "-", comment(entry)]


def _header(sheet: Sheet) -> list[str]:
    header = [name.strip() for name in sheet.rows[0].values] if sheet.rows else []
    missing = [name for name in NEEDED if name not in header]
    if missing:
        near = did_you_mean(missing[0], header)
        raise UsageError(
            f"this is not a grading worksheet from Moodle: there is no column {missing[0]!r}.{near} "
            "In Moodle, in English: the assignment, View all submissions, Download grading worksheet."
        )
    return header


def _name(name: str, identifier: str) -> str:
    return f"{name.strip()} ({identifier.strip()})" if name.strip() else identifier.strip()


def _row_keys(values: Sequence[str], places: dict[str, int]) -> Keys:
    own = {name: values[place] for name, place in places.items() if place < len(values)}
    participant = own[IDENTIFIER].strip().removeprefix(PARTICIPANT.strip())
    return (
        (same(participant),),
        (same(own.get(NUMBER, "")),),
        (same(own.get(EMAIL, "")),),
        (same_name(own.get(NAME, "")),),
    )


def _keys(entry: Entry) -> Keys:
    whose = entry.identity
    return (
        (same(whose.moodle_participant),),
        (same(whose.id),),
        (same(whose.email), same(entry.student)),
        (same_name(whose.name or entry.student),),
    )
