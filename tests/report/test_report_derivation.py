"""A derivation in the report and in the terminal: every line with its verdict, and nothing of a student's acts."""

from __future__ import annotations

import io
import re

import pytest
from report_reader import read
from report_samples import check, question, result
from rich.console import Console

from grader.report import html, terminal
from grader.results import CounterExample, Derivation, LineMark, Milestone, ProofLine, Status

EXAMPLE = CounterExample(left="0.42", right="-0.17", at=(("i", "1"), (r"\hat{y}", "(0.2, 0.8)")))
VERDICTS = {
    LineMark.HOLDS: ("holds", "holds", "✓", "+"),
    LineMark.FAILS: ("fails", "does not hold", "✗", "x"),
    LineMark.DEFINITION: ("defines", "your definition", "≔", ":="),
    LineMark.ASSUMES: ("assumes", "holds under an assumption", "✓", "+"),
    LineMark.UNCLEAR: ("unclear", "not understood", "?", "?"),
    LineMark.NOT_READ: ("unread", "not read", "…", "?"),
}
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "end of math": "</math></div></li><img src=x onerror=alert(1)>",
    "address": r"\href{javascript:alert(1)}{x} = \url{https://evil.example}",
    "picture": r"\includegraphics{https://evil.example/spy.png}",
    "style": r"\style{background:url(//evil.example)}{x} \class{score}{x} \cssId{main}{x}",
    "text": r"\text{<img src=x onerror=alert(1)>} = \unicode{x3c}",
    "macros": r"\def\a{\a\a}\a \newcommand{\b}{\b}\b \input{/etc/passwd} \require{html}",
    "broken": r"\frac{\left( } \end{align} & \\ $$ \begin{cases} ^_{",
    "comment": "<!-- x = 1 --> ]]> &lt;script&gt;",
    "terminal": "\x1b[2J\x1b]0;owned\x07 \u202e [bold red]x[/bold red]",
}


def line(mark=LineMark.HOLDS, latex=r"\frac{\partial y_i}{\partial z_j} = y_i", number=1, **more):
    return ProofLine(place=f"cell 14, line {number}", latex=latex, mark=mark, **more)


def derived(*lines, **more):
    """Return a result with one check, whose evidence is a derivation."""
    piece = Derivation(title="Your derivation, line by line", lines=lines, **more)
    failed = check(Status.FAILED, message="The first line that does not hold is $a = b$.", evidence=(piece,))
    return result((question(1, (failed,), Status.FAILED),))


def part_of(page, start, end="</figure>"):
    """Return the page from a piece of it to the next end."""
    return page[page.index(start) :].split(end, 1)[0]


def on_terminal(given, encoding="utf-8"):
    """Return what the terminal is sent."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="")
    terminal.show(given, Console(file=file, width=100, color_system=None))
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("mark", VERDICTS, ids=lambda mark: mark.name.lower())
def test_a_line_is_typeset_with_its_verdict_in_words_a_sign_and_a_colour(mark):
    key, word, sign, _ = VERDICTS[mark]
    page = html(derived(line(mark, why="since it is so")))
    shown = part_of(page, f'<li class="line {key}">', "</li>")

    assert "<mfrac>" in shown
    assert f'<span class="word">{word}</span>' in shown
    assert f'aria-hidden="true">{sign}</span>' in shown
    assert "cell 14, line 1" in shown
    assert "since it is so" in shown
    assert re.search(rf"\.derivation [^{{}}]*\.{key}\b[^{{}}]*{{[^}}]*color: var\(--(?!soft)", page)


def test_a_false_line_shows_both_sides_and_where():
    text = " ".join(
        read(part_of(html(derived(line(LineMark.FAILS, counter=EXAMPLE))), '<div class="counter">')).text.split()
    )

    assert "the left side is 0.42 and the right side -0.17, at" in text
    assert "i = 1" in text.replace("=", " = ").replace("  ", " ")
    assert "(0.2, 0.8)" in text


def test_how_a_line_was_read_stands_beneath_it_where_it_is_known():
    read_as = r"\frac{1}{2} x"
    shown = part_of(html(derived(line(read_as=read_as))), '<div class="read">', "</li>")

    assert "We read this line as" in shown
    assert "<mfrac>" in shown
    assert "We read this line as" not in html(derived(line()))


def test_remarks_and_reasons_may_hold_formulas():
    remark = r"read with the sum reaching to the end: write $\sum_i (a + b)$"
    shown = part_of(html(derived(line(remarks=(remark,)))), '<div class="verdict">', "</li>")

    assert "<math" in shown
    assert "read with the sum reaching to the end" in shown


def test_the_result_and_the_steps_on_the_way_say_whether_they_are_there():
    steps = (Milestone(name="the quotient rule", there=True), Milestone(name="the case $i = j$", there=False))
    text = " ".join(read(html(derived(line(), milestones=steps, reached=False))).text.split())

    assert "the result: not reached" in text
    assert "the quotient rule: there" in text
    assert re.search(r"the case i ?= ?j ?: not found", text)
    assert "the result: reached" in " ".join(read(html(derived(line(), reached=True))).text.split())
    assert "the result" not in read(html(derived(line(), reached=None))).text


def test_formulas_that_claim_nothing_are_only_named():
    mention = line(LineMark.MENTION, latex="n_0")
    shown = html(derived(line(), mention))

    assert "Formulas that claim nothing" in shown
    assert '<li class="line mention">' not in shown


def test_a_line_of_another_derivation_says_so():
    other = line(LineMark.MENTION, why="part of another derivation")

    assert "part of another derivation" in part_of(html(derived(other)), '<li class="line mention">', "</li>")


def test_lines_that_are_left_out_are_counted():
    assert "7 more lines are left out" in read(html(derived(line(), left_out=7))).text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_hostile_in_a_derivation_acts(text):
    bad = line(
        LineMark.FAILS, latex=text, read_as=text, why=text, remarks=(text, f"${text}$"),
        counter=CounterExample(left=text, right=text, at=((text, text),)),
    )  # fmt: skip
    given = derived(bad, line(), milestones=(Milestone(name=text, there=True),))
    found = read(html(given))

    assert found.concerns == []
    assert found.tags.count("style") == found.tags.count("h1") == 1
    assert len(found.ids) == len(set(found.ids))
    assert found.text.count("cell 14, line 1") == 2
    assert not set(on_terminal(given)) & set("\x1b\x07\u202e")


@pytest.mark.parametrize("mark", VERDICTS, ids=lambda mark: mark.name.lower())
def test_the_terminal_shows_a_line_with_sign_and_word(mark):
    _, word, sign, plain = VERDICTS[mark]
    given = derived(line(mark, latex="a = b", read_as="a = c"))

    assert f"    {sign} {word}: a = b\n" in on_terminal(given)
    assert "        read as: a = c\n" in on_terminal(given)
    assert f"    {plain} {word}: a = b\n" in on_terminal(given, encoding="ascii")


def test_the_terminal_is_silent_about_what_claims_nothing():
    shown = on_terminal(derived(line(LineMark.MENTION, latex="n_0"), line(latex="a = b")))

    assert "n_0" not in shown
    assert "a = b" in shown
