"""Part 4. Loss functions: the mean over samples of what one sample costs.

Targets and predictions have the same shape, (n,) or (n, classes). Regression losses are averaged over all numbers;
losses of classes are summed over the classes and averaged over the samples. Probabilities are kept away from 0 and 1
by `EPSILON`, Keras's own 1e-7, so that a certainty that is wrong costs 16, not infinity.

Sources: Goodfellow, Bengio & Courville, Deep Learning, 2016, §§5.5, 6.2; Huber, Ann. Math. Statist. 35, 1964; quantile:
Koenker & Bassett, Econometrica 46, 1978; focal: Lin et al., Focal Loss for Dense Object Detection, 2017.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats

EPSILON = 1e-7


def mse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of (y - ŷ)²."""
    return float(np.mean(each_mse(y_true, y_pred)))


def mae(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of |y - ŷ|."""
    return float(np.mean(each_mae(y_true, y_pred)))


def binary_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean of -y log p - (1 - y) log(1 - p)."""
    return float(np.mean(each_binary_cross_entropy(y_true, y_pred)))


def categorical_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Return the mean over samples of -Σ_k y_k log p_k, y one-hot of shape (n, classes)."""
    return float(np.mean(each_categorical_cross_entropy(y_true, y_pred)))


def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> float:
    """Return the mean of ½e² where |e| ≤ δ, else δ|e| - ½δ², with e = y - ŷ: both branches meet smoothly at δ."""
    return float(np.mean(each_huber(y_true, y_pred, delta)))


def quantile_loss(y_true: ArrayLike, y_pred: ArrayLike, q: float = 0.5) -> float:
    """Return the mean of max(q e, (q - 1) e) with e = y - ŷ: for q > ½ a prediction that is too low costs more."""
    return float(np.mean(each_quantile_loss(y_true, y_pred, q)))


def weighted_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike, weights: ArrayLike) -> float:
    """Return the mean over samples of -Σ_k w_k y_k log p_k, y one-hot (n, classes), w (classes,)."""
    return float(np.mean(each_weighted_cross_entropy(y_true, y_pred, weights)))


def focal_loss(y_true: ArrayLike, y_pred: ArrayLike, gamma: float = 2.0, alpha: float = 0.25) -> float:
    """Return the mean of -α_t (1 - p_t)^γ log p_t, where p_t = p and α_t = α for y = 1, else 1 - p and 1 - α."""
    return float(np.mean(each_focal_loss(y_true, y_pred, gamma, alpha)))


# --- what one sample costs: the same formulas before any mean is taken -----------------------------------------


def each_mse(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return (y - ŷ)² of every number."""
    return (floats(y_true) - floats(y_pred)) ** 2


def each_mae(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return |y - ŷ| of every number."""
    return np.abs(floats(y_true) - floats(y_pred))


def each_binary_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return -y log p - (1 - y) log(1 - p) of every sample, shape (n,)."""
    y, p = floats(y_true), inside(y_pred)
    return -(y * np.log(p) + (1 - y) * np.log1p(-p))


def each_categorical_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return -Σ_k y_k log p_k of every sample, shape (n,)."""
    return np.asarray(-np.sum(floats(y_true) * np.log(inside(y_pred)), axis=-1))


def each_huber(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Array:
    """Return Huber's loss of every number."""
    size = np.abs(floats(y_true) - floats(y_pred))
    return np.where(size <= delta, size**2 / 2, delta * size - delta**2 / 2)


def each_quantile_loss(y_true: ArrayLike, y_pred: ArrayLike, q: float = 0.5) -> Array:
    """Return the pinball loss of every number."""
    e = floats(y_true) - floats(y_pred)
    return np.maximum(q * e, (q - 1) * e)


def each_weighted_cross_entropy(y_true: ArrayLike, y_pred: ArrayLike, weights: ArrayLike) -> Array:
    """Return -Σ_k w_k y_k log p_k of every sample, shape (n,)."""
    return np.asarray(-np.sum(floats(weights) * floats(y_true) * np.log(inside(y_pred)), axis=-1))


def each_focal_loss(y_true: ArrayLike, y_pred: ArrayLike, gamma: float = 2.0, alpha: float = 0.25) -> Array:
    """Return the focal loss of every sample, shape (n,)."""
    y, p = floats(y_true), inside(y_pred)
    p_t, alpha_t = np.where(y == 1, p, 1 - p), np.where(y == 1, alpha, 1 - alpha)
    return -alpha_t * (1 - p_t) ** gamma * np.log(p_t)


def inside(p: ArrayLike) -> Array:
    """Return probabilities pushed into ε..1 - ε."""
    return np.clip(floats(p), EPSILON, 1 - EPSILON)
