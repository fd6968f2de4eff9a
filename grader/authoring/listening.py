"""A reference that remembers what checks asked it: the inputs on which its variants are compared."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader.assignment import Assignment
from grader.checks import Live
from grader.compare.reading import NotNumeric, as_array
from grader.results import Diagnosis

MAX_PER_CHECK = 16  # calls of one function that one check makes: more of them tell little more
MAX_ENTRIES = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One call that a check made of a function of the reference; `options` are those of the comparison after it."""

    check: str
    function: str
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """What a reference was asked, and by check the first numbers of what it answered."""

    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, set[float]] = field(default_factory=dict)

    def note(self, function: str, args: tuple[Any, ...]) -> None:
        """Keep a call, unless the check made several of this kind."""
        check = _current_check()
        if sum(asked.check == check and asked.function == function for asked in self.asked) < MAX_PER_CHECK:
            self.asked.append(Asked(check=check, function=function, args=copy.deepcopy(args)))

    def note_options(self, function: str, options: dict[str, Any]) -> None:
        """Keep how the answer to the last call of a function was compared."""
        check = _current_check()
        for place, asked in reversed(list(enumerate(self.asked))):
            if (asked.check, asked.function) == (check, function):
                self.asked[place] = replace(asked, options=dict(options))
                return


class Listening(Live):
    """The reference of an assignment, which answers as ever and keeps what it heard."""

    def __init__(self, assignment: Assignment, heard: Heard) -> None:
        super().__init__(assignment.solution, assignment.variants)
        self._heard = heard

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        return self._listening(name, value) if callable(value) else value

    def _listening(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            answer = function(*args, **kwargs)
            self._heard.answers.setdefault(_current_check(), set()).update(_numbers_in(answer))
            if not kwargs:
                self._heard.note(name, args)
            return answer

        return call

    def explain(self, name: str, args: tuple[Any, ...], matches: Callable[[Any], bool]) -> Diagnosis | None:
        """Explain as ever, and keep about what."""
        self._heard.note(name, args)
        return super().explain(name, args, matches)

    def compared(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        """Keep the options of a comparison."""
        self._heard.note_options(name, options)


def _numbers_in(value: Any) -> Iterator[float]:
    """Yield the first numbers of an answer, in whatever they are packed, with twelve digits."""
    array = as_array(value)
    if not isinstance(array, NotNumeric):
        yield from (float(f"{number:.12g}") for number in np.real(array).ravel()[:MAX_ENTRIES])
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers_in(part)


def _current_check() -> str:
    """Return the id of the check that runs, from pytest's own account of it."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0].rpartition("::")[2]
