"""Every wrong variant is wrong, and can be told from every other one by its answers."""

import math
from itertools import combinations

import numpy as np
import pytest

from reference import backprop
from reference.backprop_variants import VARIANTS
from reference.variants import Catalogue

GRID = np.linspace(-3.0, 3.0, 241)


def parameters():
    rng = np.random.default_rng(3)
    weights, _ = backprop.initialise(backprop.SIZES, rng)
    return weights, [rng.normal(0, 0.3, size=n) for n in backprop.SIZES[1:]]


def images(kind, n):
    rng = np.random.default_rng(4)
    return rng.random((n, 784)) if kind == "0..1" else rng.integers(0, 256, size=(n, 784)).astype(np.uint8)


def inputs():
    """A few questions for every function; lists of arguments."""
    rng = np.random.default_rng(2)
    logits = [rng.normal(size=(6,)), rng.normal(size=(3, 5)), np.array([1000.0, 0.0, -1000.0])]
    probabilities = backprop.softmax(rng.normal(size=10) * 2)
    labels, kinds = [3, 8, 0], ("0..1", "bytes")
    return {
        "box_network": [(1.5, 0.8), (-2.0, 1.3)],
        "approximate": [(math.exp, 2.0, 7), (math.sin, 1.0, 30)],
        "softmax": [(z,) for z in logits],
        "softmax_jacobian": [(logits[0],), (logits[2],)],
        "sigmoid": [(logits[0] * 3,)],
        "dsigmoid": [(logits[0] * 3,)],
        "cross_entropy_loss": [(np.eye(10)[label], probabilities) for label in labels],
        "integer_to_one_hot": [(3, 10), (2, 5)],
        "initialise": [(backprop.SIZES,)],
        "feed_forward": [(*parameters(), images(kind, 3)) for kind in kinds],
        "feed_forward_sample": [
            (*parameters(), image, k) for kind in kinds for image, k in zip(images(kind, 3), labels, strict=True)
        ],
        "feed_forward_dataset": [(*parameters(), images(kind, 20), np.arange(20) % 10) for kind in kinds],
        "gradients": [(*parameters(), image, 3) for kind in kinds for image in images(kind, 2)],
        "train_one_sample": [(*parameters(), image, 3, 0.07) for kind in kinds for image in images(kind, 2)],
        "train_one_epoch": [(*parameters(), images(kind, 5), [1, 2, 3, 4, 5], 0.05) for kind in kinds],
    }


INPUTS = inputs()


def answer(name, function, args):
    """What a function answers, as one list of float arrays."""
    if name == "initialise":
        args = (*args, np.random.default_rng(6))
    value = function(*args)
    if name == "box_network":
        value = backprop.box_value(value, GRID)
    elif name == "approximate":
        value = value(GRID)
    if name == "train_one_sample":
        value = [[new - old for new, old in zip(*both, strict=True)] for both in zip(value, args[:2], strict=True)]
    return flattened(value)


def flattened(value):
    if isinstance(value, (list, tuple)):
        return [part for v in value for part in flattened(v)]
    return [np.asarray(value, dtype=np.float64)]


def same(ones, others):
    """Whether two answers agree as a check would see it: each array to a millionth of its largest entry."""
    return len(ones) == len(others) and all(
        a.shape == b.shape
        and np.allclose(a, b, rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(b), initial=0.0), equal_nan=True)
        for a, b in zip(ones, others, strict=True)
    )


@pytest.fixture(scope="module")
def answers():
    """Answers of the solution ("") and of every variant to every question, by function."""
    return {
        name: {
            label: [answer(name, function, args) for args in INPUTS[name]]
            for label, function in (
                ("", getattr(backprop, name)),
                *((variant.name, variant.function) for variant in VARIANTS[name]),
            )
        }
        for name in VARIANTS
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_every_two_answers_can_be_told_apart(name, answers):
    alike = [
        (one, other)
        for one, other in combinations(answers[name], 2)
        if all(map(same, answers[name][one], answers[name][other]))
    ]

    assert alike == []


@pytest.mark.parametrize("name", ["gradients", "train_one_sample"])
def test_on_pixels_in_0_to_1_only_byte_arithmetic_is_right(name, answers):
    right = answers[name][""][0]

    assert [each for each in answers[name] if same(answers[name][each][0], right)] == [
        "",
        "unsigned-bytes-wrap-around",
    ]


@pytest.mark.parametrize("variant", [each for group in VARIANTS.values() for each in group], ids=lambda v: v.name)
def test_a_variant_stands_in_for_a_function_and_speaks_to_the_student(variant):
    assert callable(getattr(backprop, variant.of))
    assert variant.name == variant.name.lower().replace(" ", "-")
    assert variant.explanation.endswith(".")
    assert "`" not in variant.title
    assert len(variant.title) <= 70


def test_no_variant_changes_its_arguments():
    weights, biases = parameters()
    before = [p.copy() for p in (*weights, *biases)]
    image = images("bytes", 1)[0]
    for variant in VARIANTS["train_one_sample"]:
        variant.function(weights, biases, image, 3, 0.1)

    for now, then in zip((*weights, *biases), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_the_step_with_no_slip_is_the_solutions():
    from reference.backprop_variants.slips import Slip

    args = INPUTS["train_one_sample"][0]

    assert same(
        answer("train_one_sample", Slip().step, args),
        answer("train_one_sample", backprop.train_one_sample, args),
    )


def test_a_catalogue_refuses_a_name_twice():
    catalogue = Catalogue()
    catalogue.add("softmax", "same-name", "one", "One.", np.exp)
    with pytest.raises(ValueError, match="two variants called 'same-name'"):
        catalogue.add("softmax", "same-name", "two", "Two.", np.exp)


def test_variants_are_grouped_by_function_in_the_order_of_registration():
    catalogue = Catalogue()
    for of, name in (("f", "z"), ("g", "y"), ("f", "a")):
        catalogue.add(of, name, name, "Text.", np.exp)

    assert {of: [each.name for each in group] for of, group in catalogue.by_function().items()} == {
        "f": ["z", "a"],
        "g": ["y"],
    }


def test_a_variant_that_overflows_does_not_warn():
    unstable = {each.name: each.function for each in VARIANTS["softmax"]}["softmax-unstable"]

    assert np.isnan(unstable(np.array([1000.0, 0.0]))[0])
