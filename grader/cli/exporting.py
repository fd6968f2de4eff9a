"""What `grade export` does: read, hand over to a writer, write one file, and say who is not in it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from grader.cli.places import assignments_root, require_folder
from grader.cli.speak import Output, in_line, say, visible
from grader.entries import Entry
from grader.errors import OutputError, SubmissionError, UsageError, did_you_mean
from grader.exports.filling import Filled, known_as
from grader.files import atomic_write
from grader.results import Result

STDOUT = Path("-")
CENT = 0.005  # of a point
MANY = 20  # names said at once


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for: which entries, and the file they go to."""

    book: str
    assignment: str | None
    out: Path | None
    force: bool


def canvas(order: Order, into: Path | None, column: str | None) -> int:
    """Write a gradebook for Canvas and return the exit code."""
    from grader.exports import canvas as writer

    if into is not None:
        return _fill(order, into, lambda sheet, entries: writer.fill(sheet, entries, column=column))
    entries = _entries(order)
    _write(order, f"canvas-{entries[0].assignment}.csv", writer.whole(entries, column=column))
    _tell_open(entries)
    say("Canvas finds students best in its own file: export the gradebook there and use --into.")
    return 0


def moodle(order: Order, into: Path | None) -> int:
    """Write a grading worksheet for Moodle and return the exit code."""
    from grader.exports import moodle as writer

    if into is not None:
        return _fill(order, into, writer.fill)
    entries = _entries(order)
    content, unknown = writer.whole(entries)
    if len(unknown) == len(entries):
        raise UsageError("Moodle's number is known of none of the participants. Download the worksheet and use --into.")
    _write(order, f"moodle-{entries[0].assignment}.csv", content)
    _tell_open(entries)
    _tell("Not in the file, since Moodle's number of the participant is not known (use --into)", unknown)
    return 0


def listed(order: Order, kind: str) -> int:
    """Write all entries as csv, json or parquet and return the exit code."""
    from grader.exports.listing import entries_json
    from grader.exports.parquet import entries_parquet
    from grader.exports.table import gradebook_csv

    writers: dict[str, Callable[[Sequence[Entry]], str | bytes]] = {
        "csv": functools.partial(gradebook_csv, people=True),
        "json": entries_json,
        "parquet": entries_parquet,
    }
    entries = _entries(order)
    _write(order, f"{entries[0].assignment}.{kind}", writers[kind](entries))
    return 0


def feedback(order: Order, reports: Path) -> int:
    """Write a zip file of reports for students and return the exit code: 1 when some have none."""
    from grader.exports.feedback import feedback_zip
    from grader.report import html
    from grader.results import for_student

    entries = _entries(order)
    missing: list[tuple[str, str]] = []
    changed: list[str] = []
    pages: list[tuple[Entry, str]] = []
    for entry in entries:
        try:
            result = _own_result(reports / f"{entry.name}.json", entry)
        except SubmissionError as error:
            missing.append((known_as(entry), str(error)))
        else:
            pages.append((entry, html(for_student(result))))
            changed += [] if abs(result.score - entry.score) < CENT else [known_as(entry)]
    if not pages:
        why = f"none of the {len(entries)} results is here. {missing[0][1]}"
        raise UsageError(f"{reports}: {why} Name their folder with --reports.")
    made = feedback_zip(pages)
    _write(order, f"feedback-{entries[0].assignment}.zip", made.content)
    _tell("Under their own names, since neither Canvas nor Moodle is known of them", made.unaddressed)
    _tell("Their reports show the grader's points, which a person changed", changed)
    without = [f"{name}: {why.removesuffix('.')}" for name, why in missing]
    _tell("Without a report (--reports names another folder)", without)
    return 1 if missing else 0


def gradescope(paths: Sequence[Path], out: Path | None, hidden: str, *, force: bool) -> int:
    """Write Gradescope's results.json for every result and return the exit code."""
    from grader.exports.gradescope import Shown, results_json

    require_folder()
    if len(paths) > 1 and out is None:
        raise UsageError("Several results go into a folder: name it with --out DIR.")
    try:
        contents = [results_json(_result(path), hidden=Shown(hidden)) for path in paths]
    except SubmissionError as error:
        raise UsageError(str(error)) from error
    if len(paths) == 1 and (out is None or not out.is_dir()):
        _put(out or Path("results.json"), contents[0], force=force)
        return 0
    assert out is not None  # noqa: S101 - said above
    if len({path.name for path in paths}) < len(paths):
        raise UsageError("Two of these results have the same name; write them into different folders.")
    for path, content in zip(paths, contents, strict=True):
        _put(out / path.name, content, force=force)
    return 0


def autograder(
    assignment: str, assignments: Path | None, out: Path | None, *, force: bool, hidden: str, **settings: Any
) -> int:
    """Write an autograder for Gradescope and return the exit code."""
    from grader.assignment import FILE, find, load
    from grader.exports.autograder import Autograder
    from grader.exports.gradescope import Shown

    require_folder()
    if assignment and (Path(assignment) / FILE).is_file():
        found = load(Path(os.path.realpath(assignment)))
    else:
        found = find(assignments or assignments_root(Path.cwd()), name=assignment)
    content = Autograder(assignment=found, hidden=Shown(hidden), **settings).content()
    _put(out or Path(f"autograder-{found.name}.zip"), content, force=force)
    say("It holds the solutions and the hidden checks: upload it, and give it to nobody.")
    return 0


def _fill(order: Order, into: Path, fill: Callable[..., Filled]) -> int:
    """Fill grades into a downloaded file and say whom that left out; return the exit code: 1 when no grade is in it."""
    from grader.exports.sheets import read_sheet

    sheet = read_sheet(into)
    entries = _entries(order)
    try:
        done = fill(sheet, entries)
    except UsageError as error:
        raise UsageError(f"{into}: {error}") from error
    name = f"{into.stem}-graded{into.suffix or '.csv'}"
    if order.out is not None and order.out.exists() and order.out.samefile(into):
        raise UsageError(f"{into} is the file you downloaded; it is never written over. Name another with --out.")
    _write(order, name, done.content)
    say(f"{done.filled} of {len(entries)} grades are in the column {done.column!r}.")
    for note in done.notes:
        say(f"Note: {note}")
    _tell_open(entries)
    _tell("Left blank, since they could not be graded", done.ungraded)
    _tell("In the gradebook, but not in the file", done.without_row)
    _tell("Not filled in, since it is not clear whose row is whose", done.ambiguous)
    _tell("In the file, but not in the gradebook", done.without_grade)
    _tell("Left as they are, as the file says", done.kept)
    return 0 if done.filled else 1


def _entries(order: Order) -> list[Entry]:
    """Return the entries of the one assignment that is meant; UsageError when it is not clear which."""
    from grader.gradebook import open_book
    from grader.lateness import late_by_unknown

    require_folder()
    with open_book(order.book, create=False) as book:
        every = book.entries()
        wanted = _wanted(order, {entry.assignment for entry in every} - {""})
        again = book.to_look_at(wanted)
    entries = [entry for entry in every if entry.assignment == wanted]
    _tell("Left out, since their notebooks fit no assignment", [known_as(e) for e in every if not e.assignment])
    what = "Points people gave that do not count any more, since the grader now says something else (grade book --open)"
    _tell(what, [f"{one.student}, {one.change.check}" for one in again])
    what = "Late, but nobody knows by how much, so that nothing was taken off"
    _tell(what, [known_as(entry) for entry in entries if late_by_unknown(entry)])
    return entries


def _wanted(order: Order, names: set[str]) -> str:
    """Return the assignment that is meant; UsageError when it is not clear which."""
    listed = ", ".join(sorted(names))
    if not names:
        raise UsageError(f"{order.book}: nobody is in this gradebook yet. A batch fills it: grade FOLDER.")
    if order.assignment is None and len(names) > 1:
        raise UsageError(f"{order.book} has several assignments: {listed}. Say which with --assignment NAME.")
    if order.assignment is not None and order.assignment not in names:
        near = did_you_mean(order.assignment, names)
        raise UsageError(f"{order.book} has no assignment called {order.assignment!r}.{near} There are: {listed}.")
    return order.assignment or next(iter(names))


def _own_result(path: Path, entry: Entry) -> Result:
    """Read the result of an entry; SubmissionError names the file and the reason, also when it is another's by now."""
    from grader.exports.feedback import differs

    result = _result(path)
    if other := differs(result, entry):
        raise SubmissionError(f"{path} {other}.")
    return result


def _result(path: Path) -> Result:
    """Read a result; SubmissionError names the file and the reason."""
    try:
        return Result.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SubmissionError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise SubmissionError(f"{path}: not a result of this grader (reports/NAME.json is meant).") from error


def _write(order: Order, name: str, content: str | bytes) -> None:
    _put(order.out or Path(name), content, force=order.force)


def _put(path: Path, content: str | bytes, *, force: bool) -> None:
    """Write a file and print its name, or write to standard output; OutputError for a file that is there."""
    output = Output()
    if path == STDOUT:
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        with output.printing():
            click.echo(data, nl=False)
    else:
        if os.path.lexists(path) and not force:
            raise OutputError(f"{path} is there already. Write over it with --force, or name another with --out.")
        atomic_write(path, content)
        output.put(visible(in_line(str(path))))
    output.require_taken()


def _tell(what: str, names: Sequence[str]) -> None:
    """Say on stderr whom something is about."""
    if names:
        more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
        say(f"{what}: {'; '.join(map(in_line, names[:MANY]))}{more}.")


def _tell_open(entries: Sequence[Entry]) -> None:
    waiting = sum(entry.pending > 0 for entry in entries)
    if waiting:
        what = "1 submission has" if waiting == 1 else f"{waiting} submissions have"
        say(f"Note: {what} points that wait for a person; so far they count as none.")
