"""The end of a class: late days, the gradebook, the table and the page about everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.assignment import Assignment
from grader.batch import Summary, class_entries, write_class
from grader.cli.lookup import Lookup
from grader.cli.order import Order
from grader.cli.progress import reading
from grader.entries import Entry
from grader.gradebook import open_book
from grader.lateness import Deadline, late
from grader.submissions import Collection

BOOK = "gradebook.db"

Row = tuple[str, str, float, str]  # two students, the share they have in common, a page


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
    entries = [_placed(entry, lookup.only) for entry in class_entries(summary, order.out)]
    entries = [late(entry, lookup.deadlines.get(entry.assignment)) for entry in entries]
    entries = _recorded(entries, order, lookup.deadlines)
    similar = _similar(summary, entries, order, lookup) if order.similar else []
    write_class(entries, order.out, missing=collection.missing, similar=similar)


def _placed(entry: Entry, only: Assignment | None) -> Entry:
    """Return the entry of what could not be graded under the assignment it must belong to, if there is but one."""
    known = entry.assignment or only is None
    return entry if known or only is None else replace(entry, assignment=only.name, title=only.title)


def _similar(summary: Summary, entries: Sequence[Entry], order: Order, lookup: Lookup) -> list[Row]:
    """Write the pages of similar submissions, of each assignment for itself."""
    from grader.report.similar import write_similar

    paths = {outcome.submission.name: outcome.submission.path for outcome in summary.outcomes}
    rows: list[Row] = []
    for name, master in lookup.masters.items():
        own = {
            one.name: (one.student, paths[one.name]) for one in entries if one.assignment == name and one.name in paths
        }
        place = "" if len(lookup.masters) == 1 else f"{name}/"
        with reading(len(own), quiet=order.quiet) as tell:
            found = write_similar(own, master, order.out / place, tell)
        rows += [(first, second, share, f"{place}{link}" if link else "") for first, second, share, link in found]
    return rows


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
