"""Entries of a class, for the tests of the class page."""

from __future__ import annotations

import random
from typing import Any

from grader.entries import CheckEntry, Entry, Identity, QuestionEntry
from grader.results import ExecutionStatus, Status, Visibility, question_status

UNDECIDED = (Status.NEEDS_REVIEW, Status.ERROR)


def check(name: str, status: Status = Status.PASSED, score: float | None = None, **more: Any) -> CheckEntry:
    """Return a verdict, of 10 points and of question q1 unless said otherwise; passed is full marks."""
    given = {"id": name, "question": "q1", "title": f"the check {name}", "visibility": Visibility.PUBLIC}
    whole = more.get("max_score", 10)
    points = score if score is not None else whole * (status is Status.PASSED)
    return CheckEntry(**(given | {"max_score": whole} | more | {"status": status, "score": points}))


def entry(student: str = "alice", *checks: CheckEntry, **more: Any) -> Entry:
    """Return a submission with these verdicts, its questions and points added up."""
    names = list(dict.fromkeys(one.question for one in checks))
    questions = tuple(_question(name, [one for one in checks if one.question == name]) for name in names)
    given = {
        "name": student,
        "student": student,
        "submission": f"{student}.ipynb",
        "assignment": "backprop",
        "title": "Backpropagation: from proofs to pixels",
        "score": sum(one.score for one in checks),
        "max_score": sum(one.max_score for one in checks),
        "pending": sum(one.pending for one in questions),
        "seed": 1,
        "sandbox": "bubblewrap",
        "execution": ExecutionStatus.COMPLETED,
        "seconds": 2.5,
        "report": f"{student}.html",
        "questions": questions,
        "checks": tuple(checks),
    }
    return Entry(**(given | more))


def ungraded(student: str, reason: str, **more: Any) -> Entry:
    """Return a submission that could not be graded."""
    given = {"assignment": "", "title": "", "error": reason, "sandbox": "none", "execution": ExecutionStatus.NOT_RUN}
    return entry(student, **(given | more))


def scored(points: list[float], **more: Any) -> list[Entry]:
    """Return a class with these points in its one check of 100."""
    status = {True: Status.PASSED, False: Status.FAILED}
    return [
        entry(f"s{place}", check("test_it", status[score == 100], score, max_score=100), **more)
        for place, score in enumerate(points)
    ]


def crowd(count: int, checks: int = 22) -> list[Entry]:
    """Return a class of any size, the same each time."""
    draw = random.Random(count)  # noqa: S311 - nothing secret
    statuses = (Status.PASSED, Status.PASSED, Status.FAILED, Status.NEEDS_REVIEW, Status.NOT_ATTEMPTED)
    diagnosed = {"diagnosis": "sigma", "diagnosis_title": "σ′ is missing"}
    return [
        entry(
            f"s{place}",
            *(
                check(f"test_{k}", status, question=f"q{k % 4 + 1}", **(diagnosed if status is Status.FAILED else {}))
                for k, status in enumerate(draw.choices(statuses, k=checks))
            ),
            identity=Identity(id=f"{place:06}", name=f"Student {place}", section="AB"[place % 2]),
        )
        for place in range(count)
    ]


def _question(name: str, checks: list[CheckEntry]) -> QuestionEntry:
    return QuestionEntry(
        id=name,
        title=f"Question {name}",
        score=sum(one.score for one in checks),
        max_score=sum(one.max_score for one in checks),
        pending=sum(one.max_score for one in checks if one.status in UNDECIDED),
        status=question_status(checks),  # type: ignore[arg-type]  # it only looks at their status
    )
