"""The plot of gradient norms by layer: found among a notebook's figures, and how far its lines fall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.plots import Axes, Figure, Found, label_of

LAYERS = range(8, 13)  # ten, or those between them
DEEP = 3.0  # times; through ten layers with the sigmoid it is a factor of a thousand or more


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Where the norms are drawn, and how many times the largest of a line is its smallest.

    `sure`: names say which line is the sigmoid's and which ReLU's; `named`: both have a name, in any language.
    """

    figure: Figure
    axes: tuple[Axes, ...]
    sigmoid: float
    relu: float
    sure: bool
    named: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line or a row of bars, what names it, and its heights."""

    axes: Axes
    name: str
    heights: np.ndarray

    @property
    def fall(self) -> float:
        """How many times the largest height is the smallest; heights that are logarithms count as such."""
        y = self.heights
        if np.all(y <= 0) or (np.any(y < 0) and self.axes.yscale == "linear"):
            return float(10 ** min(np.ptp(y), 300.0))
        return float(y.max() / max(y.min(), 1e-300))


def best_plot(figures: Sequence[Figure]) -> Plot | None:
    """Return the last figure with a line for the sigmoid and one for ReLU, in one plot or beside each other."""
    found = [plot for figure in figures if (plot := _read(figure)) is not None]
    sure = [plot for plot in found if plot.sure]
    return (sure or found or [None])[-1]


def _read(figure: Figure) -> Plot | None:
    lines = list(_lines(figure))
    told = {word: [line for line in lines if word in line.name.lower()] for word in ("sig", "relu")}
    sure = all(told.values())
    if not sure and len(lines) < 2:
        return None
    pair = (max(told["sig"] if sure else lines, key=_fall), min(told["relu"] if sure else lines, key=_fall))
    axes = {id(line.axes): line.axes for line in pair}
    return Plot(
        figure=figure,
        axes=(*axes.values(),),
        sigmoid=pair[0].fall,
        relu=pair[1].fall,
        sure=sure,
        named=all(line.name for line in pair),
    )


def _fall(line: Line) -> float:
    return line.fall


def _lines(figure: Figure) -> Iterator[Line]:
    for axes in figure.plots:
        title = f"{axes.title} {figure.title}" if len(axes.curves) + len(axes.bars) == 1 else ""
        for curve in axes.curves:
            name = label_of(Found(figure=figure, axes=axes, curve=curve))
            yield from _line(axes, f"{name} {title}", np.array(curve.y))
        for bars in axes.bars:
            yield from _line(axes, f"{bars.label} {title}", bars.in_order())


def _line(axes: Axes, name: str, heights: np.ndarray) -> Iterator[Line]:
    if len(heights) in LAYERS and np.all(np.isfinite(heights)):
        yield Line(axes=axes, name=name.strip(), heights=heights)


def problems_of(plot: Plot) -> list[str]:
    """Return what keeps a reader from reading the plot."""
    problems = []
    if any(axes.yscale == "linear" and _raw(axes) for axes in plot.axes):
        problems.append("the vertical axis is not logarithmic, so that the small norms cannot be told from 0")
    for word, letter in (("horizontal", "x"), ("vertical", "y")):
        if not all(plot.figure.label_of(axes, letter) for axes in plot.axes):
            problems.append(f"the {word} axis has no label")
    if not plot.named:
        problems.append("no legend tells which line is the sigmoid's and which is ReLU's")
    return problems


def _raw(axes: Axes) -> bool:
    """Tell whether norms are drawn as they are, not their logarithms."""
    return all(min(curve.y) >= 0 for curve in axes.curves)
