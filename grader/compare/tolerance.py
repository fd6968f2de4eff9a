"""How far an answer may be from the reference, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.compare.reading import Array

EPS = float(np.finfo(np.float64).eps)
SINGLE = 64 * float(np.finfo(np.float32).eps)
FLOOR = 1000 * EPS


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """An entry is right when |got − want| ≤ atol + noise + rtol · max(|want|, scale).

    `scale` = max|want| · min(1, 1000 ε / rtol): an entry that is tiny beside the largest one is the rest of a
    cancellation and carries an absolute error of some ε · max|want| whichever right way it was computed (Higham,
    Accuracy and Stability of Numerical Algorithms, §3.1), so its relative error says nothing.
    """

    rtol: float = 1e-6
    atol: float = 0.0
    noise: Array | float = 0.0

    def scale(self, want: Array) -> float:
        """Return the size below which an entry's own size no longer counts."""
        finite = np.abs(want[np.isfinite(want)])
        largest = float(np.max(finite, initial=0.0))
        return largest * min(1.0, FLOOR / self.rtol) if self.rtol > 0 else largest

    def excess(self, got: Array, want: Array) -> Array:
        """Return |got − want| minus what is allowed; an entry is wrong where this is positive.

        Infinite and undefined entries of the reference have to be met exactly: −1 where they are, ∞ elsewhere.
        """
        with np.errstate(all="ignore"):
            allowed = self.atol + np.abs(self.noise) + self.rtol * np.maximum(np.abs(want), self.scale(want))
            excess = np.abs(got - want) - allowed
            met = (got == want) | (np.isnan(got) & np.isnan(want))
            odd = ~np.isfinite(got) | ~np.isfinite(want)
            excess = np.where(np.isnan(excess), np.inf, excess)
            return np.asarray(np.where(odd, np.where(met, -1.0, np.inf), excess))

    def close(self, got: Array, want: Array) -> Array:
        """Return which entries are right, as a Boolean array."""
        close: Array = self.excess(got, want) <= 0
        return close

    def agrees(self, got: Array, want: Array) -> bool:
        """Tell whether every entry is right."""
        return bool(np.all(self.excess(got, want) <= 0))

    def relative_error(self, got: Array, want: Array) -> Array:
        """Return |got − want| / max(|want|, scale), the plain difference where that is zero."""
        with np.errstate(all="ignore"):
            size = np.maximum(np.abs(want), self.scale(want))
            return np.asarray(np.abs(got - want) / np.where(size > 0, size, 1.0))
