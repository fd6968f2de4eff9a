"""`grade import otter`: an assignment of otter's as one of ours."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from grader.assignment import FILE, Question, Review
from grader.errors import AssignmentError
from grader.importing.imported import TESTS, Imported, named, titled
from grader.importing.otter_cells import cells_and_checks, evened, order_of
from grader.importing.otter_folders import CONFIG, Source, opened
from grader.importing.otter_manual import Manual
from grader.importing.otter_settings import not_followed, require_python, seeds
from grader.importing.otter_tests import Test
from grader.notebook.placed import Tests

TOOL = "otter"
CALL = re.compile(r"^[^#\n]*\.check\(\s*(?:question\s*=\s*)?([\"'])(?P<name>[^\"'\n]+)\1", re.MULTILINE)
NUMBERED = re.compile(r"q0*(\d+)")
HEADING = re.compile(r"^ {0,3}#{1,2} +(\S.*?)[ #]*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an assignment of otter's comes to; `notes` are for its author."""

    assignment: Imported
    notes: tuple[str, ...]


@contextmanager
def read_otter(path: Path, *, notebook: Path | None = None, name: str | None = None) -> Iterator[Found]:
    """Read an assignment of otter's: what it comes to can be written while this is open.

    Nothing at `path` is changed. `notebook` is the one students get, where `path` has none or several. Raises
    UsageError when something is not there, AssignmentError when it cannot be read.
    """
    with opened(path, notebook) as source:
        yield _found(source, path, name)


def _found(source: Source, path: Path, name: str | None) -> Found:
    require_python(source.config, CONFIG)
    order = order_of(source.tests, asked_in(source.node))
    ids = question_ids([*order, *(each.name for each in source.manual)])
    questions = _questions(source, order, ids)
    if not any(question.points for question in questions):
        raise AssignmentError(f"{path}: its tests are worth no points at all.")
    cells, checks = cells_and_checks(source.tests, {key: ids[key] for key in order})
    first = seeds(source.config, CONFIG)
    assignment = Imported(
        name=named(name or source.notebook.stem),
        title=titled(_heading(source.node), source.notebook.stem),
        origin=f"otter's {path.name}",
        master=_master(source.node),
        tests=Tests(tool=TOOL, cells=(*first, *cells), checks=checks, ignored_tags=("otter_ignore",)),
        questions=questions,
        files=_files(source.files),
    )
    return Found(assignment=assignment, notes=(*not_followed(source.config), *_remarks(source, order)))


def asked_in(node: NotebookNode) -> list[str]:
    """Return the names of the tests a notebook asks for, in its order."""
    found: list[str] = []
    for cell in node.cells:
        own = cell.metadata.get("otter")
        named = own.get("tests") if isinstance(own, dict) else None
        calls = [match["name"] for match in CALL.finditer(cell.source)] if cell.cell_type == "code" else []
        found += [*calls, *(name for name in (named if isinstance(named, list) else []) if isinstance(name, str))]
    return found


def question_ids(names: list[str]) -> dict[str, str]:
    """Return q1, q2, … for the names of otter's questions: their own numbers where all have one, else a count."""
    numbers = [NUMBERED.fullmatch(name) for name in names]
    own = [int(found[1]) for found in numbers if found is not None]
    if len(own) == len(names) == len(set(own)):
        return {name: f"q{number}" for name, number in zip(names, own, strict=True)}
    return {name: f"q{number}" for number, name in enumerate(names, start=1)}


def _files(found: Sequence[Path]) -> dict[str, Path]:
    for file in found:
        if file.name in (FILE, TESTS):
            raise AssignmentError(f"{file}: this name is taken by the assignment's own files. Give it another one.")
    return {file.name: file for file in found}


def _questions(source: Source, order: list[str], ids: Mapping[str, str]) -> list[Question]:
    tested = [_question(key, source.tests[key], ids[key]) for key in order]
    manual = [_by_hand(each, ids[each.name]) for each in source.manual]
    return sorted([*tested, *manual], key=lambda question: int(question.id[1:]))


def _question(key: str, test: Test, name: str) -> Question:
    return Question(id=name, title=_readable(test.name or key), points=round(sum(evened(test)), 6))


def _by_hand(manual: Manual, name: str) -> Question:
    review = Review(id=f"{name}_answer", title=_readable(manual.name), points=manual.points)
    return Question(id=name, title=_readable(manual.name), points=manual.points, reviews=(review,))


def _readable(name: str) -> str:
    found = NUMBERED.fullmatch(name)
    return f"Question {found[1]}" if found is not None else " ".join(name.split())


def _master(node: NotebookNode) -> NotebookNode:
    """Return the notebook as it is handed out, without tests in its metadata: hidden ones may be among them."""
    bare = copy.deepcopy(node)
    own = bare.metadata.get("otter")
    if isinstance(own, dict):
        for word in ("tests", "OK_FORMAT"):
            own.pop(word, None)
    return bare


def _heading(node: NotebookNode) -> str:
    """Return the notebook's first heading, which is its title."""
    found = (HEADING.search(cell.source) for cell in node.cells if cell.cell_type == "markdown")
    return next((match[1] for match in found if match is not None), "")


def _remarks(source: Source, order: list[str]) -> Iterator[str]:
    asked = set(asked_in(source.node))
    for key in order:
        if key not in asked:
            yield f"{key}: no cell of {source.notebook.name} asks for this test, so it is run at the end."
    for name in sorted(asked - set(order)):
        yield f"{name}: {source.notebook.name} asks for this test, and there is none of that name."
    if not any(case.hidden for test in source.tests.values() for case in test.cases):
        yield (
            "There is no hidden case. If the assignment has some, import the folder that `otter assign` wrote, with "
            "autograder/ in it, or the autograder's zip file."
        )
