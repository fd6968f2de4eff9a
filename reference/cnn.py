"""The arithmetic of convolutional networks: parameters, output shapes and multiplications of a layer.

    conv = Conv(32, 5, padding="same")
    conv.output_shape((28, 28, 192))        (28, 28, 32)
    conv.parameters((28, 28, 192))          153,632 = (5·5·192 + 1)·32
    conv.multiplications((28, 28, 192))     120,422,400 = 28·28·32 · 5·5·192

Shapes are (height, width, channels), of one image. A kernel of k entries at dilation d spans d (k - 1) + 1 pixels
(Dumoulin & Visin 2016). Along one axis of n pixels, with p zeros added in all and stride s,

    out = floor((n + p - span) / s) + 1,

where "valid" adds none, "same" as many as make out = ceil(n / s), and a number adds that many at either side. Every
output of a convolution takes one multiplication per entry of its kernel; padding counts, as do entries that meet a
zero. A bias is an addition. Max pooling multiplies nothing; average pooling multiplies each output once, by 1/k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

Shape = tuple[int, ...]
Pair = int | tuple[int, int]
Padding = int | tuple[int, int] | str


class Layer(Protocol):
    """What all layers answer, for an input of shape (height, width, channels) or (features,)."""

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one output."""
        ...

    def parameters(self, shape: Shape) -> int:
        """Return the number of weights and biases."""
        ...

    def multiplications(self, shape: Shape) -> int:
        """Return the number of multiplications for one input."""
        ...


@dataclass(frozen=True)
class Conv:
    """A two-dimensional convolution; with `groups`, each group of filters sees its own share of the channels."""

    filters: int
    kernel: Pair
    stride: Pair = 1
    padding: Padding = "valid"
    dilation: Pair = 1
    groups: int = 1
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        """Return (height, width, filters)."""
        self._require_groups(shape)
        return (*window_shape(shape, self.kernel, self.stride, self.padding, self.dilation), self.filters)

    def parameters(self, shape: Shape) -> int:
        """Return (k_h · k_w · channels / groups + 1) · filters."""
        return (self._entries(shape) + int(self.bias)) * self.filters

    def multiplications(self, shape: Shape) -> int:
        """Return outputs · k_h · k_w · channels / groups."""
        return prod(self.output_shape(shape)) * self._entries(shape)

    def _entries(self, shape: Shape) -> int:
        """Return how many numbers one filter has."""
        self._require_groups(shape)
        return prod(pair(self.kernel)) * shape[2] // self.groups

    def _require_groups(self, shape: Shape) -> None:
        if shape[2] % self.groups or self.filters % self.groups:
            message = f"{shape[2]} channels and {self.filters} filters cannot be split into {self.groups} groups"
            raise ValueError(message)


@dataclass(frozen=True)
class Pool:
    """Max pooling, or with `average` the mean; the stride is the window's size where none is given."""

    window: Pair
    stride: Pair | None = None
    padding: Padding = "valid"
    average: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        """Return (height, width, channels)."""
        stride = self.window if self.stride is None else self.stride
        return (*window_shape(shape, self.window, stride, self.padding, 1), shape[2])

    def parameters(self, shape: Shape) -> int:
        """Return 0."""
        return 0

    def multiplications(self, shape: Shape) -> int:
        """Return 0, or one for each mean."""
        return prod(self.output_shape(shape)) if self.average else 0


@dataclass(frozen=True)
class Flatten:
    """All numbers in a row."""

    def output_shape(self, shape: Shape) -> Shape:
        """Return (height · width · channels,)."""
        return (prod(shape),)

    def parameters(self, shape: Shape) -> int:
        """Return 0."""
        return 0

    def multiplications(self, shape: Shape) -> int:
        """Return 0."""
        return 0


@dataclass(frozen=True)
class Dense:
    """A fully connected layer over the last axis."""

    units: int
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        """Return (..., units)."""
        return (*shape[:-1], self.units)

    def parameters(self, shape: Shape) -> int:
        """Return (features + 1) · units."""
        return (shape[-1] + int(self.bias)) * self.units

    def multiplications(self, shape: Shape) -> int:
        """Return features · units for every row."""
        return prod(shape) * self.units


@dataclass(frozen=True)
class Count:
    """What one layer of a network comes to."""

    output_shape: Shape
    parameters: int
    multiplications: int


def count(layers: Sequence[Layer], shape: Shape) -> list[Count]:
    """Return what each layer comes to, in order, for an input of this shape."""
    counts = []
    for layer in layers:
        counts.append(Count(layer.output_shape(shape), layer.parameters(shape), layer.multiplications(shape)))
        shape = counts[-1].output_shape
    return counts


def total(layers: Sequence[Layer], shape: Shape) -> Count:
    """Return the shape that comes out of a network, and the sums of its parameters and multiplications."""
    counts = count(layers, shape)
    return Count(
        counts[-1].output_shape if counts else shape,
        sum(each.parameters for each in counts),
        sum(each.multiplications for each in counts),
    )


def window_shape(shape: Shape, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> tuple[int, int]:
    """Return (height, width) of what a window comes to that moves over an input of shape (height, width, ...)."""
    steps, spans = pair(stride), [d * (k - 1) + 1 for k, d in zip(pair(kernel), pair(dilation), strict=True)]
    sides = (0, 0) if isinstance(padding, str) else pair(padding)
    if padding == "same":
        return (-(-shape[0] // steps[0]), -(-shape[1] // steps[1]))
    if isinstance(padding, str) and padding != "valid":
        message = f"padding is 'valid', 'same' or a number, not {padding!r}"
        raise ValueError(message)
    out = [(shape[i] + 2 * sides[i] - spans[i]) // steps[i] + 1 for i in (0, 1)]
    if min(out) < 1:
        message = f"a window that spans {spans[0]} × {spans[1]} does not fit into {shape[0]} × {shape[1]}"
        raise ValueError(message)
    return (out[0], out[1])


def pair(value: Pair) -> tuple[int, int]:
    """Return a number as (height, width)."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


# --- the two networks of the homework --------------------------------------------------------------------

INPUT = (28, 28, 192)
NETWORKS: dict[str, tuple[Layer, ...]] = {
    "network 1": (Conv(32, 5, padding="same"),),
    "network 2": (Conv(16, 1, padding="same"), Conv(32, 5, padding="same")),
}
