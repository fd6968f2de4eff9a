"""Values as data: what can be kept, and which inputs are the same but for rounding."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from plain_values import PLAIN, same

from grader.checks.plain import Drawn, NotPlain, distance, nearest, outline, whole
from grader.checks.sketch import Sketch

FLOATS = hnp.arrays(
    st.sampled_from([np.float32, np.float64]),
    hnp.array_shapes(max_dims=3, max_side=4),
    elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
)


@given(PLAIN)
def test_a_plain_value_is_kept_as_it_is(value):
    assert same(whole(value), value)
    assert distance(outline(value), outline(value)) == 0


def test_a_kept_value_does_not_change_with_the_one_it_was_made_of():
    array, values = np.zeros(2), [1, {"a": [2]}]
    copies = whole((array, values))
    array += 1
    values[1]["a"].append(3)

    assert same(copies, (np.zeros(2), [1, {"a": [2]}]))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (object(), "object"),
        ([1, print], "builtin_function_or_method"),
        ({"a": {1: range(3)}}, "range"),
        (np.array(["text"]), "ndarray"),
        (np.ma.array([1.0]), "MaskedArray"),
        (type("Pair", (tuple,), {})((1, 2)), "Pair"),
    ],
    ids=["object", "function in a list", "range in a dictionary", "array of texts", "masked array", "named tuple"],
)
def test_what_is_no_data_is_not_outline(value, kind):
    with pytest.raises(NotPlain, match=kind):
        whole(value)


@given(FLOATS, st.integers(0, 2**32 - 1))
def test_rounding_does_not_make_another_question(values, seed):
    ulps = np.where(values == 0, 0, np.random.default_rng(seed).choice([-2, 0, 2], size=values.shape))
    rounded = (values + ulps * np.spacing(values)).astype(values.dtype)

    assert distance(outline([rounded]), outline([values])) < 1


@given(FLOATS, st.data())
def test_another_number_makes_another_question(values, data):
    other = values.copy()
    place = data.draw(st.tuples(*(st.integers(0, n - 1) for n in values.shape)))
    other[place] += 1e-4 * max(1.0, np.abs(values).max())

    assert distance(outline(other), outline(values)) == math.inf


LARGE = np.random.default_rng(0).normal(size=(300, 40))


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.float32, np.float64]), st.floats(1e-20, 1e20))
def test_a_large_array_is_known_again_by_a_sketch(seed, kind, scale):
    noise = np.random.default_rng(seed).normal(size=LARGE.shape) * np.finfo(kind).eps
    values, rounded = (LARGE * scale).astype(kind), (LARGE * (1 + noise) * scale).astype(kind)

    assert isinstance(outline(values), Sketch)
    assert distance(outline(values), outline(values.copy())) == 0
    assert distance(outline(rounded), outline(values)) < 1


@given(st.integers(0, LARGE.size - 1), st.sampled_from([1e-8, 1e-6, 1e-3, -0.5, 100.0]))
def test_one_other_number_anywhere_makes_another_large_array(place, change):
    other = LARGE.copy()
    other.flat[place] += change

    assert distance(outline(other), outline(LARGE)) == math.inf


@pytest.mark.parametrize("kind", [np.uint8, np.bool_, np.int64])
def test_large_arrays_of_whole_numbers_have_to_be_equal(kind):
    values = (np.arange(5000) % 2).astype(kind)
    other = values.copy()
    other[4321] = not other[4321]

    assert distance(outline(values), outline(values.copy())) == 0
    assert distance(outline(other), outline(values)) == math.inf


def test_what_is_no_number_has_to_stand_in_the_same_place_of_a_large_array():
    one, other, infinite = LARGE.copy(), LARGE.copy(), LARGE.copy()
    one.flat[7] = other.flat[8] = math.nan
    infinite.flat[7] = math.inf

    assert distance(outline(one), outline(one.copy())) == 0
    assert [distance(outline(one), outline(each)) for each in (other, infinite, LARGE)] == [math.inf] * 3


@pytest.mark.parametrize("shape", [(), (5,), (300, 40)], ids=["one number", "a few", "a large array"])
def test_a_step_of_a_finite_difference_makes_another_question(shape):
    values = np.random.default_rng(1).normal(size=shape)
    other = values.copy()
    other.flat[-1] += 1e-8

    assert distance(outline(other), outline(values)) == math.inf


@pytest.mark.parametrize("shape", [(5,), (300, 40)], ids=["a few", "a large array"])
def test_what_a_notebook_in_single_precision_gives_back_is_the_same_question(shape):
    values = np.random.default_rng(1).normal(size=shape)
    back = values.astype(np.float32).astype(np.float64)

    assert distance(outline(back), outline(values)) < 1


@pytest.mark.parametrize("values", [np.arange(5.0), np.arange(5000.0), np.full(5, 0.5)], ids=["few", "many", "halves"])
def test_a_step_from_round_numbers_makes_another_question(values):
    other = values.copy()
    other[-1] *= 1 + 1e-8

    assert distance(outline(other), outline(values)) == math.inf


DIFFERENT = {
    "a number and a text": (1, "1"),
    "an integer and a fraction": (1, 1.0),
    "a truth and a number": (True, 1),
    "other integers": (np.array([1, 2]), np.array([1, 3])),
    "another shape": (np.zeros(3), np.zeros((3, 1))),
    "bytes and wide integers": (np.zeros(2, np.uint8), np.zeros(2, np.int64)),
    "a list and a tuple": ([1, 2], (1, 2)),
    "one item less": ([1, 2], [1]),
    "other keys": ({"a": 1}, {"b": 1}),
    "not a number and a number": (math.nan, 1.0),
    "the other infinity": (math.inf, -math.inf),
    "something and nothing": (0, None),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_questions_that_differ(one, other):
    assert distance(outline(one), outline(other)) == distance(outline(other), outline(one)) == math.inf


ALIKE = {
    "not a number": (math.nan, np.float64(math.nan)),
    "infinity": (np.array([math.inf, 1.0]), np.array([math.inf, 1.0])),
    "a plain number and one of NumPy": (3, np.int64(3)),
    "narrow and wide": (np.array([0.1], np.float32), np.array([0.1])),
    "what cancelling leaves of zero": (np.array([1e-17, 2.0]), np.array([0.0, 2.0])),
    "complex": (1 + 1e-12j, 1 + 0j),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE.keys())
def test_questions_that_are_alike(one, other):
    assert distance(outline(one), outline(other)) < 1


def test_a_random_generator_is_the_state_it_is_in():
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    before = outline(one)
    other.normal()

    assert isinstance(before, Drawn)
    assert distance(before, outline(one)) == 0
    assert distance(before, outline(other)) == math.inf


def test_the_nearest_is_found_where_several_are_near():
    there = [1.0, 1.0 + 3e-13, 1.0 + 6e-13]

    assert nearest(1.0 + 5.5e-13, there) == 2
    assert nearest(1.1, there) is None


def test_equal_ones_are_taken_in_turn():
    assert [nearest(5, [5, 5, 5], first) for first in (0, 1, 2, 3)] == [0, 1, 2, 0]


BY_TYPE = {
    "wide and narrow": [np.array([1.0, 2.0], kind) for kind in (np.float64, np.float32, np.float16)],
    "integers": [np.array([1, 2], kind) for kind in (np.int64, np.int8)],
    "single numbers": [np.float64(0.5), np.float32(0.5)],
    "signs of zero": [np.array([0.0, 1.0]), np.array([-0.0, 1.0])],
    "large arrays": [np.arange(5000).astype(kind) for kind in (np.float64, np.float32)],
}


@pytest.mark.parametrize("inputs", BY_TYPE.values(), ids=BY_TYPE.keys())
@pytest.mark.parametrize("first", [0, 1, 2])
def test_of_equal_numbers_those_of_the_same_type_are_taken(inputs, first):
    there = [outline([each]) for each in inputs]

    assert [nearest(outline([each]), there, first) for each in inputs] == list(range(len(inputs)))


def test_the_same_type_goes_before_nearer_numbers():
    wide = np.random.default_rng(2).normal(size=5)
    narrow = wide.astype(np.float32)
    rounded = narrow + 2 * np.spacing(narrow)

    assert nearest(outline(rounded), [outline(wide), outline(narrow)]) == 1
    assert nearest(outline(wide * (1 + 1e-15)), [outline(narrow), outline(wide)]) == 1


def test_of_another_type_alone_there_is_an_answer():
    assert nearest(np.float32(0.5), [np.float64(0.5)]) == 0
