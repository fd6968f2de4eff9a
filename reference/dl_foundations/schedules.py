"""Part 5b. Learning-rate schedules: the rate of an epoch, counted from 0.

Sources: cosine annealing: Loshchilov & Hutter, SGDR, 2017, equation 5; one cycle: Smith, A disciplined approach to
neural network hyper-parameters, 2018, in its plain form of two straight lines; the others are folklore, as Keras and
PyTorch have them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from reference.dl_foundations.arrays import Array, floats


def step_decay(epoch: float, initial: float, drop: float = 0.5, every: int = 10) -> float:
    """Return initial · drop^⌊epoch/every⌋."""
    return initial * drop ** math.floor(epoch / every)


def exponential_decay(epoch: float, initial: float, k: float = 0.1) -> float:
    """Return initial · e^{-k epoch}."""
    return initial * math.exp(-k * epoch)


def cosine_annealing(epoch: float, initial: float, total: int, minimum: float = 0.0) -> float:
    """Return minimum + ½(initial - minimum)(1 + cos(π epoch/total)): from initial at 0 to minimum at `total`."""
    return minimum + (initial - minimum) * (1 + math.cos(math.pi * epoch / total)) / 2


def one_cycle(epoch: float, maximum: float, total: int) -> float:
    """Return the rate that climbs in a straight line from maximum/10 to maximum at total/2, and comes down again."""
    height = 1 - abs(2 * epoch / total - 1)  # 0 at both ends, 1 in the middle
    return maximum / 10 + (maximum - maximum / 10) * height


def reduce_on_plateau(
    losses: ArrayLike | Sequence[float], initial: float, factor: float = 0.1, patience: int = 3
) -> Array:
    """Return the rate after each epoch, given the validation loss of each, shape (n_epochs,).

    An epoch without a new lowest loss is one in vain. After `patience` of them in a row the rate is multiplied with
    `factor`, and counting begins anew.
    """
    rate, best, in_vain, rates = initial, math.inf, 0, []
    for loss in floats(losses):
        in_vain = 0 if loss < best else in_vain + 1
        best = min(best, loss)
        if in_vain >= patience:
            rate, in_vain = rate * factor, 0
        rates.append(rate)
    return np.array(rates)
