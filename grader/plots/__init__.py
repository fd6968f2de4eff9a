"""The figures a notebook showed, as data, and what checks ask about them."""

from grader.plots.beside import Chart, Pair, Pairs, Picture, bar_charts, images_beside_bars, row_shown
from grader.plots.curves import Found, all_curves, as_evidence, curve_of, label_of, loss_curves, loss_plot, shows
from grader.plots.reading import figures, read_figures
from grader.plots.records import Axes, Bars, Curve, Entry, Figure, Image

__all__ = [
    "Axes",
    "Bars",
    "Chart",
    "Curve",
    "Entry",
    "Figure",
    "Found",
    "Image",
    "Pair",
    "Pairs",
    "Picture",
    "all_curves",
    "as_evidence",
    "bar_charts",
    "curve_of",
    "figures",
    "images_beside_bars",
    "label_of",
    "loss_curves",
    "loss_plot",
    "read_figures",
    "row_shown",
    "shows",
]
