"""The questions of an nbgrader notebook: it has graded cells only, and headings above some of them.

A question begins with a heading, or with a cell that students fill in, once the one before has a graded cell. So a
function and the tests below it are one question, named after its heading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from grader.importing.imported import heading, titled
from grader.importing.nbgrader_cells import Marked, Role

FILLED_IN = (Role.SOLUTION, Role.ANSWER, Role.TASK)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A stretch of cells; `first` is the index of its first one."""

    first: int
    title: str = ""
    points: float = 0.0
    n_graded: int = 0


def parts(cells: Sequence[NotebookNode], marks: Mapping[int, Marked]) -> list[Part]:
    """Return the stretches that are questions, each worth points; none where nothing is."""
    found = [Part(first=0)]
    above = ""  # the heading last seen
    for index, cell in enumerate(cells):
        mark, part = marks.get(index), found[-1]
        name = heading(cell.source) if cell.cell_type == "markdown" and _is_text(mark) else ""
        above = name or above
        begins = bool(name) or (mark is not None and mark.role in FILLED_IN)
        if begins and part.n_graded:
            title = name or (f"{above}: {mark.grade_id}" if above and mark is not None else "")
            found.append(Part(first=index, title=title))
        elif name:
            found[-1] = replace(part, title=part.title if part.n_graded else name)
        if mark is not None and mark.graded:
            part = found[-1]
            title = part.title or mark.grade_id
            found[-1] = replace(part, title=title, points=part.points + mark.points, n_graded=part.n_graded + 1)
    worth = _merged(found)
    return [replace(part, title=titled(part.title, f"Question {number}")) for number, part in enumerate(worth, 1)]


def _is_text(mark: Marked | None) -> bool:
    return mark is None or mark.role in (Role.READ_ONLY, Role.TASK)


def _merged(found: Sequence[Part]) -> list[Part]:
    """Return the stretches worth points; what is worth nothing belongs to the one before, or else after it."""
    worth: list[Part] = []
    for part in found:
        if part.points > 0:
            worth.append(part if worth else replace(part, first=0))
    return worth
