from __future__ import annotations

import numpy as np
import pytest
from garbage import ANYTHING, Opaque
from hypothesis import example, given, settings
from scipy import stats

from grader.compare import (
    Difference,
    at_least,
    binomial_interval,
    compare_mean,
    compare_variance,
    looks_normal,
)

N, V = 25088, 1 / 784


def draws(variance, n=N, seed=0):
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), n)


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        pytest.param(draws(V), None, id="right"),
        pytest.param(draws(V).reshape(784, 32).astype(np.float32), None, id="right matrix"),
        pytest.param(draws(V**2), "The standard deviation is what the variance should be", id="variance passed"),
        pytest.param(draws(np.sqrt(V)), "was the root taken twice?", id="root twice"),
        pytest.param(draws(1.0), "not scaled at all", id="not scaled"),
        pytest.param(draws(2 * V), "The variance is too large", id="too large"),
        pytest.param(draws(V / 2), "The variance is too small", id="too small"),
        pytest.param(draws(1 / 32), "divided by n_out", id="given confusion"),
        pytest.param(np.zeros(100), "All numbers are the same", id="zeros"),
        pytest.param([1.0], "too few", id="one number"),
        pytest.param([np.nan, 1.0], "NaN", id="NaN"),
        pytest.param([1e200, -1e300], "too large", id="overflow"),
        pytest.param(None, "`return`", id="nothing"),
        pytest.param(Opaque(), "an object", id="object"),
    ],
)
def test_variance(sample, reason):
    difference = compare_variance(sample, V, confusions={"You divided by n_out.": 1 / 32})

    assert difference is None if reason is None else reason in difference.reason


def test_variance_detail_has_the_interval_for_staff_only():
    difference = compare_variance(draws(2 * V), V, name="W1")

    assert "0.001276 is asked for" in difference.detail
    assert difference.reason == "W1: The variance is too large."


@pytest.mark.parametrize("chance", [5e-7, 1 - 5e-7])
@pytest.mark.parametrize("n", [2, 10, 320, N])
@pytest.mark.parametrize("alpha", [0.9e-6, 1.1e-6])
def test_variance_false_alarms_are_exact_at_one_in_a_million(chance, n, alpha):
    at_edge = np.sqrt(stats.chi2.ppf(chance, n - 1) / (n - 1))  # standard deviation of a sample at that quantile
    shape = np.random.default_rng(n).normal(size=n)
    sample = (shape - shape.mean()) / shape.std(ddof=1) * at_edge

    assert (alpha > 1e-6) == (compare_variance(sample, 1.0, alpha=alpha) is not None)


@pytest.mark.parametrize(
    ("sample", "variance", "reason"),
    [
        pytest.param(draws(V), V, None, id="right"),
        pytest.param(draws(V), None, None, id="right, variance unknown"),
        pytest.param(draws(V) + 0.01, V, "The mean is too large", id="too large"),
        pytest.param(draws(V) - 0.01, None, "The mean is too small", id="too small, variance unknown"),
        pytest.param(np.full(10, 2.0), None, "too large", id="constant"),
        pytest.param(np.zeros(10), None, None, id="zeros"),
        pytest.param([2.0], None, "too few", id="one number"),
        pytest.param([0.01], V, None, id="one draw"),
        pytest.param("x", V, "a text", id="text"),
        pytest.param([1j], V, "Complex", id="complex"),
    ],
)
def test_mean(sample, variance, reason):
    difference = compare_mean(sample, 0.0, variance)

    assert difference is None if reason is None else reason in difference.reason


@pytest.mark.parametrize("n", [5, 500])
@pytest.mark.parametrize("variance", [None, 1.0])
@pytest.mark.parametrize("alpha", [0.9e-6, 1.1e-6])
def test_mean_false_alarms_are_exact_at_one_in_a_million(n, variance, alpha):
    shape = draws(1.0, n)
    shape = (shape - shape.mean()) / shape.std(ddof=1)
    edge = stats.norm.isf(5e-7) if variance else stats.t.isf(5e-7, n - 1)

    assert (alpha > 1e-6) == (compare_mean(shape + edge / np.sqrt(n), 0.0, variance, alpha=alpha) is not None)


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        pytest.param(draws(V), None, id="right"),
        pytest.param(draws(V, n=5), None, id="right, few"),
        pytest.param(np.random.default_rng(0).uniform(-1, 1, 250) * np.sqrt(3 * V), "uniform", id="uniform"),
        pytest.param(np.clip(draws(V), -2 * V**0.5, 2 * V**0.5), "tails are cut off", id="clipped"),
        pytest.param(np.abs(draws(V)), "the same sign", id="one sign"),
        pytest.param(np.sign(draws(V)) * V**0.5, "few different numbers", id="two numbers"),
        pytest.param(np.zeros(1000), "few different numbers", id="zeros"),
        pytest.param(draws(3 * V), "asked-for variance", id="wider"),
        pytest.param(np.random.default_rng(0).standard_cauchy(999) * V**0.5, "asked-for variance", id="heavy tails"),
        pytest.param([], "too few", id="empty"),
    ],
)
def test_normality(sample, reason):
    difference = looks_normal(sample, V)

    assert difference is None if reason is None else reason in difference.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    "test",
    [
        pytest.param(lambda x: compare_variance(x, 1.0, alpha=0.05), id="variance"),
        pytest.param(lambda x: compare_mean(x, 0.0, alpha=0.05), id="mean"),
        pytest.param(lambda x: compare_mean(x, 0.0, 1.0, alpha=0.05), id="mean, variance known"),
    ],
)
@pytest.mark.parametrize("n", [3, 40])
def test_simulated_false_alarms_are_as_stated(test, n):
    rng = np.random.default_rng(n)
    alarms = sum(test(rng.normal(size=n)) is not None for _ in range(4000))
    low, high = binomial_interval(alarms, 4000, 1e-6)

    assert low <= 0.05 <= high


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 3, 40, 400])
def test_simulated_false_alarms_of_normality_are_at_most_as_stated(n):
    rng = np.random.default_rng(n)
    alarms = sum(looks_normal(rng.normal(size=n), 1.0, alpha=0.05) is not None for _ in range(4000))

    assert binomial_interval(alarms, 4000, 1e-6)[0] <= 0.05
    assert alarms > 0  # the test of the largest |x| alone, which is exact, spends half of alpha


@pytest.mark.parametrize(("k", "n"), [(0, 10), (10, 10), (7, 10), (93, 100), (1597, 1797), (9_300, 10_000)])
@pytest.mark.parametrize("alpha", [0.05, 1e-6])
def test_binomial_interval_is_that_of_clopper_and_pearson(k, n, alpha):
    want = stats.binomtest(k, n).proportion_ci(1 - alpha, method="exact")

    np.testing.assert_allclose(binomial_interval(k, n, alpha), (want.low, want.high), rtol=1e-7)


@pytest.mark.parametrize(
    ("k", "n", "bar", "compatible"),
    [
        pytest.param(90, 100, 0.9, True, id="at the bar"),
        pytest.param(80, 100, 0.9, True, id="bad luck"),
        pytest.param(60, 100, 0.9, False, id="no luck explains it"),
        pytest.param(8000, 10_000, 0.9, False, id="many images"),
        pytest.param(100, 100, 1.0, True, id="all right"),
        pytest.param(99, 100, 1.0, False, id="one wrong where none may be"),
        pytest.param(0, 100, 0.0, True, id="no bar"),
        pytest.param(0, 0, 0.9, True, id="no images"),
    ],
)
def test_accuracy_is_judged_in_the_students_favour(k, n, bar, compatible):
    assert compatible == at_least(k, n, bar)


@pytest.mark.parametrize(("n", "bar"), [(100, 0.7), (1597, 0.88)])
def test_a_true_accuracy_at_the_bar_is_refused_less_than_once_in_a_million(n, bar):
    refused = [k for k in range(n + 1) if not at_least(k, n, bar)]

    assert stats.binom.cdf(max(refused), n, bar) < 1e-6 <= stats.binom.cdf(max(refused) + 1, n, bar)


@given(ANYTHING)
@example(np.array([0.0, 1.8e159]))
@settings(max_examples=200)
def test_no_sample_can_make_it_raise(sample):
    for difference in (
        compare_variance(sample, 2.0),
        compare_mean(sample, 0.0),
        compare_mean(sample, 0.0, 2.0),
        looks_normal(sample, 2.0),
    ):
        assert difference is None or isinstance(difference, Difference)
