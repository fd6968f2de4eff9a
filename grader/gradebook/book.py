"""The gradebook: what everybody handed in, what it came to every time, and what people made of that."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader.entries import Entry
from grader.errors import GradebookError, UsageError
from grader.gradebook import changes, history, people, reading, writing
from grader.gradebook.changes import Change, LookAgain
from grader.gradebook.history import Attempt
from grader.gradebook.opening import Database
from grader.lateness import Deadline


class Book:
    """An open gradebook. Whatever it cannot do, it raises a GradebookError that says why and what to do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, entries: Iterable[Entry], deadlines: Mapping[str, Deadline | None] | None = None) -> int:
        """Write entries down, all or none, and return how many attempts were new.

        An entry whose notebook and verdicts are those of the student's last attempt at the assignment adds none; what
        is told anew about whose it is, its report and its late days is kept. `deadlines` are the rules for late days
        of the assignments named, kept for when a person changes points later.
        """
        with self._database.writing() as connection:
            return writing.record(connection, entries, deadlines or {})

    def entries(self, assignment: str | None = None, student: str | None = None) -> list[Entry]:
        """Return the last attempt of everybody at every assignment, with the points people changed.

        They are sorted by assignment and student. Scores, open points, questions and what late days cost follow from
        the changed points.
        """
        with self._database.reading() as connection:
            found = reading.read(connection, reading.last_attempts(assignment, student))
            judged = changes.judgements(connection, student)
        return sorted(map(judged.revised, found), key=lambda entry: (entry.assignment, entry.student))

    def changed(self) -> list[Entry]:
        """Return the last attempts that people ever gave points to, with those that stand."""
        with self._database.reading() as connection:
            found = reading.read(connection, reading.last_attempts(None, None).where(changes.concerned()))
            return list(map(changes.judgements(connection).revised, found))

    def to_look_at(self, assignment: str | None = None, student: str | None = None) -> list[LookAgain]:
        """Return the changes by people that do not count any more, since the grader now says something else."""
        with self._database.reading() as connection:
            judged = changes.judgements(connection, student)
            chosen = reading.last_attempts(assignment, student).where(changes.concerned())
            found = reading.read(connection, chosen)
        again = [one for graded in found for one in judged.to_look_at(graded)]
        return sorted(again, key=lambda one: (one.assignment, one.student, one.change.check))

    def history(self, student: str, assignment: str | None = None) -> list[Attempt]:
        """Return all attempts of a student, the newest last, with what changed between them and by people."""
        with self._database.reading() as connection:
            found = reading.read(connection, reading.all_attempts(assignment, student))
            return history.told(found, changes.judgements(connection, student))

    def change(self, assignment: str, student: str, check: str, score: float, who: str, why: str) -> Change:
        """Give a check of a student's last attempt other points; UsageError when that makes no sense."""
        with self._database.writing() as connection:
            found = reading.read(connection, reading.last_attempts(assignment, student))
            if not found:
                raise UsageError(f"{student} has handed in nothing for {assignment!r}.")
            now = changes.judgements(connection, student).revised(found[0])
            told: dict[str, str | float] = {"score": score, "who": who, "why": why}
            return changes.change(connection, found[0], now, check, told)

    def student_key(self, word: str) -> str:
        """Return the key of the student meant by key, id, e-mail address or name; UsageError with near names."""
        with self._database.reading() as connection:
            return people.student_key(connection, word)

    def assignments(self, student: str | None = None) -> list[str]:
        """Return the names of the assignments something was handed in for, of a student or at all."""
        with self._database.reading() as connection:
            return people.assignment_names(connection, student)

    def require_assignment(self, name: str) -> None:
        """Raise UsageError with near names unless something was handed in for this assignment."""
        with self._database.reading() as connection:
            people.require_assignment(connection, name)


@contextmanager
def open_book(place: str | Path, *, create: bool = True) -> Iterator[Book]:
    """Open the gradebook in a file or behind a URL; make it, or bring it to our version, where that is needed.

    Raises GradebookError where that is not possible, and for a file that is not there unless it may be created.
    """
    database = Database(place)
    if not create and database.path is not None and not os.path.exists(database.path):  # noqa: PTH110 - Path.exists raises where nobody may look
        raise GradebookError(
            f"{database.name}: no gradebook here. A batch makes one (grade FOLDER); name another with --book."
        )
    try:
        database.prepare()
        yield Book(database)
    finally:
        database.close()
