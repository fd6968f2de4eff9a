"""The `reference` fixture: the right answers, asked like the student's notebook.

It has three modes with one face: *live* (this module) imports the solution, *record* (`grader.checks.recording`) is
live and keeps what checks ask, *replay* (`grader.checks.replay`) answers from such a record where no solution is.
"""

from __future__ import annotations

import abc
import copy
import importlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, ClassVar, NoReturn

from grader.assignment import FILE, Assignment
from grader.errors import AssignmentError, HarnessError
from grader.results import Diagnosis


class Reference(abc.ABC):
    """What all modes have in common: `reference.softmax(z)` is an answer, `reference.SIZES` a value."""

    offline: ClassVar[bool] = False  # whether only checks are run that need no solution, see `offline` of the marker

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._named(name)

    @abc.abstractmethod
    def _named(self, name: str) -> Any:
        """Return what the solution calls so: a value, or a function to ask."""

    @abc.abstractmethod
    def explain(self, name: str, args: tuple[Any, ...], matches: Callable[[Any], bool]) -> Diagnosis | None:
        """Return the misconception whose answer, under the same inputs, the student's answer matches.

        `matches` is told the answer of one wrong variant of the reference function `name` at a time.
        """

    def variants(self, name: str) -> Sequence[Callable[..., Any]]:
        """Return the wrong variants of a function as functions; only where the solution is."""
        self.withhold(f"`{name}` in its wrong variants, as functions,")

    def begin(self, check: str) -> None:  # noqa: B027 - only a record needs to know
        """Hear which check asks from now on."""

    def compared(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:  # noqa: B027
        """Hear that an answer to `name(*args)` is compared, with these options, and may have to be explained.

        `Check.agree` says so; a check that compares by itself does well to: a record then knows the explanations.
        """

    def withhold(self, what: str) -> NoReturn:
        """Refuse what a bundle does not have, e.g. hidden rows."""
        raise HarnessError(f"{what}: not there")


class Live(Reference):
    """Answers from a solution's module; what it raises is our fault, never the student's."""

    def __init__(self, module: str, variants: str | None = None) -> None:
        self._module = _load(module)
        self._variants = getattr(_load(variants), "VARIANTS", {}) if variants else {}

    def _named(self, name: str) -> Any:
        value = getattr(self._module, name, None)
        if value is None:
            raise HarnessError(f"the reference {self._module.__name__} has no `{name}`")
        return guarded(name, value) if callable(value) else value

    def explain(self, name: str, args: tuple[Any, ...], matches: Callable[[Any], bool]) -> Diagnosis | None:
        """Try the variants one after the other; one that fails explains nothing."""
        for variant in self._variants.get(name, ()):
            try:
                wrong = guarded(variant.name, variant.function)(*args)
            except HarnessError:
                continue
            if matches(wrong):
                return Diagnosis(name=variant.name, title=variant.title, explanation=variant.explanation)
        return None

    def variants(self, name: str) -> Sequence[Callable[..., Any]]:
        """Return them in the order in which they are tried."""
        return [guarded(variant.name, variant.function) for variant in self._variants.get(name, ())]


class Absent(Reference):
    """Stands where an assignment names no right answers: its checks must not ask for any."""

    def __init__(self, assignment: Assignment) -> None:
        self._file = assignment.folder / FILE

    def _named(self, name: str) -> NoReturn:
        raise AssignmentError(f"{self._file}: names no `reference`, and a check asks it for `{name}`.")

    def explain(self, name: str, args: tuple[Any, ...], matches: Callable[[Any], bool]) -> NoReturn:
        """Refuse."""
        self._named(name)

    def variants(self, name: str) -> NoReturn:
        """Refuse."""
        self._named(name)


def guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function on copies of its arguments, its failures ours."""

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        except Exception as error:
            raise HarnessError(f"the reference failed in {name}: {type(error).__name__}: {error}") from error

    return call


def _load(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except SyntaxError as error:
        raise AssignmentError(f"{error.filename}:{error.lineno}: the reference is broken: {error.msg}.") from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise AssignmentError(f"`reference` in {FILE}: the module {name!r} cannot be imported: {reason}.") from error
