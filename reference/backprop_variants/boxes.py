"""Wrong boxes, and wrong sums of boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reference.backprop import Box, approximate, step
from reference.variants import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


@wrong(
    "box_network",
    "box-double-width",
    "the box is twice as wide",
    "Your box reaches from 0 to 2δ. The second neuron has to switch where x = δ: look at the sign and the size of "
    "its bias divided by its weight.",
)
def double_width(h: float, delta: float) -> Box:
    return _box(0.0, 2 * delta, h)


@wrong(
    "box_network",
    "box-centred",
    "the box is centred at 0",
    "Your box lies from -δ/2 to δ/2. The homework wants its left edge at 0 and its right edge at δ.",
)
def centred(h: float, delta: float) -> Box:
    return _box(-delta / 2, delta / 2, h)


@wrong(
    "box_network",
    "box-mirrored",
    "the box lies left of 0",
    "Your box lies from -δ to 0. A step neuron H(wx + b) switches at x = -b/w, so with w = 1 a switch at δ needs "
    "the bias -δ.",
)
def mirrored(h: float, delta: float) -> Box:
    return _box(-delta, 0.0, h)


@wrong(
    "box_network",
    "box-height-missing",
    "the height h is not used",
    "Your box is 1 high whatever h is. The height comes from the output neuron: its weights must depend on h.",
)
def height_missing(h: float, delta: float) -> Box:
    return _box(0.0, delta, 1.0)


@wrong(
    "box_network",
    "box-double-height",
    "the box is twice as high",
    "Inside the box both of your steps are on and add up to 2h. Either let the second step take away what the first "
    "one gave, or bring the outside and the inside down by h with the output bias.",
)
def double_height(h: float, delta: float) -> Box:
    return _box(0.0, delta, 2 * h)


@wrong(
    "box_network",
    "box-never-ends",
    "only one edge: the box never ends",
    "Your function goes up at 0 and stays up. The second neuron has to take the height away again from δ on.",
)
def never_ends(h: float, delta: float) -> Box:
    return (1.0, 0.0, 1.0, -delta, h, 0.0, 0.0)


@wrong(
    "box_network",
    "box-steps-added",
    "the second step adds instead of taking away",
    "After δ your function is 2h instead of 0: both steps count with the same sign. The output weight of the second "
    "step has to undo the first one.",
)
def steps_added(h: float, delta: float) -> Box:
    return (1.0, 0.0, 1.0, -delta, h, h, 0.0)


@wrong(
    "box_network",
    "box-upside-down",
    "the box is upside down",
    "Your function is -h inside the box. Swap the signs of the two output weights.",
)
def upside_down(h: float, delta: float) -> Box:
    return _box(0.0, delta, -h)


@wrong(
    "box_network",
    "box-inverted",
    "inside and outside are swapped",
    "Your function is h outside the interval and 0 inside. Check the direction in which each neuron switches, and "
    "the output bias.",
)
def inverted(h: float, delta: float) -> Box:
    return (1.0, 0.0, 1.0, -delta, -h, h, h)


@wrong(
    "box_network",
    "box-baseline-missing",
    "the output bias is missing",
    "Your two steps overlap inside the box (2h) and one of them is always on outside (h). The shape is right, but "
    "all of it is h too high: that is what the output bias is for.",
)
def baseline_missing(h: float, delta: float) -> Box:
    return (1.0, 0.0, -1.0, delta, h, h, 0.0)


@wrong(
    "approximate",
    "approximate-half-interval",
    "only the right half is covered",
    "Your boxes cover [0, B] only; left of 0 the sum is 0. Start the first box at -B.",
)
def half_interval(f: Callable[[float], float], B: float, n: int) -> Callable[[ArrayLike], Any]:
    edges = np.linspace(0.0, B, n + 1)
    return _sum_of_boxes(f, edges[:-1], edges[1:])


@wrong(
    "approximate",
    "approximate-without-shift",
    "all boxes stand in the same place",
    "Every box of yours begins at 0, so they pile up. Box number k must be moved to its own piece of the interval, "
    "by the biases of its two step neurons.",
)
def without_shift(f: Callable[[float], float], B: float, n: int) -> Callable[[ArrayLike], Any]:
    width = 2 * B / n
    heights = [float(f(-B + (k + 0.5) * width)) for k in range(n)]
    return lambda x: sum(heights) * (step(x) - step(np.asarray(x) - width))


@wrong(
    "approximate",
    "approximate-overlap",
    "neighbouring boxes overlap",
    "Each of your boxes is twice as wide as the distance to the next one, so two heights add up everywhere. The "
    "width of a box must be 2B/n.",
)
def overlap(f: Callable[[float], float], B: float, n: int) -> Callable[[ArrayLike], Any]:
    edges = np.linspace(-B, B, n + 1)
    return _sum_of_boxes(f, edges[:-1], edges[:-1] + 4 * B / n)


@wrong(
    "approximate",
    "approximate-gaps",
    "there are gaps between the boxes",
    "Your boxes are half as wide as the distance to the next one, so the sum falls to 0 between them. The interval "
    "is 2B long, so the width of a box must be 2B/n.",
)
def gaps(f: Callable[[float], float], B: float, n: int) -> Callable[[ArrayLike], Any]:
    edges = np.linspace(-B, B, n + 1)
    return _sum_of_boxes(f, edges[:-1], edges[:-1] + B / n)


@wrong(
    "approximate",
    "approximate-n-ignored",
    "the number of boxes is fixed",
    "Your approximation is the same for every n. The error can only fall when the boxes get narrower as n grows.",
)
def n_ignored(f: Callable[[float], float], B: float, n: int) -> Callable[[ArrayLike], Any]:
    return approximate(f, B, 10)


def _box(left: float, right: float, h: float) -> Box:
    return (1.0, -left, -1.0, right, h, h, -h)


def _sum_of_boxes(f: Callable[[float], float], left: Any, right: Any) -> Callable[[ArrayLike], Any]:
    middle = left + (left[1] - left[0]) / 2 if len(left) > 1 else (left + right) / 2
    heights = np.array([float(f(x)) for x in middle])  # (n,)

    def g(x: ArrayLike) -> Any:
        x = np.asarray(x, dtype=np.float64)[..., None]  # (..., 1)
        return (step(x - left) - step(x - right)) @ heights  # (...)

    return g


VARIANTS = catalogue.by_function()
