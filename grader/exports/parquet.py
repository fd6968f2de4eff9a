"""The checks of a class as a Parquet table, for whoever wants to compute with them."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from grader.entries import CheckEntry, Entry
from grader.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS = ("assignment", "student", "id", "name", "section", "submission")
CHECK_TEXTS = ("question", "check", "title", "visibility", "status", "diagnosis")
NUMBERS = ("score", "max_score", "final", "pending", "penalty", "seconds")  # the last four are of the submission
MISSING = "Parquet files need pyarrow. Install it: python -m pip install 'homework-grader[parquet]'"


def entries_parquet(entries: Sequence[Entry]) -> bytes:
    """Return a table with a row per student and check; an entry without checks has one row without a check.

    The score of a check is null where the submission could not be graded. UsageError when pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(MISSING) from error
    rows, schema, file = [row for entry in entries for row in _rows(entry)], _schema(pa), io.BytesIO()
    columns = {name: [row.get(name) for row in rows] for name in schema.names}
    parquet.write_table(pa.Table.from_pydict(columns, schema=schema), file, compression="zstd")
    return file.getvalue()


def _schema(pa: Any) -> pa.Schema:
    return pa.schema(
        [
            *((name, pa.string()) for name in (*TEXTS, *CHECK_TEXTS)),
            *((name, pa.float64()) for name in NUMBERS),
            ("late_days", pa.int32()),
            ("seed", pa.uint64()),
            ("submitted", pa.timestamp("us", tz="UTC")),
            ("error", pa.string()),
        ]
    )


def _rows(entry: Entry) -> Iterator[dict[str, Any]]:
    about = _writable(
        {
            "assignment": entry.assignment,
            "student": entry.student,
            "id": entry.identity.id,
            "name": entry.identity.name,
            "section": entry.identity.section,
            "submission": entry.submission,
            "final": _number(entry.final),
            "pending": entry.pending,
            "penalty": entry.penalty,
            "seconds": entry.seconds,
            "late_days": entry.late_days,
            "seed": entry.seed if entry.seed < 2**64 else None,
            "submitted": entry.identity.submitted,
            "error": entry.error,
        }
    )
    for row in [_check(entry, check) for check in entry.checks] or [{}]:
        yield about | row


def _check(entry: Entry, check: CheckEntry) -> dict[str, Any]:
    return _writable(
        {
            "question": check.question,
            "check": check.id,
            "title": check.title,
            "visibility": check.visibility.value,
            "status": check.status.value,
            "diagnosis": check.diagnosis,
            "score": _number(check.score) if entry.graded else None,
            "max_score": check.max_score,
        }
    )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _writable(row: dict[str, Any]) -> dict[str, Any]:
    """Replace what no text file can hold: half of a character."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }
