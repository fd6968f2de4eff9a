"""What a network answers about several samples, read as an array in one form."""

from __future__ import annotations

from typing import Any

import numpy as np


def rows_of(value: Any, n: int, classes: int) -> np.ndarray | None:
    """Return the numbers of an answer as (n, classes); of several arrays the last that fits."""
    if isinstance(value, list | tuple) and value and not np.isscalar(value[0]):
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            array = None
        if array is None or array.size != n * classes:
            parts = [found for part in value if (found := rows_of(part, n, classes)) is not None]
            return parts[-1] if parts else None
        value = array
    if isinstance(value, dict):
        return rows_of(list(value.values()), n, classes)
    array = np.asarray(value) if isinstance(value, np.ndarray | list) else None
    if array is None or array.dtype.kind not in "biuf" or array.size != n * classes:
        return None
    squeezed = array.reshape([k for k in array.shape if k != 1] or [1])
    if squeezed.shape == (classes, n):
        return squeezed.T.astype(float)
    return squeezed.astype(float) if squeezed.shape == (n, classes) else None


def labels_of(value: Any, n: int, classes: int) -> np.ndarray | None:
    """Return labels (n,) from labels, one-hot rows or probabilities."""
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    if array.dtype == object:
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            return None
    if array.dtype.kind in "biuf" and array.size == n:
        return array.ravel().astype(int)
    rows = rows_of(value, n, classes)
    return None if rows is None else rows.argmax(axis=1)
