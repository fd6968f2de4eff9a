"""Wrong activation functions and derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import Array, floats, sigmoid_of
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


def _naive_sigmoid(z: ArrayLike) -> Array:
    return np.asarray(1 / (1 + np.exp(-floats(z))))


def _naive_tanh(z: ArrayLike) -> Array:
    z = floats(z)
    return np.asarray((np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)))


OVERFLOWS = (
    "Your formula is right on paper, but e^1000 is infinite in floating point, and infinity divided by infinity, or "
    "times 0, is not a number."
)
AT_ACTIVATION = (
    "You use the argument as if it were already f(z). Here it is the pre-activation z: apply the function first."
)
ITSELF = "You return the function's value, not its derivative."


@wrong("tanh", "tanh-overflows", "overflows for large inputs", OVERFLOWS + " Use np.tanh.")
def tanh_overflows(z: ArrayLike) -> Any:
    return _naive_tanh(z)


@wrong("tanh_prime", "tanh-overflows", "overflows for large inputs", OVERFLOWS + " Use np.tanh.")
def tanh_prime_overflows(z: ArrayLike) -> Any:
    return 1 - _naive_tanh(z) ** 2


@wrong(
    "tanh",
    "tanh-of-half",
    "2σ(z) - 1",
    "You have 2σ(z) - 1, which is tanh(z/2). The tangent hyperbolicus is 2σ(2z) - 1, or simply np.tanh(z).",
)
def tanh_of_half(z: ArrayLike) -> Any:
    return np.tanh(floats(z) / 2)


@wrong(
    "softmax",
    "softmax-overflows",
    "overflows for large inputs",
    OVERFLOWS + " Subtract the largest logit first: softmax does not change.",
)
def softmax_overflows(z: ArrayLike) -> Any:
    e = np.exp(floats(z))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("softmax", "softmax-not-normalised", "not divided by the sum", "You return e^z: divide it by its sum.")
def softmax_not_normalised(z: ArrayLike) -> Any:
    return np.exp(floats(z))


@wrong(
    "softmax",
    "softmax-shifted-not-normalised",
    "not divided by the sum",
    "You return e^(z - max z), whose largest entry is 1: divide it by its sum.",
)
def softmax_shifted(z: ArrayLike) -> Any:
    return np.exp(floats(z) - np.max(floats(z), axis=-1, keepdims=True))


@wrong("softmax", "softmax-is-sigmoid", "the sigmoid of each", "Softmax compares the inputs with each other.")
def softmax_is_sigmoid(z: ArrayLike) -> Any:
    return sigmoid_of(z)


@wrong(
    "softmax_prime",
    "softmax-diagonal-only",
    "only the diagonal",
    "You have y(1 - y). Every output depends on every input through the sum: the derivative is a matrix, "
    "y_i(δ_ij - y_j).",
)
def softmax_diagonal(z: ArrayLike) -> Any:
    y = right.softmax(z)
    return y * (1 - y)


@wrong(
    "softmax_prime",
    "softmax-diagonal-matrix",
    "zeros off the diagonal",
    "Raising z_j takes probability away from every other class: off the diagonal the entries are -y_i y_j.",
)
def softmax_diagonal_matrix(z: ArrayLike) -> Any:
    return np.diag(softmax_diagonal(z))


@wrong("softmax_prime", "softmax-overflows", "overflows for large inputs", OVERFLOWS)
def softmax_prime_overflows(z: ArrayLike) -> Any:
    y = softmax_overflows(z)
    return np.diag(y) - np.outer(y, y)


@wrong("sigmoid", "sigmoid-sign", "sign of the exponent", "You compute 1/(1 + e^z), which falls. The exponent is -z.")
def sigmoid_sign(z: ArrayLike) -> Any:
    return sigmoid_of(-floats(z))


@wrong("sigmoid", "sigmoid-overflows", "overflows for large inputs", OVERFLOWS)
def sigmoid_overflows(z: ArrayLike) -> Any:
    e = np.exp(floats(z))
    return e / (1 + e)


@wrong("sigmoid_prime", "derivative-at-the-activation", "takes its argument for σ(z)", AT_ACTIVATION)
def sigmoid_prime_at_activation(z: ArrayLike) -> Any:
    return floats(z) * (1 - floats(z))


@wrong("tanh_prime", "derivative-at-the-activation", "takes its argument for tanh(z)", AT_ACTIVATION)
def tanh_prime_at_activation(z: ArrayLike) -> Any:
    return 1 - floats(z) ** 2


@wrong("tanh_prime", "tanh-prime-not-squared", "the square is missing", "The derivative is 1 - tanh²(z).")
def tanh_prime_not_squared(z: ArrayLike) -> Any:
    return 1 - np.tanh(floats(z))


@wrong(
    "leaky_relu",
    "leaky-relu-is-relu",
    "no leak",
    "Your function is 0 for negative inputs: there it should be α z.",
)
def leaky_is_relu(z: ArrayLike, alpha: float = 0.01) -> Any:
    return right.relu(z)


@wrong(
    "leaky_relu",
    "leaky-relu-constant",
    "α instead of α z",
    "For negative inputs you return α itself; it should be α z.",
)
def leaky_constant(z: ArrayLike, alpha: float = 0.01) -> Any:
    return np.where(floats(z) > 0, floats(z), alpha)


@wrong(
    "leaky_relu_prime",
    "leaky-relu-slope-zero",
    "slope 0 for negative inputs",
    "For negative inputs the slope is α, not 0: that is what the leak is for.",
)
def leaky_prime_zero(z: ArrayLike, alpha: float = 0.01) -> Any:
    return right.relu_prime(z)


@wrong(
    "leaky_relu_prime",
    "leaky-relu-prime-times-z",
    "α z instead of α",
    "For negative inputs you return α z, the function itself. Its slope there is α.",
)
def leaky_prime_times_z(z: ArrayLike, alpha: float = 0.01) -> Any:
    return np.where(floats(z) > 0, 1.0, alpha * floats(z))


@wrong(
    "prelu",
    "prelu-slope-ignored",
    "the given slope is not used",
    "You use a slope of 0.01; PReLU's slope a is an argument (it is learned).",
)
def prelu_ignored(z: ArrayLike, a: float) -> Any:
    return right.leaky_relu(z)


@wrong(
    "prelu_prime",
    "prelu-slope-ignored",
    "the given slope is not used",
    "You use a slope of 0.01; PReLU's slope a is an argument (it is learned).",
)
def prelu_prime_ignored(z: ArrayLike, a: float) -> Any:
    return right.leaky_relu_prime(z)


@wrong(
    "elu",
    "elu-without-one",
    "the -1 is missing",
    "For negative inputs you return α e^z, so the function jumps at 0. It is α(e^z - 1).",
)
def elu_without_one(z: ArrayLike, alpha: float = 1.0) -> Any:
    z = floats(z)
    return np.where(z > 0, z, alpha * np.exp(np.minimum(z, 0)))


@wrong(
    "elu",
    "elu-overflows",
    "the branch that is not taken overflows",
    "np.where computes both branches, and a product with a condition turns infinity times 0 into NaN. Take the "
    "exponential of np.minimum(z, 0).",
)
def elu_overflows(z: ArrayLike, alpha: float = 1.0) -> Any:
    z = floats(z)
    return (z > 0) * z + (z <= 0) * alpha * (np.exp(z) - 1)


@wrong(
    "elu_prime",
    "elu-prime-of-value",
    "the -1 is still there",
    "For negative inputs you return the function itself, α(e^z - 1). The derivative of -1 is 0: it is α e^z.",
)
def elu_prime_value(z: ArrayLike, alpha: float = 1.0) -> Any:
    z = floats(z)
    return np.where(z > 0, 1.0, alpha * np.expm1(np.minimum(z, 0)))


@wrong(
    "elu_prime",
    "elu-overflows",
    "the branch that is not taken overflows",
    "A product with a condition turns infinity times 0 into NaN. Take the exponential of np.minimum(z, 0).",
)
def elu_prime_overflows(z: ArrayLike, alpha: float = 1.0) -> Any:
    z = floats(z)
    return (z > 0) * 1.0 + (z <= 0) * alpha * np.exp(z)


@wrong("swish", "swish-is-sigmoid", "the factor z is missing", "You return σ(z). Swish is z σ(z).")
def swish_is_sigmoid(z: ArrayLike) -> Any:
    return sigmoid_of(z)


@wrong(
    "swish_prime",
    "swish-prime-one-term",
    "half of the product rule",
    "You return σ(z) alone. By the product rule z σ(z) has the derivative σ(z) + z σ′(z).",
)
def swish_prime_one_term(z: ArrayLike) -> Any:
    return sigmoid_of(z)


@wrong(
    "swish_prime",
    "swish-prime-other-term",
    "half of the product rule",
    "You return z σ′(z) alone. By the product rule z σ(z) has the derivative σ(z) + z σ′(z).",
)
def swish_prime_other_term(z: ArrayLike) -> Any:
    return floats(z) * right.sigmoid_prime(z)


@wrong("relu", "relu-absolute", "the absolute value", "You return |z|. ReLU is 0 for negative inputs.")
def relu_absolute(z: ArrayLike) -> Any:
    return np.abs(floats(z))


@wrong(
    "linear", "linear-is-its-slope", "1 everywhere", "You return 1, the derivative. The linear activation returns z."
)
def linear_one(z: ArrayLike) -> Any:
    return np.ones_like(floats(z))


@wrong("linear_prime", "linear-prime-is-z", "the argument comes back", "The derivative of z is 1, at every z.")
def linear_prime_z(z: ArrayLike) -> Any:
    return floats(z)


for _function in (right.sigmoid, right.tanh, right.relu):
    catalogue.add(f"{_function.__name__}_prime", "derivative-is-the-function", "the function itself", ITSELF, _function)


VARIANTS = catalogue.by_function()
