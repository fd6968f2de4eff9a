"""How a gradebook looks in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.speak import in_line
from grader.entries import CheckEntry, Entry
from grader.exports.cells import number
from grader.gradebook import Attempt, Change, Difference, LookAgain
from grader.lateness import late_by_unknown
from grader.results import ExecutionStatus, Status

UNKNOWN_TIME = "late, time unknown"
ENDED = {
    ExecutionStatus.TIMED_OUT: "stopped after its time",
    ExecutionStatus.DIED: "kernel died",
    ExecutionStatus.NOT_RUN: "not run",
}


def listed(entries: Sequence[Entry], again: Mapping[tuple[str, str], int], console: Console) -> None:
    """Print a line for every entry; `again` counts the changes to look at again, by assignment and student."""
    named = any(entry.identity.name for entry in entries)
    several = len({entry.assignment for entry in entries}) > 1
    table = Table(box=box.SIMPLE_HEAD if console.encoding.lower().startswith("utf") else box.ASCII2, pad_edge=False)
    table.add_column("Student", overflow="fold")
    if named:
        table.add_column("Name", overflow="fold")
    if several:
        table.add_column("Assignment", overflow="fold")
    for title in ("Points", "Open", "Late", "Final"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for entry in entries:
        names = [entry.student, *([entry.identity.name] if named else []), *([entry.assignment] if several else [])]
        notes = "; ".join(_notes(entry, again.get((entry.assignment, entry.student), 0)))
        cells = (*names, points(entry), _some(entry.pending), _late(entry), number(entry.final), notes)
        table.add_row(*(Text(in_line(cell)) for cell in cells))
    with console.capture() as captured:
        console.print(table)
    lines = captured.get().rstrip().split("\n")
    console.file.write("\n".join(lines if console.is_terminal else map(str.rstrip, lines)) + "\n")
    console.file.flush()


def history(
    attempts: Sequence[Attempt], entries: Sequence[Entry], again: Sequence[LookAgain], *, every_check: bool
) -> Iterator[str]:
    """Yield the lines of a student's history, assignment by assignment; checks with all points only on request."""
    for entry in entries:
        who = ", ".join(filter(None, (entry.identity.name, entry.identity.id, entry.identity.email)))
        yield in_line(f"{entry.student}{f' ({who})' if who else ''}: {entry.title or entry.assignment}")
        own = [attempt for attempt in attempts if attempt.entry.assignment == entry.assignment]
        for place, attempt in enumerate(own, 1):
            yield from _attempt(place, attempt)
        yield in_line(f"  Now: {_now(entry)}")
        yield from _checks(entry, every_check=every_check)
        for one in again:
            if one.assignment == entry.assignment:
                yield in_line(f"  To look at again: {_changed(one.change)}. The grader says now: {_verdict(one.now)}")


def marked(entry: Entry, change: Change) -> str:
    """Return what changed points came to, in a line."""
    points_now = f"{number(change.old)} → {number(change.new)}"
    return in_line(f"{entry.student}  {entry.assignment}  {change.check}: {points_now}  (now {_now(entry)})")


def points(entry: Entry) -> str:
    """Return the points of an entry before what late days cost."""
    return f"{number(entry.score)}/{number(entry.max_score)}" if entry.graded else "-"


def _notes(entry: Entry, again: int) -> Iterator[str]:
    if not entry.graded:
        yield f"not graded: {entry.error}"
    elif entry.execution in ENDED:
        yield ENDED[entry.execution]
    if late_by_unknown(entry):
        yield UNKNOWN_TIME
    if again:
        yield f"{again} {'change' if again == 1 else 'changes'} to look at again"


def _late(entry: Entry) -> str:
    if not entry.late_days:
        return ""
    days = f"{entry.late_days} {'day' if entry.late_days == 1 else 'days'}"
    return f"{days}, -{number(entry.penalty)}" if entry.penalty else days


def _now(entry: Entry) -> str:
    if not entry.graded:
        return f"not graded: {entry.error}"
    waiting = f", {number(entry.pending)} open" if entry.pending else ""
    late = f", late {_late(entry)}" if entry.late_days else ""
    unknown = f", {UNKNOWN_TIME}" if late_by_unknown(entry) else ""
    return f"{points(entry)} points{waiting}{late}{unknown}, final {number(entry.final)}"


def _checks(entry: Entry, *, every_check: bool) -> Iterator[str]:
    shown = [check for check in entry.checks if every_check or check.score < check.max_score]
    for check in shown:
        yield in_line(f"    {check.id}  {_verdict(check)}  {check.title}")
    rest = len(entry.checks) - len(shown)
    if rest:
        yield f"    {rest} {'check has' if rest == 1 else 'checks have'} all points (--all shows them)"


def _attempt(place: int, attempt: Attempt) -> Iterator[str]:
    entry = attempt.entry
    notebook = "the same notebook" if attempt.same_notebook else f"{entry.submission} ({entry.digest[:8] or 'unknown'})"
    came_to = f"{points(entry)} points" if entry.graded else f"not graded: {entry.error}"
    yield in_line(f"  {place}. {_time(attempt.graded_at)}  {came_to}  {notebook}")
    if entry.identity.submitted is not None:
        late = f", late {_late(entry)}" if entry.late_days else ""
        yield f"       handed in {_time(entry.identity.submitted)}{late}"
    for difference in attempt.differences:
        yield in_line(f"       {_difference(difference)}")
    for change in attempt.changes:
        yield in_line(f"       changed by hand: {_changed(change)}")


def _difference(difference: Difference) -> str:
    return f"{difference.check}: {_verdict(difference.before)} → {_verdict(difference.after)}"


def _changed(change: Change) -> str:
    points_now = f"{number(change.old)} → {number(change.new)}"
    return f"{change.check} {points_now} by {change.who}, {_time(change.when)}: {change.why}"


def _verdict(check: CheckEntry | None) -> str:
    if check is None:
        return "no such check"
    slip = f" ({check.diagnosis_title or check.diagnosis})" if check.diagnosis else ""
    partly = check.status is Status.FAILED and check.score > 0
    word = "partly right" if partly else check.status.value.replace("_", " ")
    return f"{number(check.score)}/{number(check.max_score)} {word}{slip}"


def _some(value: float) -> str:
    return number(value) if value else ""


def _time(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
