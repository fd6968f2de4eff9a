"""The records a shown figure is read into: plain data, bounded, nothing unknown.

Arrays come out of a kernel and are kept as tuples of floats; NaN stands where nothing was drawn.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from grader.results import Record

MAX_POINTS = 2_000
MAX_PIXELS = 64 * 64 * 4
MAX_ARTISTS = 600
MAX_AXES = 300
MAX_TEXT = 300
MAX_SIZE = 2**40


def _listed(value: Any) -> Any:
    small = isinstance(value, np.ndarray) and value.ndim == 1 and value.size <= MAX_PIXELS
    return value.tolist() if small else value


Words = Annotated[str, Field(max_length=MAX_TEXT)]
Numbers = Annotated[tuple[float, ...], BeforeValidator(_listed), Field(max_length=MAX_POINTS)]
Pixels = Annotated[tuple[float, ...], BeforeValidator(_listed), Field(max_length=MAX_PIXELS)]
Count = Annotated[int, Field(ge=0, le=MAX_SIZE)]
Pair = tuple[float, float]


class Shown(Record):
    """Base of everything drawn: frozen, nothing unknown; NaN and infinity are numbers."""


class Entry(Shown):
    """One entry of a legend: its text, and the colour ("#rrggbb" or ""), line style and marker it explains."""

    text: Words
    colour: Words = ""
    style: Words = ""
    marker: Words = ""


class Curve(Shown):
    """A line, or dots: every `step`-th of its `n` points, x and y in data coordinates, of shape (n_kept,).

    Up to 2,000 points are all kept; where there was no room for any, x and y are empty.
    """

    label: Words = ""
    x: Numbers
    y: Numbers
    n: Count
    step: Annotated[int, Field(ge=1, le=MAX_SIZE)] = 1
    colour: Words = ""
    style: Words = ""
    marker: Words = ""

    @model_validator(mode="after")
    def _as_many_as_said(self) -> Curve:
        step = max(1, -(-self.n // MAX_POINTS))
        if len(self.x) != len(self.y) or (self.y and (len(self.y), self.step) != (-(-self.n // step), step)):
            message = "a curve has not as many points as it says"
            raise ValueError(message)
        return self

    @property
    def complete(self) -> bool:
        """Whether every point was kept."""
        return len(self.y) == self.n


class Bars(Shown):
    """The bars one call drew, of shape (n_kept,): where they stand, how far they reach from their bases."""

    label: Words = ""
    horizontal: bool = False
    n: Count
    positions: Numbers
    heights: Numbers
    bases: Numbers
    widths: Numbers
    colours: Annotated[tuple[Words, ...], Field(max_length=MAX_POINTS)] = ()

    @model_validator(mode="after")
    def _same_length(self) -> Bars:
        if len({len(self.positions), len(self.heights), len(self.bases), len(self.widths)}) != 1:
            message = "positions, heights, bases and widths of bars have different lengths"
            raise ValueError(message)
        return self

    @property
    def touching(self) -> bool:
        """Whether each bar begins where the one before ends, as in a histogram."""
        edges = sorted(
            (position - abs(width) / 2, position + abs(width) / 2)
            for position, width in zip(self.positions, self.widths, strict=True)
        )
        gaps = [abs(right - left) for (_, right), (left, _) in pairwise(edges)]
        span = edges[-1][1] - edges[0][0] if edges else 0.0
        return len(edges) > 1 and all(gap <= 1e-6 * span for gap in gaps)

    def in_order(self) -> NDArray[np.float64]:
        """Return the heights from left to right, or from the lowest position up, shape (n_kept,)."""
        order = np.argsort(np.array(self.positions), kind="stable")
        return np.array(self.heights, dtype=np.float64)[order]


class Image(Shown):
    """A picture of shape (rows, columns[, channels]); `pixels` are those of every `step`-th row and column.

    `low` and `high` are the smallest and the largest finite value of all. `mesh`: drawn by pcolormesh or a heat map.
    """

    shape: Annotated[tuple[Count, ...], Field(max_length=3)]
    low: float
    high: float
    step: Annotated[int, Field(ge=1, le=MAX_SIZE)] = 1
    pixels: Pixels
    mesh: bool = False
    colours: Words = ""

    @model_validator(mode="after")
    def _as_many_as_said(self) -> Image:
        if self.pixels and (len(self.shape) < 2 or len(self.pixels) != math.prod(self._kept_shape)):
            message = "an image has not as many pixels as it says"
            raise ValueError(message)
        return self

    @property
    def _kept_shape(self) -> tuple[int, ...]:
        return (*(-(-n // self.step) for n in self.shape[:2]), *self.shape[2:])

    @property
    def array(self) -> NDArray[np.float64]:
        """The kept pixels, shape (rows / step, columns / step[, channels]); of size 0 where none were kept."""
        pixels = np.array(self.pixels, dtype=np.float64)
        return pixels.reshape(self._kept_shape) if pixels.size else pixels


class Axes(Shown):
    """One plot: `box` is (left, bottom, width, height) as fractions of the figure, y upwards.

    `kind` is "rectilinear", "polar", "3d" or "colorbar". Limits are (low, high) as shown: (high, low) when inverted,
    None where the library picks them itself. Ticks are those with names, (position, name). `xshared` are the indices
    of the axes with the same x. `n_patches` and `n_collections` count what is drawn besides.
    """

    kind: Words = "rectilinear"
    title: Words = ""
    xlabel: Words = ""
    ylabel: Words = ""
    xscale: Words = "linear"
    yscale: Words = "linear"
    xlim: Pair | None = None
    ylim: Pair | None = None
    xticks: Annotated[tuple[tuple[float, Words], ...], Field(max_length=200)] = ()
    yticks: Annotated[tuple[tuple[float, Words], ...], Field(max_length=200)] = ()
    xshared: Annotated[tuple[Count, ...], Field(max_length=MAX_AXES)] = ()
    yshared: Annotated[tuple[Count, ...], Field(max_length=MAX_AXES)] = ()
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    legend: Annotated[tuple[Entry, ...], Field(max_length=MAX_ARTISTS)] = ()
    texts: Annotated[tuple[Words, ...], Field(max_length=MAX_ARTISTS)] = ()
    lines: Annotated[tuple[Curve, ...], Field(max_length=MAX_ARTISTS)] = ()
    scatters: Annotated[tuple[Curve, ...], Field(max_length=MAX_ARTISTS)] = ()
    bars: Annotated[tuple[Bars, ...], Field(max_length=MAX_ARTISTS)] = ()
    images: Annotated[tuple[Image, ...], Field(max_length=MAX_ARTISTS)] = ()
    n_patches: Count = 0
    n_collections: Count = 0

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Lines and dots that have a point."""
        return tuple(curve for curve in (*self.lines, *self.scatters) if curve.y)

    @property
    def histograms(self) -> tuple[Bars, ...]:
        """The bars that touch each other."""
        return tuple(bars for bars in self.bars if bars.touching)


class Figure(Shown):
    """A figure as it was shown; `cell` is the index of its cell, None when a call of a check showed it.

    It is the `number`-th figure of its library in that cell, counted from 0.
    `title`, `xlabel` and `ylabel` are those of the whole figure; `cut` says that it was too large to be kept whole.
    """

    library: Literal["matplotlib", "plotly"] = "matplotlib"
    cell: Annotated[int, Field(ge=0, le=MAX_SIZE)] | None = None
    number: Count = 0
    title: Words = ""
    xlabel: Words = ""
    ylabel: Words = ""
    texts: Annotated[tuple[Words, ...], Field(max_length=MAX_ARTISTS)] = ()
    legend: Annotated[tuple[Entry, ...], Field(max_length=MAX_ARTISTS)] = ()
    axes: Annotated[tuple[Axes, ...], Field(max_length=MAX_AXES)] = ()
    cut: bool = False

    @property
    def plots(self) -> tuple[Axes, ...]:
        """The axes without the scales of colours."""
        return tuple(axes for axes in self.axes if axes.kind != "colorbar")

    def label_of(self, axes: Axes, letter: Literal["x", "y"]) -> str:
        """Return the label of the x or y axis: its own, that of axes that share it, or the whole figure's."""
        name, shared = f"{letter}label", getattr(axes, f"{letter}shared")
        others = [getattr(self.axes[index], name) for index in shared if index < len(self.axes)]
        found = [getattr(axes, name), *others, getattr(self, name)]
        return next((label.strip() for label in found if label.strip()), "")

    def legend_of(self, axes: Axes) -> tuple[Entry, ...]:
        """Return the legend entries that explain axes: their own, those of twins in the same place, the figure's."""
        twins = [other for other in self.axes if other is not axes and _near(other.box, axes.box)]
        entries = [*axes.legend, *(entry for twin in twins for entry in twin.legend), *self.legend]
        return tuple(entry for entry in entries if entry.text.strip() and not entry.text.startswith("_"))


def _near(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= 1e-6 for a, b in zip(one, other, strict=True))
