from __future__ import annotations

import numpy as np
import pytest
from garbage import ANYTHING, Opaque
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.compare import align, as_label, one_hot

ALL = ("column", "row", "batch", "tuple", "transpose")
FLAT = np.arange(3.0)


@pytest.mark.parametrize(
    ("got", "want", "remark"),
    [
        pytest.param(FLAT[:, None], FLAT, "your column vector of shape (3, 1) was read as a flat vector", id="column"),
        pytest.param(FLAT[None], FLAT, "your row vector of shape (1, 3) was read as a flat vector", id="row"),
        pytest.param(FLAT, FLAT[:, None], "your flat vector of shape (3,) was read as a column", id="flat to column"),
        pytest.param(
            FLAT[None], FLAT[:, None], "your row vector of shape (1, 3) was read as a column", id="row to column"
        ),
        pytest.param(
            np.eye(2)[None], np.eye(2), "your array of shape (1, 2, 2) was read as a batch of one", id="batch of one"
        ),
        pytest.param([0.0, 1.0, 2.0], FLAT, "your list was read as an array of shape (3,)", id="list"),
        pytest.param((0, 1, 2), FLAT, "your tuple was read as an array of shape (3,)", id="tuple of numbers"),
        pytest.param(np.array([[7.0]]), 7.0, "your array of shape (1, 1) was read as the number in it", id="number"),
        pytest.param((0.5, "text"), 0.5, "of the 2 values you returned, number 1 was taken", id="member"),
        pytest.param([FLAT, 0.5], 0.5, "of the 2 values you returned, number 2 was taken", id="member of a list"),
    ],
)
def test_the_same_in_another_shape(got, want, remark):
    aligned = align(got, np.shape(want))

    assert (remark,) == aligned.remarks
    assert np.shape(want) == np.shape(aligned.value)
    np.testing.assert_array_equal(np.asarray(want), aligned.value)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        pytest.param(FLAT, (4,), id="another length"),
        pytest.param(np.zeros((2, 3)), (3, 2), id="transposed, not asked for"),
        pytest.param((1.0, 2.0), (), id="two members fit"),
        pytest.param((FLAT, FLAT), (3,), id="two arrays fit"),
        pytest.param(None, (), id="nothing"),
        pytest.param("3", (), id="text"),
        pytest.param(Opaque(), (3,), id="object"),
        pytest.param({"a": 1}, (), id="dictionary"),
    ],
)
def test_what_is_not_the_same_stays_as_it_is(got, want):
    aligned = align(got, want)

    assert aligned.value is got
    assert () == aligned.remarks


def test_a_column_is_kept_where_it_is_not_allowed():
    assert (3, 1) == np.shape(align(FLAT[:, None], (3,), allow=("row",)).value)


def test_transposing_has_to_be_asked_for():
    matrix = np.arange(6.0).reshape(2, 3)
    aligned = align(matrix, (3, 2), allow=("transpose",))

    assert ("your matrix of shape (2, 3) was read as its transpose",) == aligned.remarks
    np.testing.assert_array_equal(matrix.T, aligned.value)


def test_a_right_shape_needs_no_remark():
    assert () == align(FLAT, (3,)).remarks


@given(ANYTHING, st.sampled_from([(), (1,), (3,), (1, 3), (3, 1), (2, 2), (0,)]))
@settings(max_examples=200)
def test_aligning_twice_is_aligning_once(got, want):
    once = align(got, want, allow=ALL)
    twice = align(once.value, want, allow=ALL)

    assert () == twice.remarks
    assert twice.value is once.value or np.shape(twice.value) == np.shape(once.value)


@pytest.mark.parametrize(
    ("got", "label"),
    [
        pytest.param(3, 3, id="int"),
        pytest.param(3.0, 3, id="integral float"),
        pytest.param(np.array([[3]]), 3, id="array of one"),
        pytest.param([0, 0, 0, 1, 0], 3, id="one-hot list"),
        pytest.param(one_hot(3, 5).reshape(-1, 1), 3, id="one-hot column"),
        pytest.param(np.arange(5) == 3, 3, id="Boolean one-hot"),
        pytest.param(3.5, None, id="fraction"),
        pytest.param(5, None, id="too large"),
        pytest.param(-1, None, id="negative"),
        pytest.param(float("nan"), None, id="NaN"),
        pytest.param(float("inf"), None, id="infinite"),
        pytest.param(10**400, None, id="huge"),
        pytest.param(True, None, id="bool"),
        pytest.param("3", None, id="text"),
        pytest.param(None, None, id="nothing"),
        pytest.param([0, 1, 0, 1, 0], None, id="two hot"),
        pytest.param([0, 2, 0, 0, 0], None, id="not one"),
        pytest.param([0.1, 0.1, 0.1, 0.6, 0.1], None, id="probabilities, not asked for"),
        pytest.param(np.eye(5), None, id="matrix"),
    ],
)
def test_labels(got, label):
    assert label == as_label(got, 5)


def test_probabilities_as_a_label_have_to_be_asked_for():
    assert as_label([[0.1, 0.6, 0.3]], 3, probabilities=True) == 1


@given(ANYTHING, st.integers(1, 4), st.booleans())
@settings(max_examples=200)
def test_a_label_is_a_class_or_none(got, classes, probabilities):
    label = as_label(got, classes, probabilities=probabilities)

    assert label is None or (type(label) is int and 0 <= label < classes)


@pytest.mark.parametrize("label", [-1, 3])
def test_one_hot_refuses_what_is_no_class(label):
    with pytest.raises(ValueError, match=r"0\.\.2"):
        one_hot(label, 3)
