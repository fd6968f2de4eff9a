from __future__ import annotations

import numpy as np
import pytest
from garbage import ANYTHING, Opaque
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.compare import Difference, central_differences, compare_gradients
from grader.results import Heatmap, Table

RNG = np.random.default_rng(0)
SHAPES = {"W1": (6, 4), "W2": (4, 4), "W3": (4, 3), "b1": (4,), "b2": (4,), "b3": (3,)}
WANT = {name: RNG.normal(size=shape) for name, shape in SHAPES.items()}


def wrong(*names):
    return {name: value + RNG.normal(size=value.shape) * (name in names) for name, value in WANT.items()}


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        pytest.param(
            wrong("W1", "b1", "W2", "b2"),
            "W3 and b3 are right, W2, b2, W1 and b1 are wrong: "
            "the error must be lost between the output layer and the second hidden layer.",
            id="between layers",
        ),
        pytest.param(
            wrong("W1", "b1"),
            "W3, b3, W2 and b2 are right, W1 and b1 are wrong: "
            "the error must be lost between the second hidden layer and the first hidden layer.",
            id="first layer",
        ),
        pytest.param(
            wrong(*WANT),
            "W3, b3, W2, b2, W1 and b1 are wrong: "
            "look at the output layer first, at ∂L/∂z there: every layer below inherits its mistake.",
            id="everything",
        ),
        pytest.param(
            wrong("b1", "b2", "b3"),
            "W3, W2 and W1 are right, b3, b2 and b1 are wrong: "
            "the errors ∂L/∂z are right, only the step from them to the biases is not.",
            id="biases",
        ),
        pytest.param(
            wrong("W2"),
            "W3, b3, b2, W1 and b1 are right, W2 is wrong: the errors ∂L/∂z are right, "
            "so look at what they are multiplied with: the input of each layer.",
            id="one layer's input",
        ),
        pytest.param(
            wrong("b2", "W1", "b1"),
            "W3, b3 and W2 are right, b2, W1 and b1 are wrong: "
            "the weights of the second hidden layer are right, so its ∂L/∂z is: look at its biases first.",
            id="biases of one layer",
        ),
        pytest.param(
            {**WANT, "W1": 0 * WANT["W1"]},
            "W3, b3, W2, b2 and b1 are right, W1 was not changed at all.",
            id="not changed",
        ),
        pytest.param(
            {name: 0 * value for name, value in WANT.items()}, "No parameter was changed at all.", id="nothing changed"
        ),
        pytest.param(
            {name: -value for name, value in WANT.items()},
            "All gradients have the opposite sign: the step goes uphill.",
            id="uphill",
        ),
        pytest.param(
            {name: value / 60000 for name, value in WANT.items()},
            "All gradients are off by the same factor: is the step divided or multiplied once too often?",
            id="divided",
        ),
        pytest.param({**WANT, "b1": None}, "W3, b3, W2, b2 and W1 are right, b1 is not found.", id="missing"),
        pytest.param(
            {**WANT, "W1": WANT["W1"].T}, "W3, b3, W2, b2 and b1 are right, W1 is transposed.", id="transposed"
        ),
        pytest.param(
            {**WANT, "b3": np.ones((3, 3))},
            "W3, W2, b2, W1 and b1 are right, b3 has shape (3, 3) instead of shape (3,).",
            id="broadcast",
        ),
        pytest.param({**WANT, "W2": WANT["W2"] * np.nan}, "W3, b3, b2, W1 and b1 are right, W2 is NaN", id="NaN"),
        pytest.param({**WANT, "W2": Opaque()}, "W3, b3, b2, W1 and b1 are right, W2 is no numbers.", id="object"),
    ],
)
def test_the_pattern_of_wrong_parameters_is_read(got, reason):
    difference = compare_gradients(got, WANT)

    assert reason == difference.reason[: len(reason)]


@pytest.mark.parametrize(
    "got",
    [
        pytest.param(WANT, id="equal"),
        pytest.param({name: value.reshape(1, *value.shape) for name, value in WANT.items()}, id="axes of one"),
        pytest.param({name: value.astype(np.float32) for name, value in WANT.items()}, id="float32"),
        pytest.param({name: value.tolist() for name, value in WANT.items()}, id="lists"),
        pytest.param({name: value * (1 + 5e-7) for name, value in WANT.items()}, id="within the tolerance"),
        pytest.param({**WANT, "W9": "more"}, id="more than asked for"),
    ],
)
def test_right_gradients_are_accepted(got):
    assert compare_gradients(got, WANT) is None


def test_an_error_that_a_cosine_would_miss_is_found():
    got = {**WANT, "W1": WANT["W1"] * (1 + 2e-6)}

    assert compare_gradients(got, WANT) is not None


def test_one_small_entry_that_the_norm_would_miss_is_found():
    want = {"W1": np.array([1.0, 1e-8]), "b1": np.ones(1)}
    got = {"W1": np.array([1.0, 2e-8]), "b1": np.ones(1)}

    assert compare_gradients(got, want) is not None


@pytest.mark.parametrize("noise", [1e-3, {name: np.full(value.shape, 1e-3) for name, value in WANT.items()}])
def test_noise_of_the_recovery_is_allowed(noise):
    got = {name: value + 0.9e-3 for name, value in WANT.items()}

    assert compare_gradients(got, WANT, noise=noise) is None
    assert compare_gradients(wrong("b2"), WANT, noise=noise) is not None


def test_a_zero_gradient_recovered_with_noise_is_right():
    want = {"W1": np.zeros((784, 32)), "b1": np.zeros(32)}
    got = {name: RNG.uniform(-1e-15, 1e-15, value.shape) for name, value in want.items()}

    assert compare_gradients(got, want, noise=1e-15) is None
    assert compare_gradients(got, want) is not None


def test_the_gradient_of_the_own_loss_is_recognised():
    got = {name: value * 2 + RNG.normal(size=value.shape) for name, value in WANT.items()}
    difference = compare_gradients(got, WANT, numeric={name: value * (1 + 1e-6) for name, value in got.items()})

    assert "the gradient of your own loss" in difference.reason
    assert difference.evidence[0].columns[-1] == "against your own loss"


def test_evidence_is_a_table_and_the_worst_parameter():
    difference = compare_gradients(wrong("W2"), WANT)
    table, heatmap = difference.evidence

    assert isinstance(table, Table)
    assert not table.expected
    assert [(row[0], row[2]) for row in table.rows] == [(n, "wrong" if n == "W2" else "right") for n in WANT]
    assert isinstance(heatmap, Heatmap)
    assert heatmap.expected
    assert difference.name == "W2"


def test_the_factor_is_for_the_staff_only():
    difference = compare_gradients({**WANT, "W2": WANT["W2"] * 0.125}, WANT)

    assert "0.125" in difference.detail
    assert "0.125" not in difference.reason


def test_a_small_common_factor_is_seen_through_the_noise():
    got = {name: value / 60000 + RNG.uniform(-1e-9, 1e-9, value.shape) for name, value in WANT.items()}

    assert compare_gradients(got, WANT, noise=1e-9).reason.startswith("All gradients are off by the same factor")


def test_names_without_layers_get_no_advice():
    want = {"kernel": np.ones(2), "bias": np.arange(2.0)}

    assert compare_gradients({**want, "kernel": [3.0, 9.0]}, want).reason == "bias is right, kernel is wrong."


@given(ANYTHING, st.one_of(st.none(), st.dictionaries(st.sampled_from(["W1", "b1"]), ANYTHING)))
@settings(max_examples=200)
def test_no_answer_can_make_it_raise(value, other):
    want = {"W1": np.ones((2, 2)), "b1": np.zeros(2)}
    for got in ({"W1": value, "b1": value}, other):
        difference = compare_gradients(got, want)

        assert difference is None or isinstance(difference, Difference)


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        pytest.param(lambda x: float(np.sum(np.sin(x))), np.cos, id="sine"),
        pytest.param(lambda x: float(np.exp(x).prod()), lambda x: np.full(x.shape, np.exp(x.sum())), id="product"),
        pytest.param(lambda x: float(np.sum(x**4)), lambda x: 4 * x**3, id="fourth power"),
        pytest.param(lambda x: 3.0, np.zeros_like, id="constant"),
    ],
)
@pytest.mark.parametrize("scale", [1e-3, 1.0])
def test_central_differences_lie_within_their_bound(f, gradient, scale):
    x = np.random.default_rng(1).normal(size=(3, 4)) * scale
    measured, bound = central_differences(f, x)

    assert np.all(np.abs(measured - gradient(x)) <= bound)
    assert np.all(bound <= 1e-6 * max(1.0, np.abs(gradient(x)).max()))


@pytest.mark.parametrize("at", [0.0, 1e-9, -3e-5])
def test_the_bound_knows_a_kink(at):
    _, bound = central_differences(lambda x: float(np.maximum(x, 0).sum()), np.array([at, 1.0, -1.0]))

    assert bound[0] > 0.1
    assert np.all(bound[1:] < 1e-8)


def test_where_f_is_not_finite_the_bound_is_infinite():
    gradient, bound = central_differences(lambda x: float("inf") if x[0] > 1 else 0.0, np.array([1.0, 0.5]))

    assert np.isnan(gradient[0])
    assert bound[0] == np.inf
    assert gradient[1] == 0


def test_central_differences_leave_the_point_alone():
    x = np.ones((2, 2))
    central_differences(lambda z: float(z.sum()), x)

    np.testing.assert_array_equal(np.ones((2, 2)), x)
