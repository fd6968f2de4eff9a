"""Question 4d: the derivatives of four losses, derived."""

import pytest

WORLDS = {
    "binary-cross-entropy": "∂B/∂z = p − y",
    "huber": "the derivative of Huber's loss",
    "quantile": "the derivative of the quantile loss",
    "focal": "the derivative of the focal loss",
}


@pytest.mark.check("q4", points=1, hint="One step per line: a line that is right counts, also when the next is wrong.")
@pytest.mark.parametrize("loss", WORLDS)
def test_derivation_of_a_loss(proof, loss):
    """The derivation of the loss's derivative holds line by line"""
    others = tuple(other for other in WORLDS if other != loss)
    proof(loss, part="d", beside=others, title=f"Your derivation of {WORLDS[loss]}, line by line")
