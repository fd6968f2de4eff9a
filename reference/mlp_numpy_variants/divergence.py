"""Wrong entropies and divergences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.variants import Catalogue

catalogue = Catalogue()


def _log(p: ArrayLike) -> Any:
    return np.log(np.asarray(p, dtype=np.float64))


def _sum(values: Any) -> Any:
    return np.sum(values, axis=-1)


catalogue.add(
    "kl_divergence",
    "kl-swapped",
    "P and Q swapped",
    "You return D_KL(Q‖P): the expectation is over P, and the ratio is p/q. The divergence is not symmetric.",
    lambda p, q: _sum(np.asarray(q) * (_log(q) - _log(p))),
)
catalogue.add(
    "kl_divergence",
    "kl-sign",
    "wrong sign",
    "Your divergence is negative: it is Σ p log(p/q), which is never below 0.",
    lambda p, q: -_sum(np.asarray(p) * (_log(p) - _log(q))),
)
catalogue.add(
    "kl_divergence",
    "kl-is-cross-entropy",
    "cross-entropy in the place of the divergence",
    "You return H(P, Q). The divergence is H(P, Q) − H(P).",
    lambda p, q: -_sum(np.asarray(p) * _log(q)),
)
catalogue.add(
    "kl_divergence",
    "kl-not-weighted",
    "not weighted by P",
    "You add up log(p/q) without the factor p: the expectation is over P.",
    lambda p, q: _sum(_log(p) - _log(q)),
)
catalogue.add(
    "cross_entropy",
    "cross-entropy-sign",
    "wrong sign",
    "The minus sign is missing: H(P, Q) = −Σ p log q.",
    lambda p, q: _sum(np.asarray(p) * _log(q)),
)
catalogue.add(
    "cross_entropy",
    "cross-entropy-swapped",
    "P and Q swapped",
    "You return H(Q, P): the expectation is over P, the logarithm is of q.",
    lambda p, q: -_sum(np.asarray(q) * _log(p)),
)
catalogue.add(
    "cross_entropy",
    "cross-entropy-mean",
    "mean instead of sum",
    "You divide by the number of events: H(P, Q) is the sum over them.",
    lambda p, q: -np.mean(np.asarray(p) * _log(q), axis=-1),
)
catalogue.add(
    "entropy",
    "entropy-sign",
    "wrong sign",
    "The minus sign is missing: H(P) = −Σ p log p, which is never below 0.",
    lambda p: _sum(np.asarray(p) * _log(p)),
)


VARIANTS = catalogue.by_function()
