"""Points that a person changed, and how they outlive the next grading.

A person judges a verdict of one attempt. In later attempts the points stay while the grader says of that check what it
said then: the same status, points and diagnosis; for a part that only a person can mark, while it is the same
notebook. Otherwise what was judged is gone, the grader's verdict counts, and the change waits to be looked at again.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa

from grader.entries import CheckEntry, Entry, QuestionEntry
from grader.errors import UsageError, did_you_mean
from grader.gradebook.reading import STATUS, Graded
from grader.gradebook.tables import attempts, changes, students, submissions, verdicts
from grader.lateness import late
from grader.results import OPEN, Status, worst


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a person made of the points of a check; `old` is what they were before."""

    check: str
    question: str
    title: str
    old: float
    new: float
    who: str
    when: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class LookAgain:
    """A change that does not count any more, because what the person judged is not what the grader says now."""

    student: str
    assignment: str
    change: Change
    now: CheckEntry | None  # the grader's verdict; None when the check is not in the last attempt


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A change and the verdict it was made about."""

    attempt: int
    change: Change
    verdict: tuple[Status, float, float, str]
    digest: str

    def stands(self, check: CheckEntry, digest: str) -> bool:
        """Whether the grader says now what it said when the person looked."""
        same_text = check.status is not Status.NEEDS_REVIEW or self.digest == digest
        return same_text and self.verdict == (check.status, check.score, check.max_score, check.diagnosis)

    def applied(self, check: CheckEntry) -> CheckEntry:
        """Return the check with the person's points; with the grader's own ones it is as the grader said."""
        score = self.change.new
        if score == check.score and check.status is not Status.NEEDS_REVIEW:
            return check
        if score < check.max_score:
            return replace(check, score=score, status=Status.FAILED)
        return replace(check, score=score, status=Status.PASSED, diagnosis="", diagnosis_title="")


class Judgements:
    """What people changed, by student and assignment."""

    def __init__(self, found: Iterable[tuple[int, int, Judged]]) -> None:
        self._all: dict[tuple[int, int], list[Judged]] = defaultdict(list)
        for student, assignment, judged in found:
            self._all[student, assignment].append(judged)

    def of(self, graded: Graded) -> Sequence[Judged]:
        """Return all changes of this attempt's student in its assignment, the newest last."""
        return self._all.get((graded.student_id, graded.assignment_id), ())

    def revised(self, graded: Graded) -> Entry:
        """Return the entry of an attempt with the changes that stand, and all that follows from them."""
        entry, newest = graded.entry, self._newest(graded)
        checks = tuple(_revised(check, newest.get(check.id), entry.digest) for check in entry.checks)
        if checks == entry.checks:
            return entry
        parts = tuple(_part(part, entry.checks, checks) for part in entry.questions)
        gained, settled = _difference(entry.checks, checks)
        new = replace(
            entry,
            checks=checks,
            questions=parts,
            score=_rounded(entry.score + gained),
            pending=_rounded(entry.pending - settled),
        )
        if graded.deadline is not None:
            return late(new, graded.deadline)
        share = entry.penalty / entry.score if entry.score else 0.0
        return replace(new, penalty=_rounded(share * new.score))

    def to_look_at(self, graded: Graded) -> list[LookAgain]:
        """Return the changes that do not stand in this attempt."""
        checks = {check.id: check for check in graded.entry.checks}
        return [
            LookAgain(
                student=graded.entry.student,
                assignment=graded.entry.assignment,
                change=judged.change,
                now=checks.get(name),
            )
            for name, judged in self._newest(graded).items()
            if name not in checks or not judged.stands(checks[name], graded.entry.digest)
        ]

    def _newest(self, graded: Graded) -> dict[str, Judged]:
        """Return the last change of each check, whether or not it stands."""
        return {judged.change.check: judged for judged in self.of(graded)}


def judgements(connection: sa.Connection, student: str | None = None) -> Judgements:
    """Read the changes of a student, or all; there are few, beside the verdicts of grading."""
    query = (
        sa.select(
            submissions.c.student_id,
            submissions.c.assignment_id,
            submissions.c.digest,
            verdicts.c.attempt_id,
            *(
                verdicts.c[name]
                for name in ("check_id", "question", "title", "status", "score", "max_score", "diagnosis")
            ),
            *(changes.c[name] for name in ("old", "new", "who", "changed_at", "why")),
        )
        .join(verdicts, verdicts.c.id == changes.c.verdict_id)
        .join(attempts, attempts.c.id == verdicts.c.attempt_id)
        .join(submissions, submissions.c.id == attempts.c.submission_id)
        .order_by(changes.c.id)
    )
    if student is not None:
        query = query.join(students, students.c.id == submissions.c.student_id).where(students.c.key == student)
    return Judgements((row.student_id, row.assignment_id, _judged(row)) for row in connection.execute(query))


def concerned() -> sa.ColumnElement[bool]:
    """Return a condition for the submissions of students of whom a person changed something."""
    changed = (
        sa.select(submissions.c.student_id)
        .join(attempts, attempts.c.submission_id == submissions.c.id)
        .join(verdicts, verdicts.c.attempt_id == attempts.c.id)
        .join(changes, changes.c.verdict_id == verdicts.c.id)
    )
    return submissions.c.student_id.in_(changed)


def change(connection: sa.Connection, graded: Graded, now: Entry, name: str, told: Mapping[str, str | float]) -> Change:
    """Write down the points that a person gives a check of an attempt, and return the change.

    `now` is the entry as it counts until then; `told` has `score`, `who` and `why`.
    """
    check = _found(now, name)
    score, who, why = float(told["score"]), str(told["who"]).strip(), str(told["why"]).strip()
    if not why:
        raise UsageError(f"Say why {name} gets other points: the reason is kept beside them.")
    if not who:
        raise UsageError(f"Say who gives {name} other points: the name is kept beside them.")
    if not 0 <= score <= check.max_score or math.isnan(score):
        raise UsageError(f"{name} of {now.student}: points lie between 0 and {check.max_score:g}, not at {score:g}.")
    verdict = connection.execute(
        sa.select(verdicts.c.id).where(verdicts.c.attempt_id == graded.number, verdicts.c.check_id == name)
    ).scalar()
    done = Change(
        check=check.id,
        question=check.question,
        title=check.title,
        old=check.score,
        new=score,
        who=who,
        when=datetime.now(UTC),
        why=why,
    )
    values = {"old": done.old, "new": done.new, "who": who, "changed_at": done.when, "why": why}
    connection.execute(sa.insert(changes).values(verdict_id=verdict, **values))
    return done


def _found(entry: Entry, name: str) -> CheckEntry:
    for check in entry.checks:
        if check.id == name:
            return check
    if not entry.checks:
        why = entry.error or "It has no checks."
        raise UsageError(f"The last attempt of {entry.student} at {entry.assignment} has no verdicts to change. {why}")
    names = [check.id for check in entry.checks]
    near = did_you_mean(name, names)
    raise UsageError(
        f"{entry.assignment} has no check {name!r}.{near} All of them: grade book show {entry.student} --all"
    )


def _judged(row: sa.Row[tuple[object, ...]]) -> Judged:
    return Judged(
        attempt=row.attempt_id,
        change=Change(
            check=row.check_id,
            question=row.question,
            title=row.title,
            old=row.old,
            new=row.new,
            who=row.who,
            when=row.changed_at,
            why=row.why,
        ),
        verdict=(STATUS[row.status], row.score, row.max_score, row.diagnosis),
        digest=row.digest,
    )


def _revised(check: CheckEntry, judged: Judged | None, digest: str) -> CheckEntry:
    return judged.applied(check) if judged is not None and judged.stands(check, digest) else check


def _part(part: QuestionEntry, before: Sequence[CheckEntry], after: Sequence[CheckEntry]) -> QuestionEntry:
    """Return a question as its checks are now."""
    old = [check for check in before if check.question == part.id]
    new = [check for check in after if check.question == part.id]
    if old == new:
        return part
    gained, settled = _difference(old, new)
    return replace(
        part,
        score=_rounded(part.score + gained),
        pending=_rounded(part.pending - settled),
        status=worst(check.status for check in new),
    )


def _difference(before: Sequence[CheckEntry], after: Sequence[CheckEntry]) -> tuple[float, float]:
    """Return the points gained, and those that do not wait for a person any more."""
    gained = sum(check.score for check in after) - sum(check.score for check in before)
    return gained, _open(before) - _open(after)


def _open(checks: Sequence[CheckEntry]) -> float:
    return sum(check.max_score for check in checks if check.status in OPEN)


def _rounded(points: float) -> float:
    return round(points, 6) + 0.0
