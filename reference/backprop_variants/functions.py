"""Wrong helpers: softmax, its Jacobian, sigmoid and its derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.backprop import dsigmoid, sigmoid, softmax
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


# --- softmax ---------------------------------------------------------------------------------------------


@wrong(
    "softmax",
    "softmax-unstable",
    "overflows for large inputs",
    "Your formula is right on paper, but e^1000 is infinite in floating point and infinity divided by infinity is "
    "not a number. Softmax does not change when you subtract the largest input from all of them first.",
)
def unstable(z: ArrayLike) -> Any:
    e = np.exp(np.asarray(z, dtype=np.float64))
    return e / e.sum(axis=-1, keepdims=True)


@wrong(
    "softmax",
    "softmax-not-normalised",
    "not divided by the sum",
    "You return e^z, so the outputs do not sum to 1. Divide by their sum.",
)
def not_normalised(z: ArrayLike) -> Any:
    return np.exp(np.asarray(z, dtype=np.float64))


@wrong(
    "softmax",
    "softmax-shifted-not-normalised",
    "shifted but not divided by the sum",
    "You subtract the maximum, which is good, but never divide by the sum: the largest output is always 1.",
)
def shifted_not_normalised(z: ArrayLike) -> Any:
    z = np.asarray(z, dtype=np.float64)
    return np.exp(z - z.max(axis=-1, keepdims=True))


@wrong(
    "softmax",
    "softmax-shift-not-cancelled",
    "the maximum is subtracted above but not below",
    "You subtract the maximum in the numerator and not in the denominator, so the two do not cancel. Compute "
    "e^(z - max) once and divide it by its own sum.",
)
def shift_not_cancelled(z: ArrayLike) -> Any:
    z = np.asarray(z, dtype=np.float64)
    return np.exp(z - z.max(axis=-1, keepdims=True)) / np.exp(z).sum(axis=-1, keepdims=True)


@wrong(
    "softmax",
    "softmax-without-exponential",
    "no exponential",
    "You divide the inputs by their sum. Softmax divides e^z by the sum of e^z; without the exponential, negative "
    "inputs give negative probabilities.",
)
def without_exponential(z: ArrayLike) -> Any:
    z = np.asarray(z, dtype=np.float64)
    return z / z.sum(axis=-1, keepdims=True)


@wrong(
    "softmax",
    "softmax-base-two",
    "base 2 instead of e",
    "You raise 2 to the inputs. Softmax uses the exponential function, np.exp.",
)
def base_two(z: ArrayLike) -> Any:
    return softmax(np.asarray(z, dtype=np.float64) * np.log(2))


@wrong(
    "softmax",
    "softmax-sign",
    "sign of the input",
    "You take e^(-z), so the largest input gets the smallest probability. Leave out the minus.",
)
def sign(z: ArrayLike) -> Any:
    return softmax(-np.asarray(z, dtype=np.float64))


@wrong(
    "softmax",
    "softmax-is-sigmoid",
    "sigmoid instead of softmax",
    "You apply the sigmoid to every input on its own, so the outputs do not sum to 1. Softmax compares the inputs "
    "with each other.",
)
def is_sigmoid(z: ArrayLike) -> Any:
    return sigmoid(z)


@wrong(
    "softmax",
    "softmax-logarithm",
    "log-softmax instead of softmax",
    "You return the logarithm of the probabilities. Take the exponential of it.",
)
def logarithm(z: ArrayLike) -> Any:
    return np.log(softmax(z))


# --- its Jacobian ----------------------------------------------------------------------------------------


@wrong(
    "softmax_jacobian",
    "jacobian-unstable",
    "overflows for large logits",
    "Your formula is right on paper, but e^1000 is infinite in floating point. Subtract the largest logit before you "
    "take the exponential: softmax stays the same, and so does its Jacobian.",
)
def jacobian_unstable(z: ArrayLike) -> Any:
    y = unstable(np.ravel(z))
    return np.diag(y) - np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "jacobian-diagonal-only",
    "only the diagonal",
    "You have y_i(1 - y_i) on the diagonal and 0 elsewhere. Every output depends on every input through the sum in "
    "the denominator, so ∂y_i/∂z_j is not 0 for i ≠ j.",
)
def diagonal_only(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return np.diag(y * (1 - y))


@wrong(
    "softmax_jacobian",
    "jacobian-sign",
    "the sign is wrong",
    "All your entries have the wrong sign. Raising z_i raises y_i, so the diagonal must be positive.",
)
def jacobian_sign(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return np.outer(y, y) - np.diag(y)


@wrong(
    "softmax_jacobian",
    "jacobian-without-delta",
    "the term with δ_ij is missing",
    "You have -y_i y_j everywhere. On the diagonal the numerator e^(z_i) depends on z_i too: there y_i is added.",
)
def without_delta(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return -np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "jacobian-plus",
    "plus instead of minus",
    "You add y_i y_j where it has to be subtracted. Since the outputs always sum to 1, each column of the Jacobian "
    "must sum to 0.",
)
def plus(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return np.diag(y) + np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "jacobian-off-diagonal-plus",
    "off-diagonal entries positive",
    "Your diagonal is right, but the other entries have the wrong sign. Raising z_j takes probability away from "
    "every other class.",
)
def off_diagonal_plus(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return np.diag(y - 2 * y * y) + np.outer(y, y)


@wrong(
    "softmax_jacobian",
    "jacobian-delta-one",
    "y_i forgotten in front of the bracket",
    "You compute δ_ij - y_j without the factor y_i. That is the Jacobian of log-softmax.",
)
def of_log_softmax(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return np.eye(len(y)) - y


@wrong(
    "softmax_jacobian",
    "jacobian-everywhere-diagonal",
    "the diagonal's formula everywhere",
    "You use y_i(1 - y_j) for all i and j. The 1 in it is δ_ij: it is there for i = j only.",
)
def everywhere_diagonal(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return np.outer(y, 1 - y)


@wrong(
    "softmax_jacobian",
    "jacobian-as-vector",
    "a vector instead of a matrix",
    "You return y(1 - y), one number per output. That is the sigmoid's derivative; softmax has a derivative for every "
    "pair of output and input.",
)
def as_vector(z: ArrayLike) -> Any:
    y = softmax(np.ravel(z))
    return y * (1 - y)


@wrong(
    "softmax_jacobian",
    "jacobian-of-z",
    "takes its argument for probabilities",
    "You put the argument itself into y_i(δ_ij - y_j). It is the logits z: apply softmax to it first.",
)
def of_z(z: ArrayLike) -> Any:
    z = np.ravel(np.asarray(z, dtype=np.float64))
    return np.diag(z) - np.outer(z, z)


# --- sigmoid and its derivative --------------------------------------------------------------------------


@wrong(
    "sigmoid",
    "sigmoid-sign",
    "sign of the exponent",
    "You compute 1/(1 + e^z), which falls where the sigmoid rises. The exponent is -z.",
)
def sigmoid_sign(z: ArrayLike) -> Any:
    return sigmoid(-np.asarray(z, dtype=np.float64))


@wrong(
    "sigmoid",
    "sigmoid-is-tanh",
    "tanh instead of sigmoid",
    "Your function goes from -1 to 1: that is tanh. The sigmoid goes from 0 to 1.",
)
def is_tanh(z: ArrayLike) -> Any:
    return np.tanh(np.asarray(z, dtype=np.float64))


@wrong(
    "sigmoid",
    "sigmoid-without-one",
    "the 1 in the denominator is missing",
    "You compute 1/e^(-z), which is just e^z. Check the brackets: 1/(1 + e^(-z)).",
)
def without_one(z: ArrayLike) -> Any:
    return np.exp(np.asarray(z, dtype=np.float64))


@wrong(
    "dsigmoid",
    "dsigmoid-of-activation",
    "takes its argument for an activation",
    "You compute z(1 - z). That is right only if the argument is already σ(z); here it is the pre-activation z.",
)
def of_activation(z: ArrayLike) -> Any:
    z = np.asarray(z, dtype=np.float64)
    return z * (1 - z)


@wrong(
    "dsigmoid",
    "dsigmoid-is-sigmoid",
    "the sigmoid itself",
    "You return σ(z), not its derivative. Differentiate 1/(1 + e^(-z)): the result can be written with σ(z) alone.",
)
def is_the_sigmoid(z: ArrayLike) -> Any:
    return sigmoid(z)


@wrong(
    "dsigmoid",
    "dsigmoid-sign",
    "the sign is wrong",
    "Your derivative is negative, but the sigmoid rises everywhere. Mind the inner derivative of e^(-z).",
)
def dsigmoid_sign(z: ArrayLike) -> Any:
    return -dsigmoid(z)


@wrong(
    "dsigmoid",
    "dsigmoid-applied-twice",
    "σ applied twice",
    "You apply σ to σ(z) before taking the derivative. One σ is enough: σ(z)(1 - σ(z)).",
)
def applied_twice(z: ArrayLike) -> Any:
    return dsigmoid(sigmoid(z))


@wrong(
    "dsigmoid",
    "dsigmoid-is-one-minus",
    "1 - σ without the factor σ",
    "You return 1 - σ(z). The derivative is the product of σ(z) and 1 - σ(z).",
)
def is_one_minus(z: ArrayLike) -> Any:
    return sigmoid(-np.asarray(z, dtype=np.float64))


VARIANTS = catalogue.by_function()
