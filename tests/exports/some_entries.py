"""Entries and results as tests of exports want them: small, and different in what matters."""

from __future__ import annotations

from typing import Any

from grader.entries import CheckEntry, Entry, Identity, QuestionEntry
from grader.results import (
    CheckResult,
    Diagnosis,
    Execution,
    ExecutionStatus,
    QuestionResult,
    Result,
    Status,
    Text,
    Visibility,
)

IDENTITY = frozenset(Identity.__dataclass_fields__)


def entry(student: str = "ada", score: float = 17.5, max_score: float = 20, **more: Any) -> Entry:
    """Return an entry; what an identity has becomes part of its own."""
    whose = {name: more.pop(name) for name in list(more) if name in IDENTITY}
    fields = {
        "name": student,
        "submission": f"{student}.ipynb",
        "assignment": "hw1",
        "title": "HW1 backprop",
        "pending": 0.0,
        "seed": 7,
        "sandbox": "namespaces",
        "execution": ExecutionStatus.COMPLETED,
        "seconds": 3.0,
        "identity": Identity(**whose),
    }
    return Entry(student=student, score=score, max_score=max_score, **fields | more)


def part(name: str, score: float, max_score: float = 10) -> QuestionEntry:
    """Return a question."""
    return QuestionEntry(
        id=name, title=name.upper(), score=score, max_score=max_score, pending=0.0, status=Status.FAILED
    )


def verdict(name: str, score: float = 0, max_score: float = 2, diagnosis: str = "") -> CheckEntry:
    """Return a check of question 1, failed unless it has all points."""
    return CheckEntry(
        id=name,
        question="q1",
        title=f"{name} is right",
        visibility=Visibility.PUBLIC,
        status=Status.PASSED if score == max_score else Status.FAILED,
        score=score,
        max_score=max_score,
        diagnosis=diagnosis,
        diagnosis_title=diagnosis,
    )


def check(name: str, status: Status = Status.PASSED, **more: Any) -> CheckResult:
    """Return the verdict of a public check worth two points."""
    fields = {"visibility": Visibility.PUBLIC, "title": f"{name} is right", "max_score": 2.0}
    score = {"score": 2.0 if status is Status.PASSED else 0.0}
    return CheckResult(id=name, question="q1", status=status, **score | fields | more)


HIDDEN = check(
    "hidden",
    Status.FAILED,
    visibility=Visibility.HIDDEN,
    message="Expected 0.731.",
    detail="a traceback",
    hint="Think of the sign.",
    diagnosis=Diagnosis(name="sign", title="the sign is turned", explanation="It goes uphill."),
    evidence=(Text(title="Expected", text="0.731", expected=True),),
)


def graded(*checks: CheckResult, **more: Any) -> Result:
    """Return the result of a notebook with one question of these checks."""
    score, most = sum(each.score for each in checks), sum(each.max_score for each in checks)
    waiting = sum(each.max_score for each in checks if each.status in (Status.NEEDS_REVIEW, Status.ERROR))
    points = {"score": score, "max_score": most, "pending": waiting}
    question = QuestionResult(id="q1", title="One", status=Status.FAILED, checks=checks, **points)
    fields = {
        "assignment": "hw1",
        "title": "HW1 backprop",
        "student": "ada",
        "submission": f"{more.get('student', 'ada')}.ipynb",
        "seed": 7,
        "sandbox": "namespaces",
        "execution": Execution(status=ExecutionStatus.COMPLETED, seconds=2),
        "questions": (question,) if checks else (),
    }
    return Result(**fields | points | more)
