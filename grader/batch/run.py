"""Many submissions, each for itself: attempted, written, and summed up whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch.outcomes import Outcome, Summary, failed, graded, is_broken, names_of, ungraded
from grader.entries import Entry, Identity
from grader.exports.table import gradebook_csv
from grader.files import atomic_write
from grader.notebook.read import printable
from grader.results import Result
from grader.submissions import Submission

STOPPED_BEFORE = "The grading was stopped before this notebook."

Attempts = Callable[[Iterable[Submission]], Iterator[Outcome]]  # in any order, each as soon as it is there
WriteOne = Callable[[Outcome], Outcome]  # returns what it wrote


def run_batch(
    submissions: Sequence[Submission],
    attempts: Attempts,
    write_one: WriteOne,
    on_done: Callable[[Outcome], None],
    on_stop: Callable[[], None] = lambda: None,
    *,
    light: bool = False,
) -> Summary:
    """Grade the submissions and write each result as soon as it is there; one that fails does not stop the others.

    Ctrl-C ends it early and keeps what is done, and so does a broken assignment, once a second submission has met it;
    `on_stop` hears of the first at once.
    `light` keeps no result in memory once it is written and `on_done` has seen it.
    """
    outcomes: dict[str, Outcome] = {}
    fatal = 0
    stopped = False
    coming = attempts(submissions)
    try:
        for attempted in coming:
            outcome = attempted if attempted.fatal else written(attempted, write_one)
            outcomes[outcome.submission.name] = outcome.light if light and not outcome.fatal else outcome
            on_done(outcome)
            fatal += outcome.fatal
            if is_broken(fatal, len(submissions)):
                break
        else:
            outcomes |= {name: written(one, write_one) for name, one in outcomes.items() if one.fatal}
    except KeyboardInterrupt:
        on_stop()
        stopped = True
    finally:
        close = getattr(coming, "close", None)
        if close is not None:
            close()
    ended = [outcomes[one.name] for one in submissions if one.name in outcomes]
    remaining = [one for one in submissions if one.name not in outcomes]
    return Summary(outcomes=tuple(ended), remaining=tuple(remaining), stopped=stopped)


def attempt(submission: Submission, grade_one: Callable[[Submission], Result]) -> Outcome:
    """Grade one submission; whatever goes wrong becomes part of the outcome, so that nobody is missing afterwards."""
    try:
        return graded(submission, grade_one(submission))
    except Exception as error:  # noqa: BLE001 - also a fault nobody thought of stays with its submission
        return failed(submission, error)


def written(outcome: Outcome, write_one: WriteOne) -> Outcome:
    """Write the result of an outcome; one that cannot be written says so."""
    try:
        outcome = write_one(outcome)
    except Exception as error:  # noqa: BLE001 - as in attempt
        return _unwritten(outcome, error)
    return _with_report(outcome)


def _with_report(outcome: Outcome) -> Outcome:
    entry = replace(outcome.entry, report=f"{outcome.submission.name}.html")
    return replace(outcome, reported=True, entry=entry)


def _unwritten(outcome: Outcome, error: Exception) -> Outcome:
    trouble = failed(outcome.submission, error).reason
    reason = printable(" ".join(filter(None, (outcome.reason, f"There is no report: {trouble}"))))
    result = outcome.result.model_copy(update={"error": reason}) if outcome.result is not None else None
    entry = replace(outcome.entry, error=reason, report="")
    return replace(outcome, result=result, entry=entry, failure=outcome.failure or error)


def class_entries(summary: Summary, out: Path) -> list[Entry]:
    """Return an entry for everybody; those a stopped batch did not come to have what an earlier one wrote of them."""
    outcomes = [*summary.outcomes, *(_earlier(submission, out) for submission in summary.remaining)]
    return [outcome.entry for outcome in outcomes]


def write_class(
    entries: Sequence[Entry],
    out: Path,
    *,
    missing: Sequence[Identity] = (),
    similar: Sequence[tuple[str, str, float, str]] = (),
) -> None:
    """Write gradebook.csv and index.html into the output folder; OutputError when that is not possible.

    `missing` are those of the roster who handed nothing in, `similar` pairs of students with a share and a link.
    """
    from grader.report import class_html  # here: a single notebook does without

    atomic_write(out / "gradebook.csv", gradebook_csv(entries))
    atomic_write(out / "index.html", class_html(entries, missing=missing, similar=similar))


def _earlier(submission: Submission, out: Path) -> Outcome:
    """Return what an earlier batch wrote about a submission, else that it was not graded."""
    report = out / f"{submission.name}.html"
    try:
        result = Result.model_validate_json(report.with_name(f"{submission.name}.json").read_bytes())
    except (OSError, ValueError):
        result = None
    if result is None or (result.student, result.submission) != tuple(names_of(submission).values()):
        return graded(submission, ungraded(submission, STOPPED_BEFORE))
    outcome = graded(submission, result)
    return _with_report(outcome) if report.is_file() else outcome
