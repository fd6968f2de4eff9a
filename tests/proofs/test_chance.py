"""Expectations and variances are exact: every random variable is a finite number of outcomes with weights."""

from __future__ import annotations

import pytest

from grader.proofs import Mark, SymbolSpec, World, judge

WORLD = World(
    sizes={"n": 5, "m": 4},
    indices={"i": "n", "j": "n"},
    symbols={
        "x": SymbolSpec(shape=("n",), domain="random"),
        "w": SymbolSpec(shape=("n",), domain="centred"),
        "u": SymbolSpec(shape=("n",), domain="symmetric"),
        "a": SymbolSpec(),
        "c": SymbolSpec(),
        "s": SymbolSpec(),
    },
    definitions=(r"s = \sum_j w_j x_j",),
    seconds=20,
)

TRUE = [
    r"\text{Var}(a x_1 + c) = a^2 \text{Var}(x_1)",
    r"\operatorname{Var}[x_1 + x_2] = 2 \mathrm{Var}(x_1)",
    r"\text{Var}\left(\sum_j x_j\right) = \sum_j \text{Var}(x_j)",
    r"\text{Var}\left(\frac{1}{n}\sum_j x_j\right) = \frac{1}{n} \text{Var}(x)",
    r"\text{Var}(x_1) = \mathbb{E}[x_1^2] - \mathbb{E}[x_1]^2",
    r"\mathbb{V}(x_1) = E[(x_1 - E[x_1])^2]",
    r"E(x_1 w_1) = E(x_1) E(w_1)",
    r"\text{Cov}(x_1, x_2) = 0",
    r"\text{Cov}(x_1, x_1 + x_2) = \text{Var}(x)",
    r"\text{Var}(x_i w_j) = \text{Var}(w)(\text{Var}(x) + E[x]^2)",
    r"\text{Var}(s) = n \text{Var}(w) E[x^2]",
    r"\mathbb{E}[\max(0, u_1)^2] = \frac{1}{2} \text{Var}(u_1)",
    r"\mathbb{E}[u^3] = 0",
    r"E[e^{x_1}] E[e^{x_2}] = E[e^{x_1}]^2",
    r"\text{Var}(c) = 0",
    r"\frac{\partial}{\partial a} \text{Var}(a x_1) = 2 a \text{Var}(x_1)",
]
FALSE = [
    r"\text{Var}(a x_1 + c) = a \text{Var}(x_1) + c",
    r"\text{Var}(x_1 + x_1) = 2 \text{Var}(x_1)",
    r"\text{Var}(x_1 - x_2) = \text{Var}(x_1) - \text{Var}(x_2)",
    r"\text{Var}(x_i w_i) = \text{Var}(w) \text{Var}(x)",
    r"\text{Var}(s) = n \text{Var}(w) \text{Var}(x)",
    r"\mathbb{E}[x_1^2] = \mathbb{E}[x_1]^2",
    r"\mathbb{E}[w_1^3] = 0",
    r"\mathbb{E}[u_1^4] = \text{Var}(u_1)^2",
    r"\mathbb{E}[u_1^4] = 3\text{Var}(u_1)^2",
    r"\mathbb{E}[1 / x_1] = 1 / \mathbb{E}[x_1]",
    r"E[\max(0, w_1)] = 0",
    r"\text{Cov}(x_1, s) = 0 + \text{Var}(s)",
]


@pytest.mark.parametrize("formula", TRUE)
def test_true_moments_hold(formula):
    assert [Mark.HOLDS] == [line.mark for line in judge(f"${formula}$", WORLD).lines]


@pytest.mark.parametrize("formula", FALSE)
def test_false_moments_fail(formula):
    assert [Mark.FAILS] == [line.mark for line in judge(f"${formula}$", WORLD).lines]


def test_a_function_of_several_variables_is_not_computed():
    (line,) = judge(r"$\mathbb{E}[e^{x_1 + x_2}] = 1$", WORLD).lines

    assert Mark.UNCLEAR is line.mark
    assert "several random variables" in line.why


def test_an_assumption_sets_a_variance():
    given = WORLD.model_dump() | {
        "target": r"\text{Var}(w) = \frac{2}{n}",
        "assumptions": [{"name": "it stays the same", "symbol": "w", "variance": r"\frac{2}{n}", "words": ["keep"]}],
    }
    silent = judge(r"$\text{Var}(w) = 2 / n$", World.model_validate(given))
    said = judge(r"To keep the variance we set $\text{Var}(w) = 2 / n$", World.model_validate(given))

    assert ([True, False], [Mark.ASSUMES] * 2) == (
        [silent.lines[0].unsaid, said.lines[0].unsaid],
        [silent.lines[0].mark, said.lines[0].mark],
    )
    assert (False, True) == (silent.reached, said.reached)
