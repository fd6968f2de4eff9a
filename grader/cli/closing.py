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


def write_down(summary: Summary, order: Order, collection: Collection, lookup: Lookup) -> list[Entry]:
    """Write the gradebook, gradebook.csv and index.html, and return what is in them.

    A batch with nothing to tell leaves the files of an earlier one as they are. Raises OutputError or GradebookError
    when that is not possible.
    """
    if not summary.tells:
        return []
    ended = len(summary.outcomes)  # the others were not come to: what is known of them is of earlier
    only, deadlines = lookup.only, lookup.deadlines
    entries = [_placed(entry, only) for entry in class_entries(summary, order.out)]
    entries = [late(entry, deadlines.get(entry.assignment)) for entry in entries]
    entries = _recorded(entries[:ended], entries[ended:], order, deadlines)
    write_class(entries, order.out, missing=collection.missing)
    return entries


def add_similar(entries: Sequence[Entry], order: Order, collection: Collection, lookup: Lookup) -> None:
    """Look for similar submissions, and write the page about the class again with them."""
    similar = _similar(entries, order, collection, lookup)
    write_class(entries, order.out, missing=collection.missing, similar=similar)


def _placed(entry: Entry, only: Assignment | None) -> Entry:
    """Return the entry of what could not be graded under the assignment it must belong to, if there is but one."""
    return entry if entry.assignment or only is None else replace(entry, assignment=only.name, title=only.title)


def _similar(entries: Sequence[Entry], order: Order, collection: Collection, lookup: Lookup) -> list[Row]:
    """Write the pages of similar submissions, of each assignment for itself."""
    from grader.report.similar import write_similar

    paths = {submission.name: submission.path for submission in collection.submissions}
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


def _recorded(
    ended: list[Entry], earlier: list[Entry], order: Order, deadlines: dict[str, Deadline | None]
) -> list[Entry]:
    """Record what ended now; return all with the points that people gave."""
    if order.self_check:
        return ended + earlier
    with open_book(book_of(order)) as book:
        book.record(counting(ended), deadlines)
        judged = {(entry.assignment, entry.student): entry for entry in book.changed()}
    return [_revised(entry, judged.get((entry.assignment, entry.student))) for entry in ended + earlier]


def counting(entries: Sequence[Entry]) -> list[Entry]:
    """Return one entry for every student and assignment: of several notebooks the graded one with most points."""
    best: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        key = (entry.assignment, entry.student)
        if entry.assignment and (key not in best or _rank(entry) > _rank(best[key])):
            best[key] = entry
    return list(best.values())


def _rank(entry: Entry) -> tuple[bool, float, float]:
    return entry.graded, entry.score, entry.pending


def _revised(entry: Entry, judged: Entry | None) -> Entry:
    """Return the entry with the points a person gave for the same notebook."""
    if judged is None or entry.digest not in ("", judged.digest) or entry.submission != judged.submission:
        return entry
    return replace(judged, name=entry.name, report=entry.report, identity=entry.identity)
