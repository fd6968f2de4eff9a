"""Checks that are another tool's test cells: each is judged by what its cell showed when the notebook ran.

These verdicts come out of the student's own kernel. Results say so (`notes`), since a notebook that sets out to can
read such a test and forge what it comes to. Here, too, what the kernel says is data: whatever it shows, a verdict comes
of it, and never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from nbformat import NotebookNode

from grader.kernels.outputs import Shown, settle, text_of
from grader.kernels.passes import DEAD, LATE
from grader.notebook.placed import MARKED_BY_HAND, Furnished, TestCheck, Tests, furnished
from grader.results import CellError, CheckResult, Evidence, Execution, Status, Text, Visibility

NEVER_RUN = "Your notebook could not be run."
NOT_REACHED = "Your notebook was stopped before this test."
LEFT = "The code this test calls is as it was handed out: it raises NotImplementedError."
NO_RESPONSE = "No response: this cell is as it was handed out."
FOR_A_PERSON = "A person reads and marks this part."
CUT = "This test showed more than is kept, so what it came to may be lost. A person looks."
TOGETHER = "This test holds, but its points are earned only when all tests of the question do."
BROKEN = "TestFileBroken"  # of inside/otter_standin: the lines around the test did not run
UNRUNNABLE = "The lines around this test did not run. A person looks whether that is the test's fault."
MAX_NAMED = 12
MAX_SHOWN = 200


Showing = Callable[[int], Shown | None]  # what a cell showed, None where it was not run


@dataclass(frozen=True, kw_only=True)
class Guests:
    """Another tool's test cells in one submission; an assignment without any has none of them."""

    tests: Tests
    furnished: Furnished

    @classmethod
    def of(cls, node: NotebookNode, tests: Tests | None, *, public_only: bool) -> Guests:
        """Return a submission with the test cells in it, where there are some."""
        if tests is None:
            return cls(tests=Tests(tool=""), furnished=Furnished(node=node))
        tests = tests.for_students() if public_only else tests
        return cls(tests=tests, furnished=furnished(node, tests))

    @property
    def node(self) -> NotebookNode:
        """The notebook that is run."""
        return self.furnished.node

    def judged(self, execution: Execution, shown: Showing) -> list[CheckResult]:
        """Return the verdict of every check, in the order of the file."""
        ran = _Ran(furnished=self.furnished, execution=execution, shown=shown)
        verdicts = [(check, _judge(check, self.tests, ran)) for check in self.tests.checks]
        short = {check.together for check, each in verdicts if check.together and each.status is not Status.PASSED}
        return [_result(check, _all_or_nothing(check, verdict, short)) for check, verdict in verdicts]

    def covered(self, execution: Execution) -> Execution:
        """Return the execution with its hidden tests marked as such."""
        hidden = {self.furnished.placed[cell.id]: cell.shown for cell in self.tests.cells if cell.hidden}
        cells = (
            cell.model_copy(update={"student_source": hidden[cell.index]}) if cell.index in hidden else cell
            for cell in execution.cells
        )
        return execution.model_copy(update={"cells": tuple(cells)})


@dataclass(frozen=True, kw_only=True)
class _Ran:
    """A submission that was run with the test cells in it."""

    furnished: Furnished
    execution: Execution
    shown: Showing


@dataclass(frozen=True, kw_only=True)
class _Verdict:
    """What a check came to."""

    status: Status
    points: float = 0.0
    message: str = ""
    evidence: tuple[Evidence, ...] = ()
    detail: str = ""
    seconds: float = field(default=0.0)


def not_reached(tests: Tests | None, *, public_only: bool) -> list[CheckResult]:
    """Return the verdicts on a notebook that could not be run."""
    checks = () if tests is None else tests.for_students().checks if public_only else tests.checks
    return [_result(check, _Verdict(status=Status.NOT_REACHED, message=NEVER_RUN)) for check in checks]


def notes(tests: Tests | None, *, public_only: bool = False) -> tuple[str, ...]:
    """Return what readers of a result must know about such checks, with their names."""
    tests = tests.for_students() if tests is not None and public_only else tests
    names = [check.id for check in tests.checks if check.rule not in MARKED_BY_HAND] if tests is not None else []
    if tests is None or not names:
        return ()
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return (
        f"Judged inside the student's own kernel, by test cells of {tests.tool}: {', '.join(names[:MAX_NAMED])}{more}. "
        "A notebook that sets out to can read these tests and forge their verdicts.",
    )


def _result(check: TestCheck, verdict: _Verdict) -> CheckResult:
    return CheckResult(
        id=check.id,
        question=check.question,
        title=check.title,
        visibility=Visibility.HIDDEN if check.hidden else Visibility.PUBLIC,
        status=verdict.status,
        score=round(verdict.points, 6),
        max_score=check.points,
        message=verdict.message,
        hint=check.hint if verdict.status is Status.FAILED else "",
        evidence=verdict.evidence,
        detail=verdict.detail,
        seconds=verdict.seconds,
    )


def _all_or_nothing(check: TestCheck, verdict: _Verdict, short: Iterable[str]) -> _Verdict:
    if check.together not in short or verdict.status is not Status.PASSED:
        return verdict if check.together not in short else replace(verdict, points=0.0)
    return replace(verdict, status=Status.FAILED, points=0.0, message=TOGETHER)


def _judge(check: TestCheck, tests: Tests, ran: _Ran) -> _Verdict:
    if check.rule in MARKED_BY_HAND:
        return replace(_by_hand(check, ran.furnished), detail=check.scheme)
    index = ran.furnished.placed[check.cell]
    cell, shown = ran.execution.cells[index], ran.shown(index)
    if shown is None and cell.source.strip():
        return _Verdict(status=Status.NOT_REACHED, message=NOT_REACHED)
    verdict = _failed(check, cell.error) if cell.error is not None else _passed(check, shown or Shown(), tests)
    return replace(verdict, seconds=cell.seconds)


def _by_hand(check: TestCheck, furnished: Furnished) -> _Verdict:
    """Leave an answer to a person, unless there is none."""
    for_a_person = _Verdict(status=Status.NEEDS_REVIEW, message=check.note or FOR_A_PERSON)
    if check.rule == "person":
        return for_a_person
    index = furnished.answers.get(check.cell)
    if index is None:
        message = f"The cell `{check.cell}` is not in your notebook. A person looks for your answer elsewhere in it."
        return _Verdict(status=Status.NEEDS_REVIEW, message=message)
    if furnished.node.cells[index].source in check.unchanged:
        return _Verdict(status=Status.NOT_ATTEMPTED, message=NO_RESPONSE)
    return for_a_person


def _failed(check: TestCheck, error: CellError) -> _Verdict:
    if error.name in (DEAD, LATE):
        return _Verdict(status=Status.FAILED, message=error.message)
    if error.name == "NotImplementedError":
        return _Verdict(status=Status.NOT_ATTEMPTED, message=LEFT)
    if error.name == BROKEN and check.rule == "passes":  # otter's rule; a name anybody may give an exception
        return _Verdict(status=Status.NEEDS_REVIEW, message=UNRUNNABLE, detail=error.message)
    said = f"{error.name}: {error.message}".removesuffix(": ")
    if error.name == "AssertionError":
        said = error.message or "What an `assert` of this test asks for does not hold."
    else:
        said = f"The test stopped with {said}"
    evidence = (Text(title="Where it happened", text=error.traceback),) if error.traceback else ()
    return _Verdict(status=Status.FAILED, message="\n".join(filter(None, (check.blame, said))), evidence=evidence)


def _passed(check: TestCheck, shown: Shown, tests: Tests) -> _Verdict:
    """Judge a cell that ended without an error: by that alone, or by nbgrader's rule for what it showed."""
    full = _Verdict(status=Status.PASSED, points=check.points, message=check.praise)
    if check.rule == "passes":
        return full
    verdict = _by_outputs(check, shown.outputs, full, stderr_fails=tests.stderr_fails)
    if shown.whole or verdict.status is not Status.PASSED:
        return verdict
    return _Verdict(status=Status.NEEDS_REVIEW, message=CUT)  # the points may be in what was cut off


def _by_outputs(check: TestCheck, outputs: Sequence[NotebookNode], full: _Verdict, *, stderr_fails: bool) -> _Verdict:
    """Walk the outputs in order: the first error gives nothing, the first result decides over part of the points."""
    for output in outputs:
        if output.output_type == "error":
            return _failed(check, CellError(name=text_of(output.get("ename")), message=text_of(output.get("evalue"))))
        if output.output_type == "stream" and output.name == "stderr":
            if stderr_fails:
                said = f"The test wrote to stderr: {settle(text_of(output.text)).strip()[:MAX_SHOWN]}"
                return _Verdict(status=Status.FAILED, message=f"{said}\nThat counts as failed here.")
            full = replace(full, detail="nbgrader gives 0 here: the cell wrote to stderr. That rule is off.")
        if output.output_type == "execute_result":
            return _by_result(check, output.get("data"), full)
    return full


def _by_result(check: TestCheck, data: object, full: _Verdict) -> _Verdict:
    """Return the verdict for a last value: a number in 0..points is the points, another value gives all of them."""
    value = data.get("text/plain") if isinstance(data, dict) else None
    text = text_of(value)
    if not text:
        return _Verdict(status=Status.NEEDS_REVIEW, message="The test showed a value that is no text. A person looks.")
    try:
        points = float(text)
    except ValueError:
        said = f"The last value, {text[:MAX_SHOWN]}, is no number to nbgrader, so the test gives all its points."
        return replace(full, detail=f"{full.detail} {said}".strip())
    if points > check.points:
        said = f"The test gave {points:g} points and is worth {check.points:g}. A person decides."
        return _Verdict(status=Status.NEEDS_REVIEW, message=said)
    if not points >= 0 or points == check.points:
        return full
    return _Verdict(
        status=Status.FAILED,
        points=points,
        message=check.blame or f"The test gives {points:g} of {check.points:g} points.",
        detail=full.detail,
    )
