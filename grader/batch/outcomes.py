"""What becomes of submissions: of one, and of a batch as far as it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from grader.entries import Entry, entry_of
from grader.errors import AssignmentError, UnknownAssignment, reason_of
from grader.notebook.read import printable
from grader.results import Execution, ExecutionStatus, Result
from grader.submissions import Submission


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one submission: its entry, with a result or the reason why there is none.

    `reported` tells whether its report is there and shows this. `reused` is one that stands as it was written before:
    its result is loaded when it is wanted. `page` is the report where it was made already, `stamp` says what it shows.
    """

    submission: Submission
    entry: Entry
    result: Result | None = None
    failure: Exception | None = None
    reported: bool = False
    reused: bool = False
    page: str = ""
    stamp: str = ""
    load: Callable[[], Result | None] | None = None

    @property
    def graded(self) -> bool:
        """Whether there is a result that stands for the student's work."""
        return self.failure is None and self.entry.graded

    @property
    def fatal(self) -> bool:
        """Whether others would end the same way: the assignment is broken, or was for a moment."""
        return isinstance(self.failure, AssignmentError) and not isinstance(self.failure, UnknownAssignment)

    @property
    def reason(self) -> str:
        """Why this submission was not graded, in a sentence; empty when it was."""
        return reason_of(self.failure) if self.failure is not None else self.entry.error

    @property
    def light(self) -> Outcome:
        """The same without the result, of which a class of thousands is too much to remember."""
        return replace(self, result=None, page="", load=None)

    @property
    def loaded(self) -> Outcome:
        """The same with its result, if it is still there."""
        return replace(self, result=self.load()) if self.result is None and self.load is not None else self


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
        """Whether the assignment is broken: for more than one, or for the only one."""
        return is_broken(sum(outcome.fatal for outcome in self.outcomes), self.total)

    @property
    def tells(self) -> bool:
        """Whether there is something for a gradebook to tell; else one from before is worth more."""
        return bool(self.outcomes) and not self.fatal

    @property
    def results(self) -> list[Result]:
        """The results that were not left out, also those that only say why a submission could not be graded."""
        return [outcome.result for outcome in self.outcomes if outcome.result is not None]

    @property
    def graded(self) -> int:
        """How many submissions were graded."""
        return sum(outcome.graded for outcome in self.outcomes)

    @property
    def reused(self) -> int:
        """How many were known already."""
        return sum(outcome.reused for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 when all were graded, 1 when some could not be, 2 when the assignment is broken."""
        if self.fatal:
            return AssignmentError.exit_code
        return 0 if self.graded == self.total else 1


def is_broken(fatal: int, total: int) -> bool:
    """Return whether so many fatal outcomes of all submissions show that the assignment is broken."""
    return 0 < min(2, total) <= fatal


def names_of(submission: Submission) -> dict[str, str]:
    """Return who and what a result is about, as it says it."""
    return {"student": submission.student, "submission": printable(submission.path.name)}


def graded(submission: Submission, result: Result, *, digest: str = "") -> Outcome:
    """Return the outcome of a submission that has a result."""
    result = result.model_copy(update=names_of(submission))
    entry = entry_of(result, name=submission.name, identity=submission.identity, digest=digest)
    return Outcome(submission=submission, entry=entry, result=result)


def failed(submission: Submission, error: Exception) -> Outcome:
    """Return the outcome of a submission whose grading ended with an exception; nobody is missing afterwards."""
    return replace(graded(submission, ungraded(submission, reason_of(error))), failure=error)


def ungraded(submission: Submission, reason: str) -> Result:
    """Return a result that only says why there is none."""
    reason = printable(reason)
    return Result(
        assignment="",
        **names_of(submission),
        score=0,
        max_score=0,
        seed=0,
        sandbox="none",
        error=reason,
        repairs=(),
        execution=Execution(status=ExecutionStatus.NOT_RUN, message=reason, notes=()),
    )
