"""Questions about lines: which one shows given values, and whether a plot of the losses is all it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grader.plots.records import Axes, Curve, Entry, Figure
from grader.plots.words import EPOCH, LOSS, TRAINING, VALIDATION, mentions
from grader.results import Curves, Series

Values = NDArray[np.float64]
TOLERANCE = 1e-6
MIN_PART = 2  # so many equal values in a row are a part of a curve, when they are half of it or more
MAX_SHOWN = 500


@dataclass(frozen=True, kw_only=True)
class Found:
    """A curve and where it is."""

    figure: Figure
    axes: Axes
    curve: Curve


def all_curves(figures: Sequence[Figure]) -> Iterator[Found]:
    """Yield every line and all dots of all figures, in the order they were shown."""
    for figure in figures:
        for axes in figure.plots:
            for curve in axes.curves:
                yield Found(figure=figure, axes=axes, curve=curve)


def curve_of(figures: Sequence[Figure], values: ArrayLike, tolerance: float = TOLERANCE) -> Found | None:
    """Return the last curve whose y are `values`, shape (n,), or None.

    They agree within `tolerance` times the largest of the values; NaN agrees with NaN. Of a curve that was thinned
    the points that were kept are compared, and their true number.
    """
    wanted = _values(values)
    found = [found for found in all_curves(figures) if shows(found.curve, wanted, tolerance)]
    return found[-1] if found else None


def shows(curve: Curve, values: ArrayLike, tolerance: float = TOLERANCE) -> bool:
    """Tell whether the y of a curve are `values`, as `curve_of` does."""
    wanted = _values(values)
    return curve.n == len(wanted) > 0 and _agree(np.array(curve.y), wanted[:: curve.step], wanted, tolerance)


def label_of(found: Found) -> str:
    """Return what names a curve: its entry in the legend (by colour, style and marker), else its own label."""
    label = found.curve.label.strip()
    own = "" if label.startswith("_") else label
    entries = found.figure.legend_of(found.axes)
    if any(entry.text.strip() == own for entry in entries):
        return own
    entry = _entry(found, entries)
    return entry.text.strip() if entry is not None else own


def as_evidence(axes: Axes, figure: Figure, title: str) -> Curves:
    """Return the curves of a plot for the report, each thinned to 500 points; points that are not finite are left out.

    Colours and styles are the report's own.
    """
    named = [(label_of(Found(figure=figure, axes=axes, curve=curve)), curve) for curve in axes.curves]
    return Curves(
        title=title,
        x_label=figure.label_of(axes, "x"),
        y_label=figure.label_of(axes, "y"),
        series=tuple(_series(name or f"line {number}", curve) for number, (name, curve) in enumerate(named, 1)),
        description=f"{len(named)} lines, as drawn in the notebook",
    )


# --- training and validation loss -----------------------------------------------------------------------------


def loss_curves(
    figures: Sequence[Figure],
    history: Mapping[str, ArrayLike],
    *,
    training: str = "loss",
    validation: str = "val_loss",
    tolerance: float = TOLERANCE,
) -> list[str]:
    """Return what is missing in the best plot of training and validation loss, in sentences for the student.

    Asked for is one plot with a line for each, equal to `history[training]` and `history[validation]` (shape
    (n_epochs,)), against the epochs, with both axes labelled, and not the wrong way round, and a legend for both.
    Labels may be in any language. The list is empty when nothing is missing.
    """
    wanted = {name: _values(history[name]) for name in (training, validation)}
    plots = _plots_with(figures, wanted, tolerance)
    if not plots:
        return _what_there_is(figures, history, (training, validation), tolerance)
    return min((_complaints(*plot) for plot in plots), key=len)


def loss_plot(
    figures: Sequence[Figure],
    history: Mapping[str, ArrayLike],
    *,
    training: str = "loss",
    validation: str = "val_loss",
    tolerance: float = TOLERANCE,
) -> tuple[Found, Found] | None:
    """Return the curves of training and validation loss in the plot `loss_curves` judges; None where there is none."""
    plots = _plots_with(figures, {name: _values(history[name]) for name in (training, validation)}, tolerance)
    return min(plots, key=lambda plot: len(_complaints(*plot))) if plots else None


def _plots_with(figures: Sequence[Figure], wanted: dict[str, Values], tolerance: float) -> list[tuple[Found, Found]]:
    """Return (training, validation) for every plot, or twin plots in one place, that has both; the last shown first."""
    one, other = (
        [found for found in all_curves(figures) if shows(found.curve, values, tolerance)] for values in wanted.values()
    )
    return [
        (first, second)
        for first in reversed(one)
        for second in other
        if first.curve is not second.curve and first.figure is second.figure and first.axes.box == second.axes.box
    ]


def _complaints(training: Found, validation: Found) -> list[str]:
    said = _epochs(training) or _epochs(validation)
    return [*said, *_labels(training), *_legend(training, validation)]


def _epochs(found: Found) -> list[str]:
    """Say when x does not count epochs: whole steps of one, from wherever."""
    if _counts(found.curve):
        return []
    return [
        f"The horizontal axis does not count epochs: your points lie at {_few(np.array(found.curve.x))}. "
        "Plot the losses against 1, 2, 3, … (or 0, 1, 2, …)."
    ]


def _counts(curve: Curve) -> bool:
    """Tell whether x goes up by one from point to point."""
    return bool(np.allclose(np.diff(curve.x), curve.step, rtol=0, atol=1e-6))


def _labels(found: Found) -> list[str]:
    x, y = (found.figure.label_of(found.axes, letter) for letter in ("x", "y"))
    missing = [name for name, label in (("horizontal", x), ("vertical", y)) if not label]
    if len(missing) == 2:
        return ["The axes have no labels: say what is plotted against what, such as epoch and loss."]
    if missing:
        what = "epochs" if missing == ["horizontal"] else "the loss"
        return [f"The {missing[0]} axis has no label: it shows {what}."]
    return [f"The labels of the axes are swapped: {x!r} stands below, where the epochs are."] if _swapped(x, y) else []


def _swapped(x: str, y: str) -> bool:
    """Tell whether labels are on the wrong axes, as far as their words are known."""
    x_epoch, x_loss, y_epoch, y_loss = (mentions(text, words) for text in (x, y) for words in (EPOCH, LOSS))
    return (x_loss and not x_epoch and not y_loss) or (y_epoch and not y_loss and not x_epoch)


def _legend(training: Found, validation: Found) -> list[str]:
    entries = training.figure.legend_of(training.axes)
    if not entries:
        return ["There is no legend: nobody can tell the two lines apart. Give each a label and call plt.legend()."]
    if len(entries) < 2:
        return [f"The legend names only one line ({entries[0].text!r}); there are two."]
    first, second = label_of(training), label_of(validation)
    wrong = _says(first, VALIDATION, TRAINING) and not mentions(second, VALIDATION)
    wrong = wrong or (_says(second, TRAINING, VALIDATION) and not mentions(first, TRAINING))
    return [f"The legend is swapped: {first!r} stands at the training loss."] if wrong else []


def _says(label: str, words: str, not_these: str) -> bool:
    return mentions(label, words) and not mentions(label, not_these)


def _entry(found: Found, entries: Sequence[Entry]) -> Entry | None:
    """Return the legend entry that looks like a curve; by colour alone where styles do not decide."""
    curve = found.curve
    looks = [entry for entry in entries if (entry.colour, entry.style) == (curve.colour, curve.style)]
    exact = [entry for entry in looks if entry.marker == curve.marker]
    colour = [entry for entry in entries if entry.colour and entry.colour == curve.colour]
    return next((same[0] for same in (exact, looks, colour) if len(same) == 1), None)


# --- what there is instead ------------------------------------------------------------------------------------


def _what_there_is(
    figures: Sequence[Figure], history: Mapping[str, ArrayLike], names: tuple[str, str], tolerance: float
) -> list[str]:
    """Say what comes closest to a plot of the losses."""
    if not figures:
        return ["Your notebook shows no figure."]
    if not any(True for _ in all_curves(figures)):
        return ["None of your figures shows a line."]
    said = []
    for name, what in zip(names, ("training", "validation"), strict=True):
        if curve_of(figures, history[name], tolerance) is None:
            said.append(_instead(figures, history, name, what, tolerance))
    return said or ["Training and validation loss are in different plots: draw both into one, so that they compare."]


def _instead(
    figures: Sequence[Figure], history: Mapping[str, ArrayLike], name: str, what: str, tolerance: float
) -> str:
    wanted = _values(history[name])
    missing = f"No line shows the {what} loss `{name}` of the training you ran last"
    if any(_lies(found.curve, wanted, tolerance) for found in all_curves(figures)):
        return f"Your plot of the {what} loss lies on its side: epochs belong on the horizontal axis."
    for found in all_curves(figures):
        if begin := _part(found.curve, wanted, tolerance):
            return (
                f"Your line of the {what} loss shows {found.curve.n} of {len(wanted)} epochs, from number {begin} on."
            )
    others = [key for key, values in history.items() if key != name and "loss" not in key]
    drawn = [key for key in others if curve_of(figures, history[key], tolerance) is not None]
    return f"{missing}; there is one that shows `{drawn[0]}`." if drawn else f"{missing}."


def _lies(curve: Curve, wanted: Values, tolerance: float) -> bool:
    """Tell whether the x of a curve are the values, and its y count epochs."""
    turned = curve.model_copy(update={"x": curve.y, "y": curve.x})
    return len(wanted) > 1 and _counts(turned) and shows(turned, wanted, tolerance)


def _part(curve: Curve, wanted: Values, tolerance: float) -> int | None:
    """Return from which epoch on, counted from 1, a curve shows at least half of the values, but not all."""
    y = np.array(curve.y)
    if not curve.complete or not max(MIN_PART, len(wanted) / 2) <= len(y) < len(wanted):
        return None
    begins = range(len(wanted) - len(y) + 1)
    return next((k + 1 for k in begins if _agree(y, wanted[k : k + len(y)], wanted, tolerance)), None)


# --- numbers --------------------------------------------------------------------------------------------------


def _values(values: ArrayLike) -> Values:
    return np.asarray(values, dtype=np.float64).ravel()


def _agree(got: Values, want: Values, scale: Values, tolerance: float) -> bool:
    """Tell whether two arrays agree within `tolerance` times the largest finite entry of `scale`."""
    finite = np.abs(scale[np.isfinite(scale)])
    atol = tolerance * (float(finite.max()) if finite.size else 1.0)
    return got.shape == want.shape and bool(np.allclose(got, want, rtol=0, atol=atol, equal_nan=True))


def _few(x: Values) -> str:
    shown = [f"{value:.4g}" for value in x[:3]]
    return ", ".join(shown) + (", …" if len(x) > 3 else "")


def _series(name: str, curve: Curve) -> Series:
    x, y = np.array(curve.x), np.array(curve.y)
    kept = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    kept = kept[:: max(1, -(-len(kept) // MAX_SHOWN))]
    return Series(name=name, x=tuple(x[kept].tolist()), y=tuple(y[kept].tolist()))
