"""The reference in the mode *replay*: it answers from a record, where no solution is.

It never guesses: a question that is not in the record is an error, and the check has no verdict.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from grader.assignment import Assignment
from grader.checks.asked import Answer, Question
from grader.checks.plain import NotPlain, outline
from grader.checks.record import Record
from grader.checks.reference import Absent, Live, Reference
from grader.errors import AssignmentError, HarnessError, NotRecorded
from grader.results import Diagnosis


class Replay(Reference):
    """The recorded answers; `begin` says whose they are."""

    offline: ClassVar[bool] = True

    def __init__(self, record: Record) -> None:
        self._record = record
        self._check = ""
        self._turns: Counter[str] = Counter()

    def begin(self, check: str) -> None:
        """Answer what this check asks from now on."""
        self._check, self._turns = check, Counter()

    def explain(self, name: str, args: tuple[Any, ...], matches: Callable[[Any], bool]) -> Diagnosis | None:
        """Try what the misconceptions answered; where nobody asked, nothing is known."""
        try:
            found = self._record.explained(self._check, Question(function=name, args=outline(args)))
        except NotPlain:
            return None
        for wrong in found.wrong if found is not None else ():
            if matches(copy.deepcopy(wrong.value)):
                return Diagnosis(name="", title=wrong.title, explanation=wrong.explanation)
        return None

    def withhold(self, what: str) -> NoReturn:
        """Say that it is not in the bundle."""
        raise NotRecorded(f"{self._check} asks for {what}, which is not in this bundle.")

    def _named(self, name: str) -> Any:
        try:
            return copy.deepcopy(self._record.value(self._check, name))
        except KeyError:
            return self._function(name)

    def _function(self, name: str) -> Callable[..., Any]:
        if not self._record.mentions(name):
            self.withhold(f"`{name}` of the reference")

        def call(*args: Any, **kwargs: Any) -> Any:
            asked = self._question(name, args, kwargs)
            found = self._record.answered(self._check, asked, self._turns[name])
            if found is None or found.answer is None:
                self.withhold(f"`{name}` of the reference with other inputs than recorded")
            self._turns[name] += 1
            return _said(found.answer)

        return call

    def _question(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Question:
        try:
            return Question(function=name, args=outline(args), kwargs=outline(kwargs))
        except NotPlain as error:
            self.withhold(f"`{name}` of the reference with a {error}")


def _said(answer: Answer) -> Any:
    """Return a fresh copy of an answer, or fail as the reference did."""
    if answer.error:
        raise HarnessError(answer.error)
    return copy.deepcopy(answer.value)


def reference_of(assignment: Assignment) -> Reference:
    """Return who answers the checks of an assignment: a record, its solution, or nobody.

    AssignmentError when the record or the solution cannot be read.
    """
    if assignment.record is not None:
        return Replay(_read(assignment.folder / assignment.record))
    if assignment.reference is not None:
        return Live(assignment.solution, assignment.variants)
    return Absent(assignment)


def _read(path: Path) -> Record:
    try:
        return Record.read(path.read_bytes())
    except OSError as error:
        raise AssignmentError(f"{path}: cannot be read ({error.strerror}).") from error
    except AssignmentError as error:
        raise AssignmentError(f"{path}: {error} Unpack the bundle again.") from error
