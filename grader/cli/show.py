"""How outcomes look: a table for one submission, a line each for a batch, JSON for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from grader.batch import Outcome, Summary
from grader.cli.speak import Output, complain, explain, in_line, say, visible
from grader.entries import Entry, Identity
from grader.exports.cells import number
from grader.report import terminal
from grader.results import Audience, Result, Status
from grader.submissions import Collection, Submission

MAX_MISSING = 20
MAX_UNMATCHED = 10


def table(result: Result, output: Output) -> None:
    """Print the questions, checks and points of one submission."""
    with output.printing():
        terminal.show(result, Console())


def line(outcome: Outcome, out: Path, output: Output) -> None:
    """Print one line for a submission of a batch."""
    output.put(visible(_line(outcome, out)))


def json(result: Result, output: Output) -> None:
    """Print a result as a JSON object."""
    output.put(result.model_dump_json(indent=2))


def json_list(results: Sequence[Result], output: Output) -> None:
    """Print results as a JSON list."""
    output.put("[" + ",\n".join(result.model_dump_json(indent=2) for result in results) + "]")


def collected(collection: Collection, *, quiet: bool) -> None:
    """Say on stderr what was left out, what the roster does not tell, and who is missing."""
    for error in collection.unreadable:
        complain(f"{in_line(str(error.filename))}: cannot be read ({error.strerror}); what is in it is left out.")
    if quiet:
        return
    for note in collection.notes:
        say(f"Note: {in_line(note)}")
    renamed([one for one in collection.submissions if one.identity == Identity()])  # what else is called after whom
    for one in collection.unmatched[:MAX_UNMATCHED]:
        say(f"Note: {in_line(str(one.path.name))} is nobody's in the roster: {in_line(one.reason)}.")
    if len(collection.unmatched) > MAX_UNMATCHED:
        say(f"Note: {len(collection.unmatched) - MAX_UNMATCHED} more are nobody's in the roster.")
    if collection.missing:
        names = ", ".join(in_line(one.name or one.id or one.email) for one in collection.missing[:MAX_MISSING])
        more = f" and {len(collection.missing) - MAX_MISSING} more" if len(collection.missing) > MAX_MISSING else ""
        say(f"Missing, of the roster: {names}{more}.")


def several(entries: Sequence[Entry], *, quiet: bool) -> None:
    """Say who has several notebooks for one assignment, and which of them counts."""
    counts = Counter((entry.assignment, entry.student) for entry in entries if entry.assignment)
    for (_, student), count in counts.items():
        if count > 1 and not quiet:
            say(f"Note: {in_line(student)} has {count} notebooks here; the one with the most points counts.")


def failure(outcome: Outcome, *, verbose: bool) -> None:
    """Say on stderr why a submission was not graded."""
    about = f"{in_line(str(outcome.submission.path))}: "
    if outcome.failure is not None:
        explain(outcome.failure, about=about, verbose=verbose)
    elif not outcome.graded:
        complain(f"{about}{outcome.reason}")


def broken(path: Path, result: Result, reader: Audience) -> None:
    """Say on stderr which checks broke: that is for whoever wrote them, not for the student."""
    where = "in the report" if reader is Audience.INSTRUCTOR else "with --audience instructor"
    for check in result.checks:
        if check.status is Status.ERROR:
            what = f": {terminal.last_line(check.detail)}" if check.detail else ""
            complain(in_line(f"{path}: check {check.id} broke{what} (details {where})"))


def renamed(submissions: Sequence[Submission]) -> None:
    """Say which reports are not called as their notebooks are."""
    for submission in submissions:
        if submission.name != submission.path.stem:
            say(f"Note: the report of {in_line(str(submission.path))} is called {submission.name}.")


def details(path: Path, result: Result) -> None:
    """Say on stderr what a person looking for a fault wants to know."""
    spent, name = result.timings, in_line(str(path))
    say(f"{name}: assignment {result.assignment}, seed {result.seed}, sandbox {result.sandbox}")
    steps = {"start": spent.start, "kernel": spent.kernel, "cells": spent.cells, "checks": spent.checks}
    say(f"{name}: " + ", ".join(f"{step} {seconds:.1f} s" for step, seconds in steps.items()))
    for note in (*result.repairs, *result.execution.notes):
        say(f"{name}: {note}")


def batch(summary: Summary, out: Path) -> None:
    """Say on stderr how a batch ended and where its overview is."""
    graded = f"{summary.graded} of {summary.total} graded"
    if summary.reused:
        graded += f" ({summary.reused} unchanged since they were graded before)"
    if summary.fatal:
        say(f"{graded}. The overview and the gradebook are as before.")
    else:
        say(f"{graded}. Overview: {out}/index.html, gradebook: {out}/gradebook.csv")


def stopped(summary: Summary, out: Path) -> None:
    """Say on stderr how far a batch came that was stopped."""
    if not summary.outcomes:
        say("Stopped before any was graded; nothing is changed.")
        return
    say(f"Stopped; {summary.graded} of {summary.total} are graded and kept in {out}/")
    if summary.remaining:
        say("In the gradebook the others are as before, and those that were not in it are not graded.")


def _line(outcome: Outcome, out: Path) -> str:
    name, entry = outcome.submission.name, outcome.entry
    if not outcome.graded:
        return f"{name}  not graded"
    pending = f" (+{number(entry.pending)} open)" if entry.pending else ""
    return f"{name}  {number(entry.score)}/{number(entry.max_score)}{pending}  {out / name}.html"
