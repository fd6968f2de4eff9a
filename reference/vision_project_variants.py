"""Named wrong variants of `reference.vision_project`: VARIANTS[function] is what to try, in this order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.backprop import dsigmoid, sigmoid
from reference.backprop_variants import VARIANTS as OF_BACKPROP
from reference.variants import Catalogue, merged
from reference.vision_project import forward_multiplications

__all__ = ["VARIANTS"]

catalogue = Catalogue()
wrong = catalogue.wrong

Gradients = tuple[Any, Any, Any]


# --- the chain -------------------------------------------------------------------------------------------


def gradients(  # noqa: PLR0913 - one argument for each thing that can go wrong
    w: float,
    b: float,
    a_prev: ArrayLike,
    y: ArrayLike,
    *,
    factor: float = 2.0,
    error: Callable[[Any, Any], Any] = np.subtract,
    slope: Callable[[Any, Any], Any] = lambda z, _: dsigmoid(z),
    combine: Callable[[Any], Any] = np.mean,
) -> Gradients:
    """Return the three derivatives, right but for what an argument changes; `slope` is told z and a_prev."""
    inputs, wanted = np.asarray(a_prev, dtype=np.float64), np.asarray(y, dtype=np.float64)  # () or (n,)
    z = w * inputs + b
    delta = factor * error(sigmoid(z), wanted) * slope(z, inputs)  # () or (n,)
    return combine(delta * inputs), combine(delta), delta * w


@wrong(
    "chain_gradients",
    "chain-factor-two",
    "the 2 of the square is missing",
    "The cost is (a − y)², whose derivative by a is 2(a − y). Your result is half of what it should be: where did the "
    "2 go? (It is absent only where the cost is defined with a ½ in front.)",
)
def factor_two(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, factor=1.0)


@wrong(
    "chain_gradients",
    "chain-without-slope",
    "σ′ is missing",
    "You go from the cost straight to z, as if the neuron had no σ. The chain rule has one factor for each step: "
    "∂C/∂a, then ∂a/∂z = σ′(z), then ∂z/∂w (or ∂z/∂b, ∂z/∂a_prev).",
)
def without_slope(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, slope=lambda z, _: np.ones_like(z))


@wrong(
    "chain_gradients",
    "chain-slope-at-activation",
    "σ′ taken at the activation",
    "You evaluate σ′ at a = σ(z). The derivative belongs to the place where σ was applied, and that is z. (If you use "
    "a, write a(1 − a), which already is σ′(z): applying σ to a once more is wrong.)",
)
def slope_at_activation(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, slope=lambda z, _: dsigmoid(sigmoid(z)))


@wrong(
    "chain_gradients",
    "chain-slope-without-sigmoid",
    "z(1 − z) for σ′",
    "σ′(z) is σ(z)(1 − σ(z)). You computed z(1 − z): the σ around z is missing.",
)
def slope_without_sigmoid(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, slope=lambda z, _: z * (1 - z))


@wrong(
    "chain_gradients",
    "chain-slope-is-sigmoid",
    "σ in the place of σ′",
    "You multiply with σ(z) itself. What the chain rule asks for is its derivative, σ(z)(1 − σ(z)).",
)
def slope_is_sigmoid(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, slope=lambda z, _: sigmoid(z))


@wrong(
    "chain_gradients",
    "chain-slope-of-previous",
    "σ′ of the neuron before",
    "You use a_prev(1 − a_prev), the slope of the neuron before. Between C and w lies only the last neuron: its slope "
    "is a(1 − a).",
)
def slope_of_previous(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, slope=lambda _, inputs: inputs * (1 - inputs))


@wrong(
    "chain_gradients",
    "chain-sign",
    "the sign is turned round",
    "You start from y − a. The derivative of (a − y)² by a is 2(a − y); with the other sign a step of gradient descent "
    "climbs.",
)
def sign(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, factor=-2.0)


@wrong(
    "chain_gradients",
    "chain-squared-error",
    "the square was not differentiated",
    "You multiply with (a − y)², the cost itself. The first factor of the chain is its derivative, 2(a − y).",
)
def squared_error(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, factor=1.0, error=lambda a, y: (a - y) ** 2)


@wrong(
    "chain_gradients",
    "chain-last-factor",
    "the last factor is missing",
    "All three derivatives begin with 2(a − y)σ′(z), and that is where you stop. One factor follows: ∂z/∂w = a_prev, "
    "∂z/∂b = 1, ∂z/∂a_prev = w.",
)
def last_factor(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    _, db, da_prev = gradients(w, b, a_prev, y)
    return db, db, da_prev / w


@wrong(
    "chain_gradients",
    "chain-factors-swapped",
    "w and a_prev are exchanged",
    "z = w · a_prev + b, so ∂z/∂w is a_prev and ∂z/∂a_prev is w. You have them the other way round.",
)
def factors_swapped(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    inputs = np.asarray(a_prev, dtype=np.float64)
    _, db, da_prev = gradients(w, b, a_prev, y)
    return np.mean(da_prev), db, da_prev / w * inputs


@wrong(
    "chain_gradients",
    "chain-bias-times-b",
    "∂C/∂b multiplied by b",
    "z = w · a_prev + b, so ∂z/∂b is 1, not b.",
)
def bias_times_b(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    dw, db, da_prev = gradients(w, b, a_prev, y)
    return dw, db * b, da_prev


@wrong(
    "chain_gradients",
    "chain-sum",
    "summed instead of averaged",
    "With n examples the cost is their mean, so the derivatives by w and b are means too. Yours are n times as large: "
    "divide by the number of examples.",
)
def summed(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, combine=np.sum)


@wrong(
    "chain_gradients",
    "chain-not-averaged",
    "one number per example where the average is asked for",
    "Each of your numbers is right for its example. w and b are shared by all examples, so their derivatives are the "
    "mean of these numbers.",
)
def not_averaged(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, combine=lambda values: values)


@wrong(
    "chain_gradients",
    "chain-first-example",
    "only the first example counts",
    "Your result is that of the first example alone. Average over all of them.",
)
def first_example(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, a_prev, y, combine=lambda values: np.ravel(values)[0])


@wrong(
    "chain_gradients",
    "chain-average-of-inputs",
    "the examples were averaged, not the gradients",
    "You average a_prev and y first and take one gradient there. σ is not a straight line, so the gradient at the mean "
    "is not the mean of the gradients: differentiate for each example, then average.",
)
def average_of_inputs(w: float, b: float, a_prev: ArrayLike, y: ArrayLike) -> Gradients:
    return gradients(w, b, *(np.mean(np.asarray(values, dtype=np.float64)) for values in (a_prev, y)))


# --- counting --------------------------------------------------------------------------------------------


@wrong(
    "forward_multiplications",
    "count-with-biases",
    "biases were counted",
    "This is the number of parameters, biases included. A bias is added, not multiplied: count one multiplication for "
    "each weight.",
)
def with_biases(sizes: Sequence[int]) -> int:
    return sum((n_in + 1) * n_out for n_in, n_out in itertools.pairwise(sizes))


@wrong(
    "forward_multiplications",
    "count-additions-too",
    "additions were counted too",
    "This is twice the number of multiplications: you counted the additions of each weighted sum as well. (Counting "
    "both is common under the name FLOPs; here only multiplications are asked for.)",
)
def additions_too(sizes: Sequence[int]) -> int:
    return 2 * forward_multiplications(sizes)


@wrong(
    "forward_multiplications",
    "count-all-operations",
    "every operation was counted",
    "This is multiplications and additions together. Here only the multiplications are asked for.",
)
def all_operations(sizes: Sequence[int]) -> int:
    return 2 * forward_multiplications(sizes) + sum(sizes[1:])


@wrong(
    "forward_multiplications",
    "count-neurons",
    "neurons were counted",
    "This is the number of neurons. Each neuron multiplies every one of its inputs by a weight.",
)
def neurons(sizes: Sequence[int]) -> int:
    return sum(sizes)


@wrong(
    "forward_multiplications",
    "count-product-of-all",
    "all layers were multiplied",
    "This is the product of all layer sizes, the number of paths through the network. Backpropagation is fast just "
    "because it need not walk every path: the layers' counts are added.",
)
def product_of_all(sizes: Sequence[int]) -> int:
    return math.prod(sizes)


@wrong(
    "forward_multiplications",
    "count-first-layer",
    "only the first layer was counted",
    "This is the first layer alone. The other layers multiply too.",
)
def first_layer(sizes: Sequence[int]) -> int:
    return sizes[0] * sizes[1]


@wrong(
    "forward_multiplications",
    "count-one-hidden-layer",
    "a hidden layer was left out",
    "The layer between the two hidden layers is missing from your count.",
)
def one_hidden_layer(sizes: Sequence[int]) -> int:
    return forward_multiplications([size for i, size in enumerate(sizes) if i == 0 or size != sizes[i - 1]])


@wrong(
    "backward_multiplications",
    "count-weights-only",
    "the error is not passed on",
    "You counted ∂L/∂W of every layer, and it takes as much as the forward pass. To get at the hidden layers' errors, "
    "each error is also multiplied by the weights above: δ Wᵀ.",
)
def weights_only(sizes: Sequence[int]) -> int:
    return forward_multiplications(sizes)


@wrong(
    "backward_multiplications",
    "count-errors-only",
    "the weights' gradients are missing",
    "You counted how the errors are passed on. Each weight's gradient, error times activation, is a multiplication "
    "as well.",
)
def errors_only(sizes: Sequence[int]) -> int:
    return forward_multiplications(sizes[1:])


@wrong(
    "backward_multiplications",
    "count-both-passes",
    "the forward pass was counted too",
    "This is forward and backward pass together. Here only the backward pass is asked for.",
)
def both_passes(sizes: Sequence[int]) -> int:
    return 2 * forward_multiplications(sizes) + forward_multiplications(sizes[1:])


@wrong(
    "backward_multiplications",
    "count-backward-with-biases",
    "biases were counted",
    "This is the number of parameters. A bias takes no multiplication (its gradient is the error itself), and passing "
    "the errors back does.",
)
def backward_with_biases(sizes: Sequence[int]) -> int:
    return with_biases(sizes)


VARIANTS = merged([catalogue.by_function(), {"softmax": OF_BACKPROP["softmax"]}])
