"""A cell as nbgrader sees it, whatever version its metadata are, and what of its source is for whom.

Version 0 said only what was true, and left points out; 1 has `grade`, `solution`, `locked` in every cell, 2 adds the
cell's type and 3 task cells. Each means what nbgrader's own upgrade makes of it.
"""

from __future__ import annotations

import enum
import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nbformat import NotebookNode

from grader.importing.nbgrader_config import Words

NEWEST = 3
GRADE_ID = re.compile(r"[a-zA-Z0-9_-]+")
AUTOTEST = re.compile(r"^[^\S\n]*###\s*(?:HASHED\s+)?AUTOTEST\b", re.MULTILINE)


class BadCell(Exception):
    """A cell is not as nbgrader wants it; the message says why and what to do."""


class Role(enum.Enum):
    """What a cell is for."""

    TESTS = "tests"  # grade, not solution: judged by what it shows
    ANSWER = "answer"  # grade and solution: a person marks it
    SOLUTION = "solution"  # the student writes it, tests below judge it
    TASK = "task"  # a person marks what the student writes below it
    READ_ONLY = "read-only"


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A cell with a name of nbgrader's."""

    grade_id: str
    kind: str
    source: str
    role: Role
    points: float = 0.0
    checksum: str = ""

    @property
    def graded(self) -> bool:
        """Whether it carries points."""
        return self.role in (Role.TESTS, Role.ANSWER, Role.TASK)

    @property
    def metadata(self) -> dict[str, Any]:
        """What nbgrader itself says about the cell in a notebook that it releases."""
        grade, solution = self.role in (Role.TESTS, Role.ANSWER), self.role in (Role.ANSWER, Role.SOLUTION)
        about: dict[str, Any] = {
            "schema_version": NEWEST,
            "grade": grade,
            "solution": solution,
            "locked": not solution,
            "task": self.role is Role.TASK,
            "grade_id": self.grade_id,
            "cell_type": self.kind,
            "checksum": checksum(self),
        }
        return about | ({"points": self.points} if self.graded else {})


def checksum(cell: Marked) -> str:
    """Return nbgrader's MD5 of a cell, by which it sees that one was not changed."""
    grade, solution = cell.role in (Role.TESTS, Role.ANSWER), cell.role in (Role.ANSWER, Role.SOLUTION)
    parts = [cell.source, cell.kind, str(grade), str(solution), str(not solution), cell.grade_id]
    points = str(float(cell.points)) if grade else ""
    return hashlib.md5("".join([*parts, points]).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def marked(cell: NotebookNode) -> Marked | None:
    """Return a cell as nbgrader sees it, None where it is none of its cells; BadCell says what is wrong with it."""
    about = cell.metadata.get("nbgrader")
    if not isinstance(about, Mapping):
        return None
    version = about.get("schema_version", 0)
    if not isinstance(version, int) or not 0 <= version <= NEWEST:
        raise BadCell(f"its metadata are of version {version!r}; versions up to {NEWEST} can be read")
    role = _role(about, version)
    if role is None:
        return None
    name = about.get("grade_id")
    if not isinstance(name, str) or not name:
        raise BadCell('it has no grade_id. Give it one in nbgrader\'s "Create Assignment"')
    if not GRADE_ID.fullmatch(name):
        raise BadCell(f"its grade_id {name!r} has other characters than letters, digits, - and _")
    _require_kind(cell.cell_type, role, name)
    given = about.get("checksum")
    return Marked(
        grade_id=name,
        kind=cell.cell_type,
        source=cell.source,
        role=role,
        points=_points(about, version, name) if role in (Role.TESTS, Role.ANSWER, Role.TASK) else 0.0,
        checksum=given if isinstance(given, str) else "",
    )


def _role(about: Mapping[str, Any], version: int) -> Role | None:
    grade, solution, locked = (about.get(name) is True for name in ("grade", "solution", "locked"))
    if version == NEWEST and about.get("task") is True:
        return Role.TASK
    if grade:
        return Role.ANSWER if solution else Role.TESTS
    if solution:
        return Role.SOLUTION
    return Role.READ_ONLY if locked else None


def _require_kind(kind: str, role: Role, name: str) -> None:
    """Raise BadCell for a kind of cell that nbgrader refuses in this role."""
    if kind == "markdown" and role is Role.TESTS:
        raise BadCell(f"the text cell {name!r} has points and is no solution: make it manually graded, or a code cell")
    if kind == "markdown" and role is Role.SOLUTION:
        raise BadCell(f"the text cell {name!r} is a solution without points: make it manually graded")
    if kind != "markdown" and role is Role.TASK:
        raise BadCell(f"the task {name!r} is no text cell: tasks are Markdown")


def _points(about: Mapping[str, Any], version: int, name: str) -> float:
    """Return the points of a cell; before version 1, none and less than none both meant 0."""
    given = about.get("points", 0 if version == 0 else None)
    if given is None:
        raise BadCell(f'{name!r} has no points. Give it some in nbgrader\'s "Create Assignment"')
    try:
        points = float(given or 0) if version == 0 or not isinstance(given, str | bool) else math.nan
    except (TypeError, ValueError):
        points = math.nan
    if version == 0 and points < 0:
        return 0.0
    if not 0 <= points < math.inf:
        raise BadCell(f"the points of {name!r} are {given!r}: a number from 0 on is meant")
    return points


# --- what of a source is for whom -----------------------------------------------------------------------------


def is_autotest(cell: Marked) -> bool:
    """Tell whether nbgrader would write the tests of a cell itself, by running the solution."""
    return cell.role is Role.TESTS and AUTOTEST.search(cell.source) is not None


def unsolved(cell: NotebookNode, found: Marked | None, words: Words) -> str:
    """Return a cell's source without its solution, hidden tests still in it."""
    stub = words.code_stub if cell.cell_type == "code" else words.text_stub
    source, regions = _cut(cell.source, words.begin_solution, words.end_solution, stub.split("\n"))
    is_solution = found is not None and found.role in (Role.SOLUTION, Role.ANSWER)
    if regions and not is_solution:
        raise BadCell("a solution region is in a cell that is no solution, so students would see it. Mark the cell")
    return stub if is_solution and not regions else source


def released(cell: NotebookNode, found: Marked | None, words: Words) -> str:
    """Return a cell's source as students get it: without solution, hidden tests and mark scheme."""
    source, hidden = _cut(unsolved(cell, found, words), words.begin_hidden, words.end_hidden)
    if hidden and (found is None or found.role not in (Role.TESTS, Role.ANSWER)):
        raise BadCell("hidden tests are in a cell without points. Make it a cell of autograder tests")
    source, scheme = _cut(source, words.begin_scheme, words.end_scheme)
    if scheme and (found is None or found.role is not Role.TASK):
        raise BadCell("a mark scheme is in a cell that is no task. Make it a manually graded task")
    return source


def scheme(cell: NotebookNode, words: Words) -> str:
    """Return what a cell's author wrote for those who mark it: the mark scheme, else the solution."""
    found = _inside(cell.source, words.begin_scheme, words.end_scheme)
    return found or _inside(cell.source, words.begin_solution, words.end_solution)


def with_source(cell: Marked, source: str) -> Marked:
    """Return the same cell with another source."""
    return replace(cell, source=source)


def _cut(source: str, begin: str, end: str, instead: list[str] | None = None) -> tuple[str, int]:
    """Return a source with other lines, indented as it was, in the place of every region, and how many there were."""
    kept: list[str] = []
    n_regions, inside = 0, False
    for line in source.split("\n"):
        if begin in line:
            if inside:
                raise BadCell(f"one {begin!r} is inside another")
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + each for each in instead or ()]
            n_regions, inside = n_regions + 1, True
        elif end in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise BadCell(f"a {begin!r} has no {end!r} below it")
    return "\n".join(kept), n_regions


def _inside(source: str, begin: str, end: str) -> str:
    found: list[str] = []
    inside = False
    for line in source.split("\n"):
        inside = begin in line or (inside and end not in line)
        if inside and begin not in line:
            found.append(line)
    return "\n".join(found).strip("\n")
