"""From a formula's tokens to what it claims: rows, chains of relations, conditions beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from grader.proofs.conditions import without_spacing
from grader.proofs.cursor import RELATIONS, split_at
from grader.proofs.names import script
from grader.proofs.tokens import Token

_ROWS = frozenset(
    [
        "equation",
        "align",
        "aligned",
        "gather",
        "gathered",
        "eqnarray",
        "multline",
        "split",
        "alignat",
        "flalign",
        "displaymath",
        "math",
    ]
)
_CLAUSES = {"Rightarrow", "therefore", "to", "because"}
_OPERATORS = {"+", "-", "cdot", "times", "/", "*"}
_IF = re.compile(r"\b(if|for|when|whenever|falls|wenn|case)\b", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Clause:
    """A chain of sides with the relations between; `continues` when it begins with a relation."""

    sides: list[list[Token]]
    signs: list[str]
    continues: bool = False
    conditions: list[list[Token]] = field(default_factory=list)
    named: bool = False


def clauses(tokens: list[Token]) -> list[Clause]:
    """Return the claims of one formula in order; a formula without a relation is a clause of one side."""
    found: list[Clause] = []
    for row in _rows(_unwrapped(tokens)):
        for part in split_at(row, _CLAUSES):
            if part:
                found.extend(_pieces(part))
    return found


def _unwrapped(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.kind not in ("begin", "end") or (token.text not in _ROWS and not _is_outer_array(token, out)):
            out.append(token)
        elif token.kind == "begin" and token.text in ("alignat", "array") and at < len(tokens):
            at = script(tokens, at)[1]
    return out


def _is_outer_array(token: Token, out: list[Token]) -> bool:
    if token.text != "array":
        return False
    opened = [place for place, seen in enumerate(out) if seen.kind == "begin" and seen.text == "array"]
    ended = sum(seen.kind == "end" and seen.text == "array" for seen in out)
    if token.kind == "end":
        return len(opened) == ended
    return not (out and out[-1].text in ("{", "[", "(", "(abs"))


def _rows(tokens: list[Token]) -> list[list[Token]]:
    """Split into rows; rows that only go on with the one before are joined to it."""
    rows: list[list[Token]] = []
    for raw in _split_rows(tokens):
        row = without_spacing(raw)
        bare = [token for token in row if token.text != "&" or token.kind != "mark"]
        if not bare:
            continue
        if rows and _goes_on(rows[-1], row, bare):
            rows[-1].extend(_without_marks(row))
        else:
            rows.append(_without_marks(row))
    return rows


def _split_rows(tokens: list[Token]) -> list[list[Token]]:
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind in ("begin", "end"):
            depth += 1 if token.kind == "begin" else -1
        if token.text in ("\\", "newline", "cr") and token.kind == "command" and depth <= 0:
            rows.append([])
        else:
            rows[-1].append(token)
    return rows


def _without_marks(row: list[Token]) -> list[Token]:
    out, depth = [], 0
    for token in row:
        depth += {"begin": 1, "end": -1}.get(token.kind, 0)
        if depth or token != Token("mark", "&"):
            out.append(token)
    return out


def _goes_on(before: list[Token], row: list[Token], bare: list[Token]) -> bool:
    if before[-1].text in _OPERATORS or _open(before):
        return True
    if bare[0].text not in _OPERATORS:
        return False
    return row[0].text == "&" or not any(token.text in RELATIONS for token in bare)


def _open(row: list[Token]) -> bool:
    depth = 0
    for token in row:
        if token.kind in ("mark", "command"):
            depth += (token.text in ("(", "[", "{", "(abs")) - (token.text in (")", "]", "}", "abs)"))
    return depth > 0


def _pieces(tokens: list[Token]) -> list[Clause]:  # noqa: C901
    """Split a row at commas, wide spaces and words into claims and the conditions that belong to them."""
    found: list[Clause] = []
    word = ""
    pending: list[list[Token]] = []
    for kind, part in _parts(tokens):
        if kind == "text":
            word = f"{word} {part[0].text}" if not found or not part[0].text else part[0].text
            continue
        if _is_condition(part, word, has_claim=bool(found)):
            (found[-1].conditions if found else pending).append(part)
        elif found and not _has_relation(part):
            if _is_filler(part):
                continue
            found.append(_clause(part))
        else:
            found.append(_clause(part))
            found[-1].named = bool(re.search(r"\b(where|with|let|define)\b", word, re.IGNORECASE))
        if not _IF.search(word) or _has_relation(part):
            word = ""
    if found:
        found[0].conditions = pending + found[0].conditions
    elif pending:
        found.extend(_clause(part) for part in pending)
    return found


def _parts(tokens: list[Token]) -> list[tuple[str, list[Token]]]:
    out: list[tuple[str, list[Token]]] = []
    for part in split_at(tokens, {",", ";", "quad", "qquad", "forall", ":"} - ({":"} if _assigns(tokens) else set())):
        current: list[Token] = []
        depth = 0
        for token in part:
            depth += {"begin": 1, "end": -1}.get(token.kind, 0)
            if token.kind == "text" and not depth:
                out.extend([("math", current)] if current else [])
                out.append(("text", [token]))
                current = []
            else:
                current.append(token)
        out.extend([("math", _trimmed(current))] if _trimmed(current) else [])
    return out


def _trimmed(part: list[Token]) -> list[Token]:
    while part and part[-1].text in (".", "!", ";"):
        part = part[:-1]
    return part


def _assigns(tokens: list[Token]) -> bool:
    return any(a.text == ":" and b.text == "=" for a, b in pairwise(tokens))


def _has_relation(part: list[Token]) -> bool:
    return len(split_at(part, set(RELATIONS))) > 1


def _is_filler(part: list[Token]) -> bool:
    """`…, n`, `∀ i`: says over what an index runs."""
    return len(part) <= 3 and all(
        t.kind in ("letter", "number") or t.text in ("dots", "forall", "{", "}") for t in part
    )


def _is_condition(part: list[Token], word: str, *, has_claim: bool) -> bool:
    inner = part[1:-1] if len(part) > 2 and part[0].text in "([" and part[-1].text in ")]" else part
    sides = split_at(inner, set(RELATIONS))
    if len(sides) < 2 or any(not side for side in sides):
        return False
    if _IF.search(word):
        return True
    indexlike = all(len(side) == 1 and side[0].kind in ("letter", "number") for side in sides)
    lettered = indexlike and sides[0][0].text in "ijklmrst"
    if lettered and (has_claim or inner is not part):
        return True
    inequality = not any(token.text in ("=", "equiv", "approx") for token in inner)
    return has_claim and inequality and all(len(side) <= 3 for side in sides)


def _clause(part: list[Token]) -> Clause:
    part, tail = _tail_condition(part)
    sides: list[list[Token]] = [[]]
    signs: list[str] = []
    depth = 0
    at = 0
    balanced = sum(_depth(token) for token in part) == 0
    while at < len(part):
        token = part[at]
        depth += _depth(token) if balanced or token.text in ("{", "}") or token.kind in ("begin", "end") else 0
        sign = RELATIONS.get(token.text) if depth <= 0 and token.kind in ("mark", "command") else None
        if sign is None:
            sides[-1].append(token)
            at += 1
            continue
        width = 2 if sign in "<>" and at + 1 < len(part) and part[at + 1].text == "=" else 1
        if sides[-1] and sides[-1][-1].text in (":", "!") and sign == "=":
            sign = ":=" if sides[-1].pop().text == ":" else "!="
        elif sides[-1] and sides[-1][-1] == Token("command", "not"):
            sides[-1].pop()
            sign = "!="
        signs.append(sign + "=" if width == 2 else sign)
        sides.append([])
        at += width
        if at < len(part) and width == 1 and sign == "=" and part[at].text == "=":
            at += 1
    continues = bool(signs) and not sides[0]
    if signs and not sides[-1]:
        sides.pop()
        signs.pop()
    return Clause(sides=sides, signs=signs, continues=continues, conditions=[tail] if tail else [])


def _depth(token: Token) -> int:
    if token.kind in ("begin", "end"):
        return 1 if token.kind == "begin" else -1
    if token.kind not in ("mark", "command"):
        return 0
    return (token.text in ("(", "[", "{", "(abs")) - (token.text in (")", "]", "}", "abs)"))


def _is_indicator(part: list[Token], before: Token | None) -> bool:
    """Whether brackets behind this belong to it: an indicator, or a Kronecker delta."""
    if before is None:
        return False
    blackboard = any(token.text == "mathbb" for token in part[-4:]) and before.text == "}"
    return before.kind == "command" or blackboard or (before.text in ("I", "1") and len(part) > 1)


def _tail_condition(part: list[Token]) -> tuple[list[Token], list[Token]]:
    """`… (i ≠ j)` at the end of a claim."""
    if not part or part[-1].text != ")":
        return part, []
    for start in range(len(part) - 2, max(len(part) - 8, 0), -1):
        if part[start].text == "(":
            inner = part[start + 1 : -1]
            sides = split_at(inner, {"=", "neq"})
            if len(sides) == 2 and all(len(s) == 1 and s[0].kind in ("letter", "number") for s in sides):
                before = part[start - 1] if start else None
                if not _is_indicator(part[:start], before):
                    return part[:start], inner
            return part, []
    return part, []
