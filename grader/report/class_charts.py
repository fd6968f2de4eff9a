"""The charts of a class as inline SVG in the page's own colours, each with its text alternative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from grader.report.class_statistics import ORDER, SHARED, STATUS_WORDS, QuestionTally, Spread, Tally
from grader.report.pictures import FAINT, INK, LINES, figure_of, svg
from grader.report.words import inline, points

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 4.9  # inches: on a phone its letters are still large enough to read
CARD = "#070801"
STAND_INS = {key: f"#07090{place}" for place, key in enumerate(ORDER, 1)}
COLOURS = {CARD: "var(--paper)"} | {colour: f"var(--is-{key.replace('_', '-')})" for key, colour in STAND_INS.items()}
BECAME = {key: STATUS_WORDS[key] for key in SHARED} | {"passed": "earned", "failed": "lost"}


def scores_chart(counts: Sequence[int], top: float, unit: str, spread: Spread, name: str) -> Markup | None:
    """Return the histogram of the scores, with their quartiles."""
    words = scores_in_words(counts, top, unit, spread)
    return _coloured(svg(lambda: _histogram(counts, top, unit, spread), name, "Distribution of scores", words))


def scores_in_words(counts: Sequence[int], top: float, unit: str, spread: Spread) -> str:
    """Return the histogram in a sentence or two."""
    most = max(range(len(counts)), key=lambda place: counts[place])
    low, high = edges(top, len(counts))[most]
    return (
        f"The highest bar has {counts[most]} of {spread.count} submissions, from {points(low)} to {points(high)} "
        f"{unit}. Half of all lie between {tenths(spread.first)} and {tenths(spread.third)}; the median is "
        f"{tenths(spread.median)}, the lowest {tenths(spread.low)}, the highest {tenths(spread.high)}."
    )


def tenths(value: float) -> str:
    """Return a figure with one decimal at most."""
    return points(round(value, 1))


def edges(top: float, bins: int) -> list[tuple[float, float]]:
    """Return from where to where each bar of a histogram goes."""
    return [(top * place / bins, top * (place + 1) / bins) for place in range(bins)]


def questions_chart(tallies: Sequence[QuestionTally], name: str) -> Markup | None:
    """Return a bar for each question, divided by what became of its points."""
    return _coloured(svg(lambda: _bars(tallies), name, "What became of each question's points", in_words(tallies)))


def in_words(tallies: Sequence[QuestionTally]) -> str:
    """Return the bars in words, such as 'Q1: 62 % earned, 38 % lost.'"""
    return " ".join(
        f"{inline(tally.id).upper()}: "
        + ", ".join(f"{100 * share:.0f} % {BECAME[key]}" for key, share in tally.shares.items() if share > 0)
        + "."
        for tally in tallies
    )


def counted(tally: Tally) -> str:
    """Return what a question or check came to, in words."""
    return ", ".join(f"{count} {STATUS_WORDS[key]}" for key, count in tally.counts.items() if count)


def _coloured(drawing: Markup | None) -> Markup | None:
    if drawing is None:
        return None
    text = str(drawing)
    for stand_in, own in COLOURS.items():
        text = text.replace(stand_in, own)
    return Markup(text)  # noqa: S704 - it was Markup, and only colours changed


def _histogram(counts: Sequence[int], top: float, unit: str, spread: Spread) -> Figure:
    from matplotlib.ticker import MaxNLocator

    figure, axes = figure_of(WIDTH, 2.5)
    width = top / len(counts)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axvspan(spread.first, spread.third, color=FAINT, alpha=0.45, linewidth=0)
    axes.bar(
        [low for low, _ in edges(top, len(counts))],
        list(counts),
        width=width,
        align="edge",
        color=LINES[0],
        edgecolor=CARD,
        linewidth=1.5,
    )
    axes.axvline(spread.median, color=INK, linewidth=1.4, linestyle=(0, (4, 2)))
    label = f"median {tenths(spread.median)}"
    side = "right" if spread.median > top / 2 else "left"
    axes.annotate(
        label, (spread.median, 1.0), xycoords=("data", "axes fraction"), ha=side, va="bottom", fontsize=10, color=INK
    )
    axes.set_xlim(0, top)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.set_xlabel(unit)
    axes.set_ylabel("submissions")
    return figure


def _bars(tallies: Sequence[QuestionTally]) -> Figure:
    import matplotlib

    figure, axes = figure_of(WIDTH, 0.45 + 0.36 * len(tallies))
    with matplotlib.rc_context({"hatch.color": CARD, "hatch.linewidth": 1.0}):
        for place, tally in enumerate(tallies):
            start = 0.0
            for key, share in tally.shares.items():
                hatch = "////" if key == "failed" else None  # as on the page: earned and lost not by colour alone
                colour = STAND_INS[key]
                axes.barh(place, 100 * share, 0.68, start, color=colour, edgecolor=CARD, linewidth=1, hatch=hatch)
                start += 100 * share
    axes.set_yticks(range(len(tallies)), [f"{inline(tally.id).upper()[:12]} " for tally in tallies], parse_math=False)
    axes.set_ylim(len(tallies) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.spines[["left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("% of the points")
    return figure
