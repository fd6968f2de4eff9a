"""The students of a class, from a table: any CSV file with usual headings, Canvas's gradebook, Moodle's worksheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.entries import Identity
from grader.errors import UsageError
from grader.submissions.stamps import read_time
from grader.submissions.tables import Row, Table, read_table

HEADINGS = {
    "id": "id, student id, student number, student no, id number, matriculation number, matrikelnummer, university id, "
    "sis user id, sis id, org defined id",
    "login": "login, login id, sis login id, user name, user, net id, account",
    "email": "email, mail, email address, mail address",
    "name": "name, full name, student name, student, display name",
    "first": "first name, first, given name, given names, forename, vorname",
    "last": "last name, last, surname, family name, nachname",
    "section": "section, sections, group, groups, class, tutorial",
    "canvas": "canvas id, canvas user, canvas user id",
    "moodle": "identifier, moodle identifier, moodle participant, moodle participant id, participant, participant id",
    "submitted": "submitted, submitted at, submission time, handed in, timestamp",
}
WHO = ("id", "login", "email", "canvas", "moodle", "name")
NEEDED = (
    "A roster needs a heading in its first line and one of these columns: id, login, email, name (or first name and "
    "last name), Canvas's ID, Moodle's Identifier."
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A student of the roster; `key` is what no other has."""

    identity: Identity
    login: str
    key: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Roster:
    """The students of a class."""

    people: tuple[Person, ...]

    @classmethod
    def read(cls, path: Path) -> Roster:
        """Read a roster; UsageError names the file and what is wrong with it.

        Columns are found by their headings. A gradebook downloaded from Canvas and a grading worksheet downloaded
        from Moodle are rosters as they are.
        """
        table = read_table(path, [known for names in HEADINGS.values() for known in names.split(", ")])
        columns = _columns(table)
        if not columns.keys() & {*WHO, "last"}:
            found = ", ".join(heading for heading in table.headings if heading) or "nothing"
            raise UsageError(f"{path}: no column says who the students are. Found: {found}. {NEEDED}")
        people = _distinct(path, (_person(path, row, columns) for row in table.rows if _is_student(row, columns)))
        if not people:
            raise UsageError(f"{path}: there are no students below the heading.")
        return cls(people=people)


def _columns(table: Table) -> dict[str, int]:
    """Return where each kind of column is; the first of several counts."""
    found: dict[str, int] = {}
    for kind, known in HEADINGS.items():
        for place in (table.place(heading) for heading in known.split(", ")):
            if place is not None:
                found.setdefault(kind, place)
    if _from_canvas(table):
        found.pop("id", None)
        for kind, heading in (("canvas", "id"), ("id", "sis user id"), ("name", "student")):
            if (place := table.place(heading)) is not None:
                found[kind] = place
    return found


def _from_canvas(table: Table) -> bool:
    """Return whether Canvas wrote the table: in its gradebook "ID" is its own number of a user."""
    sis = any(table.place(heading) is not None for heading in ("sis user id", "sis login id"))
    return table.place("id") is not None and (sis or table.headings[:2] == ("Student", "ID"))


def _is_student(row: Row, columns: dict[str, int]) -> bool:
    """Return whether a line is about a student: not empty, and none of the two Canvas adds."""
    said = [row.cell(columns.get(kind)) for kind in (*WHO, "first", "last")]
    name, ids = row.cell(columns.get("name")), (row.cell(columns.get(kind)) for kind in ("id", "login", "email"))
    points = row.cells[0].strip() == "Points Possible"
    test = "canvas" in columns and name == "Student, Test" and len(set(ids) - {""}) < 2
    return any(said) and not points and not test


def _person(path: Path, row: Row, columns: dict[str, int]) -> Person:
    def cell(kind: str) -> str:
        text = row.cell(columns.get(kind))
        return "" if text == "-" else text  # Moodle's way to say nothing

    name = cell("name") or " ".join(filter(None, (cell("first"), cell("last"))))
    login = cell("login")
    identity = Identity(
        id=cell("id") or login,
        name=name,
        email=cell("email"),
        section=cell("section"),
        canvas_user=cell("canvas"),
        moodle_participant=_participant(cell("moodle")),
        submitted=_time(path, row, cell("submitted")),
    )
    key = identity.id or identity.email or name or identity.canvas_user or f"Participant {identity.moodle_participant}"
    return Person(identity=identity, login=login, key=key, line=row.line)


def _participant(text: str) -> str:
    """Return the number in Moodle's "Participant 12345", in whatever language."""
    digits = text[len(text.rstrip("0123456789")) :]
    return digits or text


def _time(path: Path, row: Row, text: str) -> datetime | None:
    if not text:
        return None
    time = read_time(text)
    if time is None:
        raise UsageError(f"{path}, line {row.line}: {text!r} is no time. Write it like 2025-03-31T23:59:00+02:00.")
    return time


def _distinct(path: Path, people: Iterable[Person]) -> tuple[Person, ...]:
    """Return the people, each once; UsageError when two have the same id, login, email or number."""
    kept: dict[Identity, Person] = {}
    seen: dict[tuple[str, str], Person] = {}
    for person in people:
        if person.identity in kept:
            continue
        kept[person.identity] = person
        for kind, value in _marks(person):
            other = seen.setdefault((kind, value.casefold()), person)
            if other is not person:
                lines = f"lines {other.line} and {person.line}"
                raise UsageError(
                    f"{path}, {lines}: two students have the {kind} {value!r}. Give each one of their own."
                )
    return tuple(_told_apart(list(kept.values())))


def _marks(person: Person) -> Iterator[tuple[str, str]]:
    """Give what no two people share."""
    who = person.identity
    marks = {
        "id": who.id,
        "login": person.login,
        "email": who.email,
        "Canvas ID": who.canvas_user,
        "Moodle identifier": who.moodle_participant,
    }
    return ((kind, value) for kind, value in marks.items() if value)


def _told_apart(people: list[Person]) -> Iterator[Person]:
    """Give the people with keys of their own, also where only a number tells two of one name apart."""
    taken: set[str] = set()
    for person in people:
        key, who = person.key, person.identity
        if key.casefold() in taken:
            key = f"{key} ({who.canvas_user or who.moodle_participant or f'line {person.line}'})"
        taken.add(key.casefold())
        yield Person(identity=who, login=person.login, key=key, line=person.line)
