"""Sample submissions: notebooks with the result they must get written beside them.

assignment = "backprop"
what = "The gradient lacks its factor 2."
score = 40
pending = 0               # points that wait for a person
execution = "completed"
[checks]                  # all others pass, or wait for a person
test_gradient = "failed"
[diagnoses]
test_gradient = "factor-forgotten"
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError
from grader.results import Result, Status

FOLDER = "submissions"
AS_USUAL = (Status.PASSED, Status.NEEDS_REVIEW)
ABSENT = "nothing"


@dataclass(frozen=True)
class Sample:
    """A notebook, and the file beside it."""

    notebook: Path

    @property
    def file(self) -> Path:
        """What says which result it must get."""
        return self.notebook.with_suffix(".toml")

    @functools.cached_property
    def expected(self) -> dict[str, Any]:
        """What stands in it."""
        return expected_of(self.notebook)


def expected_of(notebook: Path) -> dict[str, Any]:
    """Return the result a sample must get, as it stands beside it; AssignmentError when that cannot be read."""
    path = notebook.with_suffix(".toml")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssignmentError(f"{path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path}: not valid TOML: {error}.") from error


def summary(result: Result) -> dict[str, Any]:
    """Return of a result what stands beside a sample."""
    checks = result.checks
    return {
        "score": result.score,
        "pending": result.pending,
        "execution": result.execution.status.value,
        "checks": {check.id: check.status.value for check in checks if check.status not in AS_USUAL},
        "diagnoses": {check.id: check.diagnosis.name for check in checks if check.diagnosis is not None},
    }


def differences(found: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """Yield a sentence for everything in a summary that is not as it should be."""
    for name, value in found.items():
        if isinstance(value, dict):
            wanted = expected.get(name, {})
            for check in [*value, *(check for check in wanted if check not in value)]:
                got, want = (table.get(check, _usual(name)) for table in (value, wanted))
                if got != want:
                    yield f"{name}: {check} came to {got}, where {want} is expected"
        elif value != expected.get(name):
            yield f"{name} is {value}, where {expected.get(name, ABSENT)} is expected"


def _usual(table: str) -> str:
    return Status.PASSED.value if table == "checks" else ABSENT
