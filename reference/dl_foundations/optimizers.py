"""Part 5a. One step of an optimizer: parameters and state in, parameters and state out; nothing is changed in place.

Sources: SGD: Robbins & Monro, 1951; momentum: Polyak, 1964; AdaGrad: Duchi, Hazan & Singer, 2011; RMSprop: Hinton,
Coursera lecture 6e, 2012; Adam: Kingma & Ba, 2015, algorithm 1. All numbers are those of Keras 3, but for where ε
stands: Keras has it under the root in RMSprop and AdaGrad, and after the root in Adam.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats


def sgd_step(w: ArrayLike, g: ArrayLike, learning_rate: float = 0.01) -> Array:
    """Return w - η g."""
    return floats(w) - learning_rate * floats(g)


def momentum_step(
    w: ArrayLike, g: ArrayLike, v: ArrayLike, learning_rate: float = 0.01, beta: float = 0.9
) -> tuple[Array, Array]:
    """Return (w, v): v ← β v - η g, then w ← w + v."""
    v = beta * floats(v) - learning_rate * floats(g)
    return floats(w) + v, v


def rmsprop_step(
    w: ArrayLike,
    g: ArrayLike,
    s: ArrayLike,
    learning_rate: float = 0.001,
    rho: float = 0.9,
    epsilon: float = 1e-8,
) -> tuple[Array, Array]:
    """Return (w, s): s ← ρ s + (1 - ρ) g², then w ← w - η g/(√s + ε)."""
    w, g = floats(w), floats(g)
    s = rho * floats(s) + (1 - rho) * g**2
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def adagrad_step(
    w: ArrayLike, g: ArrayLike, s: ArrayLike, learning_rate: float = 0.01, epsilon: float = 1e-8
) -> tuple[Array, Array]:
    """Return (w, s): s ← s + g², then w ← w - η g/(√s + ε)."""
    w, g = floats(w), floats(g)
    s = floats(s) + g**2
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def adam_step(  # noqa: PLR0913, PLR0917 - what the algorithm takes
    w: ArrayLike,
    g: ArrayLike,
    m: ArrayLike,
    v: ArrayLike,
    t: int,
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Array, Array, Array]:
    """Return (w, m, v) after step number t = 1, 2, …

    m ← β₁ m + (1 - β₁) g and v ← β₂ v + (1 - β₂) g² begin at 0 and are too small at first, so they are divided by
    1 - β₁ᵗ and 1 - β₂ᵗ before w ← w - η m̂/(√v̂ + ε).
    """
    w, g = floats(w), floats(g)
    m = beta1 * floats(m) + (1 - beta1) * g
    v = beta2 * floats(v) + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v
