"""Was a model trained? From its weights and from what `fit` returned.

Weights say the most: biases begin at exactly zero and the uniform initializers have sharp edges, so that a single
update shows. That the training was any good is for the accuracy on hidden images to say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.models.statistics import wilson
from grader.models.structure import Array, History, Layer, Model

EDGE = 1e-5  # relative: single precision may round a draw to just beyond the edge
Z_HISTORY = 4.0  # standard errors between a reported accuracy and a counted one that chance is allowed
BEGINNINGS = {"beta": 0.0, "moving_mean": 0.0, "gamma": 1.0, "moving_variance": 1.0}
KERNELS = {
    "kernel": "kernel_initializer",
    "depthwise_kernel": "depthwise_initializer",
    "pointwise_kernel": "pointwise_initializer",
    "embeddings": "embeddings_initializer",
}


@dataclass(frozen=True, kw_only=True)
class Training:
    """Whether weights were ever updated: None where they cannot tell; `sentence` says what shows it."""

    trained: bool | None
    sentence: str
    broken: tuple[str, ...] = ()


def was_trained(model: Model) -> Training:
    """Tell from a model's weights whether training changed them.

    `broken` are layers with weights that are NaN or infinite. A model of pretrained, frozen layers is judged by the
    rest. Where all weights were set by hand, or by initializers without a sharp edge, the answer is None.
    """
    if not model.weights_known:
        return Training(trained=None, sentence="The weights of the model are not known.")
    broken = tuple(broken_layers(model))
    if broken:
        return Training(trained=None, sentence=f"The weights of `{broken[0]}` are NaN or infinite.", broken=broken)
    layers = [layer for layer in model.all_layers() if layer.trainable and layer.weights]
    if not layers:
        return Training(trained=False, sentence="No layer of the model has weights that can be trained.")
    changed = next((layer.name for layer in layers if _signs(layer) is True), None)
    if changed is not None:
        return Training(trained=True, sentence=f"The weights of `{changed}` are not those it began with.")
    if any(_signs(layer) is False for layer in layers):
        return Training(
            trained=False,
            sentence="All weights still look as they were drawn at the beginning (every bias is exactly 0): "
            "was `fit` called on this model?",
        )
    return Training(trained=None, sentence="The weights do not tell whether they were trained.")


def broken_layers(model: Model) -> Iterator[str]:
    """Yield the names of layers with weights that are NaN or infinite."""
    for layer in model.all_layers():
        values = [weight.value for weight in layer.weights if weight.value is not None]
        if not all(np.isfinite(value).all() for value in values):
            yield layer.name


def _signs(layer: Layer) -> bool | None:
    """Return True where a layer's weights were changed, False where they look untouched, else None."""
    signs = [
        sign for weight in layer.weights if weight.value is not None for sign in _sign(layer, weight.name, weight.value)
    ]
    return True if True in signs else False if signs else None


def _sign(layer: Layer, name: str, value: Array) -> Iterator[bool]:
    """Yield whether one weight has left what its initializer could have drawn."""
    if (
        name == "bias"
        and layer.settings.get("bias_initializer") == "Zeros"
        and not layer.settings.get("unit_forget_bias")
    ):
        yield bool(np.any(value != 0))
    elif name in BEGINNINGS and layer.settings.get(f"{name}_initializer") in {"Zeros", "Ones"}:
        yield bool(np.any(value != BEGINNINGS[name]))
    elif name in KERNELS:
        edge = _edge(str(layer.settings.get(KERNELS[name])), value.shape)
        if edge is not None and np.abs(value).max(initial=0.0) > edge * (1 + EDGE):
            yield True


def _edge(initializer: str, shape: tuple[int, ...]) -> float | None:
    """Return the largest number an initializer draws for a kernel (*size, in, out), None where there is no edge.

    Glorot: √(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010); He: √(6 / fan_in) (He et al., 2015); LeCun:
    √(3 / fan_in).
    The normal ones of Keras are cut off at two standard deviations of the normal that is cut, so that their variance is
    2 / (fan_in + fan_out), 2 / fan_in, 1 / fan_in.
    """
    if len(shape) < 2:
        return None
    field = math.prod(shape[:-2])
    fan_in, fan_out = shape[-2] * field, shape[-1] * field
    variances = {
        "Glorot": 2 / max(fan_in + fan_out, 1),
        "He": 2 / max(fan_in, 1),
        "Lecun": 1 / max(fan_in, 1),
    }
    for name, variance in variances.items():
        if initializer == f"{name}Uniform":
            return math.sqrt(3 * variance)
        if initializer == f"{name}Normal":
            return 2 * math.sqrt(variance) / 0.87962566103423978  # the standard deviation of a normal cut at ±2
    return None


# --- what fit returned ---------------------------------------------------------------------------------------------


def history_problems(history: History) -> Iterator[str]:
    """Yield a sentence for everything in a `History` that cannot be what a good training returned."""
    losses = history.series.get("loss", ())
    if not losses:
        yield f"`{history.label}` has no losses: `fit` has not run a single epoch."
        return
    if any(not math.isfinite(loss) for loss in losses):
        epoch = next(place for place, loss in enumerate(losses, start=1) if not math.isfinite(loss))
        yield f"The loss is NaN or infinite in epoch {epoch}: is the learning rate too large, or the data not scaled?"
    elif not loss_fell(history):
        yield f"The loss did not fall: {losses[0]:.4g} in the first epoch, {losses[-1]:.4g} in the last."
    lengths = {len(series) for series in history.series.values()}
    if len(lengths) > 1 or (history.epochs and lengths != {history.epochs}):
        yield f"The series in `{history.label}` have different lengths."
    for name, series in history.series.items():
        if name.endswith(("accuracy", "acc")) and any(not 0 <= value <= 1 for value in series if math.isfinite(value)):
            yield f"`{history.label}` holds values of {name} outside 0..1."


def loss_fell(history: History) -> bool:
    """Tell whether the last loss is below the first; of a single epoch it is not known and counts as fallen."""
    losses = history.series.get("loss", ())
    return bool(losses) and (len(losses) == 1 or losses[-1] < losses[0])


def history_agrees(
    history: History, right: int, n: int, *, series: str = "val_accuracy", n_reported: int | None = None
) -> bool:
    """Tell whether the last accuracy a `History` reports may be that of a model that has `right` of `n` images right.

    Both are estimates: that of the history from `n_reported` images (n, where it is not known). They disagree when they
    are more than four standard errors apart, which chance does once in 15,000 times. A series that is not there agrees.
    """
    values = history.series.get(series, ())
    if not values:
        return True
    reported = values[-1]
    n_other = n if n_reported is None else n_reported
    if not 0 <= reported <= 1:
        return False
    low, high = wilson(right, n, Z_HISTORY)
    other_low, other_high = wilson(round(reported * n_other), n_other, Z_HISTORY)
    apart = reported - right / n
    reach = (
        math.hypot(high - right / n, reported - other_low)
        if apart > 0
        else math.hypot(right / n - low, other_high - reported)
    )
    return abs(apart) <= reach + 1e-9
