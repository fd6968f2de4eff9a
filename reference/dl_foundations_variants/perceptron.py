"""Wrong perceptrons."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import floats
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "perceptron_step",
    "perceptron-bias-not-learned",
    "the bias is never updated",
    "You move the weights but not the bias, so the plane always goes through the same point. The bias learns like a "
    "weight whose input is 1.",
)
def perceptron_no_bias(w: ArrayLike, b: float, x: ArrayLike, y: float, learning_rate: float = 1.0) -> Any:
    return right.perceptron_step(w, b, x, y, learning_rate)[0], float(b)


@wrong(
    "perceptron_step",
    "perceptron-sign",
    "steps in the wrong direction",
    "You add η(ŷ - y)x, which moves away from the right answer. It is (y - ŷ).",
)
def perceptron_sign(w: ArrayLike, b: float, x: ArrayLike, y: float, learning_rate: float = 1.0) -> Any:
    new_w, new_b = right.perceptron_step(w, b, x, y, learning_rate)
    return 2 * floats(w) - new_w, 2 * b - new_b


@wrong(
    "perceptron_step",
    "perceptron-raw-score",
    "the score is taken for the answer",
    "You use w·x + b itself as ŷ. The perceptron's answer is 0 or 1: compare the score with 0 first. (What you have is "
    "the rule of Widrow and Hoff.)",
)
def perceptron_raw(w: ArrayLike, b: float, x: ArrayLike, y: float, learning_rate: float = 1.0) -> Any:
    error = y - (floats(x) @ floats(w) + b)
    return floats(w) + learning_rate * error * floats(x), float(b + learning_rate * error)


@wrong(
    "perceptron_step",
    "perceptron-without-rate",
    "the learning rate is not used",
    "Your step is η(y - ŷ)x with η = 1, whatever learning rate is given.",
)
def perceptron_no_rate(w: ArrayLike, b: float, x: ArrayLike, y: float, learning_rate: float = 1.0) -> Any:
    return right.perceptron_step(w, b, x, y, 1.0)


@wrong(
    "perceptron_step",
    "perceptron-signed-labels",
    "labels -1 and 1 where 0 and 1 are given",
    "You compute with answers -1 and 1, but the labels are 0 and 1: then y - ŷ is not 0 for a right answer 0.",
)
def perceptron_signed(w: ArrayLike, b: float, x: ArrayLike, y: float, learning_rate: float = 1.0) -> Any:
    error = y - (1 if floats(x) @ floats(w) + b >= 0 else -1)
    return floats(w) + learning_rate * error * floats(x), float(b + learning_rate * error)


VARIANTS = catalogue.by_function()
