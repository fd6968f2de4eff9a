"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "students",
        _key(),
        sa.Column("key", sa.String(500), nullable=False),
        *_texts("university_id", "name", "email", "section", "canvas_user"),
        sa.UniqueConstraint("key", name="uq_students_key"),
    )
    op.create_table(
        "assignments",
        _key(),
        sa.Column("name", sa.String(500), nullable=False),
        *_texts("title", "deadline"),
        sa.UniqueConstraint("name", name="uq_assignments_name"),
    )
    op.create_table(
        "submissions",
        _key(),
        _of("submissions", "student_id", "students"),
        _of("submissions", "assignment_id", "assignments"),
        sa.Column("digest", sa.String(64), nullable=False),
        *_texts("file_name"),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        *_texts("moodle_participant", "downloaded_as"),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("submitted", sa.DateTime),
        sa.UniqueConstraint("student_id", "assignment_id", "digest", name="uq_submissions_student_id"),
    )
    op.create_table(
        "attempts",
        _key(),
        _of("attempts", "submission_id", "submissions"),
        sa.Column("graded_at", sa.DateTime, nullable=False),
        *_texts("report_name"),
        *_numbers("score", "max_score", "pending"),
        *_texts("execution"),
        *_numbers("seconds"),
        *_texts("seed", "sandbox", "error", "grader", "report"),
        sa.Column("late_days", sa.Integer, nullable=False),
        *_numbers("penalty"),
        sa.Column("fingerprint", sa.String(64), nullable=False),
    )
    op.create_table(
        "questions",
        _key(),
        _of("questions", "attempt_id", "attempts"),
        *_texts("question", "title"),
        *_numbers("score", "max_score", "pending"),
        *_texts("status"),
    )
    op.create_table(
        "verdicts",
        _key(),
        _of("verdicts", "attempt_id", "attempts"),
        *_texts("check_id", "question", "title", "visibility", "status"),
        *_numbers("score", "max_score"),
        *_texts("diagnosis", "diagnosis_title"),
    )
    op.create_table(
        "changes",
        _key(),
        _of("changes", "verdict_id", "verdicts"),
        *_numbers("old", "new"),
        *_texts("who"),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        *_texts("why"),
    )
    for table, column in (
        ("attempts", "submission_id"),
        ("questions", "attempt_id"),
        ("verdicts", "attempt_id"),
        ("changes", "verdict_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def _key() -> sa.Column[Any]:
    return sa.Column("id", KEY, primary_key=True)


def _of(table: str, column: str, other: str) -> sa.Column[Any]:
    return sa.Column(column, KEY, sa.ForeignKey(f"{other}.id", name=f"fk_{table}_{column}"), nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double, nullable=False) for name in names]
