"""Learning rates, one chain of neurons, counting, Iris, softmax and a convolution: the right answers, in NumPy.

Six parts, in the order of the homework:

* what a learning rate does, on softmax regression, where one step is two lines (Goodfellow, Bengio & Courville
  2016, §4.3 and §8.3);
* backpropagation through a chain of single neurons (Nielsen, Neural Networks and Deep Learning, 2015, chapter 2);
* how many multiplications a forward and a backward pass take (Goodfellow et al. §6.5.6);
* a small network for Fisher's irises (Fisher 1936) trained with Adam (Kingma & Ba 2015), and the statistics a
  scaler may use;
* softmax and what does not change it (Goodfellow et al. §4.1), which `reference.backprop` has;
* a convolutional layer: shapes, parameters and feature maps (Goodfellow et al. §9.1).

Conventions: a sample is a row; a layer computes z = a W + b with W of shape (n_in, n_out) and b (n_out,). No function
changes its arguments.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from reference.backprop import dsigmoid, sigmoid, softmax

__all__ = [
    "Parameters",
    "adam_steps",
    "backward_multiplications",
    "chain_cost",
    "chain_gradients",
    "column_statistics",
    "convolution_shape",
    "dsigmoid",
    "feature_maps",
    "forward_multiplications",
    "initial_mlp",
    "losses_of_rate",
    "mlp_gradients",
    "mlp_probabilities",
    "sigmoid",
    "softmax",
    "train_mlp",
]

Array = NDArray[np.float64]
Parameters = tuple[Array, Array, Array, Array]

ADAM = (0.9, 0.999, 1e-7)  # β1, β2, ε as in Keras; Kingma & Ba propose ε = 1e-8
IRIS_SIZES = (4, 8, 3)
IRIS_SCHEDULE = ((50, 8), (100, 5))  # (epochs, batch size), one after the other
HELD_BACK = 0.2


# --- 1. the learning rate --------------------------------------------------------------------------------


def losses_of_rate(x: ArrayLike, labels: ArrayLike, rate: float, epochs: int, classes: int) -> Array:
    """Return the mean cross-entropy after each epoch, shape (epochs,), of softmax regression by gradient descent.

    x has shape (n, d), labels (n,). All weights start at 0 and one epoch is one step on all rows, so that nothing but
    the learning rate differs between two calls. Below 2/λ, where λ is the largest curvature, the loss falls; above,
    it may jump up and down or grow.
    """
    rows, wanted = np.asarray(x, dtype=np.float64), np.eye(classes)[np.ravel(labels).astype(int)]  # (n, d), (n, k)
    weights, bias = np.zeros((rows.shape[1], classes)), np.zeros(classes)
    losses = []
    for _ in range(epochs):
        error = (softmax(rows @ weights + bias) - wanted) / len(rows)  # (n, k) ∂L/∂z
        weights = weights - rate * rows.T @ error  # (d, k)
        bias = bias - rate * error.sum(axis=0)  # (k,)
        losses.append(_cross_entropy(softmax(rows @ weights + bias), wanted))
    return np.array(losses)


# --- 2. one chain of neurons -----------------------------------------------------------------------------


def chain_cost(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> float:
    """Return C = (a − y)² with a = σ(w a_prev + b); for arrays of shape (n,) the mean over the n examples."""
    a = sigmoid(w * np.asarray(a_prev, dtype=np.float64) + b)  # () or (n,)
    return float(np.mean((a - np.asarray(y, dtype=np.float64)) ** 2))


def chain_gradients(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> tuple[Any, Any, Any]:
    """Return (∂C/∂w, ∂C/∂b, ∂C/∂a_prev) of C = (σ(w a_prev + b) − y)².

    The chain rule has three factors, ∂C/∂w = ∂C/∂a · ∂a/∂z · ∂z/∂w = 2(a − y) · σ′(z) · a_prev. The first two are the
    same for all three derivatives; ∂z/∂b is 1 and ∂z/∂a_prev is w.

    Of n examples, a_prev and y of shape (n,), the first two derivatives are averages; the third has shape (n,): the
    derivative of each example's own cost by its own a_prev.
    """
    inputs, wanted = np.asarray(a_prev, dtype=np.float64), np.asarray(y, dtype=np.float64)  # () or (n,)
    z = w * inputs + b  # () or (n,)
    delta = 2 * (sigmoid(z) - wanted) * dsigmoid(z)  # () or (n,) ∂C/∂z
    return np.mean(delta * inputs), np.mean(delta), delta * w


# --- 3. counting -----------------------------------------------------------------------------------------


def forward_multiplications(sizes: Sequence[int]) -> int:
    """Return how many products of a weight and an activation a forward pass takes for one sample: Σ n_in · n_out."""
    return sum(n_in * n_out for n_in, n_out in itertools.pairwise(sizes))


def backward_multiplications(sizes: Sequence[int], *, to_inputs: bool = False, elementwise: int = 0) -> int:
    """Return how many multiplications the backward pass takes for one sample.

    Every layer takes n_in · n_out for ∂L/∂W = aᵀ δ. Every layer but the first takes as many again to pass the error
    on, δ Wᵀ; the error of the pixels is of no use, `to_inputs` counts it all the same. `elementwise` is how many
    products per hidden neuron are counted besides: 1 for δ ⊙ σ′, 2 where σ′ = a(1 − a) is counted too.
    """
    layers = [n_in * n_out for n_in, n_out in itertools.pairwise(sizes)]
    passed = layers if to_inputs else layers[1:]
    return sum(layers) + sum(passed) + elementwise * sum(sizes[1:-1])


# --- 4. irises -------------------------------------------------------------------------------------------


def column_statistics(rows: ArrayLike) -> tuple[Array, Array]:
    """Return mean and standard deviation of each column, (d,) and (d,), as StandardScaler does (dividing by n)."""
    values = np.asarray(rows, dtype=np.float64)  # (n, d)
    return values.mean(axis=0), values.std(axis=0)


def initial_mlp(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    """Return (W1, b1, W2, b2), weights uniform in ±√(6/(n_in + n_out)) (Glorot & Bengio 2010), biases 0."""
    n_in, n_hidden, n_out = sizes
    first, second = np.sqrt(6 / (n_in + n_hidden)), np.sqrt(6 / (n_hidden + n_out))
    return (
        rng.uniform(-first, first, size=(n_in, n_hidden)),
        np.zeros(n_hidden),
        rng.uniform(-second, second, size=(n_hidden, n_out)),
        np.zeros(n_out),
    )


def mlp_probabilities(parameters: Parameters, x: ArrayLike) -> Array:
    """Return the class probabilities, (n, classes), of rows x of shape (n, d): Dense(relu), Dense(softmax)."""
    w1, b1, w2, b2 = parameters
    hidden = np.maximum(np.asarray(x, dtype=np.float64) @ w1 + b1, 0)  # (n, hidden)
    return softmax(hidden @ w2 + b2)  # (n, classes)


def mlp_gradients(parameters: Parameters, x: Array, y: Array) -> Parameters:
    """Return the gradients of the mean cross-entropy, for rows x (n, d) and one-hot labels y (n, classes)."""
    w1, b1, w2, b2 = parameters
    z = x @ w1 + b1  # (n, hidden)
    hidden = np.maximum(z, 0)  # (n, hidden)
    error = (softmax(hidden @ w2 + b2) - y) / len(x)  # (n, classes)
    passed = (error @ w2.T) * (z > 0)  # (n, hidden)
    return x.T @ passed, passed.sum(axis=0), hidden.T @ error, error.sum(axis=0)


def train_mlp(
    x: ArrayLike,
    labels: ArrayLike,
    rng: np.random.Generator,
    schedule: Sequence[tuple[int, int]] = IRIS_SCHEDULE,
    sizes: Sequence[int] = IRIS_SIZES,
) -> Parameters:
    """Return the parameters of a network trained on rows x (n, d) with labels (n,) in 0..classes − 1.

    As in Keras, the last 20 % of the rows are held back for validation and teach nothing. Adam is made new for each
    (epochs, batch size) of the schedule, as by a second call of `compile`.
    """
    kept = round(len(np.asarray(x)) * (1 - HELD_BACK))
    rows, wanted = np.asarray(x, dtype=np.float64)[:kept], np.eye(sizes[-1])[np.ravel(labels).astype(int)][:kept]
    parameters = initial_mlp(sizes, rng)
    for epochs, batch in schedule:
        parameters = adam_steps(parameters, rows, wanted, _batches(kept, batch, epochs, rng))
    return parameters


def adam_steps(
    parameters: Parameters, x: Array, y: Array, batches: Iterator[NDArray[np.int64]], rate: float = 0.001
) -> Parameters:
    """Return the parameters after one step of Adam per batch of row numbers (Kingma & Ba 2015, algorithm 1)."""
    beta1, beta2, epsilon = ADAM
    values = [p.copy() for p in parameters]
    means, squares = [np.zeros_like(p) for p in values], [np.zeros_like(p) for p in values]
    for step, rows in enumerate(batches, start=1):
        size = rate * np.sqrt(1 - beta2**step) / (1 - beta1**step)  # both corrections of the bias at once
        gradients = mlp_gradients((values[0], values[1], values[2], values[3]), x[rows], y[rows])
        for value, mean, square, gradient in zip(values, means, squares, gradients, strict=True):
            mean += (1 - beta1) * (gradient - mean)
            square += (1 - beta2) * (gradient**2 - square)
            value -= size * mean / (np.sqrt(square) + epsilon)
    return values[0], values[1], values[2], values[3]


# --- 6. convolutions -------------------------------------------------------------------------------------


def convolution_shape(
    image: Sequence[int], kernel: Sequence[int], filters: int, *, same: bool = False
) -> tuple[tuple[int, int, int], int]:
    """Return ((rows, columns, filters), parameters) of a convolution of stride 1 with biases.

    `image` is (rows, columns, channels). Without padding a kernel of k rows fits rows − k + 1 times.
    """
    (rows, columns, channels), (height, width) = image, kernel
    parameters = (height * width * channels + 1) * filters
    if same:
        return (rows, columns, filters), parameters
    return (rows - height + 1, columns - width + 1, filters), parameters


def feature_maps(images: ArrayLike, kernel: ArrayLike, bias: ArrayLike, *, same: bool = False) -> Array:
    """Return what a convolution of stride 1 makes of images, (n, rows, columns, filters), before its activation.

    images: (n, rows, columns, channels), kernel: (height, width, channels, filters), bias: (filters,). What is called
    convolution in deep learning does not turn the kernel round (Goodfellow et al. §9.1). With `same` the images are
    padded with zeros, the odd one at the end, as in Keras.
    """
    x, k = np.asarray(images, dtype=np.float64), np.asarray(kernel, dtype=np.float64)
    height, width = k.shape[:2]
    if same:
        pads = [((size - 1) // 2, size // 2) for size in (height, width)]
        x = np.pad(x, ((0, 0), *pads, (0, 0)))
    patches = sliding_window_view(x, (height, width), axis=(1, 2))  # (n, rows, columns, channels, height, width)
    maps: Array = np.tensordot(patches, k, axes=([3, 4, 5], [2, 0, 1]))  # (n, rows, columns, filters)
    return maps + np.asarray(bias, dtype=np.float64)


# --- helpers ---------------------------------------------------------------------------------------------


def _cross_entropy(probabilities: Array, wanted: Array) -> float:
    """Return the mean of −log of the true class's probability; a probability of 0 counts as the smallest number."""
    true = np.sum(probabilities * wanted, axis=1)  # (n,)
    return float(np.mean(-np.log(np.maximum(true, np.finfo(np.float64).tiny))))


def _batches(n: int, size: int, epochs: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield row numbers, at most `size` at a time, every row once in each epoch, in random order."""
    for _ in range(epochs):
        order = rng.permutation(n)
        for begin in range(0, n, size):
            yield order[begin : begin + size]
