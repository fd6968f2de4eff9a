"""Question 7: initial weights by their statistics, and batch normalisation forward and backward.

Random weights are judged with a chance of 1e-6 per test of calling right ones wrong; the tests are exact for normal
draws and even safer for uniform and truncated ones, whose tails are lighter.
"""

import itertools

import numpy as np
import pytest
from df_ask import Form, call, find, first_that_holds, judge, require, role_of, spelled
from df_values import atoms, fitted

from grader.compare import compare_mean, compare_variance, looks_normal, show
from grader.errors import StudentError
from grader.probe import is_handle, parameters_of
from grader.results import Text

ALPHA = 1e-6
SMALL = 1e-4  # which ε stands under the root must not matter
SIZES = (100, 64, 10)
XAVIER = ("xavier_init", "glorot_init", "xavier", "glorot", "xavier_initialization", "init_xavier", "xavier_normal")
HE = ("he_init", "he", "kaiming_init", "he_initialization", "init_he", "he_normal", "kaiming")
BN = ("batch_norm_forward", "batchnorm_forward", "bn_forward", "batch_norm", "batchnorm")
BN_BACK = ("batch_norm_backward", "batchnorm_backward", "bn_backward")


def require_weights(check, weights, of, n_in, n_out, name=""):
    """Require mean and variance of random weights; `of` is the reference's function for the variance."""
    variance = getattr(check.reference, of)(n_in, n_out)
    difference = compare_mean(weights, 0.0, alpha=ALPHA, name=name)
    difference = difference or compare_variance(weights, variance, alpha=ALPHA, name=name)
    if difference is not None:
        check.fail(
            difference.reason,
            Text(title="What was asked", text=f"weights for n_in = {n_in} and n_out = {n_out}"),
            Text(title="What we found", text=difference.detail, expected=True),
            diagnosis=check.reference.explain(of, (n_in, n_out), lambda v: fits(weights, v)),
        )
    if looks_normal(weights, variance, alpha=ALPHA) is not None:
        check.remark("your weights are not normal (uniform or truncated, perhaps): only their variance is asked for")


def fits(weights, variance):
    """Tell whether weights may have been drawn with this variance, and mean 0."""
    return all(
        difference is None
        for difference in (compare_mean(weights, 0.0, alpha=ALPHA), compare_variance(weights, variance, alpha=ALPHA))
    )


def require_layer(check, names, of, n_in, n_out):
    """Ask for the weights of one layer and require their statistics."""
    function = find(check, *names)
    needed = [name for name, _, has_default in parameters_of(function) or () if not has_default]
    if len(needed) == 1 and role_of(needed[0], {"n_in": 0}) is None:
        check.remark(f"your `{names[0]}` takes the shape of the weights")
        got = check.student.call(function, (n_in, n_out)).value
    else:
        got = call(check, function, {"n_in": n_in, "n_out": n_out})
    found = [w for leaf in atoms(got) if (w := fitted(leaf, (n_in, n_out))) is not None]
    if not found:
        check.fail(
            f"`{names[0]}({n_in}, {n_out})` has to return weights of shape ({n_in}, {n_out}).",
            Text(title="What came back", text=show(got)),
        )
    if all(leaf.shape != (n_in, n_out) for leaf in atoms(got)):
        check.remark("your weights have the shape (n_out, n_in)")
    require_weights(check, found[0], of, n_in, n_out)


@pytest.mark.check(
    "q7", points=1.5, needs="xavier_init", hint="The variance is 2/(n_in + n_out), the deviation its root."
)
@pytest.mark.parametrize(("n_in", "n_out"), [(300, 200), (120, 480)])
def test_xavier(check, n_in, n_out):
    """xavier_init draws weights of variance 2/(n_in + n_out)"""
    require_layer(check, XAVIER, "xavier_variance", n_in, n_out)


@pytest.mark.check("q7", points=1.5, needs="he_init", hint="The variance is 2/n_in, the deviation its root.")
@pytest.mark.parametrize(("n_in", "n_out"), [(300, 200), (120, 480)])
def test_he(check, n_in, n_out):
    """he_init draws weights of variance 2/n_in"""
    require_layer(check, HE, "he_variance", n_in, n_out)


@pytest.mark.check(
    "q7", points=1.5, needs="he_network", hint="100·64 + 64 + 64·10 + 10 = 7,114 numbers; all biases are 0."
)
def test_he_network(check):
    """he_network makes the 7,114 parameters of a network 100-64-10"""
    function = find(check, "he_network", "init_network", "initialize_network", "he_init_network")
    got = network_from(check, function)
    arrays = list(atoms(got))
    total = sum(array.size for array in arrays)
    if total != check.reference.count_parameters(SIZES):
        check.fail(
            f"There are {total:,} numbers in what `he_network([100, 64, 10])` returns; a network 100-64-10 has 7,114.",
            Text(title="What came back", text=show(got)),
        )
    for n_in, n_out in itertools.pairwise(SIZES):
        weights = next((array for array in arrays if array.size == n_in * n_out), None)
        bias = next((array for array in arrays if array.size == n_out), None)
        if weights is None or bias is None:
            check.fail(f"There are no weights of {n_in} × {n_out} with a bias of {n_out} numbers.")
        require_weights(check, weights, "he_variance", n_in, n_out, f"The weights {n_in} × {n_out}")
        if np.any(bias):
            check.fail(f"The bias of {n_out} numbers does not begin at 0.")


def network_from(check, function):
    """Return what `he_network` gives: it takes the sizes as a list, one by one, or not at all."""
    needed = [name for name, _, has_default in parameters_of(function) or () if not has_default]
    sizes = SIZES if len(needed) == 3 else ([list(SIZES)] if parameters_of(function) != () else [])
    got = check.student.call(function, *sizes).value
    return got.get_weights() if is_handle(got) and got.get_weights else got


def batch(rng):
    """Return x, γ and β of a batch; every feature has a mean and a spread of its own."""
    x = rng.normal(size=(8, 3)) * np.array([1.0, 2.5, 1.7]) + np.array([3.0, -2.0, 0.5])
    return {"x": x, "gamma": rng.uniform(0.5, 2, size=3), "shift": rng.normal(size=3)}


ROWS = Form(
    note="your γ and β are rows",
    send=lambda given: {r: v.reshape(1, -1) if r in {"gamma", "shift"} else v for r, v in given.items()},
)


@pytest.mark.check(
    "q7", points=2, needs="batch_norm_forward", hint="Mean and variance are of each column, divided by n: np.var does."
)
def test_batch_norm_forward(check, rng):
    """batch_norm_forward normalises each feature over the batch, then scales and shifts"""
    require(check, BN[0], batch(rng) | {"eps": 1e-5}, others=BN[1:], forms=(Form(), ROWS), rtol=SMALL)


@pytest.mark.check(
    "q7",
    points=2.5,
    needs="batch_norm_backward",
    hint="Mean and variance depend on every row of x: ∂L/∂x = γ/√(σ² + ε) (g − mean(g) − x̂ mean(g x̂)), g = ∂L/∂out.",
)
def test_batch_norm_backward(check, rng):
    """batch_norm_backward gives the gradients of x, γ and β"""
    values = batch(rng)
    given = {"d_out": rng.normal(size=values["x"].shape), "x": values["x"], "gamma": values["gamma"], "eps": 1e-5}
    want = check.reference.batch_norm_backward(*given.values())
    function = find(check, *BN_BACK)
    explain = ("batch_norm_backward", tuple(given.values()))

    def plain():
        got = call(check, function, given)
        judge(check, got, want, asked=spelled("batch_norm_backward", given), explain=explain, rtol=SMALL)

    def with_cache():
        cache = cache_of(check, values)
        got = check.student.call(function, given["d_out"], cache).value
        judge(check, got, want, asked=spelled("batch_norm_backward", given), explain=explain, rtol=SMALL)

    attempts = [("", plain), ("your `batch_norm_backward` takes what the forward pass kept", with_cache)]
    takes_cache = len(parameters_of(function) or ()) == 2
    first_that_holds(check, attempts[::-1] if takes_cache else attempts[:1])


def cache_of(check, values):
    """Return what the student's forward pass keeps for the backward pass: what it returns beside the output."""
    got = call(check, find(check, *BN), values | {"eps": 1e-5})
    rest = got[1:] if isinstance(got, tuple | list) else ()
    if not rest:
        raise StudentError("`batch_norm_backward` takes a cache, but `batch_norm_forward` returns none.")
    return rest[0] if len(rest) == 1 or is_handle(rest[0]) else tuple(rest)
