"""Reading a plain value as an array of numbers, or saying why it is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.compare.show import is_number, show

Array = NDArray[Any]
NUMERIC_KINDS = "biufc"
MAX_DEPTH = 60  # NumPy has no arrays of more than 64 axes
MAX_PARTS = 20_000_000
TOO_LARGE = "What came back is nested too deeply or has too many parts."


@dataclass(frozen=True)
class NotNumeric:
    """Why a value is no array of numbers, as a sentence for the student."""

    reason: str


class _UnreadableError(Exception):
    """Carries the reason out of the recursion."""


def as_array(value: object) -> Array | NotNumeric:
    """Return an array of numbers (of the value's own precision) made from nested lists, tuples, arrays and numbers."""
    if isinstance(value, np.ndarray) and value.dtype.kind in NUMERIC_KINDS:
        return np.asarray(value) if value.size <= MAX_PARTS else NotNumeric(TOO_LARGE)
    try:
        with np.errstate(all="ignore"):
            array = np.array(_Reader().read(value))
    except _UnreadableError as error:
        return NotNumeric(str(error))
    except (ValueError, TypeError, OverflowError, MemoryError):
        return NotNumeric("The lists that came back have different lengths, so that they make no array.")
    return array if array.dtype.kind in NUMERIC_KINDS else NotNumeric(_why_not(array, nested=False))


def to_float(array: Array) -> Array:
    """Return a float64 array, or complex128 where an imaginary part is not zero."""
    with np.errstate(all="ignore"):
        if array.dtype.kind != "c":
            return array.astype(np.float64)
        return array.astype(np.complex128) if np.any(array.imag != 0) else array.real.astype(np.float64)


class _Reader:
    """Walks through a value, so that no method of an unknown object is ever called by NumPy."""

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def read(self, value: Any, depth: int = 0) -> Any:
        """Return the value with plain numbers and numeric arrays as the only leaves."""
        self._left -= value.size if isinstance(value, np.ndarray) else 1
        if depth > MAX_DEPTH or self._left < 0:
            raise _UnreadableError(TOO_LARGE)
        if isinstance(value, np.ndarray) and value.dtype.kind in NUMERIC_KINDS:
            return value
        if isinstance(value, np.ndarray) and value.dtype.kind == "O":
            return self._items(value.tolist(), depth)
        return self._items(value, depth) if isinstance(value, list | tuple) else _number(value, depth)

    def _items(self, value: Any, depth: int) -> Any:
        if not isinstance(value, list | tuple):
            return self.read(value, depth + 1)
        return [self.read(item, depth + 1) for item in value]


def _number(value: Any, depth: int) -> Any:
    if isinstance(value, int) and value.bit_length() > 63:
        try:
            return float(value)
        except OverflowError:
            return math.copysign(math.inf, value)
    if is_number(value):
        return value
    raise _UnreadableError(_why_not(value, nested=depth > 0))


def _why_not(value: object, *, nested: bool) -> str:
    """Say what came back instead of a number."""
    if nested:
        return f"Among the values that came back there is {_kind(value)} where a number is asked for."
    if value is None:
        return "Nothing came back (None): is a `return` missing?"
    return f"What came back is {_kind(value)}, not a number or an array of numbers."


def _kind(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"a text ({show(value, 40)})"
    if isinstance(value, dict):
        return "a dictionary"
    if isinstance(value, set | frozenset):
        return "a set, which has no order"
    if isinstance(value, bytes | bytearray):
        return "bytes"
    return "an array of something else" if isinstance(value, np.ndarray) else "an object"
