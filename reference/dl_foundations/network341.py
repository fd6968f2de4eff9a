"""Part 6. A network of 3 inputs, 4 hidden neurons and 1 output, all sigmoid: forward, and backward by the chain rule.

Loss of one sample: L = ½(ŷ - y)². Source: Rumelhart, Hinton & Williams, Nature 323, 1986; Goodfellow et al. §6.5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats, sigmoid_of

Gradients = tuple[Array, Array, Array, Array]


def forward(x: ArrayLike, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike) -> Array:
    """Return ŷ of shape (1,) for x (3,), W1 (3, 4), b1 (4,), W2 (4, 1), b2 (1,); (n, 1) for rows of x."""
    hidden = sigmoid_of(floats(x) @ floats(W1) + floats(b1))  # (4,)
    return sigmoid_of(hidden @ floats(W2) + floats(b2))  # (1,)


def backward(x: ArrayLike, y: float, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike) -> Gradients:
    """Return (∂L/∂W1, ∂L/∂b1, ∂L/∂W2, ∂L/∂b2) of one sample x (3,) with its target y.

    With δ = ∂L/∂z: δ₂ = (ŷ - y) ŷ(1 - ŷ), ∂L/∂W2 = hᵀ δ₂, and δ₁ = (δ₂ W2ᵀ) ⊙ h(1 - h), ∂L/∂W1 = xᵀ δ₁.
    """
    x, W2 = np.ravel(floats(x)), floats(W2)  # (3,), (4, 1)
    hidden = sigmoid_of(x @ floats(W1) + floats(b1))  # (4,)
    output = sigmoid_of(hidden @ W2 + floats(b2))  # (1,)
    delta2 = (output - y) * output * (1 - output)  # (1,)
    delta1 = (W2 @ delta2) * hidden * (1 - hidden)  # (4,)
    return np.outer(x, delta1), delta1, np.outer(hidden, delta2), delta2
