"""The end of a class: late days, the gradebook, the table and the page about everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch import Summary, class_entries, write_class
from grader.cli.lookup import Lookup
from grader.cli.order import Order
from grader.entries import Entry
from grader.gradebook import open_book
from grader.lateness import Deadline, late
from grader.submissions import Collection

BOOK = "gradebook.db"


def book_of(order: Order) -> str | Path:
    """Return where the gradebook is: a URL or a file."""
    return order.book or order.out / BOOK


def require_book(order: Order) -> None:
    """Raise GradebookError before anything is graded when the gradebook that is there cannot be used."""
    place = book_of(order)
    if order.book is not None or Path(place).exists():
        with open_book(place):
            pass


def write_down(summary: Summary, order: Order, collection: Collection, lookup: Lookup) -> None:
    """Write the gradebook, gradebook.csv and index.html; OutputError or GradebookError when that is not possible.

    A batch with nothing to tell leaves the files of an earlier one as they are.
    """
    if not summary.tells:
        return
    deadlines = lookup.deadlines
    entries = [late(entry, deadlines.get(entry.assignment)) for entry in class_entries(summary, order.out)]
    write_class(_recorded(entries, order, deadlines), order.out, missing=collection.missing)


def _recorded(entries: Sequence[Entry], order: Order, deadlines: dict[str, Deadline | None]) -> list[Entry]:
    """Record the entries; return them with the points that people gave."""
    if order.self_check:
        return list(entries)
    with open_book(book_of(order)) as book:
        book.record([entry for entry in entries if entry.assignment], deadlines)
        judged = {(entry.assignment, entry.student, entry.digest): entry for entry in book.changed()}
    return [_revised(entry, judged.get((entry.assignment, entry.student, entry.digest))) for entry in entries]


def _revised(entry: Entry, judged: Entry | None) -> Entry:
    """Return the entry with the points a person gave for the same notebook."""
    return entry if judged is None else replace(judged, name=entry.name, report=entry.report, identity=entry.identity)
