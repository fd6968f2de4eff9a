"""An author's source for `otter assign`: one notebook with questions, solutions and tests in blocks between raw cells.

# BEGIN QUESTION      name, points, manual, all_or_nothing, check_cell
# BEGIN SOLUTION      what is the author's: students get stubs
# BEGIN PROMPT        what students get in its place
# BEGIN TESTS         a cell for each case, with the output it must have, or a function
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import nbformat.v4
from nbformat import NotebookNode

from grader.errors import AssignmentError
from grader.importing.otter_cases import test_of
from grader.importing.otter_manual import FENCE, Manual
from grader.importing.otter_stubs import without_ignored, without_solution
from grader.importing.otter_tests import Test
from grader.importing.otter_yaml import NotUnderstood, read_yaml

BLOCKS = ("question", "prompt", "solution", "tests")
EDGE = re.compile(rf"#\s+(?P<edge>begin|end)\s+(?P<block>{'|'.join(BLOCKS)})\s*", re.IGNORECASE)
CONFIG = re.compile(r"#\s+assignment\s+config\s*", re.IGNORECASE)
IGNORED = re.compile(r"(?:##\s*ignore\s*##|#\s*ignore)\s*(?:\n|$)", re.IGNORECASE)
ANSWER = "_Type your answer here, replacing this text._"
FIRST = '# Initialize Otter\nimport otter\ngrader = otter.Notebook("{name}")'


@dataclass(kw_only=True)
class Question:
    """A question that is being read."""

    about: Mapping[str, Any]
    cases: list[NotebookNode] = field(default_factory=list)
    prompted: bool = False  # students have something to begin with
    answered_at: int = 0  # where its solution begins
    in_words: bool = False  # and whether there is text in it

    @property
    def name(self) -> str:
        """What tests and calls call it."""
        return str(self.about["name"])

    @property
    def manual(self) -> bool:
        """Whether a person marks it."""
        return bool(self.about.get("manual"))


@dataclass(kw_only=True)
class Written:
    """What an author's source comes to."""

    config: dict[str, Any] = field(default_factory=dict)
    cells: list[NotebookNode] = field(default_factory=list)
    tests: dict[str, Test] = field(default_factory=dict)
    manual: list[Manual] = field(default_factory=list)


def is_source(node: NotebookNode) -> bool:
    """Tell whether a notebook is an author's source that `otter assign` has not seen."""
    return any(
        CONFIG.match(cell.source) or EDGE.match(cell.source)
        for cell in _unfenced(node.cells)
        if cell.cell_type == "raw"
    )


def read_assign(node: NotebookNode, place: str, name: str) -> Written:
    """Read an author's source; AssignmentError names `place`, cell and reason. `name` is the file students get."""
    reader = _Reader(place)
    for number, cell in enumerate(_unfenced(node.cells), start=1):
        reader.read(copy.deepcopy(cell), number)
    if reader.open:
        reader.stop(f"# BEGIN {reader.open[-1].upper()} has no end")
    reader.written.cells.insert(0, nbformat.v4.new_code_cell(FIRST.format(name=name)))  # type: ignore[no-untyped-call]
    return reader.written


class _Reader:
    """Reads cell by cell; `open` are the blocks we are in."""

    def __init__(self, place: str) -> None:
        self.written = Written()
        self.open: list[str] = []
        self._file, self._number = place, 0
        self._question: Question | None = None

    @property
    def place(self) -> str:
        """Where we are."""
        return f"{self._file}, cell {self._number}"

    def stop(self, why: str) -> NoReturn:
        """Raise AssignmentError with the place."""
        raise AssignmentError(f"{self.place}: {why}.")

    def read(self, cell: NotebookNode, number: int) -> None:
        """Read the next cell."""
        self._number = number
        edge = EDGE.match(cell.source) if cell.cell_type == "raw" else None
        if IGNORED.match(cell.source):
            return
        if cell.cell_type == "raw" and CONFIG.match(cell.source):
            self.written.config |= self._yaml(cell.source)
        elif edge is None:
            self._keep(cell)
        elif edge["edge"].lower() == "begin":
            self._begin(edge["block"].lower(), cell.source)
        else:
            self._end(edge["block"].lower())

    def _begin(self, block: str, source: str) -> None:
        if (block == "question") == bool(self.open) or len(self.open) > 1:
            self.stop(f"# BEGIN {block.upper()} stands at the wrong place")
        self.open.append(block)
        if block == "question":
            about = self._yaml(source)
            if not isinstance(about.get("name"), str | int | float):
                self.stop("a question has a `name`")
            self._question = Question(about=about)
        elif self._question is not None and block == "prompt":
            self._question.prompted = True
        elif self._question is not None and block == "solution":
            self._question.answered_at = len(self.written.cells)

    def _end(self, block: str) -> None:
        if not self.open or self.open.pop() != block:
            self.stop(f"# END {block.upper()} stands at the wrong place")
        question = self._question
        if question is None:
            return
        if block == "solution" and question.in_words and question.manual and not question.prompted:
            answer = nbformat.v4.new_markdown_cell(ANSWER)  # type: ignore[no-untyped-call]
            self.written.cells.insert(question.answered_at, answer)
            question.prompted = True
        elif block == "question":
            self._finish(question)
            self._question = None

    def _keep(self, cell: NotebookNode) -> None:
        """Keep a cell for students, as far as it is for them."""
        block, question = (self.open or [""])[-1], self._question
        cell.source = without_ignored(cell.source, self.place)
        if block == "tests" and question is not None:
            if cell.cell_type != "code":
                self.stop("between # BEGIN TESTS and # END TESTS there are cells of code only")
            question.cases.append(cell)
            return
        if block == "solution" and question is not None and cell.cell_type != "code":
            question.in_words = True
            if "otter_include" not in cell.metadata.get("tags", []):
                return
        if cell.cell_type == "code":
            if block == "solution" or self.written.config.get("strip_solutions_from_all_cells"):
                cell.source = without_solution(cell.source, self.place)
            cell.outputs, cell.execution_count = [], None
        self.written.cells.append(cell)

    def _finish(self, question: Question) -> None:
        if question.name in self.written.tests or question.name in [each.name for each in self.written.manual]:
            self.stop(f"a question called {question.name!r} was there before")
        if question.cases:
            ok_format = _of(self.written.config, "tests").get("ok_format", True)
            test = test_of(question.about, question.cases, self.place, ok_format=bool(ok_format))
            self.written.tests[question.name] = test
            self._ask(question, test)
        elif question.manual:
            self.written.manual.append(Manual(name=question.name, points=self._points(question)))

    def _ask(self, question: Question, test: Test) -> None:
        """Have a cell ask for the test, or the last one name it."""
        public = any(not case.hidden for case in test.cases)
        if question.about.get("check_cell", True) and (question.prompted or public):
            call = nbformat.v4.new_code_cell(f'grader.check("{question.name}")')  # type: ignore[no-untyped-call]
            self.written.cells.append(call)
        elif self.written.cells:
            self.written.cells[-1].metadata.setdefault("otter", {})["tests"] = [question.name]

    def _points(self, question: Question) -> float:
        points = question.about.get("points")
        if points is None:
            return 1.0
        if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
            self.stop(f"question {question.name}: a person gives points above 0, not {points!r}")
        return float(points)

    def _yaml(self, source: str) -> dict[str, Any]:
        try:
            found = read_yaml(source)
        except NotUnderstood as error:
            self.stop(f"`{error}` is more YAML than is read here; `otter assign` may help, import what it writes")
        if found is not None and not isinstance(found, dict):
            self.stop("these are no keys with values")
        return found or {}


def settings_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an author's source as `otter assign` writes them to otter_config.json."""
    seed, generate = _of(config, "seed"), _of(config, "generate")
    found = {
        "seed": seed.get("autograder_value"),
        "seed_variable": seed.get("variable"),
        "plugins": config.get("plugins"),
    }
    return {name: value for name, value in found.items() if value is not None} | generate


def with_students_seed(cells: Sequence[NotebookNode], config: Mapping[str, Any]) -> None:
    """Give the seed's variable the value students have, wherever the source assigns to it."""
    seed = _of(config, "seed")
    if not seed.get("variable") or seed.get("student_value") is None:
        return
    assigned = re.compile(rf"^(\s*){re.escape(str(seed['variable']))}\s*=(?!=).*$", re.MULTILINE)
    for cell in cells:
        if cell.cell_type == "code":
            cell.source = assigned.sub(rf"\g<1>{seed['variable']} = {seed['student_value']}", cell.source)


def _of(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = config.get(name)
    return found if isinstance(found, dict) else {}


def _unfenced(cells: Sequence[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield the cells, text cells with otter's fences taken apart: what stands in one is a raw cell."""
    for cell in cells:
        if cell.cell_type != "markdown" or not FENCE.search(cell.source):
            yield cell
            continue
        for number, part in enumerate(FENCE.split(cell.source)):
            if number % 2:
                yield nbformat.v4.new_raw_cell(part.strip("\n"))  # type: ignore[no-untyped-call]
            elif part.strip():
                yield nbformat.v4.new_markdown_cell(part.strip("\n"))  # type: ignore[no-untyped-call]
