"""Question 4: the derivations, each judged line by line in a world of its own, beside those of the others."""

import pytest

WORLDS = ("softmax", "cross-entropy", "output-layer", "hidden-layer")
HINT = "One step per line: a line that is right counts, also when the next is wrong."
SLOPE_HINT = "On the way back through h = f(z_h) every entry is multiplied by f′(z_h), before xᵀ comes in."


def others(world):
    """Return the worlds whose derivations stand in the same answer."""
    return tuple(name for name in WORLDS if name != world)


@pytest.mark.check("q4", points=2, hint=HINT)
def test_derivation_of_the_jacobian(proof):
    """The derivation of ∂ŷ_i/∂z_j = ŷ_i(δ_ij − ŷ_j) holds line by line"""
    proof("softmax", beside=others("softmax"))


@pytest.mark.check("q4", points=2, hint="Every output depends on z_i: the chain rule sums over all of them.")
def test_derivation_at_the_logits(proof):
    """The derivation of ∂L/∂z_i = ŷ_i − y_i holds line by line"""
    proof("cross-entropy", beside=others("cross-entropy"))


@pytest.mark.check("q4", points=2, hint=HINT)
def test_derivation_of_the_output_layer(proof):
    """The derivation of ∂L/∂W_o and ∂L/∂b_o holds line by line"""
    proof("output-layer", beside=others("output-layer"))


@pytest.mark.check("q4", points=2, hint=SLOPE_HINT)
def test_derivation_of_the_hidden_layer(proof):
    """The derivation of ∂L/∂W_h and ∂L/∂b_h holds line by line, with f′ in its place"""
    proof("hidden-layer", beside=others("hidden-layer"))
