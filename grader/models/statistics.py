"""Accuracy with its uncertainty: how sure is a figure counted on n images, and is one model better than another?

Everything is decided in the student's favour: a figure is refused only where the images show, with a chance of at most
`alpha` to be wrong, that it is below the bar.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from grader.compare.distributions import binomial_at_least
from grader.models.structure import Array

ALPHA = 0.01
SAFETY = 0.9  # the intervals are approximate: counted out, they fail up to 1.07 times as often as they say


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """`right` of `n` images, and the interval (low, high) that holds the true accuracy with the asked confidence."""

    right: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The fraction that is right."""
        return self.right / self.n

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.right} of {self.n}; {self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A threshold relative to a reference: `reaches` decides, `value` is the accuracy below which one is refused."""

    reaches: bool
    value: float
    student: Accuracy
    reference: Accuracy
    margin: float


class Claim(StrEnum):
    """What the images say to "A is better than B"."""

    SHOWN = "shown"
    OPEN = "not decided by these images"
    REFUTED = "refuted"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models on the same images: how many only A, and only B, has right, and what that says."""

    only_a: int
    only_b: int
    p_better: float
    p_worse: float
    claim: Claim


def count_right(probabilities: Array, labels: Array) -> Array:
    """Return which rows are right, of shape (n,).

    `probabilities` has shape (n, classes), or (n,) or (n, 1) for two classes (then above 1/2 is class 1); `labels` are
    integers of shape (n,) or (n, 1), or one-hot of shape (n, classes). Rows with NaN are wrong. ValueError where the
    numbers of rows differ.
    """
    p, y = np.asarray(probabilities), np.asarray(labels)
    if y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(axis=1)
    y = y.reshape(-1)
    if p.ndim == 2 and p.shape[1] == 1:
        p = p[:, 0]
    if len(p) != len(y) or p.ndim not in (1, 2):
        raise ValueError(f"predictions of shape {p.shape} for labels of shape {np.shape(labels)}")
    guess = p > 0.5 if p.ndim == 1 else p.argmax(axis=1)
    known = np.isfinite(p) if p.ndim == 1 else np.isfinite(p).all(axis=1)
    return np.asarray((guess == y) & known)


def accuracy(right: int, n: int, confidence: float = 0.95) -> Accuracy:
    """Return right / n with the score interval of Wilson (J. Am. Stat. Assoc. 22, 1927)."""
    low, high = wilson(right, n, NormalDist().inv_cdf(0.5 + confidence / 2))
    return Accuracy(right=right, n=n, low=low, high=high)


def wilson(right: int, n: int, z: float) -> tuple[float, float]:
    """Return Wilson's interval, all p with |right/n − p| ≤ z √(p (1 − p) / n); ValueError unless right is in 0..n."""
    if not 0 <= right <= n or n < 1:
        raise ValueError(f"{right} right of {n}")
    p = right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (0.0 if right == 0 else max(middle - half, 0.0)), (1.0 if right == n else min(middle + half, 1.0))


def reaches(
    right: int,
    n: int,
    reference: tuple[int, int],
    *,
    margin: float = 0.0,
    seed_spread: float = 0.0,
    alpha: float = ALPHA,
) -> Bar:
    """Tell whether an accuracy of right / n is compatible with the reference's minus `margin`.

    `reference` is (right, n) of the reference, trained on the same data with the same budget; `seed_spread` the
    standard deviation of its true accuracy from seed to seed, which the student's model has too. Refused is whoever's
    upper limit for the difference lies below −margin. The limits are Newcombe's (Statist. Med. 17, 1998, method 10:
    those of two Wilson intervals, square-and-add), with the spread of the two seeds as a third square. Somebody as good
    as the reference minus the margin is refused with a chance of at most `alpha` where the images differ, and of less
    where both were counted on the same images, since their errors then rise and fall together.
    """
    z = NormalDist().inv_cdf(1 - SAFETY * alpha)
    reference_right, reference_n = reference
    student_high, reference_low = wilson(right, n, z)[1], wilson(reference_right, reference_n, z)[0]
    p, q = right / n, reference_right / reference_n
    slack = math.sqrt((student_high - p) ** 2 + (q - reference_low) ** 2 + 2 * (z * seed_spread) ** 2)
    return Bar(
        reaches=p - q + slack >= -margin,
        value=_lowest(n, q, reference_low, margin, z, seed_spread) / n,
        student=accuracy(right, n),
        reference=accuracy(reference_right, reference_n),
        margin=margin,
    )


def compare(right_a: Array, right_b: Array, *, alpha: float = ALPHA, seed_spread: float = 0.0) -> Comparison:
    """Test "A is better than B" on the same images, of which each has the `right_…` ones right, of shape (n,).

    McNemar's test in its exact form: of the images only one of them has right, each is A's with a chance of 1/2 if they
    are equally good (McNemar, Psychometrika 12, 1947; the exact binomial form as in Agresti, Categorical Data Analysis,
    section 11.1). The claim is shown, or refuted, where equally good models give such a count with a chance of at
    most `alpha`; in between the images do not decide. ValueError where the numbers of images differ.

    That is about these two models. Where the claim is about how they are built, luck with the seeds is not held against
    it: `seed_spread` is the standard deviation of the difference of their true accuracies from seed to seed, and the
    difference has to exceed what images and seeds together explain (as normal variables whose variances add up).
    """
    a, b = np.asarray(right_a, bool).reshape(-1), np.asarray(right_b, bool).reshape(-1)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} and {b.size} images")
    only_a, only_b = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    better, worse = (binomial_at_least(k, only_a + only_b, 0.5) for k in (only_a, only_b))
    n_apart, n = only_a - only_b, max(a.size, 1)
    deviation = math.sqrt(only_a + only_b + (n * seed_spread) ** 2)  # of n_apart, if both are equally good
    beyond = not seed_spread or abs(n_apart) > NormalDist().inv_cdf(1 - SAFETY * alpha) * deviation
    decided = Claim.SHOWN if better <= alpha else Claim.REFUTED if worse <= alpha else Claim.OPEN
    claim = decided if beyond else Claim.OPEN
    return Comparison(only_a=only_a, only_b=only_b, p_better=better, p_worse=worse, claim=claim)


def _lowest(n: int, q: float, reference_low: float, margin: float, z: float, spread: float) -> int:
    """Return the smallest number right of n that still reaches the bar, by bisection."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        p = middle / n
        slack = math.sqrt((wilson(middle, n, z)[1] - p) ** 2 + (q - reference_low) ** 2 + 2 * (z * spread) ** 2)
        low, high = (low, middle) if p - q + slack >= -margin else (middle + 1, high)
    return low
