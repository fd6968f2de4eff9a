"""Reading entries: attempts with their verdicts, as the grader gave them."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grader.entries import CheckEntry, Entry, Identity, QuestionEntry
from grader.gradebook.tables import assignments, attempts, questions, students, submissions, verdicts
from grader.lateness import Deadline
from grader.results import ExecutionStatus, Status, Visibility

STATUS = {status.value: status for status in Status}
VISIBILITY = {visibility.value: visibility for visibility in Visibility}
EXECUTION = {execution.value: execution for execution in ExecutionStatus}

IDENTITY = (
    students.c.key,
    students.c.university_id,
    students.c.name.label("student_name"),
    students.c.email,
    students.c.section,
    students.c.canvas_user,
    assignments.c.name.label("assignment"),
    assignments.c.title,
    assignments.c.deadline,
    *(submissions.c[name] for name in ("student_id", "assignment_id", "digest", "file_name", "first_seen")),
    *(submissions.c[name] for name in ("moodle_participant", "downloaded_as", "late", "submitted")),
)


@dataclass(frozen=True, kw_only=True)
class Graded:
    """An attempt in the book; `entry` is what the grader said."""

    number: int  # the primary key: later ones are greater
    student_id: int
    assignment_id: int
    entry: Entry
    deadline: Deadline | None
    graded_at: datetime
    first_seen: datetime
    grader: str  # its version


def last_attempts(assignment: str | None, student: str | None) -> sa.Select[tuple[int]]:
    """Return a query for the last attempt of every student and assignment."""
    pairs = (submissions.c.student_id, submissions.c.assignment_id)
    return _of(sa.select(sa.func.max(attempts.c.id)), assignment, student).group_by(*pairs)


def all_attempts(assignment: str | None, student: str | None) -> sa.Select[tuple[int]]:
    """Return a query for all attempts."""
    return _of(sa.select(attempts.c.id), assignment, student)


def _of(query: sa.Select[tuple[int]], assignment: str | None, student: str | None) -> sa.Select[tuple[int]]:
    query = query.select_from(attempts).join(submissions, submissions.c.id == attempts.c.submission_id)
    if assignment is not None:
        query = query.join(assignments, assignments.c.id == submissions.c.assignment_id)
        query = query.where(assignments.c.name == assignment)
    if student is not None:
        query = query.join(students, students.c.id == submissions.c.student_id).where(students.c.key == student)
    return query


def read(connection: sa.Connection, chosen: sa.Select[tuple[int]]) -> list[Graded]:
    """Return the attempts a query chooses, in the order they were made."""
    parts, checks, rules = _questions(connection, chosen), _checks(connection, chosen), _Rules()
    query = (
        sa.select(attempts, *IDENTITY)
        .join(submissions, submissions.c.id == attempts.c.submission_id)
        .join(students, students.c.id == submissions.c.student_id)
        .join(assignments, assignments.c.id == submissions.c.assignment_id)
        .where(attempts.c.id.in_(chosen))
        .order_by(attempts.c.id)
    )
    return [
        Graded(
            number=row["id"],
            student_id=row["student_id"],
            assignment_id=row["assignment_id"],
            entry=_entry(row, tuple(parts.get(row["id"], ())), tuple(checks.get(row["id"], ()))),
            deadline=rules.read(row["deadline"]),
            graded_at=row["graded_at"],
            first_seen=row["first_seen"],
            grader=row["grader"],
        )
        for row in connection.execute(query).mappings()
    ]


class _Rules:
    """The rules for late days, each read once."""

    def __init__(self) -> None:
        self._read: dict[str, Deadline | None] = {"": None}

    def read(self, text: str) -> Deadline | None:
        """Return the rule that was kept as this text."""
        if text not in self._read:
            self._read[text] = Deadline.model_validate_json(text)
        return self._read[text]


def _entry(row: sa.RowMapping, parts: tuple[QuestionEntry, ...], checks: tuple[CheckEntry, ...]) -> Entry:
    return Entry(
        name=row["report_name"],
        student=row["key"],
        submission=row["file_name"],
        assignment=row["assignment"],
        title=row["title"],
        score=row["score"],
        max_score=row["max_score"],
        pending=row["pending"],
        seed=row["seed"],
        sandbox=row["sandbox"],
        execution=EXECUTION[row["execution"]],
        seconds=row["seconds"],
        error=row["error"],
        digest=row["digest"],
        report=row["report"],
        questions=parts,
        checks=checks,
        identity=_identity(row),
        late_days=row["late_days"],
        penalty=row["penalty"],
    )


def _identity(row: sa.RowMapping) -> Identity:
    return Identity(
        id=row["university_id"],
        name=row["student_name"],
        email=row["email"],
        section=row["section"],
        canvas_user=row["canvas_user"],
        moodle_participant=row["moodle_participant"],
        downloaded_as=row["downloaded_as"],
        late=row["late"],
        submitted=row["submitted"],
    )


def _questions(connection: sa.Connection, chosen: sa.Select[tuple[int]]) -> dict[int, list[QuestionEntry]]:
    found: dict[int, list[QuestionEntry]] = defaultdict(list)
    query = sa.select(*list(questions.c)[1:]).where(questions.c.attempt_id.in_(chosen)).order_by(questions.c.id)
    for attempt, name, title, score, max_score, pending, status in connection.execute(query):
        found[attempt].append(
            QuestionEntry(
                id=sys.intern(name),
                title=sys.intern(title),
                score=score,
                max_score=max_score,
                pending=pending,
                status=STATUS[status],
            )
        )
    return found


def _checks(connection: sa.Connection, chosen: sa.Select[tuple[int]]) -> dict[int, list[CheckEntry]]:
    """Return the checks of the attempts; texts that come again and again are kept once."""
    found: dict[int, list[CheckEntry]] = defaultdict(list)
    query = sa.select(*list(verdicts.c)[1:]).where(verdicts.c.attempt_id.in_(chosen)).order_by(verdicts.c.id)
    for attempt, name, question, title, visible, status, score, max_score, slip, slip_title in connection.execute(
        query
    ):
        found[attempt].append(
            CheckEntry(
                id=sys.intern(name),
                question=sys.intern(question),
                title=sys.intern(title),
                visibility=VISIBILITY[visible],
                status=STATUS[status],
                score=score,
                max_score=max_score,
                diagnosis=sys.intern(slip),
                diagnosis_title=sys.intern(slip_title),
            )
        )
    return found
