"""Question 7d: the variances of Xavier and He, derived."""

import pytest

HINT = "Say what you assume (independent, mean 0, the same variance in every layer) before you use it."


@pytest.mark.check("q7", points=0.25, hint=HINT)
def test_derivation_of_xavier(proof):
    """The derivation of Var(w) = 2/(n_in + n_out) holds line by line"""
    proof("xavier", part="d", beside=("he",), title="Your derivation for Xavier, line by line")


@pytest.mark.check("q7", points=0.25, hint=HINT)
def test_derivation_of_he(proof):
    """The derivation of Var(w) = 2/n_in behind ReLU holds line by line"""
    proof("he", part="d", beside=("xavier",), title="Your derivation for He, line by line")
