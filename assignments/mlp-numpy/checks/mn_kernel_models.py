"""Asking the models that are still there: the student's own networks, and scikit-learn's."""

from __future__ import annotations

import numpy as np
from mn_kernel_arrays import rows
from mn_kernel_things import at


def guesses_at(path, x):
    """Return what the network at a path predicts for x."""
    return at(path).predict(x)


def agreement(path, x, y):
    """Return the share of right guesses of the model at a path on rows x and labels y; None where it has none."""
    guesses, labels = (labels_of(each) for each in (at(path).predict(rows(x)), rows(y)))
    return float(np.mean(guesses == labels)) if guesses.shape == labels.shape else None


def labels_of(value):
    """Return labels of shape (n,) from numbers, one-hot rows or probabilities."""
    value = np.asarray(value)
    return value.argmax(axis=1) if value.ndim == 2 and value.shape[1] > 1 else value.ravel()
