"""The statistics of a class, against numbers worked by hand and against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from class_samples import check, crowd, entry

from grader.report.class_statistics import (
    SHARED,
    Suspicion,
    check_tallies,
    discrimination,
    histogram,
    least_useful,
    misconceptions,
    question_tallies,
    spread,
)
from grader.results import Status

PASSED, FAILED = Status.PASSED, Status.FAILED


def class_of(*columns: list[Status]) -> list:
    """Return a class whose student number i has the i-th verdict of each column."""
    return [
        entry(f"s{place}", *(check(f"test_{k}", status) for k, status in enumerate(row)))
        for place, row in enumerate(zip(*columns, strict=True))
    ]


def suspicions(entries) -> dict:
    return {tally.id: tally.suspicions for tally in check_tallies(entries)}


def test_spread_of_four_numbers():
    found = spread([4, 1, 3, 2])

    assert (found.count, found.mean, found.low, found.high) == (4, 2.5, 1, 4)
    assert (found.first, found.median, found.third) == (1.75, 2.5, 3.25)


@pytest.mark.parametrize("values", [[7.5], [7.5, 7.5, 7.5]], ids=["one", "all equal"])
def test_spread_of_what_does_not_vary(values):
    found = spread(values)

    assert {found.mean, found.low, found.first, found.median, found.third, found.high} == {7.5}


def test_spread_agrees_with_numpy():
    values = np.random.default_rng(0).normal(size=101)
    found = spread(list(values))

    assert np.allclose([found.first, found.median, found.third], np.quantile(values, [0.25, 0.5, 0.75]))
    assert math.isclose(found.mean, values.mean())


def test_a_number_on_an_edge_is_in_the_bar_that_begins_there():
    assert histogram([0, 9.99, 10, 30, 100], 100) == (2, 1, 0, 1, 0, 0, 0, 0, 0, 1)


def test_what_is_outside_the_scale_is_in_the_bars_at_its_ends():
    assert histogram([-5, 120], 100) == (1, 0, 0, 0, 0, 0, 0, 0, 0, 1)


def test_an_edge_is_an_edge_also_after_rounding():
    assert histogram([0.1 + 0.2, 0.7], 1.0) == (0, 0, 0, 1, 0, 0, 0, 1, 0, 0)


def test_a_scale_of_nothing_has_everything_in_the_first_bar():
    assert histogram([0, 0], 0) == (2, *[0] * 9)


def test_discrimination_is_the_correlation():
    rng = np.random.default_rng(1)
    points, rest = rng.integers(0, 2, 40), rng.normal(size=40)

    assert math.isclose(discrimination(list(points), list(rest)), np.corrcoef(points, rest)[0, 1])


@pytest.mark.parametrize(
    ("points", "rest"), [([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [5, 5, 5]), ([1], [1]), ([], [])], ids=str
)
def test_there_is_no_correlation_with_what_never_varies(points, rest):
    assert math.isnan(discrimination(points, rest))


def test_discrimination_of_a_check_leaves_its_own_points_out():
    entries = crowd(200, checks=3)
    tally = check_tallies(entries)[0]
    both = [
        (one.score, each.score - one.score)
        for each in entries
        for one in each.checks
        if one.id == tally.id and one.status in (PASSED, FAILED)
    ]

    assert 0 < len(both) < 200
    assert math.isclose(tally.discrimination, np.corrcoef(np.array(both).T)[0, 1])


def test_rests_that_differ_by_the_noise_of_adding_up_are_equal():
    tenths = [check(f"test_{k}", score=0.1, max_score=0.1) for k in range(3)]
    entries = [
        entry(f"s{place}", check("test_it", PASSED if place % 2 else FAILED, max_score=10.7), *tenths)
        for place in range(12)
    ]

    assert math.isnan(check_tallies(entries)[0].discrimination)


def test_the_bound_is_two_steps_under_the_least_useful():
    assert math.isclose(least_useful(101), 0.2 - 2 * 0.1)
    assert math.isclose(least_useful(26), 0.2 - 2 * 0.2)


def test_a_check_that_disagrees_with_the_others_is_named():
    good = [PASSED] * 10 + [FAILED] * 10
    bad = [FAILED] * 10 + [PASSED] * 10
    found = suspicions(class_of(good, good, good, bad))

    assert found["test_3"] == (Suspicion.DISAGREES,)
    assert found["test_0"] == found["test_1"] == found["test_2"] == ()


def test_a_check_that_has_nothing_to_do_with_the_rest_is_named_in_a_large_class_only():
    strong, unrelated = [PASSED, FAILED, PASSED, FAILED], [PASSED, PASSED, FAILED, FAILED]

    for times, expected in ((5, ()), (60, (Suspicion.DISAGREES,))):
        assert suspicions(class_of(strong * times, strong * times, unrelated * times))["test_2"] == expected


def test_two_students_who_stand_out_make_no_check_suspicious():
    best_fail = [FAILED] * 2 + [PASSED] * 18
    rest = [PASSED] * 10 + [FAILED] * 10

    assert suspicions(class_of(best_fail, rest, rest))["test_0"] == ()


@pytest.mark.parametrize(
    ("status", "named"), [(FAILED, Suspicion.NOBODY), (PASSED, Suspicion.EVERYBODY)], ids=["nobody", "everybody"]
)
def test_a_check_that_nobody_or_everybody_passes_is_named_from_ten_who_tried(status, named):
    skipped = [Status.NOT_ATTEMPTED, Status.NOT_REACHED, Status.NEEDS_REVIEW]

    assert suspicions(class_of([status] * 10 + skipped))["test_0"] == (named,)
    assert suspicions(class_of([status] * 9 + skipped))["test_0"] == ()


def test_an_error_of_ours_is_named_in_any_class():
    assert suspicions(class_of([Status.ERROR]))["test_0"] == (Suspicion.ERROR,)


def test_the_share_of_a_check_leaves_out_what_waits():
    entries = [
        entry("a", check("test_it", PASSED)),
        entry("b", check("test_it", FAILED, 5)),
        entry("c", check("test_it", Status.NOT_ATTEMPTED)),
        entry("d", check("test_it", Status.NEEDS_REVIEW)),
    ]
    (tally,) = check_tallies(entries)

    assert tally.share == 0.5
    assert (tally.tried, tally.count) == (2, 4)
    assert {key: count for key, count in tally.counts.items() if count} == {
        "passed": 1,
        "partly": 1,
        "not_attempted": 1,
        "needs_review": 1,
    }


def test_a_check_that_only_waits_has_no_share():
    entries = [entry("a", check("it", Status.NEEDS_REVIEW)), entry("b", check("it", Status.NOT_ATTEMPTED))]

    assert math.isnan(check_tallies(entries)[0].share)


def test_a_check_worth_nothing_has_no_share():
    assert math.isnan(check_tallies([entry("a", check("it", PASSED, max_score=0))])[0].share)


def test_checks_come_in_the_order_of_the_questions():
    checks = (check("test_b", question="q1"), check("test_a", question="q2"), check("test_c", question="q1"))

    assert [tally.id for tally in check_tallies([entry("a", *checks)])] == ["test_b", "test_c", "test_a"]


def test_what_became_of_a_question_by_hand():
    entries = [
        entry("a", check("x", PASSED), check("y", FAILED, 4), check("z", Status.NEEDS_REVIEW, max_score=20)),
        entry("b", check("x", Status.NOT_ATTEMPTED), check("y", Status.ERROR), check("z", PASSED, max_score=20)),
    ]
    (tally,) = question_tallies(entries)

    assert tally.shares == {
        "passed": 34 / 80,
        "needs_review": 20 / 80,
        "error": 10 / 80,
        "not_attempted": 10 / 80,
        "not_reached": 0,
        "failed": 6 / 80,
    }
    assert (tally.earned, tally.open) == (34 / 80, 30 / 80)


def test_a_question_worth_nothing_has_no_shares():
    (tally,) = question_tallies([entry("a", check("x", PASSED, max_score=0))])

    assert tally.shares == dict.fromkeys(SHARED, 0.0)


def test_a_student_has_a_misconception_once():
    sigma = {"diagnosis": "sigma", "diagnosis_title": "σ′ is missing"}
    sign = {"diagnosis": "sign", "diagnosis_title": "The sign is wrong"}
    entries = [
        entry("a", check("x", FAILED, **sigma), check("y", FAILED, question="q2", **sigma)),
        entry("b", check("x", FAILED, **sigma), check("y", FAILED, question="q2", **sign)),
        entry("c", check("x"), check("y", question="q2")),
    ]
    found = [(one.title, [each.student for each in one.entries], one.questions) for one in misconceptions(entries)]

    assert found == [("σ′ is missing", ["a", "b"], ("q1", "q2")), ("The sign is wrong", ["b"], ("q2",))]
