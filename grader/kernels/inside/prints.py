"""A number for every row of an array, the same however the rows were scaled: to see whether two calls shared rows.

One implementation for both sides: kernels print what `fit` and `evaluate` were given, the grader its own rows.
"""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_ROWS = 100_000
CHUNK = 400_000  # numbers at a time: what a processor's cache holds
FEW = 64  # numbers in a row: of fewer, such as the columns of a table, which exceed their mean says too little
DIGITS = 6
OFF = 0.00123457  # the way from mean to maximum: a number that is the mean must not exceed it by a rounding error
FACTOR, SHIFT = numpy.uint64(0x9E3779B97F4A7C15), numpy.uint64(32)

Array = numpy.ndarray[Any, Any]


def prints_of(x: Any) -> Array:
    """Return a print of each row of x, of shape (n, ...), as uint64 of shape (n,), at most 100,000.

    Of rows with 64 numbers or more it is made of which numbers exceed the row's mean: pixels in 0..255, in 0..1, and
    standardized by one mean have the same print; standardized by a mean for each pixel they have another. That pattern
    says nothing of shorter rows, so theirs is made of the numbers themselves, to six digits: the same flowers in
    centimetres and standardized have different prints.
    """
    rows = numpy.asarray(x)[:MAX_ROWS]
    rows = rows.reshape(len(rows), math.prod(rows.shape[1:]))
    words_of = _digits if rows.shape[1] < FEW else _pattern
    size = max(1, CHUNK // max(1, rows.shape[1]))
    with numpy.errstate(all="ignore"):
        chunks = [
            _mixed(words_of(numpy.ascontiguousarray(rows[start : start + size]))) for start in range(0, len(rows), size)
        ]
    return numpy.concatenate(chunks) if chunks else numpy.zeros(0, numpy.uint64)


def _pattern(rows: Array) -> Array:
    """Return which numbers of a row, shape (n, width), exceed its mean, as bits in uint64 words (n, n_words)."""
    if rows.dtype.kind == "b":
        rows = rows.view(numpy.uint8)
    level = _level(rows)  # (n, 1)
    if rows.dtype.kind in "iu":
        level = numpy.floor(level).astype(rows.dtype)  # which compares as well, and faster
    elif rows.dtype.itemsize == 4:
        level = level.astype(rows.dtype)
    packed = numpy.packbits(rows > level, axis=1)
    words: Array = numpy.pad(packed, ((0, 0), (0, -packed.shape[1] % 8))).view(numpy.uint64)
    return words


def _level(rows: Array) -> Array:
    """Return what the numbers of each row are compared with, (n, 1); those that are not finite have no part in it."""
    mean = rows.mean(axis=1, dtype=numpy.float64, keepdims=True)
    level: Array = mean + OFF * (rows.max(axis=1, keepdims=True) - mean)
    if numpy.isfinite(level).all():
        return level
    finite = numpy.isfinite(rows)
    mean = rows.sum(axis=1, dtype=numpy.float64, keepdims=True, where=finite) / finite.sum(axis=1, keepdims=True)
    level = mean + OFF * (rows.max(axis=1, keepdims=True, where=finite, initial=-numpy.inf) - mean)
    return level


def _digits(rows: Array) -> Array:
    """Return the first six digits and the exponent of each number, packed into uint64, shape (n, width)."""
    numbers = rows.astype(numpy.float64)
    size = numpy.abs(numbers)
    finite = numpy.isfinite(numbers)
    exponents = numpy.floor(numpy.log10(numpy.where(finite & (size > 0), size, 1.0))).clip(-290, 290)
    digits = numpy.rint(numpy.where(finite, numbers, 0.0) * 10.0 ** (DIGITS - 1 - exponents))
    carried = numpy.abs(digits) >= 10**DIGITS  # 9.999999 is 10.0000
    digits, exponents = numpy.where(carried, numpy.rint(digits / 10), digits), exponents + carried
    odd = numpy.where(numpy.isnan(numbers), 1, numpy.where(numbers > 0, 2, 3))
    words = numpy.where(finite, digits.astype(numpy.int64) * 1_024 + exponents.astype(numpy.int64) + 512, odd)
    return words.astype(numpy.int64).view(numpy.uint64)


def _mixed(words: Array) -> Array:
    """Return a hash of the words of each row, (n, n_words) to (n,)."""
    found = numpy.zeros(len(words), numpy.uint64)
    for column in words.T:
        found = (found ^ column) * FACTOR
        found ^= found >> SHIFT
    return found
