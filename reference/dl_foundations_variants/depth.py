"""Wrong clipping, residual blocks and gradient norms."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference import dl_foundations as right
from reference.dl_foundations.arrays import Array, floats
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "clip_by_value",
    "clip-above-only",
    "only large entries are clipped",
    "Entries below -limit stay as they are. Both signs have to be kept within the limits.",
)
def clip_above(gradient: ArrayLike, limit: float) -> Any:
    return np.minimum(floats(gradient), limit)


@wrong(
    "clip_by_value",
    "clip-from-zero",
    "negative entries become 0",
    "You clip to 0..limit. A gradient has both signs: -limit..limit.",
)
def clip_zero(gradient: ArrayLike, limit: float) -> Any:
    return np.clip(floats(gradient), 0.0, limit)


@wrong(
    "clip_by_norm",
    "clip-always-scaled",
    "short gradients are made longer",
    "You scale every gradient to max_norm. One that is shorter has to stay as it is.",
)
def clip_always(gradient: ArrayLike, max_norm: float) -> Any:
    return floats(gradient) * max_norm / np.linalg.norm(floats(gradient))


@wrong(
    "clip_by_norm",
    "clip-norm-as-value",
    "each entry is clipped",
    "You clip each entry, which changes the direction. Scale the whole gradient by max_norm/‖g‖.",
)
def clip_norm_value(gradient: ArrayLike, max_norm: float) -> Any:
    return np.clip(floats(gradient), -max_norm, max_norm)


@wrong(
    "clip_by_norm",
    "clip-spectral-norm",
    "the wrong norm of a matrix",
    "You use np.linalg.norm(g, 2), for a matrix its largest singular value. Take the root of the sum of all squares.",
)
def clip_spectral(gradient: ArrayLike, max_norm: float) -> Any:
    g = floats(gradient)
    norm = np.linalg.norm(g, 2)
    return g * max_norm / norm if norm > max_norm else g


@wrong("residual_block", "residual-forgotten", "x is not added", "You return ReLU(x W1) W2 without x.")
def residual_forgotten(x: ArrayLike, W1: ArrayLike, W2: ArrayLike) -> Any:
    return right.residual_block(x, W1, W2) - floats(x)


@wrong(
    "residual_block",
    "residual-relu-outside",
    "ReLU after the sum",
    "You apply ReLU to the sum as well (as the first ResNet did). Here x passes through untouched.",
)
def residual_relu(x: ArrayLike, W1: ArrayLike, W2: ArrayLike) -> Any:
    return np.maximum(right.residual_block(x, W1, W2), 0.0)


@wrong(
    "residual_block",
    "residual-without-relu",
    "no ReLU between the layers",
    "You compute x + x W1 W2: two linear layers are one.",
)
def residual_linear(x: ArrayLike, W1: ArrayLike, W2: ArrayLike) -> Any:
    return floats(x) + floats(x) @ floats(W1) @ floats(W2)


@wrong(
    "gradient_norms",
    "norms-squared",
    "the squared norm",
    "You return the sum of the squares: the root is missing.",
)
def norms_squared(weights: Any, x: ArrayLike, activation: str = "sigmoid") -> Any:
    return right.gradient_norms(weights, x, activation) ** 2


def _norms(weights: Any, x: ArrayLike, activation: str = "sigmoid", *, slip: str) -> Array:
    """Return the norms of a backward pass with one slip."""
    f, f_prime = getattr(right, activation), getattr(right, f"{activation}_prime")
    matrices, inputs, zs = [floats(w) for w in weights], [np.ravel(floats(x))], []
    for w in matrices:
        zs.append(inputs[-1] @ w)
        inputs.append(f(zs[-1]))
    error, norms = (np.ones_like(inputs[-1]) if slip == "ones" else inputs[-1]), []
    for layer in reversed(range(len(matrices))):
        derivative = f_prime(inputs[layer + 1] if slip == "activation" else zs[layer])
        delta = error if slip == "derivative" else error * derivative
        norms.append(np.linalg.norm(delta if slip == "delta" else np.outer(inputs[layer], delta)))
        error = matrices[layer] @ delta
    return np.array(norms[::-1])


for _slip, _name, _title, _explanation in (
    (
        "activation",
        "derivative-at-the-activation",
        "f′ is taken at the activation",
        "You put a = f(z) into f′. It has to be taken at the pre-activation z.",
    ),
    (
        "derivative",
        "derivative-forgotten",
        "f′ is missing",
        "You pass the error back through the weights only. Each layer multiplies it with f′(z).",
    ),
    ("delta", "norm-of-delta", "the norm of δ", "You return ‖∂L/∂z‖. The gradient by W is the outer product with a."),
    (
        "ones",
        "loss-as-sum",
        "the loss is the sum of the activations",
        "You start the backward pass with ones, as for L = Σ a. For L = ½ Σ a² it starts with a.",
    ),
):
    catalogue.add("gradient_norms", _name, _title, _explanation, functools.partial(_norms, slip=_slip))


VARIANTS = catalogue.by_function()
