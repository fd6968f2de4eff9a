"""Where a student's training step leaves the right one: switches, one per mistake, all off in the right step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.backprop import (
    LEARNING_RATE,
    Array,
    Arrays,
    dsigmoid,
    flat,
    forward,
    integer_to_one_hot,
    softmax,
)

Parameters = tuple[list[Array], list[Array]]


def right_error(z: Array, y: Array) -> Array:
    """Return ∂L/∂z of softmax with cross-entropy, ŷ - y, for a one-hot y."""
    return softmax(z) - y


def right_slope(z: Array, a: Array) -> Any:
    """Return σ′ at the pre-activation z of a hidden layer; a = σ(z)."""
    return dsigmoid(z)


def right_carry(w: Array, delta: Array) -> Array:
    """Return the error of a layer passed back through its weights w of shape (n_in, n_out)."""
    return w @ delta  # (n_in,)


def right_outer(a: Array, delta: Array) -> Array:
    """Return ∂L/∂W of a layer that was fed a and has the error delta."""
    return np.outer(a, delta)  # (n_in, n_out)


def right_input(x: Array) -> Array:
    """Return the image as the first layer's gradient sees it."""
    return x


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One training step; every field at its default is the right one. Layers are counted from the input, from 0."""

    error: Callable[[Array, Array], Any] = right_error
    slope: Callable[[Array, Array], Any] = right_slope
    flat_layers: tuple[int, ...] = ()  # hidden layers whose σ′ is forgotten
    slope_of_next: bool = False  # σ′ taken at the layer the error comes from, where the sizes fit
    carry: Callable[[Array, Array], Any] = right_carry
    outer: Callable[[Array, Array], Any] = right_outer
    input: Callable[[Array], Array] = right_input
    fed_pre_activations: bool = False  # ∂L/∂W made with z of the layer before instead of σ(z)
    bias_of_next: bool = False  # the bias gets the error of the layer after it, where the sizes fit
    weight_factor: float = 1.0
    bias_factor: float = 1.0
    update_first: bool = False  # a layer is updated before the error is passed back through it
    frozen: tuple[int, ...] = ()  # layers that are never updated
    rate: float | None = None  # used instead of the learning rate that was asked for

    def step(
        self,
        weights: Arrays,
        biases: Arrays,
        sample: ArrayLike,
        label: int,
        learning_rate: float = LEARNING_RATE,
    ) -> Parameters:
        """Return the weights and biases after this training step."""
        rate = learning_rate if self.rate is None else self.rate
        d_weights, d_biases = self.gradients(weights, biases, sample, label, rate)
        new_weights = [w - rate * d_w for w, d_w in zip(weights, d_weights, strict=True)]
        return new_weights, [b - rate * d_b for b, d_b in zip(biases, d_biases, strict=True)]

    def gradients(
        self, weights: Arrays, biases: Arrays, sample: ArrayLike, label: int, rate: float = LEARNING_RATE
    ) -> Parameters:
        """Return what this step takes for ∂L/∂W and ∂L/∂b."""
        zs, fed = forward(weights, biases, flat(sample))
        seen = [self.input(fed[0]), *(zs[:-1] if self.fed_pre_activations else fed[1:])]
        delta = after = self.error(zs[-1], integer_to_one_hot(label, len(zs[-1])))  # (n_out,)
        d_weights, d_biases = [np.zeros_like(w) for w in weights], [np.zeros_like(b) for b in biases]
        for layer in reversed(range(len(weights))):
            if layer not in self.frozen:
                d_weights[layer] = self.weight_factor * self.outer(seen[layer], delta)  # (n_in, n_out)
                shifted = self.bias_of_next and after.shape == delta.shape
                d_biases[layer] = self.bias_factor * (after if shifted else delta)  # (n_out,)
            if layer > 0:
                through = weights[layer] - rate * d_weights[layer] if self.update_first else weights[layer]
                after, delta = delta, self.carry(through, delta) * self._slope(layer, zs, fed)
        return d_weights, d_biases

    def _slope(self, layer: int, zs: list[Array], fed: list[Array]) -> Any:
        """Return σ′ of the units that feed `layer`."""
        if layer - 1 in self.flat_layers:
            return np.ones_like(zs[layer - 1])
        if self.slope_of_next and zs[layer].shape == zs[layer - 1].shape:
            return self.slope(zs[layer], fed[layer])
        return self.slope(zs[layer - 1], fed[layer])
