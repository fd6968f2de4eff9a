"""A classifier with one hidden layer, by hand: the right answers to `mnist-mlp`, in NumPy.

The network is h = f(W_h x + b_h), z = W_o h + b_o, ŷ = softmax(z), with the loss L = −Σ_i y_i log ŷ_i for a one-hot
label y (Goodfellow, Bengio & Courville 2016, §6.2 and §6.5). A sample is a vector x of shape (n_in,), so W_h has the
shape (n_hidden, n_in) and W_o (n_classes, n_hidden). f is ReLU, max(0, a), with f′ = 1 where a > 0, else 0.

No function changes its arguments, and none overflows for logits of ±1000.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

TINY = float(np.finfo(np.float64).tiny)


# --- forward -------------------------------------------------------------------------------------------------------


def hidden_layer(x: ArrayLike, W_h: ArrayLike, b_h: ArrayLike) -> Array:
    """Return h = relu(W_h x + b_h), shape (n_hidden,)."""
    h: Array = np.maximum(np.asarray(W_h) @ np.asarray(x) + np.asarray(b_h), 0.0)
    return h


def logits(h: ArrayLike, W_o: ArrayLike, b_o: ArrayLike) -> Array:
    """Return z = W_o h + b_o, shape (n_classes,)."""
    z: Array = np.asarray(W_o) @ np.asarray(h) + np.asarray(b_o)
    return z


def softmax(z: ArrayLike) -> Array:
    """Return ŷ_i = e^{z_i} / Σ_j e^{z_j} along the last axis; the largest logit is taken off first."""
    z = np.asarray(z, dtype=np.float64)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    ratio: Array = e / e.sum(axis=-1, keepdims=True)
    return ratio


def cross_entropy(y: ArrayLike, y_hat: ArrayLike) -> float:
    """Return L = −Σ_i y_i log ŷ_i of one sample; 0 · log 0 counts as 0."""
    return float(-np.sum(np.asarray(y) * np.log(np.maximum(y_hat, TINY))))


def mean_loss(Y: ArrayLike, Y_hat: ArrayLike) -> float:
    """Return the mean of the losses of n samples, from labels and probabilities of shape (n, n_classes)."""
    return float(np.mean([cross_entropy(y, y_hat) for y, y_hat in zip(np.asarray(Y), np.asarray(Y_hat), strict=True)]))


# --- backward ------------------------------------------------------------------------------------------------------


def softmax_jacobian(z: ArrayLike) -> Array:
    """Return ∂ŷ_i/∂z_j = ŷ_i (δ_ij − ŷ_j), shape (n_classes, n_classes)."""
    p = softmax(z)
    return np.diag(p) - np.outer(p, p)


def gradients(
    x: ArrayLike, y: ArrayLike, W_h: ArrayLike, b_h: ArrayLike, W_o: ArrayLike, b_o: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    """Return (∂L/∂W_h, ∂L/∂b_h, ∂L/∂W_o, ∂L/∂b_o) for one sample, each of its parameter's shape.

    δ_o = ∂L/∂z = ŷ − y, and δ_h = (W_oᵀ δ_o) ⊙ f′; each weight's gradient is its layer's δ times what came in.
    """
    x, W_h, W_o = (np.asarray(value, dtype=np.float64) for value in (x, W_h, W_o))
    h = hidden_layer(x, W_h, b_h)  # (n_hidden,)
    delta_o = softmax(logits(h, W_o, b_o)) - np.asarray(y)  # (n_classes,)
    delta_h = (W_o.T @ delta_o) * (h > 0)  # (n_hidden,)
    return np.outer(delta_h, x), delta_h, np.outer(delta_o, h), delta_o


# --- depth ---------------------------------------------------------------------------------------------------------


def sigmoid(a: ArrayLike) -> Array:
    """Return 1 / (1 + e^{−a}), without overflow."""
    half: Array = 0.5 * (1.0 + np.tanh(0.5 * np.asarray(a, dtype=np.float64)))
    return half


def gradient_norms(
    weights: Sequence[Array], biases: Sequence[Array], x: ArrayLike, y: ArrayLike, activation: str
) -> list[float]:
    """Return ‖∂L/∂W_l‖ (Frobenius) of every layer, the first one first, for one sample.

    Layer l computes f(W_l a + b_l), with f "sigmoid" or "relu" in all layers but the last, which is softmax. The factor
    f′ of every layer on the way down is what makes the norms vanish: σ′ ≤ 1/4 (Hochreiter 1991; Glorot & Bengio 2010).
    """
    inputs, slopes, a = [], [], np.asarray(x, dtype=np.float64)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        inputs.append(a)
        a, slope = _activated(W @ a + b, activation)
        slopes.append(slope)
    inputs.append(a)
    delta = softmax(weights[-1] @ a + biases[-1]) - np.asarray(y)
    norms = [float(np.linalg.norm(np.outer(delta, inputs[-1])))]
    for W, slope, came_in in zip(weights[:0:-1], slopes[::-1], inputs[-2::-1], strict=True):
        delta = (W.T @ delta) * slope
        norms.append(float(np.linalg.norm(np.outer(delta, came_in))))
    return norms[::-1]


def _activated(z: Array, activation: str) -> tuple[Array, Array]:
    """Return f(z) and f′(z)."""
    if activation == "relu":
        return np.maximum(z, 0.0), (z > 0).astype(np.float64)
    a = sigmoid(z)
    return a, a * (1.0 - a)


def deep_network(sizes: Sequence[int], rng: np.random.Generator, activation: str) -> tuple[list[Any], list[Any]]:
    """Return weights and biases of a network: He's variance 2/n_in for ReLU, Glorot's 2/(n_in + n_out) for sigmoid."""
    weights, biases = [], []
    for n_in, n_out in itertools.pairwise(sizes):
        variance = 2.0 / n_in if activation == "relu" else 2.0 / (n_in + n_out)
        weights.append(rng.normal(0.0, np.sqrt(variance), size=(n_out, n_in)))
        biases.append(np.zeros(n_out))
    return weights, biases
