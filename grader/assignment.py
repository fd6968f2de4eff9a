"""An assignment: a folder with `assignment.toml`, the master notebook and `checks/`.

name = "backprop"
title = "Backpropagation"
notebook = "backprop.ipynb"
reference = "reference.backprop"             # or, in what students get, record = "record.zip": see grader/checks/replay
variants = "reference.backprop_variants"     # optional: named wrong solutions, for diagnosis
training = "reference.backprop_training"     # optional: models of the reference's own, see grader/training
data = { mnist = "digits" }                  # what keras.datasets.mnist.load_data() is answered with
files = ["data/houses.csv"]                  # copied beside the notebook: it reads "houses.csv"
tests = "tests.json"                         # optional: another tool's test cells, see grader/notebook/placed
limits = { cell_s = 60 }
budget = { epochs = 10, rows = 2000 }         # caps every `fit`, whatever the notebook asks for
deadline = { due = 2026-03-02T23:59:00+01:00, per_day = 0.1, cap = 0.5 }     # optional: see grader/lateness

[[questions]]
id = "q1"
title = "A box from two step neurons"
points = 20
reviews = [{ id = "q1b", title = "Why boxes are enough", points = 5 }]    # a person decides these
"""

from __future__ import annotations

import functools
import pkgutil
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.config import Budget, Limits
from grader.errors import AssignmentError, SubmissionError, UnknownAssignment, UsageError, did_you_mean
from grader.lateness import Deadline
from grader.notebook import defined_names, read_notebook, split_questions
from grader.notebook.placed import Tests, grade_id, read_tests
from grader.notebook.solutions import without_solutions
from grader.prose.rubric import Idea, Mistake, Rubric

if TYPE_CHECKING:
    from nbformat import NotebookNode

FILE = "assignment.toml"
MIN_SHARED_NAMES = 2
KERAS = re.compile(r"^\s*(?:from|import)\s+(?:keras|tensorflow)\b", re.MULTILINE)
MODULE = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$"


class Part(BaseModel):
    """Base of the tables of `assignment.toml`: a key nobody knows is an error, not a silent no-op."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Review(Part):
    """A part of a question that a person marks."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str
    points: float = Field(gt=0)
    note: str = "A person reads and marks this part."
    part: str | None = Field(
        None, pattern=r"^[a-h]$", description="the label it answers to, where a question has several"
    )
    ideas: tuple[Idea, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    answer: str = ""

    @property
    def rubric(self) -> Rubric | None:
        """What to look for in the answer; None where the author wrote nothing down."""
        if not self.ideas and not self.mistakes and not self.answer:
            return None
        return Rubric(ideas=self.ideas, mistakes=self.mistakes, answer=self.answer)


class Question(Part):
    """A numbered part of the assignment. Its points are those of its checks and reviews together."""

    id: str = Field(pattern=r"^q[0-9]+$")
    title: str
    points: float = Field(ge=0)
    reviews: tuple[Review, ...] = ()


class Assignment(Part):
    """A loaded assignment; `folder` is where its files lie."""

    folder: Path
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    notebook: str
    reference: str | None = Field(None, pattern=MODULE)
    record: str | None = None
    tests: str | None = None
    variants: str | None = Field(None, pattern=MODULE)
    training: str | None = Field(None, pattern=MODULE)
    data: dict[str, str] = {}
    files: tuple[str, ...] = ()
    limits: Limits = Limits()
    budget: Budget = Budget()
    deadline: Deadline | None = None
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_differ(self) -> Assignment:
        ids = [q.id for q in self.questions] + [review.id for q in self.questions for review in q.reviews]
        if len(ids) != len(set(ids)):
            raise ValueError("two questions or reviews have the same id")
        return self

    @model_validator(mode="after")
    def _answers_once(self) -> Assignment:
        if self.reference is not None and self.record is not None:
            raise ValueError("`reference` and `record` are given: the right answers come from one of them")
        if self.reference is None and (self.variants or self.training):
            raise ValueError("`variants` and `training` go with a `reference`")
        return self

    @model_validator(mode="after")
    def _worth_something(self) -> Assignment:
        idle = [question.id for question in self.questions if not question.points]
        if len(idle) == len(self.questions) or (idle and self.tests is None):  # other tools have practice questions
            raise ValueError(f"{idle[0]} is worth no points")
        return self

    @property
    def attached(self) -> tuple[Path, ...]:
        """The files and folders that are copied beside the notebook."""
        return tuple(self.folder / name for name in self.files)

    @property
    def package(self) -> str:
        """The package of the reference, "" where there is none."""
        return (self.reference or "").partition(".")[0]

    @property
    def solution(self) -> str:
        """The dotted name of the reference; AssignmentError where none is named."""
        if self.reference is None:
            raise AssignmentError(f"{self.folder / FILE}: names no `reference`, and this needs one.")
        return self.reference

    @property
    def solutions(self) -> Path | None:
        """The folder of the reference where it lies beside `assignments/`; None where none is named or there."""
        folder = self.folder.parent.parent / self.package
        return folder if self.package and folder.is_dir() else None

    @functools.cached_property
    def placed(self) -> Tests | None:
        """The test cells of another tool; AssignmentError when they cannot be read."""
        return None if self.tests is None else read_tests(self.folder / self.tests)

    @property
    def data_folder(self) -> Path | None:
        """The folder whose NAME.npz are the data sets, as in a bundle; None where they come from the local store."""
        return self.folder / "data" if self.record is not None and self.data else None

    @property
    def checks(self) -> Path:
        """The folder of the checks."""
        return self.folder / "checks"

    @functools.cached_property
    def master(self) -> NotebookNode:
        """The notebook as it is handed out, stubs in the place of solutions; AssignmentError when it cannot be read."""
        return without_solutions(self.solved, str(self.folder / self.notebook))

    @functools.cached_property
    def solved(self) -> NotebookNode:
        """The notebook as it lies there, with the solutions its author keeps in it; AssignmentError as above."""
        path = self.folder / self.notebook
        try:
            return read_notebook(path, max_bytes=self.limits.notebook_bytes).node
        except (SubmissionError, UsageError) as error:
            raise AssignmentError(f"{path}: the master notebook cannot be read. {error}") from error

    @property
    def uses_keras(self) -> bool:
        """Whether the notebook, as it is handed out, imports Keras or TensorFlow."""
        return any(KERAS.search(cell.source) for cell in self.master.cells if cell.cell_type == "code")

    @functools.cached_property
    def texts(self) -> Mapping[str, str]:
        """What each question asks, in Markdown: the master's text cells before the answers."""
        cells = self.master.cells
        parts = split_questions(self.master, [question.id for question in self.questions])
        return {
            name: "\n\n".join(cells[i].source for i in indices if _is_task(cells[i])) for name, indices in parts.items()
        }


def load(folder: Path) -> Assignment:
    """Read an assignment's folder; AssignmentError names file, place and reason.

    From then on its solution can be imported by the names in the file, also when it lies beside `assignments/`.
    """
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise AssignmentError(f"{path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path}: not valid TOML: {error}.") from error
    try:
        assignment = Assignment.model_validate({**table, "folder": folder.resolve()})
    except ValidationError as error:
        raise AssignmentError(f"{path}: {_explain(error, path)}") from error
    if assignment.placed is None and not any(assignment.checks.glob("test_*.py")):
        raise AssignmentError(f"{assignment.checks}: no file test_*.py: an assignment needs at least one check.")
    _require_files(assignment, path)
    _make_importable(assignment.solutions)
    return assignment


def _make_importable(solutions: Path | None) -> None:
    """Let modules be imported from a folder; one that is a package elsewhere, too, gets the modules of both."""
    if solutions is None:
        return
    if str(solutions.parent) not in sys.path:
        sys.path.append(str(solutions.parent))  # last: it hides nothing
    package = sys.modules.get(solutions.name)
    if package is not None and isinstance(getattr(package, "__path__", None), list):
        package.__path__ = pkgutil.extend_path(package.__path__, solutions.name)


def _require_files(assignment: Assignment, path: Path) -> None:
    """Raise AssignmentError for a file to be handed out that is not there, or is not the assignment's to give."""
    names = [file.name for file in assignment.attached]
    for name, file in zip(assignment.files, assignment.attached, strict=True):
        place = file.resolve()
        if not place.exists():
            raise AssignmentError(f"{path}: `files`: {name!r} is not in the assignment's folder.")
        if file.is_symlink() or not place.is_relative_to(assignment.folder) or place == assignment.folder:
            raise AssignmentError(f"{path}: `files`: {name!r} is a link, or lies outside the assignment's folder.")
        secret = [assignment.checks, *([assignment.folder / assignment.tests] if assignment.tests else [])]
        if any(place.is_relative_to(each) or each.is_relative_to(place) for each in secret):
            raise AssignmentError(f"{path}: `files`: {name!r} would show the checks to the notebook.")
        if names.count(file.name) > 1:
            raise AssignmentError(f"{path}: `files`: two are called {file.name!r} once they lie beside the notebook.")


def known(root: Path) -> dict[str, Path]:
    """Return the folders below `root` that are assignments, by folder name."""
    return {path.parent.name: path.parent for path in sorted(root.glob(f"*/{FILE}"))}


def find(root: Path, *, name: str | None = None, node: NotebookNode | None = None) -> Assignment:
    """Return the assignment of that name, else the one a notebook says or shows it belongs to."""
    folders = known(root)
    if not folders:
        raise UnknownAssignment(f"{root}: {_why_none(root)} Point --assignments at a folder of assignments.")
    if name is None and node is not None:
        name = _claimed(node) if _claimed(node) in folders else _recognised(folders, node)
    if name is None:
        listed = ", ".join(folders)
        raise UnknownAssignment(f"This notebook fits no known assignment ({listed}). Say which with --assignment NAME.")
    if name not in folders:
        raise UnknownAssignment.among(name, folders)
    return load(folders[name])


def _why_none(root: Path) -> str:
    if not root.is_dir():
        return "there is no such folder."
    return "this is an assignment itself: its parent is meant." if (root / FILE).is_file() else "no assignments here."


def _claimed(node: NotebookNode) -> str | None:
    claim = node.metadata.get("grader")
    return str(claim.get("assignment")) if isinstance(claim, dict) else None


def _recognised(folders: Mapping[str, Path], node: NotebookNode) -> str | None:
    """Return the assignment whose master notebook shares most names with this one, if it is clear.

    Some of them must be that assignment's alone: every homework that trains has an `x_train` and a `model`.
    """
    names = _shown_names(node)
    masters = {name: _shown_names(load(folder).master) for name, folder in folders.items()}
    shared = {name: len(names & own) for name, own in masters.items()}
    best = max(shared, key=lambda name: shared[name])
    elsewhere = {each for name, own in masters.items() if name != best for each in own}
    own = names & masters[best] - elsewhere
    clear = len(own) >= MIN_SHARED_NAMES and list(shared.values()).count(shared[best]) == 1
    return best if clear else None


def _shown_names(node: NotebookNode) -> set[str]:
    """Return the names a notebook defines, and those nbgrader knows its cells by."""
    return {*defined_names(node), *(f"nbgrader {name}" for cell in node.cells if (name := grade_id(cell)))}


def _is_task(cell: Any) -> bool:
    return cell.cell_type == "markdown" and not cell.source.lstrip("*_ ").lower().startswith("your answer")


def _explain(error: ValidationError, path: Path) -> str:
    """Say where in the file a value is wrong, with its line where it can be found."""
    return "; ".join(_explain_one(one["type"], one["loc"], one["msg"], path) for one in error.errors()[:5]) + "."


def _explain_one(kind: str, loc: tuple[int | str, ...], message: str, path: Path) -> str:
    where = ".".join(str(part) for part in loc) or "the file"
    keys = [part for part in loc if isinstance(part, str)]
    last = keys[-1] if keys else ""
    if kind == "extra_forbidden":
        known = [
            name
            for table in (Assignment, Question, Review, Idea, Mistake, Limits, Budget, Deadline)
            for name in table.model_fields
        ]
        message = f"no key of that name is known here.{did_you_mean(last, known)}".rstrip(".")
    elif kind == "missing":
        message, last = "is missing", ""
    return f"{_line_of(last, path)}`{where}`: {message.removeprefix('Value error, ')}"


def _line_of(key: str, path: Path) -> str:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    found = [number for number, line in enumerate(lines, 1) if key and re.search(rf"\b{re.escape(key)}\s*=", line)]
    return f"line {found[0]}: " if len(found) == 1 else ""
