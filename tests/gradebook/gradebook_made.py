"""Entries for the gradebook's tests: a notebook with a check, a hidden one and a part that a person marks."""

from dataclasses import replace
from datetime import UTC, datetime

from grader.entries import CheckEntry, Entry, Identity, QuestionEntry
from grader.lateness import Deadline
from grader.results import ExecutionStatus, Status, Visibility

DUE = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
RULE = Deadline(due=DUE, per_day=0.1, cap=0.5)
FULL = {"test_softmax": 4, "test_loss": 2}


def check(name, score, *, status=None, diagnosis=""):
    """Return the verdict of a check of question q1."""
    most = FULL[name]
    return CheckEntry(
        id=name,
        question="q1",
        title=name.removeprefix("test_").title(),
        visibility=Visibility.HIDDEN if name == "test_loss" else Visibility.PUBLIC,
        status=status or (Status.PASSED if score == most else Status.FAILED),
        score=score,
        max_score=most,
        diagnosis=diagnosis,
        diagnosis_title=diagnosis.title(),
    )


def essay():
    """Return a part that a person marks, before anybody did."""
    return CheckEntry(
        id="q2text",
        question="q2",
        title="Why",
        visibility=Visibility.PUBLIC,
        status=Status.NEEDS_REVIEW,
        score=0,
        max_score=5,
    )


def entry(student="ada", softmax=4.0, loss=0.0, *, assignment="tiny", digest="a1", **more):
    """Return an entry of 11 points: 4 and 2 by checks, 5 by a person."""
    checks = (check("test_softmax", softmax), check("test_loss", loss, diagnosis="" if loss else "sign lost"), essay())
    done = softmax + loss
    worst = Status.PASSED if done == 6 else Status.FAILED
    parts = (
        QuestionEntry(id="q1", title="Losses", score=done, max_score=6, pending=0, status=worst),
        QuestionEntry(id="q2", title="Text", score=0, max_score=5, pending=5, status=Status.NEEDS_REVIEW),
    )
    made = Entry(
        name=student,
        student=student,
        submission=f"{student}.ipynb",
        assignment=assignment,
        title=f"The {assignment} one",
        score=done,
        max_score=11,
        pending=5,
        seed=2**70,
        sandbox="namespaces",
        execution=ExecutionStatus.COMPLETED,
        seconds=2.5,
        digest=digest,
        report=f"{student}.html",
        questions=parts,
        checks=checks,
    )
    return replace(made, **more)


def ungraded(student="ada", reason="It is no notebook.", **more):
    """Return an entry of a file that could not be graded."""
    nothing = {"score": 0.0, "max_score": 0.0, "pending": 0.0, "questions": (), "checks": ()}
    return entry(student, error=reason, execution=ExecutionStatus.NOT_RUN, **nothing, **more)


def handed_in(moment, **more):
    """Return an identity that tells when."""
    return Identity(submitted=moment, **more)
