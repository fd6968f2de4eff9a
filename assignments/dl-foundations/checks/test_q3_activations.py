"""Question 3: activation functions and their derivatives, between −4 and 4, at 0 and at ±1000."""

import numpy as np
import pytest
from df_ask import attempted, judge, spelled
from df_derivatives import derivative_of, value_of
from df_values import leaves

from grader.compare import compare_arrays, show
from grader.results import Text

NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu", "swish", "softmax", "linear")
CORNERS = {"relu": (0.0, 1.0), "leaky_relu": (0.01, 1.0), "prelu": (None, 1.0)}
HINTS = (
    "σ(z) = 1/(1 + e^−z); leaky ReLU: α = 0.01; PReLU: slope a below 0; ELU: α(e^z − 1) below 0, α = 1; swish: z σ(z)."
)
SLOPE = {"leaky_relu": 0.01, "elu": 1.0}


def given_for(name, z, rng):
    """Return the arguments of an activation at z: PReLU has its slope besides."""
    if name == "prelu":
        return {"z": z, "slope": float(rng.uniform(0.1, 0.4))}
    return {"z": z, "slope": SLOPE[name]} if name in SLOPE else {"z": z}


def inputs(rng, n=9):
    """Return numbers on both sides of 0, none of them near it."""
    return rng.permutation(np.concatenate([rng.uniform(0.1, 4, n - n // 2), -rng.uniform(0.1, 4, n // 2)]))


def require_value(check, name, given, **options):
    """Require the activation's values."""
    want = getattr(check.reference, name)(*given.values())
    explain = (name, tuple(given.values()))
    judge(check, value_of(check, name, given), want, asked=spelled(name, given), explain=explain, **options)


def require_derivative(check, name, given, **options):
    """Require the derivative at the pre-activations z."""
    of = f"{name}_prime"
    want = getattr(check.reference, of)(*given.values())
    explain = (of, tuple(given.values()))
    got = derivative_of(check, name, given)
    if name == "linear" and np.size(number := next(leaves(got), np.empty(0))) == 1:
        check.remark("your derivative of the linear function is one number: it was taken for every entry")
        got = np.broadcast_to(number, want.shape)
    judge(check, got, want, asked=spelled(of, given), explain=explain, **options)


@pytest.mark.check("q3", points=4.5, hint=HINTS)
@pytest.mark.parametrize("name", NAMES)
def test_activation(check, notebook, rng, name):
    """the activation function is right"""
    attempted(notebook, name)
    require_value(check, name, given_for(name, inputs(rng), rng))


@pytest.mark.check(
    "q3", points=4.5, hint="Differentiate on paper first. The argument is the pre-activation z, not f(z)."
)
@pytest.mark.parametrize("name", NAMES)
def test_derivative(check, notebook, rng, name):
    """the derivative is right, as a function of the pre-activation z"""
    attempted(notebook, f"{name}_prime")
    require_derivative(check, name, given_for(name, inputs(rng, 5 if name == "softmax" else 9), rng))


@pytest.mark.check(
    "q3",
    points=1.8,
    hidden=True,
    hint="e^1000 is infinite in floating point: rewrite the formula so that only e^(−|z|) is needed, or use np.tanh, "
    "np.where and np.expm1 with care.",
)
@pytest.mark.parametrize("name", NAMES)
def test_far_out(check, notebook, rng, name):
    """function and derivative are finite and right at ±1000"""
    attempted(notebook, name, f"{name}_prime")
    z = np.array([1000.0, -1000.0, 998.5, 30.0, -30.0])
    given = given_for(name, z, rng)
    require_value(check, name, given, atol=1e-9)
    require_derivative(check, name, given, atol=1e-9)


@pytest.mark.check(
    "q3", points=1.2, hidden=True, hint="At a corner any number between the slopes of both sides will do, but not NaN."
)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "softmax"])
def test_at_zero(check, notebook, rng, name):
    """function and derivative are right at 0; at a corner any slope between both sides is"""
    attempted(notebook, name, f"{name}_prime")
    given = given_for(name, np.array([0.0, 0.5, -0.5]), rng)
    require_value(check, name, given, atol=1e-9)
    if name not in CORNERS:
        require_derivative(check, name, given, atol=1e-9)
        return
    low, high = CORNERS[name]
    low = given["slope"] if low is None else low
    got = derivative_of(check, name, given)
    three = next((leaf.reshape(-1) for leaf in leaves(got) if leaf.size == 3), np.full(3, np.nan))
    slope = three[0]
    if not low - 1e-9 <= slope <= high + 1e-9:
        check.fail(
            f"At 0 the derivative of {name} has to lie between the slopes of both sides, {low:.3g} and {high:.3g}.",
            Text(title="What came back", text=show(got)),
        )
    want = getattr(check.reference, f"{name}_prime")(*given.values())
    difference = compare_arrays(three[1:], want[1:])
    if difference is not None:
        check.fail(difference.reason)
    if slope not in (low, high):
        check.remark(f"your derivative of {name} at 0 is {slope:.3g}, between both sides: that is a subgradient too")
