"""Where the two sides of an equality begin and end in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.arithmetic.parsing import Parser
from grader.arithmetic.tokens import Token
from grader.arithmetic.trees import Operand, Tree
from grader.arithmetic.words import CHANGING, COUNTED, FUNCTIONS, LISTED, UNSURE

MAX_BACK = 200
MAX_STARTS = 12
NO_NUMBER = "it has something in it that is no number"


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its tree, the tokens it was read from, and a doubt about where it begins, ends, or what it means."""

    tree: Tree | None
    start: int
    end: int
    doubt: str = ""


def right_side(parser: Parser, start: int, end: int) -> Side:
    """Return the longest expression behind a relation."""
    found = parser.longest(start, end)
    if found is None:
        return Side(None, start, end, NO_NUMBER)
    tree, behind = found
    doubt = parser.doubt or _doubt_behind(parser.tokens, behind, end) or _range(parser.tokens, start, behind)
    return Side(tree, start, behind, doubt)


def _doubt_behind(tokens: Sequence[Token], at: int, end: int) -> str:
    """Return the doubt that what follows a right side leaves."""
    if at >= end:
        return ""
    token = tokens[at]
    if token.kind == "symbol" or (token.kind == "open" and token.tight):
        return f"it goes on with {token.text}"
    words = words_behind(tokens, at)
    unsure = next((word for word in words[:2] if word in CHANGING), "")
    return f"it goes on with the word {unsure}" if unsure else ""


def words_behind(tokens: Sequence[Token], at: int) -> list[str]:
    """Return the words that follow a place without anything between them."""
    words: list[str] = []
    while at < len(tokens) and tokens[at].kind == "word" and len(words) < 5:
        words.append(tokens[at].text.lower())
        at += 1
    return words


def left_side(parser: Parser, start: int, end: int) -> Side:
    """Return the expression that ends before a relation, as far back as it reaches."""
    tokens = parser.tokens
    low = _low(tokens, start, end)
    for stop in _stops(parser, low, end):
        side = _ending_at(parser, low, stop)
        if side is None:
            continue
        doubt = side.doubt or _doubt_before(parser, side, start) or _doubt_of_words(tokens, side, start, end)
        return Side(side.tree, side.start, side.end, doubt or _range(tokens, side.start, side.end))
    return Side(None, low, end, NO_NUMBER)


def _low(tokens: Sequence[Token], start: int, end: int) -> int:
    """Return the place behind the last full stop, comma or the like before `end`."""
    at = end
    while at > max(start, end - MAX_BACK) and tokens[at - 1].kind != "stop":
        at -= 1
    return at


def _stops(parser: Parser, low: int, end: int) -> list[int]:
    """Return where an expression may end: at the relation, before words, before a remark in brackets."""
    stops = []
    for _ in range(3):
        words = end
        while words > low and parser.tokens[words - 1].kind == "word":
            words -= 1
        stops.append(words)
        before = parser.closing.get(words - 1, words) if words > low else words
        if not low < before < words - 1:
            break
        end = before
    return stops


def _ending_at(parser: Parser, low: int, stop: int) -> Side | None:
    tokens, tried, furthest = parser.tokens, 0, low
    for at in range(low, stop):
        if at < furthest or not _may_begin(tokens, at, low):
            continue
        tried += 1
        found = parser.longest(at, stop)
        if found is not None and found[1] == stop:
            return Side(found[0], at, stop, parser.doubt if "beside" in parser.doubt else "")
        if found is not None and tokens[at].kind != "open":
            furthest = max(furthest, found[1])
        if tried > MAX_STARTS:
            break
    return None


def _may_begin(tokens: Sequence[Token], at: int, low: int) -> bool:
    """Tell whether an expression may begin at a place: not behind a sign, whose other side it would leave out."""
    token, before = tokens[at], tokens[at - 1] if at > low else None
    if token.kind == "op":
        return token.text in ("-", "+") and (before is None or before.kind == "open")
    starts = token.kind in ("number", "open", "fraction", "root")
    starts = starts or (token.kind == "word" and token.text in ("sqrt", "floor", "ceil"))
    called = token.kind == "open" and token.tight and before is not None and before.text.lower() in FUNCTIONS
    return starts and not called and (before is None or before.kind != "op")


def _doubt_before(parser: Parser, side: Side, start: int) -> str:
    """Return the doubt that what stands before a left side leaves."""
    tokens, at = parser.tokens, side.start
    if at <= start:
        return ""
    before, tight = tokens[at - 1], tokens[at].tight
    if before.kind in ("symbol", "dots", "close", "unit", "number"):
        return "" if _is_label(parser, at - 1) else f"what stands before it, {before.text}, may belong to it"
    if before.kind == "word":
        word = before.text.lower()
        joins = word in LISTED and not _is_new_clause(parser, at - 1, start)
        called = tight and tokens[at].kind == "open"
        alone = isinstance(side.tree, Operand) and word not in ("is", "are", "ist", "sind", "so", "also", "hence")
        doubtful = word in UNSURE or joins or called or alone
        return f"the word {before.text} before it may belong to it" if doubtful else ""
    if before.kind == "open":
        beyond = tokens[at - 2].kind if at - 2 >= start else ""
        doubtful = beyond in ("op", "number", "close", "symbol") or (beyond == "word" and before.tight)
        return "a bracket before it is not closed" if doubtful else ""
    listed = before.text in LISTED and not _is_new_clause(parser, at - 1, start)
    return "it may be one of several numbers" if listed or (before.text == ":" and before.tight and tight) else ""


def _is_label(parser: Parser, at: int) -> bool:
    """Tell whether a bracket that ends at a place is a label: (a), (conv1)."""
    opened = parser.closing.get(at)
    if opened is None or at - opened != 2 or parser.tokens[opened].tight:
        return False
    return parser.tokens[at - 1].kind in ("word", "symbol")


def _is_new_clause(parser: Parser, at: int, start: int) -> bool:
    """Tell whether a comma or an "and" parts two equalities: before it stands the other's right side, or words."""
    tokens = parser.tokens
    if start > 0 and tokens[start - 1].kind == "relation":
        return True
    place = at - 1
    while place >= start and tokens[place].kind == "word":
        place -= 1
    return place < start or tokens[place].kind in ("stop",)


def _doubt_of_words(tokens: Sequence[Token], side: Side, start: int, end: int) -> str:
    """Return the doubt that words between a left side and its relation leave: they may be a name of their own."""
    behind = [token.text.lower() for token in tokens[side.end : end] if token.kind == "word"]
    if not behind:
        return ""
    chained = start > 0 and tokens[start - 1].kind == "relation" and side.start == start
    shaped = not isinstance(side.tree, Operand) and len(behind) <= 2
    known = all(word in COUNTED for word in behind) or (shaped and behind[-1] in COUNTED)
    if known and not (chained and isinstance(side.tree, Operand)):
        return ""
    return f"the word {behind[-1]} may be what is said to be equal"


def _range(tokens: Sequence[Token], start: int, end: int) -> str:
    """Return a doubt where numbers are joined by hyphens only: 784-32-32-10, 1-10."""
    part = tokens[start:end]
    hyphens = [token for token in part if token.kind == "op"]
    if not hyphens or any(token.text != "-" or not token.tight for token in hyphens):
        return ""
    numbers = [token.text for token in part if token.kind == "number"]
    if len(numbers) + len(hyphens) != len(part) or len(numbers) < 2:
        return ""
    rising = numbers[0].isdigit() and numbers[1].isdigit() and int(numbers[0][:60]) < int(numbers[1][:60])
    return "numbers with hyphens between them may be a range or a list" if len(numbers) > 2 or rising else ""
