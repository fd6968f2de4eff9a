"""Entropy, cross-entropy and the Kullback-Leibler divergence of discrete distributions, in nats.

H(P, Q) = D_KL(P‖Q) + H(P) (Cover & Thomas 2006, §2.3): where H(P) does not depend on the model, as with one-hot labels
(H(P) = 0), minimising the cross-entropy and minimising the divergence are the same.

Distributions are arrays of shape (..., n) that sum to one along the last axis. 0 log 0 counts as 0; an event that Q
rules out and P does not makes cross-entropy and divergence infinite.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def entropy(p: ArrayLike) -> Any:
    """Return H(P) = -Σ_i p_i log p_i, of shape (...)."""
    return cross_entropy(p, p)


def cross_entropy(p: ArrayLike, q: ArrayLike) -> Any:
    """Return H(P, Q) = -Σ_i p_i log q_i, of shape (...)."""
    p, q = np.broadcast_arrays(np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64))
    with np.errstate(divide="ignore"):
        surprise = -np.log(np.where(p > 0, q, 1.0))  # (..., n), 0 where p is 0
    return np.sum(p * surprise, axis=-1)


def kl_divergence(p: ArrayLike, q: ArrayLike) -> Any:
    """Return D_KL(P‖Q) = Σ_i p_i log(p_i / q_i), of shape (...); at least 0, and 0 only where P = Q."""
    p, q = np.broadcast_arrays(np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64))
    there = p > 0
    with np.errstate(divide="ignore"):
        log_ratio = np.log(np.where(there, p, 1.0)) - np.log(np.where(there, q, 1.0))  # (..., n)
    return np.sum(p * log_ratio, axis=-1)
