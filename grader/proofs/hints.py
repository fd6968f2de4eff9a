"""What may have gone wrong in a false line: changes to its right side that would make it true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from grader.proofs import duals
from grader.proofs.claims import Checker, Claim, spots
from grader.proofs.duals import Undefined
from grader.proofs.scope import scalar
from grader.proofs.showing import show
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import (
    Add,
    At,
    Big,
    Call,
    Deriv,
    Letter,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
    Transpose,
    free_letters,
    renamed,
    symbols,
    walk,
)  # fmt: skip

_MAX_TRIES = 40


def hint(checker: Checker, claim: Claim) -> str:
    """Return what would make the claim true, in words; empty where nothing fits."""
    if claim.sign != "=":
        return ""
    for tried, (words, changed) in enumerate(_changes(checker, claim)):
        if tried >= _MAX_TRIES:
            break
        if _holds(checker, changed):
            return words
    return _ratio(checker, claim) or _only_where(checker, claim)


def _holds(checker: Checker, claim: Claim) -> bool:
    try:
        return checker.check(claim).holds
    except (Unreadable, Undefined):
        return False


def _changes(checker: Checker, claim: Claim) -> Iterator[tuple[str, Claim]]:
    right = claim.right
    yield "the sign is the other way round", replace(claim, right=Neg(right))
    yield "one side is transposed", replace(claim, right=Transpose(right))
    letters = sorted(free_letters(claim.left) | free_letters(right))
    for a, b in combinations(letters, 2):
        swapped = renamed(right, {a: b, b: a})
        if swapped != right and claim.ranges.get(a) == claim.ranges.get(b):
            yield f"the indices {a} and {b} are exchanged", replace(claim, right=swapped)
    for letter in letters:
        size = Num(Fraction(claim.ranges[letter])) if letter in claim.ranges else None
        if size is not None and letter not in free_letters(claim.left):
            summed = Big("sum", letter, Num(Fraction(1)), size, None, right)
            yield f"a sum over {letter} is missing", replace(claim, right=summed)
    for linked in _sums_over_links(checker, right):
        yield "the sum of the chain rule is missing", replace(claim, right=linked)
    yield "a square is forgotten, or one too many", replace(claim, right=Pow(right, Num(Fraction(2))))
    yield "a square is forgotten, or one too many", replace(claim, left=Pow(claim.left, Num(Fraction(2))))
    yield from _sign_of_terms(claim)
    yield from _factors(checker, claim)


def _sums_over_links(checker: Checker, node: Node) -> Iterator[Node]:
    """`∂L/∂y_i ∂y_i/∂z_i` for the sum over all of y."""
    if not isinstance(node, Mul) or not isinstance(node.left, Deriv) or not isinstance(node.right, Deriv):
        return
    for first, second in ((node.left, node.right), (node.right, node.left)):
        link = first.by
        if link == second.body and isinstance(link, At) and isinstance(link.base, Sym) and len(link.indices) == 1:
            entry = At(link.base, (Letter("#"),))
            size = checker.names.symbols[link.base.key].shape[0]
            body = Mul(Deriv(first.body, entry), Deriv(entry, second.by))
            yield Big("sum", "#", Num(Fraction(1)), Num(Fraction(size)), None, body)


def _sign_of_terms(claim: Claim) -> Iterator[tuple[str, Claim]]:
    if isinstance(claim.right, Add) and len(claim.right.terms) <= 4:
        for at, term in enumerate(claim.right.terms):
            flipped = term.body if isinstance(term, Neg) else Neg(term)
            terms = (*claim.right.terms[:at], flipped, *claim.right.terms[at + 1 :])
            yield "the sign of one term is wrong", replace(claim, right=Add(terms))


def _factors(checker: Checker, claim: Claim) -> Iterator[tuple[str, Claim]]:
    """Entries and derivatives of functions that may be missing as a factor."""
    for factor in _candidates(checker, claim):
        if _is_zero(checker, claim, factor):
            continue
        words = f"a factor is missing: ${show(factor, checker.names)}$"
        yield words, replace(claim, right=Mul(factor, claim.right, "o"))
        yield (
            f"there is a factor too many: ${show(factor, checker.names)}$",
            replace(claim, left=Mul(factor, claim.left, "o")),
        )


def _is_zero(checker: Checker, claim: Claim, factor: Node) -> bool:
    """Whether a factor is 0, which would explain anything."""
    zero = replace(claim, left=factor, right=Num(Fraction(0)))
    try:
        return checker.check(zero).holds
    except (Unreadable, Undefined):
        return True


def _candidates(checker: Checker, claim: Claim) -> list[Node]:
    letters = sorted(free_letters(claim.left) | free_letters(claim.right))
    found: list[Node] = [node for node in walk(claim.right) if isinstance(node, At) and isinstance(node.base, Sym)]
    reach: set[str] = set(symbols(claim.left) | symbols(claim.right))
    for key in sorted(reach):
        name = checker.names.symbols.get(key)
        for part in walk(name.definition) if name and name.definition else ():
            if isinstance(part, Call) and part.name in checker.names.functions and not isinstance(part.args[0], Deriv):
                found.append(Call(part.name, part.args, 1))
        if name is not None and not name.shape:
            found.append(Sym(key))
        if name is not None and len(name.shape) == 1 and letters:
            found.extend(At(Sym(key), (Letter(x),)) for x in letters if claim.ranges.get(x) == name.shape[0])
    unique = [node for at, node in enumerate(found) if node not in found[:at]]
    return [node for node in unique if free_letters(node) <= set(letters)][:8]


def _ratio(checker: Checker, claim: Claim) -> str:
    """A constant factor: both sides have the same ratio everywhere."""
    ratios = set()
    try:
        for point in (0, 1):
            scope = checker.scope(point, claim.domains)
            for indices in list(spots(claim.ranges))[:6]:
                left, right = checker.pair(claim, scope, indices)
                a, b = (duals.plain_value(scalar(side)) for side in (left, right))
                if b != 0:
                    ratios.add(duals.CONTEXT.nstr(a / b, 30))
    except (Unreadable, Undefined):
        return ""
    if len(ratios) != 1:
        return ""
    fraction = Fraction(duals.CONTEXT.nstr(duals.Real(ratios.pop()), 25)).limit_denominator(60)
    return f"a factor {fraction} is missing" if 0 < abs(fraction) < 1_000 and fraction != 1 else ""


def _only_where(checker: Checker, claim: Claim) -> str:
    """Whether it holds just where two indices agree, or just where they differ."""
    letters = list(claim.ranges)
    if len(letters) != 2:
        return ""
    try:
        places = checker.check(claim, every=True).places
    except (Unreadable, Undefined):
        return ""
    a, b = letters
    if claim.ranges[a] != claim.ranges[b] or not places or claim.conditions:
        return ""
    if all(x == y for x, y in places):
        return f"it holds only for {a} = {b}"
    return f"it holds only for {a} ≠ {b}" if all(x != y for x, y in places) else ""
