"""Judging random numbers, with a stated chance `alpha` of calling right ones wrong.

Samples are plain values of any shape; they are read as n independent draws.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from grader.compare.difference import Difference, named
from grader.compare.distributions import (
    binomial_at_least,
    binomial_at_most,
    bisect_probability,
    chi_square_quantile,
    chi_square_tails,
    student_t_two_sided,
)
from grader.compare.reading import Array, NotNumeric, as_array, to_float

ALPHA = 1e-6


def compare_variance(
    sample: object,
    want_variance: float,
    *,
    alpha: float = ALPHA,
    name: str = "",
    confusions: Mapping[str, float] | None = None,
) -> Difference | None:
    """Return None when draws of N(·, want_variance) may have the sample's variance.

    For normal draws Σ(x − x̄)² / v is χ² with n − 1 degrees of freedom, so the interval is exact. `confusions` gives
    variances that common mistakes lead to, as {sentence for the student: variance}; a variance that was passed for a
    standard deviation, the reverse, and unscaled draws are recognised without it.
    """
    numbers = _numbers(sample, 2)
    if isinstance(numbers, str):
        return Difference(reason=named(name, numbers), name=name)
    with np.errstate(all="ignore"):
        squares = float(np.sum(np.square(numbers - numbers.mean())))
    freedom = numbers.size - 1
    if _variance_fits(squares, freedom, want_variance, alpha):
        return None
    low, high = (want_variance * chi_square_quantile(p, freedom) / freedom for p in (alpha / 2, 1 - alpha / 2))
    variance = squares / freedom
    guesses = {**(confusions or {}), **_confusions(want_variance)}
    reason = next((text for text, v in guesses.items() if _variance_fits(squares, freedom, v, alpha)), "")
    reason = reason or f"The variance is too {'large' if variance > want_variance else 'small'}."
    return Difference(
        reason=named(name, "All numbers are the same." if squares == 0 else reason),
        detail=f"Variance {variance:.4g} of {numbers.size} numbers; {want_variance:.4g} is asked for, and right draws "
        f"give {low:.4g} to {high:.4g} (but for a chance of {alpha:g}).",
        got=variance,
        want=want_variance,
        error=abs(variance - want_variance) / want_variance,
        name=name,
    )


def compare_mean(
    sample: object, want_mean: float, variance: float | None = None, *, alpha: float = ALPHA, name: str = ""
) -> Difference | None:
    """Return None when normal draws with mean `want_mean` may have the sample's mean.

    With `variance` known, x̄ is normal; without, Student's t with n − 1 degrees of freedom is used. Both are exact.
    """
    numbers = _numbers(sample, 1 if variance is not None else 2)
    if isinstance(numbers, str):
        return Difference(reason=named(name, numbers), name=name)
    n = numbers.size
    with np.errstate(all="ignore"):
        mean = float(numbers.mean())
        spread = math.sqrt((float(numbers.var(ddof=1)) if variance is None else variance) / n)
    distance = (mean - want_mean) / spread if spread else math.copysign(math.inf, mean - want_mean)
    if mean == want_mean:
        return None
    chance = student_t_two_sided(distance, n - 1) if variance is None else math.erfc(abs(distance) / math.sqrt(2))
    if chance >= alpha:
        return None
    return Difference(
        reason=named(name, f"The mean is too {'large' if mean > want_mean else 'small'}."),
        detail=f"Mean {mean:.4g} of {n} numbers, {abs(distance):.3g} standard errors from {want_mean:.4g}.",
        got=mean,
        want=want_mean,
        error=abs(distance),
        name=name,
    )


def looks_normal(sample: object, variance: float, *, alpha: float = ALPHA, name: str = "") -> Difference | None:
    """Return None when the sample may be draws of N(0, variance).

    Two tests share `alpha`. The distance D of the empirical distribution function exceeds d with a chance of at most
    2 exp(−2 n d²) (Dvoretzky, Kiefer and Wolfowitz; the constant is Massart's, Ann. Probab. 18, 1990), for every n. The
    largest |x| stays below c with the chance (P(|X| ≤ c))ⁿ, which tells uniform and truncated draws apart long
    before D does (n of about 180 for uniform ones at alpha = 1e-6).
    """
    numbers = _numbers(sample, 1)
    if isinstance(numbers, str):
        return Difference(reason=named(name, numbers), name=name)
    ordered = np.sort(numbers.ravel()) / math.sqrt(variance)  # (n,)
    n = ordered.size
    distance, bound = _distance(ordered), math.sqrt(math.log(4 / alpha) / (2 * n))
    largest = float(np.max(np.abs(ordered)))
    low, high = _log_chances_of_largest(largest, n)
    if distance <= bound and min(low, high) >= math.log(alpha / 4):
        return None
    return Difference(
        reason=named(name, _unlike_normal(ordered, largest)),
        detail=f"Distance {distance:.3g} of the distribution functions, at most {bound:.3g} is plausible for n = {n}; "
        f"the largest |x| is {largest:.3g} standard deviations.",
        error=distance,
        name=name,
    )


def binomial_interval(k: int, n: int, alpha: float = ALPHA) -> tuple[float, float]:
    """Return the exact interval of Clopper and Pearson (1934) for a chance of which k of n draws are seen.

    It misses the true chance with a probability of at most `alpha`, half of it on each side.
    """
    low = 0.0 if k <= 0 else bisect_probability(lambda p: binomial_at_least(k, n, p) < alpha / 2)
    high = 1.0 if k >= n else bisect_probability(lambda p: binomial_at_most(k, n, p) >= alpha / 2)
    return low, high


def at_least(k: int, n: int, bar: float, alpha: float = ALPHA) -> bool:
    """Tell whether k right of n is compatible with a true accuracy of `bar` or more, in the student's favour.

    Somebody whose true accuracy is `bar` is refused with a chance below `alpha`.
    """
    return binomial_at_most(k, n, bar) >= alpha


def _numbers(sample: object, least: int) -> Array | str:
    """Return the sample as finite floats, or a sentence that says why not."""
    array = as_array(sample)
    if isinstance(array, NotNumeric):
        return array.reason
    numbers = to_float(array)
    if np.iscomplexobj(numbers):
        return "Complex numbers came back where real ones are asked for."
    if not np.all(np.isfinite(numbers)):
        return "Some of the numbers are NaN or infinite."
    return numbers if numbers.size >= least else "There are too few numbers to judge."


def _variance_fits(squares: float, freedom: int, variance: float, alpha: float) -> bool:
    return min(chi_square_tails(squares / variance, freedom)) >= alpha / 2


def _confusions(variance: float) -> dict[str, float]:
    return {
        "The standard deviation is what the variance should be: NumPy wants the standard deviation, take the root.": (
            variance**2
        ),
        "The variance is what the standard deviation should be: was the root taken twice?": math.sqrt(variance),
        "The numbers are not scaled at all: their variance is 1.": 1.0,
    }


def _distance(ordered: Array) -> float:
    """Return sup |F_n − Φ| of a sorted sample of shape (n,)."""
    n = ordered.size
    below = np.fromiter((math.erfc(-x / math.sqrt(2)) / 2 for x in ordered), dtype=float, count=n)  # (n,) Φ(x)
    steps = np.arange(n + 1) / n
    return float(max(np.max(steps[1:] - below), np.max(below - steps[:-1])))


def _log_chances_of_largest(largest: float, n: int) -> tuple[float, float]:
    """Return the logarithms of P(max |X| ≤ largest) and P(max |X| ≥ largest) for n standard normal draws."""
    outside = math.erfc(largest / math.sqrt(2))
    if outside >= 1:
        return -math.inf, 0.0
    below = n * math.log1p(-outside)
    above = -math.expm1(below)
    return below, math.log(above) if above > 0 else -math.inf


@np.errstate(over="ignore", invalid="ignore")  # huge numbers have an infinite spread
def _unlike_normal(ordered: Array, largest: float) -> str:
    """Say what the sample of shape (n,), in wanted standard deviations, looks like instead."""
    spread = float(ordered.std())
    if np.unique(ordered).size <= max(2, ordered.size // 20):
        return "Only a few different numbers occur: these are no normal draws."
    if ordered.size > 100 and 0.5 * largest <= spread and abs(float(ordered.mean())) < 0.2 * spread:
        return "The numbers look uniform, not normal."
    if np.all(ordered >= 0) or np.all(ordered <= 0):
        return "All numbers have the same sign: normal draws around zero have both."
    if abs(spread - 1) < 0.2 and largest < 3:
        return "The tails are cut off: these are no plain normal draws."
    return "The numbers are not distributed as normal draws of the asked-for variance."
