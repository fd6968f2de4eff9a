"""Reading an answer that has several parts: which of the arrays in it is which."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.probe import is_handle

MAX_TRIES = 500


def number_array(value: Any) -> np.ndarray | None:
    """Return a value as an array of floats; None where it is no rectangle of real numbers."""
    if is_handle(value) or value is None or isinstance(value, str | dict):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def leaves(value: Any) -> Iterator[np.ndarray]:
    """Yield every array and number in an answer, in order; a list of numbers, or of rows, counts as an array too."""
    array = number_array(value)
    if array is not None:
        yield array
    if isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(leaves, value.values()))
    elif isinstance(value, list | tuple) and len(value) <= 64:
        yield from itertools.chain.from_iterable(map(leaves, value))


def atoms(value: Any) -> Iterator[np.ndarray]:
    """Yield every array in an answer once: what is numeric as a whole is not taken apart."""
    array = number_array(value)
    if array is not None and not isinstance(value, tuple):
        yield array
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(atoms, value.values()))
    elif isinstance(value, list | tuple):
        yield from itertools.chain.from_iterable(map(atoms, value))


def fitted(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return an array in the wanted shape where that only drops axes of length one or transposes, else None."""
    if array.shape == shape:
        return array
    if [n for n in array.shape if n != 1] == [n for n in shape if n != 1]:
        return array.reshape(shape)
    return array.T if len(shape) == 2 and array.shape == shape[::-1] else None


def readings(value: Any, want: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield the ways to find the wanted parts in an answer, each array used once, the order asked for first."""
    found = list(leaves(value))
    options = [
        [(i, part) for i, leaf in enumerate(found) if (part := fitted(leaf, np.shape(w))) is not None] for w in want
    ]
    for combination in itertools.islice(itertools.product(*options), MAX_TRIES):
        places = [i for i, _ in combination]
        if len(set(places)) == len(places):
            yield [part for _, part in combination]
