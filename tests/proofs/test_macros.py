"""Commands a student defines, intervals, proportions, and mathematics that stands outside of dollars."""

from __future__ import annotations

import time

import pytest
from corpus import codes, world

from grader.proofs import Mark, judge

WORLD = world("softmax")
MACROS = {
    "newcommand": r"$\newcommand{\y}{\hat{y}}$ $\y_i = y_i$",
    "with arguments": r"$\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \pd{y_i}{z_j} = y_i(\delta_{ij} - y_j)$",
    "def": r"$\def\S{\sum_k e^{z_k}} y_i = e^{z_i} / \S$",
    "def with arguments": r"$\def\ex#1{e^{z_{#1}}}$ $y_i = \frac{\ex{i}}{\sum_k \ex k}$",
    "operator": r"$\DeclareMathOperator{\lse}{log} \lse y_i = z_i - \lse \sum_k e^{z_k}$",
    "without braces": r"$\newcommand\y{\hat{y}} \y_i = y_i$",
    "redefined": r"$\newcommand{\y}{z}$ $\renewcommand{\y}{\hat{y}}$ $\y_i = y_i$",
    "in one another": r"$\newcommand{\e}[1]{e^{#1}}\newcommand{\S}{\sum_k \e{z_k}}$ $y_i = \frac{\e{z_i}}{\S}$",
    "a sum keeps its braces": r"$\newcommand{\d}{z_1 + z_2}$ $2\d = 2 z_1 + 2 z_2$",
}


@pytest.mark.parametrize("text", [text for name, text in MACROS.items() if name != "a sum keeps its braces"])
def test_defined_commands_are_replaced(text):
    assert ["h"] == codes(judge(text, WORLD))


@pytest.mark.parametrize(
    "text",
    [
        r"$\def\a{\a\a}\a = 1$",
        r"$\newcommand{\a}{\b\b}\newcommand{\b}{\a\a} \a = 1$",
        r"$"
        + "".join(rf"\def\{c}{{\{d}\{d}\{d}}}" for c, d in zip("abcdefghijk", "bcdefghijkl", strict=True))
        + r"\a = 1$",
        r"$\newcommand{\f}[2]{#1 + #2} \f{1} = \f$",
        r"$\newcommand{\f}[1]{#3} \f{1} = 1$",
        r"$\newcommand{\f}{ = 1$",
        r"$\gdef\f{\csname a\endcsname} \f = 1$",
        "$" + r"\newcommand{\a}{y_1}" * 300 + r"\a = 2$",
    ],
)
def test_definitions_that_do_not_end_are_answered(text):
    start = time.thread_time()
    judgement = judge(text, WORLD)

    assert time.thread_time() - start < 2
    assert all(line.mark not in (Mark.HOLDS, Mark.DEFINITION) for line in judgement.lines)


RELATIONS = {
    r"y_i \in (0, 1)": "h",
    r"y_i \in [0, 1]": "h",
    r"\log y_i \in (-\infty, 0)": "h",
    r"y_i \in (0, 0.2)": "f",
    r"\log y_i \in [0, \infty)": "f",
    r"y_i \propto e^{z_i}": "h",
    r"\log y_i \propto e^{z_i}": "u",
    r"2 e^{z_1} \propto e^{z_1}": "h",
}


@pytest.mark.parametrize(("formula", "verdict"), RELATIONS.items())
def test_intervals_and_proportions(formula, verdict):
    assert [verdict] == codes(judge(f"${formula}$", WORLD))


@pytest.mark.parametrize("formula", [r"z \in \mathbb{R}^n", r"z_i \in (0, 1)", r"i \in \{1, \dots, n\}"])
def test_a_membership_of_what_is_free_claims_nothing(formula):
    assert [] == codes(judge(f"${formula}$", WORLD))


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        (r"\lim_{t \to 0} y_1 = 1", "limits"),
        (r"\int_0^1 z_1 = 1", "integrals"),
        (r"\arg\max_i y_i = \arg\max_i z_i", "arg max"),
        (r"z_{i+1} = z_i", "shifted index"),
    ],
)
def test_what_is_not_computed_says_so(formula, why):
    (line,) = judge(f"${formula}$", WORLD).lines

    assert Mark.UNCLEAR is line.mark
    assert why in line.why


OUTSIDE = {
    "dy_i/dz_j = y_i (1 - y_j)": 1,
    "Then ∂yᵢ/∂zⱼ = −yᵢyⱼ holds": 1,
    "with S = \\sum_k e^{z_k}": 1,
    "The batch_size = 32 and the accuracy = 0.9": 0,
    "`y_i = 3` is code": 0,
    "```\ny_i = z_i\n```": 0,
    "see [y_1](http://example.org/a_b=c)": 0,
    "x = 5": 0,
}


@pytest.mark.parametrize(("prose", "count"), OUTSIDE.items())
def test_mathematics_outside_of_dollars_is_reported_as_not_read(prose, count):
    lines = judge(f"$y_1 = y_1$\n\n{prose}\n\nand $y_2 = y_2$", WORLD).lines
    unread = [line for line in lines if line.mark is Mark.NOT_READ]

    assert count == len(unread)
    assert all("between $ and $" in line.why and line.line == 3 for line in unread)


def test_a_value_of_a_free_number_is_a_place_not_a_claim():
    lines = judge(r"It halves at $t = \frac{\ln 2}{k}$: $\eta(\ln 2 / k) = \eta_0 / 2$", world("schedule-exponential"))

    assert ["u", "h"] == codes(lines)


def test_a_condition_in_the_next_paragraph_belongs_to_what_follows():
    text = r"for $|a| \le \delta$: $H'(a) = a$" + "\n\n" + r"for $|a| > \delta$: $H'(a) = \delta\,\text{sgn}(a)$"

    assert ["h", "h"] == codes(judge(text, world("losses")))


def test_a_boxed_equation_is_read():
    assert ["h"] == codes(judge(r"$\boxed{\frac{\partial y_i}{\partial z_j} = y_i(\delta_{ij} - y_j)}$", WORLD))
