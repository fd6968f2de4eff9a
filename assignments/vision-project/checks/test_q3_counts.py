"""Question 3: how many multiplications a pass through 784-32-32-10 takes.

The notebook says what is counted. Who counts the products with σ′ too, or the error of the pixels, has understood the
matter as well: these conventions are accepted for the backward pass, and named.
"""

import pytest
from vp_reading import number_called

from grader.arithmetic import equalities, working_in_code
from grader.results import Table

SIZES = (784, 32, 32, 10)
FORWARD = ("multiplications_forward", "forward_mults", "forward_multiplication", "n_forward", "forward_count")
BACKWARD = ("multiplications_backward", "backward_mults", "backward_multiplication", "n_backward", "backward_count")
CONVENTIONS = {
    (False, 1): "you counted δ ⊙ σ′ of the hidden neurons as well",
    (False, 2): "you counted σ′ = a(1 − a) and δ ⊙ σ′ of the hidden neurons as well",
    (True, 0): "you counted the error of the pixels as well, which nobody needs: then backward is twice forward",
    (True, 1): "you counted the error of the pixels and δ ⊙ σ′ of the hidden neurons as well",
    (True, 2): "you counted the error of the pixels, σ′ = a(1 − a) and δ ⊙ σ′ of the hidden neurons as well",
}


def wrong_count(check, name, got, what):
    """Fail with the count that came back, and the misconception that leads to it."""
    check.fail(
        f"`{name}` is {got:,.10g}. That is not the number of multiplications of {what} through 784-32-32-10.",
        diagnosis=check.reference.explain(name, (SIZES,), lambda answer: answer == got),
    )


def show_working(check, cells):
    """Show the lines of working in text and comments, recomputed; the count is what earns the points."""
    texts = [(cell.index + 1, working_in_code(cell.source) if cell.kind == "code" else cell.source) for cell in cells]
    rows = [
        (f"cell {number}, line {one.line}", one.text, one.verdict.value, one.sentence)
        for number, text in texts
        for one in equalities(text)
    ]
    if rows:
        check.show(Table(title="Your lines, recomputed", columns=("where", "line", "verdict", "why"), rows=tuple(rows)))


@pytest.mark.check(
    "q3",
    points=3,
    hidden=True,
    needs="forward_multiplications",
    hint="From a layer of m neurons to one of n go m · n weights, and each is multiplied once. Add the layers up.",
)
def test_forward_multiplications(check, notebook):
    """the multiplications of a forward pass are counted right"""
    show_working(check, notebook.cells("q3"))
    got = number_called(check, "forward_multiplications", FORWARD)
    if got != check.reference.forward_multiplications(SIZES):
        wrong_count(check, "forward_multiplications", got, "a forward pass")


@pytest.mark.check(
    "q3",
    points=3,
    hidden=True,
    needs="backward_multiplications",
    hint="Each weight is used once for its own gradient; each weight but those of the first layer once more, to pass "
    "the error on.",
)
def test_backward_multiplications(check):
    """the multiplications of a backward pass are counted right"""
    got = number_called(check, "backward_multiplications", BACKWARD)
    if got == check.reference.backward_multiplications(SIZES):
        return
    for (to_inputs, elementwise), said in CONVENTIONS.items():
        if got == check.reference.backward_multiplications(SIZES, to_inputs=to_inputs, elementwise=elementwise):
            check.remark(f"{said}; it was accepted, though the question leaves it out")
            return
    wrong_count(check, "backward_multiplications", got, "a backward pass")
