"""Comparing what came out of a student's kernel with what a reference gives: values in, values out.

Whatever a kernel sends, nothing here raises because of it: a comparison returns None when the answer agrees, else a
`Difference` that says in words what is wrong.
"""

from __future__ import annotations

from grader.compare.arrays import compare_arrays, compare_numbers, compare_probabilities
from grader.compare.difference import Difference
from grader.compare.gradients import central_differences, compare_gradients
from grader.compare.shapes import Aligned, align, as_label, one_hot
from grader.compare.show import show
from grader.compare.statistics import (
    at_least,
    binomial_interval,
    compare_mean,
    compare_variance,
    looks_normal,
)

__all__ = [
    "Aligned",
    "Difference",
    "align",
    "as_label",
    "at_least",
    "binomial_interval",
    "central_differences",
    "compare_arrays",
    "compare_gradients",
    "compare_mean",
    "compare_numbers",
    "compare_probabilities",
    "compare_variance",
    "looks_normal",
    "one_hot",
    "show",
]
