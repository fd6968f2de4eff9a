"""Heat maps and curves as inline SVG that follows the page: its text colour, its dark mode, its fonts.

Matplotlib draws with stand-in colours, which are then replaced by the page's own. The same evidence gives the same
bytes.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from grader.report.words import inline
from grader.results import Curves, Heatmap, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#010203"
FAINT = "#040506"
LINES = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05", "#0a0b06")
DASHES = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)), (0, (8, 2)), (0, (3, 3)))
MARKERS = ("o", "s", "^", "D", "v", "X")
COLOURS = {INK: "currentColor", FAINT: "var(--line)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(LINES, 1)
}
MAX_POINTS = 600
NUMBERED = 8  # a matrix up to this size shows its numbers
WRAPPING = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", re.DOTALL
)
SIZE = re.compile(r'<svg[^>]*?viewBox="([^"]+)"[^>]*>')
IDS = re.compile(r'(\bid="|url\(#|href="#)')
FONT = re.compile(r"font(-family)?: ?([^;\"]*?)'?DejaVu Sans'?[^;\"]*")
BLANKS = re.compile(r">\s+<")
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "path.simplify": True,
    "hatch.linewidth": 0.6,
    **dict.fromkeys(
        ("hatch.color", "text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.edgecolor"), INK
    ),
}


def picture(evidence: Heatmap | Curves, name: str) -> Markup | None:
    """Return evidence as SVG whose ids begin with `name`, or None where there is nothing that can be drawn."""
    if isinstance(evidence, Heatmap):
        if not evidence.values or len({len(row) for row in evidence.values}) != 1 or not evidence.values[0]:
            return None
        return _drawn(_heatmap, evidence, name)
    if not any(map(_finite, evidence.series)):
        return None
    return _drawn(_curves, evidence, name)


def in_words(evidence: Heatmap | Curves) -> str:
    """Return the picture in words: the author's description, else what can be read off; and what is not drawn."""
    said = evidence.description or (
        _heatmap_in_words(evidence) if isinstance(evidence, Heatmap) else _curves_in_words(evidence)
    )
    return " ".join(filter(None, (said, _not_drawn(evidence))))


def _heatmap_in_words(evidence: Heatmap) -> str:
    numbers = [number for row in evidence.values for number in row if math.isfinite(number)]
    size = f"A matrix of {len(evidence.values)} × {len(evidence.values[0]) if evidence.values else 0}"
    return f"{size}, from {min(numbers):.3g} to {max(numbers):.3g}." if numbers else f"{size}."


def _curves_in_words(evidence: Curves) -> str:
    ends = [
        f"{inline(series.name)} goes from {points[0][1]:.3g} to {points[-1][1]:.3g}"
        for series in evidence.series[: len(LINES)]
        if (points := _finite(series))
    ]
    return f"{inline(evidence.y_label)} against {inline(evidence.x_label)}: {'; '.join(ends)}." if ends else ""


def _not_drawn(evidence: Heatmap | Curves) -> str:
    if isinstance(evidence, Heatmap):
        bad = sum(not math.isfinite(number) for row in evidence.values for number in row)
        return f"{bad} of the values {'is' if bad == 1 else 'are'} not finite (hatched)." if bad else ""
    bad = sum(len(series.y) - len(_finite(series)) for series in evidence.series)
    lost = len(evidence.series) - len(LINES)
    cut = f"Only the first {len(LINES)} of {len(evidence.series)} lines are drawn." if lost > 0 else ""
    gap = f"{bad} point{'' if bad == 1 else 's'} not finite and left out." if bad else ""
    return " ".join(filter(None, (cut, gap)))


def _drawn(draw: Callable[[Any], Figure], evidence: Heatmap | Curves, name: str) -> Markup | None:
    return svg(lambda: draw(evidence), name, evidence.title, in_words(evidence))


def svg(draw: Callable[[], Figure], name: str, title: str, words: str) -> Markup | None:
    """Return what `draw` draws as SVG with a title and a description; None when its numbers fit on no axis."""
    import matplotlib  # here, because it takes longer than all the rest of a report

    written = StringIO()
    try:
        with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # glyphs its own font lacks: the reader's browser has them
            nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            draw().savefig(written, format="svg", transparent=True, bbox_inches="tight", metadata=nothing)
    except (ValueError, OverflowError, ArithmeticError):
        return None  # numbers no axis can hold
    return _adapted(written.getvalue(), name, title, words)


def _adapted(file: str, name: str, title: str, words: str) -> Markup:
    """Turn Matplotlib's file into a part of the page."""
    file = BLANKS.sub("><", WRAPPING.sub("", file)).strip()
    file = IDS.sub(lambda found: f"{found[1]}{name}-", file)
    file = FONT.sub(lambda found: f"font{found[1] or ''}: {found[2]}system-ui, sans-serif", file)
    for colour, own in COLOURS.items():
        file = file.replace(colour, own)
    box = SIZE.search(file)
    inner = file[box.end() :] if box else file
    head = Markup(
        '<svg class="picture" xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width}" role="img" '
        'aria-labelledby="{name}-title {name}-words" stroke-linejoin="round" stroke-linecap="butt">'
        '<title id="{name}-title">{title}</title><desc id="{name}-words">{words}</desc>'
    ).format(
        box=box[1] if box else "0 0 1 1",
        width=round(float(box[1].split()[2]) * 4 / 3) if box else 1,
        name=name,
        title=inline(title),
        words=inline(words),
    )
    return head + Markup(inner)  # noqa: S704 - Matplotlib escapes what it writes


def figure_of(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure, in inches, in the way all of ours look."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=72)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3, width=0.6)
    return figure, axes


def _label(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(inline(x)[:80], parse_math=False)
    axes.set_ylabel(inline(y)[:80], parse_math=False)


def _heatmap(evidence: Heatmap) -> Figure:
    import numpy as np

    values = np.array(evidence.values, dtype=float)  # (rows, columns)
    rows, columns = values.shape
    shown = np.ma.masked_invalid(values)
    width = min(5.0, 2.2 + 0.45 * columns)
    figure, axes = figure_of(width, min(max(0.8 * width * rows / columns, 1.2), 0.7 + 0.45 * rows, 4.4))
    axes.patch.set(facecolor="none", edgecolor=INK, hatch="////", linewidth=0)
    image = axes.imshow(shown, interpolation="none", aspect="auto", **_scale(shown))
    axes.set_xticks(_ticks(columns))
    axes.set_yticks(_ticks(rows))
    axes.spines[:].set_visible(False)
    _label(axes, evidence.column_label, evidence.row_label)
    if max(rows, columns) <= NUMBERED:
        _write_numbers(axes, image, shown)
    bar = figure.colorbar(image, ax=axes, fraction=0.05, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=3, width=0.6)
    return figure


def _scale(values: Any) -> dict[str, Any]:
    """Return colours that mean something: two-sided about zero when there are both signs, else from low to high."""
    low, high = (float(values.min()), float(values.max())) if values.count() else (0.0, 1.0)
    if low < 0 < high:
        reach = max(-low, high)
        return {"cmap": "coolwarm", "vmin": -reach, "vmax": reach}
    return {"cmap": "viridis", "vmin": low, "vmax": high if high > low else low + 1}


def _ticks(count: int) -> Sequence[int]:
    step = max(1, math.ceil(count / 10))
    return range(0, count, step)


def _write_numbers(axes: Axes, image: Any, values: Any) -> None:
    for row, column in ((r, c) for r in range(values.shape[0]) for c in range(values.shape[1])):
        if values.mask is not False and values.mask.any() and values.mask[row, column]:
            continue
        red, green, blue, _ = image.cmap(image.norm(values[row, column]))
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        colour = "#ffffff" if dark else "#000000"
        axes.text(column, row, f"{values[row, column]:.2g}", ha="center", va="center", color=colour, fontsize=9)


def _curves(evidence: Curves) -> Figure:
    figure, axes = figure_of(6.4, 3.2)
    axes.grid(color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for number, series in enumerate(evidence.series[: len(LINES)]):
        _line(axes, series, number)
    _label(axes, evidence.x_label, evidence.y_label)
    if len(evidence.series) > 1:
        above = {"bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
        legend = axes.legend(loc="lower left", frameon=False, ncols=2, handlelength=3.2, **above)
        for text in legend.get_texts():
            text.set_parse_math(False)
    _whole_epochs(axes, evidence)
    return figure


def _line(axes: Axes, series: Series, number: int) -> None:
    points = _finite(series)
    points = points[:: max(1, math.ceil(len(points) / MAX_POINTS))]
    axes.plot(
        [x for x, _ in points],
        [y for _, y in points],
        label=f" {inline(series.name)[:40] or number + 1}",  # a leading underscore would hide it
        color=LINES[number],
        linestyle=DASHES[number],
        linewidth=1.8,
        marker=MARKERS[number] if len(points) <= 30 else "",
        markersize=4.5,
    )


def _whole_epochs(axes: Axes, evidence: Curves) -> None:
    """Put ticks on whole numbers only where x counts something."""
    from matplotlib.ticker import MaxNLocator

    if all(x == int(x) for series in evidence.series for x in series.x if math.isfinite(x)):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _finite(series: Series) -> list[tuple[float, float]]:
    return [(x, y) for x, y in zip(series.x, series.y, strict=False) if math.isfinite(x) and math.isfinite(y)]
