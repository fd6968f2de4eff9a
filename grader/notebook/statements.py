"""The statements that made some globals, so that they can be run again for fresh random values."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from nbformat import NotebookNode

from grader.notebook.attempts import changed_by, names_of, names_set_by_functions, top_level
from grader.notebook.pieces import pieces

_LEARNS = ("train", "fit", "feed", "update", "backprop", "epoch", "accuracy", "predict", "test")


def statements_making(names: Collection[str], node: NotebookNode) -> str:
    """Return the top-level statements, in order, that bind or fill one of `names` without training it.

    Training is what calls a function named like one that trains, or takes something away in a loop. Functions stay as
    the notebook defined them. Empty when there are no such statements.
    """
    wanted = set(names)
    makers = {name for name, made in names_set_by_functions(node).items() if made & wanted}
    found = [
        ast.unparse(statement)
        for cell in node.cells
        if cell.cell_type == "code"
        for piece in pieces(cell.source)
        if piece.tree is not None
        for statement in piece.tree.body
        if _makes(statement, wanted, makers) and (_is_fresh(statement, wanted) or not _learns(statement))
    ]
    return "\n".join(found)


def _makes(statement: ast.stmt, wanted: set[str], makers: set[str]) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    touched = {name for inner in top_level([statement]) for name in (*names_of(inner), *changed_by(inner))}
    return bool(touched & wanted) or bool(makers & set(_called(statement)))


def _is_fresh(statement: ast.stmt, wanted: set[str]) -> bool:
    """Say whether a statement gives wanted names a value that does not depend on one they had."""
    bound = {name for inner in top_level([statement]) for name in names_of(inner)}
    read = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return bool(bound & wanted) and not read & wanted


def _learns(statement: ast.stmt) -> bool:
    if any(word in name.lower() for name in _called(statement) for word in _LEARNS):
        return True
    loops = isinstance(statement, ast.For | ast.While)
    return loops and any(isinstance(n, ast.AugAssign) and isinstance(n.op, ast.Sub) for n in ast.walk(statement))


def _called(statement: ast.stmt) -> Iterator[str]:
    for inner in ast.walk(statement):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
            yield inner.func.id
