"""What `grade lint` grades: the reference itself, the master notebook as it is handed out, and the samples."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from grader.assignment import Assignment
from grader.authoring.listening import Asked, Heard, Listening
from grader.authoring.notebooks import code, notebook
from grader.authoring.samples import FOLDER, Sample
from grader.config import SPAWNED, GradeOptions
from grader.grading import grade
from grader.notebook import defined_names
from grader.results import CheckResult, Result

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One grading, and what the reference heard in it; `sample` is what was graded where it was one."""

    result: Result
    heard: Heard = field(default_factory=Heard)
    sample: Sample | None = None

    @property
    def checks(self) -> dict[str, CheckResult]:
        """The checks by their ids."""
        return {check.id: check for check in self.result.checks}


@dataclass(frozen=True, kw_only=True)
class Trials:
    """All gradings of an assignment, and the calls that checks made in them."""

    reference: Trial
    master: Trial
    samples: tuple[Trial, ...]
    asked: tuple[Asked, ...] = ()

    @property
    def all(self) -> tuple[Trial, ...]:
        """Every grading."""
        return (self.reference, self.master, *self.samples)


def samples_of(assignment: Assignment) -> list[Sample]:
    """Return the samples beside `assignments/` that say they belong to an assignment; a broken one raises."""
    folder = assignment.folder.parent.parent / FOLDER
    samples = [Sample(path) for path in sorted(folder.glob("*.ipynb")) if path.with_suffix(".toml").exists()]
    return [sample for sample in samples if sample.expected.get("assignment") == assignment.name]


def try_out(assignment: Assignment, needed: Collection[str], *, sealed: bool, tell: Tell) -> Trials:
    """Grade the reference, the master and all samples; `tell` hears what is under way.

    The reference runs unsealed, for it has to be imported; it is the author's own.
    """
    options = GradeOptions(sealed=sealed)
    asked: list[Asked] = []  # of one list for all: what checks ask in one trial they ask in the next

    def trial(name: str, notebook: Path, options: GradeOptions, sample: Sample | None = None) -> Trial:
        tell(f"{assignment.name}: {name}")
        heard = Heard(asked=asked)
        result = grade(
            notebook,
            assignment,
            options,
            lambda what, i, n: tell(f"{assignment.name}: {name}, {what} {i + (what == 'cell')} of {n}"),
            reference=Listening(assignment, heard),
        )
        return Trial(result=result, heard=heard, sample=sample)

    with tempfile.TemporaryDirectory() as place:
        own = Path(place, "reference.ipynb")
        own.write_text(notebook_of_reference(assignment, set(needed)), encoding="utf-8")
        unsealed = GradeOptions(sealed=False, provisioner=SPAWNED)
        reference = trial("the reference itself", own, unsealed)
        bare = Path(place, Path(assignment.notebook).name)  # as it is handed out: without the solutions in it
        nbformat.write(assignment.master, bare)  # type: ignore[no-untyped-call]
        master = trial("the master notebook", bare, options)
    return Trials(
        reference=reference,
        master=master,
        samples=tuple(
            trial(f"sample {sample.notebook.stem}", sample.notebook, options, sample)
            for sample in samples_of(assignment)
        ),
        asked=tuple(asked),
    )


def notebook_of_reference(assignment: Assignment, needed: set[str]) -> str:
    """Return a notebook whose one cell imports from the reference what the assignment asks students for."""
    module = importlib.import_module(assignment.solution)
    names = needed | set(defined_names(assignment.master))
    wanted = sorted(name for name in names if callable(getattr(module, name, None)))
    top = sys.modules[assignment.package]
    roots = [str(Path(place).parent) for place in getattr(top, "__path__", [top.__file__])]
    lines = [f"import sys; sys.path[:0] = {roots}", *(f"from {module.__name__} import {name}" for name in wanted)]
    return notebook(assignment.name, [code("reference", "\n".join(lines), {})])
