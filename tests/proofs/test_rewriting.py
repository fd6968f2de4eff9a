"""Random formulas: written and read they stay the same; true rewritings hold, changed ones fail."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from corpus import world
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from grader.proofs import duals, meaning
from grader.proofs.claims import Checker, Claim
from grader.proofs.evaluation import evaluate
from grader.proofs.reading import read
from grader.proofs.scope import scalar
from grader.proofs.showing import show
from grader.proofs.spelling import tokenize
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import (
    Add,
    At,
    Big,
    Call,
    Const,
    Delta,
    Deriv,
    Div,
    Letter,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    free_letters,
    renamed,
    walk,
)  # fmt: skip

NAMES = world("softmax").names()
I, J, K = Letter("i"), Letter("j"), Letter("k")  # noqa: E741
LEAVES = st.sampled_from(
    [
        At(Sym("z"), (I,)),
        At(Sym("z"), (J,)),
        At(Sym("y"), (I,)),
        At(Sym("y"), (J,)),
        Delta(I, J),
        Num(Fraction(2)),
        Num(Fraction(3)),
    ]
)


def _grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.tuples(inner, inner).map(Add),
        st.tuples(inner, inner).map(lambda p: Mul(*p)),
        st.tuples(inner, inner).map(lambda p: Add((p[0], Neg(p[1])))),
        inner.map(lambda x: Div(x, Add((Num(Fraction(1)), Pow(Const("e"), At(Sym("z"), (I,))))))),
        inner.map(lambda x: Pow(x, Num(Fraction(2)))),
        inner.map(lambda x: Call("tanh", (x,))),
        inner.map(lambda x: Call("log", (Add((Num(Fraction(1)), Pow(x, Num(Fraction(2))))),))),
        inner.map(lambda x: Big("sum", "k", None, None, None, Mul(At(Sym("y"), (K,)), x))),
    )


FORMULAS = st.recursive(LEAVES, _grown, max_leaves=6)
SETTINGS = settings(max_examples=20, deadline=None)


def checker() -> Checker:
    return Checker(NAMES, 3, time.thread_time() + 30)


def claim(left: Node, right: Node) -> Claim:
    (left, right), ranges = meaning.resolved((left, right), NAMES)
    return Claim(left=left, right=right, ranges=ranges)


def holds(left: Node, right: Node) -> bool:
    return checker().check(claim(left, right)).holds


@settings(max_examples=150, deadline=None)
@given(FORMULAS)
def test_written_and_read_it_is_the_same(node):
    assert node == read(tokenize(show(node, NAMES), NAMES.words), NAMES)[0]


@pytest.mark.slow
@SETTINGS
@given(FORMULAS, FORMULAS, FORMULAS)
def test_true_rewritings_hold(a, b, c):
    assert holds(Mul(a, Add((b, c))), Add((Mul(a, b), Mul(c, a))))
    assert holds(Add((Pow(a, Num(Fraction(2))), Neg(Pow(b, Num(Fraction(2)))))), Mul(Add((a, b)), Add((a, Neg(b)))))


@SETTINGS
@given(FORMULAS)
def test_a_sum_may_rename_its_index_and_sums_may_be_exchanged(node):
    one = Big("sum", "i", None, None, None, node)
    other = Big("sum", "m", None, None, None, renamed(node, {"i": "m"}))
    assert holds(one, other)

    inner = Big("sum", "j", None, None, None, one)
    assert holds(inner, Big("sum", "i", None, None, None, Big("sum", "j", None, None, None, node)))


@pytest.mark.slow
@SETTINGS
@given(FORMULAS, FORMULAS)
def test_the_product_rule_holds(a, b):
    by = At(Sym("z"), (Letter("m"),))
    assert holds(Deriv(Mul(a, b), by), Add((Mul(Deriv(a, by), b), Mul(a, Deriv(b, by)))))


@SETTINGS
@given(FORMULAS, FORMULAS)
def test_what_was_changed_fails(a, b):
    assume(not holds(b, Num(Fraction(0))))

    assert not holds(a, Add((a, b)))
    assert not holds(Mul(Num(Fraction(2)), b), b)
    assert not holds(Neg(b), b)


@settings(max_examples=25, deadline=None)
@given(FORMULAS)
def test_derivatives_agree_with_central_differences(node):
    """Five points, step 1e-8: the truncation is far below the 20 digits asked for."""
    assume("j" in free_letters(node) and any(part == Sym("z") for part in walk(node)))
    (node,), ranges = meaning.resolved((node,), NAMES)
    spot = dict.fromkeys(ranges, 2)
    scope = checker().scope(0)
    derivative = scalar(_value(Deriv(node, At(Sym("z"), (Num(Fraction(2)),))), scope, spot))

    step = duals.Real(10) ** -8
    weights = {-2: duals.Real(1) / 12, -1: -duals.Real(2) / 3, 1: duals.Real(2) / 3, 2: -duals.Real(1) / 12}
    difference = sum(weight * scalar(_value(node, _shifted(step * k), spot)) for k, weight in weights.items()) / step
    assert abs(difference - derivative) <= duals.Real(10) ** -20 * max(abs(derivative), 1)


def _shifted(step):
    scope = checker().scope(0)
    z = scope.value("z")
    entries = tuple(x + step if k == 1 else x for k, x in enumerate(z.entries))
    scope.cache.clear()
    scope.override = {"z": type(z)(z.rows, z.columns, entries)}
    return scope


def _value(node, scope, spot):
    try:
        return evaluate(node, scope, spot)
    except (duals.Undefined, Unreadable):
        reject()
