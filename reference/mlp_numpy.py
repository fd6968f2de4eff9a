"""A network class in NumPy: any layer sizes, activation and initialisation, trained by shuffled minibatches.

Conventions: a sample is a row, so a layer computes z = a W + b with W of shape (n_in, n_out) and b (n_out,). Hidden
layers apply the chosen activation, the output layer softmax; the loss is the cross-entropy, mean over the batch.
Gradients of activations are taken at the pre-activation z. `weights` and `biases` are lists with one array per
layer; functions return new ones and leave theirs alone.

Goodfellow, Bengio & Courville 2016, §6.5 has the backward pass, Glorot & Bengio 2010 the scale of the weights.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reference.kl import cross_entropy, entropy, kl_divergence

__all__ = [
    "ACTIVATIONS",
    "GRADIENTS",
    "MyNeuralNetwork",
    "cross_entropy",
    "entropy",
    "epoch",
    "forward",
    "gradients",
    "initialise",
    "kl_divergence",
    "loss",
    "predict_proba",
    "score",
    "step",
]

Array = NDArray[np.float64]
Arrays = Sequence[Array]
TINY = float(np.finfo(np.float64).tiny)


# --- activations -----------------------------------------------------------------------------------------


def relu(z: ArrayLike) -> Any:
    """Return max(z, 0)."""
    return np.maximum(np.asarray(z, dtype=np.float64), 0.0)


def relu_grad(z: ArrayLike) -> Any:
    """Return 1 where z > 0, else 0 (at 0 there is no derivative; 0 is as good as any in 0..1)."""
    return (np.asarray(z) > 0).astype(np.float64)


def sigmoid(z: ArrayLike) -> Any:
    """Return 1 / (1 + e^{-z}), written with e^{-|z|} so that nothing overflows."""
    z = np.asarray(z, dtype=np.float64)
    e = np.exp(-np.abs(z))  # in 0..1
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def sigmoid_grad(z: ArrayLike) -> Any:
    """Return σ(z) (1 - σ(z)) at the pre-activation z."""
    return sigmoid(z) * sigmoid(-np.asarray(z, dtype=np.float64))


def linear(z: ArrayLike) -> Any:
    """Return z."""
    return np.array(z, dtype=np.float64)


def linear_grad(z: ArrayLike) -> Any:
    """Return ones."""
    return np.ones_like(np.asarray(z, dtype=np.float64))


def tanh(z: ArrayLike) -> Any:
    """Return the hyperbolic tangent."""
    return np.tanh(np.asarray(z, dtype=np.float64))


def tanh_grad(z: ArrayLike) -> Any:
    """Return 1 - tanh²(z) at the pre-activation z, as 1 / cosh²(z) so that nothing cancels."""
    e = np.exp(-2 * np.abs(np.asarray(z, dtype=np.float64)))  # in 0..1
    return 4 * e / (1 + e) ** 2


def softmax(z: ArrayLike) -> Any:
    """Return e^{z_i} / Σ_j e^{z_j} along the last axis, the row's maximum taken off first."""
    z = np.asarray(z, dtype=np.float64)
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # (..., n)
    return e / e.sum(axis=-1, keepdims=True)  # (..., n)


def softmax_grad(z: ArrayLike) -> Any:
    """Return the Jacobians ∂y_i/∂z_j = y_i (δ_ij - y_j), of shape (..., n, n)."""
    y = softmax(z)  # (..., n)
    return y[..., :, None] * (np.eye(y.shape[-1]) - y[..., None, :])


ACTIVATIONS: dict[str, Callable[[ArrayLike], Any]] = {
    "relu": relu,
    "sigmoid": sigmoid,
    "linear": linear,
    "tanh": tanh,
    "softmax": softmax,
}
GRADIENTS: dict[str, Callable[[ArrayLike], Any]] = {
    "relu": relu_grad,
    "sigmoid": sigmoid_grad,
    "linear": linear_grad,
    "tanh": tanh_grad,
    "softmax": softmax_grad,
}


# --- weights ---------------------------------------------------------------------------------------------


def initialise(sizes: Sequence[int], how: str, rng: np.random.Generator) -> tuple[list[Array], list[Array]]:
    """Return weights [(n_in, n_out), ...] and biases [(n_out,), ...] of 0.

    "zero": all 0. "random": uniform, "normal": normal, both with mean 0 and variance 2 / (n_in + n_out), so that what
    goes through the layers neither dies out nor grows.
    """
    pairs = list(itertools.pairwise(sizes))
    deviations = [np.sqrt(2 / sum(pair)) for pair in pairs]
    draw: dict[str, Callable[[float, tuple[int, int]], Array]] = {
        "zero": lambda _, pair: np.zeros(pair),
        "random": lambda deviation, pair: rng.uniform(-1, 1, pair) * np.sqrt(3) * deviation,
        "normal": lambda deviation, pair: rng.normal(0, deviation, pair),
    }
    weights = [draw[how](deviation, pair) for deviation, pair in zip(deviations, pairs, strict=True)]
    return weights, [np.zeros(n_out) for _, n_out in pairs]


# --- forward, backward, update ---------------------------------------------------------------------------


def forward(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> tuple[list[Array], list[Array]]:
    """Return for every layer its pre-activations z (n, n_out) and what it was fed (n, n_in)."""
    zs: list[Array] = []
    fed = [np.asarray(x, dtype=np.float64)]
    for w, b in zip(weights, biases, strict=True):
        zs.append(fed[-1] @ w + b)  # (n, n_out)
        fed.append(ACTIVATIONS[activation](zs[-1]))
    return zs, fed[:-1]  # the output layer has softmax instead


def predict_proba(weights: Arrays, biases: Arrays, x: ArrayLike, activation: str) -> Array:
    """Return class probabilities (n, classes)."""
    zs, _ = forward(weights, biases, x, activation)
    probabilities: Array = softmax(zs[-1])
    return probabilities


def loss(weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, activation: str) -> float:
    """Return the mean cross-entropy of samples (n, features) with labels (n,)."""
    probabilities = predict_proba(weights, biases, x, activation)
    right = np.take_along_axis(probabilities, np.asarray(labels)[:, None], axis=1)  # (n, 1)
    return float(-np.log(np.maximum(right, TINY)).mean())


def score(guesses: ArrayLike, labels: ArrayLike) -> float:
    """Return the share of guesses (n,) that are the labels (n,)."""
    return float(np.mean(np.asarray(guesses) == np.asarray(labels)))


def gradients(
    weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, activation: str
) -> tuple[list[Array], list[Array]]:
    """Return ∂L/∂W and ∂L/∂b of the mean loss over a batch.

    δ = ∂L/∂z starts as (ŷ - y) / n. In every layer ∂L/∂W = aᵀ δ and ∂L/∂b = Σ_n δ, and what the layer below gets is
    (δ Wᵀ) ⊙ f′(z), which for softmax as activation becomes a product with its Jacobian.
    """
    zs, fed = forward(weights, biases, x, activation)
    delta = softmax(zs[-1])  # (n, classes)
    delta[np.arange(len(delta)), np.asarray(labels)] -= 1.0
    delta /= len(delta)
    d_weights, d_biases = list(weights), list(biases)
    for layer in reversed(range(len(weights))):
        d_weights[layer] = fed[layer].T @ delta  # (n_in, n_out)
        d_biases[layer] = delta.sum(axis=0)  # (n_out,)
        if layer > 0:
            delta = _through(activation, zs[layer - 1], delta @ weights[layer].T)  # (n, n_in)
    return d_weights, d_biases


def step(
    weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, activation: str, rate: float
) -> tuple[list[Array], list[Array]]:
    """Return weights and biases after one step of gradient descent on a batch."""
    d_weights, d_biases = gradients(weights, biases, x, labels, activation)
    return (
        [w - rate * d for w, d in zip(weights, d_weights, strict=True)],
        [b - rate * d for b, d in zip(biases, d_biases, strict=True)],
    )


def epoch(
    weights: Arrays,
    biases: Arrays,
    x: Array,
    labels: ArrayLike,
    activation: str,
    rate: float,
    batches: Sequence[Sequence[int]],
) -> tuple[list[Array], list[Array]]:
    """Return weights and biases after one step per batch; a batch is the numbers of its rows."""
    wanted = np.asarray(labels)
    weights, biases = list(weights), list(biases)
    for rows in batches:
        weights, biases = step(weights, biases, x[list(rows)], wanted[list(rows)], activation, rate)
    return weights, biases


def _through(activation: str, z: Array, error: Array) -> Array:
    """Return ∂L/∂z from ∂L/∂a of an activation a = f(z)."""
    slope = GRADIENTS[activation](z)
    back: Array = np.einsum("nij,ni->nj", slope, error) if activation == "softmax" else slope * error
    return back


class MyNeuralNetwork:
    """A classifier: `fit` it to rows and integer labels, then `predict`.

    `layer_sizes` begin with the number of features and end with that of classes; `n_layers` is their number.
    """

    def __init__(  # noqa: PLR0913 - the homework's own interface
        self,
        n_layers: int,
        layer_sizes: Sequence[int],
        activation: str = "relu",
        learning_rate: float = 0.1,
        weight_init: str = "normal",
        batch_size: int = 32,
        num_epochs: int = 100,
        *,
        seed: int = 0,
    ) -> None:
        if n_layers != len(layer_sizes):
            message = f"{n_layers} layers, but {len(layer_sizes)} sizes"
            raise ValueError(message)
        self.activation, self.learning_rate = activation, learning_rate
        self.batch_size, self.num_epochs = batch_size, num_epochs
        self.losses: list[float] = []
        self._rng = np.random.default_rng(seed)
        self.weights, self.biases = initialise(layer_sizes, weight_init, self._rng)

    def fit(self, x: Array, labels: ArrayLike) -> MyNeuralNetwork:
        """Train on rows (n, features) with labels (n,), shuffled anew in every epoch."""
        for _ in range(self.num_epochs):
            order = self._rng.permutation(len(x))
            batches = [order[start : start + self.batch_size].tolist() for start in range(0, len(x), self.batch_size)]
            self.weights, self.biases = epoch(
                self.weights, self.biases, x, labels, self.activation, self.learning_rate, batches
            )
            self.losses.append(loss(self.weights, self.biases, x, labels, self.activation))
        return self

    def predict_proba(self, x: ArrayLike) -> Array:
        """Return class probabilities (n, classes)."""
        return predict_proba(self.weights, self.biases, x, self.activation)

    def predict(self, x: ArrayLike) -> NDArray[np.int64]:
        """Return labels (n,)."""
        labels: NDArray[np.int64] = np.argmax(self.predict_proba(x), axis=1)
        return labels

    def score(self, x: ArrayLike, labels: ArrayLike) -> float:
        """Return the accuracy."""
        return score(self.predict(x), labels)
