"""From an nbgrader course to assignments of ours; the course itself is only read.

A notebook of `source/ASSIGNMENT/` becomes an assignment: its master is what nbgrader would release, its tests stay
outside and are put into every submission when it is graded, hidden ones included. Where there is only `release/`,
nbgrader has taken the hidden tests out already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from grader.assignment import Question
from grader.config import Limits
from grader.errors import AssignmentError, SubmissionError, UsageError, did_you_mean
from grader.importing.imported import Imported, beside, heading, named, titled
from grader.importing.nbgrader_cells import (
    BadCell,
    Marked,
    Role,
    checksum,
    is_autotest,
    marked,
    released,
    scheme,
    unsolved,
    with_source,
)
from grader.importing.nbgrader_config import FILE, Words, read_words
from grader.importing.nbgrader_parts import parts
from grader.notebook import read_notebook
from grader.notebook.placed import TestCell, TestCheck, Tests

ENVIRONMENT = {"NBGRADER_EXECUTION": "autograde"}
MAX_ANCHORS = 12
MAX_PROBLEMS = 20
OWN_FILES = ("autotests.yml", "autotests.yaml")
LEFT_TO_A_PERSON = "A person gives these points."


@dataclass(frozen=True, kw_only=True)
class Course:
    """What was found in a course, and what whoever imports it must know."""

    assignments: Sequence[Imported]
    remarks: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A notebook of a course, with nbgrader's release of it where there is one."""

    path: Path
    assignment: str
    several: bool  # the assignment has other notebooks
    is_release: bool = False
    release: Path | None = None

    @property
    def words(self) -> str:
        """What it is called in the course."""
        return f"{self.assignment} {self.path.stem}" if self.several else self.assignment


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """A notebook with its cells as nbgrader sees them."""

    node: NotebookNode
    marks: Mapping[int, Marked] = field(default_factory=dict)

    def of(self, grade_id: str) -> Marked | None:
        """Return the cell of that name."""
        return next((mark for mark in self.marks.values() if mark.grade_id == grade_id), None)


def read_course(course: Path, *, only: Sequence[str] = (), stderr_fails: bool = False) -> Course:
    """Return what becomes of a course; `only` names assignments, all where none is named.

    AssignmentError lists everything in the course that nbgrader itself would refuse, by notebook and cell.
    """
    words = read_words(course)
    remarks = [f"{course / FILE}: not read, since it is computed there: {name}" for name in words.unread]
    found: list[Imported] = []
    problems: list[str] = []
    for source in _sources(course, words, only):
        try:
            imported, said = _imported(source, words, [each.name for each in found], stderr_fails=stderr_fails)
        except AssignmentError as error:
            problems.append(str(error))
            continue
        remarks += said
        found += [imported] if imported is not None else []
    if problems:
        raise AssignmentError("\n".join(problems[:MAX_PROBLEMS]))
    if not found:
        raise AssignmentError(f"{course}: no notebook of it has a cell with points, so there is nothing to grade.")
    return Course(assignments=found, remarks=remarks)


# --- the notebooks of a course ----------------------------------------------------------------------------------


def _sources(course: Path, words: Words, only: Sequence[str]) -> list[Source]:
    if not course.is_dir():
        raise UsageError(f"{course}: there is no such folder.")
    source, release = course / words.source, course / words.release
    folder = next((each for each in (source, release) if each.is_dir()), None)
    if folder is None:
        raise UsageError(
            f"{course}: no nbgrader course: it has neither {words.source}/ nor {words.release}/, with a folder for "
            f"each assignment. The folder with {FILE} is meant."
        )
    assignments = {each.name: each for each in sorted(folder.iterdir()) if each.is_dir() and each.name[0] not in "._"}
    for name in only:
        if name not in assignments:
            raise UsageError(f"{folder}: there is no assignment {name!r}.{did_you_mean(name, assignments)}")
    return [
        source
        for name, each in assignments.items()
        if not only or name in only
        for source in _notebooks(each, release / name, is_release=folder == release)
    ]


def _notebooks(folder: Path, release: Path, *, is_release: bool) -> Iterator[Source]:
    paths = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    for path in paths:
        other = release / path.name
        yield Source(
            path=path,
            assignment=folder.name,
            several=len(paths) > 1,
            is_release=is_release,
            release=other if not is_release and other.is_file() else None,
        )


def _sheet(path: Path) -> _Sheet:
    """Return a notebook of the course; AssignmentError names every cell that nbgrader would refuse."""
    try:
        node = read_notebook(path, max_bytes=Limits().notebook_bytes).node
    except (SubmissionError, UsageError) as error:
        raise AssignmentError(f"{path}: {error}") from error
    marks: dict[int, Marked] = {}
    problems: list[str] = []
    for index, cell in enumerate(node.cells):
        try:
            mark = marked(cell)
        except BadCell as error:
            problems.append(f"{path}: cell {index + 1}: {error}.")
            continue
        if mark is None:
            continue
        if any(mark.grade_id == other.grade_id for other in marks.values()):
            problems.append(f"{path}: cell {index + 1}: another cell has the grade_id {mark.grade_id!r}, too.")
        marks[index] = mark
    if problems:
        raise AssignmentError("\n".join(problems))
    return _Sheet(node=node, marks=marks)


# --- one notebook -----------------------------------------------------------------------------------------------


def _imported(
    source: Source, words: Words, taken: Sequence[str], *, stderr_fails: bool
) -> tuple[Imported | None, list[str]]:
    """Return what becomes of a notebook, None where nothing in it is graded, with what is to be said about it."""
    sheet, release = _sheet(source.path), _sheet(source.release) if source.release is not None else None
    found = parts(sheet.node.cells, sheet.marks)
    if not found:
        return None, [f"{source.path}: left out: no cell in it is worth points."]
    bare = _bare(sheet, source, words)
    owner = _owners(len(sheet.node.cells), [part.first for part in found])
    maker = _Maker(source=source, sheet=sheet, release=release, bare=bare, owner=owner, words=words)
    tests = maker.tests(stderr_fails=stderr_fails)
    imported = Imported(
        name=named(source.words, taken),
        title=_title(sheet.node, source.words, found[0].title),
        origin=f"nbgrader's {source.path.parent.name}/{source.path.name}",
        master=maker.master(),
        tests=tests,
        questions=[
            Question(id=f"q{number}", title=part.title, points=part.points) for number, part in enumerate(found, 1)
        ],
        files={name: file for name, file in beside(source.path.parent).items() if name not in OWN_FILES},
        limits={"cell_s": words.cell_s} if words.cell_s is not None else {},
    )
    return imported, maker.remarks()


def _title(node: NotebookNode, otherwise: str, of_question: str) -> str:
    """Return the notebook's first heading, unless it is that of its first question."""
    first = next((name for cell in node.cells if cell.cell_type == "markdown" and (name := heading(cell.source))), "")
    title = titled(first, otherwise)
    return otherwise if title == of_question else title


def _bare(sheet: _Sheet, source: Source, words: Words) -> dict[int, str]:
    """Return every cell's source as students get it; AssignmentError names the cells where that cannot be told."""
    if source.is_release:
        return {index: cell.source for index, cell in enumerate(sheet.node.cells)}
    found: dict[int, str] = {}
    problems: list[str] = []
    for index, cell in enumerate(sheet.node.cells):
        try:
            found[index] = released(cell, sheet.marks.get(index), words)
        except BadCell as error:
            problems.append(f"{source.path}: cell {index + 1}: {error}.")
    if problems:
        raise AssignmentError("\n".join(problems))
    return found


def _owners(n_cells: int, firsts: Sequence[int]) -> list[str]:
    """Return the question of every cell."""
    return [f"q{sum(first <= index for first in firsts)}" for index in range(n_cells)]


@dataclass(frozen=True, kw_only=True)
class _Maker:
    """What is made of one notebook's cells."""

    source: Source
    sheet: _Sheet
    release: _Sheet | None
    bare: Mapping[int, str]  # sources as students get them
    owner: Sequence[str]  # questions
    words: Words

    def master(self) -> NotebookNode:
        """Return the notebook as students get it."""
        cells = []
        for index, cell in enumerate(self.sheet.node.cells):
            about: dict[str, object] = {"grader": {"question": self.owner[index]}}
            mark, source = self.sheet.marks.get(index), self.bare[index]
            if mark is not None:
                source = self._full(index, mark) if is_autotest(mark) else source
                about["nbgrader"] = with_source(mark, source).metadata
            cells.append(NotebookNode({**cell, "source": source, "metadata": about}))  # type: ignore[no-untyped-call]
        return NotebookNode({**self.sheet.node, "cells": cells})  # type: ignore[no-untyped-call]

    def tests(self, *, stderr_fails: bool) -> Tests:
        """Return the cells that are put into submissions, and the checks."""
        marks = self.sheet.marks
        return Tests(
            tool="nbgrader",
            cells=tuple(
                self._cell(index, mark)
                for index, mark in marks.items()
                if mark.role in (Role.TESTS, Role.READ_ONLY, Role.TASK) and not self._is_lost(mark)
            ),
            checks=tuple(self._check(index, mark) for index, mark in marks.items() if mark.graded),
            owners={mark.grade_id: self.owner[index] for index, mark in marks.items()},
            environment=ENVIRONMENT,
            stderr_fails=stderr_fails,
        )

    def remarks(self) -> list[str]:
        """Return what is not as it is in nbgrader."""
        path = self.source.path
        found = [
            f"{path}: {mark.grade_id}: ### AUTOTEST is not carried over: a person gives its {mark.points:g} points."
            for mark in self.sheet.marks.values()
            if self._is_lost(mark) and mark.points
        ]
        if self.source.is_release:
            found.append(f"{path}: this is a release, without the hidden tests: they are not in the import either.")
            found += [
                f"{path}: {mark.grade_id}: was changed after nbgrader released it (its checksum is another one)."
                for mark in self.sheet.marks.values()
                if mark.checksum and mark.checksum != checksum(mark)
            ]
        found += [
            f"{path}: {mark.grade_id}: the cell of tests is empty, so everybody gets its {mark.points:g} points."
            for mark in self.sheet.marks.values()
            if mark.role is Role.TESTS and mark.kind == "code" and not mark.source.strip()
        ]
        return found

    def _cell(self, index: int, mark: Marked) -> TestCell:
        full = self._full(index, mark)
        before = [other.grade_id for at, other in self.sheet.marks.items() if at < index]
        return TestCell(
            id=mark.grade_id,
            kind=mark.kind,
            source=full,
            shown=self.bare[index] if self._is_hidden(index, mark) else None,
            replaces=mark.grade_id,
            after=tuple(f"grade_id:{name}" for name in before[::-1][:MAX_ANCHORS]),
            otherwise="end" if before else "start",
            question=self.owner[index],
        )

    def _check(self, index: int, mark: Marked) -> TestCheck:
        check = TestCheck(
            id=mark.grade_id,
            question=self.owner[index],
            title=mark.grade_id,
            points=mark.points,
            cell=mark.grade_id,
            rule="nbgrader",
            hidden=mark.role is Role.TESTS and self._is_hidden(index, mark),
        )
        if self._is_lost(mark):
            return check.model_copy(update={"rule": "person", "note": LEFT_TO_A_PERSON, "scheme": mark.source})
        if mark.role is Role.TESTS:
            return check if mark.kind == "code" else check.model_copy(update={"rule": "person"})
        about = "" if self.source.is_release else scheme(self.sheet.node.cells[index], self.words)
        if mark.role is Role.TASK:
            return check.model_copy(update={"rule": "person", "scheme": about})
        return check.model_copy(update={"rule": "answer", "scheme": about, "unchanged": self._unchanged(index, mark)})

    def _full(self, index: int, mark: Marked) -> str:
        """Return what is run in the place of a cell: for tests with the hidden ones, else as students get it."""
        if mark.role is not Role.TESTS:
            return self.bare[index]
        if is_autotest(mark):
            written = self._released(mark)
            return written.source if written is not None else mark.source
        return unsolved(self.sheet.node.cells[index], mark, self.words)

    def _is_hidden(self, index: int, mark: Marked) -> bool:
        return mark.role is Role.TESTS and not is_autotest(mark) and self._full(index, mark) != self.bare[index]

    def _is_lost(self, mark: Marked) -> bool:
        """Whether the tests that nbgrader writes into a cell by itself cannot be had from its release.

        Of hidden ones there is nothing in a release.
        """
        if not is_autotest(mark):
            return False
        written = self._released(mark)
        return written is None or is_autotest(written) or self.words.begin_hidden in mark.source

    def _released(self, mark: Marked) -> Marked | None:
        return self.release.of(mark.grade_id) if self.release is not None else None

    def _unchanged(self, index: int, mark: Marked) -> tuple[str, ...]:
        """Return the sources of an answer that nobody has touched: ours, and nbgrader's own release of it."""
        written = self._released(mark)
        return tuple(dict.fromkeys([self.bare[index], *([written.source] if written is not None else [])]))
