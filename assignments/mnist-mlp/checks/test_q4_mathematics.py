"""Question 4: the classifier as functions."""

import numpy as np
import pytest

from grader.checks import Disagreement
from grader.compare import align, compare_arrays, show
from grader.compare.reading import as_array
from grader.errors import CallTimedOut, StudentError
from grader.results import Text

IN, HIDDEN, CLASSES = 7, 6, 4
NAMES = ("W_h", "b_h", "W_o", "b_o")
SIZES = {"W_h": HIDDEN * IN, "b_h": HIDDEN, "W_o": CLASSES * HIDDEN, "b_o": CLASSES}
SURE = 3.0  # between the largest and the smallest logit: no probability is below 1 %
SINGLE = 1e-4  # relative: TensorFlow computes in single precision
CLIPPED = 1e-4  # relative: who writes log(y_hat + 1e-7), as Keras does, is right
SPELLED = {"W_h": "∂L/∂W_h", "b_h": "∂L/∂b_h", "W_o": "∂L/∂W_o", "b_o": "∂L/∂b_o"}


def parameters(rng):
    """Return W_h, b_h, W_o, b_o with no entry near zero before the activation by chance alone."""
    return (
        rng.normal(size=(HIDDEN, IN)),
        rng.normal(size=HIDDEN),
        rng.normal(size=(CLASSES, HIDDEN)),
        rng.normal(size=CLASSES),
    )


@pytest.mark.check("q4", points=2, needs="hidden_layer", hint="np.maximum(0, W_h @ x + b_h)")
def test_hidden_layer(check, rng):
    """hidden_layer returns f(W_h x + b_h)"""
    W_h, b_h, _, _ = parameters(rng)
    check.same("hidden_layer", rng.normal(size=IN), W_h, b_h)


@pytest.mark.check("q4", points=1, needs="logits", hint="W_o @ h + b_o")
def test_logits(check, rng):
    """logits returns W_o h + b_o"""
    _, _, W_o, b_o = parameters(rng)
    check.same("logits", np.abs(rng.normal(size=HIDDEN)), W_o, b_o)


@pytest.mark.check("q4", points=2, needs="softmax", hint="e^z divided by its sum, along the last axis.")
@pytest.mark.parametrize("shape", [(5,), (3, 5)], ids=["vector", "table"])
def test_softmax(check, rng, shape):
    """softmax gives probabilities"""
    check.same("softmax", rng.normal(size=shape) * 3)


@pytest.mark.check("q4", points=1, needs="softmax", hint="Take the largest logit off all of them first.")
def test_softmax_of_large_logits(check):
    """softmax survives logits of ±1000"""
    check.same("softmax", np.array([1000.0, 0.0, -1000.0]))


@pytest.mark.check("q4", points=2, needs="cross_entropy", hint="-np.sum(y * np.log(y_hat))")
def test_cross_entropy(check, rng):
    """cross_entropy returns the loss of one sample"""
    check.same("cross_entropy", np.eye(CLASSES)[rng.integers(CLASSES)], probabilities(rng, 1)[0], rtol=CLIPPED)


@pytest.mark.check("q4", points=2, needs="mean_loss", hint="The sum over all entries, divided by the number of rows.")
def test_mean_loss(check, rng):
    """mean_loss returns the mean over the samples"""
    n = 5
    arguments = np.eye(CLASSES)[rng.integers(CLASSES, size=n)], probabilities(rng, n)
    try:
        check.same("mean_loss", *arguments, rtol=CLIPPED)
    except Disagreement:
        if not is_mean_of_own(check, *arguments):
            raise
        check.remark("your `mean_loss` is the mean of what your `cross_entropy` gives: that slip counts there alone")


def is_mean_of_own(check, Y, Y_hat):
    """Tell whether `mean_loss` is the mean of the student's own losses, right or wrong."""
    try:
        got = as_array(check.student.call("mean_loss", Y, Y_hat).value)
        each = [as_array(check.student.call("cross_entropy", y, p).value) for y, p in zip(Y, Y_hat, strict=True)]
    except CallTimedOut:
        raise
    except StudentError:
        return False
    if not all(isinstance(value, np.ndarray) and value.size == 1 for value in (got, *each)):
        return False
    return bool(np.allclose(got.ravel(), np.mean([value.ravel() for value in each]), rtol=CLIPPED, atol=0))


def probabilities(rng, n):
    """Return n rows of probabilities, none of them so small that 1e-7 more or less shows."""
    table = 0.2 + rng.random(size=(n, CLASSES))
    return table / table.sum(axis=1, keepdims=True)


@pytest.mark.check("q4", points=4, needs="softmax_jacobian", hint="np.diag(p) - np.outer(p, p)")
def test_softmax_jacobian(check, rng):
    """softmax_jacobian gives the matrix of all ∂ŷ_i/∂z_j"""
    check.same("softmax_jacobian", rng.normal(size=5))


@pytest.mark.check(
    "q4",
    points=8,
    needs="gradients",
    hidden=True,
    hint="δ_o = ŷ − y and δ_h = W_oᵀ δ_o ⊙ f′; a weight's gradient is its layer's δ times what came in.",
)
@pytest.mark.parametrize("name", NAMES)
def test_gradients(check, rng, name):
    """gradients returns the exact gradient of the loss"""
    arguments = sample(rng)
    value = check.student.call("gradients", *arguments).value
    got = align(part_of(check, value, name), np.shape(arguments[2 + NAMES.index(name)]))
    place = NAMES.index(name)
    want = check.reference.gradients(*arguments)[place]
    difference = compare_arrays(got.value, want, rtol=SINGLE)
    if difference is None:
        return
    diagnosis = check.reference.explain(
        "gradients", arguments, lambda wrong: compare_arrays(got.value, wrong[place], rtol=SINGLE) is None
    )
    check.fail(
        f"{SPELLED[name]} is wrong: {difference.reason}",
        Text(title="What came back", text=show(got.value)),
        Text(title="What was expected", text=show(want), expected=True),
        diagnosis=diagnosis,
    )


def sample(rng):
    """Return the arguments of `gradients`, with hidden units of both kinds: some that fire, some that do not.

    The network is neither sure nor surprised: single precision, which TensorFlow has, shows no difference then.
    """
    while True:
        W_h, b_h, W_o, b_o = parameters(rng)
        x = rng.normal(size=IN)
        before = W_h @ x + b_h
        z = W_o @ np.maximum(before, 0) + b_o
        if 2 <= (before > 0).sum() <= HIDDEN - 2 and np.abs(before).min() > 0.05 and np.ptp(z) < SURE:
            return x, np.eye(CLASSES)[rng.integers(CLASSES)], W_h, b_h, W_o, b_o


def part_of(check, value, name):
    """Return one gradient out of a tuple, found by its place or by its size, or out of a dict, by its name."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.shape == (len(NAMES),):
        value = tuple(value)
    parts = list(value.values()) if isinstance(value, dict) else value
    if isinstance(value, dict):
        named = [part for key, part in value.items() if plain(key).endswith(plain(name))]
        if len(named) == 1:
            return named[0]
    if not isinstance(parts, tuple | list) or len(parts) < len(NAMES):
        check.fail(
            "`gradients` has to return four arrays, (dW_h, db_h, dW_o, db_o).",
            Text(title="What came back", text=show(value)),
        )
    place = NAMES.index(name)
    fitting = [part for part in parts if size_of(part) == SIZES[name]]
    if not fitting or (len(parts) == len(NAMES) and size_of(parts[place]) == SIZES[name]):
        return parts[place]
    check.remark("`gradients` returns its arrays in another order than (dW_h, db_h, dW_o, db_o)")
    return fitting[-1]


def plain(name):
    """Return the letters of a name, small ones."""
    return "".join(filter(str.isalnum, str(name))).lower()


def size_of(part):
    """Return how many numbers an answer has, 0 where it is none."""
    array = as_array(part)
    return array.size if isinstance(array, np.ndarray) else 0
