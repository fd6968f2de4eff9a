"""Question 5: softmax as a function, and its properties derived."""

import re

import numpy as np
import pytest
from vp_reading import as_floats

from grader.checks import Disagreement, NeedsReview, PartialCredit
from grader.checks.proofs import answer_of
from grader.compare import show
from grader.errors import CallTimedOut, StudentError
from grader.results import LineMark, Text

STABLE_HINT = "Adding a constant changes nothing, so subtract the largest logit first: then nothing is above e⁰ = 1."
WORLDS = ("softmax-positive", "softmax-sum", "softmax-shift")
IN_WORDS = re.compile(r"positiv|greater than (?:0|zero)|größer als (?:0|null)", re.IGNORECASE)
ABOVE_ZERO = re.compile(r"(?:>|\\gt)\s*0(?![.\d])|(?<![.\d])0\s*(?:<|\\lt)|\\in\s*(?:\\left)?\s*[(\]]\s*0")
SUM = re.compile(r"\\sum|Σ|∑|\.\.\.|dots")
CONSTANT = re.compile(r"(?<![\\a-zA-Z])[cC](?![a-zA-Z])")
ROW_HINT = "Sum along the last axis (axis=-1) and keep it (keepdims=True), so that each row is divided by its own sum."


@pytest.mark.check("q5", points=3, needs="softmax", hint="e to the power of every logit, divided by the sum of them.")
def test_softmax_of_a_vector(check, reference, rng):
    """softmax(z) is right for a vector"""
    z = rng.normal(scale=2, size=int(rng.integers(3, 8)))
    reference.softmax(z[None])  # asked of every notebook, so that a bundle has the answer for those that take rows only
    require_vector(check, z)


@pytest.mark.check("q5", points=2, needs="softmax", hint=ROW_HINT)
def test_softmax_of_rows(check, rng):
    """softmax(z) treats every row of a matrix by itself"""
    check.same("softmax", rng.normal(scale=2, size=(4, 6)), accept=())
    check.same("softmax", rng.normal(scale=2, size=(5, 5)), accept=())


@pytest.mark.check("q5", points=2, hidden=True, needs="softmax", hint=STABLE_HINT)
def test_softmax_of_large_logits(check, rng):
    """softmax(z) works for logits of ±1000"""
    for z in (np.array([1000.0, 999.0, -1000.0]), np.array([-1000.0, -1001.0, -1000.5])):
        require_vector(check, z + rng.normal(size=3))


@pytest.mark.check("q5", points=2, hidden=True, needs="softmax", hint="e^(z + c) = e^z · e^c, and e^c cancels.")
def test_softmax_sums_to_one_and_ignores_a_constant(check, rng):
    """the outputs are positive, sum to one, and stay when a constant is added"""
    for n in (2, 5, 20):
        z, constant = rng.normal(scale=3, size=n), float(rng.uniform(5, 20) * rng.choice([-1, 1]))
        first, second = (answer(check, logits) for logits in (z, z + constant))
        if first is None or first.size != n or not np.all(first > 0):
            check.fail(f"For {n} logits, `softmax` does not return {n} positive numbers.", came_back(first))
        if not np.isclose(first.sum(), 1, atol=1e-6):
            check.fail(f"The outputs for {n} logits sum to {first.sum():.6g}, not to 1.", came_back(first))
        if second is None or second.shape != first.shape or not np.allclose(first, second, rtol=1e-6, atol=1e-9):
            check.fail(f"With {constant:.3g} added to all of {n} logits your softmax changes.", came_back(second))


def came_back(value):
    """Return what came back as evidence."""
    return Text(title="What came back", text=show(value))


def answer(check, z):
    """Return the softmax of a vector as a flat array, asked as a row where the function takes rows only."""
    try:
        return as_floats(check.student.softmax(z))
    except CallTimedOut:
        raise
    except StudentError:
        row = as_floats(check.student.softmax(z[None]))
        return None if row is None else row.reshape(-1)


def require_vector(check, z):
    """Require the softmax of a vector, or of one row where the function takes rows only."""
    try:
        check.same("softmax", z)
    except CallTimedOut:
        raise
    except (Disagreement, StudentError) as first:
        if not takes_rows(check, z):
            raise first from None
        check.remark("your `softmax` takes matrices only: it was given one row")


def takes_rows(check, z):
    """Tell whether `softmax` is right for a matrix of one row."""
    try:
        check.same("softmax", z[None], accept=())
    except (Disagreement, StudentError):
        return False
    return True


def others(world):
    """Return the worlds whose derivations stand in the same answer."""
    return tuple(name for name in WORLDS if name != world)


def that_hold(proof, pattern):
    """Return the lines that hold and have something in them."""
    return {line.latex for line in proof.shown[-1].lines if line.mark is LineMark.HOLDS and pattern.search(line.latex)}


@pytest.mark.check("q5", points=1, hint="What is known of e^x, and what of a quotient of such numbers?")
def test_derivation_of_positive(proof, notebook):
    """The outputs are shown to be positive"""
    try:
        proof("softmax-positive", beside=others("softmax-positive"))
    except PartialCredit as found:
        wrong = found
    else:
        wrong = None
    if that_hold(proof, ABOVE_ZERO):
        return
    if IN_WORDS.search(answer_of(notebook, "q5").text):
        raise NeedsReview("You say in words that the outputs are positive: a person will read it.") from wrong
    raise PartialCredit(0, "No line says of anything that it is greater than 0.") from wrong


@pytest.mark.check("q5", points=2, hint="All summands have the same denominator.")
def test_derivation_of_the_sum(proof):
    """The derivation of Σ softmax(z)_i = 1 holds line by line"""
    proof("softmax-sum", beside=others("softmax-sum"))
    if len(that_hold(proof, SUM)) < 2:
        raise NeedsReview("One line alone says that the sum is 1: a person will look whether it is shown.")


@pytest.mark.check("q5", points=2, hint="e^(z + c) = e^z · e^c, and e^c cancels.")
def test_derivation_of_the_constant(proof):
    """The derivation that a constant c added to all logits changes nothing holds line by line"""
    proof("softmax-shift", beside=others("softmax-shift"))
    if len(that_hold(proof, CONSTANT)) < 2:
        raise NeedsReview("One line alone says that c changes nothing: a person will look whether it is shown.")
