"""Whatever a student writes gets an answer: in seconds, in little memory, never an exception."""

from __future__ import annotations

import time
import tracemalloc
from itertools import pairwise
from string import ascii_letters

import pytest
from corpus import world

from grader.proofs import Judgement, Mark, judge

WORLD = world("softmax")
DEFINITIONS = "\n\n".join(f"$x_{{{n}0}} = x_{{{n - 1}0}} x_{{{n - 1}0}} + x_{{{n - 1}0}}$" for n in range(2, 80))

HOSTILE = {
    "ten megabytes in a line": "$" + "a" * 10_000_000 + "$",
    "ten megabytes of dollars": "$" * 10_000_000,
    "a quarter megabyte of dollars": "$a" * 120_000,
    "a quarter megabyte in a line": "$$" + "a + " * 60_000 + "a = b$$",
    "a million braces": "$" + "{" * 1_000_000 + "}" * 1_000_000 + "= 1$",
    "a thousand braces": "$" + "{" * 1_000 + "}" * 1_000 + "= 1$",
    "brackets": "$" + "(" * 3_000 + "1" + ")" * 3_000 + "= 1$",
    "brackets never closed": "$" + "(" * 3_000 + "= 1$",
    "bars": "$" + "|" * 3_000 + "= 1$",
    "fractions in fractions": "$" + r"\frac{" * 500 + "1" + "}{2}" * 500 + "= 1$",
    "powers of powers": "$" + "2^{" * 50 + "2" + "}" * 50 + "= 1$",
    "minus": "$" + "-" * 15_000 + "1 = 1$",
    "sums of sums": "$" + r"\sum_i " * 1_000 + "y_i = 1$",
    "sums of sums that fit": "$" + "".join(rf"\sum_{c} " for c in "abcdfghijklm") + "y_a = 1$",
    "a sum to a thousand million": r"$\sum_{i=1}^{10^9} i = 1$",
    "a sum to a thousand": r"$\sum_{i=1}^{1000} \sum_{j=1}^{1000} \sum_{k=1}^{1000} i = 1$",
    "huge exponent": "$10^{10^{10^{10}}} = 1$",
    "huge exponent of e": "$e^{e^{e^{e^{e^{9}}}}} = 1$",
    "tiny exponent": "$e^{-e^{e^{e^{9}}}} = 0$",
    "long number": "$" + "9" * 15_000 + "= 1$",
    "many primes": r"$y_i" + "'" * 5_000 + "= 1$",
    "derivatives of derivatives": "$" + r"\frac{\partial}{\partial z_1}" * 200 + "y_1 = 0$",
    "underbraces in underbraces": "$" + r"\underbrace{" * 900 + "1" + "}_{a}" * 900 + "= 1$",
    "definitions": "$x_{10} = y_1 + y_2$\n\n" + DEFINITIONS,
    "a definition in a circle": "$A = B$\n\n$B = A + 1$\n\n$A = A + 1$",
    "def": r"$\def\a{\a\a}\a = 1$",
    "newcommand": r"$\newcommand{\b}[1]{\b{\b{#1}}} \b{1} = 1$",
    "catcode": r"$\catcode`\$=12 a = b$",
    "unbalanced": r"$\frac{1}{2 = 1$ and $\left( x = 1$ and $a} = 1$",
    "unknown commands": r"$\foo{\bar} = \baz_{\qux}$",
    "html": "<script>alert(1)</script> $<b>x</b> = <img src=x onerror=alert(1)>$",
    "environments never ended": r"\begin{align} a &= b \\ \begin{cases} 1 \\ \begin{align}",
    "ends alone": r"$\end{cases} = \end{align}$ \end{equation}",
    "scripts": "$a_ = ^2 = _ = a^^2 = a__b = y_{} = y^{} = {}_i = y_i_j$",
    "relations alone": "$= = = < > \\neq$ and $=$ and $\\Rightarrow$",
    "rows": r"\begin{align}" + r"\\" * 9_000 + r"a = b\end{align}",
    "commas": "$" + "," * 15_000 + "$",
    "conditions": "$" + "i = j, " * 3_000 + "$",
    "words": "$" + r"\text{if }" * 2_000 + "$",
    "zero division": r"$\frac{1}{0} = \infty$ and $0/0 = 1$ and $\log 0 = 1$",
    "nul and surrogates": "$\x00 = \ud800 = \U0010ffff$",
    "combining marks": "$y" + "\u0302" * 5_000 + " = 1$",
    "a matrix": r"$\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix} = \begin{pmatrix}\end{pmatrix}$",
    "many formulas": "$y_1 = y_2$ " * 20_000,
    "fences": "```\n" * 50_000 + "$a = b$",
    "backticks": "`" * 200_000 + "$a = b$",
    "indices": "$y_{" + "i" * 5_000 + "} = 1$",
    "an index beyond": "$y_{99} = y_0$",
    "dots": r"$\dots + \dots = \dots$ and $1 + \dots + y_n = y_1 + 2 + \dots$",
    "formulas outside of dollars": "$a$\n" + "y_i = z_i \n" * 20_000,
    "a quarter megabyte outside of dollars": "$a$" + "y_i = " * 40_000,
    "macros that grow": "$" + "".join(rf"\def\{a}{{\{b}\{b}}}" for a, b in pairwise(ascii_letters)) + r"\a = 1$",
    "macros with many arguments": r"$\newcommand{\f}[9]{#1#1#2#3#9\f#1#2#3#4#5#6#7#8#9} \f123456789 = 1$",
    "many macros": "$" + "".join(rf"\def\{a}{b}{{{a}}}" for a in ascii_letters for b in ascii_letters) + "ab = 1$",
    "intervals": r"$y_i \in (" * 500 + "0, 1)" * 500 + "$ $y_i \\in (0, 1, 2] \\in [ \\in (,)$",
    "proportions": r"$" + r"y_i \propto " * 500 + "z_i$",
    "floors": "$" + "\\lfloor " * 2_000 + "y_i = 1$ ⌋⌊⌉⌈",
    "boxes in boxes": "$" + r"\boxed{" * 900 + "y_1 = 1" + "}" * 900 + "$",
    "nothing": "",
    "spaces": "$ $ $$ $$ \\[ \\] \\( \\)",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_gets_an_answer(text):
    start = time.thread_time()
    judgement = judge(text, WORLD)

    assert isinstance(judgement, Judgement)
    assert time.thread_time() - start < 4
    assert not judgement.reached


def test_hostile_text_needs_little_memory():
    tracemalloc.start()
    judge(HOSTILE["a quarter megabyte of dollars"], WORLD)
    judge(HOSTILE["powers of powers"], WORLD)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 150_000_000


def test_a_cell_too_long_is_one_piece_not_read():
    judgement = judge(HOSTILE["ten megabytes in a line"], WORLD)

    assert [Mark.NOT_READ] == [line.mark for line in judgement.lines]
    assert "10,000,002" in judgement.lines[0].why
