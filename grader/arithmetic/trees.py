"""Expressions as trees of exact numbers, and their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isqrt

MAX_BITS = 8_000
ROOT_DIGITS = 40


class Unread(Exception):
    """Something that cannot be read as arithmetic; the message says why, for the student."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A written number; `step` is one unit of its last decimal, 0 of a whole number; `rounded`: it may have been."""

    value: Fraction
    written: str
    place: int
    step: Fraction
    rounded: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A sign with what it stands between: + - * / ^, or in front of: neg, root, floor, ceil."""

    sign: str
    parts: tuple[Tree, ...]


Tree = Operand | Operation


def value_of(tree: Tree, changed: Mapping[int, Fraction] | None = None) -> Fraction:
    """Return the value of a tree, with the operands at some places changed; raises Unread where there is none."""
    if isinstance(tree, Operand):
        return (changed or {}).get(tree.place, tree.value)
    return applied(tree.sign, [value_of(part, changed) for part in tree.parts])


def applied(sign: str, values: list[Fraction]) -> Fraction:
    """Return what a sign makes of values."""
    first, last = values[0], values[-1]
    if sign in ("+", "-", "*"):
        result = first + last if sign == "+" else first - last if sign == "-" else first * last
    elif sign == "/":
        result = _quotient(first, last)
    elif sign == "^":
        result = _power(first, last)
    else:
        result = _alone(sign, first)
    if max(result.numerator.bit_length(), result.denominator.bit_length()) > MAX_BITS:
        raise Unread("the number is too large")
    return result


def _quotient(top: Fraction, bottom: Fraction) -> Fraction:
    if bottom == 0:
        raise Unread("it divides by zero")
    return top / bottom


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent == Fraction(1, 2):
        return _root(base)
    if exponent.denominator != 1:
        raise Unread("a power with a fraction is not computed exactly")
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) * size > MAX_BITS:
        raise Unread("the number is too large")
    if base == 0 and exponent < 0:
        raise Unread("it divides by zero")
    return Fraction(base**exponent.numerator)


def _alone(sign: str, value: Fraction) -> Fraction:
    if sign == "root":
        return _root(value)
    return {"neg": -value, "floor": Fraction(floor(value)), "ceil": Fraction(ceil(value))}[sign]


def _root(value: Fraction) -> Fraction:
    """Return the square root, to 40 digits where it is not a fraction."""
    if value < 0:
        raise Unread("it takes the root of a negative number")
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    scale = 10 ** (2 * ROOT_DIGITS)
    return Fraction(isqrt(value.numerator * scale // value.denominator), 10**ROOT_DIGITS)


def operands(tree: Tree) -> Iterator[Operand]:
    """Yield the numbers of a tree from left to right."""
    if isinstance(tree, Operand):
        yield tree
        return
    for part in tree.parts:
        yield from operands(part)


def signs(tree: Tree) -> set[str]:
    """Return the signs in a tree."""
    if isinstance(tree, Operand):
        return set()
    return {tree.sign}.union(*map(signs, tree.parts))


def begins_with(tree: Tree) -> Iterator[Tree]:
    """Yield what a tree begins with, from the longest part that stands before a sign to the first number."""
    while isinstance(tree, Operation) and len(tree.parts) > 1:
        tree = tree.parts[0]
        yield tree


def factors(tree: Tree) -> list[Operand] | None:
    """Return the numbers of a plain product, None of anything else."""
    if isinstance(tree, Operand):
        return [tree]
    if tree.sign != "*":
        return None
    parts = [factors(part) for part in tree.parts]
    return None if None in parts else [one for part in parts if part is not None for one in part]
