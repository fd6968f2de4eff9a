"""Is what `predict` returned what the model's weights give?

Predictions are believed only when they are recomputed: from the weights, by our own forward pass, outside the kernel.
Accuracy is then counted from the recomputed ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.compare.reading import NotNumeric, as_array
from grader.models.activations import sigmoid, softmax
from grader.models.forward import predict
from grader.models.structure import Array, Model
from grader.models.unverified import NotVerified

LEAST = 1e-4  # difference of two outputs that is never held against anybody: oneDNN's convolutions reach 1.4e-5
FACTOR = 50.0  # how much worse than our own single precision arithmetic another order of summation may be
HALF_PRECISION = 0.02
ROUGH_ROWS = 300  # computed in single precision too: a row near a tie is off by far more than the others


@dataclass(frozen=True, kw_only=True)
class Recomputed:
    """What the weights give: `agrees` is None where that could not be found out, and `sentence` says why.

    `outputs` are the model's first outputs, (n, ...) in double precision, None where they could not be computed;
    `probabilities` the same through a softmax (or sigmoid) where the model's loss says that it gives logits.
    """

    agrees: bool | None
    outputs: Array | None = None
    probabilities: Array | None = None
    difference: float = 0.0
    tolerance: float = 0.0
    sentence: str = ""
    layer: str = ""


def recompute(model: Model, images: Array, returned: object) -> Recomputed:
    """Compare what `predict(images)` returned in the kernel with what the described weights give.

    `images` has the shape (n, ...) that went in; `returned` is what came out, of any type. The tolerance is what
    arithmetic in single precision costs this model for these images: the largest difference between our passes in
    float32 and float64 for up to 300 of them, times 50 for another order of summation, and at least 1e-5.
    """
    try:
        exact = predict(model, images)
        rows = np.linspace(0, len(images) - 1, min(len(images), ROUGH_ROWS)).astype(int)  # (rows,)
        rough = predict(model, images[rows], dtype=np.float32).values[0]
    except NotVerified as error:
        return Recomputed(agrees=None, sentence=str(error), layer=error.layer)
    outputs = exact.values[0]
    tolerance = _tolerance(model, outputs, outputs[rows], rough)
    difference = _differences(exact.values, returned)
    agrees = difference <= tolerance
    if not agrees and exact.guessed:
        why = "The predictions were not verified: what the model's own `call` does could not be followed."
        return Recomputed(agrees=None, difference=difference, tolerance=tolerance, sentence=why, layer=model.name)
    return Recomputed(
        agrees=agrees,
        outputs=outputs,
        probabilities=as_probabilities(model, outputs),
        difference=difference,
        tolerance=tolerance,
        sentence="" if agrees else _disagreement(outputs, returned, difference),
    )


def as_probabilities(model: Model, outputs: Array) -> Array:
    """Return outputs of shape (n, classes) or (n, 1) as probabilities: logits go through softmax or sigmoid.

    Outputs count as logits where a loss was told so (`from_logits=True`), unless they are probabilities already.
    """
    if model.compiled is None or not model.compiled.from_logits or looks_like_probabilities(outputs):
        return outputs
    return sigmoid(outputs) if outputs.shape[-1] == 1 or _separate(model) else softmax(outputs)


def looks_like_probabilities(outputs: Array) -> bool:
    """Tell whether the rows of an array (n, classes) are not negative and sum to one (but for 1e-4)."""
    if outputs.ndim != 2 or outputs.shape[1] < 2 or not np.isfinite(outputs).all():
        return False
    return bool((outputs >= 0).all() and np.abs(outputs.sum(axis=1) - 1).max(initial=0.0) < 1e-4)


def fit_images(model: Model, images: Array) -> Array:
    """Return images of shape (n, ...) in the shape that the model's input has; ValueError where that is impossible.

    Pictures are flattened, unflattened, and given or rid of an axis for one channel.
    """
    wanted = model.input_shape[1:]
    if not model.input_shape or images.shape[1:] == wanted:
        return images
    sizes = [size if size is not None else -1 for size in wanted]
    if sizes.count(-1) > 1 or (-1 not in sizes and np.prod(sizes) != np.prod(images.shape[1:])):
        raise ValueError(f"images of shape {images.shape[1:]} do not fit an input of shape {wanted}")
    return images.reshape(len(images), *sizes)


def _separate(model: Model) -> bool:
    return model.compiled is not None and model.compiled.losses == ("binary_crossentropy",)


def _tolerance(model: Model, outputs: Array, exact: Array, rough: Array) -> float:
    """Return the largest difference that arithmetic explains; `exact` and `rough` are some rows in two precisions."""
    if any("16" in layer.dtype for layer in model.all_layers()):
        return HALF_PRECISION * max(1.0, _largest(outputs))
    with np.errstate(all="ignore"):
        apart = np.abs(exact - rough)
    known = apart[np.isfinite(apart)]
    return LEAST * max(1.0, _largest(outputs)) + FACTOR * float(known.max(initial=0.0))


def _largest(values: Array) -> float:
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def _differences(values: tuple[Array, ...], returned: object) -> float:
    """Return the largest difference over all outputs; Keras returns several as a list or a dict."""
    if len(values) == 1:
        return _difference(values[0], returned)
    parts = list(returned.values()) if isinstance(returned, dict) else returned
    if not isinstance(parts, list | tuple) or len(parts) != len(values):
        return float("inf")
    return max(_difference(value, part) for value, part in zip(values, parts, strict=True))


def _difference(outputs: Array, returned: object) -> float:
    """Return the largest difference; infinite where the shapes differ or NaN stands in other places."""
    theirs = as_array(returned)
    if isinstance(theirs, NotNumeric) or theirs.size != outputs.size or len(theirs) != len(outputs):
        return float("inf")
    theirs = theirs.reshape(outputs.shape).astype(np.float64)
    unknown = ~np.isfinite(outputs)
    if not np.array_equal(unknown, ~np.isfinite(theirs)):
        return float("inf")
    return float(np.abs(outputs - theirs)[~unknown].max(initial=0.0))


def _disagreement(outputs: Array, returned: object, difference: float) -> str:
    theirs = as_array(returned)
    if isinstance(theirs, NotNumeric) or (theirs.size != outputs.size and not isinstance(returned, list | dict)):
        shape = "no array of numbers" if isinstance(theirs, NotNumeric) else f"an array of shape {theirs.shape}"
        return f"`predict` returned {shape}, where the model's weights give one of shape {outputs.shape}."
    off = f"by up to {difference:.3g}" if np.isfinite(difference) else "in where there are numbers at all"
    return f"What `predict` returned is not what the model's weights give: the two differ {off}."
