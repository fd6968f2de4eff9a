"""What a running notebook says: in its file, as it was saved, and in the cells that were run.

A name is judged by the cells that were run, since these are what the kernel has. Text, and what cells printed, stand in
the file alone: a check that reads them is told to wait where there is no file, or where it is older than what was run.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.checks import NotebookView
from grader.checks.plugin import NotReached
from grader.errors import GraderError
from grader.kernels.outputs import records
from grader.notebook import Attempt, attempt_of, read_notebook, split_questions, statements_making
from grader.results import Cell, Execution, ExecutionStatus
from grader.selfcheck.live.diary import Diary, Ran

VSCODE, JUPYTER = "__vsc_ipynb_file__", "JPY_SESSION_NAME"
COLAB_S = 10
NO_FILE = (
    "This check reads the text of your notebook, whose file could not be found from here: say where it is with "
    "`%grade --notebook PATH`."
)
NOT_RUN = " here"
_NOT_RUN = re.compile(rf"You wrote (`[^`]+`), but the cell .*{NOT_RUN}\.")


@dataclass(frozen=True, kw_only=True)
class LiveView(NotebookView):
    """A notebook that is being written: `ran` holds the cells that were run, `unread` says why its text cannot be.

    `readers` counts the checks that asked for its text.
    """

    ran: NotebookNode
    unread: str = ""
    readers: Counter[str] = field(default_factory=Counter)

    def require_text(self) -> None:
        """Raise NotReached where the text is not there, or older than what was run."""
        self.readers["text"] += 1
        if self.unread:
            raise NotReached(self.unread)

    def cells(self, question: str) -> list[Cell]:
        """Return the cells of a question as they were saved."""
        self.require_text()
        return super().cells(question)

    def statements(self, names: Collection[str]) -> str:
        """Return the statements that made some globals, from the cells that were run where the file may be older."""
        return statements_making(names, self.ran if self.unread or self.node is None else self.node)

    def attempt(self, name: str) -> Attempt:
        """Tell what became of a name in the cells that were run, else in the file."""
        found = attempt_of(name, self.ran, self.master)
        return super().attempt(name) if found is Attempt.MISSING else found

    def why_undefined(self, name: str) -> str:
        """Mark what is said of a name that is written in the file and not in the kernel (see `not_run`)."""
        return "" if attempt_of(name, self.ran, self.master) is Attempt.WRITTEN else NOT_RUN


def not_run(message: str) -> str:
    """Return what to do where a message says that a name was written and not run; else an empty text."""
    found = _NOT_RUN.fullmatch(message)
    return f"{found[1]} is in your notebook's file, not in this kernel: run the cell that makes it." if found else ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The notebook, where it was found; `why` not, in words for the student."""

    node: NotebookNode | None = None
    path: Path | None = None
    saved_at: float = field(default=float("inf"))
    why: str = NO_FILE


def look(shell: Any, diary: Diary, assignment: Assignment, folder: Path, given: Path | None) -> tuple[LiveView, Found]:
    """Return what checks may read of the running notebook, and where that was found."""
    found = find(shell.user_ns, assignment, folder, given)
    ran = as_notebook(diary.latest())
    node = found.node or ran
    parts = split_questions(node, [question.id for question in assignment.questions])
    view = LiveView(
        node=node,
        master=assignment.master,
        execution=Execution(status=ExecutionStatus.COMPLETED, cells=_cells(node)),
        questions=parts,
        ran=ran,
        unread=found.why or _not_saved(diary.cells(), found),
    )
    return view, found


def find(names: Mapping[str, Any], assignment: Assignment, folder: Path, given: Path | None = None) -> Found:
    """Return the notebook that is open, as its front end or its place tells; in Colab as it is on the screen."""
    if given is None and "google.colab" in sys.modules:
        with contextlib.suppress(Exception):  # a browser that does not answer, another Colab
            message = importlib.import_module("google.colab._message")
            told = message.blocking_request("get_ipynb", timeout_sec=COLAB_S)["ipynb"]
            return Found(node=nbformat.from_dict(told), why="")  # type: ignore[no-untyped-call]
    for path in [given] if given is not None else _places(names, assignment, folder):
        if path.is_file():
            return _read(path, assignment)
    return Found(why=f"There is no notebook {str(given)!r}.") if given is not None else Found()


def as_notebook(cells: list[Ran]) -> NotebookNode:
    """Return cells that were run as a notebook."""
    node: NotebookNode = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    node.cells = [nbformat.v4.new_code_cell(ran.source) for ran in cells]  # type: ignore[no-untyped-call]
    return node


def _places(names: Mapping[str, Any], assignment: Assignment, folder: Path) -> Iterator[Path]:
    """Yield where the file may be: VS Code tells in a name, Jupyter in the environment; else it is as handed out."""
    for told in (names.get(VSCODE), os.environ.get(JUPYTER)):
        if isinstance(told, str) and told.endswith(".ipynb"):
            yield Path(told)
            yield Path.cwd() / Path(told).name
    yield Path.cwd() / assignment.notebook
    yield folder / assignment.notebook


def _read(path: Path, assignment: Assignment) -> Found:
    try:
        saved_at = path.stat().st_mtime
        node: NotebookNode = read_notebook(path, max_bytes=assignment.limits.notebook_bytes).node
    except (GraderError, OSError) as error:
        return Found(path=path, why=f"The notebook's file could not be read: {error} Save it and check again.")
    return Found(node=node, path=path, saved_at=saved_at, why="")


def _not_saved(ran: list[Ran], found: Found) -> str:
    """Say "save first" where a cell was run after the file was saved, and does not stand in it like that."""
    saved = {cell.source.strip() for cell in found.node.cells} if found.node is not None else set()
    newer = [each for each in ran if each.at > found.saved_at and each.source.strip() not in saved]
    if not newer:
        return ""
    name = found.path.name if found.path is not None else "the notebook"
    return (
        f"Save your notebook first, then check again: this check reads text, and {name} was saved before you ran "
        f"In [{newer[-1].number}]."
    )


def _cells(node: NotebookNode) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            index=index,
            kind=cell.cell_type,
            source=cell.source,
            outputs=records(cell.get("outputs", [])) if cell.cell_type == "code" else (),
        )
        for index, cell in enumerate(node.cells)
    )
