"""Part 1. The perceptron and its learning rule (Rosenblatt, Psychological Review 65, 1958).

Labels are 0 and 1. The perceptron answers 1 where w·x + b ≥ 0, and learns from its mistakes only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats


def perceptron_predict(w: ArrayLike, b: float, X: ArrayLike) -> Array:
    """Return the label 0 or 1 of every row of X, or of one x of shape (n_features,)."""
    return floats(floats(X) @ floats(w) + b >= 0)  # (n_samples,)


def perceptron_step(w: ArrayLike, b: float, x: ArrayLike, y: float, learning_rate: float = 1.0) -> tuple[Array, float]:
    """Return (w, b) after one sample: w + η (y - ŷ) x and b + η (y - ŷ), so a right answer changes nothing."""
    w, x = floats(w), floats(x)
    error = float(y) - float(perceptron_predict(w, b, x))  # -1, 0 or 1
    return w + learning_rate * error * x, float(b + learning_rate * error)


def train_perceptron(X: ArrayLike, y: ArrayLike, epochs: int = 100, learning_rate: float = 1.0) -> tuple[Array, float]:
    """Return (w, b) after passing over the samples until a pass makes no mistake, or `epochs` times.

    On separable data the number of mistakes is at most (R/γ)², R the longest sample (with its 1 for the bias) and γ
    the margin: Novikoff, On convergence proofs on perceptrons, 1962.
    """
    X, y = floats(X), floats(y)
    w, b = np.zeros(X.shape[1]), 0.0  # (n_features,)
    for _ in range(epochs):
        before = (w, b)
        for sample, label in zip(X, y, strict=True):
            w, b = perceptron_step(w, b, sample, label, learning_rate)
        if np.array_equal(w, before[0]) and b == before[1]:
            break
    return w, b
