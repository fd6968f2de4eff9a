"""Part 4, the Keras classifier: the rows students get, and further ones that no student has seen.

The data are scikit-learn's make_classification(n_samples=1000, n_features=20, random_state=42): four Gaussian clouds
at the corners of a square in two of the columns, two mixtures of these, sixteen columns of noise, one label in a
hundred drawn anew (Guyon, Design of experiments of the NIPS 2003 variable selection benchmark, 2003).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference.dl_foundations.arrays import Array

ROWS, FEATURES, STATE = 1_000, 20, 42


class _SameClouds(np.random.RandomState):
    """Draws the same clouds whatever the number of rows, and the rows themselves from another generator."""

    def __init__(self, rows: np.random.RandomState) -> None:
        super().__init__(STATE)
        self._rows = rows

    def standard_normal(self, size: Any = None) -> Any:
        """Return rows of our own, after drawing the given ones: what comes next has to be as for ROWS rows."""
        super().standard_normal((ROWS, *size[1:]))
        return self._rows.standard_normal(size)


def given_rows() -> tuple[Array, Array]:
    """Return (X, y) as students get them: (1000, 20), labels 0 and 1 of shape (1000,)."""
    from sklearn.datasets import make_classification  # takes a second to import

    X, y = make_classification(n_samples=ROWS, n_features=FEATURES, random_state=STATE)
    return X, y


def new_rows(n: int, seed: int = 0) -> tuple[Array, Array]:
    """Return n further rows of the same clouds with their labels, in random order."""
    from sklearn.datasets import make_classification

    rng = np.random.RandomState(seed)
    X, y = make_classification(n, FEATURES, shuffle=False, random_state=_SameClouds(rng))
    order = rng.permutation(n)
    return X[order][:, _columns()], y[order]


def _columns() -> list[int]:
    """Return where each column of the given rows stands before columns are shuffled, by the numbers in them."""
    from sklearn.datasets import make_classification

    plain, _ = make_classification(ROWS, FEATURES, shuffle=False, random_state=STATE)
    shuffled, _ = given_rows()
    ordered = np.sort(plain, axis=0)  # (1000, 20)
    return [int(np.flatnonzero((ordered == column[:, None]).all(axis=0))[0]) for column in np.sort(shuffled, axis=0).T]
