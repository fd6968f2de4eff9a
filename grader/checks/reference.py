"""The `reference` fixture: the right solution, asked like the student's."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

from grader.assignment import FILE
from grader.errors import AssignmentError, HarnessError
from grader.results import Diagnosis


class Reference:
    """Answers from a solution's module; what it raises is our fault, never the student's."""

    def __init__(self, module: str, variants: str | None = None) -> None:
        self._module = _load(module)
        self._variants = getattr(_load(variants), "VARIANTS", {}) if variants else {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self._module, name, None)
        if value is None:
            raise HarnessError(f"the reference {self._module.__name__} has no `{name}`")
        return self._guarded(name, value) if callable(value) else value

    def explain(self, name: str, args: tuple[Any, ...], matches: Callable[[Any], bool]) -> Diagnosis | None:
        """Return the misconception whose answer, under the same inputs, the student's answer matches.

        `matches` is told the answer of one wrong variant of the reference function `name` at a time.
        """
        for variant in self._variants.get(name, ()):
            if matches(self._guarded(variant.name, variant.function)(*args)):
                return Diagnosis(name=variant.name, title=variant.title, explanation=variant.explanation)
        return None

    def compared(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        """Hear that an answer to `name(*args)` is compared, with these options of `compare_arrays`."""

    @staticmethod
    def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
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
