"""Whether two sides agree: exactly, to the digits written, or as far as ≈ promises."""

from __future__ import annotations

from fractions import Fraction

from grader.arithmetic.trees import Operand, Operation, Tree, begins_with, operands, signs, value_of

ABOUT = Fraction(1, 20)  # what ≈ allows, where a student rounds to one digit or two
MAX_ROUNDED = 12


def agreement(left: Tree, right: Tree, relation: str) -> str | None:
    """Return "" where two sides are equal, a remark where they agree in another way, None where they do not."""
    a, b = value_of(left), value_of(right)
    if a == b or (_irrational(left, right) and abs(a - b) <= abs(a) / 10**15):
        return ""
    if _to_the_digits(a, right) or _to_the_digits(b, left):
        return "rounded"
    if _whole_of_a_quotient(left, b, right) or _whole_of_a_quotient(right, a, left):
        return "rounded to a whole number"
    if relation == "≈" and (abs(a - b) <= ABOUT * max(abs(a), abs(b)) or _by_first_digits(a, b)):
        return "about equal"
    first = list(begins_with(right))[-1:]
    if isinstance(left, Operation) and first and value_of(first[0]) == a:
        return "the sign = is used here for “and then”: what follows it is computed with the result so far"
    return None


def _to_the_digits(value: Fraction, side: Tree) -> bool:
    """Tell whether a side is one written number with decimals that is a value rounded or cut off."""
    sign = 1
    if isinstance(side, Operation) and side.sign == "neg":
        side, sign = side.parts[0], -1
    if not isinstance(side, Operand) or not side.step:
        return False
    difference = sign * value - side.value
    return abs(difference) <= side.step / 2 or (side.value != 0 and 0 <= difference * sign < side.step)


def _whole_of_a_quotient(side: Tree, whole: Fraction, other: Tree) -> bool:
    """Tell whether a side with a division is not whole, and the other is the whole number next to it."""
    value = value_of(side)
    is_quotient = bool(signs(side) & {"/", "root"}) and value.denominator > 1
    is_whole = isinstance(other, Operand) and whole.denominator == 1 and not other.step
    return is_quotient and is_whole and abs(value - whole) < 1


def _irrational(left: Tree, right: Tree) -> bool:
    return bool((signs(left) | signs(right)) & {"root", "^"})


def _by_first_digits(a: Fraction, b: Fraction) -> bool:
    """Tell whether the rounder number is the other one to its first digits: 9.6 ≈ 10, 448 ≈ 500."""
    for whole, other in ((a, b), (b, a)):
        step = 1
        while whole and whole.denominator == 1 and whole % (step * 10) == 0:
            step *= 10
        if whole.denominator == 1 and abs(whole - other) <= Fraction(step, 2):
            return True
    return False


def agrees_within_rounding(left: Tree, right: Tree) -> bool:
    """Tell whether two sides agree if their decimals, of three digits or more, were rounded before."""
    rounded = [one for side in (left, right) for one in operands(side) if one.rounded]
    if not rounded or len(rounded) > MAX_ROUNDED or len([one for one in rounded if one.step]) == 0:
        return False
    gap = value_of(left) - value_of(right)
    doubt = Fraction(0)
    for side in (left, right):
        doubt += sum(
            abs(value_of(side, {one.place: one.value + one.step / 2}) - value_of(side))
            for one in operands(side)
            if one.rounded
        )
    return abs(gap) <= doubt
