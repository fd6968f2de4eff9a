"""On which scale does a model expect its pixels? Found by trying: a model fed another scale than it was trained on is
far worse, which is named rather than counted as a bad model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from grader.models.forward import predict
from grader.models.recompute import fit_images
from grader.models.statistics import compare, count_right
from grader.models.structure import Array, Model

SCALES: Mapping[str, Callable[[Array], Array]] = {
    "0..1": lambda pixels: pixels / 255.0,
    "0..255": lambda pixels: pixels * 1.0,
    "-1..1": lambda pixels: pixels / 127.5 - 1.0,
}
NEAR = 1e-6
FULL = 0.98  # what is called -1..1 has pixels that are as good as black: else it is less its mean


class Rights(dict[str, Array]):
    """Which images a model has right on each scale, computed when it is first asked for."""

    def __init__(self, count: Callable[[str], Array]) -> None:
        super().__init__()
        self._count = count

    def __missing__(self, name: str) -> Array:
        self[name] = self._count(name)
        return self[name]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The scale on which a model has most images right, and which it has right on each."""

    best: str
    right: Mapping[str, Array]
    ways: Mapping[str, Callable[[Array], Array]]

    def images(self, pixels: Array) -> Array:
        """Return pixels 0..255 on the best scale."""
        return self.ways[self.best](pixels)


def expected_scale(
    model: Model,
    pixels: Array,
    labels: Array,
    *,
    others: Mapping[str, Callable[[Array], Array]] | None = None,
    known: str | None = None,
) -> Scale:
    """Return the scale on which a model is best; `pixels` are 0..255, of shape (n, ...), labels as in `count_right`.

    Where it is `known` on which one it was trained, that is it. `others` adds scales, e.g.
    {"standardized": lambda x: (x - mean) / std}. Of equally good ones the first is taken, in the order 0..1, 0..255,
    -1..1. Raises NotVerified for a model whose predictions cannot be computed.
    """
    scales = {**SCALES, **(others or {})}
    right = Rights(
        lambda name: count_right(
            predict(model, fit_images(model, scales[name](pixels)), dtype=np.float32).values[0], labels
        )
    )
    best = known if known in scales else max(scales, key=lambda name: int(right[name].sum()))
    right[best]  # raises where it cannot be computed at all
    return Scale(best=best, right=right, ways=scales)


def scale_of(data: Array) -> str | None:
    """Return on which of the scales an array of images lies, None where it is on none of them (e.g. standardized)."""
    return scale_between(float(np.min(data)), float(np.max(data)))


def scale_between(low: float, high: float) -> str | None:
    """Return the scale of images whose pixels reach from low to high, as `scale_of` does."""
    if low >= -NEAR:
        return "0..1" if high <= 1 + NEAR else "0..255" if high <= 255 + NEAR else None
    return "-1..1" if -1 - NEAR <= low < -FULL and high <= 1 + NEAR else None


def mismatch(scale: Scale, used: str) -> str | None:
    """Return a sentence where a model is clearly better on another scale than the one it was `used` with.

    "Clearly" is McNemar's exact test on the same images, see `statistics.compare`.
    """
    if used == scale.best or compare(scale.right[scale.best], scale.right[used]).claim != "shown":
        return None
    best, here = (f"{scale.right[name].mean():.0%}" for name in (scale.best, used))
    return (
        f"The model was trained on pixels in {scale.best} ({best} right) and is fed pixels in {used} ({here} right): "
        "scale the data to be predicted as the training data was."
    )
