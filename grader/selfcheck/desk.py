"""A student's desk: the bundle of the folder they work in, and their notebook checked with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grader import bundle
from grader.assignment import Assignment
from grader.bundle import Bundle
from grader.cache import Cache
from grader.config import FORKED, SPAWNED, GradeOptions
from grader.kernels import ahead, warm
from grader.notebook import Notebook, read_notebook
from grader.results import Result
from grader.selfcheck.belonging import require_own
from grader.selfcheck.software import require_software

OnStep = Callable[[str, int, int], None]
RELEASE_DIGITS = 8


def nothing(what: str, number: int, total: int) -> None:
    """Hear of a step, and say nothing."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """An unpacked bundle, ready to check notebooks."""

    bundle: Bundle
    assignment: Assignment
    provisioner: str = SPAWNED

    @classmethod
    def at(cls, folder: Path) -> Desk:
        """Return the desk in a folder with a bundle.

        UsageError says which file of the bundle is missing or was changed, which version it wants, or what this
        Python lacks.
        """
        found, assignment = bundle.opened(folder)
        require_software(found, assignment)
        return cls(bundle=found, assignment=assignment)

    @property
    def digest(self) -> str:
        """SHA-256 of what the bundle says about itself, and with it of all its files."""
        return self.bundle.sealed.digest

    @property
    def release(self) -> str:
        """What tells this release from others: what its notebooks say, or else the digest."""
        claim = self.assignment.master.metadata.get("grader")
        named = claim.get("release") if isinstance(claim, dict) else None
        return str(named or self.digest[:RELEASE_DIGITS])

    @property
    def options(self) -> GradeOptions:
        """How a notebook is checked: with the inputs whose answers are recorded."""
        return GradeOptions(seed=self.bundle.seed, public_only=True, provisioner=self.provisioner, sealed=False)

    @property
    def warm(self) -> Desk:
        """The same desk for many checks in a row: the next kernel starts from what is imported already."""
        return replace(self, provisioner=FORKED) if warm.POSSIBLE else self

    def get_ready(self) -> None:
        """Have the next kernel's process started before it is wanted, where it is not forked from a warm one."""
        if self.provisioner != FORKED:
            ahead.begin()

    def read(self, path: Path) -> Notebook:
        """Return a notebook; SubmissionError when it cannot be read, UsageError when it is of another homework."""
        notebook = read_notebook(path, max_bytes=self.assignment.limits.notebook_bytes)
        require_own(notebook.node, path.name, self.assignment)
        return notebook

    @staticmethod
    def read_digest(path: Path) -> str:
        """Return the SHA-256 of a file as it is now, "" when it cannot be read."""
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            return ""

    def told(self, result: Result, *more: str) -> Result:
        """Return a result that says what its points are of."""
        return result.model_copy(update={"notes": (*result.notes, self._about(), *self.bundle.notes, *more)})

    def _about(self) -> str:
        later = sum(each.total - each.public for each in self.bundle.points.values())
        these = f"These are the public checks of release {self.release}"
        if later < 1e-6:
            return f"{these}; nothing else is looked at when the homework is graded."
        points = f"{later:.2f}".rstrip("0").rstrip(".")
        return f"{these}. {points} more {'point is' if points == '1' else 'points are'} given when it is graded."


def cache_of_user() -> Cache:
    """Return where what was found out is kept for the next time."""
    return Cache.of_user()
