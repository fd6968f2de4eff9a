"""Lines of working as students write them, each with its verdict; and random ones in random notations."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.arithmetic import Verdict, equalities, first_false, working_in_code

LETTER = {Verdict.HOLDS: "h", Verdict.FAILS: "f", Verdict.UNREAD: "u"}
LINES = [
    tuple(line.split(" | ", 1))
    for line in Path(__file__).with_name("working.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def letters(text):
    return "".join(LETTER[one.verdict] for one in equalities(text)) or "-"


@pytest.mark.parametrize(("verdicts", "line"), LINES, ids=[line for _, line in LINES])
def test_every_equality_of_a_line(verdicts, line):
    assert verdicts == letters(line.replace("⏎", "\n")), equalities(line)


def test_there_are_many_lines_of_each_kind():
    counted = {letter: sum(verdicts.count(letter) for verdicts, _ in LINES) for letter in "hfu"}

    assert len(LINES) >= 120
    assert min(counted.values()) >= 20


def test_a_verdict_tells_both_values_exactly():
    (one,) = equalities("some text\n\n(5·5·192+1)·32 = 153,600")

    assert (153_632, 153_600) == (one.left, one.right)
    assert -32 == one.difference
    assert Fraction(4800, 4801) == one.ratio
    assert 3 == one.line
    assert "the left side is 153,632, the right side 153,600" == one.sentence


def test_the_first_that_does_not_hold_is_named():
    found = equalities("1 + 1 = 2\n\n2 · 3 + 1 = 8\n\n7 + 7 = 15")

    assert "2 · 3 + 1 = 8" == first_false(found).text
    assert first_false(equalities("1 + 1 = 2, n + 1 = 3 + 1")) is None


@pytest.mark.parametrize(
    ("source", "verdicts"),
    [
        ("x = 3  # 3 * 3 + 1 = 10", "h"),
        ("x = 3  # 3 * 3 + 1 = 11", "f"),
        ("n = (5*5*192 + 1)*32  # = 153632", "h"),
        ("n = (5*5*192 + 1)*32  # = 153623", "f"),
        ("n = k*k*192  # = 4800", "u"),
        ('print("5*5*192 = 4800")', "h"),
        ('print("5*5*192 = 4801")', "f"),
        ('print(f"5*5*192 = {5*5*192}, 2 + 2 = 4")', "h"),
        ('"""\nWeights: 3 * 3 = 9\nand with bias 9 + 1 = 11\n"""', "hf"),
        ("x = 3 * 3 == 10", "-"),
        ("# 1 + 1 = 2\nx = (", "h"),
    ],
)
def test_comments_and_strings_of_code(source, verdicts):
    assert verdicts == letters(working_in_code(source))


# --- random expressions -------------------------------------------------------------------------------------------

NUMBERS = st.integers(2, 9_999)
NOTATIONS = [
    {"*": " * ", "+": " + ", "(": "(", ")": ")"},
    {"*": "*", "+": "+", "(": "(", ")": ")"},
    {"*": " × ", "+": " + ", "(": "[", ")": "]"},
    {"*": "x", "+": "+", "(": "(", ")": ")"},
    {"*": " x ", "+": " + ", "(": "(", ")": ")"},
    {"*": "·", "+": " + ", "(": "(", ")": ")"},
    {"*": r" \times ", "+": " + ", "(": r"\left(", ")": r"\right)"},
    {"*": r" \cdot ", "+": "+", "(": r"\left[", ")": r"\right]"},
]
THOUSANDS = ["{:d}", "{:,}", "{:_}", "dots", "thin", "latex"]
FRAMES = [
    "{}",
    "${}$",
    "Parameters: {}",
    "- so we get {} weights",
    "| layer | {} |",
    "Es ergibt sich {} Gewichte.",
    "**Total:** {}",
]


def grouped(number, way):
    if way in ("dots", "thin", "latex"):
        return f"{number:,}".replace(",", {"dots": ".", "thin": "\u202f", "latex": "{,}"}[way])
    return way.format(number)


@st.composite
def workings(draw):
    """Return tokens of a sum of products in brackets times a number, and its value."""
    terms = draw(st.lists(st.lists(NUMBERS, min_size=1, max_size=3), min_size=2, max_size=3))
    factor = draw(NUMBERS)
    tokens = ["("]
    for at, term in enumerate(terms):
        tokens += ["+"] * (at > 0)
        for place, number in enumerate(term):
            tokens += [*["*"] * (place > 0), number]
    total = 0
    for term in terms:
        value = 1
        for number in term:
            value *= number
        total += value
    return [*tokens, ")", "*", factor], total * factor


def rendered(tokens, result, notation, way, frame):
    left = "".join(notation[token] if isinstance(token, str) else grouped(token, way) for token in tokens)
    return frame.format(f"{left} = {grouped(result, way)}")


@settings(max_examples=150, deadline=None)
@given(workings(), st.sampled_from(NOTATIONS), st.sampled_from(THOUSANDS), st.sampled_from(FRAMES))
def test_what_is_true_holds_in_every_notation(working, notation, way, frame):
    tokens, result = working

    assert "h" == letters(rendered(tokens, result, notation, way, frame))


@settings(max_examples=150, deadline=None)
@given(workings(), st.sampled_from(NOTATIONS), st.sampled_from(THOUSANDS), st.sampled_from(FRAMES), st.data())
def test_with_one_number_changed_it_does_not_hold(working, notation, way, frame, data):
    tokens, result = working
    places = [at for at, token in enumerate(tokens) if isinstance(token, int)]
    place = data.draw(st.sampled_from([*places, -1]))
    other = data.draw(NUMBERS)
    if place == -1:
        result += other
    else:
        assume(other != tokens[place])
        tokens = [other if at == place else token for at, token in enumerate(tokens)]

    assert "f" == letters(rendered(tokens, result, notation, way, frame))
