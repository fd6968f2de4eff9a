"""Part 7. Weights at the start, and batch normalisation.

Sources: Xavier: Glorot & Bengio, 2010, equation 12; He et al., Delving Deep into Rectifiers, 2015, equation 10; batch
normalisation: Ioffe & Szegedy, 2015, algorithm 1 and the gradients of their section 3.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats


def xavier_variance(n_in: int, n_out: int) -> float:
    """Return 2/(n_in + n_out): a compromise that keeps both activations and gradients at their size."""
    return 2 / (n_in + n_out)


def he_variance(n_in: int, n_out: int = 0) -> float:
    """Return 2/n_in: ReLU sets half of the neurons to 0, which the 2 makes good. The outputs do not matter."""
    return 2 / n_in


def xavier_init(n_in: int, n_out: int, rng: np.random.Generator | None = None) -> Array:
    """Return weights (n_in, n_out) drawn from N(0, 2/(n_in + n_out))."""
    rng = rng or np.random.default_rng()
    return rng.normal(0.0, np.sqrt(xavier_variance(n_in, n_out)), size=(n_in, n_out))


def he_init(n_in: int, n_out: int, rng: np.random.Generator | None = None) -> Array:
    """Return weights (n_in, n_out) drawn from N(0, 2/n_in)."""
    rng = rng or np.random.default_rng()
    return rng.normal(0.0, np.sqrt(he_variance(n_in)), size=(n_in, n_out))


def he_network(sizes: Sequence[int], rng: np.random.Generator | None = None) -> tuple[list[Array], list[Array]]:
    """Return weights [(n_in, n_out), …] by He and biases [(n_out,), …] of 0 of a network with these layer sizes."""
    pairs = list(itertools.pairwise(sizes))
    return [he_init(*pair, rng) for pair in pairs], [np.zeros(n_out) for _, n_out in pairs]


def count_parameters(sizes: Sequence[int]) -> int:
    """Return Σ (n_in + 1) n_out: 7,114 for 100-64-10."""
    return sum((n_in + 1) * n_out for n_in, n_out in itertools.pairwise(sizes))


def batch_norm_forward(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: float = 1e-5) -> Array:
    """Return γ x̂ + β with x̂ = (x - μ)/√(σ² + ε), for x (n, d), γ and β (d,).

    μ and σ² are of each column over the batch; the variance is divided by n, not by n - 1.
    """
    x = floats(x)
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)  # (n, d)
    return np.asarray(floats(gamma) * x_hat + floats(beta))


def batch_norm_backward(
    d_out: ArrayLike, x: ArrayLike, gamma: ArrayLike, eps: float = 1e-5
) -> tuple[Array, Array, Array]:
    """Return (∂L/∂x, ∂L/∂γ, ∂L/∂β) from ∂L/∂out, all of the shapes of x (n, d), γ (d,), β (d,).

    μ and σ² depend on every row, so ∂L/∂x = γ/√(σ² + ε) · (g - mean(g) - x̂ mean(g x̂)) with g = ∂L/∂out.
    """
    g, x = floats(d_out), floats(x)
    spread = np.sqrt(x.var(axis=0) + eps)  # (d,)
    x_hat = (x - x.mean(axis=0)) / spread  # (n, d)
    d_x = floats(gamma) / spread * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0))  # (n, d)
    return d_x, (g * x_hat).sum(axis=0), g.sum(axis=0)
