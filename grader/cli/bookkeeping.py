"""`grade book`: the list of submissions, a student's history, and points given by hand."""

from __future__ import annotations

import dataclasses
import getpass
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console

from grader.cli import bookpages
from grader.cli.speak import Output, say, visible
from grader.entries import Entry
from grader.errors import UsageError
from grader.gradebook import Attempt, Book, LookAgain, open_book
from grader.lateness import late_by_unknown
from grader.results import ExecutionStatus

WIDE = 160  # columns where nobody knows how many there are
RAN = (ExecutionStatus.COMPLETED, ExecutionStatus.ERRORS)
ORDERS: dict[str, Callable[[Entry], float]] = {
    "points": lambda entry: entry.final if entry.graded else -math.inf,
    "open": lambda entry: -entry.pending,
    "late": lambda entry: -entry.late_days,
    "seconds": lambda entry: -entry.seconds,
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which submissions are to be listed, and how."""

    book: str
    assignment: str | None = None
    student: str | None = None
    failed: bool = False
    waiting: bool = False
    late: bool = False
    sort: str = "student"
    as_json: bool = False

    def fits(self, entry: Entry, *, look_again: bool) -> bool:
        """Whether an entry passes all filters."""
        return (
            (not self.failed or not entry.graded or entry.execution not in RAN)
            and (not self.waiting or entry.pending > 0 or look_again)
            and (not self.late or entry.late_days > 0 or late_by_unknown(entry))
        )


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Points that a person gives."""

    student: str
    check: str
    points: float
    why: str
    book: str
    who: str | None = None
    assignment: str | None = None


def list_entries(wanted: Wanted) -> int:
    """Print the submissions wanted and return the exit code."""
    with open_book(wanted.book, create=False) as book:
        student = _student(book, wanted.student, wanted.assignment)
        entries = book.entries(wanted.assignment, student)
        again = _by_entry(book.to_look_at(wanted.assignment, student))
    listed = [entry for entry in entries if wanted.fits(entry, look_again=_key(entry) in again)]
    if wanted.sort in ORDERS:
        listed.sort(key=ORDERS[wanted.sort])  # keeps the order of students among equals
    output = Output()
    if wanted.as_json:
        _print_json(
            [{**_plain(entry), "to_look_at": _plain_all(again.get(_key(entry), []))} for entry in listed], output
        )
    elif listed:
        with output.printing():
            bookpages.listed(listed, {key: len(changes) for key, changes in again.items()}, _console())
    output.require_taken()
    if not wanted.as_json:
        say(f"{len(listed)} of {len(entries)} submissions.")
    return 0


def show_history(place: str, word: str, assignment: str | None, *, every_check: bool, as_json: bool) -> int:
    """Print a student's history and return the exit code."""
    with open_book(place, create=False) as book:
        student = _student(book, word, assignment) or ""
        attempts = book.history(student, assignment)
        entries = book.entries(assignment, student)
        again = book.to_look_at(assignment, student)
    output = Output()
    if as_json:
        told = {"attempts": [_plain_attempt(attempt) for attempt in attempts], "now": [_plain(one) for one in entries]}
        _print_json({"student": student, **told, "to_look_at": _plain_all(again)}, output)
    else:
        for line in bookpages.history(attempts, entries, again, every_check=every_check):
            output.put(visible(line))
    output.require_taken()
    return 0


def mark_check(mark: Mark) -> int:
    """Write down points given by hand, say what came of it, and return the exit code."""
    who = mark.who if mark.who is not None else _user()
    with open_book(mark.book, create=False) as book:
        student = _student(book, mark.student, mark.assignment) or ""
        assignment = mark.assignment or _only_assignment(book, student)
        change = book.change(assignment, student, mark.check, mark.points, who, mark.why)
        (entry,) = book.entries(assignment, student)
    output = Output()
    output.put(visible(bookpages.marked(entry, change)))
    output.require_taken()
    return 0


def _student(book: Book, word: str | None, assignment: str | None) -> str | None:
    """Return the student meant, if one is; UsageError for one, or an assignment, that is not in the book."""
    if assignment is not None:
        book.require_assignment(assignment)
    return None if word is None else book.student_key(word)


def _only_assignment(book: Book, student: str) -> str:
    names = book.assignments(student)
    if len(names) != 1:
        raise UsageError(
            f"{student} did {len(names)} assignments: {', '.join(names)}. Say which with --assignment NAME."
        )
    return names[0]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:  # a container's user may have no name
        raise UsageError("Nobody knows who you are here. Say it with --who NAME.") from error


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.assignment, entry.student


def _by_entry(again: list[LookAgain]) -> dict[tuple[str, str], list[LookAgain]]:
    found: dict[tuple[str, str], list[LookAgain]] = {}
    for one in again:
        found.setdefault((one.assignment, one.student), []).append(one)
    return found


def _plain(entry: Entry) -> dict[str, Any]:
    final = entry.final if entry.graded else None
    return {**dataclasses.asdict(entry), "final": final, "late_by_unknown": late_by_unknown(entry)}


def _plain_attempt(attempt: Attempt) -> dict[str, Any]:
    return {**dataclasses.asdict(attempt), "entry": _plain(attempt.entry)}


def _plain_all(again: list[LookAgain]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(one) for one in again]


def _print_json(value: object, output: Output) -> None:
    output.put(json.dumps(value, indent=2, ensure_ascii=False, default=_time))


def _time(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
