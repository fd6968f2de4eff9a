"""Backpropagation from proofs to pixels: the right answers, in NumPy.

Three parts, in the order of the homework:

* a box function made of step neurons, and a function on an interval made of boxes (Cybenko 1989 has the theorem);
* softmax and its Jacobian, sigmoid, cross-entropy (Goodfellow, Bengio & Courville 2016, §6.2);
* a network 784-32-32-10 trained sample by sample (Rumelhart, Hinton & Williams 1986; Goodfellow et al. §6.5).

Conventions: a sample is a row, so layer l computes z = a W + b with W of shape (n_in, n_out) and b (n_out,).
`weights` and `biases` are lists with one array per layer. No function changes its arguments. Pixels may be
0..1 or raw bytes 0..255: nothing overflows, losses are computed from the logits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Arrays = Sequence[Array]
Box = tuple[float, float, float, float, float, float, float]

LEARNING_RATE = 0.003
SIZES = (784, 32, 32, 10)
TINY = float(np.finfo(np.float64).tiny)


# --- 1. boxes --------------------------------------------------------------------------------------------


def step(t: ArrayLike) -> Any:
    """Return the Heaviside step H(t): 1 where t > 0, else 0."""
    return (np.asarray(t) > 0).astype(np.float64)


def box_network(h: float, delta: float) -> Box:
    """Return (w1, b1, w2, b2, w3, w4, b3) such that f(x) = w3 H(w1 x + b1) + w4 H(w2 x + b2) + b3 is a box.

    f(x) = h for 0 < x < delta, else 0. The first neuron fires right of 0, the second left of delta. Inside both
    fire (h + h), outside one of them (h), so -h brings the outside to 0, and both edges belong to the outside.
    """
    return (1.0, 0.0, -1.0, float(delta), float(h), float(h), -float(h))


def box_value(parameters: Sequence[float], x: ArrayLike) -> Any:
    """Return f(x) of the network with these (w1, b1, w2, b2, w3, w4, b3), for x of any shape."""
    w1, b1, w2, b2, w3, w4, b3 = parameters
    x = np.asarray(x, dtype=np.float64)
    return w3 * step(w1 * x + b1) + w4 * step(w2 * x + b2) + b3


def approximate(f: Callable[[float], float], B: float, n: int) -> Callable[[ArrayLike], Any]:
    """Return g ≈ f on [-B, B], a sum of n boxes of width 2B/n, each as high as f at its middle.

    For a continuous f the largest error is at most the largest change of f over half a box, so it goes to 0
    as n grows. Each box is two steps, h (H(x - left) - H(x - right)): neighbours meet without gap or overlap.
    """
    edges = np.linspace(-B, B, n + 1)  # (n + 1,)
    heights = np.array([float(f(x)) for x in (edges[:-1] + edges[1:]) / 2])  # (n,)
    edges[0] = np.nextafter(-B, -np.inf)  # H(0) = 0 would leave out -B itself

    def g(x: ArrayLike) -> Any:
        x = np.asarray(x, dtype=np.float64)[..., None]  # (..., 1)
        inside = step(x - edges[:-1]) - step(x - edges[1:])  # (..., n)
        return inside @ heights  # (...)

    return g


# --- 2. softmax and friends ------------------------------------------------------------------------------


def softmax(z: ArrayLike) -> Array:
    """Return y_i = exp(z_i) / Σ_j exp(z_j) along the last axis.

    Softmax does not change when a constant is added to z, so the maximum is taken off: nothing overflows.
    """
    z = np.asarray(z, dtype=np.float64)
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # (..., n)
    y: Array = e / e.sum(axis=-1, keepdims=True)  # (..., n)
    return y


def softmax_jacobian(z: ArrayLike) -> Array:
    """Return the (n, n) matrix ∂y_i/∂z_j = y_i (δ_ij - y_j) of softmax at z of shape (n,).

    From the quotient rule: ∂/∂z_j (e^{z_i} / S) = (δ_ij e^{z_i} S - e^{z_i} e^{z_j}) / S², with S = Σ_k e^{z_k}.
    """
    y = softmax(np.ravel(z))  # (n,)
    return np.diag(y) - np.outer(y, y)  # (n, n)


def sigmoid(z: ArrayLike) -> Any:
    """Return σ(z) = 1 / (1 + e^{-z}), written with e^{-|z|} so that nothing overflows."""
    z = np.asarray(z, dtype=np.float64)
    e = np.exp(-np.abs(z))  # in 0..1
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def dsigmoid(z: ArrayLike) -> Any:
    """Return σ′(z) = σ(z) (1 - σ(z)) at the pre-activation z, as e / (1 + e)² with e = e^{-|z|}."""
    e = np.exp(-np.abs(np.asarray(z, dtype=np.float64)))  # in 0..1
    return e / (1.0 + e) ** 2


def cross_entropy_loss(y: ArrayLike, y_hat: ArrayLike) -> float:
    """Return L = -Σ_i y_i log ŷ_i for a one-hot y and probabilities ŷ; for rows of them, the mean.

    A probability of 0 counts as the smallest normal number, so a wrong certainty costs 708, not infinity.
    """
    y, y_hat = np.asarray(y, dtype=np.float64), np.asarray(y_hat, dtype=np.float64)
    return float(np.mean(-np.sum(y * np.log(np.maximum(y_hat, TINY)), axis=-1)))


def integer_to_one_hot(label: int, classes: int = 10) -> Array:
    """Return the vector of shape (classes,) that is 1 at `label` and 0 elsewhere."""
    one_hot = np.zeros(classes)
    one_hot[int(label)] = 1.0
    return one_hot


# --- 3. the network --------------------------------------------------------------------------------------


def initialise(sizes: Sequence[int], rng: np.random.Generator) -> tuple[list[Array], list[Array]]:
    """Return weights [(n_in, n_out), ...] from N(0, variance 1/max(n_in, n_out)) and biases [(n_out,), ...] of 0."""
    pairs = list(itertools.pairwise(sizes))
    weights = [rng.normal(0.0, np.sqrt(1 / max(pair)), size=pair) for pair in pairs]
    biases = [np.zeros(n_out) for _, n_out in pairs]
    return weights, biases


def feed_forward(weights: Arrays, biases: Arrays, x: ArrayLike) -> Array:
    """Return the class probabilities (n, classes) of images of shape (n, 784) or (n, 28, 28)."""
    images = np.asarray(x, dtype=np.float64)
    zs, _ = forward(weights, biases, images.reshape(len(images), -1))
    return softmax(zs[-1])  # (n, classes)


def feed_forward_sample(weights: Arrays, biases: Arrays, sample: ArrayLike, label: int) -> tuple[float, Array]:
    """Return the loss of one image and the network's guess, one-hot."""
    zs, _ = forward(weights, biases, flat(sample))
    logits = zs[-1]  # (classes,)
    return float(_losses(logits, label)), integer_to_one_hot(int(np.argmax(logits)), len(logits))


def feed_forward_dataset(weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """Return the average loss and the accuracy (0..1) over images of shape (n, 784) or (n, 28, 28)."""
    images, wanted = np.asarray(x, dtype=np.float64), np.ravel(labels).astype(int)
    zs, _ = forward(weights, biases, images.reshape(len(images), -1))
    loss = np.mean(_losses(zs[-1], wanted))
    return float(loss), float(np.mean(zs[-1].argmax(axis=-1) == wanted))


def gradients(weights: Arrays, biases: Arrays, sample: ArrayLike, label: int) -> tuple[list[Array], list[Array]]:
    """Return ∂L/∂W and ∂L/∂b for one sample, as lists with one array per layer.

    With δ = ∂L/∂z of a layer: ∂L/∂W = aᵀ δ and ∂L/∂b = δ, where a is what the layer was fed. The last layer has
    δ = ŷ - y (softmax and cross-entropy together); the layer before has δ_prev = (δ Wᵀ) ⊙ σ′(z_prev).
    """
    zs, activations = forward(weights, biases, flat(sample))
    delta = softmax(zs[-1])  # (n_out,)
    delta[label] -= 1.0
    d_weights, d_biases = list(weights), list(biases)
    for layer in reversed(range(len(weights))):
        d_weights[layer] = np.outer(activations[layer], delta)  # (n_in, n_out)
        d_biases[layer] = delta  # (n_out,)
        if layer > 0:
            delta = (weights[layer] @ delta) * dsigmoid(zs[layer - 1])  # (n_in,)
    return d_weights, d_biases


def train_one_sample(
    weights: Arrays, biases: Arrays, sample: ArrayLike, label: int, learning_rate: float = LEARNING_RATE
) -> tuple[list[Array], list[Array]]:
    """Return the weights and biases after one step of gradient descent on one sample: W - η ∂L/∂W, b - η ∂L/∂b."""
    new_weights, new_biases = [w.copy() for w in weights], [b.copy() for b in biases]
    _descend(new_weights, new_biases, flat(sample), label, learning_rate)
    return new_weights, new_biases


def train_one_epoch(
    weights: Arrays,
    biases: Arrays,
    x: ArrayLike,
    labels: ArrayLike,
    learning_rate: float = LEARNING_RATE,
) -> tuple[list[Array], list[Array]]:
    """Return the weights and biases after one step per sample, in the order given."""
    new_weights, new_biases = [w.copy() for w in weights], [b.copy() for b in biases]
    for sample, label in zip(np.asarray(x), np.ravel(labels), strict=True):
        _descend(new_weights, new_biases, flat(sample), int(label), learning_rate)
    return new_weights, new_biases


def forward(weights: Arrays, biases: Arrays, x: Array) -> tuple[list[Array], list[Array]]:
    """Return for every layer its pre-activation z and what it was fed: σ(z) of the layer before, or x itself."""
    zs: list[Array] = []
    activations = [x]  # (..., n_in)
    for w, b in zip(weights, biases, strict=True):
        zs.append(activations[-1] @ w + b)  # (..., n_out)
        activations.append(sigmoid(zs[-1]))
    return zs, activations[:-1]  # the output layer has softmax, not σ


def flat(sample: ArrayLike) -> Array:
    """Return an image of any shape as floats of shape (pixels,); bytes would wrap around."""
    return np.ravel(np.asarray(sample, dtype=np.float64))


def _descend(weights: list[Array], biases: list[Array], sample: Array, label: int, learning_rate: float) -> None:
    """Take one step in place: copying all weights for every sample of an epoch would take most of the time."""
    d_weights, d_biases = gradients(weights, biases, sample, label)
    for w, d_w in zip(weights, d_weights, strict=True):
        d_w *= learning_rate
        w -= d_w
    for b, d_b in zip(biases, d_biases, strict=True):
        b -= learning_rate * d_b


def _losses(logits: Array, labels: Any) -> Any:
    """Return log Σ_j e^{z_j} - z_label along the last axis: cross-entropy without ever taking log of 0."""
    top = logits.max(axis=-1)  # (...)
    log_sum = top + np.log(np.exp(logits - top[..., None]).sum(axis=-1))  # (...)
    return log_sum - np.take_along_axis(logits, np.asarray(labels)[..., None], axis=-1)[..., 0]
