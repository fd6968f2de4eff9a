"""Every piece of mathematics in a cell is found, and nothing that is none."""

from __future__ import annotations

import pytest
from corpus import world
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.proofs import Mark, judge
from grader.proofs.splitting import split

FOUND = {
    "dollars": ("so $a = b$ and $c$.", ["a = b", "c"]),
    "displayed": ("$$a = b$$ text $$\nc = d\n$$", ["a = b", "c = d"]),
    "brackets": (r"\[a = b\] and \(c\)", ["a = b", "c"]),
    "escaped brackets": (r"\\[a = b\\] and \\(c\\)", ["a = b", "c"]),
    "environment": (r"\begin{align*} a &= b \end{align*}", [r"\begin{align*} a &= b \end{align*}"]),
    "environment in dollars": (r"$$\begin{aligned}a &= b\end{aligned}$$", [r"\begin{aligned}a &= b\end{aligned}"]),
    "dollar inside a text": (r"$a \text{ costs \$5 } = b$", [r"a \text{ costs \$5 } = b"]),
    "money": ("It costs $5 and later 7 dollars.", []),
    "money twice": ("It costs $5 and then $6 more.", []),
    "escaped dollar": (r"\$5 and $a$", ["a"]),
    "code": ("`$a$` and ``$b$ ` ``, $c$", ["c"]),
    "fence": ("```\n$a$\n```\n$b$", ["b"]),
    "tilde fence": ("~~~python\nx = '$a$'\n~~~\n$b$", ["b"]),
    "fence never closed": ("$a$\n```\n$b$", ["a"]),
    "across a line": ("$a\n= b$", ["a\n= b"]),
    "not across a paragraph": ("$a\n\n= b$ c", []),
    "never closed": ("$$a = b\n\ntext", ["a = b"]),
    "list": ("- $a$\n- $b$", ["a", "b"]),
    "table": ("| $a$ | $b$ |", ["a", "b"]),
    "no delimiters": ("Proof:\n\\frac{a}{b} = c_1\n\nwhich was to be shown", [r"\frac{a}{b} = c_1"]),
    "prose with a sign": ("the score = what you get", []),
}


@pytest.mark.parametrize(("text", "formulas"), FOUND.values(), ids=FOUND.keys())
def test_the_formulas_of_a_text(text, formulas):
    assert formulas == [segment.text for segment in split(text)]


def test_segments_know_their_line_and_their_prose():
    first, second = split("# Title\n\nHere $a$\nand\n\n$$b$$\nend")

    assert (3, "# Title\n\nHere ") == (first.line, first.before)
    assert (6, "\nand\n\n", "\nend") == (second.line, second.before, second.after)


@given(st.text(alphabet="ab=$\\[](){} \n`~_^1", max_size=60))
def test_any_text_is_split_into_pieces_of_itself(text):
    for segment in split(text):
        assert segment.text.strip() in text


PIECES = [
    *"yzijkL=+-$\\{}()[]_^&, \n1'|",
    r"\frac",
    r"\sum",
    r"\partial ",
    r"\begin{cases}",
    r"\text{if }",
    "$y_i = ",
    "$$",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_every_segment_ends_as_a_line(pieces):
    judgement = judge("".join(pieces), world("softmax"))

    assert set(range(1, judgement.segments + 1)) == {line.segment for line in judgement.lines}


CLAIMS = {
    "chain": (r"$a = a = a$", 2),
    "chain over lines": ("$$a = a$$\n$$= a$$\n$$&= a$$", 3),
    "align": (r"\begin{align} y_i &= y_i \\ &= y_i \\[4pt] &\quad + 0 \nonumber \end{align}", 2),
    "commas": (r"$y_1 = y_1, \quad y_2 = y_2$", 2),
    "and": (r"$y_1 = y_1 \text{ and } y_2 = y_2$", 2),
    "arrow": (r"$y_1 = y_1 \Rightarrow y_2 = y_2$", 2),
    "therefore": (r"$\therefore y_2 = y_2$", 1),
    "equiv": (r"$y_2 \equiv y_2$", 1),
    "bounds": (r"$0 < y_i \leq 1$", 2),
    "unequal": (r"$y_1 \neq y_2, y_1 \not= y_2$", 2),
    "row goes on": (r"\begin{align} y_i &= y_i + 1 \\ &- 1 \end{align}", 1),
    "brackets over rows": (r"\begin{align} y_i &= \left( y_i \right. \\ & \left. + 0 \right) \end{align}", 1),
    "condition": (r"$y_i = y_j \quad \text{if } i = j$", 1),
    "condition in brackets": (r"$y_i = y_j \; (i = j)$", 1),
    "condition with for all": (r"$y_i = y_i \;\forall i = 1, \dots, n$", 1),
    "array": (r"$$\begin{array}{rcl} y_i & = & y_i \\ & = & y_i \end{array}$$", 2),
    "eqnarray": (r"\begin{eqnarray} y_i &=& y_i \\ &=& y_i \end{eqnarray}", 2),
    "split": (r"\begin{equation}\begin{split} y_i &= y_i \\ &= y_i \end{split}\end{equation}", 2),
    "gather": (r"\begin{gather} y_i = y_i \\ y_j = y_j \end{gather}", 2),
    "tag and label": (r"$$y_i = y_i \tag{3.1} \label{eq:x}$$", 1),
    "brace below": (r"$$\underbrace{y_i}_{= a} = \overbrace{y_i}^{b = c}$$", 1),
    "text above": (r"$$y_i \overset{\text{def}}{=} y_i \stackrel{(1)}{=} y_i$$", 2),
    "definition sign": (r"$A := y_1$", 1),
    "membership": (r"$y_i \in (0, 1)$", 1),
    "no claim": (r"$y_i$ and $z$", 0),
    "if in prose": ("If $i = j$, then $y_i = y_j$", 1),
    "if behind": ("$y_i = y_j$ if $i = j$.", 1),
}


@pytest.mark.parametrize(("text", "count"), CLAIMS.values(), ids=CLAIMS.keys())
def test_the_claims_of_a_text_all_hold(text, count):
    lines = [line for line in judge(text.replace("$a", "$y_1").replace("= a", "= y_1"), world("softmax")).lines]
    claims = [line for line in lines if line.mark is not Mark.MENTION]

    assert count == len(claims), claims
    assert {Mark.HOLDS, Mark.DEFINITION} >= {line.mark for line in claims}, claims
