"""Question 2: the three derivatives of one chain of neurons."""

import numpy as np
import pytest
from vp_reading import three_parts

from grader.compare import align, compare_arrays, show
from grader.errors import CallTimedOut, StudentError
from grader.results import Text

OTHERS = ("chain_gradient", "chain_grads", "chain_rule_gradients")
PARTS = {"w": 0, "b": 1, "a_prev": 2}
WORLDS = {"w": "chain-weight", "b": "chain-bias", "a_prev": "chain-activation"}
SYMBOLS = ("∂C/∂w", "∂C/∂b", "∂C/∂a_prev")
RTOL = 1e-5
HINT = (
    "Start with ∂C/∂a = 2(a − y), go on with ∂a/∂z = σ′(z) = a(1 − a), and end with the last step, which is all that "
    "differs: ∂z/∂w = a_prev, ∂z/∂b = 1, ∂z/∂a_prev = w."
)
MEAN_HINT = "Work out the derivatives for every example; those by w and by b are then averaged (np.mean)."


def neuron(rng):
    """Return w and b of a neuron that is not saturated, neither of them near 0 or 1."""
    return tuple(float(rng.uniform(*span) * rng.choice([-1, 1])) for span in ((1.2, 2), (0.2, 0.8)))


def difference(got, want):
    """Return in what an answer differs, None where it agrees in any shape that means the same."""
    return compare_arrays(align(got, np.shape(want)).value, want, rtol=RTOL)


def ask(check, args):
    """Return what the student's function gives, however it likes single numbers."""
    function = check.student.function("chain_gradients", *OTHERS)
    try:
        return check.student.call(function, *args).value
    except CallTimedOut:
        raise
    except StudentError:
        if np.ndim(args[2]):
            raise
        rows = (np.array([number]) for number in args[2:])
        try:
            value = check.student.call(function, *args[:2], *rows).value
        except StudentError:
            value = None
        if value is None:
            raise
        check.remark("your `chain_gradients` takes arrays only: it was given arrays with one example")
        return value


def require(check, part, *args):
    """Require one of the three derivatives."""
    asked = f"chain_gradients({', '.join(show(value) for value in args)})"
    value = ask(check, args)
    parts = three_parts(value)
    if parts is None:
        check.fail(
            "`chain_gradients(w, b, a_prev, y)` has to return three things: ∂C/∂w, ∂C/∂b and ∂C/∂a_prev.",
            Text(title="What was asked", text=asked),
            Text(title="What came back", text=show(value)),
        )
    got, want = parts[part], check.reference.chain_gradients(*args)[part]
    wrong = difference(got, want)
    if wrong is None or (part == PARTS["a_prev"] and is_of_the_mean(check, got, want)):
        return
    check.fail(
        f"{SYMBOLS[part]} is not right. {wrong.reason}",
        Text(title="What was asked", text=asked),
        Text(title=f"What came back for {SYMBOLS[part]}", text=show(got)),
        Text(title="What was expected", text=show(want), expected=True),
        diagnosis=check.reference.explain(
            "chain_gradients", args, lambda answer: difference(got, answer[part]) is None
        ),
    )


def is_of_the_mean(check, got, want):
    """Accept the derivative of the mean cost, or the mean of the derivatives: both are common, and no mistake."""
    n = np.size(want)
    if n == 1 or all(difference(got, other) is not None for other in (want / n, np.mean(want))):
        return False
    check.remark("your ∂C/∂a_prev is one of the average cost; each example's own cost was asked for")
    return True


@pytest.mark.check("q2", points=6, needs="chain_gradients", hint=HINT)
@pytest.mark.parametrize("by", PARTS)
def test_gradient_of_one_example(check, rng, by):
    """chain_gradients is right for one example"""
    require(check, PARTS[by], *neuron(rng), float(rng.uniform(0.2, 0.9)), float(rng.uniform()))


@pytest.mark.check("q2", points=6, needs="chain_gradients", hint=MEAN_HINT)
@pytest.mark.parametrize("by", PARTS)
def test_gradient_of_many_examples(check, rng, by):
    """chain_gradients averages over examples"""
    n = int(rng.integers(5, 12))
    require(check, PARTS[by], *neuron(rng), rng.uniform(size=n), rng.integers(2, size=n).astype(float))


@pytest.mark.check("q2", points=2, hidden=True, needs="chain_gradients", hint=HINT)
def test_gradient_at_other_places(check, rng):
    """chain_gradients is right for other weights, inputs and targets"""
    for _ in range(4):
        args = (*neuron(rng), float(rng.normal()), float(rng.normal()))
        for part in PARTS.values():
            require(check, part, *args)


@pytest.mark.check("q2", points=6, hint="One step per line: a line that is right counts, also when the next is wrong.")
@pytest.mark.parametrize("by", WORLDS)
def test_derivation_by_the_chain_rule(proof, by):
    """The derivation with the chain rule holds line by line"""
    proof(WORLDS[by], beside=tuple(world for world in WORLDS.values() if world != WORLDS[by]))
