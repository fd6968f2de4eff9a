"""Values that can be kept as data, and how near an input is to one that was kept.

Plain are None, numbers, texts, bytes, lists, tuples, sets, dictionaries and numeric arrays, in each other. An answer
is kept whole. An input has only to be known again: a large array is kept as a sketch, a random generator as its state.
Rounding differs between platforms and versions of NumPy: numbers are the same when they are near, all else when it is
equal.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.checks.sketch import LARGE, ROUNDINGS, Sketch, allowed, furthest, of_another_type, of_single

NUMERIC = "biufc"
OTHER_BITS = 1e-9  # the distance of equal numbers where a zero has another sign
SIMPLE = (type(None), bool, int, float, complex, str, bytes)


class NotPlain(Exception):
    """A value is no data; the message is its type."""


@dataclass(frozen=True)
class Drawn:
    """A random generator as an input: the state it was in."""

    state: dict[str, Any]


def whole(value: Any) -> Any:
    """Return a copy of a value as data; NotPlain where it is none."""
    if type(value) in SIMPLE:
        return value
    if type(value) in (list, tuple, set):
        return type(value)(whole(item) for item in value)
    if type(value) is dict:
        return {whole(key): whole(item) for key, item in value.items()}
    if type(value) is np.str_:
        return str(value)
    if (type(value) is np.ndarray or isinstance(value, np.generic)) and value.dtype.kind in NUMERIC:
        return value.copy()
    raise NotPlain(type(value).__name__)


def outline(value: Any) -> Any:
    """Return an input as data that it can be known by; NotPlain where it is none."""
    if type(value) in (list, tuple, set):
        return type(value)(outline(item) for item in value)
    if type(value) is dict:
        return {outline(key): outline(item) for key, item in value.items()}
    if isinstance(value, np.random.Generator):
        return Drawn(whole(value.bit_generator.state))
    if type(value) is np.ndarray and value.dtype.kind in NUMERIC and value.size > LARGE:
        return Sketch.of(value)
    return whole(value)


def size(value: Any) -> int:
    """Return of how many numbers and texts a plain value is made."""
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    return sum(map(size, value)) if isinstance(value, list | tuple | set) else int(np.size(value))


def distance(asked: Any, there: Any) -> float:  # noqa: PLR0911 - a table of kinds
    """Return how far two outlines are apart: 0 when equal, infinity when they are not of the same input."""
    if _is_number(asked) and _is_number(there):
        return _apart(np.asarray(asked), np.asarray(there))
    if type(asked) is not type(there):
        return math.inf
    if isinstance(asked, Sketch):
        return asked.apart(there)
    if isinstance(asked, list | tuple):
        return _all_apart(asked, there)
    if isinstance(asked, dict):
        same = asked.keys() == there.keys()
        return _all_apart(list(asked.values()), [there[key] for key in asked]) if same else math.inf
    if isinstance(asked, Drawn):
        return 0.0 if distance(asked.state, there.state) == 0 else math.inf
    return 0.0 if asked == there else math.inf


def nearest(asked: Any, there: list[Any], first: int = 0) -> int | None:
    """Return the place of the outline that is nearest, None where none is near; of equal ones the next from `first`."""
    best, found = math.inf, None
    for place in itertools.chain(range(first, len(there)), range(min(first, len(there)))):
        apart = distance(asked, there[place])
        if apart == 0:
            return place
        if apart < best:
            best, found = apart, place
    return found


def _all_apart(asked: Any, there: Any) -> float:
    if len(asked) != len(there):
        return math.inf
    most = 0.0
    for one, other in zip(asked, there, strict=True):
        most = max(most, distance(one, other))
        if math.isinf(most):
            break
    return most


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | complex | np.generic | np.ndarray)


def _apart(asked: NDArray[Any], there: NDArray[Any]) -> float:
    if asked.shape != there.shape or asked.dtype.kind != there.dtype.kind:
        return math.inf
    fractions = asked.dtype.kind in "fc"
    if np.array_equal(asked, there, equal_nan=fractions):
        apart = OTHER_BITS if fractions and asked.tobytes() != there.tobytes() else 0.0
    else:
        apart = _rounded_apart(asked, there) if fractions else math.inf
    return apart if asked.dtype == there.dtype else of_another_type(apart)


def _rounded_apart(asked: NDArray[Any], there: NDArray[Any]) -> float:
    """Return the largest difference of two arrays in units of what rounding may do; infinity from 1 on."""
    coarse = ROUNDINGS * max(float(np.finfo(asked.dtype).eps), float(np.finfo(there.dtype).eps))
    wide = np.complex128 if asked.dtype.kind == "c" else np.float64
    one, other = asked.astype(wide).ravel(), there.astype(wide).ravel()
    finite = np.isfinite(one)
    if not np.array_equal(finite, np.isfinite(other)) or not _same_odd(one[~finite], other[~finite]):
        return math.inf
    sizes, coarse = np.abs(other[finite]), max(coarse, of_single(one[finite]))
    return furthest(one[finite], other[finite], allowed(sizes, float(sizes.max(initial=0.0)), coarse))


def _same_odd(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Tell whether infinities and what is not a number stand in the same places."""
    return np.array_equal(one, other, equal_nan=True)
