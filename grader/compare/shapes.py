"""Bringing an answer that is mathematically the same into the wanted shape."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.compare.reading import Array, NotNumeric, as_array, to_float

SAME = ("column", "row", "batch", "tuple")
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Aligned:
    """A value, and in plain words what was done to it on the way."""

    value: Any
    remarks: tuple[str, ...] = ()


MAX_MEMBERS = 16  # of a returned tuple: more is data, not several answers


def align(got: object, want_shape: Shape, *, allow: Collection[str] = SAME) -> Aligned:
    """Return `got` in the wanted shape where that is only another way to write the same, else `got` as it is.

    Lists become arrays and an array of one number becomes the number in any case. `allow` names what else is the same:

        column     (n, 1) and (n,), either way
        row        (1, n) and (n,), either way
        batch      (1, …) and (…), either way
        tuple      the one numeric member that fits, of several values
        transpose  (out, in) for (in, out); has to be asked for
    """
    want_shape = tuple(want_shape)
    array = as_array(got)
    if not isinstance(array, NotNumeric):
        fitted = _fit(array, want_shape, allow)
        if fitted is not None:
            return _as_wanted(got, *fitted)
    if "tuple" in allow and isinstance(got, tuple | list):
        return _member(got, want_shape, allow) or Aligned(got)
    return Aligned(got)


def as_label(got: object, classes: int, *, probabilities: bool = False) -> int | None:
    """Return the class a value stands for, None when it stands for none.

    Read are an integer (or a float with an integral value) in 0..classes − 1, alone or in an array of one entry, and a
    one-hot vector of `classes` entries, flat, row or column. With `probabilities`, the largest of `classes` numbers.
    """
    array = as_array(got)
    if isinstance(array, NotNumeric) or array.size not in (1, classes):
        return None
    numbers = to_float(array).ravel()
    if np.iscomplexobj(numbers) or np.any(np.isnan(numbers)):
        return None
    if array.size == classes and sum(n > 1 for n in array.shape) <= 1 and array.ndim > 0:
        hot = np.flatnonzero(numbers)
        if probabilities or (len(hot) == 1 and numbers[hot[0]] == 1):
            return int(np.argmax(numbers))
    return _index(array, numbers, classes) if array.size == 1 else None


def one_hot(label: int, classes: int) -> Array:
    """Return an array of shape (classes,) with a one at the label's place."""
    if not 0 <= label < classes:
        raise ValueError(f"a label lies in 0..{classes - 1}, not {label}")
    hot = np.zeros(classes)
    hot[label] = 1
    return hot


def _index(array: Array, numbers: Array, classes: int) -> int | None:
    number = float(numbers[0])
    if array.dtype.kind == "b" or not number.is_integer() or not 0 <= number < classes:
        return None
    return int(number)


def _as_wanted(got: object, array: Array, remarks: tuple[str, ...]) -> Aligned:
    """Return the fitted array, a number where the shape is (); a value that was right already is not touched."""
    if not remarks and np.shape(array) == () and not isinstance(got, np.ndarray):
        return Aligned(got)
    if isinstance(got, list | tuple) and not remarks:
        kind = "list" if isinstance(got, list) else "tuple"
        remarks = (f"your {kind} was read as an array of shape {array.shape}",)
    return Aligned(array[()] if array.ndim == 0 else array, remarks)


def _fit(array: Array, want: Shape, allow: Collection[str]) -> tuple[Array, tuple[str, ...]] | None:
    """Return the array in the wanted shape with what was done, None when that is not the same answer."""
    if array.shape == want:
        return array, ()
    if array.size == 1 and (want == () or set(want) == {1}):
        what = "the number in it" if want == () else f"an array of shape {want}"
        came = f"array of shape {array.shape}" if array.ndim else "number"
        return array.reshape(want), (f"your {came} was read as {what}",)
    for holds, name, words in _rules(array.shape, want):
        if holds and name in allow:
            return array.reshape(want), (f"your {words}",)
    if "transpose" in allow and array.ndim == len(want) == 2 and array.shape == want[::-1]:
        return array.T, (f"your matrix of shape {array.shape} was read as its transpose",)
    return None


def _rules(got: Shape, want: Shape) -> tuple[tuple[bool, str, str], ...]:
    """Return (does it apply, name, remark) of the ways to write the same that only add or drop axes of length one."""
    column, row, flat = (
        f"{kind} of shape {got} was read as" for kind in ("column vector", "row vector", "flat vector")
    )
    return (
        (len(want) == 1 and got == (*want, 1), "column", f"{column} a flat vector"),
        (len(want) == 1 and got == (1, *want), "row", f"{row} a flat vector"),
        (len(got) == 1 and want == (*got, 1), "column", f"{flat} a column"),
        (len(got) == 1 and want == (1, *got), "row", f"{flat} a row"),
        (len(got) == 2 and got[0] == 1 and want == got[::-1], "row", f"{row} a column"),
        (len(got) == 2 and got[1] == 1 and want == got[::-1], "column", f"{column} a row"),
        (got == (1, *want), "batch", f"array of shape {got} was read as a batch of one"),
        (want == (1, *got), "batch", f"array of shape {got} was put into a batch of one"),
    )


def _member(got: list[Any] | tuple[Any, ...], want: Shape, allow: Collection[str]) -> Aligned | None:
    """Return the one member of a tuple that fits, None when none does or several do."""
    if len(got) > MAX_MEMBERS:
        return None
    inner = [name for name in allow if name != "tuple"]
    found: list[tuple[int, Aligned]] = []
    for i, item in enumerate(got):
        array = as_array(item)
        fitted = None if isinstance(array, NotNumeric) else _fit(array, want, inner)
        if fitted is not None:
            found.append((i, _as_wanted(item, *fitted)))
        if len(found) > 1:
            return None
    if not found:
        return None
    i, member = found[0]
    return Aligned(member.value, (f"of the {len(got)} values you returned, number {i + 1} was taken", *member.remarks))
