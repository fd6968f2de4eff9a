"""The notebook as it is handed out: without the solutions that its author keeps in regions of it.

    def double(x):
        # BEGIN SOLUTION
        return 2 * x
        # END SOLUTION

becomes a function whose body is `...  # your code`; in a text cell *Your answer here.* stands in the region's place.
nbgrader's `### BEGIN SOLUTION` is read too, and of its hidden tests and mark schemes nothing is left. A line that looks
like a mark and is none is the author's error: the solution below it would be handed out.

Pictures that are attached to a cell stay where a text that stays shows them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from html import unescape
from urllib.parse import unquote

from nbformat import NotebookNode

from grader.errors import AssignmentError
from grader.notebook.magics import without_magics
from grader.notebook.pieces import parse

SOLUTION = "SOLUTION"
CODE_STUB, TEXT_STUB = "...  # your code", "*Your answer here.*"
_KINDS = rf"(?P<edge>BEGIN|END)[\s_]+(?P<kind>{SOLUTION}S?|HIDDEN[\s_]+TESTS?|MARK[\s_]+SCHEMES?)"
_MARK = re.compile(rf"\s*(?:[#=]+|<!--+)\s*{_KINDS}\b.*", re.IGNORECASE)
_BEHIND_CODE = re.compile(rf".*\S.*#\s*{_KINDS}\b", re.IGNORECASE)
_WORDS = r"(?:BEGIN|END)[\W_]*(?:SOLUTION|HIDDEN[\W_]*TEST|MARK[\W_]*SCHEME)S?"
_LIKE_A_MARK = re.compile(
    rf"(?<![A-Za-z]){_WORDS}(?![A-Za-z])"  # in capitals, or alone, or first in a comment
    rf"|(?i:^[\W_]*{_WORDS}[\W_]*$|^(?=[\W_]*(?:[#=%]|//|<!--))[\W_]*{_WORDS}(?![A-Za-z]))"
)

_EDGE = r"(?:BEGIN|START|END)"
_ALONE = re.compile(rf"\s*[#%<][\W_]*(?:{_EDGE}[\W_]+([A-Z]+)|([A-Z]+)[\W_]+{_EDGE})[\W_]*", re.IGNORECASE)
_NEARLY = ("SOLUTION", "SOLUTIONS", "ANSWER", "ANSWERS")


@dataclass(frozen=True, kw_only=True)
class _Region:
    """The lines from one mark to the other, both included; `kind` is what the marks call it."""

    kind: str
    first: int
    last: int


@dataclass(kw_only=True)
class _Open:
    """A region whose end has not come yet."""

    kind: str
    first: int
    found: list[_Region] = field(default_factory=list)


def without_solutions(node: NotebookNode, name: str) -> NotebookNode:
    """Return a notebook with a stub in the place of every solution; a cell with regions loses its outputs.

    AssignmentError names the notebook as `name`, with cell and line, where a region is nested or not closed, where a
    line is nearly a mark, or where a cell is no Python any more without its solution.
    """
    bare = copy.deepcopy(node)
    for number, cell in enumerate(bare.cells, 1):
        lines = cell.source.split("\n")
        regions = _regions(lines, f"{name}: cell {number}", code=cell.cell_type == "code")
        if regions:
            cell.source = "\n".join(_outside(lines, regions, code=cell.cell_type == "code"))
        if regions and cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            _require_python(lines, cell.source, f"{name}: cell {number}, line {regions[0].first + 1}")
        if "attachments" in cell:  # what no text shows is left from a solution, here or in a cell it was copied from
            cell.attachments = {key: value for key, value in cell.attachments.items() if _shows(cell.source, key)}
    return bare


def _shows(text: str, key: str) -> bool:
    """Tell whether a text shows what is attached under a key."""
    spellings = (text, unquote(text), unescape(text), unquote(unescape(text)))
    return any(f"attachment:{key}" in spelling for spelling in spellings)


def has_solutions(node: NotebookNode) -> bool:
    """Tell whether an author keeps solutions in a notebook."""
    return any(
        match["kind"].upper().startswith(SOLUTION)
        for cell in node.cells
        for line in cell.source.split("\n")
        if (match := _MARK.fullmatch(line))
    )


def solution_lines(node: NotebookNode, name: str) -> list[str]:
    """Return the lines of all regions of a notebook, their marks left out: nobody but its author is to see them."""
    found: list[str] = []
    for number, cell in enumerate(node.cells, 1):
        lines = cell.source.split("\n")
        for region in _regions(lines, f"{name}: cell {number}", code=cell.cell_type == "code"):
            found += lines[region.first + 1 : region.last]
    return found


def _regions(lines: list[str], place: str, *, code: bool) -> list[_Region]:
    """Return the regions of a cell in order."""
    found: list[_Region] = []
    begun: _Open | None = None
    for number, line in enumerate(lines):
        match = _MARK.fullmatch(line)
        here = f"{place}, line {number + 1}"
        if match is None:
            _require_plain(line, here, code=code)
            continue
        kind = re.sub(r"[\s_]+", " ", match["kind"].upper()).removesuffix("S")
        if match["edge"].upper() == "BEGIN":
            if begun is not None:
                raise AssignmentError(f"{here}: BEGIN {kind} stands inside the region of line {begun.first + 1}.")
            begun = _Open(kind=kind, first=number)
            continue
        if begun is None or begun.kind != kind:
            raise AssignmentError(f"{here}: END {kind} closes nothing: there is no BEGIN {kind} before it.")
        found.append(_Region(kind=kind, first=begun.first, last=number))
        begun = None
    if begun is not None:
        raise AssignmentError(f"{place}, line {begun.first + 1}: BEGIN {begun.kind} has no END {begun.kind} below it.")
    return found


def _require_plain(line: str, here: str, *, code: bool) -> None:
    """Raise AssignmentError for a line that is no mark where it looks like one."""
    if code and _BEHIND_CODE.fullmatch(line):
        raise AssignmentError(f"{here}: a mark of a region needs a line of its own, without code before it.")
    if _LIKE_A_MARK.search(line) or _is_misspelt(line):
        raise AssignmentError(
            f"{here}: {line.strip()!r} looks like a mark of a region and is none, so a solution could be handed out. "
            "Write it like this, alone on its line: ### BEGIN SOLUTION. If it is none, use other words."
        )


def _is_misspelt(line: str) -> bool:
    """Tell whether a comment says no more than that something begins or ends which is nearly a solution."""
    alone = _ALONE.fullmatch(line)
    words = [word.upper() for word in alone.groups() if word] if alone is not None else []
    return any(get_close_matches(word, _NEARLY, n=1, cutoff=0.75) for word in words)


def _outside(lines: list[str], regions: list[_Region], *, code: bool) -> Iterator[str]:
    """Yield the lines outside regions, and a stub for every solution."""
    at = 0
    for region in regions:
        yield from lines[at : region.first]
        if region.kind == SOLUTION:
            yield _indent(lines, region) + CODE_STUB if code else TEXT_STUB
        at = region.last + 1
    yield from lines[at:]


def _indent(lines: list[str], region: _Region) -> str:
    """Return the blanks before a region's first line of code: where its mark stands tells Python nothing."""
    inside = (line for line in lines[region.first + 1 : region.last] if line.strip())
    line = next(inside, lines[region.first])
    return line[: len(line) - len(line.lstrip())]


def _require_python(before: list[str], after: str, place: str) -> None:
    was, is_now = (parse(without_magics(text)) for text in ("\n".join(before), after))
    if isinstance(is_now, str) and not isinstance(was, str):
        raise AssignmentError(f"{place}: without its solution the cell is no Python any more: {is_now}")
