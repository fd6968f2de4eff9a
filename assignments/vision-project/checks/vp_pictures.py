"""Do the pictures in a notebook show the filters of a convolution, or the feature maps it makes of a digit?

Pictures are compared up to brightness and contrast. Filters are looked for in every place of a picture, so that one
large picture of many filters is as good as many small ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from grader.models import Model
from grader.models.convolution import convolve
from grader.models.structure import Layer
from grader.models.unverified import Work
from grader.plots import Figure, Image, row_shown

TOLERANCE = 2e-3  # of the range of a picture
MAX_PICTURES, MAX_FILTERS, AT_ONCE = 64, 256, 50


def first_convolution(model: Model) -> Layer | None:
    """Return the first layer that convolves pictures, None where there is none with known weights."""
    layers = (layer for layer in model.all_layers() if layer.kind == "Conv2D" and layer.weight("kernel") is not None)
    return next(layers, None)


def pictures(figures: Sequence[Figure]) -> list[tuple[Figure, np.ndarray, Image]]:
    """Return (figure, pixels (rows, columns), image) of every picture that was kept whole."""
    found = []
    for figure in figures:
        for axes in figure.plots:
            for image in axes.images:
                array = image.array
                if array.ndim == 3:
                    array = array[..., 0]
                if array.ndim == 2 and array.size and image.step == 1:
                    found.append((figure, np.nan_to_num(array), image))
    return found[:MAX_PICTURES]


def filters_in(array: np.ndarray, kernel: np.ndarray) -> set[int]:
    """Return which filters of a kernel (height, width, channels, filters) a picture shows, upright or upside down."""
    height, width = kernel.shape[:2]
    if min(height, width) < 2 or array.shape[0] < height or array.shape[1] < width:
        return set()
    wanted = stretched(kernel.transpose(3, 2, 0, 1).reshape(-1, height * width))[:MAX_FILTERS]  # (n, h·w)
    found: set[int] = set()
    for turned in (array, array[::-1], array.T):
        if turned.shape[0] < height or turned.shape[1] < width:
            continue
        windows = stretched(sliding_window_view(turned, (height, width)).reshape(-1, height * width))
        for number, one in enumerate(wanted):
            apart = np.minimum(np.abs(windows - one).max(axis=1), np.abs(1 - windows - one).max(axis=1))
            if apart.min() <= TOLERANCE:
                found.add(number // kernel.shape[2])
    return found


def maps_in(shown: Sequence[np.ndarray], layer: Layer, batches: Iterator[np.ndarray]) -> int:
    """Return how many of the pictures are feature maps of one image; the images come in batches (n, rows, columns, 1).

    Looked at are the maps before and after ReLU. Which image it is shows the first picture that is one of its maps.
    """
    for images in batches:
        maps = convolve(layer, images, Work())  # (n, rows, columns, filters)
        for activated in (np.maximum(maps, 0), maps, np.tanh(maps)):
            flat = stretched(activated.transpose(0, 3, 1, 2).reshape(-1, maps.shape[1] * maps.shape[2]))
            flat = flat.reshape(len(maps), maps.shape[3], -1)  # (n, filters, pixels)
            for picture in shown:
                if picture.max() == picture.min():
                    continue
                own = stretched(picture.reshape(1, -1))
                apart = np.abs(flat - own).max(axis=2)  # (n, filters)
                if apart.min() <= TOLERANCE:
                    image = int(apart.min(axis=1).argmin())
                    return sum(_is_one_of(other, flat[image]) for other in shown)
    return 0


def in_batches(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield images (n, rows, columns) in batches (AT_ONCE, rows, columns, 1)."""
    for begin in range(0, len(rows), AT_ONCE):
        yield rows[begin : begin + AT_ONCE].reshape(-1, 28, 28, 1)


def is_digit(image: Image, pixels: np.ndarray) -> bool:
    """Tell whether a picture shows one of the images (n, 28, 28)."""
    return row_shown(image, pixels) is not None


def stretched(rows: np.ndarray) -> np.ndarray:
    """Return rows, shape (n, n_pixels), brought to 0..1 each; a row of one value becomes 0."""
    rows = rows.astype(np.float32)
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    return (rows - low) / np.where(high > low, high - low, 1)


def _is_one_of(picture: np.ndarray, maps: np.ndarray) -> bool:
    return bool(np.abs(maps - stretched(picture.reshape(1, -1))).max(axis=1).min() <= TOLERANCE)
