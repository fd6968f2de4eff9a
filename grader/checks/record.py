"""A record: all that checks asked the reference in a grading, to be looked up where the solution is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.checks import packing
from grader.checks.asked import Asked, Question
from grader.checks.plain import nearest
from grader.errors import AssignmentError
from grader.kernels.inside.wire import WireError

WAY_OUT = "Put offline=False into its marker, or let it ask with inputs of its own, the same for every notebook"
NOTHING = Asked()


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A question, or a name, that a record cannot answer; `sentence` tells the author what to do."""

    check: str
    function: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Record:
    """What was asked, by the checks' ids."""

    checks: Mapping[str, Asked] = field(default_factory=dict)

    def write(self) -> bytes:
        """Return the record as a file, the same bytes for the same record; AssignmentError where it is too large."""
        try:
            return packing.write(self.checks)
        except WireError as error:
            raise AssignmentError(f"What the checks ask the reference is too much for a bundle: {error}.") from error

    @classmethod
    def read(cls, content: bytes) -> Record:
        """Return the record of a file; AssignmentError where it is damaged."""
        try:
            return cls(packing.read(content))
        except packing.Damaged as error:
            raise AssignmentError(f"The record of the right answers is damaged ({error}).") from error

    def answered(self, check: str, question: Question, first: int = 0) -> Question | None:
        """Return the nearest question that has an answer, None where none is near.

        What the check itself asked goes before what others did; of equal questions, the next from its `first` on.
        """
        return self._nearest(check, question, first, lambda each: each.answer is not None)

    def explained(self, check: str, question: Question) -> Question | None:
        """Return the nearest question that has the answers of misconceptions, None where none is near."""
        return self._nearest(check, question, 0, lambda each: bool(each.wrong))

    def value(self, check: str, name: str) -> Any:
        """Return the value of a name that is no function; KeyError where nobody asked for it."""
        for asked in self._all(check):
            if name in asked.values:
                return asked.values[name]
        raise KeyError(name)

    def mentions(self, name: str) -> bool:
        """Return whether anybody asked a function of that name."""
        return any(question.function == name for asked in self.checks.values() for question in asked.questions)

    def merged(self, other: Record) -> Record:
        """Return this record with those questions of another that it does not have."""
        checks = dict(self.checks)
        for name, asked in other.checks.items():
            new = tuple(question for question in asked.questions if not self._has(name, question))
            own = self.checks.get(name, NOTHING)
            checks[name] = Asked(questions=(*own.questions, *new), values={**asked.values, **own.values})
        return Record(checks)

    def _has(self, check: str, question: Question) -> bool:
        found = self.explained(check, question) if question.answer is None else self.answered(check, question)
        return found is not None

    def _all(self, check: str) -> Iterator[Asked]:
        yield self.checks.get(check, NOTHING)
        yield from (asked for name, asked in self.checks.items() if name != check)

    def _nearest(
        self, check: str, question: Question, first: int, wanted: Callable[[Question], bool]
    ) -> Question | None:
        inputs = (question.args, dict(question.kwargs))
        for asked in self._all(check):
            fitting = [each for each in asked.questions if each.function == question.function and wanted(each)]
            place = nearest(inputs, [(each.args, dict(each.kwargs)) for each in fitting], first)
            if place is not None:
                return fitting[place]
            first = 0
        return None


def gaps(base: Record, other: Record) -> list[Gap]:
    """Return what the checks asked in another grading with the same seed that a replay of `base` cannot answer.

    That is what they asked about something out of the notebook. An explanation that is not there is no gap: the
    verdict is the same without it.
    """
    found: dict[tuple[str, str], Gap] = {}
    for check, asked in other.checks.items():
        missing = [each.function for each in asked.questions if _lacks(base, check, each)]
        missing += [name for name in asked.values if not _known(base, check, name)]
        for name in missing:
            found.setdefault((check, name), Gap(check=check, function=name, sentence=_sentence(check, name)))
    return list(found.values())


def _lacks(base: Record, check: str, question: Question) -> bool:
    return question.answer is not None and base.answered(check, question) is None


def _known(base: Record, check: str, name: str) -> bool:
    try:
        base.value(check, name)
    except KeyError:
        return False
    return True


def _sentence(check: str, name: str) -> str:
    return f"{check}: what it asks the reference's `{name}` depends on the notebook. {WAY_OUT}."
