"""A number for every row of an array, the same however the rows were scaled: to see whether two calls shared rows.

One implementation for both sides: kernels print what `fit` and `evaluate` were given, the grader its own rows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy

MAX_ROWS = 100_000
CHUNK = 4_096
FEW = 16  # numbers in a row: of fewer, which of them exceed their mean says too little
ROUNDED = numpy.uint32(0xFFFFFFF0)  # drops the last bits of a float32: about six digits stay
FACTOR, SHIFT = numpy.uint64(0x9E3779B97F4A7C15), numpy.uint64(32)

Array = numpy.ndarray[Any, Any]


def prints_of(x: Any) -> Array:
    """Return a print of each row of x, of shape (n, ...), as uint64 of shape (n,), at most 100,000.

    Of rows with 16 numbers or more it is made of which numbers exceed the row's mean: pixels in 0..255, in 0..1, and
    standardized by one mean have the same print. Of shorter rows it is made of the numbers themselves.
    """
    rows = numpy.asarray(x)
    rows = rows.reshape(len(rows), math.prod(rows.shape[1:]))[:MAX_ROWS]
    chunks = [_prints(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]
    return numpy.concatenate(chunks) if chunks else numpy.zeros(0, numpy.uint64)


def _prints(rows: Array) -> Array:
    """Return the prints of some rows, shape (n, n_numbers)."""
    if rows.shape[1] < FEW:
        words = (rows.astype(numpy.float32) + numpy.float32(0)).view(numpy.uint32) & ROUNDED  # −0 is 0
        words = words.astype(numpy.uint64)
    else:
        above = rows > rows.mean(axis=1, dtype=numpy.float64, keepdims=True)
        packed = numpy.packbits(above, axis=1)
        packed = numpy.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
        words = packed.view(numpy.uint64)  # (n, n_words)
    found = numpy.zeros(len(rows), numpy.uint64)
    for column in words.T:
        found = (found ^ column) * FACTOR
        found ^= found >> SHIFT
    return found
