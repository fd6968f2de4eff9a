"""Wrong batch normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import floats
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "batch_norm_forward",
    "batch-norm-by-rows",
    "normalised along the wrong axis",
    "You normalise each row (that is layer normalisation). Take mean and variance of each column: axis=0.",
)
def bn_rows(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> Any:
    x = floats(x)
    x_hat = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + eps)
    return floats(gamma) * x_hat + floats(beta)


@wrong(
    "batch_norm_forward",
    "batch-norm-over-everything",
    "one mean for all features",
    "You take mean and variance of all numbers together. Every feature has its own: axis=0.",
)
def bn_everything(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> Any:
    x = floats(x)
    return floats(gamma) * (x - x.mean()) / np.sqrt(x.var() + eps) + floats(beta)


@wrong(
    "batch_norm_forward",
    "batch-norm-sample-variance",
    "divided by n - 1",
    "You divide the variance by n - 1 (ddof=1). Batch normalisation divides by n.",
)
def bn_sample(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> Any:
    x = floats(x)
    return floats(gamma) * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + eps) + floats(beta)


@wrong(
    "batch_norm_forward",
    "batch-norm-without-root",
    "divided by the variance",
    "You divide by the variance, not by its root.",
)
def bn_no_root(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> Any:
    x = floats(x)
    return floats(gamma) * (x - x.mean(axis=0)) / (x.var(axis=0) + eps) + floats(beta)


@wrong(
    "batch_norm_forward",
    "batch-norm-not-scaled",
    "γ and β are not used",
    "You return x̂ itself: scale it with γ and shift it by β.",
)
def bn_plain(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> Any:
    return right.batch_norm_forward(x, np.ones_like(floats(gamma)), np.zeros_like(floats(beta)), eps)


@wrong(
    "batch_norm_backward",
    "batch-norm-constant-statistics",
    "mean and variance are taken for constants",
    "Your ∂L/∂x is γ g/√(σ² + ε). But every row changes the mean and the variance too, and through them all others.",
)
def bn_back_constant(d_out: ArrayLike, x: ArrayLike, gamma: ArrayLike, eps: float = 1e-5) -> Any:
    _, d_gamma, d_beta = right.batch_norm_backward(d_out, x, gamma, eps)
    return floats(gamma) * floats(d_out) / np.sqrt(floats(x).var(axis=0) + eps), d_gamma, d_beta


@wrong(
    "batch_norm_backward",
    "batch-norm-constant-variance",
    "the variance is taken for a constant",
    "You follow the mean back, but not the variance: the term x̂ mean(g x̂) is missing in ∂L/∂x.",
)
def bn_back_mean_only(d_out: ArrayLike, x: ArrayLike, gamma: ArrayLike, eps: float = 1e-5) -> Any:
    g = floats(d_out)
    _, d_gamma, d_beta = right.batch_norm_backward(d_out, x, gamma, eps)
    return floats(gamma) * (g - g.mean(axis=0)) / np.sqrt(floats(x).var(axis=0) + eps), d_gamma, d_beta


@wrong(
    "batch_norm_backward",
    "batch-norm-gamma-forgotten",
    "γ is missing in ∂L/∂x",
    "The gradient by x̂ is γ g: you left out γ.",
)
def bn_back_no_gamma(d_out: ArrayLike, x: ArrayLike, gamma: ArrayLike, eps: float = 1e-5) -> Any:
    d_x, _, _ = right.batch_norm_backward(d_out, x, np.ones_like(floats(gamma)), eps)
    return d_x, *right.batch_norm_backward(d_out, x, gamma, eps)[1:]


@wrong(
    "batch_norm_backward",
    "batch-norm-means-for-sums",
    "means instead of sums",
    "You average ∂L/∂γ and ∂L/∂β over the batch. They are sums: every row adds to the loss.",
)
def bn_back_means(d_out: ArrayLike, x: ArrayLike, gamma: ArrayLike, eps: float = 1e-5) -> Any:
    d_x, d_gamma, d_beta = right.batch_norm_backward(d_out, x, gamma, eps)
    return d_x, d_gamma / len(floats(x)), d_beta / len(floats(x))


VARIANTS = catalogue.by_function()
