"""Wrong cross-entropies and one-hot vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.backprop import TINY, Array, integer_to_one_hot
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "cross_entropy_loss",
    "loss-without-minus",
    "the minus is missing",
    "Your loss is negative. The logarithm of a probability is at most 0, so the loss needs a minus in front.",
)
def loss_without_minus(y: ArrayLike, y_hat: ArrayLike) -> float:
    return -_loss(y, _log(y_hat))


@wrong(
    "cross_entropy_loss",
    "loss-mean-over-classes",
    "mean over the classes instead of the sum",
    "You divide by the number of classes (np.mean instead of np.sum). The loss of one sample is the sum over the "
    "classes; the mean is taken over samples.",
)
def loss_mean_over_classes(y: ArrayLike, y_hat: ArrayLike) -> float:
    return _loss(y, _log(y_hat)) / len(np.atleast_1d(y).T)


@wrong(
    "cross_entropy_loss",
    "loss-binary",
    "binary cross-entropy",
    "You add (1 - y) log(1 - ŷ) for every class. That is the loss of independent yes-or-no outputs; for a softmax "
    "only the class that is true counts.",
)
def loss_binary(y: ArrayLike, y_hat: ArrayLike) -> float:
    return _loss(y, _log(y_hat)) + loss_of_the_others(y, y_hat)


@wrong(
    "cross_entropy_loss",
    "loss-binary-mean",
    "mean of the binary cross-entropies",
    "You average y log ŷ + (1 - y) log(1 - ŷ) over the classes. For a softmax only the class that is true counts, "
    "and there is nothing to average.",
)
def loss_binary_mean(y: ArrayLike, y_hat: ArrayLike) -> float:
    return loss_binary(y, y_hat) / len(np.atleast_1d(y).T)


@wrong(
    "cross_entropy_loss",
    "loss-base-two",
    "logarithm to base 2",
    "You use log2. The gradient ŷ - y belongs to the natural logarithm, np.log.",
)
def loss_base_two(y: ArrayLike, y_hat: ArrayLike) -> float:
    return _loss(y, _log(y_hat)) / float(np.log(2))


@wrong(
    "cross_entropy_loss",
    "loss-base-ten",
    "logarithm to base 10",
    "You use log10. The gradient ŷ - y belongs to the natural logarithm, np.log.",
)
def loss_base_ten(y: ArrayLike, y_hat: ArrayLike) -> float:
    return _loss(y, _log(y_hat)) / float(np.log(10))


@wrong(
    "cross_entropy_loss",
    "loss-squared-error",
    "squared error instead of cross-entropy",
    "You sum the squared differences of y and ŷ. This homework asks for cross-entropy, -Σ y log ŷ.",
)
def loss_squared_error(y: ArrayLike, y_hat: ArrayLike) -> float:
    return float(np.mean(np.sum((np.asarray(y) - np.asarray(y_hat)) ** 2, axis=-1)))


@wrong(
    "cross_entropy_loss",
    "loss-without-logarithm",
    "no logarithm",
    "You return 1 minus the probability of the true class. Cross-entropy takes the logarithm of that probability.",
)
def loss_without_logarithm(y: ArrayLike, y_hat: ArrayLike) -> float:
    return 1 + _loss(y, np.asarray(y_hat, dtype=np.float64))


@wrong(
    "cross_entropy_loss",
    "loss-of-the-others",
    "log(1 - ŷ) of the wrong classes",
    "You sum -log(1 - ŷ) over the classes that are not true. Take -log ŷ of the one that is.",
)
def loss_of_the_others(y: ArrayLike, y_hat: ArrayLike) -> float:
    return _loss(1 - np.asarray(y, dtype=np.float64), _log(1 - np.asarray(y_hat, dtype=np.float64)))


@wrong(
    "cross_entropy_loss",
    "loss-own-guess",
    "the network's own guess taken as label",
    "You take the largest probability, whatever the label is. The loss must look at the probability of the true "
    "class, or a confident mistake costs nothing.",
)
def loss_own_guess(y: ArrayLike, y_hat: ArrayLike) -> float:
    return float(np.mean(-_log(y_hat).max(axis=-1)))


@wrong(
    "integer_to_one_hot",
    "one-hot-shifted",
    "counted from 1",
    "Your 1 stands one place too far left: classes are counted from 0, so label 3 is the fourth entry.",
)
def one_hot_shifted(label: int, classes: int = 10) -> Array:
    return integer_to_one_hot(label - 1, classes)


@wrong(
    "integer_to_one_hot",
    "one-hot-holds-label",
    "the label itself instead of 1",
    "You put the label's number at its place instead of 1, so y is no probability distribution.",
)
def one_hot_holds_label(label: int, classes: int = 10) -> Array:
    return label * integer_to_one_hot(label, classes)


@wrong(
    "integer_to_one_hot",
    "one-hot-ten-classes",
    "always ten classes",
    "Your vector has ten entries whatever `classes` says.",
)
def one_hot_ten_classes(label: int, classes: int = 10) -> Array:
    return integer_to_one_hot(label, max(10, label + 1))


def _log(probabilities: ArrayLike) -> Any:
    return np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), TINY))


def _loss(y: ArrayLike, log_y_hat: Any) -> float:
    return float(np.mean(-np.sum(np.asarray(y, dtype=np.float64) * log_y_hat, axis=-1)))


VARIANTS = catalogue.by_function()
