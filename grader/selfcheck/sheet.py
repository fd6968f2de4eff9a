"""A notebook as far as verdicts depend on it: fingerprints of cells with their inputs, and of what a check asked."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.checks import Heard
from grader.notebook import attempt_of, split_questions
from grader.selfcheck.depends import Depends, Unclear


@dataclass(frozen=True)
class Sheet:
    """A notebook and what its cells depend on; `depends` is None where that cannot be told, and `why` says why."""

    node: NotebookNode
    assignment: Assignment
    depends: Depends | None
    why: str = ""

    @classmethod
    def of(cls, node: NotebookNode, assignment: Assignment) -> Sheet:
        """Read a notebook."""
        sources = [cell.source if cell.cell_type == "code" else None for cell in node.cells]
        try:
            return cls(node, assignment, Depends(sources))
        except (Unclear, RecursionError) as error:
            return cls(node, assignment, None, str(error) or type(error).__name__)

    @functools.cached_property
    def code(self) -> frozenset[int]:
        """The cells that can be run."""
        cells = enumerate(self.node.cells)
        return frozenset(i for i, cell in cells if cell.cell_type == "code" and cell.source.strip())

    @functools.cached_property
    def prints(self) -> tuple[str, ...]:
        """A fingerprint of each cell: of its text and, when it is run, of all that it is run on."""
        return tuple(self._print(self.cells_with({i}) if i in self.code else {i}) for i in range(len(self.node.cells)))

    @functools.cached_property
    def whole(self) -> str:
        """A fingerprint of everything."""
        return self._print(range(len(self.node.cells)))

    @functools.cached_property
    def parts(self) -> dict[str, tuple[int, ...]]:
        """The cells of each question."""
        return split_questions(self.node, [question.id for question in self.assignment.questions])

    def cells_for(self, names: Iterable[str]) -> frozenset[int]:
        """Return the cells that give names their values."""
        wanted = list(names)
        if self.depends is None:
            return self.code if wanted else frozenset()
        return self.depends.for_names(wanted) & self.code

    def cells_with(self, indices: Iterable[int]) -> frozenset[int]:
        """Return some cells with all that have to be run for them."""
        wanted = frozenset(indices)
        if self.depends is None:
            return self.code if wanted else wanted
        return self.depends.for_cells(wanted) & self.code

    def of_check(self, heard: Heard) -> str:
        """Return a fingerprint of what a check asked for."""
        parts = [self._print(self.code if heard.needs_all else self.cells_for(heard.names))]
        for name in sorted(heard.attempts):
            parts.append(f"{name} {attempt_of(name, self.node, self.assignment.master)}")
        for question in sorted(heard.questions):
            parts += [f"{question} {i} {self.prints[i]}" for i in self.parts.get(question, ())]
        return _hash([*parts, *(self.prints if heard.reads_all else ())])

    def _print(self, indices: Iterable[int]) -> str:
        cells = [(i, self.node.cells[i]) for i in sorted(indices)]
        return _hash(f"{i} {cell.cell_type} {cell.source} {_marks(cell)}" for i, cell in cells)


def _marks(cell: NotebookNode) -> str:
    """Return what is written at a cell that decides what is done with it: one may be tagged to be skipped, say."""
    return f"{cell.metadata.get('grader', '')} {cell.metadata.get('tags', '')}"


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
