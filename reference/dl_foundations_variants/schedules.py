"""Wrong learning-rate schedules."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import floats
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "step_decay",
    "step-decay-smooth",
    "no steps",
    "You do not round down: the rate falls in every epoch. The exponent is ⌊epoch/every⌋, epoch // every in Python.",
)
def step_smooth(epoch: float, initial: float, drop: float = 0.5, every: int = 10) -> Any:
    return initial * drop ** (epoch / every)


@wrong(
    "step_decay",
    "step-decay-one-early",
    "drops one epoch too early",
    "You use (epoch + 1)/every. Epochs count from 0, and the first drop is at epoch `every`.",
)
def step_early(epoch: float, initial: float, drop: float = 0.5, every: int = 10) -> Any:
    return initial * drop ** math.floor((epoch + 1) / every)


@wrong(
    "exponential_decay",
    "exponential-as-power",
    "k^epoch instead of e^(-k epoch)",
    "You multiply with k in every epoch. The rate is initial · e^(-k epoch).",
)
def exponential_power(epoch: float, initial: float, k: float = 0.1) -> Any:
    return initial * k**epoch


@wrong(
    "exponential_decay",
    "exponential-one-minus",
    "(1 - k)^epoch instead of e^(-k epoch)",
    "You take off the fraction k in every epoch. That is close to e^(-k epoch) for small k, but not the same.",
)
def exponential_one_minus(epoch: float, initial: float, k: float = 0.1) -> Any:
    return initial * (1 - k) ** epoch


@wrong(
    "exponential_decay",
    "exponential-sign",
    "the rate grows",
    "The minus in the exponent is missing.",
)
def exponential_sign(epoch: float, initial: float, k: float = 0.1) -> Any:
    return initial * math.exp(k * epoch)


@wrong(
    "cosine_annealing",
    "cosine-minimum-ignored",
    "the minimum is not used",
    "Your rate falls to 0, whatever minimum is given.",
)
def cosine_no_minimum(epoch: float, initial: float, total: int, minimum: float = 0.0) -> Any:
    return right.cosine_annealing(epoch, initial, total)


@wrong(
    "cosine_annealing",
    "cosine-half-forgotten",
    "the ½ is missing",
    "At epoch 0 your rate is too large: 1 + cos 0 is 2, so there is a ½ before it.",
)
def cosine_no_half(epoch: float, initial: float, total: int, minimum: float = 0.0) -> Any:
    return minimum + (initial - minimum) * (1 + math.cos(math.pi * epoch / total))


@wrong(
    "cosine_annealing",
    "cosine-added-minimum",
    "the minimum is added to the whole curve",
    "You add the minimum to a curve that begins at `initial`; then it begins above. Scale by initial - minimum.",
)
def cosine_added(epoch: float, initial: float, total: int, minimum: float = 0.0) -> Any:
    return minimum + right.cosine_annealing(epoch, initial, total)


@wrong(
    "one_cycle",
    "one-cycle-from-zero",
    "begins and ends at 0",
    "Your rate is 0 at both ends; it has to be maximum/10 there.",
)
def cycle_from_zero(epoch: float, maximum: float, total: int) -> Any:
    return maximum * (1 - abs(2 * epoch / total - 1))


@wrong(
    "one_cycle",
    "one-cycle-half",
    "only climbs",
    "Your rate climbs until the end. It has its maximum at half of the time and comes down again.",
)
def cycle_half(epoch: float, maximum: float, total: int) -> Any:
    return maximum / 10 + (maximum - maximum / 10) * epoch / total


@wrong(
    "reduce_on_plateau",
    "plateau-one-late",
    "reduces one epoch too late",
    "You wait for more than `patience` epochs in vain (as PyTorch does). Here the rate falls after exactly `patience`.",
)
def plateau_late(losses: ArrayLike, initial: float, factor: float = 0.1, patience: int = 3) -> Any:
    return right.reduce_on_plateau(losses, initial, factor, patience + 1)


@wrong(
    "reduce_on_plateau",
    "plateau-previous-epoch",
    "compares with the epoch before",
    "You compare each loss with the one of the epoch before. What counts is whether there is a new lowest loss.",
)
def plateau_previous(losses: ArrayLike, initial: float, factor: float = 0.1, patience: int = 3) -> Any:
    rate, before, in_vain, rates = initial, math.inf, 0, []
    for loss in floats(losses):
        in_vain = 0 if loss < before else in_vain + 1
        before = loss
        if in_vain >= patience:
            rate, in_vain = rate * factor, 0
        rates.append(rate)
    return np.array(rates)


@wrong(
    "reduce_on_plateau",
    "plateau-never-resets",
    "does not count anew after a reduction",
    "After a reduction your counter goes on, so the rate falls in every further epoch. Set it back to 0.",
)
def plateau_never_resets(losses: ArrayLike, initial: float, factor: float = 0.1, patience: int = 3) -> Any:
    rate, best, in_vain, rates = initial, math.inf, 0, []
    for loss in floats(losses):
        in_vain = 0 if loss < best else in_vain + 1
        best = min(best, loss)
        rate = rate * factor if in_vain >= patience else rate
        rates.append(rate)
    return np.array(rates)


VARIANTS = catalogue.by_function()
