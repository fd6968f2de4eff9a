r"""Spellings put right before reading: `\hat{y_i}`, `{a \over b}`, `\left\{ \begin{array}`."""

from __future__ import annotations

from collections.abc import Iterable

from grader.proofs.tokens import ACCENTS, Token, after_group, raw_tokens

_OPEN, _CLOSE = Token("mark", "{"), Token("mark", "}")


def tokenize(text: str, words: Iterable[str] = ()) -> list[Token]:
    """Return the tokens of a formula; raises Unreadable when there are too many or braces do not match."""
    return put_right(raw_tokens(text, words))


def put_right(tokens: list[Token]) -> list[Token]:
    """Return the tokens in the spelling the reader expects."""
    tokens = _braced_cases(tokens)
    if any(token.kind == "command" and token.text in ACCENTS for token in tokens):
        tokens = _scripts_outside(tokens)
    for _ in range(20):
        place = next((at for at, token in enumerate(tokens) if token == Token("command", "over")), None)
        if place is None:
            break
        tokens = _fraction(tokens, place)
    return tokens


def _scripts_outside(tokens: list[Token]) -> list[Token]:
    r"""`\hat{y_i}` is `\hat{y}_i`."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        out.append(token)
        at += 1
        is_group = token.kind == "command" and token.text in ACCENTS and tokens[at : at + 1] == [_OPEN]
        if is_group and at + 2 < len(tokens) and tokens[at + 2].text in ("_", "^"):
            end = after_group(tokens, at)
            out.extend([_OPEN, tokens[at + 1], _CLOSE, *tokens[at + 2 : end - 1]])
            at = end
    return out


def _fraction(tokens: list[Token], place: int) -> list[Token]:
    r"""`{a \over b}` is `\frac{a}{b}`."""
    start, depth = place - 1, 0
    while start >= 0 and (depth or tokens[start] != _OPEN):
        depth += {"}": 1, "{": -1}.get(tokens[start].text, 0) if tokens[start].kind == "mark" else 0
        start -= 1
    end = after_group(tokens, start) if start >= 0 else len(tokens)
    top, bottom = tokens[start + 1 : place], tokens[place + 1 : end - 1 if start >= 0 else end]
    fraction = [Token("command", "frac"), _OPEN, *top, _CLOSE, _OPEN, *bottom, _CLOSE]
    return [*tokens[: max(start, 0)], *fraction, *(tokens[end:] if start >= 0 else [])]


def _braced_cases(tokens: list[Token]) -> list[Token]:
    r"""`\left\{ \begin{array}{ll} …` is a `cases`."""
    out: list[Token] = []
    at, level = 0, 0
    braced: list[int] = []
    while at < len(tokens):
        token = tokens[at]
        following = tokens[at + 1] if at + 1 < len(tokens) else token
        if token == Token("command", "{") and following.kind == "begin":
            level += 1
            braced.append(level)
            out.append(Token("begin", "cases"))
            at = after_group(tokens, at + 2) if following.text == "array" else at + 2
            continue
        if token.kind == "end" and braced and braced[-1] == level:
            token = Token("end", "cases")
            braced.pop()
        level += {"begin": 1, "end": -1}.get(token.kind, 0)
        out.append(token)
        at += 1
    return out
