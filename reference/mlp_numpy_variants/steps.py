"""Wrong training steps: settings of `Slip`, a step that can be wrong in several places, and combinations of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MethodType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.mlp_numpy import ACTIVATIONS, GRADIENTS, Array, Arrays, forward, softmax, tanh
from reference.variants import Catalogue

catalogue = Catalogue()
Change = Callable[[Array, Array], Any]
Parameters = tuple[list[Array], list[Array]]


def _error(z: Array, y: Array) -> Any:
    return softmax(z) - y


def _slope(activation: str, z: Array) -> Any:
    return GRADIENTS[activation](z)


def _mean(d: Array, n: int) -> Any:
    return d / n


@dataclass(frozen=True)
class Slip:
    """A step of gradient descent; every setting but the defaults is a mistake.

    `output` is ∂L/∂z of the last layer from its z and the one-hot labels; `slope` is f′ of a hidden layer; `weight`
    and `bias` make the update of W from the summed gradient and the batch's size, that of b from δ (n, n_out);
    `frozen` layers are not updated ("all", "first", "hidden"), `early` updates each before its error is passed on.
    """

    output: Change = _error
    slope: Callable[[str, Array], Any] = _slope
    weight: Callable[[Array, int], Any] = _mean
    bias: Callable[[Array], Any] | None = None
    sign: float = -1.0
    frozen: str = ""
    biases_move: bool = True
    early: bool = False
    bias_for_weight: bool = False
    forced: str = ""

    def step(
        self, weights: Arrays, biases: Arrays, x: ArrayLike, labels: ArrayLike, activation: str, rate: float
    ) -> Parameters:
        """Return weights and biases after the step."""
        activation = self.forced or activation
        new_w, new_b = [w.copy() for w in weights], [b.copy() for b in biases]
        zs, fed = forward(weights, biases, x, activation)
        delta = self.output(zs[-1], np.eye(zs[-1].shape[1])[np.asarray(labels)])  # (n, classes)
        for layer in reversed(range(len(new_w))):
            d_w, d_b = self._gradient(fed[layer], delta)
            if self._moves(layer, len(new_w)):
                new_w[layer] = weights[layer] + self.sign * rate * d_w
                new_b[layer] = biases[layer] + self.sign * rate * d_b * float(self.biases_move)
            if layer > 0:
                through = new_w[layer] if self.early else weights[layer]
                delta = (delta @ through.T) * self.slope(activation, zs[layer - 1])  # (n, n_in)
        return new_w, new_b

    def _gradient(self, fed: Array, delta: Array) -> tuple[Any, Any]:
        n = len(delta)
        d_b = self.weight(delta.sum(axis=0), n) if self.bias is None else self.bias(delta)
        d_w = np.broadcast_to(d_b, (fed.shape[1], delta.shape[1])) if self.bias_for_weight else None
        return (self.weight(fed.T @ delta, n) if d_w is None else d_w), d_b

    def _moves(self, layer: int, layers: int) -> bool:
        still = {"": False, "all": True, "first": layer == 0, "hidden": layer < layers - 1}
        return not still[self.frozen]


def _wrong_step(name: str, title: str, explanation: str, slip: Slip) -> None:
    catalogue.add("step", name, title, explanation, slip.step)


_wrong_step(
    "nothing-updated",
    "nothing changes",
    "After `fit` all weights are what they were. Check that the update assigns to the arrays the network keeps, and "
    "that the loop over epochs and batches runs at all.",
    Slip(frozen="all"),
)
_wrong_step(
    "uphill",
    "wrong sign",
    "The step goes up the gradient: parameters are to change by minus learning rate times gradient.",
    Slip(sign=1.0),
)
_wrong_step(
    "sum-over-batch",
    "gradient summed, not averaged",
    "Your step is the batch size times too long: the loss is the mean over the batch, so divide the gradient by the "
    "number of samples in it.",
    Slip(weight=lambda d, _: d),
)
_wrong_step(
    "divided-twice",
    "divided by the batch size twice",
    "Your step is the batch size times too short: the mean over the batch is taken twice, perhaps once in ŷ − y and "
    "once more in dW.",
    Slip(weight=lambda d, n: d / n**2),
)
_wrong_step(
    "bias-summed",
    "bias gradient summed, not averaged",
    "The weights follow the mean over the batch, the biases the sum: divide db by the batch size too.",
    Slip(bias=lambda delta: delta.sum(axis=0)),
)
_wrong_step(
    "bias-mean-of-all",
    "one number for all biases of a layer",
    "All biases of a layer change by the same number: `np.mean` or `np.sum` without `axis=0` adds up over the units "
    "too.",
    Slip(bias=lambda delta: np.full(delta.shape[1], delta.mean())),
)
_wrong_step(
    "bias-sum-of-all",
    "one number for all biases of a layer",
    "All biases of a layer change by the same number: `np.sum` without `axis=0` adds up over the units too.",
    Slip(bias=lambda delta: np.full(delta.shape[1], delta.sum() / len(delta))),
)
_wrong_step(
    "biases-never-updated",
    "biases never change",
    "Your weights follow the right gradient, but the biases stay as they are.",
    Slip(biases_move=False),
)
_wrong_step(
    "db-in-place-of-dw",
    "weights updated with the bias's gradient",
    "Every row of W changes by db: dW was overwritten by db, or mixed up with it, before the update.",
    Slip(bias_for_weight=True),
)
_wrong_step(
    "derivative-at-activation",
    "f′ taken at the activation",
    "The hidden layers use f′(a) where f′(z) is meant: your gradient function is given what came out of the "
    "activation, and applies it once more.",
    Slip(slope=lambda activation, z: GRADIENTS[activation](ACTIVATIONS[activation](z))),
)
_wrong_step(
    "derivative-forgotten",
    "f′ forgotten",
    "The error is passed on as δ Wᵀ alone. It has to be multiplied by f′(z) of the hidden layer, entry by entry. "
    "(`a >= 0` for the activation a of ReLU is always true: f′ wants z.)",
    Slip(slope=lambda _, z: np.ones_like(z)),
)
_wrong_step(
    "activation-for-derivative",
    "f in the place of f′",
    "The error that is passed on is multiplied by the activation itself, not by its derivative.",
    Slip(slope=lambda activation, z: ACTIVATIONS[activation](z)),
)
_wrong_step(
    "error-not-from-softmax",
    "softmax's derivative on top of ŷ − y",
    "With softmax and cross-entropy together ∂L/∂z is ŷ − y already. You multiply it by ŷ(1 − ŷ) once more.",
    Slip(output=lambda z, y: (softmax(z) - y) * softmax(z) * (1 - softmax(z))),
)
_wrong_step(
    "squared-error",
    "squared error instead of cross-entropy",
    "Your gradient is that of ½‖ŷ − y‖². For the cross-entropy ∂L/∂z at the output is ŷ − y alone.",
    Slip(output=lambda z, y: _squared(z, y)),
)
_wrong_step(
    "squared-error-doubled",
    "squared error instead of cross-entropy",
    "Your gradient is that of ‖ŷ − y‖². For the cross-entropy ∂L/∂z at the output is ŷ − y alone.",
    Slip(output=lambda z, y: 2 * _squared(z, y)),
)
_wrong_step(
    "no-softmax",
    "no softmax at the output",
    "The error at the output is z − y: the last layer has no softmax, so what it gives are no probabilities.",
    Slip(output=lambda z, y: z - y),
)
for _name in ("relu", "sigmoid", "tanh"):
    _wrong_step(
        f"{_name}-at-output",
        f"{_name} at the output in the place of softmax",
        f"The last layer applies {_name} as the hidden ones do. A classifier's output is the softmax of z.",
        Slip(output=lambda z, y, f=ACTIVATIONS[_name]: f(z) - y),  # type: ignore[misc]
    )
_wrong_step(
    "softmax-over-batch",
    "softmax along the wrong axis",
    "Your softmax sums over the samples of the batch, not over the classes of each sample.",
    Slip(output=lambda z, y: softmax(z.T).T - y),
)
_wrong_step(
    "softmax-over-everything",
    "softmax over the whole batch at once",
    "Your softmax divides by the sum over all samples: each row has to be divided by its own sum.",
    Slip(output=lambda z, y: softmax(z.ravel()).reshape(z.shape) - y),
)
_wrong_step(
    "own-guess-as-label",
    "trained towards its own guess",
    "The label you subtract is the network's own guess: it can only become surer of what it says already.",
    Slip(output=lambda z, _: softmax(z) - np.eye(z.shape[1])[z.argmax(axis=1)]),
)
_wrong_step(
    "updated-before-passed-on",
    "weights updated before the error is passed on",
    "Each layer is updated before its error goes to the layer below. Compute all gradients first, then update.",
    Slip(early=True),
)
_wrong_step(
    "first-layer-never-updated",
    "first layer never updated",
    "The weights of the first layer stay as they are: look at where your loop over the layers ends.",
    Slip(frozen="first"),
)
_wrong_step(
    "only-output-updated",
    "only the output layer learns",
    "All layers but the last stay as they are: the error is not passed on, or not used.",
    Slip(frozen="hidden"),
)
for _name in ("relu", "sigmoid", "tanh", "linear"):
    _wrong_step(
        f"always-{_name}",
        "the activation that is asked for is not used",
        f"Whatever `activation` says, your network computes with {_name}.",
        Slip(forced=_name),
    )


for _name, _of, _wrong in (
    ("tanh-square-forgotten", "tanh", lambda z: 1 - tanh(z)),
    ("relu-gradient-is-sign", "relu", np.sign),
):
    _wrong_step(
        _name,
        f"derivative of {_of} is wrong",
        f"The error is passed on with a wrong derivative of {_of}: see the checks of the gradients.",
        Slip(slope=lambda activation, z, of=_of, f=_wrong: f(z) if activation == of else GRADIENTS[activation](z)),  # type: ignore[misc]
    )
for _first in [
    each
    for each in catalogue.by_function()["step"]
    if isinstance(getattr(each.function, "__wrapped__", None), MethodType)
]:
    _slip = _first.function.__wrapped__.__self__  # type: ignore[attr-defined]
    if _slip.slope is not _slope or _slip.output is not _error or _slip.early:
        _wrong_step(
            f"{_first.name}-and-sum-over-batch",
            f"{_first.title}; and summed, not averaged",
            f"{_first.explanation} Besides, the gradient is summed over the batch, not averaged.",
            replace(_slip, weight=lambda d, _: d),
        )


def _squared(z: Array, y: Array) -> Any:
    y_hat = softmax(z)
    error = y_hat - y
    return y_hat * (error - np.sum(error * y_hat, axis=1, keepdims=True))


VARIANTS = catalogue.by_function()
