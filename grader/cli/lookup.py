"""Which assignment a notebook belongs to, as far as the command or the notebook says it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from grader.assignment import Assignment, find, known
from grader.batch.prints import hash_of, versions
from grader.batch.work import assignment_at
from grader.cache import Cache
from grader.cli.order import Order
from grader.cli.places import assignments_root
from grader.cli.speak import say
from grader.config import Limits
from grader.errors import AssignmentError, SubmissionError
from grader.extras import require
from grader.lateness import Deadline
from grader.notebook import read_notebook
from grader.training import Trainings


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Finds the assignments of an order's notebooks, and makes ready what they need."""

    order: Order
    cache: Cache = field(default_factory=lambda: Cache(None))
    _typed: dict[Path, Path] = field(default_factory=dict)  # where the assignments are, by what was typed
    _roots: dict[Path, str] = field(default_factory=dict)
    _ready: dict[Path, Assignment] = field(default_factory=dict)
    _named: dict[tuple[Path, str], Path] = field(default_factory=dict)  # read once, not for every submission

    def require(self, paths: Iterable[Path]) -> None:
        """Raise before anything is graded when there are no assignments, or not what was asked for."""
        paths = list(paths)
        for root in {self._root(path) for path in paths}:
            if self.order.assignment is not None or not known(root):
                find(root, name=self.order.assignment)
        if self.order.full_data:
            for path in paths:
                with suppress(AssignmentError, SubmissionError):  # these are the submission's own trouble, later
                    self.assignment(path)

    def assignment(self, path: Path) -> Assignment:
        """Return the assignment of a notebook, with its models trained; UnknownAssignment when it fits none."""
        root = self._root(path)
        name = self.order.assignment or self._remembered(path, root)
        if (root, name) not in self._named:
            self._named[root, name] = find(root, name=name).folder
        assignment = assignment_at(self._named[root, name], full_data=self.order.full_data)
        if assignment.uses_keras:
            require("tensorflow", f"Homework {assignment.name!r}")
        if assignment.training and assignment.folder not in self._ready:
            Trainings(assignment.training, assignment.data).prepare(say)
        self._ready[assignment.folder] = assignment
        return assignment

    def _remembered(self, path: Path, root: Path) -> str:
        """Return the name of the assignment that a notebook shows: reading many of them takes time."""
        if root not in self._roots:
            masters = [file for folder in known(root).values() for file in sorted(folder.rglob("*.*"))]
            shown = [f"{file} {hash_of(file)}" for file in masters if file.suffix in (".toml", ".ipynb")]
            self._roots[root] = " ".join([versions(), *shown])
        key = hashlib.sha256(f"{self._roots[root]} {hash_of(path)}".encode()).hexdigest()
        found = None if self.order.fresh else self.cache.get(key)
        if found is not None:
            return found.decode()
        name = _shown(path, root)
        self.cache.put(key, name.encode())
        return name

    @property
    def deadlines(self) -> dict[str, Deadline | None]:
        """The rules for late days of the assignments that were looked up, by name."""
        return {assignment.name: assignment.deadline for assignment in self._ready.values()}

    @property
    def only(self) -> Assignment | None:
        """The one assignment there is, or that was asked for; None where a notebook may belong to several."""
        possible = {(root, name) for root in map(self._root, self.order.paths) for name in known(root)}
        found = list(self._ready.values())
        return found[0] if len(found) == 1 and (self.order.assignment or len(possible) == 1) else None

    @property
    def masters(self) -> dict[str, NotebookNode]:
        """The notebooks as they were handed out, by the names of their assignments."""
        return {assignment.name: assignment.master for assignment in self._ready.values()}

    def _root(self, path: Path) -> Path:
        """Return the folder of assignments for a notebook, by what was typed: never one that was handed in with it."""
        if self.order.assignments is not None:
            return self.order.assignments
        above = {path, *path.parents}
        typed = next((one for one in self.order.paths if one in above), self.order.paths[0])
        if typed not in self._typed:
            self._typed[typed] = assignments_root(typed if typed.is_dir() else typed.parent)
        return self._typed[typed]


def _shown(path: Path, root: Path) -> str:
    """Return the folder's name of the assignment that a notebook shows; UnknownAssignment when it fits none."""
    try:
        return find(root, node=read_notebook(path, max_bytes=Limits().notebook_bytes).node).folder.name
    except SubmissionError:
        if len(known(root)) != 1:
            raise
        return next(iter(known(root)))  # its result can then say what is wrong, with every check in it
