"""Keras's activation functions in NumPy, by their names; definitions as in the reference of `keras.activations`.

Sparsemax is missing: what Keras 3.15 computes with TensorFlow is not sparsemax (its rows need not sum to one).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.models.structure import Array

# Klambauer et al., Self-Normalizing Neural Networks (2017), equation 14
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

_erf = np.frompyfunc(math.erf, 1, 1)


def linear(x: Array) -> Array:
    """Return x."""
    return x


def relu(x: Array, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Array:
    """Return x above the threshold, capped at `max_value`, and negative_slope · (x − threshold) below."""
    above = x if max_value is None else np.minimum(x, max_value)
    return np.where(x > threshold, above, negative_slope * (x - threshold))


def leaky_relu(x: Array, negative_slope: float = 0.2) -> Array:
    """Return x where it is positive, negative_slope · x elsewhere."""
    return np.where(x > 0, x, negative_slope * x)


def relu6(x: Array) -> Array:
    """Return x between 0 and 6."""
    return np.clip(x, 0, 6)


def elu(x: Array, alpha: float = 1.0) -> Array:
    """Return x where it is positive, α (eˣ − 1) elsewhere."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def celu(x: Array, alpha: float = 1.0) -> Array:
    """Return max(0, x) + min(0, α (e^(x/α) − 1))."""
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha)


def selu(x: Array) -> Array:
    """Return the scaled ELU."""
    return SELU_SCALE * elu(x, SELU_ALPHA)


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e⁻ˣ), without overflow."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, small) / (1 + small))


def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent."""
    return np.tanh(x)


def softmax(x: Array, axis: int | list[int] = -1) -> Array:
    """Return eˣ divided by its sum over the axis or axes, without overflow."""
    axes = tuple(axis) if isinstance(axis, list) else axis
    shifted = np.exp(x - x.max(axis=axes, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=axes, keepdims=True))


def log_softmax(x: Array, axis: int = -1) -> Array:
    """Return the logarithm of softmax."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


def softplus(x: Array) -> Array:
    """Return log(1 + eˣ)."""
    return np.logaddexp(x, 0)


def softsign(x: Array) -> Array:
    """Return x / (1 + |x|)."""
    return np.asarray(x / (1 + np.abs(x)))


def silu(x: Array) -> Array:
    """Return x σ(x), also called swish."""
    return x * sigmoid(x)


def gelu(x: Array, approximate: bool = False) -> Array:  # noqa: FBT001, FBT002 - as Keras has it
    """Return x Φ(x), or its approximation by tanh (Hendrycks and Gimpel, 2016)."""
    if approximate:
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return np.asarray(x * (1 + np.asarray(_erf(x / math.sqrt(2)), x.dtype)) / 2)


def glu(x: Array, axis: int = -1) -> Array:
    """Return the first half of an axis times σ of the second."""
    first, second = np.split(x, 2, axis=axis)
    return first * sigmoid(second)


def mish(x: Array) -> Array:
    """Return x tanh(softplus(x))."""
    return x * np.tanh(softplus(x))


def exponential(x: Array) -> Array:
    """Return eˣ."""
    return np.exp(x)


def hard_sigmoid(x: Array) -> Array:
    """Return x / 6 + 1/2 between 0 and 1."""
    return np.clip(x / 6 + 0.5, 0, 1)


def hard_silu(x: Array) -> Array:
    """Return x times hard_sigmoid(x)."""
    return x * hard_sigmoid(x)


def hard_tanh(x: Array) -> Array:
    """Return x between −1 and 1."""
    return np.clip(x, -1, 1)


def hard_shrink(x: Array, threshold: float = 0.5) -> Array:
    """Return x where |x| is above the threshold, 0 elsewhere."""
    return np.where(np.abs(x) > threshold, x, 0)


def soft_shrink(x: Array, threshold: float = 0.5) -> Array:
    """Return x moved towards 0 by the threshold."""
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


def tanh_shrink(x: Array) -> Array:
    """Return x − tanh(x)."""
    return x - np.tanh(x)


def threshold(x: Array, threshold: float, default_value: float) -> Array:
    """Return x above the threshold, the default elsewhere."""
    return np.where(x > threshold, x, default_value)


def log_sigmoid(x: Array) -> Array:
    """Return the logarithm of the sigmoid."""
    return -softplus(-x)


def sparse_plus(x: Array) -> Array:
    """Return 0 up to −1, (x + 1)² / 4 up to 1, x beyond."""
    return np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x))


def sparse_sigmoid(x: Array) -> Array:
    """Return (x + 1) / 2 between 0 and 1."""
    return np.clip((x + 1) / 2, 0, 1)


def squareplus(x: Array, b: float = 4) -> Array:
    """Return (x + √(x² + b)) / 2."""
    return (x + np.sqrt(x**2 + b)) / 2


ACTIVATIONS: Mapping[str, Callable[..., Array]] = {
    function.__name__: function
    for function in (
        linear, relu, leaky_relu, relu6, elu, celu, selu, sigmoid, tanh, softmax, log_softmax, softplus, softsign, silu,
        gelu, glu, mish, exponential, hard_sigmoid, hard_silu, hard_tanh, hard_shrink, soft_shrink, tanh_shrink,
        threshold, log_sigmoid, sparse_plus, sparse_sigmoid, squareplus,
    )
}  # fmt: skip


def activate(name: str | None, x: Array, settings: Mapping[str, Any] | None = None) -> Array | None:
    """Return the activation of that name applied to x, None where it is not one of Keras's.

    Of the settings those that the function has are used.
    """
    function = ACTIVATIONS.get(name or "")
    if function is None:
        return None
    known = set(inspect.signature(function).parameters) - {"x"}
    return function(x, **{key: value for key, value in (settings or {}).items() if key in known})
