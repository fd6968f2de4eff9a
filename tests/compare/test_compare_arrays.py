from __future__ import annotations

import json
import math

import numpy as np
import pytest
from garbage import ANYTHING, Opaque, nested
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import TypeAdapter

from grader.compare import Difference, compare_arrays, compare_numbers, compare_probabilities
from grader.results import Evidence, Heatmap

WANT = np.random.default_rng(1).normal(size=(5, 5))
LOGITS = np.random.default_rng(2).normal(size=(6, 4))
WHOLE = np.array([100, -12, 7, -90, 31])
ANY_FLOAT = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.uint8, np.complex128]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
FINITE = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=0, max_side=4), elements=st.floats(-1e100, 1e100, allow_subnormal=False)
)


def softmax(z, axis=-1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def changed(value, *index):
    copy = WANT.copy()
    copy[index] += value
    return copy


P = softmax(LOGITS)


@pytest.mark.parametrize(
    ("got", "want", "reason"),
    [
        pytest.param(None, WANT, "is a `return` missing?", id="nothing"),
        pytest.param("0.5", 0.5, "a text ('0.5')", id="text"),
        pytest.param({"a": 1}, WANT, "a dictionary", id="dictionary"),
        pytest.param({1.0}, WANT, "a set", id="set"),
        pytest.param(Opaque(), WANT, "an object", id="object"),
        pytest.param([1.0, None], [1.0, 2.0], "there is None where a number", id="None among numbers"),
        pytest.param([[1.0], [1.0, 2.0]], WANT, "different lengths", id="ragged"),
        pytest.param(np.array([1.0, Opaque()], dtype=object), [1.0, 2.0], "there is an object", id="object array"),
        pytest.param(nested(5000), WANT, "nested too deeply", id="nested"),
        pytest.param(np.broadcast_to(0.0, (2**13, 2**13)), WANT, "too many parts", id="huge"),
        pytest.param(True, 1.0, "True or False", id="bool for a number"),
        pytest.param(WANT > 0, WANT, "Truth values", id="bools for numbers"),
        pytest.param(LOGITS.T, LOGITS, "(4, 6), asked for is shape (6, 4): it is transposed.", id="transposed shape"),
        pytest.param(WANT.ravel(), WANT, "it was flattened", id="flat"),
        pytest.param(WANT[:, :1], WANT[:, 0], "not a column", id="column"),
        pytest.param(WANT[:1], WANT[0], "not a row", id="row"),
        pytest.param(WANT, WANT[0], "a column and a flat vector were combined", id="broadcast"),
        pytest.param(LOGITS[0], LOGITS, "the first axis is missing", id="batch missing"),
        pytest.param(np.stack([LOGITS] * 3), LOGITS, "extra axis in front", id="extra batch"),
        pytest.param(LOGITS.sum(axis=1), LOGITS, "was it summed over?", id="axis missing"),
        pytest.param(1.0, LOGITS, "was everything summed up", id="number for an array"),
        pytest.param(LOGITS, 1.0, "is a sum or a mean missing?", id="array for a number"),
        pytest.param(LOGITS[:-1], LOGITS, "one entry too long or too short", id="one short"),
        pytest.param(np.zeros((2, 9)), LOGITS, "shape (2, 9), asked for is shape (6, 4).", id="another shape"),
        pytest.param(WANT + 1j, WANT, "Complex numbers", id="complex"),
        pytest.param(WANT.astype(int), WANT, "Whole numbers (int64)", id="integers"),
        pytest.param((WHOLE % 256).astype(np.uint8), WHOLE, "type uint8, which has no negative ones", id="unsigned"),
        pytest.param((WHOLE % 256).astype(float), WHOLE, "of 8 bits have wrapped around", id="wrapped around"),
        pytest.param(np.where(WANT > 1, np.nan, WANT), WANT, "2 of 25 entries are NaN", id="NaN"),
        pytest.param(math.nan, 1.0, "The answer is NaN", id="NaN number"),
        pytest.param(changed(np.inf, 0, 0), WANT, "1 of 25 entries is infinite", id="infinite"),
        pytest.param(1.0, np.inf, "finite where it should not be", id="finite"),
        pytest.param(np.zeros_like(WANT), WANT, "Every entry that came back is zero", id="zero"),
        pytest.param(np.full_like(WANT, 0.3), WANT, "is the same number", id="constant"),
        pytest.param(-WANT, WANT, "opposite sign", id="sign"),
        pytest.param(-0.7, 0.7, "opposite sign", id="sign of a number"),
        pytest.param(WANT * 3.7, WANT, "constant factor", id="factor"),
        pytest.param(np.log2(P), np.log(P), "wrong base", id="base of the logarithm"),
        pytest.param(93.0, 0.93, "percentage", id="percentage"),
        pytest.param(WANT + 0.4, WANT, "off by the same constant", id="shift"),
        pytest.param(np.log(P), P, "the logarithm of the right answer", id="logarithm"),
        pytest.param(np.exp(WANT), WANT, "the exponential of the right answer", id="exponential"),
        pytest.param(np.sqrt(P), P, "square root", id="root"),
        pytest.param(np.abs(WANT), WANT, "signs are lost", id="absolute value"),
        pytest.param(1 - P, P, "one minus", id="complement"),
        pytest.param(np.maximum(WANT, 0), WANT, "cut off to zero", id="negative cut off"),
        pytest.param(np.trunc(WANT), WANT, "fractions are cut off", id="truncated"),
        pytest.param(np.round(WANT, 3), WANT, "rounded", id="rounded"),
        pytest.param(WANT.T, WANT, "The matrix is transposed", id="transposed"),
        pytest.param(WANT[[1, 0, 3, 2, 4]], WANT, "The rows are the right ones in another order", id="rows permuted"),
        pytest.param(WANT[:, ::-1], WANT, "The columns come in reverse order", id="columns reversed"),
        pytest.param(softmax(LOGITS, 0), P, "The columns sum to one where the rows should", id="wrong axis"),
        pytest.param(np.exp(LOGITS) / np.exp(LOGITS).sum(), P, "All entries together sum to one", id="no axis"),
        pytest.param(np.diag(np.diag(WANT)), WANT, "Only the diagonal is right", id="diagonal"),
        pytest.param(WANT + np.diag([1, 2, 3, 4, 5]), WANT, "Everything but the diagonal", id="off-diagonal"),
        pytest.param(changed(1.0, -1, slice(None)), WANT, "Every row is right but the last", id="last row"),
        pytest.param([1.0, 2.0, 7.0], [1.0, 2.0, 3.0], "Every entry is right but the last", id="last entry"),
        pytest.param(
            changed([1, 2, 3, 4, 5], slice(None), 0), WANT, "Every column is right but the first", id="column"
        ),
        pytest.param(changed(1.0, 2, 3), WANT, "1 of 25 entries is wrong", id="one entry"),
        pytest.param(WANT.astype(np.float16), WANT, "float16", id="half precision"),
        pytest.param(0.123, 0.456, "not the right one", id="number"),
    ],
)
def test_what_is_wrong_is_said(got, want, reason):
    difference = compare_arrays(got, want, name="f")

    assert reason in difference.reason
    assert difference.reason.startswith("f: ")
    assert difference.name == "f"


@pytest.mark.parametrize(
    ("got", "want"),
    [
        pytest.param(WANT.astype(np.float32), WANT, id="float32"),
        pytest.param(WANT.tolist(), WANT, id="lists"),
        pytest.param(WANT.astype(object), WANT, id="object array of numbers"),
        pytest.param(WANT + 0j, WANT, id="complex without imaginary part"),
        pytest.param(np.arange(3) == 1, [0.0, 1.0, 0.0], id="Boolean one-hot"),
        pytest.param([1, 2], [1.0, 2.0], id="integers"),
        pytest.param([np.nan, -np.inf, 1.0], [np.nan, -np.inf, 1.0], id="not finite, as the reference"),
        pytest.param([1.0, 1e-17], [1.0, 3e-20], id="rest of a cancellation"),
        pytest.param(np.zeros((0, 3)), np.zeros((0, 3)), id="empty"),
    ],
)
def test_what_is_right_is_accepted(got, want):
    assert compare_arrays(got, want) is None


def test_relative_error_counts_for_small_entries_too():
    assert compare_arrays([1.0, 1.01e-6], [1.0, 1e-6]) is not None


def test_tolerance_is_not_widened_by_half_precision():
    wrong = (WANT * (1 + 1e-4)).astype(np.float16)

    assert compare_arrays(wrong, WANT) is not None


def test_noise_of_the_reference_is_allowed():
    assert compare_arrays(WANT + 1e-3, WANT, noise=1e-3) is None
    assert compare_arrays(changed(1e-3, 0, 0), WANT, noise=np.eye(5) * 2e-3) is None
    assert compare_arrays(changed(1e-3, 0, 1), WANT, noise=np.eye(5) * 2e-3) is not None


def test_noise_per_entry_survives_every_relation():
    got = np.random.default_rng(3).normal(size=(4, 3, 2))

    assert compare_arrays(got, got[::-1] + 1.5 * got**2, noise=np.full((4, 3, 2), 1e-9)) is not None


def test_axes_of_length_one_may_be_ignored():
    assert compare_arrays(WANT[None], WANT, exact_shape=False) is None
    assert compare_arrays(WANT.T[:2], WANT[:2], exact_shape=False) is not None


def test_the_worst_entry_is_named():
    difference = compare_arrays(changed(1.0, 2, 3), WANT)

    assert difference.index == (2, 3)
    assert difference.got == WANT[2, 3] + 1
    assert difference.want == WANT[2, 3]
    assert math.isclose(1 / abs(WANT[2, 3]), difference.error)


def test_evidence_that_shows_expected_numbers_is_marked_and_survives_json():
    difference = compare_arrays(np.eye(200), np.random.default_rng(0).normal(size=(200, 200)))
    adapter = TypeAdapter(list[Evidence])

    assert all(evidence.expected for evidence in difference.evidence)
    assert list(difference.evidence) == adapter.validate_json(adapter.dump_json(list(difference.evidence)))


def test_the_heatmap_is_small_and_keeps_the_largest_difference():
    got, want = np.zeros((300, 1000)), np.zeros((300, 1000))
    got[217, 931] = 5.0
    heatmap = next(e for e in compare_arrays(got, want).evidence if isinstance(e, Heatmap))
    values = np.array(heatmap.values)

    assert values.shape == (64, 64)
    assert values.max() == 5.0
    assert (217 * 64 // 300, 931 * 64 // 1000) == np.unravel_index(values.argmax(), values.shape)


@given(st.floats(0.011, 0.989), st.floats(0.011, 0.989))
@settings(max_examples=100)
def test_reasons_hold_no_expected_number(got, want):
    assume(abs(got - want) > 1e-3)
    reason = compare_arrays([got, 5.0, 6.0], [want, 5.5, 6.1]).reason

    assert not any(character == "." and reason[i + 1 : i + 2].isdigit() for i, character in enumerate(reason))


@given(ANY_FLOAT)
@settings(max_examples=200)
def test_an_array_agrees_with_itself(array):
    assert compare_arrays(array, array) is None
    assert compare_arrays(array.tolist(), array) is None or array.size == 0


@given(FINITE, st.data())
@settings(max_examples=150)
def test_perturbations_are_judged_by_the_tolerance(want, data):
    assume(want.size > 0)
    index = data.draw(st.sampled_from(list(np.ndindex(want.shape))))
    size = np.max(np.abs(want))
    below, above = want.copy(), want.copy()
    below[index] *= 1 + 0.9e-6
    above[index] += 2e-6 * size + 1e-200

    assert compare_arrays(below, want) is None
    assert compare_arrays(above, want) is not None
    assert compare_arrays(above, want, atol=2.1e-6 * size + 2e-200) is None


@given(ANYTHING, ANY_FLOAT, st.booleans())
@settings(max_examples=300)
def test_no_answer_can_make_it_raise(got, want, exact):
    difference = compare_arrays(got, want, exact_shape=exact)

    assert difference is None or isinstance(difference, Difference)
    json.dumps(difference and [difference.reason, difference.detail])


# Answers of the right shape reach every diagnosis.
@given(st.data(), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
@settings(max_examples=300)
def test_no_array_of_the_right_shape_can_make_it_raise(data, shape):
    kinds = st.sampled_from([np.float64, np.float32, np.int8, np.uint8, np.bool_, np.complex128, np.longdouble])
    got, want = (data.draw(hnp.arrays(data.draw(kinds), shape)) for _ in range(2))

    difference = compare_arrays(got, want)

    assert difference is None or (difference.reason and "\n" not in difference.reason)


@pytest.mark.parametrize(
    ("got", "agrees"),
    [
        pytest.param(2.5, True, id="number"),
        pytest.param(np.array([[2.5]]), True, id="array of one"),
        pytest.param((2.5, [1.0, 0.0]), True, id="with a vector"),
        pytest.param([2.5, 3.5], False, id="two numbers"),
        pytest.param(2.6, False, id="wrong"),
        pytest.param(None, False, id="nothing"),
    ],
)
def test_numbers(got, agrees):
    assert agrees == (compare_numbers(got, 2.5) is None)


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        pytest.param(P, None, id="rows"),
        pytest.param(P[0].tolist(), None, id="one row"),
        pytest.param(P.astype(np.float32), None, id="float32"),
        pytest.param(np.zeros((0, 4)), "A row of probabilities", id="no rows"),
        pytest.param(P * 100, "sum to 100", id="percentages"),
        pytest.param(LOGITS, "before softmax", id="logits"),
        pytest.param(softmax(LOGITS, 0), "wrong axis", id="columns"),
        pytest.param(P / P.sum(), "sum along an axis", id="no axis"),
        pytest.param(np.full((2, 4), 0.3), "do not sum to one", id="sum"),
        pytest.param(np.full(4, np.nan), "NaN", id="NaN"),
        pytest.param(P.T, "there are 4 classes: it is transposed", id="transposed"),
        pytest.param(0.5, "A row of probabilities", id="number"),
        pytest.param(P * 1j, "Complex", id="complex"),
        pytest.param(None, "`return`", id="nothing"),
    ],
)
def test_probabilities(got, reason):
    difference = compare_probabilities(got, classes=4)

    assert difference is None if reason is None else reason in difference.reason


@given(ANYTHING, st.sampled_from([None, 3]))
@settings(max_examples=150)
def test_no_answer_can_make_probabilities_raise(got, classes):
    difference = compare_probabilities(got, classes=classes)

    assert difference is None or difference.reason
