"""Wrong probabilities, activations, gradients and scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.mlp_numpy import ACTIVATIONS, GRADIENTS, Arrays, forward, relu, sigmoid, softmax, tanh
from reference.variants import Catalogue

catalogue = Catalogue()


@catalogue.wrong(
    "predict_proba",
    "no-softmax",
    "no softmax at the output",
    "What comes back are the pre-activations of the last layer: apply softmax to each row.",
)
def _logits(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Any:
    return forward(weights, biases, x, activation)[0][-1]


@catalogue.wrong(
    "predict_proba",
    "hidden-activation-at-output",
    "hidden activation at the output",
    "The last layer applies the hidden layers' activation. A classifier's output is the softmax of z.",
)
def _activated(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Any:
    return ACTIVATIONS[activation](forward(weights, biases, x, activation)[0][-1])


@catalogue.wrong(
    "predict_proba",
    "activation-and-softmax",
    "hidden activation before the softmax",
    "The last layer applies the hidden layers' activation and then softmax: softmax is to be applied to z itself.",
)
def _activated_first(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Any:
    return softmax(ACTIVATIONS[activation](forward(weights, biases, x, activation)[0][-1]))


@catalogue.wrong(
    "predict_proba",
    "softmax-over-batch",
    "softmax along the wrong axis",
    "Your softmax sums over the samples: the probabilities of each sample have to sum to one.",
)
def _over_batch(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Any:
    return softmax(forward(weights, biases, x, activation)[0][-1].T).T


@catalogue.wrong(
    "predict_proba",
    "softmax-over-everything",
    "softmax over the whole batch at once",
    "Your softmax divides by the sum over all samples: each row has to be divided by its own sum.",
)
def _over_everything(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Any:
    z = forward(weights, biases, x, activation)[0][-1]
    return softmax(z.ravel()).reshape(z.shape)


@catalogue.wrong(
    "predict_proba",
    "softmax-twice",
    "softmax twice",
    "Softmax is applied to what is a softmax already: the probabilities come out almost equal.",
)
def _twice(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Any:
    return softmax(softmax(forward(weights, biases, x, activation)[0][-1]))


@catalogue.wrong(
    "predict_proba",
    "bias-forgotten",
    "biases left out of the forward pass",
    "The forward pass computes a W without the biases.",
)
def _without_biases(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Any:
    return softmax(forward(weights, [b * 0 for b in biases], x, activation)[0][-1])


for _name in ("relu", "sigmoid", "tanh", "linear"):
    catalogue.add(
        "predict_proba",
        f"always-{_name}",
        "the activation that is asked for is not used",
        f"Whatever `activation` says, your network computes with {_name}.",
        lambda weights, biases, x, _, name=_name: softmax(forward(weights, biases, x, name)[0][-1]),
    )


def _raw_softmax(z: Any, axis: int | None) -> Any:
    e = np.exp(np.asarray(z, dtype=np.float64))
    return e if axis is None else e / e.sum(axis=axis, keepdims=True)


catalogue.add(
    "softmax",
    "softmax-over-everything",
    "softmax over the whole batch at once",
    "You divide by the sum over all rows: each row has to be divided by its own sum (`axis=1, keepdims=True`).",
    lambda z: softmax(np.ravel(z)).reshape(np.shape(z)),
)
catalogue.add(
    "softmax",
    "softmax-over-batch",
    "softmax along the wrong axis",
    "You sum over the samples: each row has to sum to one (`axis=1, keepdims=True`).",
    lambda z: softmax(np.asarray(z).T).T,
)
catalogue.add(
    "softmax",
    "softmax-overflows",
    "softmax overflows",
    "e^z overflows for large z and gives NaN. Take each row's maximum off first: softmax does not change by that.",
    lambda z: _raw_softmax(z, -1),
)
catalogue.add(
    "softmax",
    "softmax-underflows",
    "the maximum of the whole batch is taken off",
    "You take the largest number of the whole batch off every row, so that rows of much smaller numbers come out as "
    "0/0. Take each row's own maximum off (`axis=1, keepdims=True`).",
    lambda z: _raw_softmax(np.asarray(z, dtype=np.float64) - np.max(z), -1),
)
catalogue.add(
    "softmax",
    "softmax-not-normalised",
    "not divided by the sum",
    "You return e^z: divide by the sum of each row.",
    lambda z: _raw_softmax(z, None),
)
catalogue.add(
    "sigmoid",
    "sigmoid-sign",
    "σ(−z) instead of σ(z)",
    "The sign in the exponent is wrong: σ(z) = 1 / (1 + e^{−z}).",
    lambda z: sigmoid(-np.asarray(z)),
)
catalogue.add(
    "sigmoid",
    "sigmoid-overflows",
    "sigmoid overflows",
    "e^z / (1 + e^z) is ∞/∞ for large z: write 1 / (1 + e^{−z}).",
    lambda z: np.exp(np.asarray(z)) / (1 + np.exp(np.asarray(z))),
)
catalogue.add(
    "relu",
    "relu-is-leaky",
    "leaky ReLU",
    "Left of zero yours falls by 0.01 z: that is the leaky ReLU. ReLU is 0 there.",
    lambda z: np.maximum(np.asarray(z), 0.01 * np.asarray(z)),
)
catalogue.add(
    "relu",
    "relu-is-absolute-value",
    "|z| instead of max(z, 0)",
    "You return the absolute value: left of zero ReLU is 0.",
    lambda z: np.abs(np.asarray(z, dtype=np.float64)),
)
catalogue.add(
    "tanh",
    "tanh-from-sigmoid-of-z",
    "2σ(z) − 1 instead of 2σ(2z) − 1",
    "2σ(z) − 1 is tanh(z/2): the factor 2 inside is missing.",
    lambda z: 2 * sigmoid(z) - 1,
)
catalogue.add(
    "tanh",
    "tanh-overflows",
    "tanh overflows",
    "(e^z − e^{−z}) / (e^z + e^{−z}) is ∞/∞ for large z: use `np.tanh`.",
    lambda z: (np.exp(np.asarray(z)) - np.exp(-np.asarray(z))) / (np.exp(np.asarray(z)) + np.exp(-np.asarray(z))),
)


def _wrong_gradient(of: str, name: str, title: str, explanation: str, function: Callable[[Any], Any]) -> None:
    catalogue.add(f"{of}_grad", name, title, explanation, function)


for _name, _function in (("relu", relu), ("sigmoid", sigmoid), ("tanh", tanh)):
    _wrong_gradient(
        _name,
        f"{_name}-itself",
        f"{_name} instead of its derivative",
        f"Your gradient returns {_name} itself.",
        _function,
    )
_wrong_gradient(
    "softmax",
    "softmax-itself",
    "softmax instead of its derivative",
    "Your gradient returns softmax itself: ∂yᵢ/∂zᵢ is yᵢ(1 − yᵢ).",
    softmax,
)
_wrong_gradient(
    "softmax",
    "softmax-gradient-is-one",
    "1 instead of yᵢ(1 − yᵢ)",
    "You return ones. That the output's gradient is ŷ − y comes from the loss: softmax by itself has yᵢ(1 − yᵢ).",
    lambda z: np.ones_like(np.asarray(z, dtype=np.float64)),
)
_wrong_gradient(
    "relu",
    "relu-gradient-is-sign",
    "−1 left of zero",
    "Left of zero ReLU is constant: its derivative there is 0, not −1.",
    np.sign,
)
_wrong_gradient(
    "relu",
    "relu-gradient-everywhere-one",
    "1 left of zero too",
    "Left of zero ReLU is constant: its derivative there is 0.",
    lambda z: np.ones_like(np.asarray(z, dtype=np.float64)),
)
_wrong_gradient(
    "sigmoid",
    "gradient-at-activation",
    "σ′ taken at the activation",
    "You return σ′ at σ(z): the argument is the pre-activation z, and σ is applied once too often.",
    lambda z: GRADIENTS["sigmoid"](sigmoid(z)),
)
_wrong_gradient(
    "tanh",
    "tanh-square-forgotten",
    "1 − tanh instead of 1 − tanh²",
    "The derivative of tanh is 1 − tanh²(z): the square is missing.",
    lambda z: 1 - tanh(z),
)
_wrong_gradient(
    "tanh",
    "gradient-at-activation",
    "tanh′ taken at the activation",
    "You return tanh′ at tanh(z): the argument is the pre-activation z, and tanh is applied once too often.",
    lambda z: GRADIENTS["tanh"](tanh(z)),
)
_wrong_gradient(
    "linear",
    "linear-gradient-is-identity",
    "z instead of 1",
    "The derivative of f(z) = z is 1 for every z.",
    lambda z: np.asarray(z, dtype=np.float64),
)
_wrong_gradient(
    "linear",
    "linear-gradient-is-zero",
    "0 instead of 1",
    "The derivative of f(z) = z is 1 for every z.",
    lambda z: np.zeros_like(np.asarray(z, dtype=np.float64)),
)


@catalogue.wrong(
    "score",
    "one-hot-entries",
    "one-hot entries compared one by one",
    "You compare one-hot vectors entry by entry: a wrong guess still agrees in all but two. Compare labels.",
)
def _entries(guesses: ArrayLike, labels: ArrayLike) -> Any:
    classes = int(max(np.max(guesses), np.max(labels))) + 1
    return np.mean(np.eye(classes)[np.asarray(guesses)] == np.eye(classes)[np.asarray(labels)])


@catalogue.wrong(
    "score",
    "every-guess-with-every-label",
    "broadcasting (n, 1) against (n,)",
    "You compare every guess with every label, n · n pairs: one of the two has the shape (n, 1). Flatten both.",
)
def _outer(guesses: ArrayLike, labels: ArrayLike) -> Any:
    return np.mean(np.ravel(guesses)[:, None] == np.ravel(labels)[None])


@catalogue.wrong("score", "error-rate", "share of wrong guesses", "You return the share of guesses that are wrong.")
def _wrong_share(guesses: ArrayLike, labels: ArrayLike) -> Any:
    return np.mean(np.asarray(guesses) != np.asarray(labels))


VARIANTS = catalogue.by_function()
