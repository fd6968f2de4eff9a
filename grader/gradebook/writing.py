"""Writing entries into a gradebook, some hundred at a time."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from grader import __version__
from grader.entries import Entry, Identity
from grader.gradebook.tables import assignments, attempts, questions, storable, students, submissions, verdicts
from grader.lateness import Deadline, late

CHUNK = 500  # entries whose rows are in memory together
OF_STUDENT = {
    "university_id": "id",
    "name": "name",
    "email": "email",
    "section": "section",
    "canvas_user": "canvas_user",
}
OF_SUBMISSION = ("moodle_participant", "downloaded_as", "late", "submitted")
OF_QUESTION = attrgetter("id", "title", "score", "max_score", "pending", "status.value")
OF_CHECK = attrgetter(
    "id",
    "question",
    "title",
    "visibility.value",
    "status.value",
    "score",
    "max_score",
    "diagnosis",
    "diagnosis_title",
)
TOLD_AGAIN = ("report_name", "report", "late_days", "penalty")  # of the last attempt when it is not repeated

Row = dict[str, Any]


def record(connection: sa.Connection, entries: Iterable[Entry], deadlines: Mapping[str, Deadline | None]) -> int:
    """Write the entries and return how many attempts were new; `deadlines` are the rules of the assignments named."""
    _keep_rules(connection, deadlines)
    return sum(_Chunk(connection, chunk).write() for chunk in _chunks(entries))


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while chunk := list(itertools.islice(rest, CHUNK)):
        yield chunk


def _keep_rules(connection: sa.Connection, deadlines: Mapping[str, Deadline | None]) -> None:
    for name, deadline in deadlines.items():
        values = {"deadline": deadline.model_dump_json() if deadline else ""}
        changed = connection.execute(sa.update(assignments).where(assignments.c.name == name).values(values))
        if not changed.rowcount:
            connection.execute(sa.insert(assignments).values(name=name, title="", **values))


class _Chunk:
    """Some entries and what the book knows about them."""

    def __init__(self, connection: sa.Connection, entries: Sequence[Entry]) -> None:
        self._connection = connection
        self._now = datetime.now(UTC)
        self._students = self._keep_students(entries)
        self._assignments = self._keep_assignments(entries)
        self._rules = {
            name: Deadline.model_validate_json(row["deadline"])
            for name, row in self._assignments.items()
            if row["deadline"]
        }
        self._entries = self._keep_submissions(entries)
        self._last = self._last_attempts()

    def write(self) -> int:
        """Write an attempt for every entry that is not the student's last one again; return how many."""
        new: list[tuple[Row, Entry]] = []
        again: dict[int, Row] = {}
        for entry, submission in self._entries:
            row = self._attempt(entry, submission)
            key = (submission["student_id"], submission["assignment_id"])
            last = self._last.get(key)
            if last is None or last["fingerprint"] != row["fingerprint"]:
                self._last[key] = row
                new.append((row, entry))
                continue
            told = {name: _storable(row[name]) for name in TOLD_AGAIN}
            if "id" in last and any(last[name] != told[name] for name in told):
                again[last["id"]] = last
            last.update(told)
        self._update(attempts, again.values(), TOLD_AGAIN)
        self._insert_attempts(new)
        return len(new)

    def _keep_students(self, entries: Sequence[Entry]) -> dict[str, Row]:
        wanted: dict[str, Row] = {}
        for entry in entries:
            key = storable(entry.student)
            told = {column: storable(getattr(entry.identity, field)) for column, field in OF_STUDENT.items()}
            wanted[key] = _merged(wanted.get(key, {"key": key}), told)
        known = self._known(students, students.c.key.in_(wanted))
        return self._keep(students, wanted, {row["key"]: row for row in known}, tuple(OF_STUDENT))

    def _keep_assignments(self, entries: Sequence[Entry]) -> dict[str, Row]:
        wanted: dict[str, Row] = {}
        for entry in entries:
            name = storable(entry.assignment)
            row = wanted.get(name, {"name": name, "deadline": ""})
            wanted[name] = _merged(row, {"title": storable(entry.title)})
        known = self._known(assignments, assignments.c.name.in_(wanted))
        return self._keep(assignments, wanted, {row["name"]: row for row in known}, ("title",))

    def _keep_submissions(self, entries: Sequence[Entry]) -> list[tuple[Entry, Row]]:
        """Return each entry, with what is known about its submission from before, beside the submission's row."""
        keys = [self._submission_key(entry) for entry in entries]
        among = submissions.c.student_id.in_({student for student, _, _ in keys})
        known = {
            (row["student_id"], row["assignment_id"], row["digest"]): row
            for row in self._known(submissions, among & submissions.c.assignment_id.in_({key[1] for key in keys}))
        }
        wanted: dict[tuple[int, int, str], Row] = {}
        for key, entry in zip(keys, entries, strict=True):
            new = {"student_id": key[0], "assignment_id": key[1], "digest": key[2], "first_seen": self._now}
            told = {name: _storable(getattr(entry.identity, name)) for name in OF_SUBMISSION}
            wanted[key] = _merged(wanted.get(key, new), {"file_name": storable(entry.submission), **told})
        rows = self._keep(submissions, wanted, known, ("file_name", *OF_SUBMISSION))
        return [
            (self._with_what_is_known(entry, rows[key]), rows[key]) for key, entry in zip(keys, entries, strict=True)
        ]

    def _submission_key(self, entry: Entry) -> tuple[int, int, str]:
        student = self._students[storable(entry.student)]["id"]
        return student, self._assignments[storable(entry.assignment)]["id"], storable(entry.digest)

    def _with_what_is_known(self, entry: Entry, submission: Row) -> Entry:
        """Return the entry with the time it was handed in, where only an earlier download told it."""
        if entry.identity.submitted or not submission["submitted"]:
            return entry
        identity: Identity = replace(entry.identity, submitted=submission["submitted"])
        return late(replace(entry, identity=identity), self._rules.get(storable(entry.assignment)))

    def _last_attempts(self) -> dict[tuple[int, int], Row]:
        pairs = (submissions.c.student_id, submissions.c.assignment_id)
        last = (
            sa.select(sa.func.max(attempts.c.id))
            .join(submissions, submissions.c.id == attempts.c.submission_id)
            .where(submissions.c.student_id.in_({row["student_id"] for _, row in self._entries}))
            .group_by(*pairs)
        )
        columns = [attempts.c[name] for name in ("id", "fingerprint", *TOLD_AGAIN)]
        query = sa.select(*pairs, *columns).join(submissions, submissions.c.id == attempts.c.submission_id)
        rows = self._connection.execute(query.where(attempts.c.id.in_(last))).mappings()
        return {(row["student_id"], row["assignment_id"]): dict(row) for row in rows}

    def _attempt(self, entry: Entry, submission: Row) -> Row:
        return {
            "submission_id": submission["id"],
            "graded_at": self._now,
            "report_name": entry.name,
            "score": entry.score,
            "max_score": entry.max_score,
            "pending": entry.pending,
            "execution": entry.execution.value,
            "seconds": entry.seconds,
            "seed": entry.seed,
            "sandbox": entry.sandbox,
            "error": entry.error,
            "grader": __version__,
            "report": entry.report,
            "late_days": entry.late_days,
            "penalty": entry.penalty,
            "fingerprint": _fingerprint(entry),
        }

    def _insert_attempts(self, new: Sequence[tuple[Row, Entry]]) -> None:
        ids = self._insert(attempts, [row for row, _ in new])
        told = [(attempt, entry) for attempt, (_, entry) in zip(ids, new, strict=True)]
        names = [column.name for column in questions.c][1:]
        rows = [dict(zip(names, (i, *OF_QUESTION(part)), strict=True)) for i, entry in told for part in entry.questions]
        if rows:
            self._connection.execute(sa.insert(questions), rows)
        names = [column.name for column in verdicts.c][1:]
        rows = [dict(zip(names, (i, *OF_CHECK(check)), strict=True)) for i, entry in told for check in entry.checks]
        if rows:
            self._connection.execute(sa.insert(verdicts), rows)

    def _known(self, table: sa.Table, condition: sa.ColumnElement[bool]) -> list[Row]:
        return [dict(row) for row in self._connection.execute(sa.select(table).where(condition)).mappings()]

    def _keep(
        self, table: sa.Table, wanted: Mapping[Any, Row], known: Mapping[Any, Row], told: Sequence[str]
    ) -> dict[Any, Row]:
        """Return the rows wanted as they are in the table afterwards: new ones made, others with what is new of them.

        What was known stays where nothing new is told: a submission may come from a place that knows less.
        """
        kept = {
            key: _merged(known[key], {name: row[name] for name in told}) for key, row in wanted.items() if key in known
        }
        self._update(table, [row for key, row in kept.items() if row != known[key]], told)
        new = {key: row for key, row in wanted.items() if key not in known}
        for row, number in zip(new.values(), self._insert(table, list(new.values())), strict=True):
            row["id"] = number
        return {**kept, **new}

    def _insert(self, table: sa.Table, rows: list[Row]) -> list[int]:
        """Insert rows and return their primary keys in the same order."""
        if not rows:
            return []
        query = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(self._connection.execute(query, rows).scalars())

    def _update(self, table: sa.Table, rows: Iterable[Row], names: Sequence[str]) -> None:
        values = [{"row": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
        if values:
            changed: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
            self._connection.execute(sa.update(table).where(table.c.id == sa.bindparam("row")).values(changed), values)


def _merged(known: Row, told: Row) -> Row:
    """Return a row with what is told; what is empty tells nothing."""
    return {**known, **{name: value for name, value in told.items() if value or name not in known}}


def _storable(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def _fingerprint(entry: Entry) -> str:
    """Return what two attempts share when the same notebook got the same verdicts."""
    told = (
        *(entry.digest, entry.error, entry.execution.value, entry.score, entry.max_score, entry.pending),
        *(OF_QUESTION(question) for question in entry.questions),
        *(OF_CHECK(check) for check in entry.checks),
    )
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()
