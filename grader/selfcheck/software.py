"""Whether this Python has what a bundle needs, before anything is imported that lacks it."""

from __future__ import annotations

import ast
import sys

from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.bundle import Bundle
from grader.errors import UsageError
from grader.extras import EXTRAS, NAMES, installed
from grader.notebook.pieces import pieces

CORE = {"numpy": "NumPy", "ipykernel": "the IPython kernel", "nbclient": "nbclient", "pytest": "pytest"}


def require_software(bundle: Bundle, assignment: Assignment) -> None:
    """Raise UsageError with the line to type when this Python lacks something.

    Of what the extras bring that is what the notebook imports; and TensorFlow, on which Keras runs.
    """
    needed = imported_modules(assignment.master)
    needed |= {"tensorflow"} if "keras" in needed else set()
    brought = {module for extra in bundle.extras for module in EXTRAS.get(extra, ())}
    wanted = CORE | {module: NAMES.get(module, module) for module in sorted(needed & brought)}
    missing = [said for module, said in wanted.items() if not installed(module)]
    if missing:
        raise UsageError(
            f"This Python ({sys.executable}) has no {' and no '.join(missing)}, which {bundle.title!r} needs. "
            f"Type: {sys.executable} -m {bundle.install}"
        )


def imported_modules(node: NotebookNode) -> set[str]:
    """Return what the code of a notebook imports, at the top of each name: tensorflow for tensorflow.keras."""
    code = [piece for cell in node.cells if cell.cell_type == "code" for piece in pieces(cell.source)]
    nodes = [each for piece in code if piece.tree is not None for each in ast.walk(piece.tree)]
    names = [alias.name for each in nodes if isinstance(each, ast.Import) for alias in each.names]
    names += [each.module or "" for each in nodes if isinstance(each, ast.ImportFrom) and not each.level]
    return {name.partition(".")[0] for name in names}
