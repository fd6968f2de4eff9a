"""The questions a person marks, as an author's source for `otter assign` names them.

    # BEGIN QUESTION
    name: q3
    points: 4
    manual: true

Only these few lines are read; what `otter assign` wrote says nothing of them any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from grader.errors import AssignmentError

FENCE = re.compile(r"^```otter[ \t]*\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)  # a raw cell within a text cell
BEGIN = re.compile(r"\s*#\s+begin\s+question\b[^\n]*\n", re.IGNORECASE)
LINE = re.compile(r"(\w+)\s*:\s*(.*?)\s*(?:\s#.*)?")
YES = {"true", "yes", "on"}


@dataclass(frozen=True, kw_only=True)
class Manual:
    """A question that a person marks."""

    name: str
    points: float


def manual_questions(node: NotebookNode, path: Path) -> tuple[Manual, ...]:
    """Return the manual questions of an author's notebook, in order; AssignmentError for points that are none."""
    return tuple(_manual(about, path) for about in _questions(node.cells) if about.get("manual", "").lower() in YES)


def _questions(cells: Sequence[NotebookNode]) -> Iterator[dict[str, str]]:
    for cell in cells:
        for text in _blocks(cell):
            begin = BEGIN.match(text)
            if begin is not None:
                found = [LINE.fullmatch(line) for line in text[begin.end() :].split("\n")]
                yield {match[1]: match[2].strip("'\"") for match in found if match is not None}


def _blocks(cell: NotebookNode) -> list[str]:
    if cell.cell_type == "markdown":
        return FENCE.findall(cell.source)
    return [cell.source] if cell.cell_type == "raw" else []


def _manual(about: dict[str, str], path: Path) -> Manual:
    name, points = about.get("name", ""), about.get("points", "") or "1"
    try:
        return Manual(name=name, points=float(points))
    except ValueError as error:
        raise AssignmentError(f"{path}: question {name}: `points: {points}` is no number.") from error
