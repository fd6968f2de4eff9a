"""Sums written out with dots: `e^{z_1} + e^{z_2} + … + e^{z_n}`."""

from __future__ import annotations

from fractions import Fraction

from grader.proofs.tokens import Unreadable
from grader.proofs.tree import At, Big, Letter, Neg, Node, Num, Size, Sym, free_letters, rebuilt, renamed

_LETTER = "…"
_NICE = "krst"


def without_dots(terms: list[Node], dots: Node) -> Node:
    """Return the sum the dots stand for; raises Unreadable when the terms do not follow one pattern."""
    place = terms.index(dots)
    if place == 0 or terms[-1] == dots:
        raise Unreadable("the dots do not say where the sum begins and ends")
    first, last = terms[0], terms[-1]
    negative = isinstance(first, Neg) and isinstance(last, Neg)
    if isinstance(first, Neg) and isinstance(last, Neg):
        first, last = first.body, last.body
    pattern = _pattern(first, last)
    if pattern == first:
        raise Unreadable("the terms around the dots do not follow one pattern")
    for number, term in enumerate(terms[1:place], start=2):
        inner = term.body if negative and isinstance(term, Neg) else term
        if _filled(pattern, Num(Fraction(number))) != inner:
            raise Unreadable("the terms before the dots do not follow one pattern")
    used = free_letters(pattern)
    letter = next((letter for letter in _NICE if letter not in used), _LETTER)
    total = Big("sum", letter, None, None, None, renamed(pattern, {_LETTER: letter}))
    return Neg(total) if negative else total


def _pattern(first: Node, last: Node) -> Node:
    """Return the first term with a letter where it has 1 and the last has the size."""
    if first == Num(Fraction(1)) and isinstance(last, Size | Letter):
        return Letter(_LETTER)
    if isinstance(first, Sym) and first == last:
        return first
    if type(first) is not type(last):
        raise Unreadable("the terms around the dots do not follow one pattern")
    pairs = iter(_children(last))
    return rebuilt(first, lambda child: _pattern(child, next(pairs)))


def _children(node: Node) -> list[Node]:
    found: list[Node] = []

    def keep(child: Node) -> Node:
        found.append(child)
        return child

    rebuilt(node, keep)
    return found


def _filled(node: Node, number: Node) -> Node:
    return number if node == Letter(_LETTER) else rebuilt(node, lambda child: _filled(child, number))


__all__ = ["At", "without_dots"]
