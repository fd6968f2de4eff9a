"""Question 1: three learning rates, their losses as numbers and as curves."""

import math

import numpy as np
import pytest
from vp_reading import read_losses

from grader.plots import as_evidence, curve_of, label_of
from grader.results import Table

MIN_CURVES, MIN_EPOCHS = 3, 5
CLEARLY_HIGH, CLEARLY_WORSE = 1.5, 1.15  # times the lowest loss at the end
CONTRAST_HINT = (
    "Go far: a factor of 10 or 100 between two learning rates. The smallest should hardly learn in the epochs you give "
    "it, the largest should jump over the minimum."
)


def asked_for(check):
    """Return the curves, at least three and long enough; fails the check otherwise."""
    curves = read_losses(check)
    rows = tuple((curve.name, f"{curve.losses[0]:.4g}", curve.ends, str(len(curve.losses))) for curve in curves)
    check.show(Table(title="Your losses", columns=("learning rate", "first", "last", "epochs"), rows=rows))
    rates = {curve.rate if curve.rate is not None else curve.name for curve in curves}
    if len(rates) < MIN_CURVES:
        check.fail(f"`losses` holds {len(rates)} learning rates; three are asked for: too small, good, too large.")
    short = [curve for curve in curves if len(curve.losses) < MIN_EPOCHS and math.isfinite(curve.last)]
    if short:
        n = len(short[0].losses)
        check.fail(
            f"The losses for {short[0].name} are {n} number{'s' if n > 1 else ''}; at least {MIN_EPOCHS} epochs "
            "are asked for, with one loss for each."
        )
    return curves


def ends_of(curves):
    """Say how the curves end."""
    return ", ".join(f"{curve.ends} ({curve.name})" for curve in curves)


@pytest.mark.check("q1", points=2.5, needs="losses", hint=CONTRAST_HINT)
def test_too_small_a_rate(check):
    """with the smallest learning rate the loss is still high at the end"""
    curves = asked_for(check)
    best = min(curve.last for curve in curves)
    if not math.isfinite(best):
        check.fail("No learning rate of yours is good: every loss ends at NaN or infinity.")
    if curves[0].last < best + (CLEARLY_HIGH - 1) * abs(best):
        check.fail(
            f"The losses end at {ends_of(curves)}. With {curves[0].name}, the smallest rate, training comes about as "
            "far as with the best: it is not too small."
        )


@pytest.mark.check("q1", points=2.5, needs="losses", hint=CONTRAST_HINT)
def test_too_large_a_rate(check):
    """with the largest learning rate the loss ends higher than with a good one, jumps about or runs away"""
    curves = asked_for(check)
    best = min(curves, key=lambda curve: curve.last)
    if best is curves[-1] and not best.jumps:
        check.fail(
            f"The losses end at {ends_of(curves)}. {best.name}, the largest rate, is the best of all: it is not too "
            "large."
        )
    largest = curves[-1]
    if largest.last < best.last + (CLEARLY_WORSE - 1) * abs(best.last) and not largest.jumps:
        check.fail(
            f"The losses end at {ends_of(curves)}. {largest.name}, the largest rate, does about as well as "
            f"{best.name}: it is not too large."
        )


def drawn(figures, curve):
    """Return the line that shows a curve; of one that runs away, its finite beginning will do."""
    finite = np.isfinite(curve.losses)
    begin = len(finite) if finite.all() else int(np.argmin(finite))
    parts = [curve.losses, *([curve.losses[:begin]] if 1 < begin < len(finite) else [])]
    with np.errstate(all="ignore"):
        ways = [way(part) for way in (np.asarray, np.log10, np.log) for part in parts]
    return next((found for values in ways if (found := curve_of(figures, values)) is not None), None)


def lines(check, figures):
    """Return the curves with the lines that show them (None where there is none), and show the plots."""
    pairs = [(curve, drawn(figures, curve)) for curve in read_losses(check)]
    for found in [found for _, found in pairs if found is not None]:
        check.show_figure(found.figure, title="Your plot")
    return pairs


@pytest.mark.check("q1", points=3, needs="losses", hint="for rate, curve in losses.items(): plt.plot(curve, …)")
def test_curves_are_plotted(check, figures):
    """the plotted curves are the numbers in `losses`"""
    pairs = lines(check, figures)
    if not figures:
        check.fail("Your notebook shows no figure.")
    missing = [curve.name for curve, found in pairs if found is None]
    if missing and len(pairs) - len(missing) < MIN_CURVES:
        check.fail(
            f"No line in your figures shows the losses of {', '.join(missing)} as they stand in `losses`, epoch for "
            "epoch. Was the cell with the plot run before the last training?"
        )


@pytest.mark.check(
    "q1",
    points=3,
    needs="losses",
    hint='plt.xlabel("epoch"), plt.ylabel("loss"), a label=… for every line, and plt.legend().',
)
def test_plot_can_be_read(check, figures):
    """both axes are labelled, and every curve says which learning rate it belongs to"""
    found = [line for _, line in lines(check, figures) if line is not None]
    if not found:
        check.fail("None of your figures shows the curves in `losses`, so there is nothing to read.")
    for line in found:
        letters = {"horizontal": "x", "vertical": "y"}
        bare = [name for name, letter in letters.items() if not line.figure.label_of(line.axes, letter)]
        if bare:
            check.show(as_evidence(line.axes, line.figure, "What you plotted"))
            check.fail(
                f"The {' and the '.join(bare)} axis of your plot {'has' if len(bare) == 1 else 'have'} no label."
            )
    names = [name_of(line) for line in found]
    if "" in names or len(set(names)) < len(names):
        check.fail(
            "Nobody can tell which curve belongs to which learning rate: give every line a label and call "
            "plt.legend(), or give every plot a title."
        )


def name_of(line):
    """Return what names a line for the reader: its entry in a legend, a text beside it, or its plot's title."""
    if line.figure.legend_of(line.axes):
        return label_of(line)
    if len(line.axes.curves) == 1:
        return line.axes.title.strip() or line.figure.title.strip() or " ".join(line.axes.texts)
    place = line.axes.curves.index(line.curve)
    return line.axes.texts[place] if len(line.axes.texts) >= len(line.axes.curves) else ""
