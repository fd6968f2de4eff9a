"""What each of Keras's layers does to its input at inference, in NumPy; the table `LAYERS` lists them all.

A function takes the layer's record, its inputs and the work that is left, and returns what comes out. Axis 0 is the
images or other examples, n of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.models import convolution, recurrent
from grader.models.activations import activate
from grader.models.structure import Array, Layer
from grader.models.unverified import NotVerified, Work, maybe, need, only

Apply = Callable[[Layer, Sequence[Array], Work], "Array | list[Array]"]
EPSILON = 1e-7  # keras.backend.epsilon()


def activated(layer: Layer, x: Array) -> Array:
    """Apply the layer's own activation, where it has one."""
    function = layer.activations.get("activation")
    if function is None:
        return x
    result = activate(function.known, x, function.settings)
    if result is None:
        raise NotVerified.at(layer.name, f"has an activation (`{function.name}`) that is not one of Keras's")
    return result


# --- dense and embedding -------------------------------------------------------------------------------------------


def _dense(layer: Layer, x: Array, work: Work) -> Array:
    kernel, bias = need(layer, "kernel", work), maybe(layer, "bias", work)  # (inputs, units), (units,)
    work.spend(layer.name, x.size * kernel.shape[-1], x.size / max(x.shape[-1], 1) * kernel.shape[-1])
    z = x @ kernel
    return activated(layer, z if bias is None else z + bias)


def _embedding(layer: Layer, x: Array, work: Work) -> Array:
    only(layer, {"mask_zero": False})
    table = need(layer, "embeddings", work)  # (words, dimensions)
    rows = x.astype(np.int64)
    if rows.size and not 0 <= int(rows.min()) <= int(rows.max()) < len(table):
        raise NotVerified.at(layer.name, "is asked for a row it does not have")
    work.spend(layer.name, 0, rows.size * table.shape[-1])
    return np.asarray(table[rows])


# --- shapes --------------------------------------------------------------------------------------------------------


def _flatten(layer: Layer, x: Array, _: Work) -> Array:
    only(layer, {"data_format": "channels_last"})
    return x.reshape(len(x), -1)


def _reshape(layer: Layer, x: Array, _: Work) -> Array:
    return x.reshape(len(x), *layer.pair("target_shape"))


def _permute(layer: Layer, x: Array, _: Work) -> Array:
    return x.transpose(0, *layer.pair("dims"))


def _repeat(layer: Layer, x: Array, work: Work) -> Array:
    n = int(layer.number("n") or 1)
    work.spend(layer.name, 0, x.size * n)
    return np.repeat(x[:, None], n, axis=1)


def _zero_padding(layer: Layer, x: Array, work: Work) -> Array:
    only(layer, {"data_format": "channels_last"})
    ends = _ends(layer, "padding", x.ndim - 2)
    lengths = [n + a + b for n, (a, b) in zip(x.shape[1:-1], ends, strict=True)]
    work.spend(layer.name, 0, len(x) * math.prod(lengths) * x.shape[-1])
    return np.pad(x, [(0, 0), *ends, (0, 0)])


def _cropping(layer: Layer, x: Array, _: Work) -> Array:
    only(layer, {"data_format": "channels_last"})
    cuts = [slice(a, n - b) for n, (a, b) in zip(x.shape[1:-1], _ends(layer, "cropping", x.ndim - 2), strict=True)]
    return x[(slice(None), *cuts)]


def _ends(layer: Layer, key: str, n_axes: int) -> list[tuple[int, int]]:
    """Return how much is added or cut (before, after) on each axis; one axis may have its pair unwrapped."""
    given = layer.settings.get(key)
    pairs = given if isinstance(given, list) and given and isinstance(given[0], list) else [given]
    ends = [(int(pair[0]), int(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    if len(ends) != n_axes or min(min(pair) for pair in ends) < 0:
        raise NotVerified.at(layer.name, f"has {key} that does not fit its input")
    return ends


def _up_sampling(layer: Layer, x: Array, work: Work) -> Array:
    only(layer, {"data_format": "channels_last", "interpolation": "nearest"})
    size = layer.pair("size")
    size = size * (x.ndim - 2) if len(size) == 1 else size
    work.spend(layer.name, 0, x.size * math.prod(size))
    for axis, times in enumerate(size, start=1):
        x = np.repeat(x, times, axis=axis)
    return x


# --- scaling and normalization -------------------------------------------------------------------------------------


def _rescaling(layer: Layer, x: Array, work: Work) -> Array:
    scale, offset = (
        np.asarray(layer.settings.get(key, default), work.dtype) for key, default in (("scale", 1), ("offset", 0))
    )
    return np.asarray(x * scale + offset)


def _normalization(layer: Layer, x: Array, work: Work) -> Array:
    """Subtract the mean and divide by the standard deviation that `adapt` found, or that were given."""
    axes = {axis % x.ndim for axis in layer.pair("axis")}
    shape = [n if axis in axes else 1 for axis, n in enumerate(x.shape)]
    parts = []
    for name in ("mean", "variance"):
        value = maybe(layer, name, work)
        value = np.asarray(layer.settings.get(name), work.dtype) if value is None else value
        parts.append(np.broadcast_to(value.reshape(shape if value.size > 1 else [1] * x.ndim), shape))
    mean, deviation = parts[0], np.maximum(np.sqrt(parts[1]), EPSILON)
    return np.asarray(x * deviation + mean if layer.settings.get("invert") is True else (x - mean) / deviation)


def _batch_normalization(layer: Layer, x: Array, work: Work) -> Array:
    """Normalize by the moving statistics (Ioffe and Szegedy, 2015), which is what happens at inference."""
    only(layer, {"renorm": False})
    axis = int(layer.settings.get("axis", -1))
    shape = [n if place == axis % x.ndim else 1 for place, n in enumerate(x.shape)]
    mean, variance = need(layer, "moving_mean", work), need(layer, "moving_variance", work)
    normal = (x - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + float(layer.number("epsilon") or 0))
    return _scaled(layer, normal, shape, work)


def _layer_normalization(layer: Layer, x: Array, work: Work) -> Array:
    """Normalize every example by itself over the axes (Ba et al., 2016)."""
    only(layer, {"rms_scaling": False})
    axes = tuple(sorted(axis % x.ndim for axis in layer.pair("axis")))
    shape = [n if axis in axes else 1 for axis, n in enumerate(x.shape)]
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return _scaled(layer, (x - mean) / np.sqrt(variance + float(layer.number("epsilon") or 0)), shape, work)


def _unit_normalization(layer: Layer, x: Array, _: Work) -> Array:
    """Divide by the Euclidean length over the axes."""
    axes = tuple(layer.pair("axis"))
    return np.asarray(x / np.sqrt(np.maximum((x**2).sum(axis=axes, keepdims=True), 1e-12)))


def _scaled(layer: Layer, x: Array, shape: Sequence[int], work: Work) -> Array:
    gamma, beta = maybe(layer, "gamma", work), maybe(layer, "beta", work)
    x = x if gamma is None else x * gamma.reshape(shape)
    return x if beta is None else x + beta.reshape(shape)


# --- activations as layers -----------------------------------------------------------------------------------------


def _activation(layer: Layer, x: Array, _: Work) -> Array:
    return activated(layer, x)


def _by_settings(name: str) -> Apply:
    """Return an activation layer whose settings are the function's arguments."""

    def apply(layer: Layer, inputs: Sequence[Array], _: Work) -> Array:
        settings = {key: value for key, value in layer.settings.items() if value is not None}
        result = activate(name, inputs[0], settings)
        if result is None:
            raise NotVerified.at(layer.name, "is an activation that is not known here")
        return result

    return apply


def _prelu(layer: Layer, x: Array, work: Work) -> Array:
    return np.where(x > 0, x, need(layer, "alpha", work) * x)  # alpha: (*places or 1, channels)


# --- merging -------------------------------------------------------------------------------------------------------


def _merge(join: Callable[[Array, Array], Array]) -> Apply:
    def apply(layer: Layer, inputs: Sequence[Array], _: Work) -> Array:
        total = inputs[0]
        for other in inputs[1:]:
            total = join(total, other)
        return total

    return apply


def _average(_: Layer, inputs: Sequence[Array], __: Work) -> Array:
    return np.asarray(sum(inputs) / len(inputs))


def _concatenate(layer: Layer, inputs: Sequence[Array], _: Work) -> Array:
    return np.concatenate(list(inputs), axis=int(layer.settings.get("axis", -1)))


# --- the table -----------------------------------------------------------------------------------------------------


def _one(function: Callable[[Layer, Array, Work], Any]) -> Apply:
    """Return a function of one input as one of a list of inputs."""

    def apply(layer: Layer, inputs: Sequence[Array], work: Work) -> Any:
        if len(inputs) != 1:
            raise NotVerified.at(layer.name, f"has {len(inputs)} inputs, where one is known here")
        return function(layer, inputs[0], work)

    return apply


def _then_activated(function: Callable[[Layer, Array, Work], Array]) -> Apply:
    return _one(lambda layer, x, work: activated(layer, function(layer, x, work)))


def _same(_: Layer, x: Array, __: Work) -> Array:
    return x


IDENTITIES = (
    *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout"),
    *("GaussianNoise", "ActivityRegularization", "Identity", "InputLayer"),
    *("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness"),
)

LAYERS: Mapping[str, Apply] = {
    **{name: _one(_same) for name in IDENTITIES},
    **{f"Conv{n}D": _then_activated(convolution.convolve) for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _then_activated(convolution.depthwise) for n in (1, 2)},
    **{f"SeparableConv{n}D": _then_activated(convolution.separable) for n in (1, 2)},
    **{f"MaxPooling{n}D": _one(convolution.max_pool) for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": _one(convolution.average_pool) for n in (1, 2, 3)},
    **{f"Global{kind}Pooling{n}D": _one(convolution.global_pool) for kind in ("Average", "Max") for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": _one(_zero_padding) for n in (1, 2, 3)},
    **{f"Cropping{n}D": _one(_cropping) for n in (1, 2, 3)},
    **{f"UpSampling{n}D": _one(_up_sampling) for n in (1, 2, 3)},
    **{name: _one(recurrent.recurrent) for name in recurrent.STEPS},
    "Bidirectional": _one(recurrent.bidirectional),
    "Dense": _one(_dense),
    "Embedding": _one(_embedding),
    "Flatten": _one(_flatten),
    "Reshape": _one(_reshape),
    "Permute": _one(_permute),
    "RepeatVector": _one(_repeat),
    "Rescaling": _one(_rescaling),
    "Normalization": _one(_normalization),
    "BatchNormalization": _one(_batch_normalization),
    "LayerNormalization": _one(_layer_normalization),
    "UnitNormalization": _one(_unit_normalization),
    "Activation": _one(_activation),
    "ReLU": _by_settings("relu"),
    "LeakyReLU": _by_settings("leaky_relu"),
    "ELU": _by_settings("elu"),
    "Softmax": _by_settings("softmax"),
    "PReLU": _one(_prelu),
    "Add": _merge(np.add),
    "Subtract": _merge(np.subtract),
    "Multiply": _merge(np.multiply),
    "Maximum": _merge(np.maximum),
    "Minimum": _merge(np.minimum),
    "Average": _average,
    "Concatenate": _concatenate,
}
