"""Markdown, mathematics and code of students: rendered where it is fine, shown as text where it is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_reader import read

from grader.report.formulas import mathml
from grader.report.text import code, markdown, phrase, prose, sanitised
from grader.report.words import inline, plural, points, seconds, shortened, visible

FORMULAS = {
    "dollar": "$y_i$",
    "spaced dollar": "$ y_i $",
    "double dollar": "$$y_i$$",
    "double dollar over lines": "$$\ny_i\n= 1\n$$",
    "double dollar inside a line": "so $$y_i$$ follows",
    "round brackets": "so \\(y_i\\) follows",
    "square brackets": "\\[ y_i \\]",
    "square brackets over lines": "\\[\ny_i\n= 1\n\\]",
    "escaped brackets": "so \\\\(y_i\\\\) and \\\\[y_i\\\\]",
    "align": "\\begin{align}\ny_i &= 1 \\\\\n&= 2\n\\end{align}",
    "align inside dollars": "$$\\begin{aligned} y_i &= 1 \\\\ &= 2 \\end{aligned}$$",
    "equation": "\\begin{equation*} y_i = 1 \\label{eq:1} \\end{equation*}",
    "eqnarray": "\\begin{eqnarray} y_i &=& 1 \\end{eqnarray}",
    "gather": "\\begin{gather} y_i \\\\ x \\end{gather}",
    "environment inside a line": "so \\begin{pmatrix} y_i \\end{pmatrix} follows",
    "list": "- $y_i$",
    "table": "| a |\n|---|\n| $y_i$ |",
}


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS)
def test_mathematics_is_found_in_all_its_spellings(text):
    page = markdown(text)

    assert "<math" in page
    assert "<msub><mi>y</mi><mi>i</mi></msub>" in page
    assert "\\" not in read(page).text
    assert "$" not in page


@pytest.mark.parametrize(
    "latex",
    ["\\frac{", "\\left(", "{" * 2000, "^" * 100, "x_1_2", "\\begin{align} a", "\\def\\R{x}\\R", "a" * 5000],
    ids=["open", "left alone", "deep", "hats", "double subscript", "no end", "definition", "long"],
)
@pytest.mark.parametrize("display", [True, False], ids=["display", "inline"])
def test_a_formula_that_cannot_be_converted_is_shown_as_it_was_written(latex, display):
    shown = mathml(latex, display=display)

    assert "<code>" in shown
    assert "<math" not in shown
    assert len(shown) < 5000


def test_a_macro_that_grows_without_end_is_not_expanded():
    start = time.perf_counter()
    doubling = "".join(f"\\newcommand{{\\a{chr(98 + i)}}}{{\\a{chr(97 + i)}\\a{chr(97 + i)}}}" for i in range(24))
    shown = mathml(doubling + "\\ay", display=True)

    assert "<code>" in shown
    assert time.perf_counter() - start < 1


def test_lines_of_an_aligned_formula_stay_aligned():
    page = mathml("\\begin{align} a &= b \\\\[2pt] &= c \\nonumber \\end{align}", display=True)

    assert page.count("<mtr>") == 2
    assert '<mtd class="right">' in page
    assert "2pt" not in page
    assert "nonumber" not in page


def test_primes_and_derivatives_are_set_as_letters():
    assert "<msup>" not in mathml("\\sigma'(z)", display=False)
    assert "<mi>∂</mi>" in mathml("\\partial z", display=False)


@pytest.mark.parametrize("text", ["it costs $5 and $6", "`$x$`", "a\\$b", "```\n$x$\n```"])
def test_dollars_that_mean_no_formula_stay(text):
    assert "<math" not in prose(text)


def test_messages_know_code_and_mathematics_and_nothing_else():
    shown = phrase("`W_1` is *not* __init__ <b>x</b>\n  [a](https://example.org) $y_i$")

    assert "<code>W_1</code> is *not* __init__ &lt;b&gt;x&lt;/b&gt;\n  [a](https://example.org)" in shown
    assert "<math" in shown


def test_authors_text_shows_html_students_text_may_use_it():
    assert "&lt;b&gt;" in prose("<b>x</b>")
    assert "<b>x</b>" in markdown("<b>x</b>")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("[a](https://example.org/?q=1)", '<a href="https://example.org/?q=1" rel="noopener noreferrer">a</a>'),
        ("<a href='ftp://example.org' target=_blank>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<a href='data:text/html,x'>a</a>", '<a rel="noopener noreferrer">a</a>'),
        ("<p style='color:red' class='score' id='x'>a</p>", "<p>a</p>"),
        ("<span class='score'>a</span>", "<span>a</span>"),
        ("![name](attachment:x.png)", "<em>[picture not shown: name]</em>"),
    ],
    ids=["link", "other scheme", "data link", "attributes", "class", "attachment"],
)
def test_only_harmless_attributes_stay(text, kept):
    assert kept in markdown(text)


def test_elements_nested_without_end_are_shown_as_text():
    start = time.perf_counter()
    shown = sanitised("<div>" * 50_000)

    assert shown.startswith("<pre>&lt;div&gt;")
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{align}\n" * 3000,
        "[" * 30_000,
        "![" * 15_000,
        "\\[\n" * 10_000,
        "`" * 30_000,
        "<div>\n\n" * 4000,
        "$" * 30_000,
    ],
    ids=["begin", "bracket", "image", "display", "tick", "div", "dollar"],
)
@pytest.mark.slow
def test_text_made_to_be_slow_is_not(text):
    start = time.perf_counter()
    markdown(text)

    assert time.perf_counter() - start < 5


def test_code_is_coloured():
    assert '<span class="k">def</span>' in code("def f(x):\n    return 'a'")


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_code_is_shown_as_it_is(source):
    assert visible(source) == read(code(source)).text


@given(st.text(alphabet="<>/&\"'=$\\`*_[]()!{}#|-\n abionscrptmgxl:;", max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_markdown_is_harmless(source):
    assert read(markdown(source)).concerns == []


@given(st.text(alphabet="\\{}^_&$ abfrcleigtqsxn[]()<>/'\"", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_formula_gives_well_formed_harmless_markup(latex):
    assert read(mathml(latex, display=False)).concerns == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain é 日本 👩‍🔬", "plain é 日本 👩‍🔬"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x00\x07\x7f", "␀␇␡"),
        ("\x9b31m", "\ufffd31m"),
        ("\u202eabc\u2066", "⟨U+202E⟩abc⟨U+2066⟩"),
        ("\ud800", "\ufffd"),
        ("\ue000", "\ufffd"),
        ("tab\tstays", "tab\tstays"),
    ],
    ids=["letters", "colour", "link", "line ends", "control", "c1", "direction", "surrogate", "private", "tab"],
)
def test_visible(text, seen):
    assert seen == visible(text)


def test_inline_is_one_line():
    assert inline(" a\n\tb ") == "a b"


def test_shortened_keeps_both_ends():
    assert shortened("a" * 100, 100) == "a" * 100
    assert shortened("a" * 500 + "b" * 500, 30) == "a" * 20 + "\n… 970 characters left out …\n" + "b" * 10


@pytest.mark.parametrize(
    ("value", "shown"), [(72, "72"), (2.50, "2.5"), (1 / 3, "0.33"), (0, "0"), (-0.001, "0"), (100, "100")]
)
def test_points(value, shown):
    assert shown == points(value)


def test_plural():
    assert [plural(1, "point"), plural(0.5, "point"), plural(2, "point")] == ["1 point", "0.5 points", "2 points"]


@pytest.mark.parametrize(("value", "shown"), [(0.041, "0.04 s"), (3.14, "3.1 s"), (125, "2 min 5 s")])
def test_seconds(value, shown):
    assert shown == seconds(value)


def test_stray_end_tags_do_not_hide_how_deep_html_is():
    assert sanitised("<b></i>" * 40_000).startswith("<pre>")
