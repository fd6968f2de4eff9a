"""Many submissions: find them, name their reports, grade one after another, and sum up whatever happens."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from grader.errors import AssignmentError, UnknownAssignment, reason_of
from grader.exports.table import gradebook_csv
from grader.files import atomic_write
from grader.notebook.read import printable
from grader.report import index_html
from grader.results import Execution, ExecutionStatus, Result
from grader.submissions import Submission

STOPPED_BEFORE = "The grading was stopped before this notebook."


GradeOne = Callable[[Path], Result]
WriteOne = Callable[[Submission, Result], Result]  # returns what it wrote


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one submission: a result, or the reason why there is none; both when it says so itself.

    `reported` tells whether its report is there and shows this.
    """

    submission: Submission
    result: Result | None = None
    failure: Exception | None = None
    reported: bool = False

    @property
    def graded(self) -> bool:
        """Whether there is a result that stands for the student's work."""
        return self.failure is None and self.result is not None and not self.result.error

    @property
    def fatal(self) -> bool:
        """Whether every other submission would end the same way."""
        return isinstance(self.failure, AssignmentError) and not isinstance(self.failure, UnknownAssignment)

    @property
    def reason(self) -> str:
        """Why this submission was not graded, in a sentence; empty when it was."""
        if self.failure is not None:
            return reason_of(self.failure)
        return self.result.error if self.result is not None else ""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A batch as far as it went; `remaining` are those it did not come to."""

    outcomes: tuple[Outcome, ...]
    remaining: tuple[Submission, ...] = ()
    stopped: bool = False

    @property
    def total(self) -> int:
        """How many submissions there are."""
        return len(self.outcomes) + len(self.remaining)

    @property
    def fatal(self) -> bool:
        """Whether the assignment is broken."""
        return any(outcome.fatal for outcome in self.outcomes)

    @property
    def tells(self) -> bool:
        """Whether there is something for a gradebook to tell; else one from before is worth more."""
        return bool(self.outcomes) and not self.fatal

    @property
    def results(self) -> list[Result]:
        """The results there are, also those that only say why a submission could not be graded."""
        return [outcome.result for outcome in self.outcomes if outcome.result is not None]

    @property
    def graded(self) -> int:
        """How many submissions were graded."""
        return sum(outcome.graded for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 when all were graded, 1 when some could not be, 2 when the assignment is broken."""
        if self.fatal:
            return AssignmentError.exit_code
        return 0 if self.graded == self.total else 1


class Run(Protocol):
    """`map`, or the `map` of an executor: calls in any order, answers in the order asked."""

    def __call__(
        self, work: Callable[[Submission], Outcome], submissions: Iterable[Submission], /
    ) -> Iterable[Outcome]: ...


def run_batch(
    submissions: Sequence[Submission],
    grade_one: GradeOne,
    write_one: WriteOne,
    on_done: Callable[[Outcome], None],
    run: Run = map,
    on_stop: Callable[[], None] = lambda: None,
) -> Summary:
    """Grade the submissions and write each result as soon as it is there; one that fails does not stop the others.

    Ctrl-C ends it early and keeps what is done, and so does a broken assignment; `on_stop` hears of the first at once.
    """
    outcomes: list[Outcome] = []
    stopped = False
    try:
        for outcome in run(functools.partial(attempt, grade_one=grade_one), submissions):
            outcomes.append(written(outcome, write_one))
            on_done(outcomes[-1])
            if outcome.fatal:
                break
    except KeyboardInterrupt:
        on_stop()
        stopped = True
    return Summary(outcomes=tuple(outcomes), remaining=tuple(submissions[len(outcomes) :]), stopped=stopped)


def attempt(submission: Submission, grade_one: GradeOne) -> Outcome:
    """Grade one submission; whatever goes wrong becomes part of the outcome, so that nobody is missing afterwards."""
    try:
        result = grade_one(submission.path)
    except Exception as error:  # noqa: BLE001 - also a fault nobody thought of stays with its submission
        outcome = Outcome(submission=submission, failure=error)
        return outcome if outcome.fatal else replace(outcome, result=ungraded(submission, reason_of(error)))
    names = {"student": submission.student, "submission": printable(submission.path.name)}
    return Outcome(submission=submission, result=result.model_copy(update=names))


def written(outcome: Outcome, write_one: WriteOne) -> Outcome:
    """Write the result of an outcome; one that cannot be written says so."""
    if outcome.result is None:
        return outcome
    try:
        return replace(outcome, result=write_one(outcome.submission, outcome.result), reported=True)
    except Exception as error:  # noqa: BLE001 - as in attempt
        reason = " ".join(filter(None, (outcome.result.error, f"There is no report: {reason_of(error)}")))
        result = outcome.result.model_copy(update={"error": printable(reason)})
        return replace(outcome, result=result, failure=outcome.failure or error)


def ungraded(submission: Submission, reason: str) -> Result:
    """Return a result that only says why there is none."""
    reason = printable(reason)
    return Result(
        assignment="",
        student=submission.student,
        submission=printable(submission.path.name),
        score=0,
        max_score=0,
        seed=0,
        sandbox="none",
        error=reason,
        repairs=(),
        execution=Execution(status=ExecutionStatus.NOT_RUN, message=reason, notes=()),
    )


def write_summary(summary: Summary, out: Path) -> None:
    """Write gradebook.csv and index.html into the output folder; OutputError when that is not possible.

    Submissions a stopped batch did not come to have what an earlier one wrote about them. A batch with nothing to
    tell leaves the files of an earlier one as they are.
    """
    if not summary.tells:
        return
    outcomes = [*summary.outcomes, *(_earlier(submission, out) for submission in summary.remaining)]
    rows = [(outcome.result, outcome) for outcome in outcomes if outcome.result is not None]
    results = [result for result, _ in rows]
    links = [f"{outcome.submission.name}.html" if outcome.reported else "" for _, outcome in rows]
    atomic_write(out / "gradebook.csv", gradebook_csv(results))
    atomic_write(out / "index.html", index_html(results, links))


def _earlier(submission: Submission, out: Path) -> Outcome:
    """Return what an earlier batch wrote about a submission, else that it was not graded."""
    report = out / f"{submission.name}.html"
    try:
        result = Result.model_validate_json(report.with_name(f"{submission.name}.json").read_bytes())
    except (OSError, ValueError):
        result = None
    if result is None or result.submission != printable(submission.path.name):
        return Outcome(submission=submission, result=ungraded(submission, STOPPED_BEFORE))
    return Outcome(submission=submission, result=result, reported=report.is_file())
