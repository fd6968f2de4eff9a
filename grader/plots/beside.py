"""Questions about bars and pictures: bar charts of so many bars, and pictures that each stand beside one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grader.plots.records import Axes, Bars, Figure, Image

SUM_TOLERANCE = 0.02  # ten probabilities rounded to two digits sum to one within this
PIXEL_TOLERANCE = 1e-3  # of the range of the pixels
N_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A bar chart and where it is: `heights` of shape (n_bars,) from left to right, or from the lowest position up."""

    figure: Figure
    axes: Axes
    heights: NDArray[np.float64]
    names: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """The sum of the heights."""
        return float(np.sum(self.heights))


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture and where it is."""

    figure: Figure
    axes: Axes
    image: Image


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A picture with the bar chart beside it."""

    picture: Picture
    chart: Chart

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The heights as fractions of one, shape (n_bars,): divided by 100 where they are per cent."""
        return self.chart.heights / (100.0 if abs(self.chart.total - 100) < 100 * SUM_TOLERANCE else 1.0)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The pairs that were found, in the order they were shown, and what is missing, in sentences for the student."""

    pairs: tuple[Pair, ...]
    missing: tuple[str, ...] = ()


def bar_charts(figures: Sequence[Figure], n_bars: int) -> list[Chart]:
    """Return every bar chart of `n_bars` bars, upright or lying, in the order they were shown.

    Bars drawn by several calls into one plot, at different positions, are one chart; a histogram is none.
    """
    return [chart for figure in figures for axes in figure.plots for chart in _charts(figure, axes, n_bars)]


def images_beside_bars(figures: Sequence[Figure], count: int, n_bars: int) -> Pairs:
    """Return the pictures that stand beside a chart of `n_bars` bars that sum to one (or to 100 %).

    Beside means in the same figure, each picture with the nearest chart, or alone in a figure shown right before or
    after that of the chart. At least `count` are asked for; what is missing is said.
    """
    found = _within(figures, n_bars) + _across(figures, n_bars)
    order = {id(figure): number for number, figure in enumerate(figures)}
    found.sort(key=lambda pair: order[id(pair.picture.figure)])
    good = tuple(pair for pair in found if abs(float(pair.probabilities.sum()) - 1) <= SUM_TOLERANCE)
    missing = () if len(good) >= count else _missing(figures, found, len(good), count, n_bars)
    return Pairs(pairs=good, missing=missing)


def row_shown(image: Image, rows: ArrayLike, tolerance: float = PIXEL_TOLERANCE) -> int | None:
    """Return the index of the row, of `rows` of shape (n_samples, ...), that a picture shows, or None.

    Brightness and contrast do not matter: both are brought to 0..1, and dark and bright may be exchanged. Entries
    may differ by `tolerance`. A picture that was thinned is compared with rows thinned alike.
    """
    pixels, samples = image.array, np.asarray(rows)
    if not pixels.size or not samples.size or math.prod(samples.shape[1:]) != math.prod(image.shape):
        return None
    ours = _stretched(pixels.reshape(1, -1).astype(np.float64))
    worst = np.concatenate(
        [_distances(samples[begin : begin + N_AT_ONCE], image, ours) for begin in range(0, len(samples), N_AT_ONCE)]
    )  # (n_samples,)
    return int(np.argmin(worst)) if worst.min() <= tolerance else None


# --- finding --------------------------------------------------------------------------------------------------


def _charts(figure: Figure, axes: Axes, n_bars: int) -> list[Chart]:
    groups = [group for group in axes.bars if not group.touching]
    found = [group for group in groups if group.n == len(group.heights) == n_bars]
    if not found and len(groups) > 1 and (joined := _joined(groups, n_bars)):
        found = [joined]
    return [Chart(figure=figure, axes=axes, heights=bars.in_order(), names=_names(axes, bars)) for bars in found]


def _joined(groups: Sequence[Bars], n_bars: int) -> Bars | None:
    """Return the bars of several calls as one; None where they are not `n_bars` side by side."""
    positions = [position for group in groups for position in group.positions]
    if len(positions) != n_bars or len(set(positions)) != n_bars or len({group.horizontal for group in groups}) > 1:
        return None
    return Bars(
        n=n_bars,
        horizontal=groups[0].horizontal,
        positions=tuple(positions),
        heights=tuple(height for group in groups for height in group.heights),
        bases=tuple(base for group in groups for base in group.bases),
        widths=tuple(width for group in groups for width in group.widths),
    )


def _names(axes: Axes, bars: Bars) -> tuple[str, ...]:
    """Return the names of the bars in order, where the axis has one for each."""
    named = dict(axes.yticks if bars.horizontal else axes.xticks)
    found = [named.get(position, "") for position in sorted(bars.positions)]
    return tuple(found) if all(found) else ()


def _pictures(figure: Figure) -> list[Picture]:
    return [
        Picture(figure=figure, axes=axes, image=image)
        for axes in figure.plots
        for image in axes.images
        if len(image.shape) >= 2 and min(image.shape[:2]) > 1
    ]


def _within(figures: Sequence[Figure], n_bars: int) -> list[Pair]:
    """Return each picture with the nearest chart of its own figure; every chart is used once."""
    pairs: list[Pair] = []
    for figure in figures:
        pictures, charts = _pictures(figure), bar_charts([figure], n_bars)
        near = sorted(
            (round(_distance(picture.axes, chart.axes), 3), i, j)
            for i, picture in enumerate(pictures)
            for j, chart in enumerate(charts)
        )
        chosen: dict[int, int] = {}
        for _, i, j in near:
            if i not in chosen and j not in chosen.values():
                chosen[i] = j
        pairs += [Pair(picture=pictures[i], chart=charts[j]) for i, j in sorted(chosen.items())]
    return pairs


def _across(figures: Sequence[Figure], n_bars: int) -> list[Pair]:
    """Return pictures alone in a figure with charts alone in the figure right after, or right before."""
    alone = [(_pictures(figure), bar_charts([figure], n_bars)) for figure in figures]
    pairs: list[Pair] = []
    number = 0
    while number + 1 < len(alone):
        (pictures, charts), (next_pictures, next_charts) = alone[number], alone[number + 1]
        sizes = (len(pictures), len(charts), len(next_pictures), len(next_charts))
        if sizes in {(1, 0, 0, 1), (0, 1, 1, 0)}:
            pairs.append(Pair(picture=(pictures or next_pictures)[0], chart=(charts or next_charts)[0]))
            number += 1
        number += 1
    return pairs


def _missing(figures: Sequence[Figure], found: Sequence[Pair], n_good: int, count: int, n_bars: int) -> tuple[str, ...]:
    """Say what is missing for `count` pictures beside bars."""
    if not figures:
        return ("Your notebook shows no figure.",)
    if n_good < len(found):
        wrong = next(pair for pair in found if abs(float(pair.probabilities.sum()) - 1) > SUM_TOLERANCE)
        return (f"{len(found) - n_good} of your bar charts sum to {wrong.chart.total:.4g}, not to one.",)
    n_pictures = sum(len(_pictures(figure)) for figure in figures)
    charts = bar_charts(figures, n_bars)
    said = []
    if n_pictures < count:
        said.append(f"{_counted(n_pictures, 'picture')} where {count} are asked for.")
    if len(charts) < count:
        said.append(f"{_counted(len(charts), 'bar chart')} with {n_bars} bars where {count} are asked for.")
        said += _other_charts(figures, n_bars)
    return tuple(said) or (
        f"Only {n_good} of {count} pictures stand beside a bar chart: show each in one figure with its own chart.",
    )


def _other_charts(figures: Sequence[Figure], n_bars: int) -> list[str]:
    sizes = sorted(
        {bars.n for figure in figures for axes in figure.plots for bars in axes.bars if not bars.touching} - {n_bars}
    )
    return [f"There are bar charts with {', '.join(map(str, sizes[:5]))} bars."] if sizes else []


def _counted(n: int, noun: str) -> str:
    return f"Your notebook shows {f'only {n}' if n else 'no'} {noun}{'s' if n > 1 else ''}"


# --- numbers --------------------------------------------------------------------------------------------------


def _distance(one: Axes, other: Axes) -> float:
    """Return how far apart the centres of two plots are, in fractions of the figure."""
    (x, y), (u, v) = ((left + width / 2, low + height / 2) for left, low, width, height in (one.box, other.box))
    return math.hypot(x - u, y - v)


def _distances(samples: NDArray[Any], image: Image, ours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each row is from the stretched pixels `ours`, or from their negative, shape (n_samples,)."""
    thinned = samples.reshape(-1, *image.shape)[:, :: image.step, :: image.step].reshape(len(samples), -1)
    theirs = _stretched(thinned.astype(np.float64))  # (n_samples, n_pixels)
    same, negative = (np.max(np.abs(theirs - wanted), axis=1) for wanted in (ours, 1 - ours))
    worst: NDArray[np.float64] = np.minimum(same, negative)
    return np.where(np.isnan(worst), np.inf, worst)


def _stretched(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows, shape (n, n_pixels), brought to 0..1 each; a row of one value becomes 0."""
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    return (rows - low) / np.where(high > low, high - low, 1.0)  # type: ignore[no-any-return]
