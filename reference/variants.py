"""Wrong variants of a solution: what the functions would answer under one named misconception.

A wrong answer that equals a variant's answer to the same question tells what its author thought.

    catalogue = Catalogue()

    @catalogue.wrong("softmax", "softmax-not-normalised", "not divided by the sum", "You return e^z ...")
    def not_normalised(z): ...

    VARIANTS = catalogue.by_function()   # {"softmax": (Variant(...), ...)}
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A function that is wrong in one way, and what to say to whoever wrote it like that.

    `of` names the function of the solution it stands in for; it takes the same arguments. `explanation` is one
    to three sentences to the student: what they did, why it is wrong, what to do.
    """

    name: str
    title: str
    explanation: str
    of: str
    function: Function


class Catalogue:
    """The variants of one module, in the order in which they are tried."""

    def __init__(self) -> None:
        self._variants: list[Variant] = []

    def wrong(self, of: str, name: str, title: str, explanation: str) -> Callable[[F], F]:
        """Register the decorated function as a wrong variant of the solution's function `of`."""

        def register(function: F) -> F:
            self.add(of, name, title, explanation, function)
            return function

        return register

    def add(self, of: str, name: str, title: str, explanation: str, function: Function) -> None:
        """Register a function made elsewhere."""
        if any((each.of, each.name) == (of, name) for each in self._variants):
            message = f"{of} has two variants called {name!r}"
            raise ValueError(message)
        self._variants.append(
            Variant(name=name, title=title, explanation=explanation, of=of, function=_quiet(function))
        )

    def by_function(self) -> dict[str, tuple[Variant, ...]]:
        """Return the variants by the name of the function they stand in for."""
        names = dict.fromkeys(each.of for each in self._variants)
        return {name: tuple(each for each in self._variants if each.of == name) for name in names}


def merged(catalogues: Iterable[dict[str, tuple[Variant, ...]]]) -> dict[str, tuple[Variant, ...]]:
    """Return the variants of several modules in one table."""
    table: dict[str, tuple[Variant, ...]] = {}
    for catalogue in catalogues:
        for name, variants in catalogue.items():
            table[name] = (*table.get(name, ()), *variants)
    return table


def _quiet(function: Function) -> Function:
    """Return the function without NumPy's warnings: a variant that overflows is meant to."""

    @functools.wraps(function)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)

    return quiet
