"""What a class keeps of a result: an entry is small enough for ten thousand of them in memory.

Entries are what the gradebook stores, the class page shows and exports write; a result itself is read again only for
its own report.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from grader.results import CheckResult, ExecutionStatus, QuestionResult, Result, Status, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose submission it is, as far as the place it was found in, or a roster, tells; empty is unknown."""

    id: str = ""  # at the university: from a roster, nbgrader's folder, Canvas's "SIS User ID"
    name: str = ""  # as people write it
    email: str = ""
    section: str = ""
    canvas_user: str = ""
    moodle_participant: str = ""  # of one assignment, not of the user
    downloaded_as: str = ""  # path inside the download, which a feedback upload has to keep
    late: bool = False  # the place it was found in says so
    submitted: datetime | None = None  # with a time zone


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEntry:
    """The verdict of a check."""

    id: str
    question: str
    title: str
    visibility: Visibility
    status: Status
    score: float
    max_score: float
    diagnosis: str = ""  # the misconception's name
    diagnosis_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEntry:
    """The points of a question; `pending` wait for a person and are in `max_score`, not in `score`."""

    id: str
    title: str
    score: float
    max_score: float
    pending: float
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One submission in a class; `score` is before, `final` after what late days cost."""

    name: str  # of its reports
    student: str  # who, by the key the gradebook knows
    submission: str  # file name of the notebook
    assignment: str
    title: str  # of the assignment
    score: float
    max_score: float
    pending: float
    seed: int
    sandbox: str
    execution: ExecutionStatus
    seconds: float  # all the time it took
    error: str = ""  # why it could not be graded
    digest: str = ""  # SHA-256 of what was handed in, in hexadecimal
    report: str = ""  # path of the report, seen from the class page; empty when there is none
    questions: tuple[QuestionEntry, ...] = ()
    checks: tuple[CheckEntry, ...] = ()
    identity: Identity = Identity()
    late_days: int = 0
    penalty: float = 0.0  # points, at most `score`

    @property
    def graded(self) -> bool:
        """Whether there is a result that stands for the student's work."""
        return not self.error

    @property
    def final(self) -> float:
        """The points after what late days cost; NaN for a submission that could not be graded."""
        return round(self.score - self.penalty, 6) if self.graded else math.nan


def entry_of(result: Result, *, name: str, identity: Identity, report: str = "", digest: str = "") -> Entry:
    """Return what a class keeps of a result."""
    spent = result.timings
    seconds = spent.start + spent.kernel + spent.cells + spent.checks + spent.report
    return Entry(
        name=name,
        student=result.student,
        submission=result.submission,
        assignment=result.assignment,
        title=result.title,
        score=result.score,
        max_score=result.max_score,
        pending=result.pending,
        seed=result.seed,
        sandbox=result.sandbox,
        execution=result.execution.status,
        seconds=max(seconds, result.execution.seconds),
        error=result.error,
        digest=digest,
        report=report,
        questions=tuple(map(_question, result.questions)),
        checks=tuple(_check(check) for check in result.checks),
        identity=identity,
    )


def _question(question: QuestionResult) -> QuestionEntry:
    return QuestionEntry(
        id=question.id,
        title=question.title,
        score=question.score,
        max_score=question.max_score,
        pending=question.pending,
        status=question.status,
    )


def _check(check: CheckResult) -> CheckEntry:
    return CheckEntry(
        id=check.id,
        question=check.question,
        title=check.title,
        visibility=check.visibility,
        status=check.status,
        score=check.score,
        max_score=check.max_score,
        diagnosis=check.diagnosis.name if check.diagnosis else "",
        diagnosis_title=check.diagnosis.title if check.diagnosis else "",
    )
