"""The `notebook` fixture: the submission as it was written and run."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.notebook import Attempt, attempt_of, statements_making
from grader.plots import Figure
from grader.results import Cell, Execution, Picture

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True, kw_only=True)
class NotebookView:
    """What a check may read of a submission without asking its kernel."""

    node: NotebookNode | None
    master: NotebookNode
    execution: Execution
    questions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def require_text(self) -> None:
        """Raise NotReached where what the student wrote cannot be read; here it always can."""

    @property
    def there(self) -> bool:
        """Whether the notebook could be read at all."""
        return self.node is not None

    def cells(self, question: str) -> list[Cell]:
        """Return the cells that belong to a question, as they were run."""
        return [self.execution.cells[i] for i in self.questions.get(question, ()) if i < len(self.execution.cells)]

    def picture_of(self, figure: Figure, title: str) -> Picture | None:
        """Return the picture a figure was shown as, None where it is not among the outputs of its cell."""
        cell = next((cell for cell in self.execution.cells if cell.index == figure.cell), None)
        outputs = enumerate(cell.outputs) if cell is not None and figure.library == "matplotlib" else ()
        pictures = [number for number, output in outputs if output.mime.startswith("image/")]
        if figure.number >= len(pictures):
            return None
        return Picture(title=title, cell=cell.index, output=pictures[figure.number]) if cell is not None else None

    def why_undefined(self, name: str) -> str:
        """Return what ended the cell that would define a name, as the end of a sentence; empty where unknown."""
        word = re.escape(name)
        definition = re.compile(rf"^\s*(?:def|class)\s+{word}\b|^[^=\n#(]*\b{word}\b[^=\n(]*=(?!=)", re.MULTILINE)
        for cell in reversed(self.execution.cells):
            if cell.error is not None and definition.search(cell.source):
                return f": cell {cell.index + 1} stopped with {cell.error.name}: {cell.error.message[:200].rstrip('.')}"
        return ""

    def statements(self, names: Collection[str]) -> str:
        """Return the submission's statements that make some globals (see `grader.notebook.statements_making`)."""
        return "" if self.node is None else statements_making(names, self.node)

    def attempt(self, name: str) -> Attempt:
        """Tell whether the code defining `name` is missing, as handed out, or written."""
        return Attempt.MISSING if self.node is None else attempt_of(name, self.node, self.master)
