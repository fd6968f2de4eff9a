"""`grade PATH...`: one notebook from what was typed to its report on disk and a table or JSON on the screen."""

from __future__ import annotations

import time
from dataclasses import replace

from grader.batch import Outcome, Reports, attempt, require_writable, written
from grader.batch.work import done
from grader.cli import show
from grader.cli.lookup import Lookup
from grader.cli.order import Order
from grader.cli.progress import Progress, progress
from grader.cli.speak import Output, say
from grader.errors import AssignmentError, OutputError, UsageError
from grader.grading import grade
from grader.kernels.sandbox import require_sandbox
from grader.results import Audience, Result, for_student
from grader.submissions import Submission, find_notebooks, named


def carry_out(order: Order) -> int:
    """Grade what was asked for and return the exit code."""
    if not order.is_batch:
        return _one(order)
    from grader.cli import many  # with the gradebook, which who checks himself does not have

    return many.carry_out(order)


def _one(order: Order) -> int:
    (submission,) = named(find_notebooks(order.paths))
    if not order.quiet:
        show.renamed([submission])
    output = Output()
    with progress(quiet=order.quiet) as bar:
        lookup = Lookup(order=order)
        lookup.require([submission.path])
        require_writable(order.out)
        if order.options.sealed:
            require_sandbox()
        outcome = _graded(submission, order, lookup, bar)
    _show(outcome, order, output)
    output.require_taken()
    if isinstance(outcome.failure, OutputError):
        return outcome.failure.exit_code
    return 0 if outcome.graded else 1


def _graded(submission: Submission, order: Order, lookup: Lookup, bar: Progress) -> Outcome:
    """Grade and write a single submission; raises when the command or the assignment is wrong."""

    def grade_one(submission: Submission) -> Result:
        bar.begin(submission.path.stem)
        assignment = lookup.assignment(submission.path)
        start_s = time.perf_counter() - order.began_s
        result = grade(submission.path, assignment, order.options, bar.step)
        result = result.model_copy(update={"timings": result.timings.model_copy(update={"start": start_s})})
        if order.verbose:
            show.details(submission.path, result)
        if not order.self_check:
            show.broken(submission.path, result, order.reader)
        return result

    outcome = attempt(submission, grade_one)
    if isinstance(outcome.failure, UsageError | AssignmentError):
        raise outcome.failure
    bar.write()
    return written(_with_page(outcome, order.reader), Reports(out=order.out).write)


def _with_page(outcome: Outcome, reader: Audience) -> Outcome:
    if outcome.result is None:
        return outcome
    made = done(outcome.submission, outcome.result, reader)
    seen = for_student(made.result) if reader is Audience.STUDENT else made.result
    return replace(outcome, result=seen, page=made.page)


def _show(outcome: Outcome, order: Order, output: Output) -> None:
    """Show how a single submission ended."""
    if outcome.result is not None and order.as_json:
        show.json(outcome.result, output)
    if outcome.result is not None and order.as_text:
        show.table(outcome.result, output)
    if outcome.failure is not None or not order.as_text:
        show.failure(outcome, verbose=order.verbose)
    if outcome.reported and not order.quiet:
        say(f"Report: {order.out / outcome.submission.name}.html")
