"""Claims that are no equalities: `y_i ∈ (0, 1)`, `y_i ∝ e^{z_i}`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from grader.proofs import duals
from grader.proofs.claims import Checker, Claim, Outcome, related, spots
from grader.proofs.cursor import split_at
from grader.proofs.names import Names
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import At, Letter, Node, Num, Sym

_OPEN, _SHUT = {"(": ">", "[": ">="}, {")": "<", "]": "<="}
ZERO = Num(Fraction(0))


def interval(tokens: tuple[Token, ...]) -> list[tuple[str, list[Token]]] | None:
    """Return the bounds an interval sets, as (sign, tokens of the bound); None where it is no interval."""
    if len(tokens) < 5 or tokens[0].text not in _OPEN or tokens[-1].text not in _SHUT:
        return None
    parts = split_at(list(tokens[1:-1]), {",", ";"})
    if len(parts) != 2 or not all(parts):
        return None
    bounds = [(_OPEN[tokens[0].text], parts[0]), (_SHUT[tokens[-1].text], parts[1])]
    return [(sign, part) for sign, part in bounds if part[-1].text != "infty"]


def is_list(tokens: tuple[Token, ...]) -> bool:
    """Whether these are things in a row, as `(i, j)` or `\\{1, \\dots, n\\}`: a name for them, and no claim."""
    return (
        len(tokens) > 2
        and tokens[0].text in ("(", "[", "{")
        and tokens[-1].text in (")", "]", "}")
        and len(split_at(list(tokens[1:-1]), {",", ";"})) > 1
    )


def is_declaration(node: Node, names: Names) -> bool:
    """Whether a membership says where a free symbol lives rather than something that could be false."""
    base = node.base if isinstance(node, At) else node
    if isinstance(base, Letter):
        return True
    return isinstance(base, Sym) and (base.key not in names.symbols or names.symbols[base.key].definition is None)


def proportional(checker: Checker, claim: Claim) -> Outcome:
    """Return whether the quotient of both sides is the same for all index values, or without any at all points.

    Raises Unreadable where it is not: what the constant may depend on is not said, so that is no counter-example.
    """
    constant: duals.Number | None = None
    for point in range(4):
        scope = checker.scope(point, claim.domains)
        constant = constant if not claim.ranges else None
        for indices in spots(claim.ranges):
            left, right = checker.pair(replace(claim, sign="="), scope, indices)
            quotient = duals.over(left, right)
            constant = quotient if constant is None else constant
            if not related(quotient, constant, "="):
                raise Unreadable("the quotient of both sides is not constant: say what the factor may depend on")
    return Outcome(holds=True)
