"""How outcomes look: a table for one submission, a line each for a batch, JSON for a program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from grader.batch import Outcome, Submission, Summary
from grader.cli.speak import complain, explain, say, visible
from grader.gradebook import number
from grader.report import terminal
from grader.results import Result


def table(result: Result) -> None:
    """Print the questions, checks and points of one submission."""
    terminal.show(result, Console())


def line(outcome: Outcome, out: Path) -> None:
    """Print one line for a submission of a batch."""
    click.echo(visible(_line(outcome, out)))


def json(result: Result) -> None:
    """Print a result as a JSON object."""
    click.echo(result.model_dump_json(indent=2))


def json_list(results: Sequence[Result]) -> None:
    """Print results as a JSON list."""
    click.echo("[" + ",\n".join(result.model_dump_json(indent=2) for result in results) + "]")


def failure(outcome: Outcome, *, verbose: bool) -> None:
    """Say on stderr why a submission was not graded."""
    if outcome.failure is not None:
        explain(outcome.failure, about=f"{outcome.submission.path}: ", verbose=verbose)
    elif not outcome.graded:
        complain(f"{outcome.submission.path}: {outcome.reason}")


def renamed(submissions: Sequence[Submission]) -> None:
    """Say which reports are not called as their notebooks are."""
    for submission in submissions:
        if submission.name != submission.path.stem:
            say(f"Note: the report of {submission.path} is called {submission.name}.")


def details(path: Path, result: Result) -> None:
    """Say on stderr what a person looking for a fault wants to know."""
    spent = result.timings
    say(f"{path}: assignment {result.assignment}, seed {result.seed}, sandbox {result.sandbox}")
    steps = {"start": spent.start, "kernel": spent.kernel, "cells": spent.cells, "checks": spent.checks}
    say(f"{path}: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items()))
    for note in (*result.repairs, *result.execution.notes):
        say(f"{path}: {note}")


def batch(summary: Summary, out: Path) -> None:
    """Say on stderr how a batch ended and where its overview is."""
    say(f"{summary.graded} of {summary.total} graded. Overview: {out}/index.html, gradebook: {out}/gradebook.csv")


def _line(outcome: Outcome, out: Path) -> str:
    name, result = outcome.submission.name, outcome.result
    if not outcome.graded or result is None:
        return f"{name}  not graded"
    pending = f" (+{number(result.pending)} open)" if result.pending else ""
    return f"{name}  {number(result.score)}/{number(result.max_score)}{pending}  {out / name}.html"
