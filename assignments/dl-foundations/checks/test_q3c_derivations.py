"""Question 3c: the derivatives of three activations, derived."""

import pytest

HINT = "One step per line: a line that is right counts, also when the next is wrong."


@pytest.mark.check("q3", points=0.5, hint=HINT)
def test_derivation_of_the_sigmoid(proof):
    """The derivation of σ′(z) = σ(z)(1 − σ(z)) holds line by line"""
    proof("sigmoid", part="c", beside=("tanh", "swish"), title="Your derivation for the sigmoid, line by line")


@pytest.mark.check("q3", points=0.25, hint=HINT)
def test_derivation_of_tanh(proof):
    """The derivation of tanh′(z) = 1 − tanh²(z) holds line by line"""
    proof("tanh", part="c", beside=("sigmoid", "swish"), title="Your derivation for tanh, line by line")


@pytest.mark.check("q3", points=0.25, hint=HINT)
def test_derivation_of_swish(proof):
    """The derivation of the derivative of f(z) = z σ(z) holds line by line"""
    proof("swish", part="c", beside=("sigmoid", "tanh"), title="Your derivation for swish, line by line")
