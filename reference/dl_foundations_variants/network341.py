"""Wrong forward and backward passes of the 3-4-1 network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import Array, floats, sigmoid_of
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "forward",
    "forward-linear-output",
    "no activation at the output",
    "Your output is h W2 + b2 without the sigmoid.",
)
def forward_linear(x: ArrayLike, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike) -> Any:
    return sigmoid_of(floats(x) @ floats(W1) + floats(b1)) @ floats(W2) + floats(b2)


@wrong("forward", "forward-without-biases", "the biases are missing", "You leave out b1 and b2.")
def forward_no_biases(x: ArrayLike, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike) -> Any:
    return sigmoid_of(sigmoid_of(floats(x) @ floats(W1)) @ floats(W2))


@wrong(
    "forward",
    "forward-linear-hidden",
    "no activation in the hidden layer",
    "Your hidden layer has no sigmoid: two linear layers are one.",
)
def forward_linear_hidden(x: ArrayLike, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike) -> Any:
    return sigmoid_of((floats(x) @ floats(W1) + floats(b1)) @ floats(W2) + floats(b2))


def _backward(slip: str) -> Callable[..., Any]:
    """Return the gradients of the 3-4-1 network with one slip."""

    def backward(
        x: ArrayLike, y: float, W1: ArrayLike, b1: ArrayLike, W2: ArrayLike, b2: ArrayLike
    ) -> tuple[Array, ...]:
        x, W2 = np.ravel(floats(x)), floats(W2)
        hidden = sigmoid_of(x @ floats(W1) + floats(b1))  # (4,)
        output = sigmoid_of(hidden @ W2 + floats(b2))  # (1,)
        at_output = right.sigmoid_prime(output) if slip == "twice" else output * (1 - output)
        at_hidden = right.sigmoid_prime(hidden) if slip == "twice" else hidden * (1 - hidden)
        delta2 = (output - y) * (1.0 if slip == "output" else at_output)
        delta2 = delta2 * {"sign": -1, "factor": 2}.get(slip, 1)
        delta1 = (W2 @ delta2) * (1.0 if slip == "hidden" else at_hidden)
        return np.outer(x, delta1), delta1, np.outer(hidden, delta2), delta2

    return backward


for _slip, _name, _title, _explanation in (
    (
        "output",
        "output-derivative-forgotten",
        "σ′ is missing at the output",
        "Your δ at the output is ŷ - y. That belongs to cross-entropy; with ½(ŷ - y)² there is the factor ŷ(1 - ŷ).",
    ),
    (
        "hidden",
        "hidden-derivative-forgotten",
        "σ′ is missing in the hidden layer",
        "The error that comes back to the hidden layer has to be multiplied with h(1 - h).",
    ),
    (
        "twice",
        "derivative-at-the-activation",
        "σ′ is taken at σ(z)",
        "You apply the sigmoid again inside σ′. With h = σ(z) the derivative is simply h(1 - h).",
    ),
    ("sign", "gradient-sign", "the sign is wrong", "You have y - ŷ: all gradients point the other way."),
    (
        "factor",
        "half-forgotten",
        "twice the gradient",
        "You differentiate (ŷ - y)²; the loss is ½(ŷ - y)², whose derivative has no 2.",
    ),
):
    catalogue.add("backward", _name, _title, _explanation, _backward(_slip))


VARIANTS = catalogue.by_function()
