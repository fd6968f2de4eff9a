"""From a plain line to tokens, and what a style of reading makes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from grader.arithmetic.numbers import MEMORY, SCALES, Style
from grader.arithmetic.words import OPERATORS

_PIECE = re.compile(
    r"(?P<number>\d{1,3}(?: \d{3})+(?![\d.,]*\d)|\d[\d.,_]*\d(?:[eE][+-]?\d{1,3}(?!\w))?|\d(?:[eE][+-]?\d{1,3}(?!\w))?"
    r"|(?<![\w.])\.\d+)"
    r"|(?P<text>[^\W\d_][\w.]*[^\W_]|[^\W\d_]\w*|_\w*|\\[a-zA-Z]+)|(?P<relation>:=|==+|!=|<=|>=|=>|=~|~=|[=≈≠<>])"
    r"|(?P<arrow>->|--+>?|⇒|⇔)|(?P<divide>//)|(?P<op>[-+×·*/÷^])|(?P<open>[(\[{⌊⌈])|(?P<close>[)\]}⌋⌉])"
    r"|(?P<dots>…|\.\.\.+)|(?P<stop>[,;.:|?\n])|(?P<fraction>⁄)|(?P<root>√)|(?P<percent>%)|(?P<other>\S)"
)
_KINDS = {"arrow": "stop", "divide": "op", "percent": "unit", "other": "symbol"}
_SIGN = {"×": "*", "·": "*", "*": "*", "/": "/", "÷": "/", "+": "+", "-": "-", "^": "^", "//": "//"}
_BESIDE = frozenset(["px", "ms", "s", "bit", "bits", "byte", "bytes", "mal", "fach", "er", "Bit", "Bits"])
_ORDINAL = frozenset(["st", "nd", "rd", "th", "D", "d"])
_ARTICLES = frozenset(["a", "A", "I"])
PAIRS = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉"}


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a line; `tight` where no space stands before it."""

    kind: str
    text: str
    start: int
    end: int
    tight: bool = False


def tokenize(line: str) -> list[Token]:
    """Return the tokens of a plain line."""
    out: list[Token] = []
    for match in _PIECE.finditer(line):
        name = match.lastgroup or "other"
        token = Token(_KINDS.get(name, name), match[0], match.start(), match.end())
        token = Token(token.kind, token.text, token.start, token.end, bool(out) and out[-1].end == token.start)
        _add(out, token, line)
    return out


def _add(out: list[Token], token: Token, line: str) -> None:
    if token.kind == "text":
        token = _word(out, token)
    elif token.kind == "relation":
        kind = "stop" if token.text in ("≠", "!=", "<", ">", "<=", ">=", "=>") else "relation"
        token = _as(token, kind, "≈" if token.text in ("≈", "~=", "=~") else token.text)
    elif token.kind == "op":
        hyphen = token.text == "-" and token.tight and out[-1].kind == "number"
        if hyphen and re.match(r"[^\W\d_]{2}", line[token.end : token.end + 2]):
            return  # 32-bit
        token = _as(token, "op", _SIGN[token.text])
    out.append(token)


def _as(token: Token, kind: str, text: str) -> Token:
    return Token(kind, text, token.start, token.end, token.tight)


def _word(out: list[Token], token: Token) -> Token:
    """Return letters as a word, a unit, or a symbol for something unknown."""
    beside = bool(out) and out[-1].kind == "number"
    if beside and (token.text in SCALES or token.text in MEMORY):
        return _as(token, "unit", token.text)
    if beside and token.text.lower() in ("percent", "prozent"):
        return _as(token, "unit", "%")
    if beside and token.tight:
        if token.text in _ORDINAL:
            out.pop()
            return _as(token, "word", token.text)
        return _as(token, "word" if token.text in _BESIDE or len(token.text) > 3 else "symbol", token.text)
    known = len(token.text) > 1 and not token.text.startswith("\\")
    return _as(token, "word" if known or token.text in _ARTICLES else "symbol", token.text)


def restyled(tokens: list[Token], style: Style) -> list[Token]:
    """Return tokens with numbers apart where they are not joined, and words as signs in a loose style."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        if token.kind == "number" and not style.joined and re.search("[ ,]", token.text):
            out.extend(_apart(token))
        elif style.loose and token.kind == "word" and token.text.lower() in OPERATORS:
            out.append(_as(token, "op", OPERATORS[token.text.lower()]))
        elif style.loose and token.text == ":" and 0 < at < len(tokens) - 1 and _is_division(tokens, at):
            out.append(_as(token, "op", "/"))
        else:
            out.append(token)
    return out


def _is_division(tokens: list[Token], at: int) -> bool:
    return tokens[at - 1].kind in ("number", "close") and tokens[at + 1].kind in ("number", "open")


def _apart(token: Token) -> list[Token]:
    pieces = list(re.finditer(r"[^ ,]+|,", token.text))
    return [
        Token("stop" if m[0] == "," else "number", m[0], token.start + m.start(), token.start + m.end(), at > 0)
        for at, m in enumerate(pieces)
    ]


def closings(tokens: list[Token]) -> dict[int, int]:
    """Return the places of brackets that match, both ways."""
    stack: list[int] = []
    found: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(at)
        elif token.kind == "close" and stack:
            if PAIRS[tokens[stack[-1]].text] == token.text:
                found[stack[-1]] = at
                found[at] = stack.pop()
            else:
                stack.clear()
        elif token.kind == "relation":
            stack.clear()
    return found


def styles_for(tokens: list[Token]) -> list[Style]:
    """Return the ways a line may be read, the usual one first."""
    written = " ".join(token.text for token in tokens if token.kind == "number")
    units = {token.text for token in tokens if token.kind == "unit"}
    colons = any(token.text == ":" for token in tokens)
    words = any(token.kind == "word" and token.text.lower() in OPERATORS for token in tokens)
    beside = any(b.kind in ("number", "open", "fraction", "root") for a, b in _neighbours(tokens))
    scales = (1, 0, 2) if units & (MEMORY.keys() | {"k", "K"}) else (1, 0) if units else (1,)
    return [
        Style(german=german, joined=joined, loose=loose, scale=scale)
        for loose in ((False, True) if colons or words or beside else (False,))
        for german in ((False, True) if re.search("[.,]", written) else (False,))
        for joined in ((True, False) if re.search(r"\d[ ,]\d", written) else (True,))
        for scale in scales
    ]


def _neighbours(tokens: list[Token]) -> list[tuple[Token, Token]]:
    return [(a, b) for a, b in pairwise(tokens) if a.kind in ("number", "close", "unit", "word")]
