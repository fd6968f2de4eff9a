"""The tables of a gradebook, as `migrations/` makes them.

A grading is an attempt; it is never changed, except that a new rule for late days applies to the last one, too. Times
are UTC and only told: the clock may go backwards, so what came later is what has the greater primary key.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, DateTime, Dialect, Double, ForeignKey, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

KEY = sa.BigInteger().with_variant(Integer, "sqlite")
NOTHING = "\0"  # a character PostgreSQL takes in no text
SHOWN_NOTHING = "\u2400"


def storable(text: str) -> str:
    """Return a text as every database can keep it."""
    if text.isascii() and NOTHING not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace(NOTHING, SHOWN_NOTHING)


class Name(TypeDecorator[str]):
    """A text that things are found by; some databases want to know how long it can get."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Words(Name):
    """A text of any length."""

    impl = Text
    cache_ok = True


class Moment(TypeDecorator[datetime]):
    """A time in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        try:
            return value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # the first or last day of the calendar
            return value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Whole(TypeDecorator[int]):
    """A whole number of any size: a seed may have more than 64 bits."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

students = Table(
    "students",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("key", Name(500), nullable=False, unique=True),
    *(Column(name, Words, nullable=False) for name in ("university_id", "name", "email", "section", "canvas_user")),
)

assignments = Table(
    "assignments",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("name", Name(500), nullable=False, unique=True),
    Column("title", Words, nullable=False),
    Column("deadline", Words, nullable=False),  # the rule for late days as JSON, or empty
)

submissions = Table(
    "submissions",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("student_id", KEY, ForeignKey("students.id"), nullable=False),
    Column("assignment_id", KEY, ForeignKey("assignments.id"), nullable=False),
    Column("digest", Name(64), nullable=False),
    Column("file_name", Words, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("moodle_participant", Words, nullable=False),
    Column("downloaded_as", Words, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("submitted", Moment),
    sa.UniqueConstraint("student_id", "assignment_id", "digest"),
)

attempts = Table(
    "attempts",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("submission_id", KEY, ForeignKey("submissions.id"), nullable=False, index=True),
    Column("graded_at", Moment, nullable=False),
    Column("report_name", Words, nullable=False),
    *(Column(name, Double, nullable=False) for name in ("score", "max_score", "pending")),
    Column("execution", Words, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("seed", Whole, nullable=False),
    Column("sandbox", Words, nullable=False),
    Column("error", Words, nullable=False),
    Column("grader", Words, nullable=False),  # its version
    Column("report", Words, nullable=False),
    Column("late_days", Integer, nullable=False),
    Column("penalty", Double, nullable=False),
    Column("fingerprint", Name(64), nullable=False),  # of the digest and all verdicts
)

questions = Table(
    "questions",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("attempt_id", KEY, ForeignKey("attempts.id"), nullable=False, index=True),
    Column("question", Words, nullable=False),
    Column("title", Words, nullable=False),
    *(Column(name, Double, nullable=False) for name in ("score", "max_score", "pending")),
    Column("status", Words, nullable=False),
)

verdicts = Table(
    "verdicts",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("attempt_id", KEY, ForeignKey("attempts.id"), nullable=False, index=True),
    *(Column(name, Words, nullable=False) for name in ("check_id", "question", "title", "visibility", "status")),
    *(Column(name, Double, nullable=False) for name in ("score", "max_score")),
    *(Column(name, Words, nullable=False) for name in ("diagnosis", "diagnosis_title")),
)

changes = Table(
    "changes",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("verdict_id", KEY, ForeignKey("verdicts.id"), nullable=False, index=True),
    Column("old", Double, nullable=False),
    Column("new", Double, nullable=False),
    Column("who", Words, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("why", Words, nullable=False),
)
