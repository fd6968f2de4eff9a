"""Convolution and pooling, in one, two or three dimensions, channels last.

A convolution is the sum over the places of its kernel of a matrix product with the input that lies there:
y[n, i, o] = Σ_k x[n, i·stride + k·dilation, :] @ W[k, :, o] (Keras does not flip the kernel). With few channels those
products are tiny; then what lies under the kernel is copied side by side, for one product of all places.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from grader.models.structure import Array, Layer
from grader.models.unverified import NotVerified, Work, maybe, need, only

FEW_CHANNELS = 4

Steps = tuple[int, ...]
Product = Callable[[Array, Array], Array]


def convolve(layer: Layer, x: Array, work: Work) -> Array:
    """Conv1D, Conv2D and Conv3D: x of shape (n, *places, channels) gives (n, *places, filters)."""
    kernel, groups = need(layer, "kernel", work), int(layer.number("groups") or 1)
    n_filters = kernel.shape[-1]
    if groups == 1:
        return _biased(layer, _slide(layer, x, kernel, work), work)
    parts = [
        _slide(layer, part, weights, work)
        for part, weights in zip(
            np.split(x, groups, axis=-1), np.split(kernel, groups, axis=-1), strict=True
        )  # each (n, *places, channels / groups) and (*size, channels / groups, filters / groups)
    ]
    joined = np.concatenate(parts, axis=-1)
    if joined.shape[-1] != n_filters:
        raise NotVerified.at(layer.name, "has groups that do not fit its filters")
    return _biased(layer, joined, work)


def depthwise(layer: Layer, x: Array, work: Work) -> Array:
    """DepthwiseConv1D and 2D: every channel has kernels of its own; kernel of shape (*size, channels, multiplier)."""
    return _biased(layer, _depthwise(layer, x, need(layer, _depthwise_name(layer), work), work), work)


def separable(layer: Layer, x: Array, work: Work) -> Array:
    """SeparableConv1D and 2D: a depthwise convolution, then one of kernel size 1 across the channels."""
    between = _depthwise(layer, x, need(layer, "depthwise_kernel", work), work)  # (n, *places, channels · multiplier)
    pointwise = need(layer, "pointwise_kernel", work)
    pointwise = pointwise.reshape(between.shape[-1], -1)  # (channels · multiplier, filters)
    work.spend(layer.name, between.size * pointwise.size / max(len(pointwise), 1))
    return _biased(layer, between @ pointwise, work)


def max_pool(layer: Layer, x: Array, work: Work) -> Array:
    """MaxPooling1D, 2D and 3D; what is padded counts as −∞."""
    size, steps = _pool(layer, x)
    padded = _padded(layer, x, (size, steps, (1,) * len(size)), -math.inf, work)
    views = _views(padded, size, steps, (1,) * len(size))
    work.spend(layer.name, x.size * math.prod(size))
    best = next(views)[1].copy()
    for _, view in views:
        np.maximum(best, view, out=best)
    return best


def average_pool(layer: Layer, x: Array, work: Work) -> Array:
    """AveragePooling1D, 2D and 3D; what is padded does not count."""
    size, steps = _pool(layer, x)
    ones = (1,) * len(size)
    work.spend(layer.name, x.size * math.prod(size))
    totals = [
        sum(view for _, view in _views(_padded(layer, part, (size, steps, ones), 0.0, work), size, steps, ones))
        for part in (x, np.ones((1, *x.shape[1:-1], 1), x.dtype))
    ]
    return np.asarray(totals[0] / totals[1])


def global_pool(layer: Layer, x: Array, _: Work) -> Array:
    """GlobalAverage- and GlobalMaxPooling: one number a channel."""
    only(layer, {"data_format": "channels_last"})
    axes = tuple(range(1, x.ndim - 1))
    keep = layer.settings.get("keepdims") is True
    reduced = x.max(axis=axes, keepdims=keep) if "Max" in layer.kind else x.mean(axis=axes, keepdims=keep)
    return np.asarray(reduced)


# --- sliding -------------------------------------------------------------------------------------------------------


def _slide(layer: Layer, x: Array, kernel: Array, work: Work) -> Array:
    """Slide a kernel of shape (*size, channels, filters) over x; every output place sees all channels."""
    if kernel.shape[-2] != x.shape[-1]:
        raise NotVerified.at(layer.name, "has a kernel that does not fit its input")
    if kernel.shape[-2] > FEW_CHANNELS:
        return _summed(layer, x, kernel, work, lambda view, weights: view @ weights)
    patches = np.concatenate(
        [view for _, view in _under(layer, x, kernel, work)], axis=-1
    )  # (n, *places, size · channels)
    return patches @ kernel.reshape(patches.shape[-1], -1)


def _depthwise(layer: Layer, x: Array, kernel: Array, work: Work) -> Array:
    *_, channels, multiplier = kernel.shape
    if channels != x.shape[-1]:
        raise NotVerified.at(layer.name, "has a kernel that does not fit its input")
    summed = _summed(layer, x, kernel, work, lambda view, weights: view[..., None] * weights)
    return summed.reshape(*summed.shape[:-2], channels * multiplier)


def _summed(layer: Layer, x: Array, kernel: Array, work: Work, product: Product) -> Array:
    """Return the sum over the kernel's places of `product(what lies there, the weights there)`."""
    total: Array | None = None
    for place, view in _under(layer, x, kernel, work):
        part = product(view, kernel[place])
        total = part if total is None else np.add(total, part, out=total)
    if total is None:
        raise NotVerified.at(layer.name, "has an empty kernel")
    return total


def _under(layer: Layer, x: Array, kernel: Array, work: Work) -> Iterator[tuple[Steps, Array]]:
    """Yield each place of a kernel (*size, channels, filters) with the input under it, and count its products."""
    only(layer, {"data_format": "channels_last"})
    size = kernel.shape[:-2]
    steps, dilation = _steps(layer, "strides", len(size)), _steps(layer, "dilation_rate", len(size))
    if x.ndim != len(size) + 2:
        raise NotVerified.at(layer.name, "has an input with another number of axes than its kernel")
    padded = _padded(layer, x, (size, steps, dilation), 0.0, work)
    for place, view in _views(padded, size, steps, dilation):
        n_out = view.size / max(view.shape[-1], 1)
        patches = view.size * math.prod(size) if view.shape[-1] <= FEW_CHANNELS else 0
        work.spend(layer.name, view.size * kernel.shape[-1], max(n_out * kernel.shape[-1], patches))
        yield place, view


def _views(x: Array, size: Steps, steps: Steps, dilation: Steps) -> Iterator[tuple[Steps, Array]]:
    """Yield each place of the kernel with the part of x that lies under it, of shape (n, *output places, channels)."""
    n_out = [
        (length - (k - 1) * d - 1) // s + 1
        for length, k, s, d in zip(x.shape[1:-1], size, steps, dilation, strict=True)
    ]
    if min(n_out, default=0) < 1:
        raise ValueError("a kernel larger than its input")
    for place in itertools.product(*(range(k) for k in size)):
        cuts = [
            slice(k * d, k * d + (n - 1) * s + 1, s) for k, n, s, d in zip(place, n_out, steps, dilation, strict=True)
        ]
        yield place, x[(slice(None), *cuts)]


def _padded(layer: Layer, x: Array, window: tuple[Steps, Steps, Steps], value: float, work: Work) -> Array:
    """Return x with what "same" or "causal" padding adds: TensorFlow puts the odd one at the end.

    A window is its size, its steps and its dilation.
    """
    size, steps, dilation = window
    padding = layer.settings.get("padding", "valid")
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    if padding == "valid":
        return x
    if padding == "causal":
        ends = [(r - 1, 0) for r in reach]
    elif padding == "same":
        missing = [
            max((math.ceil(length / s) - 1) * s + r - length, 0)
            for length, s, r in zip(x.shape[1:-1], steps, reach, strict=True)
        ]
        ends = [(n // 2, n - n // 2) for n in missing]
    else:
        raise NotVerified.at(layer.name, f"has the unknown padding {padding!r:.40}")
    lengths = [length + before + after for length, (before, after) in zip(x.shape[1:-1], ends, strict=True)]
    work.spend(layer.name, 0, len(x) * math.prod(lengths) * x.shape[-1])
    return np.pad(x, [(0, 0), *ends, (0, 0)], constant_values=value)


def _pool(layer: Layer, x: Array) -> tuple[Steps, Steps]:
    only(layer, {"data_format": "channels_last"})
    size = _steps(layer, "pool_size", x.ndim - 2)
    return size, _steps(layer, "strides", x.ndim - 2) if layer.settings.get("strides") is not None else size


def _steps(layer: Layer, key: str, n_axes: int) -> Steps:
    """Return a setting as one positive integer per axis."""
    given: Sequence[int] = layer.pair(key) or (1,)
    steps = tuple(given) * n_axes if len(given) == 1 else tuple(given)
    if len(steps) != n_axes or min(steps) < 1:
        raise NotVerified.at(layer.name, f"has {key} that do not fit its input")
    return steps


def _depthwise_name(layer: Layer) -> str:
    return "kernel" if layer.weight("kernel") is not None else "depthwise_kernel"


def _biased(layer: Layer, y: Array, work: Work) -> Array:
    bias = maybe(layer, "bias", work)
    return y if bias is None else np.add(y, bias, out=y)
