"""Conditions: `i = j`, `0 < x < δ`, `otherwise`, in formulas and beside them."""

from __future__ import annotations

from grader.proofs.cursor import RELATIONS, Cursor, split_at
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import Compare, Every, Letter, Node

_SIGN = {"=": "=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_OTHERWISE = ("otherwise", "else", "other", "elsewhere", "sonst", "all other")


def condition_of(reader: Cursor, tokens: list[Token]) -> Node | None:
    """Return the condition that stands there; None when it says `otherwise` or nothing; raises Unreadable."""
    said = " ".join(token.text.lower() for token in tokens if token.kind in ("text", "word"))
    tokens = [t for t in tokens if t.kind != "text" and t.text not in ("quad", "qquad", "forall", "&")]
    while tokens and tokens[-1].text in (",", ".", ";"):
        tokens = tokens[:-1]
    if any(word in said for word in _OTHERWISE):
        return None
    parts = [part for part in split_at(_bare(tokens), {",", ";", "wedge", "land"}) if part]
    tests = [test for part in parts for test in _tests(reader, part)]
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else Every(tuple(tests))


def _bare(tokens: list[Token]) -> list[Token]:
    if len(tokens) > 2 and tokens[0].text in "([" and tokens[-1].text in ")]":
        return tokens[1:-1]
    return tokens


def _tests(reader: Cursor, tokens: list[Token]) -> list[Node]:
    sides: list[list[Token]] = [[]]
    signs: list[str] = []
    for token in tokens:
        if token.text in RELATIONS and token.kind in ("mark", "command"):
            signs.append(_SIGN.get(RELATIONS[token.text], "?"))
            sides.append([])
        else:
            sides[-1].append(token)
    if not signs or "?" in signs or any(not side for side in sides):
        raise Unreadable("a condition is not understood")
    values = [_value(reader, side) for side in sides]
    return [Compare(values[at], sign, values[at + 1]) for at, sign in enumerate(signs)]


def _value(reader: Cursor, side: list[Token]) -> Node:
    if len(side) == 1 and side[0].kind == "letter" and not reader.names.known(side[0].text):
        return Letter(side[0].text)
    return reader.whole(side)


def rows_of(inside: list[Token]) -> list[tuple[list[Token], list[Token]]]:
    """Return value and condition of each row of a `cases`."""
    rows = []
    for row in map(without_spacing, split_at(inside, {"\\"})):
        cells = [cell for cell in split_at(row, {"&"}) if cell]
        if not cells:
            continue
        value, test = cells[0], [token for cell in cells[1:] for token in cell]
        if len(cells) == 1:
            value, test = _parted(value)
        while value and value[-1].text in (",", ";", "quad", "qquad"):
            value = value[:-1]
        rows.append((value, test))
    return rows


def without_spacing(row: list[Token]) -> list[Token]:
    """Drop the `[4pt]` behind a line break."""
    if len(row) > 3 and row[0].text == "[" and row[1].kind == "number":
        for at in range(2, min(len(row), 7)):
            if row[at].text == "]":
                return row[at + 1 :]
    return row


def _parted(row: list[Token]) -> tuple[list[Token], list[Token]]:
    """A row without `&`: the condition starts at the first text, comma or wide space."""
    for at, token in enumerate(row):
        if at and (token.kind == "text" or token.text in (",", "quad", "qquad")):
            return row[:at], row[at + 1 :] if token.kind != "text" else row[at:]
    return row, []
