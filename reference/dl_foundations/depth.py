"""Part 8. What depth does to gradients, and what helps: clipping and residual connections.

Sources: Bengio, Simard & Frasconi, 1994; Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural
networks, 2013 (clipping by norm, algorithm 1); He et al., Deep Residual Learning for Image Recognition, 2016.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations import activations
from reference.dl_foundations.arrays import Array, floats


def clip_by_value(g: ArrayLike, limit: float) -> Array:
    """Return g with every entry kept within -limit..limit."""
    return np.clip(floats(g), -limit, limit)


def clip_by_norm(g: ArrayLike, max_norm: float) -> Array:
    """Return g, scaled down to length max_norm where it is longer: the direction stays."""
    g = floats(g)
    norm = float(np.linalg.norm(g))  # of all entries, also of a matrix
    return g * (max_norm / norm) if norm > max_norm else g.copy()


def residual_block(x: ArrayLike, W1: ArrayLike, W2: ArrayLike) -> Array:
    """Return x + ReLU(x W1) W2 for x (n, d), W1 (d, m), W2 (m, d): the block only learns what to add."""
    x = floats(x)
    return x + np.maximum(x @ floats(W1), 0.0) @ floats(W2)  # (n, d)


def gradient_norms(weights: Sequence[ArrayLike], x: ArrayLike, activation: str = "sigmoid") -> Array:
    """Return ‖∂L/∂W‖ of every layer, first layer first, for L = ½ Σ a² of the last layer's activations a.

    weights are [(n_0, n_1), (n_1, n_2), …], there are no biases, x has shape (n_0,), every layer has the activation
    "sigmoid", "tanh" or "relu". The norm is that of all entries (Frobenius).
    """
    f, f_prime = getattr(activations, activation), getattr(activations, f"{activation}_prime")
    matrices, inputs, zs = [floats(w) for w in weights], [np.ravel(floats(x))], []
    for w in matrices:
        zs.append(inputs[-1] @ w)  # (n_out,)
        inputs.append(f(zs[-1]))
    error, norms = inputs[-1], []  # ∂L/∂a of the last layer is a
    for layer in reversed(range(len(matrices))):
        delta = error * f_prime(zs[layer])  # (n_out,)
        norms.append(np.linalg.norm(np.outer(inputs[layer], delta)))
        error = matrices[layer] @ delta  # (n_in,)
    return np.array(norms[::-1])
