import numpy as np
import pytest

from grader.results import Text


@pytest.mark.check("q1", points=4, needs="double", hint="Add the number to itself.")
def test_double(check, rng):
    """double(x) is twice x"""
    check.same("double", rng.normal(size=3))


@pytest.mark.check("q1", points=4, hidden=True, needs="double", hint="Think of negative numbers.")
@pytest.mark.parametrize("x", [-1.5, 4.0], ids=["negative", "positive"])
def test_double_of_one_number(check, x):
    """double(x) of one number"""
    check.same("double", x)


@pytest.mark.check("q2", points=2, needs="difference")
def test_difference(check):
    """difference(a, b) in either order of arguments"""
    check.same("difference", 5.0, 3.0, orders=[(1, 0)])


@pytest.mark.check("q2", points=2)
def test_steps(check, score, student):
    """half of the points for half of the way"""
    check.show(Text(title="The steps", text="one"))
    if student.steps == 1:
        score(0.5, "One step of two.")
    assert student.steps == 2, "Two steps are needed."


@pytest.mark.check("q1", points=1)
def test_plain_state(student):
    """the notebook's own value of `start` is not changed by other checks"""
    assert student.start == 10
    student.set(start=11)


@pytest.mark.check("q1", points=0.5)
def test_state_again(student):
    """and once more"""
    assert student.start == 10


@pytest.mark.check("q1", points=0.5)
def test_text(notebook):
    """the notebook says something in question 1"""
    assert any("linear" in cell.source for cell in notebook.cells("q1"))


@pytest.mark.check("q2", points=1)
def test_random_inputs(rng, student):
    """random inputs come from the seed"""
    np.testing.assert_array_equal(student.identity(rng.normal(size=2)), np.zeros(2))
