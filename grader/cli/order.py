"""What was asked for on the command line."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from grader.config import FORKED, SPAWNED, GradeOptions
from grader.results import Audience


@dataclass(frozen=True, kw_only=True)
class Order:
    """The paths to grade and the options of `grade`."""

    paths: tuple[Path, ...]
    out: Path
    began_s: float = field(default_factory=time.perf_counter)
    assignment: str | None = None
    assignments: Path | None = None
    roster: Path | None = None
    seed: int | None = None
    audience: str | None = None
    self_check: bool = False
    no_sandbox: bool = False
    data: str = "small"
    jobs: int | None = None
    cluster: str | None = None
    fresh: bool = False
    similar: bool = False
    book: str | None = None
    is_book_typed: bool = True  # or the environment names it, for whatever is graded
    as_json: bool = False
    verbose: bool = False
    quiet: bool = False

    @property
    def is_batch(self) -> bool:
        """Whether there is to be a gradebook: for a folder, an archive, and for several paths."""
        return len(self.paths) > 1 or self.paths[0].is_dir() or self.paths[0].suffix.lower() == ".zip"

    @property
    def may_use_bundle(self) -> bool:
        """Whether the checks may be those of the folder one works in: for one notebook, as a student asks for it."""
        named = self.assignment is not None or self.assignments is not None
        return not self.is_batch and not named and not self.is_for_staff

    @property
    def is_for_staff(self) -> bool:
        """Whether there is an option that only those want who grade what others wrote."""
        given = (self.roster, self.book if self.is_book_typed else None, self.cluster, self.jobs)
        return (
            self.audience == "instructor"
            or self.no_sandbox
            or self.similar
            or any(option is not None for option in given)
        )

    @property
    def reader(self) -> Audience:
        """For whom the reports are."""
        return Audience(self.audience or ("student" if self.self_check else "instructor"))

    @property
    def full_data(self) -> bool:
        """Whether the full data sets are served."""
        return self.data == "full"

    @property
    def options(self) -> GradeOptions:
        """How every submission is treated."""
        return GradeOptions(
            seed=self.seed,
            public_only=self.self_check,
            provisioner=FORKED if self.is_batch else SPAWNED,  # one notebook does not wait for a server to be warm
            sealed=not (self.self_check or self.no_sandbox),
        )

    @property
    def as_text(self) -> bool:
        """Whether a person reads standard output."""
        return not self.as_json and not self.quiet
