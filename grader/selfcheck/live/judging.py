"""One round of checks: pytest, in this process, asking this kernel; afterwards all is as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.assignment import Assignment
from grader.checks import Wanted, run_checks
from grader.notebook import defined_names
from grader.probe import Student
from grader.results import CheckResult, Status, Text
from grader.selfcheck.live.alarm import Stop
from grader.selfcheck.live.asking import LiveKernel
from grader.selfcheck.live.inside import LiveAgent
from grader.selfcheck.live.session import Session
from grader.selfcheck.live.sources import LiveView, not_run
from grader.selfcheck.live.state import Kept, untouched

FRAME = re.compile(r"^cell (\d+|\?), line", re.MULTILINE)
WHERE = "Where it happened"
NOT_YET = {"status": Status.NOT_REACHED, "score": 0.0, "hint": "", "diagnosis": None, "evidence": (), "remarks": ()}


@dataclass(frozen=True, kw_only=True)
class Round:
    """The verdicts of one round, and what has to be said about it."""

    checks: tuple[CheckResult, ...]
    notes: tuple[str, ...] = ()


def judge(
    shell: Any, assignment: Assignment, seed: int, view: LiveView, questions: Iterable[str], session: Session
) -> Round:
    """Run the public checks of some questions against a shell's names; KeyboardInterrupt where ours were stopped."""
    stop, over, watch = Stop(), _Over(), session.watching()
    with stop.listening(), untouched(shell, session.folder) as kept, watch.paused(), stop.heeding():
        agent = LiveAgent(shell, kept.memory, watch)
        kernel = LiveKernel(agent, stop, assignment.notebook, watch.heard)
        student = Student(kernel, assignment.limits, reserved=defined_names(assignment.master))

        def hear(number: int, _: int) -> None:
            over.hear(number, kernel)

        wanted = Wanted(public_only=True, questions=frozenset(questions), on_check=hear)
        found = run_checks(assignment, student, view, seed, wanted)
    checks = [_told(check, number, over, kernel) for number, check in enumerate(found)]
    return Round(checks=tuple(checks), notes=tuple(_left(kept)))


class _Over:
    """The place of the check that was running when Stop was pressed."""

    def __init__(self) -> None:
        self.stopped: int | None = None

    def hear(self, number: int, kernel: LiveKernel) -> None:
        """Hear that so many checks are over."""
        if kernel.stopped and self.stopped is None:
            self.stopped = number - 1


def _told(check: CheckResult, number: int, over: _Over, kernel: LiveKernel) -> CheckResult:
    """Return a verdict in the words of a running notebook: cells by their numbers in `In [ ]`, what was stopped."""
    stopped = f"Stopped while {kernel.stopped} was running." if number == over.stopped else ""
    if said := stopped or not_run(check.message):
        return check.model_copy(update=NOT_YET | {"message": said})
    evidence = tuple(
        piece.model_copy(update={"text": FRAME.sub(r"In [\1], line", piece.text)})
        if isinstance(piece, Text) and piece.title == WHERE
        else piece
        for piece in check.evidence
    )
    return check.model_copy(update={"evidence": evidence})


def _left(kept: Kept) -> Iterator[str]:
    """Say what may not be as it was."""
    if changed := kept.changed():
        yield (
            f"While it was checked, your own code changed {_named(changed)}. That cannot be put back: run the cells "
            "that make it again."
        )
    if unknown := kept.unknown():
        yield (
            f"{_named(unknown)}: too large to be remembered as a whole. If your own code changes it, run the cells "
            "that make it again."
        )


def _named(names: Sequence[str]) -> str:
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def questions_of(assignment: Assignment, asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the ids that were asked for, in the assignment's order ("Q4" and "4" are q4 too), and the unknown ones."""
    known = [question.id for question in assignment.questions]
    plain = {name: re.sub(r"^(?:question)?[-_ ]*(?=\d)", "q", name.lower()) for name in asked}
    return [each for each in known if each in plain.values()], [n for n, each in plain.items() if each not in known]
