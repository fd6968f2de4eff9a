"""Wrong forward passes, and wrong losses of one sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.backprop import (
    Array,
    Arrays,
    cross_entropy_loss,
    feed_forward,
    flat,
    integer_to_one_hot,
    sigmoid,
    softmax,
)
from reference.backprop_variants import losses
from reference.variants import Catalogue

Parameters = tuple[list[Array], list[Array]]

catalogue = Catalogue()
wrong = catalogue.wrong


def _logits(weights: Arrays, biases: Arrays, x: ArrayLike, hidden: Callable[[Array], Any] = sigmoid) -> Array:
    a = np.asarray(x, dtype=np.float64)
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        a = hidden(a @ w + b)
    logits: Array = a @ weights[-1] + biases[-1]
    return logits


def _sigmoid_output(weights: Arrays, biases: Arrays, x: ArrayLike) -> Any:
    return sigmoid(_logits(weights, biases, x))


def _no_softmax(weights: Arrays, biases: Arrays, x: ArrayLike) -> Any:
    return _logits(weights, biases, x)


def _sigmoid_before_softmax(weights: Arrays, biases: Arrays, x: ArrayLike) -> Any:
    return softmax(sigmoid(_logits(weights, biases, x)))


def _linear_hidden(weights: Arrays, biases: Arrays, x: ArrayLike) -> Any:
    return softmax(_logits(weights, biases, x, hidden=lambda z: z))


def _relu_hidden(weights: Arrays, biases: Arrays, x: ArrayLike) -> Any:
    return softmax(_logits(weights, biases, x, hidden=lambda z: np.maximum(z, 0.0)))


def _tanh_hidden(weights: Arrays, biases: Arrays, x: ArrayLike) -> Any:
    return softmax(_logits(weights, biases, x, hidden=np.tanh))


def _biases_ignored(weights: Arrays, biases: Arrays, x: ArrayLike) -> Any:
    return softmax(_logits(weights, [np.zeros_like(b) for b in biases], x))


FORWARD = (
    (
        "forward-biases-ignored",
        "the biases are not used",
        "Your forward pass leaves the biases out, so whatever training does to them has no effect. Every layer "
        "computes a W + b.",
        _biases_ignored,
    ),
    (
        "forward-sigmoid-output",
        "sigmoid at the output",
        "Your output layer has a sigmoid where softmax belongs, so the ten outputs are no probability distribution.",
        _sigmoid_output,
    ),
    (
        "forward-softmax-missing",
        "no softmax at the output",
        "You use the last layer's sums as they are. Softmax turns them into probabilities.",
        _no_softmax,
    ),
    (
        "forward-sigmoid-before-softmax",
        "sigmoid and then softmax at the output",
        "You put the last layer through a sigmoid before softmax. That squeezes the logits into 0..1, so no class can "
        "ever get more than about a quarter. Softmax takes the sums themselves.",
        _sigmoid_before_softmax,
    ),
    (
        "forward-linear-hidden",
        "no activation in the hidden layers",
        "Your hidden layers have no sigmoid. Linear layers one after another are one linear layer.",
        _linear_hidden,
    ),
    (
        "forward-relu-hidden",
        "ReLU instead of sigmoid",
        "Your hidden layers use ReLU. This homework asks for sigmoid units.",
        _relu_hidden,
    ),
    (
        "forward-tanh-hidden",
        "tanh instead of sigmoid",
        "Your hidden layers use tanh. This homework asks for sigmoid units.",
        _tanh_hidden,
    ),
)


def _sample_of(probabilities: Callable[..., Any], loss_of: Callable[[Array, Array], float]) -> Callable[..., Any]:
    """Return a wrong `feed_forward_sample` from a forward pass and a loss of (one-hot label, probabilities)."""

    def sample(weights: Arrays, biases: Arrays, sample: ArrayLike, label: int) -> tuple[float, Array]:
        y_hat = probabilities(weights, biases, flat(sample)[None])[0]  # (classes,)
        guess = integer_to_one_hot(int(np.argmax(y_hat)), len(y_hat))
        return loss_of(integer_to_one_hot(label, len(y_hat)), y_hat), guess

    return sample


for _name, _title, _explanation, _forward in FORWARD:
    catalogue.add("feed_forward", _name, _title, _explanation, _forward)
    catalogue.add("feed_forward_sample", _name, _title, _explanation, _sample_of(_forward, cross_entropy_loss))

for _variant in losses.VARIANTS["cross_entropy_loss"]:
    catalogue.add(
        "feed_forward_sample",
        _variant.name,
        _variant.title,
        _variant.explanation,
        _sample_of(feed_forward, _variant.function),
    )


@wrong(
    "feed_forward_sample",
    "loss-integer-label",
    "the integer label multiplied in",
    "You multiply the logarithms by the label's number instead of by its one-hot vector, so class 0 costs nothing "
    "and class 9 nine times too much. Turn the label into a one-hot vector first.",
)
def loss_integer_label(weights: Arrays, biases: Arrays, sample: ArrayLike, label: int) -> tuple[float, Array]:
    y_hat = feed_forward(weights, biases, flat(sample)[None])[0]  # (classes,)
    ones = np.ones(len(y_hat))
    guess = integer_to_one_hot(int(np.argmax(y_hat)), len(y_hat))
    return label * cross_entropy_loss(ones, y_hat), guess


@wrong(
    "feed_forward_sample",
    "guess-is-probabilities",
    "probabilities instead of a one-hot guess",
    "Your loss is right, but you return the probabilities. The guess is the one-hot vector of the largest one.",
)
def guess_is_probabilities(weights: Arrays, biases: Arrays, sample: ArrayLike, label: int) -> tuple[float, Array]:
    y_hat = feed_forward(weights, biases, flat(sample)[None])[0]  # (classes,)
    return cross_entropy_loss(integer_to_one_hot(label, len(y_hat)), y_hat), y_hat


@wrong(
    "feed_forward_sample",
    "guess-is-label",
    "the label returned as guess",
    "Your loss is right, but as guess you return the label you were given, so the accuracy is always 100 %. The guess "
    "comes from the network's output.",
)
def guess_is_label(weights: Arrays, biases: Arrays, sample: ArrayLike, label: int) -> tuple[float, Array]:
    loss, guess = guess_is_probabilities(weights, biases, sample, label)
    return loss, integer_to_one_hot(label, len(guess))


VARIANTS = catalogue.by_function()
