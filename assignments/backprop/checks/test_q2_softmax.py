"""Question 2: the Jacobian of softmax."""

import numpy as np
import pytest

HINT = (
    "Row i, column j is ∂y_i/∂z_j = y_i(δ_ij − y_j): a matrix with y on its diagonal, minus the outer product of y "
    "with itself."
)
NAMES = ("jacobian_softmax", "softmax_jac", "jacobian", "dsoftmax", "softmax_derivative", "softmax_gradient")


@pytest.mark.check("q2", points=3, needs="softmax_jacobian", hint=HINT)
def test_jacobian_of_five_logits(check, rng):
    """softmax_jacobian(z) is right for five logits"""
    check.same("softmax_jacobian", rng.normal(size=5), others=NAMES)


@pytest.mark.check("q2", points=3, hidden=True, needs="softmax_jacobian", hint=HINT)
@pytest.mark.parametrize("n", [2, 10, 30])
def test_jacobian_of_any_size(check, rng, n):
    """softmax_jacobian(z) is right for other numbers of logits"""
    check.same("softmax_jacobian", rng.normal(scale=2, size=n), others=NAMES)


@pytest.mark.check(
    "q2", points=2, hidden=True, needs="softmax_jacobian", hint="Subtract the largest logit before you exponentiate."
)
def test_jacobian_of_large_logits(check, rng):
    """softmax_jacobian(z) stays finite for logits around ±1000"""
    z = np.array([1000.0, 999.0, -1000.0, 998.5]) + rng.normal(size=4)
    check.same("softmax_jacobian", z, others=NAMES)


@pytest.mark.check("q2", points=7, hint="One step per line: a line that is right counts, also when the next is wrong.")
def test_derivation_of_the_jacobian(proof):
    """The derivation of ∂y_i/∂z_j = y_i(δ_ij − y_j) holds line by line"""
    proof("softmax")
