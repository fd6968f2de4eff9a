"""Test cells of another tool: where they go in a submission, and what is judged by them.

An assignment that was imported names a file of them, `tests = "tests.json"`. Its test cells are put into the
submission before it is run, so they run inside the student's own kernel, each at its place; afterwards each check is
judged by what its cell showed (`grader.checks.placed`). Such a verdict can be forged by a notebook that sets out to,
and the test can be read by it: results say so.

{"schema_version": 1, "tool": "nbgrader",
 "cells": [{"id": "q1-tests", "source": "assert relu(-1) == 0", "replaces": "q1-tests", "after": ["grade_id:q1"]}],
 "checks": [{"id": "q1-tests", "question": "q1", "title": "q1-tests", "points": 2, "rule": "nbgrader"}]}
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat.v4
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import AssignmentError

MARKED_BY_HAND = ("answer", "person")
ID = r"^[\w .:()\[\]#/+-]{1,120}\Z"


class Entry(BaseModel):
    """Base of what the file holds."""

    # pydantic's own engine takes a tenth of a second to compile `ID`, in every run of every command
    model_config = ConfigDict(frozen=True, extra="forbid", regex_engine="python-re")


class TestCell(Entry):
    """A cell that is put into every submission.

    It takes the place of the student's cell with the `grade_id` it `replaces`; where there is none, it comes after the
    first of its anchors that is there, else at the start or the end. An anchor is `grade_id:NAME` (nbgrader's),
    `cell:ID` (of the notebook format), or `check:NAME` (whatever cell calls `.check("NAME")`, or says in its metadata
    that otter's test NAME comes after it; the last one counts).
    """

    __test__ = False  # pytest takes the name for one of its own

    id: str = Field(pattern=ID)
    kind: Literal["code", "markdown", "raw"] = "code"
    source: str
    shown: str | None = Field(None, description="what students may see of it; None: everything, and what it printed")
    replaces: str = ""
    after: tuple[str, ...] = Field((), description="anchors, the nearest first")
    otherwise: Literal["start", "end"] = "end"
    question: str = Field("", description="the question it stands under")

    @model_validator(mode="after")
    def _anchors_are_known(self) -> TestCell:
        for anchor in self.after:
            if anchor.partition(":")[0] not in FINDERS:
                raise ValueError(f"{anchor!r} is no anchor: it begins with one of {', '.join(FINDERS)}")
        return self

    @property
    def hidden(self) -> bool:
        """Whether students may not see all of it."""
        return self.shown is not None


class TestCheck(Entry):
    """A check that is judged by what a cell showed.

    passes      the cell ended without an error
    nbgrader    nbgrader's rule: an error gives nothing, a number as the last value that many points, else all of them
    answer      a person marks the student's cell with the `grade_id` in `cell`; as handed out, it gives nothing
    person      a person marks it, whatever there is
    """

    __test__ = False

    id: str = Field(pattern=ID)
    question: str = Field(pattern=r"^q[0-9]+\Z")
    title: str
    points: float = Field(ge=0)
    hidden: bool = False
    cell: str = Field("", description="the id of the test cell; for the rule `answer` a grade_id")
    rule: Literal["passes", "nbgrader", "answer", "person"] = "passes"
    together: str = Field("", description="checks with the same word here get their points only all together")
    hint: str = ""
    praise: str = Field("", description="what a student reads when it passes")
    blame: str = Field("", description="what a student reads when it fails; else the error itself")
    note: str = Field("", description="what a student reads about a part that a person marks")
    scheme: str = Field("", description="what that person reads about it")
    unchanged: tuple[str, ...] = Field((), description="the sources of an answer as it was handed out")


class Tests(Entry):
    """The file."""

    __test__ = False

    schema_version: Literal[1] = 1
    tool: str = Field(description="where the tests come from, as people write it")
    cells: tuple[TestCell, ...] = ()
    checks: tuple[TestCheck, ...] = ()
    owners: dict[str, str] = Field({}, description="question by the grade_id of a student's cell")
    ignored_tags: tuple[str, ...] = Field((), description="a student's cell with one of these tags is left out")
    environment: dict[str, str] = Field({}, description="variables of the kernel's environment")
    stderr_fails: bool = Field(default=False, description="nbgrader: a line on stderr gives no points")

    @model_validator(mode="after")
    def _fits_together(self) -> Tests:
        for entries in (self.cells, self.checks):
            ids = [entry.id for entry in entries]
            twice = next((name for name in ids if ids.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{twice!r} is there twice")
        cells = {cell.id: cell for cell in self.cells}
        for check in self.checks:
            if check.rule in MARKED_BY_HAND:
                continue
            if check.cell not in cells:
                raise ValueError(f"the check {check.id!r} is judged by a cell {check.cell!r}, which is not there")
            if check.hidden is not cells[check.cell].hidden:
                raise ValueError(f"the check {check.id!r} and its cell have to be hidden both or neither")
        return self

    def for_students(self) -> Tests:
        """Return what may be given to students: no hidden check, nothing a person marks, of cells what may be seen."""
        public = tuple(check for check in self.checks if not check.hidden)
        cells = tuple(
            cell.model_copy(update={"source": cell.shown, "shown": None}) if cell.shown is not None else cell
            for cell in self.cells
            if cell.shown != ""
        )
        kept = {cell.id for cell in cells}
        judged = tuple(check for check in public if check.rule not in MARKED_BY_HAND and check.cell in kept)
        return self.model_copy(update={"cells": cells, "checks": judged})

    def written(self) -> str:
        """Return the content of the file."""
        plain = {"schema_version": self.schema_version, **self.model_dump(mode="json", exclude_defaults=True)}
        return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def read_tests(path: Path) -> Tests:
    """Return the tests of a file; AssignmentError names file and reason."""
    try:
        return Tests.model_validate_json(path.read_bytes())
    except OSError as error:
        raise AssignmentError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise AssignmentError(f"{path}: `{where}`: {first['msg'].removeprefix('Value error, ')}.") from error


@dataclass(frozen=True, kw_only=True)
class Furnished:
    """A submission with the test cells in it."""

    node: NotebookNode
    placed: Mapping[str, int] = field(default_factory=dict)  # indices of test cells, by their ids
    answers: Mapping[str, int] = field(default_factory=dict)  # indices of the student's own cells, by grade_id


def furnished(node: NotebookNode, tests: Tests) -> Furnished:
    """Return a copy of a submission with the test cells in their places; the submission itself is not changed."""
    node = copy.deepcopy(node)
    node.cells = [cell for cell in node.cells if not _is_left_out(cell, tests.ignored_tags)]
    _name_once(node.cells)
    for cell in node.cells:
        _own_question(cell, tests)
    room = _Room(node.cells)
    for test in tests.cells:
        room.put(test)
    where = {id(cell): index for index, cell in enumerate(node.cells)}
    placed = {name: where[id(cell)] for name, cell in room.placed.items()}
    answers = {name: index for index, cell in enumerate(node.cells) if (name := grade_id(cell))}
    return Furnished(node=node, placed=placed, answers=answers)


def grade_id(cell: NotebookNode) -> str:
    """Return the name nbgrader knows a cell by, "" for none."""
    own = cell.metadata.get("nbgrader")
    name = own.get("grade_id") if isinstance(own, dict) else None
    return name if isinstance(name, str) else ""


def is_hidden(cell: NotebookNode) -> bool:
    """Tell whether a cell of a furnished submission is a test that its student may not read."""
    own = cell.metadata.get("grader")
    return isinstance(own, dict) and own.get("hidden") is True


def _is_left_out(cell: NotebookNode, ignored_tags: Iterable[str]) -> bool:
    """Tell whether a student's cell has one of the tags; otter writes its own as `ignore` in its metadata, too."""
    tags, own = cell.metadata.get("tags"), cell.metadata.get("otter")
    found = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    if isinstance(own, dict) and own.get("ignore"):
        found.append("otter_ignore")
    return not set(found).isdisjoint(ignored_tags)


def _name_once(cells: Iterable[NotebookNode]) -> None:
    """Let only the last of several cells with one grade_id keep it, as nbgrader does."""
    seen: set[str] = set()
    for cell in reversed(list(cells)):
        name = grade_id(cell)
        if name in seen:
            del cell.metadata["nbgrader"]
        elif name:
            seen.add(name)


def _own_question(cell: NotebookNode, tests: Tests) -> None:
    """Have a cell under the question it was imported into: the number in its grade_id may mean another one."""
    question = tests.owners.get(grade_id(cell))
    if question:
        cell.metadata["grader"] = {"question": question}


class _Room:
    """The cells of a submission while test cells are put among them."""

    def __init__(self, cells: list[NotebookNode]) -> None:
        self._cells = cells
        self._ids = {cell.get("id") for cell in cells}
        self._last: dict[int | str, NotebookNode] = {}  # what was put last after a cell, or to the start
        self._replaced: list[NotebookNode] = []  # kept, so that no other cell gets their identity
        self.placed: dict[str, NotebookNode] = {}

    def put(self, test: TestCell) -> None:
        """Put a test cell where it belongs."""
        new = self._made(test)
        self.placed[test.id] = new
        old = self._find(f"grade_id:{test.replaces}") if test.replaces else None
        if old is not None:
            self._cells[self._index(old)] = new
            self._replaced.append(old)
            return
        anchor = next((cell for name in test.after if (cell := self._find(name)) is not None), None)
        if anchor is not None:
            self._insert_after(id(anchor), anchor, new)
        elif test.otherwise == "start":
            self._insert_after("start", None, new)
        else:
            self._cells.append(new)

    def _insert_after(self, key: int | str, anchor: NotebookNode | None, new: NotebookNode) -> None:
        before = self._last.get(key, anchor)
        self._cells.insert(0 if before is None else self._index(before) + 1, new)
        self._last[key] = new

    def _index(self, cell: NotebookNode) -> int:
        return next(index for index, each in enumerate(self._cells) if each is cell)

    def _find(self, anchor: str) -> NotebookNode | None:
        kind, _, name = anchor.partition(":")
        return next((cell for cell in reversed(self._cells) if FINDERS[kind](cell, name)), None)

    def _made(self, test: TestCell) -> NotebookNode:
        make: Any = getattr(nbformat.v4, f"new_{test.kind}_cell")
        new: NotebookNode = make(test.source)
        new["id"] = self._free_id(len(self.placed))
        about = {"question": test.question or None, "hidden": test.hidden or None}
        new.metadata["grader"] = {name: value for name, value in about.items() if value is not None}
        if test.replaces:
            new.metadata["nbgrader"] = {"grade_id": test.replaces}
        return new

    def _free_id(self, number: int) -> str:
        name = f"test-{number}"
        while name in self._ids:
            name += "x"
        self._ids.add(name)
        return name


def _is_checked(cell: NotebookNode, name: str) -> bool:
    own = cell.metadata.get("otter")
    tests = own.get("tests") if isinstance(own, dict) else None
    if isinstance(tests, list) and name in tests:
        return True
    call = rf"^[^#\n]*\.check\(\s*(?:question\s*=\s*)?([\"']){re.escape(name)}\1"
    return cell.cell_type == "code" and re.search(call, cell.source, re.MULTILINE) is not None


FINDERS = {
    "grade_id": lambda cell, name: grade_id(cell) == name,
    "cell": lambda cell, name: cell.get("id") == name,
    "check": _is_checked,
}
