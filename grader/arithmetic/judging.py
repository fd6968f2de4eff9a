"""Every equality of a text with its verdict.

A line is read in several ways (`55.328` as decimals or as thousands, `12.4 M` as a unit or a factor). An equality holds
if one way makes it hold. It fails only if no way does and nothing beside it leaves a doubt about where its sides begin
and end; else it is not read, and `why` says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.arithmetic.agreement import agreement, agrees_within_rounding
from grader.arithmetic.numbers import Style
from grader.arithmetic.parsing import Parser
from grader.arithmetic.records import Equality, Verdict
from grader.arithmetic.shapes import may_be_shape
from grader.arithmetic.sides import Side, left_side, right_side, words_behind
from grader.arithmetic.spelling import MAX_CHARACTERS, MAX_LINE, plain_lines
from grader.arithmetic.tokens import Token, restyled, styles_for, tokenize
from grader.arithmetic.trees import Operand, Unread, value_of
from grader.arithmetic.words import CONVERTED

MAX_SHOWN = 160
MAX_EQUALITIES = 400
MAX_READINGS = 400  # further ones than the usual, in a whole text
_FRACTION = re.compile(r"⁄\s?\{([^{}]*)\}\s?\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Pair:
    """The two sides of one equality in one style, and what stands beside them."""

    left: Side
    right: Side
    relation: str
    named: tuple[str, ...]  # the words before the relation
    counted: tuple[str, ...]  # the word behind the right side


def equalities(text: str) -> tuple[Equality, ...]:
    """Return every arithmetic equality of a text, Markdown, LaTeX or plain, in order, with its verdict."""
    found: list[Equality] = []
    budget = [MAX_READINGS]
    for number, line in plain_lines(text):
        if len(found) >= MAX_EQUALITIES:
            found.append(_unread(f"line {number} and what follows", number, "there are too many equalities"))
            return tuple(found)
        if not _worth_reading(line):
            continue
        if len(line) > MAX_LINE:
            found.append(_unread(line[:60] + "…", number, "the line is too long"))
            continue
        found.extend(_in_line(line, number, budget, MAX_EQUALITIES - len(found)))
    if len(text) > MAX_CHARACTERS:
        found.append(_unread("the rest", text.count("\n", 0, MAX_CHARACTERS) + 1, "the text is too long"))
    return tuple(found)


def _unread(text: str, line: int, why: str) -> Equality:
    return Equality(text=text, line=line, verdict=Verdict.UNREAD, why=why)


def _worth_reading(line: str) -> bool:
    return any(sign in line for sign in "=≈") and any(ch.isdigit() for ch in line)


def _in_line(line: str, number: int, budget: list[int], most: int) -> Iterator[Equality]:
    tokens = tokenize(line)
    styles = styles_for(tokens)
    parsers: dict[Style, Parser] = {}
    places = [at for at, token in enumerate(tokens) if token.kind == "relation"]
    for count in range(min(len(places), most)):
        first: Equality | None = None
        for style in styles:
            budget[0] -= style is not styles[0]
            if style not in parsers:
                parsers[style] = Parser(restyled(tokens, style), style)
            verdict = _judged(line, number, parsers[style], count)
            first = _better(first, verdict, by_value=style.joined)
            if (first is not None and first.verdict is Verdict.HOLDS) or budget[0] < 0:
                break
        if first is not None:
            yield first


def _better(first: Equality | None, other: Equality | None, *, by_value: bool) -> Equality | None:
    """Return what holds before what is in doubt, that before what fails; else, if asked, what misses by less."""
    if first is None or other is None:
        return first or other
    if other.verdict is Verdict.UNREAD and (other.left is None or not by_value):
        return first
    order = (Verdict.HOLDS, Verdict.UNREAD, Verdict.FAILS)
    if order.index(other.verdict) != order.index(first.verdict):
        return min(first, other, key=lambda one: order.index(one.verdict))
    return other if by_value and 2 * _gap(other) < _gap(first) else first


def _gap(one: Equality) -> Fraction:
    """Return by which share of itself the larger side misses the other; 2 where a side has no value."""
    if one.left is None or one.right is None or one.left == one.right:
        return Fraction(2)
    return abs(one.left - one.right) / max(abs(one.left), abs(one.right))


def _judged(line: str, number: int, parser: Parser, count: int) -> Equality | None:
    """Return the verdict of the relation of that count in one style, None where it is none of arithmetic."""
    tokens = parser.tokens
    places = [at for at, token in enumerate(tokens) if token.kind == "relation"]
    at = places[count]
    start = places[count - 1] + 1 if count else 0
    end = places[count + 1] if count + 1 < len(places) else len(tokens)
    try:
        left, right = left_side(parser, start, at), right_side(parser, at + 1, end)
    except Unread as why:
        return _unread(_excerpt(line, tokens, start, end), number, str(why))
    if not _is_arithmetic(tokens, start, at, end, left, right):
        return None
    if left.tree is None or right.tree is None:
        doubt = left.doubt if left.tree is None else right.doubt
        return _unread(_excerpt(line, tokens, left.start, right.end), number, doubt)
    text = _excerpt(line, tokens, left.start, right.end)
    named, counted = words_behind(tokens, left.end), words_behind(tokens, right.end)[:1]
    return _compared(text, number, Pair(left, right, tokens[at].text, tuple(named), tuple(counted)))


def _excerpt(line: str, tokens: Sequence[Token], start: int, end: int) -> str:
    text = line[tokens[start].start : tokens[max(start, end - 1)].end].strip()
    text = " ".join(_FRACTION.sub(r"(\1)/(\2)", text).split())
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _is_arithmetic(tokens: Sequence[Token], start: int, at: int, end: int, left: Side, right: Side) -> bool:
    """Tell whether numbers stand on both sides, with a sign between some of them or alone on both sides."""
    if left.tree is not None and right.tree is not None:
        alone = isinstance(left.tree, Operand) and isinstance(right.tree, Operand)
        return not alone or not (left.doubt or right.doubt)
    if left.tree is None and right.tree is None:
        return False
    known, missing = (right, tokens[left.start : at]) if left.tree is None else (left, tokens[at + 1 : end])
    stop = next((place for place, token in enumerate(missing) if token.kind == "stop"), len(missing))
    missing = missing[:stop]
    has_numbers = any(token.kind == "number" for token in missing)
    has_signs = any(token.kind == "op" for token in missing) or not isinstance(known.tree, Operand)
    return has_numbers and has_signs


def _compared(text: str, number: int, pair: Pair) -> Equality:
    """Return the verdict of two sides that were read."""
    left, right = pair.left.tree, pair.right.tree
    assert left is not None and right is not None  # noqa: S101 (said to the type checker)
    try:
        a, b = value_of(left), value_of(right)
        remark = agreement(left, right, pair.relation)
        doubt = _doubt(pair) if remark is None else ""
    except Unread as why:
        return _unread(text, number, str(why))
    verdict = Verdict.HOLDS if remark is not None else Verdict.UNREAD if doubt else Verdict.FAILS
    return Equality(
        text=text, line=number, verdict=verdict, left=a, right=b, why=doubt, remark=remark or "", trees=(left, right)
    )


def _doubt(pair: Pair) -> str:
    """Return why two unequal sides may be meant otherwise, "" where nothing says so."""
    left, right = pair.left, pair.right
    if left.doubt or right.doubt:
        return left.doubt or right.doubt
    if left.tree is None or right.tree is None:
        return ""
    alone = isinstance(left.tree, Operand) and isinstance(right.tree, Operand)
    beside = {*pair.named, *pair.counted}
    if (alone and beside) or beside & CONVERTED:
        return "it may say what one thing is in units of another"
    if may_be_shape(left.tree, right.tree, pair.named, pair.counted):
        return "it may say how large something is in each direction"
    return "it holds if its decimals were rounded before" if agrees_within_rounding(left.tree, right.tree) else ""
