"""A large array as an argument, in a few numbers: enough to know it again, also where another platform rounded it."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGE = 2048  # numbers: smaller arrays are kept whole
SAMPLED = 256
SUMS = 8
NEAR = 1e-11  # of doubles: what a training makes of roundings, and far less than the step of a finite difference
ROUNDINGS = 4  # of coarser numbers than doubles

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sketch:
    """Some entries of an array, and sums of all of them with different signs; `exactly` is what has to be equal."""

    exactly: tuple[str, tuple[int, ...], str]  # kind of number, shape, and what is no finite fraction
    coarse: float  # how far a number may be off, relative to itself
    some: Array  # (n,), n up to SAMPLED
    sums: Array  # (SUMS,)
    largest: float

    @classmethod
    def of(cls, array: Array) -> Sketch:
        """Return the sketch of an array."""
        kind, flat = array.dtype.kind, np.ascontiguousarray(array).ravel()
        if kind not in "fc":
            exactly = (kind, array.shape, _digest(flat.astype("<i8")))
            return cls(exactly=exactly, coarse=0.0, some=np.zeros(0), sums=np.zeros(0), largest=0.0)
        finite = np.isfinite(flat)
        odd = "" if finite.all() else _digest(np.stack([finite, np.isnan(flat)]))
        wide = np.where(finite, flat, 0).astype(np.complex128 if kind == "c" else np.float64)
        return cls(
            exactly=(kind, array.shape, odd),
            coarse=ROUNDINGS * float(np.finfo(array.dtype).eps),
            some=wide[:: max(1, math.ceil(flat.size / SAMPLED))],
            sums=np.array([(wide * signs).sum() for signs in _signs(flat.size)]),
            largest=float(np.abs(wide).max(initial=0.0)),
        )

    def apart(self, other: Sketch) -> float:
        """Return how far two arrays are apart in units of what rounding may do; 0 when equal, infinity from 1 on."""
        if self.exactly != other.exactly:
            return math.inf
        coarse = max(self.coarse, other.coarse, of_single(self.some))
        n = math.prod(self.exactly[1])
        of_sums = max(NEAR, coarse) * math.sqrt(n) * other.largest
        apart = max(
            furthest(self.some, other.some, allowed(np.abs(other.some), other.largest, coarse)),
            furthest(self.sums, other.sums, np.full(len(other.sums), of_sums)),
        )
        return apart if self.coarse == other.coarse else of_another_type(apart)


def allowed(sizes: Array, largest: float, coarse: float) -> Array:
    """Return how far numbers of these absolute sizes may be off by rounding, also where the largest cancelled out."""
    bounds: Array = max(NEAR, coarse) * (sizes + largest)
    return bounds


def of_single(asked: Array) -> float:
    """Return how far numbers (n,) may be off that went through single precision, 0 where they did not.

    A notebook that computes in float32 gives back so what a check gave it, and JSON makes doubles of it.
    """
    with np.errstate(over="ignore"):
        single = asked.astype(np.complex64 if asked.dtype.kind == "c" else np.float32)
    fractions = bool((asked != np.round(asked)).any())  # whole numbers are the same in any precision
    return ROUNDINGS * float(np.finfo(np.float32).eps) if fractions and np.array_equal(single, asked) else 0.0


def of_another_type(apart: float) -> float:
    """Return the distance of numbers of other types: from 0.5 on, so that those of the same type go first."""
    return (1 + apart) / 2


def furthest(one: Array, other: Array, bounds: Array) -> float:
    """Return the largest difference of two arrays (n,) in units of the bounds; infinity from 1 on."""
    differ = one != other
    if not differ.any():
        return 0.0
    ratios = np.abs(one - other)[differ] / np.maximum(bounds[differ], np.finfo(float).tiny)
    return float(ratios.max()) if ratios.max() < 1 else math.inf


def _signs(n: int) -> list[Array]:
    """Return for each sum a sign for each of n entries, by arithmetic that is the same everywhere."""
    mixed = np.arange(1, n + 1, dtype=np.uint32) * np.uint32(2654435761)  # (n,), modulo 2³²
    return [np.where(mixed >> np.uint32(12 + k) & np.uint32(1), 1.0, -1.0) for k in range(SUMS)]


def _digest(array: Array) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:32]
