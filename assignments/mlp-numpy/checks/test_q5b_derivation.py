"""Question 5b: cross-entropy is divergence plus entropy, and for one-hot labels the two are equal."""

import pytest

HINT = "One step per line: a line that is right counts, also when the next is wrong."


@pytest.mark.check("q5", points=3, hint=HINT)
def test_derivation_of_the_identity(proof):
    """The derivation of H(P, Q) = D_KL(P‖Q) + H(P) holds line by line"""
    proof("kl", part="b", beside=("one-hot",))


@pytest.mark.check("q5", points=1, hint="Say what you assume about P before you write what follows from it.")
def test_derivation_for_one_hot_labels(proof):
    """The derivation of H(P, Q) = D_KL(P‖Q) for one-hot labels holds line by line"""
    proof("one-hot", part="b", beside=("kl",), title="Your derivation for one-hot labels, line by line")
