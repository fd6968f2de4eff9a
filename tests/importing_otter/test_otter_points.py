"""What each case is worth, by hand and by properties."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.importing.otter_points import resolve

BY_HAND = {
    "nothing said": (None, [None, None], (0.5, 0.5)),
    "a total": (3, [None, None], (1.5, 1.5)),
    "a total, one said": (5, [1, None, None], (1, 2, 2)),
    "a total, all said, less": (5, [1, 2], (1, 2)),
    "a total, used up": (3, [3, None], (3, 0)),
    "a total with noise": (0.3, [0.1, 0.2], (0.1, 0.2)),
    "a total of zero": (0, [None, None], (0, 0)),
    "cases alone": (None, [1, None, 2.5], (1, 0, 2.5)),
    "zeros and silence": (None, [0, None, None], (0, 0.5, 0.5)),
    "only zeros": (None, [0, 0], (0, 0)),
    "a list": ([1, 2, 3], [None, None, None], (1, 2, 3)),
    "a list counts before the cases": ([1, 2], [5, 5], (1, 2)),
    "a list of zeros": ([0, 0], [None, None], (0, 0)),
    "a list with a gap": ([None, 2], [None, None], (0, 2)),
    "a list with a gap and zeros": ([None, 0], [None, None], (1, 0)),
}
REFUSED = {
    "too much": (2, [1.5, 1.5], "its cases are worth 3 points together, and the test only 2"),
    "a list too short": ([1], [None, None], "`points` lists 1 numbers, and there are 2 cases"),
    "a text": ("3", [None], "points are numbers, not '3'"),
    "a truth": (None, [True], "points are numbers, not True"),
    "below zero": (None, [-1], "points are numbers from 0 on, not -1"),
    "a total below zero": (-1, [None], "points are numbers from 0 on, not -1"),
    "infinite": (math.inf, [None], "points are numbers from 0 on, not inf"),
}
POINTS = st.one_of(st.none(), st.integers(0, 20), st.floats(0, 20))
CASES = st.lists(POINTS, min_size=1, max_size=8)


@pytest.mark.parametrize(("total", "given", "points"), BY_HAND.values(), ids=BY_HAND)
def test_points_by_hand(total, given, points):
    assert points == pytest.approx(resolve(total, given))


@pytest.mark.parametrize(("total", "given", "why"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_with_a_reason(total, given, why):
    with pytest.raises(ValueError, match="^" + why.replace("(", r"\(") + "$"):
        resolve(total, given)


@given(total=st.floats(0, 100), cases=CASES)
def test_a_total_is_spent_exactly_while_a_case_says_nothing(total, cases):
    said = sum(case for case in cases if case is not None)
    if said > total + 1e-9:
        with pytest.raises(ValueError, match="its cases are worth"):
            resolve(total, cases)
        return
    points = resolve(total, cases)

    assert (total if None in cases else said) == pytest.approx(sum(points))


@given(cases=CASES)
def test_without_a_total_the_sum_is_what_is_said_or_one(cases):
    said = sum(case for case in cases if case is not None)
    points = resolve(None, cases)

    assert (said or float(None in cases)) == pytest.approx(sum(points))


@given(total=st.one_of(st.none(), st.floats(200, 300)), cases=CASES)
def test_what_a_case_says_counts_and_silent_cases_are_worth_the_same(total, cases):
    points = resolve(total, cases)
    silent = {point for case, point in zip(cases, points, strict=True) if case is None}

    assert all(case == point for case, point in zip(cases, points, strict=True) if case is not None)
    assert len(silent) <= 1


@given(cases=CASES)
def test_a_list_is_the_same_as_cases_that_say_it(cases):
    assert resolve(None, cases) == resolve(cases, [7] * len(cases))
