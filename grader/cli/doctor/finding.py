"""What is found: a line with a sign, and what to do where something is missing."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from grader.errors import GraderError, SandboxUnavailable
from grader.extras import way_out

AGAIN = f"Install the package again: {way_out('all')}"
PATIENCE_S = 60


class Status(enum.StrEnum):
    """How something stands."""

    OK = "ok"
    LIMITED = "limited"  # works with a restriction
    MISSING = "missing"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the answer; `data` holds its figures for programs."""

    name: str
    status: Status
    found: str
    remedy: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Section:
    """Findings on one subject."""

    title: str
    findings: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return all(finding.status is not Status.MISSING for finding in self.findings)


Look = Callable[[], Iterator[Finding]]


def looked(name: str, look: Look, *, otherwise: Status = Status.MISSING, remedy: str = AGAIN) -> Iterator[Finding]:
    """Yield what a look finds; one that raises ends with a finding of its own."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 - a machine can be broken in any way: that is what is asked
        reason = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
        told = isinstance(error, SandboxUnavailable)  # its message has the remedy
        yield Finding(name=name, status=otherwise, found=f"does not work: {reason}", remedy="" if told else remedy)


def cache() -> Path:
    """Return the folder where data sets and the list of fonts are kept."""
    return Path(platformdirs.user_cache_dir("homework-grader"))


def make_writable() -> str:
    """Return what to do when nothing can be kept."""
    return f"Make {cache()} a folder you can write to, or set XDG_CACHE_HOME to one."
