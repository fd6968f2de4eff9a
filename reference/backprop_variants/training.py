"""Wrong training steps: `reference.backprop_variants.slips` has the step and its switches, here is how they are set.

A mistake in the gradient itself is a variant of `gradients` and of `train_one_sample`; a mistake in what is done
with it (order, rate, layers left out) is a variant of `train_one_sample` alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference.backprop import Array, dsigmoid, softmax, softmax_jacobian
from reference.backprop_variants.slips import Slip
from reference.variants import Catalogue

catalogue = Catalogue()


def wrong_gradient(name: str, title: str, explanation: str, slip: Slip) -> None:
    """Register a mistake that shows in the gradient, and therefore in the step too."""
    catalogue.add("gradients", name, title, explanation, slip.gradients)
    catalogue.add("train_one_sample", name, title, explanation, slip.step)


def wrong_step(name: str, title: str, explanation: str, slip: Slip) -> None:
    """Register a mistake that shows in the step only."""
    catalogue.add("train_one_sample", name, title, explanation, slip.step)


# First, because a gradient of 0 is also what some mistakes below give for a lucky sample.
wrong_step(
    "nothing-updated",
    "nothing changes",
    "Your function leaves all weights and biases as they are. Check that you change the arrays the network uses, not "
    "copies or local names.",
    Slip(frozen=(0, 1, 2)),
)


# --- the error of the output layer -----------------------------------------------------------------------


def _times_slope(z: Array, y: Array) -> Any:
    return (softmax(z) - y) * dsigmoid(z)


def _times_slope_at_activation(z: Array, y: Array) -> Any:
    return (softmax(z) - y) * dsigmoid(softmax(z))


def _times_softmax_diagonal(z: Array, y: Array) -> Any:
    y_hat = softmax(z)
    return (y_hat - y) * y_hat * (1 - y_hat)


def _of_squared_error(z: Array, y: Array) -> Any:
    return softmax_jacobian(z) @ (softmax(z) - y)


def _of_probabilities(z: Array, y: Array) -> Any:
    return np.where(y > 0, -1 / softmax(z), 0.0)


def _of_own_guess(z: Array, y: Array) -> Any:
    y_hat = softmax(z)
    return y_hat - (y_hat == y_hat.max())


def _of_hard_guess(z: Array, y: Array) -> Any:
    return (z == z.max()) - y


def _of_integer_label(z: Array, y: Array) -> Any:
    return softmax(z) - y.argmax()


wrong_gradient(
    "output-sigmoid-prime",
    "output error multiplied by σ′",
    "You multiply ŷ - y of the output layer by σ′(z), as one does for a squared error with sigmoid outputs. For "
    "softmax with cross-entropy the derivative is already in it: ∂L/∂z = ŷ - y and nothing more.",
    Slip(error=_times_slope),
)
wrong_gradient(
    "output-sigmoid-prime-at-activation",
    "output error multiplied by σ′, at the activation",
    "You multiply ŷ - y of the output layer by σ′(ŷ). For softmax with cross-entropy ∂L/∂z = ŷ - y: no σ′ belongs at "
    "the output, and where it does belong it is taken at the pre-activation.",
    Slip(error=_times_slope_at_activation),
)
wrong_gradient(
    "output-softmax-diagonal",
    "output error multiplied by ŷ(1 - ŷ)",
    "You multiply ŷ - y by ŷ(1 - ŷ), the diagonal of softmax's Jacobian. Together with cross-entropy the whole "
    "Jacobian cancels and ∂L/∂z = ŷ - y remains.",
    Slip(error=_times_softmax_diagonal),
)
wrong_gradient(
    "output-squared-error",
    "gradient of the squared error",
    "Your output error is that of ½ Σ (ŷ - y)². The loss of this homework is cross-entropy, whose ∂L/∂z is ŷ - y.",
    Slip(error=_of_squared_error),
)
wrong_gradient(
    "output-softmax-derivative-missing",
    "the softmax is not differentiated",
    "You pass back ∂L/∂ŷ = -y/ŷ. The chain rule goes on through softmax: multiplied with its Jacobian this becomes "
    "ŷ - y.",
    Slip(error=_of_probabilities),
)
wrong_gradient(
    "own-guess-as-label",
    "the network's own guess taken as label",
    "You compare the output with its own largest entry instead of the label, so the network learns to believe itself.",
    Slip(error=_of_own_guess),
)
wrong_gradient(
    "hard-guess-as-output",
    "the one-hot guess taken as output",
    "You use the one-hot guess minus the label as error. That is 0 for every right guess, however unsure; the "
    "gradient needs the probabilities.",
    Slip(error=_of_hard_guess),
)
wrong_gradient(
    "integer-label-in-error",
    "the integer label subtracted",
    "You subtract the label's number from all ten probabilities. Turn the label into a one-hot vector first.",
    Slip(error=_of_integer_label),
)

# --- σ′ in the hidden layers -----------------------------------------------------------------------------

wrong_gradient(
    "sigmoid-prime-at-activation",
    "σ′ taken at the activation",
    "You call dsigmoid with a = σ(z), but it applies σ itself: σ′ belongs to the pre-activation z. Keep z of every "
    "layer from the forward pass. Such a step still goes roughly downhill, so accuracy may not show it.",
    Slip(slope=lambda z, a: dsigmoid(a)),
)
wrong_gradient(
    "sigmoid-prime-forgotten",
    "σ′ forgotten in both hidden layers",
    "You pass the error back through the weights but not through the sigmoids. Every hidden layer multiplies it by "
    "σ′(z) of its own units.",
    Slip(flat_layers=(0, 1)),
)
wrong_gradient(
    "sigmoid-prime-forgotten-first",
    "σ′ forgotten in the first hidden layer",
    "Your second hidden layer is right, but on the way to the first one the factor σ′(z₁) is missing.",
    Slip(flat_layers=(0,)),
)
wrong_gradient(
    "sigmoid-prime-forgotten-second",
    "σ′ forgotten in the second hidden layer",
    "Your output layer is right, but on the way to the second hidden layer the factor σ′(z₂) is missing, and with it "
    "everything before is wrong.",
    Slip(flat_layers=(1,)),
)
wrong_gradient(
    "sigmoid-prime-of-wrong-layer",
    "σ′ of the wrong layer",
    "For the first hidden layer you use σ′(z₂) instead of σ′(z₁). Both have 32 units, so NumPy does not complain.",
    Slip(slope_of_next=True),
)
wrong_gradient(
    "sigmoid-prime-without-sigmoid",
    "z(1 - z) instead of σ(z)(1 - σ(z))",
    "You put the pre-activation into x(1 - x). That formula wants the activation σ(z); with z itself it is no "
    "derivative of the sigmoid.",
    Slip(slope=lambda z, a: z * (1 - z)),
)
wrong_gradient(
    "sigmoid-for-its-derivative",
    "σ instead of σ′",
    "In the hidden layers you multiply by σ(z) where its derivative belongs.",
    Slip(slope=lambda z, a: a),
)

# --- passing the error back ------------------------------------------------------------------------------


def _is_square(w: Array) -> bool:
    return bool(w.shape[0] == w.shape[1])


wrong_gradient(
    "weights-not-transposed",
    "the error goes back through the wrong side of W",
    "Between the two hidden layers you multiply the error with W as in the forward pass. The matrix is square, so "
    "NumPy does not complain, but the way back uses the transpose.",
    Slip(carry=lambda w, delta: w.T @ delta if _is_square(w) else w @ delta),
)
wrong_gradient(
    "weights-diagonal-only",
    "only the diagonal of W carries the error back",
    "Between the two hidden layers you multiply element by element (* instead of @), or keep only the diagonal. "
    "Every unit of the first layer feeds every unit of the second, so the error comes back over all of W.",
    Slip(carry=lambda w, delta: np.diag(w) * delta if _is_square(w) else w @ delta),
)
wrong_gradient(
    "weights-forgotten",
    "the error passes W unchanged",
    "Between the two hidden layers you hand the error on without the weights. The chain rule has the factor "
    "∂z₂/∂a₁ = W₂.",
    Slip(carry=lambda w, delta: delta if _is_square(w) else w @ delta),
)
wrong_gradient(
    "outer-product-transposed",
    "∂L/∂W transposed",
    "For the square matrix between the hidden layers you change entry (j, i) where (i, j) is meant: the outer "
    "product's factors are in the wrong order.",
    Slip(outer=lambda a, delta: np.outer(delta, a) if a.shape == delta.shape else np.outer(a, delta)),
)
wrong_gradient(
    "pre-activation-in-weight-gradient",
    "∂L/∂W made with z instead of σ(z)",
    "For ∂L/∂W you use the pre-activation of the layer before. What that layer hands on, and what W is multiplied "
    "with, is its activation σ(z).",
    Slip(fed_pre_activations=True),
)


def _wrapped(x: Array) -> Array:
    """Return -(-x), the inner minus in unsigned bytes, where x looks like bytes."""
    return -np.mod(-x, 256) if x.max(initial=0.0) > 1 and np.array_equal(x, np.round(x)) else x


wrong_gradient(
    "unsigned-bytes-wrap-around",
    "unsigned bytes wrap around",
    "Images are stored as unsigned bytes, in which -1 is 255: your minus sign (or subtraction) on the raw pixels "
    "wraps around. Convert the image to float first.",
    Slip(input=_wrapped),
)

# --- biases and factors ----------------------------------------------------------------------------------

wrong_gradient(
    "bias-never-updated",
    "biases are never updated",
    "Your weights are right but the biases keep their values. ∂L/∂b of a layer is the error ∂L/∂z itself.",
    Slip(bias_factor=0.0),
)
wrong_gradient(
    "bias-of-wrong-layer",
    "the bias gradient of the wrong layer",
    "Your first bias gets the gradient of the second. Both have 32 entries, so NumPy does not complain; look at the "
    "indices.",
    Slip(bias_of_next=True),
)
wrong_gradient(
    "bias-sign",
    "sign of the bias update",
    "Your weights go downhill but the biases uphill. Both are updated with a minus.",
    Slip(bias_factor=-1.0),
)
wrong_gradient(
    "sign-of-update",
    "the step goes uphill",
    "You add the gradient instead of subtracting it (or use y - ŷ with a minus), so the loss grows with every step.",
    Slip(weight_factor=-1.0, bias_factor=-1.0),
)
for _factor, _name, _why in (
    (2.0, "twice", "A 2 from the derivative of a square does not belong here: the loss is cross-entropy."),
    (0.1, "a tenth", "Do not divide by the number of classes: the loss is a sum over them, not a mean."),
    (1 / 32, "1/32 of", "Do not divide by a batch size: the step is made for one sample."),
    (1 / 1200, "1/1200 of", "Do not divide by the number of samples: the step is made for one sample at a time."),
    (1 / 60000, "1/60000 of", "Do not divide by the number of samples: the step is made for one sample at a time."),
):
    wrong_gradient(
        f"gradient-{_name.removesuffix(' of').replace(' ', '-').replace('/', '-of-')}",
        f"{_name} the gradient",
        f"All your gradients are {_name} the right ones. {_why}",
        Slip(weight_factor=_factor, bias_factor=_factor),
    )

# --- what is done with the gradient ----------------------------------------------------------------------

wrong_step(
    "updated-before-propagation",
    "layers are updated before the error is passed on",
    "You update a layer and then send the error back through its new weights. The gradient belongs to the weights "
    "of the forward pass: compute all gradients first, then update.",
    Slip(update_first=True),
)
wrong_step(
    "sigmoid-prime-at-activation-and-updated-before-propagation",
    "σ′ at the activation, and layers updated too early",
    "Two things at once: dsigmoid gets a = σ(z) instead of z, and each layer is updated before the error is passed "
    "back through it. Keep z from the forward pass, and compute all gradients before you update.",
    Slip(slope=lambda z, a: dsigmoid(a), update_first=True),
)
wrong_step(
    "output-sigmoid-prime-and-updated-before-propagation",
    "σ′ at the output, and layers updated too early",
    "Two things at once: ŷ - y is multiplied by σ′(z), which does not belong to softmax with cross-entropy, and each "
    "layer is updated before the error is passed back through it.",
    Slip(error=_times_slope, update_first=True),
)
wrong_step(
    "first-layer-never-updated",
    "the first layer is never updated",
    "The weights from the image to the first hidden layer, and its biases, keep their initial values. Your loop over "
    "the layers ends one too early.",
    Slip(frozen=(0,)),
)
wrong_step(
    "first-layer-never-updated-and-learning-rate-ignored",
    "the first layer is never updated, and the learning rate is ignored",
    "Two things at once: the weights and biases of the first layer keep their initial values, and the step uses 0.003 "
    "whatever learning_rate is passed in. Let the loop reach the first layer, and use the argument.",
    Slip(frozen=(0,), rate=0.003),
)
wrong_step(
    "only-last-layer-updated",
    "only the last layer is updated",
    "Only the output layer learns. The error has to be passed back to both hidden layers.",
    Slip(frozen=(0, 1)),
)
wrong_step(
    "last-layer-never-updated",
    "the last layer is never updated",
    "The hidden layers learn, the output layer keeps its initial weights. Its gradient is the simplest one: the outer "
    "product of what it was fed and ŷ - y.",
    Slip(frozen=(2,)),
)
for _rate in (0.003, 0.01, 0.1, 1.0):
    wrong_step(
        f"learning-rate-fixed-{_rate:g}",
        "the learning rate is ignored",
        f"Your step always uses {_rate:g}, whatever learning_rate is passed in."
        + (" Multiply the gradient by it." if _rate == 1 else " Use the argument."),
        Slip(rate=_rate),
    )

VARIANTS = catalogue.by_function()
