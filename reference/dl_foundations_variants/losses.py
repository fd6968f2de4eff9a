"""Wrong losses: each answers what one sample costs, before any mean is taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import floats
from reference.dl_foundations.losses import inside
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "each_mse",
    "mse-half",
    "half of the squared error",
    "You have ½(y - ŷ)². The mean squared error has no ½ (which some add for a shorter derivative).",
)
def mse_half(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return right.each_mse(y_true, y_pred) / 2


@wrong("each_mse", "mse-not-squared", "not squared", "You average |y - ŷ|: that is the mean absolute error.")
def mse_not_squared(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return right.each_mae(y_true, y_pred)


@wrong(
    "each_mse",
    "mse-root",
    "the root is taken",
    "You return the root of the mean squared error.",
)
def mse_root(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return np.full(np.shape(y_true), math.sqrt(right.mse(y_true, y_pred)))


@wrong(
    "each_mae",
    "mae-without-absolute",
    "positive and negative errors cancel",
    "You average y - ŷ without the absolute value.",
)
def mae_signed(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return floats(y_true) - floats(y_pred)


@wrong(
    "each_mae",
    "mae-absolute-of-the-mean",
    "the absolute value is taken last",
    "You take the absolute value of the mean, so positive and negative errors cancel first. Take it of every error.",
)
def mae_outer(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return np.full(np.shape(y_true), np.abs(np.mean(floats(y_true) - floats(y_pred))))


@wrong(
    "each_mae",
    "mae-squared",
    "the squared error",
    "You average (y - ŷ)²: that is the mean squared error.",
)
def mae_squared(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return right.each_mse(y_true, y_pred)


@wrong(
    "each_binary_cross_entropy",
    "cross-entropy-half",
    "only the positive class counts",
    "You have -y log p alone, so samples of class 0 cost nothing. Add -(1 - y) log(1 - p).",
)
def bce_half(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return -floats(y_true) * np.log(inside(y_pred))


@wrong("each_binary_cross_entropy", "cross-entropy-sign", "the sign is wrong", "Your loss is negative: -Σ is meant.")
def bce_sign(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return -right.each_binary_cross_entropy(y_true, y_pred)


@wrong(
    "each_binary_cross_entropy",
    "cross-entropy-base-two",
    "logarithm to base 2",
    "You use log2. Losses use the natural logarithm, np.log.",
)
def bce_base_two(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return right.each_binary_cross_entropy(y_true, y_pred) / math.log(2)


@wrong(
    "each_categorical_cross_entropy",
    "cross-entropy-mean-over-classes",
    "divided by the number of classes",
    "You average over the classes too (np.mean of everything). Sum over the classes, and average over samples only.",
)
def cce_mean(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return right.each_categorical_cross_entropy(y_true, y_pred) / np.shape(y_true)[-1]


@wrong(
    "each_categorical_cross_entropy",
    "cross-entropy-sign",
    "the sign is wrong",
    "Your loss is negative: there is a minus before the sum.",
)
def cce_sign(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return -right.each_categorical_cross_entropy(y_true, y_pred)


@wrong(
    "each_categorical_cross_entropy",
    "cross-entropy-both-sides",
    "the binary formula for every class",
    "You add -(1 - y) log(1 - p) for every class. For one-hot labels only the true class counts: -Σ y log p.",
)
def cce_both(y_true: ArrayLike, y_pred: ArrayLike) -> Any:
    return np.sum(right.each_binary_cross_entropy(y_true, y_pred), axis=-1)


@wrong(
    "each_huber",
    "huber-half-forgotten",
    "e² instead of ½e²",
    "Inside δ you have e², so the two branches do not meet at δ. It is ½e².",
)
def huber_no_half(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Any:
    size = np.abs(floats(y_true) - floats(y_pred))
    return np.where(size <= delta, size**2, delta * size - delta**2 / 2)


@wrong(
    "each_huber",
    "huber-jumps",
    "-½δ² is missing outside",
    "Outside δ you have δ|e|, so the loss jumps at δ. It is δ|e| - ½δ².",
)
def huber_jumps(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Any:
    size = np.abs(floats(y_true) - floats(y_pred))
    return np.where(size <= delta, size**2 / 2, delta * size)


@wrong(
    "each_huber",
    "huber-branches-exchanged",
    "the branches are exchanged",
    "You use the square for large errors and the straight line for small ones. It is the other way round.",
)
def huber_exchanged(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Any:
    size = np.abs(floats(y_true) - floats(y_pred))
    return np.where(size > delta, size**2 / 2, delta * size - delta**2 / 2)


@wrong("each_huber", "huber-delta-ignored", "δ is not used", "You use δ = 1, whatever is given.")
def huber_ignored(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Any:
    return right.each_huber(y_true, y_pred, 1.0)


@wrong(
    "each_quantile_loss",
    "quantile-mirrored",
    "q and 1 - q are exchanged",
    "Your loss is that of the quantile 1 - q. With e = y - ŷ a prediction that is too low (e > 0) costs q e.",
)
def quantile_mirrored(y_true: ArrayLike, y_pred: ArrayLike, q: float = 0.5) -> Any:
    return right.each_quantile_loss(y_true, y_pred, 1 - q)


@wrong(
    "each_quantile_loss",
    "quantile-absolute",
    "both sides cost the same",
    "You have q|e|. Errors of the two signs cost differently: q e above, (q - 1) e below.",
)
def quantile_absolute(y_true: ArrayLike, y_pred: ArrayLike, q: float = 0.5) -> Any:
    return q * right.each_mae(y_true, y_pred)


@wrong(
    "each_weighted_cross_entropy",
    "weights-ignored",
    "the weights are not used",
    "You compute the plain cross-entropy: the weight of the true class is missing.",
)
def weights_ignored(y_true: ArrayLike, y_pred: ArrayLike, weights: ArrayLike) -> Any:
    return right.each_categorical_cross_entropy(y_true, y_pred)


@wrong(
    "each_weighted_cross_entropy",
    "weights-inside-the-logarithm",
    "the weights are inside the logarithm",
    "You multiply the probabilities by the weights before the logarithm. The weight belongs in front of it.",
)
def weights_inside(y_true: ArrayLike, y_pred: ArrayLike, weights: ArrayLike) -> Any:
    return -np.sum(floats(y_true) * np.log(floats(weights) * floats(y_pred)), axis=-1)


@wrong(
    "each_focal_loss",
    "focal-alpha-for-both",
    "α for both classes",
    "You use α for every sample. Class 0 has the weight 1 - α.",
)
def focal_alpha_both(y_true: ArrayLike, y_pred: ArrayLike, gamma: float = 2.0, alpha: float = 0.25) -> Any:
    p_t = np.where(floats(y_true) == 1, inside(y_pred), 1 - inside(y_pred))
    return -alpha * (1 - p_t) ** gamma * np.log(p_t)


@wrong(
    "each_focal_loss",
    "focal-wrong-way",
    "certain samples count most",
    "You have p_t^γ, which gives the easy samples the most weight. It is (1 - p_t)^γ.",
)
def focal_wrong_way(y_true: ArrayLike, y_pred: ArrayLike, gamma: float = 2.0, alpha: float = 0.25) -> Any:
    y, p = floats(y_true), inside(y_pred)
    p_t, alpha_t = np.where(y == 1, p, 1 - p), np.where(y == 1, alpha, 1 - alpha)
    return -alpha_t * p_t**gamma * np.log(p_t)


@wrong("each_focal_loss", "focal-without-alpha", "α is missing", "You leave out α_t, the weight of the class.")
def focal_without_alpha(y_true: ArrayLike, y_pred: ArrayLike, gamma: float = 2.0, alpha: float = 0.25) -> Any:
    p_t = np.where(floats(y_true) == 1, inside(y_pred), 1 - inside(y_pred))
    return -((1 - p_t) ** gamma) * np.log(p_t)


@wrong(
    "each_focal_loss",
    "focal-positive-only",
    "only the positive class counts",
    "Samples of class 0 cost nothing in your loss. For them p_t = 1 - p and α_t = 1 - α.",
)
def focal_positive_only(y_true: ArrayLike, y_pred: ArrayLike, gamma: float = 2.0, alpha: float = 0.25) -> Any:
    return floats(y_true) * right.each_focal_loss(y_true, y_pred, gamma, alpha)


VARIANTS = catalogue.by_function()
