"""What goes into the record: the reference's answers to what the public checks ask of a right notebook.

Every other notebook at hand is graded too, with the same seed. What a check asks there and did not ask of a right one
depends on what a student wrote, so nobody could have recorded it: that is the author's error, and said here.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.assignment import Assignment
from grader.authoring.collecting import collect
from grader.authoring.trials import notebook_of_reference, samples_of
from grader.checks import Record, Recording, gaps
from grader.config import GradeOptions
from grader.errors import AssignmentError
from grader.grading import grade
from grader.kernels.sandbox import why_not
from grader.notebook.solutions import has_solutions
from grader.release.contents import is_released
from grader.release.handout import written
from grader.results import CheckResult, ExecutionStatus, Result, Status

PATIENCE = 5  # how much longer than a student's a notebook may take here: it is not what is looked at
SOLVED = "the solved notebook"
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A notebook of the author's; `right` says that nothing is wrong in it.

    `sealed`: it is run in a sandbox where there is one. Samples may come from anybody; only what is made here from the
    reference, and has to import it, is not.
    """

    name: str
    notebook: Path
    right: bool = False
    sealed: bool = True

    def options(self, seed: int) -> GradeOptions:
        """Return how it is graded with the seed of a bundle."""
        sealed = self.sealed and why_not() is None
        return GradeOptions(seed=seed, public_only=True, sealed=sealed)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One grading of such a notebook, and what the reference was asked in it."""

    trial: Trial
    record: Record
    result: Result


@contextmanager
def trials(assignment: Assignment, *, quick: bool = False) -> Iterator[list[Trial]]:
    """Yield the author's notebooks, the right ones first; `quick`: one of these and the master only.

    Right is the master with its solutions, where it has some; else the samples that get all points that are not left to
    a person; else a notebook that takes its answers from the reference. The master as handed out is one of the others.
    """
    with tempfile.TemporaryDirectory() as place:
        samples = [
            Trial(name=f"sample {sample.notebook.stem}", notebook=sample.notebook, right=_is_right(sample.expected))
            for sample in samples_of(assignment)
        ]
        right = [trial for trial in samples if trial.right]
        if has_solutions(assignment.solved):
            right = [_written(SOLVED, written(assignment.solved), Path(place, "solved.ipynb"))]
            samples = [replace(trial, right=False) for trial in samples]
        elif not right:
            needed = {name for check in collect(assignment) if is_released(check) for name in check.needs}
            text = notebook_of_reference(assignment, needed)
            right = [replace(_written("the reference itself", text, Path(place, "reference.ipynb")), sealed=False)]
        bare = _written("the notebook as handed out", written(assignment.master), Path(place, "bare.ipynb"))
        bare = replace(bare, right=False)
        yield [right[0], bare] if quick else [*right, bare, *(trial for trial in samples if trial not in right)]


def _is_right(expected: dict[str, object]) -> bool:
    """Tell whether a sample has nothing wrong: no check that fails, and no misconception."""
    return not expected.get("checks") and not expected.get("diagnoses") and expected.get("execution") == "completed"


def _written(name: str, text: str, path: Path) -> Trial:
    path.write_text(text, encoding="utf-8")
    return Trial(name=name, notebook=path, right=True)


def record(assignment: Assignment, bundled: Assignment, seed: int, tell: Tell, *, quick: bool = False) -> Record:
    """Return the answers to what the checks of `bundled` ask right notebooks.

    AssignmentError where a check cannot be judged with them, or breaks, or says that nothing right is right.
    """
    patient = bundled.model_copy(update={"limits": bundled.limits.longer(PATIENCE)})
    heard: list[Heard] = []
    with trials(assignment, quick=quick) as notebooks:
        for trial in notebooks:
            tell(f"{assignment.name}: {trial.name}")
            asked, result = ask(trial, assignment, patient, seed, tell)
            heard.append(Heard(trial=trial, record=asked, result=result))
    broken = [sentence for each in heard for sentence in (*_unfinished(each), *_broken(each))]
    problems = _solved_in_part(heard) or [*broken, *_depends(heard)] or _never_passed(heard)
    if problems:
        listed = "\n".join(dict.fromkeys(problems))
        raise AssignmentError(f"{assignment.checks}: not everything public can be released.\n{listed}")
    return _merged([each.record for each in heard if each.trial.right])


def ask(trial: Trial, assignment: Assignment, bundled: Assignment, seed: int, tell: Tell) -> tuple[Record, Result]:
    """Return what the checks of `bundled` ask the reference of an assignment about one notebook, and the result."""
    recording = Recording(assignment)
    result = grade(
        trial.notebook,
        bundled,
        trial.options(seed),
        lambda what, i, n: tell(f"{assignment.name}: {trial.name}, {what} {i + (what == 'cell')} of {n}"),
        reference=recording,
    )
    return recording.record, result


def _merged(records: Sequence[Record]) -> Record:
    return functools.reduce(Record.merged, records, Record())


def _depends(heard: Sequence[Heard]) -> list[str]:
    """Return a sentence for each question that depends on the notebook.

    Such is one that no right notebook led to; and one of a check that asks every right notebook something of its own.
    """
    right = [each.record for each in heard if each.trial.right]
    base = _merged(right)
    found = [
        f"{gap.sentence} ({each.trial.name})"
        for each in heard
        if not each.trial.right
        for gap in gaps(base, each.record)
    ]
    own = [
        {gap.check: gap.sentence for gap in gaps(_merged([*right[:number], *right[number + 1 :]]), record)}
        for number, record in enumerate(right)
    ]
    if len(right) > 1:
        found += [own[0][check] for check in own[0] if all(check in each for each in own)]
    return found


def _unfinished(heard: Heard) -> list[str]:
    """Return a sentence where a right notebook did not run to its end."""
    execution = heard.result.execution
    if not heard.trial.right or execution.status is ExecutionStatus.COMPLETED:
        return []
    cells = [f"cell {cell.index + 1}: {cell.error.message}" for cell in execution.cells if cell.error]
    why = "; ".join([*filter(None, [execution.message]), *cells[:2]])
    return [f"{heard.trial.name} did not run to its end here ({why}), so it shows nothing."]


def _broken(heard: Heard) -> list[str]:
    """Return a sentence for each check that broke."""
    return [
        f"{check.id} breaks on {heard.trial.name}: {(check.detail.strip().splitlines() or ['it says nothing'])[-1]}"
        for check in heard.result.checks
        if check.status is Status.ERROR
    ]


def is_good(check: CheckResult) -> bool:
    """Tell whether a check found nothing wrong: it gave all its points, or leaves them to a person."""
    return check.status in (Status.PASSED, Status.NEEDS_REVIEW)


def _solved_in_part(heard: Sequence[Heard]) -> list[str]:
    """Return a sentence for each question of a master with solutions that has none."""
    return [
        f"The master notebook has solutions, but none for {question.id} ({', '.join(missing)}). Put one between "
        "### BEGIN SOLUTION and ### END SOLUTION, or take all solutions out: then right samples are taken for the "
        "record."
        for each in heard
        if each.trial.name == SOLVED
        for question in each.result.questions
        if (missing := [check.id for check in question.checks if check.status is Status.NOT_ATTEMPTED])
    ]


def _never_passed(heard: Sequence[Heard]) -> list[str]:
    """Return a sentence for each check that gave no right notebook all its points, with what it said instead."""
    checks = [check for each in heard if each.trial.right for check in each.result.checks]
    passed = {check.id for check in checks if is_good(check)}
    return [
        f"{check.id}: no right notebook passes it, so what it asks then is not known. Mend the check, or add a sample "
        f"that passes it to submissions/; or put offline=False into its marker. It said: {check.message}"
        for check in checks
        if check.id not in passed
    ]
