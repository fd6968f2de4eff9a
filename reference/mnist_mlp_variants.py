"""Named wrong variants of `reference.mnist_mlp`: VARIANTS[function] is what to try, in this order."""

from __future__ import annotations

from typing import Any

import numpy as np

from reference import mnist_mlp
from reference.variants import Catalogue

__all__ = ["VARIANTS"]

CATALOGUE = Catalogue()
wrong = CATALOGUE.wrong


# --- forward -------------------------------------------------------------------------------------------------------


@wrong(
    "hidden_layer",
    "no-activation",
    "the activation is missing",
    "You return $W_h x + b_h$ itself. Without $f$ two layers are no more than one: apply `max(0, ·)` to every entry.",
)
def no_activation(x: Any, W_h: Any, b_h: Any) -> Any:
    return W_h @ x + b_h


@wrong(
    "hidden_layer",
    "hidden-bias-forgotten",
    "the bias is missing",
    "You return $f(W_h x)$: add $b_h$ before $f$.",
)
def hidden_bias_forgotten(x: Any, W_h: Any, b_h: Any) -> Any:
    return np.maximum(W_h @ x, 0)


@wrong(
    "hidden_layer",
    "bias-after-activation",
    "the bias is added after the activation",
    "You return $f(W_h x) + b_h$. The bias shifts where $f$ bends, so it goes inside: $f(W_h x + b_h)$.",
)
def bias_after(x: Any, W_h: Any, b_h: Any) -> Any:
    return np.maximum(W_h @ x, 0) + b_h


@wrong(
    "logits",
    "output-bias-forgotten",
    "the bias is missing",
    "You return $W_o h$: add $b_o$.",
)
def output_bias_forgotten(h: Any, W_o: Any, b_o: Any) -> Any:
    return W_o @ h


@wrong(
    "logits",
    "softmax-in-logits",
    "softmax is applied already",
    "You return $\\hat y$. The logits are what goes *into* softmax: $W_o h + b_o$.",
)
def softmax_too_early(h: Any, W_o: Any, b_o: Any) -> Any:
    return mnist_mlp.softmax(W_o @ h + b_o)


@wrong(
    "softmax",
    "not-normalised",
    "the division by the sum is missing",
    "You return $e^{z_i}$ (perhaps shifted). Divide by $\\sum_j e^{z_j}$, so that the entries sum to one.",
)
def not_normalised(z: Any) -> Any:
    return np.exp(z)


@wrong(
    "softmax",
    "shifted-not-normalised",
    "the division by the sum is missing",
    "You return $e^{z_i - \\max z}$. Divide by the sum of these, so that the entries sum to one.",
)
def shifted_not_normalised(z: Any) -> Any:
    return np.exp(z - np.max(z, axis=-1, keepdims=True))


@wrong(
    "softmax",
    "unstable",
    "large logits overflow",
    "$e^{1000}$ is infinite, and infinity divided by infinity is no number. Take the largest logit "
    "off all of them first: the result is the same.",
)
def unstable(z: Any) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


@wrong(
    "cross_entropy",
    "mean-over-classes",
    "divided by the number of classes",
    "You take the mean over the classes. The loss of one sample is the *sum* $-\\sum_i y_i \\log \\hat "
    "y_i$; means are taken over samples.",
)
def mean_over_classes(y: Any, y_hat: Any) -> Any:
    return mnist_mlp.cross_entropy(y, y_hat) / np.size(y)


@wrong(
    "cross_entropy",
    "sign",
    "the sign is missing",
    "You return $\\sum_i y_i \\log \\hat y_i$, which is negative: a loss gets smaller as the network "
    "gets better, so put a minus before it.",
)
def wrong_sign(y: Any, y_hat: Any) -> Any:
    return -mnist_mlp.cross_entropy(y, y_hat)


@wrong(
    "cross_entropy",
    "log-of-ten",
    "the logarithm to base ten",
    "You take $\\log_{10}$. The derivative $\\hat y - y$ holds for the natural logarithm, `np.log`.",
)
def base_ten(y: Any, y_hat: Any) -> Any:
    return mnist_mlp.cross_entropy(y, y_hat) / np.log(10)


@wrong(
    "mean_loss",
    "sum-of-losses",
    "the sum of the losses, not their mean",
    "Divide by the number of samples: else the loss of twice as many images is twice as large.",
)
def sum_of_losses(Y: Any, Y_hat: Any) -> Any:
    return mnist_mlp.mean_loss(Y, Y_hat) * len(Y)


@wrong(
    "mean_loss",
    "mean-over-entries",
    "the mean over samples and classes",
    "`np.mean` over the whole table divides by the number of classes, too. Sum over the classes "
    "first, then take the mean over the samples.",
)
def mean_over_entries(Y: Any, Y_hat: Any) -> Any:
    return mnist_mlp.mean_loss(Y, Y_hat) / np.shape(Y)[1]


# --- backward ------------------------------------------------------------------------------------------------------


@wrong(
    "softmax_jacobian",
    "diagonal-only",
    "only the diagonal",
    "You have $\\hat y_i(1 - \\hat y_i)$ on the diagonal and zeros elsewhere. Every output depends on "
    "every logit: for $i \\neq j$ it is $-\\hat y_i \\hat y_j$.",
)
def diagonal_only(z: Any) -> Any:
    p = mnist_mlp.softmax(z)
    return np.diag(p * (1 - p))


@wrong(
    "softmax_jacobian",
    "jacobian-sign",
    "the sign off the diagonal",
    "For $i \\neq j$ you have $+\\hat y_i \\hat y_j$. A larger $z_j$ takes probability away from the "
    "others: $-\\hat y_i \\hat y_j$.",
)
def jacobian_sign(z: Any) -> Any:
    p = mnist_mlp.softmax(z)
    return np.diag(p - 2 * p * p) + np.outer(p, p)


@wrong(
    "softmax_jacobian",
    "softmax-forgotten",
    "z in the place of softmax(z)",
    "You use the logits as if they were the probabilities: compute $\\hat y = \\mathrm{softmax}(z)$ first.",
)
def softmax_forgotten(z: Any) -> Any:
    return np.diag(z) - np.outer(z, z)


@wrong(
    "softmax_jacobian",
    "jacobian-as-vector",
    "a vector, not a matrix",
    "You return $\\hat y_i(1 - \\hat y_i)$, the diagonal alone. Every output depends on every logit, so there are "
    "$n \\times n$ derivatives.",
)
def jacobian_as_vector(z: Any) -> Any:
    p = mnist_mlp.softmax(z)
    return p * (1 - p)


def _gradients(*args: Any, slope: Any = None, delta: Any = None) -> Any:
    """Return the gradients with another f′(a, h), or another δ of the output (ŷ, y)."""
    x, y, W_h, b_h, W_o, b_o = args
    a = W_h @ x + b_h
    h = np.maximum(a, 0)
    y_hat = mnist_mlp.softmax(W_o @ h + b_o)
    delta_o = y_hat - y if delta is None else delta(y_hat, y)
    delta_h = (W_o.T @ delta_o) * ((a > 0) if slope is None else slope(a, h))
    return np.outer(delta_h, x), delta_h, np.outer(delta_o, h), delta_o


@wrong(
    "gradients",
    "derivative-forgotten",
    "f′ is missing",
    "You pass $W_o^\\top(\\hat y - y)$ on as it is. The way back through the hidden layer has the "
    "factor $f'(W_h x + b_h)$: where ReLU gave 0, nothing goes back.",
)
def derivative_forgotten(*args: Any) -> Any:
    return _gradients(*args, slope=lambda a, h: np.ones_like(a))


@wrong(
    "gradients",
    "activation-for-derivative",
    "f in the place of f′",
    "You multiply by $h = f(W_h x + b_h)$. The chain rule asks for the derivative $f'$, which is 1 or 0 for ReLU.",
)
def activation_for_derivative(*args: Any) -> Any:
    return _gradients(*args, slope=lambda a, h: h)


@wrong(
    "gradients",
    "sigmoid-derivative",
    "the derivative of the sigmoid",
    "You multiply by $h(1-h)$, the derivative of the sigmoid. The hidden layer has ReLU: $f'$ is 1 "
    "where $W_h x + b_h > 0$, else 0.",
)
def sigmoid_derivative(*args: Any) -> Any:
    return _gradients(*args, slope=lambda a, h: h * (1 - h))


@wrong(
    "gradients",
    "delta-sign",
    "y − ŷ in the place of ŷ − y",
    "Your gradients have the wrong sign: $\\partial L/\\partial z = \\hat y - y$. A step against them "
    "would make the loss grow.",
)
def delta_sign(*args: Any) -> Any:
    return _gradients(*args, delta=lambda y_hat, y: y - y_hat)


@wrong(
    "gradients",
    "squared-error",
    "the gradient of the squared error",
    "Your output delta has the factor $\\hat y(1 - \\hat y)$ of a sigmoid with squared error. With "
    "softmax and cross-entropy it cancels: $\\hat y - y$.",
)
def squared_error(*args: Any) -> Any:
    return _gradients(*args, delta=lambda y_hat, y: (y_hat - y) * y_hat * (1 - y_hat))


@wrong(
    "gradients",
    "no-label",
    "the label is not subtracted",
    "Your output delta is $\\hat y$: subtract the one-hot label.",
)
def no_label(*args: Any) -> Any:
    return _gradients(*args, delta=lambda y_hat, y: y_hat)


# --- depth ---------------------------------------------------------------------------------------------------------


@wrong(
    "gradient_norms",
    "norms-without-derivative",
    "f′ is missing",
    "You pass $W^\\top \\delta$ on as it is. On the way down each hidden layer has the factor $f'$, and this factor "
    "is what makes the gradients of the sigmoid vanish.",
)
def norms_without_derivative(weights: Any, biases: Any, x: Any, y: Any, activation: Any) -> Any:
    inputs = [np.asarray(x, float)]
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        inputs.append(mnist_mlp._activated(W @ inputs[-1] + b, activation)[0])
    delta = mnist_mlp.softmax(weights[-1] @ inputs[-1] + biases[-1]) - y
    norms = []
    for W, came_in in zip(weights[::-1], inputs[::-1], strict=True):
        norms.append(float(np.linalg.norm(np.outer(delta, came_in))))
        delta = W.T @ delta
    return norms[::-1]


@wrong(
    "gradient_norms",
    "norms-reversed",
    "the layers in reverse order",
    "Your norms begin with the last layer. Give the first layer's first.",
)
def norms_reversed(*args: Any) -> Any:
    return mnist_mlp.gradient_norms(*args)[::-1]


@wrong(
    "gradient_norms",
    "squared-norms",
    "the squares of the norms",
    "You return $\\sum g^2$. The norm is its root.",
)
def squared_norms(*args: Any) -> Any:
    return [norm**2 for norm in mnist_mlp.gradient_norms(*args)]


@wrong(
    "gradient_norms",
    "norms-of-delta",
    "the norms of the deltas",
    "You return the norms of $\\partial L/\\partial b_l$. For the weights each delta is multiplied with"
    " what came into the layer.",
)
def norms_of_delta(weights: Any, biases: Any, x: Any, y: Any, activation: Any) -> Any:
    a, came_in = np.asarray(x, float), []
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        came_in.append(np.linalg.norm(a))
        a = mnist_mlp._activated(W @ a + b, activation)[0]
    came_in.append(np.linalg.norm(a))
    norms = mnist_mlp.gradient_norms(weights, biases, x, y, activation)
    return [norm / size for norm, size in zip(norms, came_in, strict=True)]  # ‖δ aᵀ‖ = ‖δ‖ ‖a‖


VARIANTS = CATALOGUE.by_function()
