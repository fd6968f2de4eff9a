"""Accuracies, bars and claims: against their definitions, and with the chances of being wrong counted out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.models import Claim, accuracy, compare, count_right, reaches
from grader.models.statistics import wilson


def chances(n, p):
    """Return P(k right of n) for k = 0..n."""
    k = np.arange(n + 1)
    log_choose = np.array([math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in k])
    return np.exp(log_choose + k * math.log(p) + (n - k) * math.log1p(-p))


@given(n=st.integers(1, 2_000), share=st.floats(0, 1), z=st.floats(0.5, 4))
def test_wilson_holds_exactly_the_accuracies_the_score_test_accepts(n, share, z):
    right = round(share * n)
    low, high = wilson(right, n, z)

    for p in (low, high):
        if 1e-9 < p < 1 - 1e-9:
            assert abs(right / n - p) == pytest.approx(z * math.sqrt(p * (1 - p) / n), rel=1e-6, abs=1e-9)
    assert 0 <= low <= right / n <= high <= 1


def test_wilson_as_published():
    # 81 of 263, 95 %: Newcombe, Statistics in Medicine 17 (1998), "Two-sided confidence intervals", table I, method 3
    assert np.round(wilson(81, 263, 1.959964), 4) == pytest.approx([0.2553, 0.3662])


@pytest.mark.parametrize(("right", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(right, n):
    with pytest.raises(ValueError, match="right of"):
        wilson(right, n, 2.0)


def test_an_accuracy_says_what_it_knows():
    assert str(accuracy(267, 297)) == "89.9% (267 of 297; 85.9% to 92.8%)"


@pytest.mark.parametrize("margin", [0.0, 0.03])
@pytest.mark.parametrize("n", [50, 120])
def test_who_is_as_good_as_the_bar_is_refused_at_most_once_in_a_hundred(n, margin):
    refused = np.array([[not reaches(k, n, (r, n), margin=margin).reaches for r in range(n + 1)] for k in range(n + 1)])
    falsely = {p: chances(n, p - margin) @ refused @ chances(n, p) for p in (0.3, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)}

    assert max(falsely.values()) <= 0.01
    assert falsely[0.7] >= 0.005  # and no more generous than that


def test_a_difference_on_the_same_images_is_refused_even_less_often():
    rng = np.random.default_rng(5)
    refused = 0
    for _ in range(2_000):
        hard = rng.random(297)  # how hard an image is: both models fail on the same ones more often
        student, reference = ((rng.random(297) > 0.3 * hard).sum() for _ in range(2))
        refused += not reaches(int(student), 297, (int(reference), 297)).reaches

    assert refused <= 0.01 * 2_000


def test_the_spread_from_seed_to_seed_counts_for_the_student():
    rng = np.random.default_rng(7)
    refused = {0.0: 0, 0.02: 0}
    for _ in range(2_000):
        student, reference = (rng.binomial(1_000, np.clip(rng.normal(0.85, 0.02), 0, 1)) for _ in range(2))
        for spread in refused:
            refused[spread] += not reaches(student, 1_000, (reference, 1_000), seed_spread=spread).reaches

    assert refused[0.02] <= 0.015 * 2_000  # 0.01 and three standard errors of this count
    assert refused[0.0] > 0.03 * 2_000


@given(n=st.integers(10, 600), share=st.floats(0.1, 1), margin=st.sampled_from([0.0, 0.05]))
def test_the_bar_is_the_lowest_accuracy_that_reaches_it(n, share, margin):
    reference = (round(share * n), n)
    bar = round(reaches(n, n, reference, margin=margin).value * n)

    assert reaches(bar, n, reference, margin=margin).reaches
    assert bar == 0 or not reaches(bar - 1, n, reference, margin=margin).reaches


def test_a_clearly_worse_model_is_refused():
    bar = reaches(150, 297, (267, 297), margin=0.02)

    assert not bar.reaches
    assert 0.75 < bar.value < 0.88


# --- claims ---------------------------------------------------------------------------------------------------------


def rights(both, only_a, only_b, neither):
    a = [True] * (both + only_a) + [False] * (only_b + neither)
    b = [True] * both + [False] * only_a + [True] * only_b + [False] * neither
    return np.array(a), np.array(b)


@pytest.mark.parametrize(
    ("only_a", "only_b", "claim"),
    [(20, 4, Claim.SHOWN), (4, 20, Claim.REFUTED), (9, 8, Claim.OPEN), (0, 0, Claim.OPEN), (7, 0, Claim.SHOWN)],
)
def test_a_claim_is_decided_by_the_images_only_one_has_right(only_a, only_b, claim):
    found = compare(*rights(200, only_a, only_b, 30))

    assert (found.only_a, found.only_b, found.claim) == (only_a, only_b, claim)


@given(only_a=st.integers(0, 60), only_b=st.integers(0, 60))
def test_mcnemar_is_the_sum_of_binomial_chances(only_a, only_b):
    n = only_a + only_b
    exact = sum(math.comb(n, k) for k in range(only_a, n + 1)) / 2**n

    assert compare(*rights(5, only_a, only_b, 5)).p_better == pytest.approx(exact, rel=1e-9)


def test_equal_models_are_seldom_called_different():
    n = 60  # images only one has right: McNemar's chances given their number, counted out
    weights = chances(n, 0.5)
    shown = [compare(*rights(0, k, n - k, 0)).claim is Claim.SHOWN for k in range(n + 1)]

    assert 0.001 < weights @ np.array(shown) <= 0.01


def test_different_numbers_of_images_are_refused():
    with pytest.raises(ValueError, match="images"):
        compare(np.ones(3, bool), np.ones(4, bool))


# --- counting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [
        ([[0.1, 0.9], [0.8, 0.2], [0.6, 0.4]], [1, 0, 1]),
        ([[0.1, 0.9], [0.8, 0.2], [0.6, 0.4]], [[1], [0], [1]]),
        ([[0.1, 0.9], [0.8, 0.2], [0.6, 0.4]], [[0, 1], [1, 0], [0, 1]]),
        ([[0.9], [0.2], [0.4]], [1, 0, 1]),
        ([0.9, 0.2, 0.4], [1, 0, 1]),
    ],
)
def test_labels_of_every_form_are_counted(probabilities, labels):
    assert count_right(np.array(probabilities), np.array(labels)).tolist() == [True, True, False]


def test_nan_is_never_right():
    assert count_right(np.array([[np.nan, 0.0], [0.0, 1.0]]), np.array([0, 1])).tolist() == [False, True]


@pytest.mark.parametrize("labels", [np.zeros(4), np.zeros((2, 3, 3))])
def test_labels_of_the_wrong_shape_are_refused(labels):
    with pytest.raises(ValueError, match="labels of shape"):
        count_right(np.ones((3, 2)), labels)


def test_luck_with_the_seeds_is_not_held_against_a_claim():
    rng = np.random.default_rng(1)
    right = rng.random(300) < 0.97
    worse = right & ~(np.arange(300) < 9)

    assert compare(worse, right).claim is Claim.REFUTED
    assert compare(worse, right, seed_spread=0.02).claim is Claim.OPEN
    assert compare(np.zeros(300, bool), right, seed_spread=0.02).claim is Claim.REFUTED


def test_equally_good_networks_are_refuted_once_in_a_hundred_times_at_most():
    rng = np.random.default_rng(2)
    n, spread, refuted = 300, 0.015, 0
    for _ in range(2_000):
        p, q = 0.9 + rng.normal(0, spread / math.sqrt(2), 2)
        refuted += compare(rng.random(n) < p, rng.random(n) < q, seed_spread=spread).claim is Claim.REFUTED

    assert refuted <= 2_000 * 0.01 + 3 * math.sqrt(2_000 * 0.01)
