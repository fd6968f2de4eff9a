"""Wrong numbers of the two convolutional networks, by quantity and network."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from reference.cnn import INPUT, NETWORKS, Conv
from reference.variants import Catalogue

catalogue = Catalogue()


def _both(of: str, name: str, title: str, explanation: str, change: Callable[[Conv, tuple[int, ...]], int]) -> None:
    """Register what a network comes to when every layer's number is `change(layer, input shape)`."""

    def summed(network: str) -> int:
        shape: tuple[int, ...] = INPUT
        numbers = []
        for layer in NETWORKS[network]:
            if isinstance(layer, Conv):
                numbers.append(change(layer, shape))
            shape = layer.output_shape(shape)
        return sum(numbers)

    catalogue.add(of, name, title, explanation, summed)


def _filter(layer: Conv, shape: tuple[int, ...]) -> int:
    return int(layer.parameters(shape) / layer.filters) - 1


def _valid(layer: Conv, shape: tuple[int, ...]) -> int:
    return prod(Conv(layer.filters, layer.kernel).output_shape(shape)) * _filter(layer, shape)


_both(
    "cnn_parameters",
    "bias-forgotten",
    "biases not counted",
    "Your number is that of the kernels alone: every filter has a bias, too.",
    lambda layer, shape: _filter(layer, shape) * layer.filters,
)
_both(
    "cnn_parameters",
    "bias-per-layer",
    "one bias for the whole layer",
    "You count one bias per layer: every filter has its own.",
    lambda layer, shape: _filter(layer, shape) * layer.filters + 1,
)
_both(
    "cnn_parameters",
    "channels-forgotten",
    "input channels forgotten",
    "A filter has one number per kernel entry and input channel: k · k · channels, not k · k.",
    lambda layer, shape: (_filter(layer, shape) // shape[2] + 1) * layer.filters,
)
_both(
    "cnn_multiplications",
    "padding-ignored",
    "counted without padding",
    "Your number is that of a convolution without padding: with same padding there are as many outputs as inputs.",
    _valid,
)
_both(
    "cnn_multiplications",
    "additions-too",
    "additions counted too",
    "Your number is twice what is asked for: only multiplications count, additions do not.",
    lambda layer, shape: 2 * layer.multiplications(shape),
)
_both(
    "cnn_multiplications",
    "one-position",
    "one position only",
    "You count the multiplications at one position: they are done anew at each position of the output.",
    lambda layer, shape: _filter(layer, shape) * layer.filters,
)
_both(
    "cnn_multiplications",
    "one-filter",
    "one filter only",
    "You count one filter: each of them is computed at every position.",
    lambda layer, shape: layer.multiplications(shape) // layer.filters,
)
_both(
    "cnn_multiplications",
    "channels-forgotten",
    "input channels forgotten",
    "One output number takes k · k · channels multiplications: the input's channels are missing.",
    lambda layer, shape: layer.multiplications(shape) // shape[2],
)
_both(
    "cnn_multiplications",
    "bias-counted",
    "biases counted as multiplications",
    "You count one more per output: adding a bias is no multiplication.",
    lambda layer, shape: layer.multiplications(shape) + prod(layer.output_shape(shape)),
)
for _what in ("parameters", "multiplications"):
    catalogue.add(
        f"cnn_{_what}",
        "one-layer-only",
        "one layer of two",
        "Your number is that of the last layer alone: the network has two, and both count.",
        lambda network, what=_what: _last(network, what),
    )


def _last(network: str, what: str) -> int:
    shape: tuple[int, ...] = INPUT
    for layer in NETWORKS[network][:-1]:
        shape = layer.output_shape(shape)
    return int(getattr(NETWORKS[network][-1], what)(shape)) if len(NETWORKS[network]) > 1 else -1


VARIANTS = catalogue.by_function()
