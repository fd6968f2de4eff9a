"""Wrong initial weights and biases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from reference.backprop import Array
from reference.variants import Catalogue

Parameters = tuple[list[Array], list[Array]]

catalogue = Catalogue()
wrong = catalogue.wrong


def _initialised(sizes: Sequence[int], draw: Callable[[int, int], Array]) -> Parameters:
    """Return weights drawn layer by layer, and biases of 0."""
    return [draw(*pair) for pair in pairwise(sizes)], [np.zeros(n_out) for n_out in sizes[1:]]


def _normal(rng: np.random.Generator, deviation: Callable[[int, int], float]) -> Callable[[int, int], Array]:
    return lambda n_in, n_out: rng.normal(0.0, deviation(n_in, n_out), size=(n_in, n_out))


@wrong(
    "initialise",
    "variance-taken-for-deviation",
    "the variance is used as standard deviation",
    "Your weights have the standard deviation 1/max(n_in, n_out); that is to be their variance. np.random.normal "
    "takes the standard deviation, the square root of the variance.",
)
def variance_for_deviation(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    return _initialised(sizes, _normal(rng, lambda n_in, n_out: 1 / max(n_in, n_out)))


@wrong(
    "initialise",
    "initial-unscaled",
    "weights are not scaled",
    "Your weights have variance 1 in every layer. With 784 inputs the sums become so large that the sigmoids "
    "saturate and hardly learn; the variance has to be 1/max(n_in, n_out).",
)
def unscaled(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    return _initialised(sizes, _normal(rng, lambda n_in, n_out: 1.0))


@wrong(
    "initialise",
    "initial-variance-of-smaller",
    "1/min instead of 1/max",
    "The variance of your weights is 1 over the smaller of n_in and n_out (here the number of outputs). The homework "
    "asks for the larger.",
)
def variance_of_smaller(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    return _initialised(sizes, _normal(rng, lambda n_in, n_out: min(n_in, n_out) ** -0.5))


@wrong(
    "initialise",
    "initial-variance-of-sum",
    "2/(n_in + n_out) instead of 1/max",
    "You use the variance 2/(n_in + n_out) of Glorot and Bengio. That is a sound choice, but this homework asks for "
    "1/max(n_in, n_out).",
)
def variance_of_sum(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    return _initialised(sizes, _normal(rng, lambda n_in, n_out: (2 / (n_in + n_out)) ** 0.5))


@wrong(
    "initialise",
    "initial-uniform",
    "uniform instead of normal",
    "Your weights are spread evenly over an interval. Draw them from a normal distribution (np.random.randn or "
    "rng.normal).",
)
def uniform(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    def draw(n_in: int, n_out: int) -> Array:
        bound = (3 / max(n_in, n_out)) ** 0.5  # the same variance as asked for
        return rng.uniform(-bound, bound, size=(n_in, n_out))

    return _initialised(sizes, draw)


@wrong(
    "initialise",
    "initial-positive",
    "weights between 0 and 1",
    "Your weights come from np.random.rand: all positive, with mean ½. The sums then grow with the number of inputs "
    "and every sigmoid saturates at 1. Draw from a normal distribution with mean 0.",
)
def positive(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    return _initialised(sizes, lambda n_in, n_out: rng.uniform(0.0, 1.0, size=(n_in, n_out)))


@wrong(
    "initialise",
    "initial-zeros",
    "all weights are 0",
    "Your weights are all 0. Then all neurons of a layer compute the same and get the same gradient for ever: they "
    "never become different. That is why weights are drawn at random.",
)
def zeros(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    return _initialised(sizes, lambda n_in, n_out: np.zeros((n_in, n_out)))


@wrong(
    "initialise",
    "initial-random-biases",
    "random biases",
    "Your biases are drawn at random. The weights already make the neurons different, so biases start at 0.",
)
def random_biases(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    weights, _ = _initialised(sizes, _normal(rng, lambda n_in, n_out: max(n_in, n_out) ** -0.5))
    return weights, [rng.normal(size=n_out) for n_out in sizes[1:]]


VARIANTS = catalogue.by_function()
