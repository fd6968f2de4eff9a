"""What students see first: the notebook to fill in, and a page that says how to check oneself."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.bundle import Bundle
from grader.errors import AssignmentError
from grader.extras import extras_of
from grader.notebook import split_questions
from grader.notebook.magics import without_magics
from grader.notebook.pieces import parse
from grader.selfcheck.software import imported_modules

KEPT = ("kernelspec", "language_info")
STUBS = ("YOUR ANSWER HERE", "Your answer here", "")  # of a text cell, without its stars and dots
OPEN = re.compile(  # a comment that asks for code where there is none, neither before nor behind it
    r"(?:=|=\s*None|^\s*pass)[ \t]*#+\s*YOUR CODE HERE"
    r"|#+\s*YOUR CODE HERE.*(?:\n\s*#.*)*\s*(?:\Z|pass\b|raise NotImplemented|\.\.\.|[\w.]+\s*=\s*None\b)",
    re.MULTILINE,
)
SHORT = 12  # digits of a release's digest: enough to tell two releases apart

README = """\
# {title}

In this folder are your homework, `{notebook}`, and what checks it while you work. Leave the folder `selfcheck`
as it is. The checks are run on your machine, and nothing leaves it.

## Install, once

You need Python 3.11 or newer. In a terminal:

    {install}

## Check yourself

Open a terminal in this folder, and save your notebook first.

    grade {typed}

says of every question what is right and what is not yet, and why. With

    grade watch {typed}

it does so whenever you save.

In the notebook itself, put this into a cell of its own:

    %load_ext grader

From then on

    %grade {question}

checks question {question} with what you have run so far, and `%grade` checks all of it.

## Hand in

    grade submit-check {typed}

runs your notebook from the top, and says whether it is ready to be handed in. Then hand in `{notebook}`.

## What this check can tell

{points}

The rest is looked at when your homework is graded.{notes}
"""


def handed_out(assignment: Assignment, release: str) -> bytes:
    """Return the file of the notebook as it is handed out: no solutions, no outputs, its questions in its metadata."""
    _require_cleared(assignment)
    node = copy.deepcopy(assignment.master)
    before = [bool(cell.source.strip()) for cell in assignment.solved.cells]
    parts = split_questions(node, [question.id for question in assignment.questions])
    for question, cells in parts.items():
        for index in cells:
            _clear(node.cells[index], question)
    node.cells = [cell for cell, was in zip(node.cells, before, strict=True) if cell.source.strip() or not was]
    about = {name: node.metadata[name] for name in KEPT if name in node.metadata}
    node.metadata = {**about, "grader": {"assignment": assignment.name, "release": release}}
    return written(node).encode()


def written(node: NotebookNode) -> str:
    """Return a notebook as the text of its file."""
    return f"{nbformat.writes(node)}\n"  # type: ignore[no-untyped-call]


def _require_cleared(assignment: Assignment) -> None:
    """Raise AssignmentError for a cell that nbgrader would empty as a whole: nothing in it says where it begins."""
    for number, cell in enumerate(assignment.solved.cells, 1):
        theirs = cell.metadata.get("nbgrader", {})
        if not isinstance(theirs, dict) or not theirs.get("solution") or theirs.get("task"):
            continue
        bare = assignment.master.cells[number - 1].source
        if bare == cell.source and not _is_open(cell) and bare.strip():
            raise AssignmentError(
                f"{assignment.folder / assignment.notebook}: cell {number} is a solution of nbgrader's without a "
                "region. Put ### BEGIN SOLUTION and ### END SOLUTION around what students are not to see."
            )


def _is_open(cell: NotebookNode) -> bool:
    """Tell whether a cell has a place for its student to write: a stub in code, or a text that is nothing else."""
    if cell.cell_type != "code":
        return cell.source.strip(" \n*_.") in STUBS
    tree = parse(without_magics(cell.source))
    if isinstance(tree, str):
        return "YOUR CODE HERE" in cell.source
    return bool(OPEN.search(cell.source)) or any(map(_is_dots, ast.walk(tree)))


def _is_dots(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.Return(value=value):
            return isinstance(value, ast.Constant) and value.value is ...
    return False


def _clear(cell: NotebookNode, question: str) -> None:
    cell.metadata = {"grader": {"question": question}} if question else {}
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None


def text_of(assignment: Assignment) -> str:
    """Return all that the notebook says as it is handed out."""
    return "\n\n".join(cell.source for cell in assignment.master.cells)


def extras_for(assignment: Assignment) -> tuple[str, ...]:
    """Return the extras of the package that its notebook needs as it is handed out, by what it imports."""
    return extras_of(imported_modules(assignment.master))


def readme(bundle: Bundle, titles: dict[str, str], wheel: str | None) -> str:
    """Return the page for students; `wheel` is the name of the package's file where it lies beside it."""
    extras = f"[{','.join(bundle.extras)}]" if bundle.extras else ""
    return README.format(
        title=bundle.title,
        notebook=bundle.notebook,
        typed=f'"{bundle.notebook}"' if " " in bundle.notebook else bundle.notebook,
        install=bundle.install if wheel is None else f'pip install "./{wheel}{extras}"',
        question=next(iter(bundle.points)),
        points=_table(bundle, titles),
        notes=_as_list(bundle.notes),
    )


def _table(bundle: Bundle, titles: dict[str, str]) -> str:
    rows = [
        f"| {name} {titles[name]} | {points.public:g} | {points.total:g} |" for name, points in bundle.points.items()
    ]
    return "\n".join(["| question | points you can check | all points |", "| --- | --- | --- |", *rows])


def _as_list(notes: Sequence[str]) -> str:
    return "".join(f"\n\n{note}" for note in notes)
