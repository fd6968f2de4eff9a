"""Reading what a student's functions returned or printed; whatever came, nothing here raises because of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.compare import as_label

CLASSES = 10
MANY = 12  # one call that gives more numbers than this has not said which of them it means
NUMBER = re.compile(r"(?:(?<![\w.])-)?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, kw_only=True)
class Forward:
    """What one forward pass came to: the numbers by their place in the answer, and the guess.

    `written` says how the guess came: "one-hot", "number", "probabilities", or "" where there is none.
    """

    value: Any
    numbers: dict[int, float] = field(default_factory=dict)
    loss: float | None = None
    guess: int | None = None
    written: str = ""


def read_forward(value: Any, loss_at: int | None = None) -> Forward:
    """Read loss and guess out of what `feed_forward_sample` returned, the loss at a known place where there is one."""
    parts = parts_of(value)
    numbers = {i: number for i, part in enumerate(parts) if (number := as_number(part)) is not None}
    at = loss_at if loss_at in numbers else _likely_loss(numbers)
    guess, written = _read_guess([part for i, part in enumerate(parts) if i != at])
    loss = None if at is None else numbers[at]
    return Forward(value=value, numbers=numbers, loss=loss, guess=guess, written=written)


def _likely_loss(numbers: dict[int, float]) -> int | None:
    """Return the place of the first number that is no class, else of the first."""
    return next((i for i, number in numbers.items() if as_label(number, CLASSES) is None), next(iter(numbers), None))


def _read_guess(parts: list[Any]) -> tuple[int | None, str]:
    vectors = [part for part in parts if (array := as_floats(part)) is not None and array.size == CLASSES]
    numbers = [part for part in parts if as_number(part) is not None]
    for written, candidates in (("one-hot", vectors), ("number", numbers), ("probabilities", vectors)):
        for part in candidates:
            label = as_label(part, CLASSES, probabilities=written == "probabilities")
            if label is not None:
                return label, written
    return None, ""


def as_floats(value: Any) -> np.ndarray | None:
    """Return a value as an array of floats; None for text, ragged lists, complex numbers, objects and None."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def as_number(value: Any) -> float | None:
    """Return a number, or an array of one number, as a float."""
    array = None if isinstance(value, bool) else as_floats(value)
    return float(array.reshape(())) if array is not None and array.size == 1 else None


def parts_of(value: Any) -> list[Any]:
    """Return the members of a tuple, a list or a dict, else the value itself as the only one."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, tuple | list) else [value]


def numbers_in(value: Any) -> Iterator[float]:
    """Yield the numbers of what a function returned, out of dicts, lists and short arrays."""
    if isinstance(value, dict | tuple | list):
        for part in parts_of(value)[:MANY]:
            yield from numbers_in(part)
    elif (array := as_floats(value)) is not None and array.size <= MANY:
        yield from map(float, array.ravel())


def numbers_printed(text: str) -> list[float]:
    """Return the last few different numbers of what was printed: who prints many ends with what counts."""
    found = [float(number) for number in NUMBER.findall(text)]
    return list(dict.fromkeys(reversed(found)))[:MANY]
