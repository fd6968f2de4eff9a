"""What all parts share: arrays of floats."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def floats(value: ArrayLike) -> Array:
    """Return the value as an array of floats."""
    return np.asarray(value, dtype=np.float64)


def sigmoid_of(z: ArrayLike) -> Array:
    """Return σ(z), written with e^{-|z|} so that nothing overflows."""
    z = floats(z)
    e = np.exp(-np.abs(z))  # in 0..1
    return np.where(z >= 0, 1.0, e) / (1.0 + e)
