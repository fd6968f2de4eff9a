"""Part 3. Activation functions and their derivatives, elementwise, for z of any shape.

Sources: Goodfellow, Bengio & Courville, Deep Learning, 2016, §6.3; leaky ReLU: Maas et al., 2013; PReLU: He et al.,
2015; ELU: Clevert et al., 2016; swish: Ramachandran et al., 2017.

Nothing overflows: exponentials are only taken of numbers that are not positive. Where a function has a corner (at 0)
the derivative is that from the left; each number between both sides is a subgradient and just as right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats, sigmoid_of


def sigmoid(z: ArrayLike) -> Array:
    """Return σ(z) = 1/(1 + e^{-z})."""
    return sigmoid_of(z)


def sigmoid_prime(z: ArrayLike) -> Array:
    """Return σ′(z) = σ(z)(1 - σ(z)) = e/(1 + e)² with e = e^{-|z|}."""
    e = np.exp(-np.abs(floats(z)))
    return e / (1.0 + e) ** 2


def tanh(z: ArrayLike) -> Array:
    """Return tanh(z) = (e^z - e^{-z})/(e^z + e^{-z})."""
    return np.tanh(floats(z))


def tanh_prime(z: ArrayLike) -> Array:
    """Return 1 - tanh²(z), as 4e/(1 + e)² with e = e^{-2|z|}: no digits are lost far out."""
    e = np.exp(-2 * np.abs(floats(z)))
    return np.asarray(4 * e / (1.0 + e) ** 2)


def relu(z: ArrayLike) -> Array:
    """Return max(0, z)."""
    return np.maximum(floats(z), 0.0)


def relu_prime(z: ArrayLike) -> Array:
    """Return 1 where z > 0, else 0."""
    return floats(floats(z) > 0)


def leaky_relu(z: ArrayLike, alpha: float = 0.01) -> Array:
    """Return z where z > 0, else α z."""
    z = floats(z)
    return np.where(z > 0, z, alpha * z)


def leaky_relu_prime(z: ArrayLike, alpha: float = 0.01) -> Array:
    """Return 1 where z > 0, else α."""
    return np.where(floats(z) > 0, 1.0, alpha)


def prelu(z: ArrayLike, a: float) -> Array:
    """Return z where z > 0, else a z: a leaky ReLU whose slope a is learned."""
    return leaky_relu(z, a)


def prelu_prime(z: ArrayLike, a: float) -> Array:
    """Return the derivative by z: 1 where z > 0, else a."""
    return leaky_relu_prime(z, a)


def elu(z: ArrayLike, alpha: float = 1.0) -> Array:
    """Return z where z > 0, else α(e^z - 1)."""
    z = floats(z)
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def elu_prime(z: ArrayLike, alpha: float = 1.0) -> Array:
    """Return 1 where z > 0, else α e^z."""
    z = floats(z)
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0.0)))


def swish(z: ArrayLike) -> Array:
    """Return z σ(z)."""
    return floats(z) * sigmoid_of(z)


def swish_prime(z: ArrayLike) -> Array:
    """Return σ(z) + z σ′(z), by the product rule."""
    return sigmoid_of(z) + floats(z) * sigmoid_prime(z)


def linear(z: ArrayLike) -> Array:
    """Return z."""
    return floats(z).copy()


def linear_prime(z: ArrayLike) -> Array:
    """Return 1 everywhere."""
    return np.ones_like(floats(z))


def softmax(z: ArrayLike) -> Array:
    """Return e^{z_i}/Σ_j e^{z_j} along the last axis; the largest logit is taken off first."""
    z = floats(z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # (..., n)
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def softmax_prime(z: ArrayLike) -> Array:
    """Return the Jacobian ∂y_i/∂z_j = y_i(δ_ij - y_j) of shape (n, n) for z of shape (n,)."""
    y = softmax(np.ravel(floats(z)))  # (n,)
    return np.diag(y) - np.outer(y, y)  # (n, n)
