"""Question 4, the helpers."""

import numpy as np
import pytest

from grader.checks import Disagreement
from grader.errors import CallTimedOut, StudentError
from grader.probe import parameters_of


@pytest.mark.check(
    "q4", points=2, needs="sigmoid", hint="σ(z) = 1/(1 + e^{−z}), which for very negative z is e^z/(1 + e^z)."
)
def test_sigmoid(check, rng):
    """sigmoid is right for a vector and for a large number"""
    check.same("sigmoid", rng.normal(scale=3, size=7))
    check.same("sigmoid", np.array([0.0, 40.0, -40.0, 700.0, -700.0]), atol=1e-12)


@pytest.mark.check(
    "q4", points=2, needs="dsigmoid", hint="σ′(z) = σ(z)(1 − σ(z)), where z is what goes into the neuron."
)
def test_dsigmoid(check, rng):
    """dsigmoid is the derivative of sigmoid at the pre-activation z"""
    check.same("dsigmoid", rng.normal(scale=2, size=7))


@pytest.mark.check(
    "q4", points=3, needs="softmax", hint="Subtract the largest logit first: it changes nothing, and nothing overflows."
)
@pytest.mark.parametrize("scale", [1, 30, 1000])
def test_softmax(check, rng, scale):
    """softmax gives probabilities for logits of every size"""
    z = rng.normal(size=10) * scale
    of_batch = check.reference.softmax(z[None])
    try:
        check.same("softmax", z)
    except CallTimedOut:
        raise
    except (Disagreement, StudentError) as first:
        if not takes_batches(check, z, of_batch):
            raise first from None
        check.remark("your `softmax` takes a batch: it was given one row of logits")


def takes_batches(check, z, want):
    """Tell whether `softmax` is right for a batch of one row."""
    try:
        answer = check.student.call("softmax", z[None]).value
        check.agree(answer, want, asked="softmax of one row", accept=())
    except (Disagreement, StudentError):
        return False
    return True


@pytest.mark.check("q4", points=2, needs="cross_entropy_loss", hint="L = −Σ y_i log ŷ_i, with the natural logarithm.")
def test_cross_entropy_loss(check, reference, rng):
    """cross_entropy_loss(y, ŷ) is −Σ y log ŷ"""
    for label in rng.integers(10, size=3):
        y, y_hat = reference.integer_to_one_hot(int(label), 10), reference.softmax(rng.normal(size=10))
        check.same("cross_entropy_loss", y, y_hat, orders=[(1, 0)])


@pytest.mark.check(
    "q4", points=1, needs="integer_to_one_hot", hint="A vector of zeros with a single 1 at the place of the label."
)
def test_integer_to_one_hot(check, student, reference):
    """integer_to_one_hot puts the 1 at the label's place, for every label"""
    parameters = [name for name, _, _ in parameters_of(student.integer_to_one_hot) or ()]
    one = len(parameters) == 1
    asked = [(label, 10) for label in range(10)]
    if len(parameters) == 2 and "class" in parameters[1].lower():  # a parameter of another name may mean another thing
        asked.append((3, 7))
    for arguments in asked:
        got = student.call("integer_to_one_hot", *arguments[: 1 if one else 2]).value
        check.agree(
            got,
            reference.integer_to_one_hot(*arguments),
            asked=f"integer_to_one_hot({arguments[0]}, {arguments[1]})",
            explain=("integer_to_one_hot", arguments),
        )
