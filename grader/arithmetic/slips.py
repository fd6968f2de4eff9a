"""What may have gone wrong in an equality that does not hold: one change of its numbers or signs that makes it hold.

A search among the slips people make, never a proof of what happened: `likely` names one only where no other explains
the numbers as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from grader.arithmetic.records import Equality, Verdict, shown
from grader.arithmetic.trees import Operand, Operation, Tree, Unread, applied, operands, value_of

MAX_OPERANDS = 40
MAX_FOUND = 30
NO_CONTEXT: Mapping[str, int] = {}


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A change that makes an equality hold; the smaller `rank`, the likelier."""

    kind: str
    sentence: str
    rank: int


@dataclass(frozen=True, slots=True)
class Working:
    """The side that was computed, what was written as its result, and the numbers around it with their names."""

    tree: Tree
    result: Fraction
    written: str
    context: Mapping[str, Fraction]

    @property
    def value(self) -> Fraction:
        """What the working comes to."""
        return value_of(self.tree)

    @property
    def operands(self) -> list[Operand]:
        """Its numbers, from left to right."""
        return list(operands(self.tree))

    def named(self, value: Fraction) -> str:
        """Return a number, with its name where the context has one."""
        names = [name for name, number in self.context.items() if number == value]
        return f"{shown(value)} ({names[0]})" if len(names) == 1 else shown(value)


def slips(equality: Equality, context: Mapping[str, int] = NO_CONTEXT) -> tuple[Slip, ...]:
    """Return the slips that explain an equality that does not hold, the likeliest first.

    `context` names numbers of the task: {"kernel": 5, "depth": 192, "filters": 32}.
    """
    if equality.verdict is not Verdict.FAILS or equality.trees is None:
        return ()
    named = {name: Fraction(value) for name, value in context.items()}
    found: list[Slip] = []
    for working in _workings(equality, named):
        for search in SEARCHES:
            with suppress(Unread):
                found += islice(search(working), MAX_FOUND)
    unique = {slip.sentence: slip for slip in sorted(found, key=lambda slip: -slip.rank)}
    return tuple(sorted(unique.values(), key=lambda slip: (slip.rank, slip.sentence)))


def likely(found: Iterable[Slip]) -> Slip | None:
    """Return the slip that explains the numbers better than all others, None where two do as well."""
    ranked = sorted(found, key=lambda slip: slip.rank)
    if not ranked or (len(ranked) > 1 and ranked[1].rank == ranked[0].rank):
        return None
    return ranked[0]


def _workings(equality: Equality, context: Mapping[str, Fraction]) -> Iterator[Working]:
    left, right = equality.trees or (None, None)
    for tree, other in ((left, right), (right, left)):
        if not isinstance(tree, Operation) or other is None or len(list(operands(tree))) > MAX_OPERANDS:
            continue
        written = other.written if isinstance(other, Operand) else shown(value_of(other))
        yield Working(tree, value_of(other), written, context)


# --- the result ---------------------------------------------------------------------------------------------------


def _digits(working: Working) -> Iterator[Slip]:
    """Two digits of the result swapped, one wrong, or zeros too many or too few."""
    value, result = working.value, working.result
    if value.denominator != 1 or result.denominator != 1 or min(value, result) <= 0:
        return
    right, got = str(value.numerator), str(result.numerator)
    differing = [at for at, (a, b) in enumerate(zip(right, got, strict=False)) if a != b]
    if result == value:
        return
    if len(right) == len(got) and sorted(right) == sorted(got) and len(right) > 2 and len(differing) == 2:
        yield Slip(kind="digits swapped", sentence=f"two digits are swapped: {shown(value)}", rank=1)
    elif len(right) == len(got) and len(differing) == 1 and len(right) > 2:
        yield Slip(kind="one digit", sentence=f"one digit of the result is wrong: {shown(value)}", rank=3)
    elif len(right) != len(got) and right.rstrip("0") == got.rstrip("0"):
        yield Slip(kind="power of ten", sentence=f"the result has a zero too many or too few: {shown(value)}", rank=1)
    elif abs(len(right) - len(got)) == 1 and min(len(right), len(got)) > 2 and _one_left_out(right, got):
        yield Slip(kind="one digit", sentence=f"a digit of the result is missing or doubled: {shown(value)}", rank=1)


def _one_left_out(a: str, b: str) -> bool:
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def _comma(working: Working) -> Iterator[Slip]:
    """The decimal point in the wrong place."""
    value, result = working.value, working.result
    if value == 0 or result == 0 or (value.denominator == 1 and result.denominator == 1):
        return
    if any(value * Fraction(10) ** power == result for power in (-3, -2, -1, 1, 2, 3)):
        yield Slip(kind="power of ten", sentence=f"the decimal point is in the wrong place: {shown(value)}", rank=1)


# --- the numbers --------------------------------------------------------------------------------------------------


def _one_changed(working: Working) -> Iterator[Slip]:
    """One number taken for another: one of the task, of the same line, or its neighbour."""
    for one in working.operands:
        wanted = _needed(working, one.place)
        if wanted is None or wanted == one.value:
            continue
        if wanted in (0, 1) and one.value > 0:
            yield from _left_out(working, one, wanted)
            continue
        others = {other.value for other in working.operands if other.place != one.place}
        known = wanted in working.context.values()
        if known or wanted in others or (abs(wanted - one.value) == 1 and wanted > 0):
            text = f"it is right with {working.named(wanted)} instead of {shown(one.value)}"
            yield Slip(kind="number changed", sentence=text, rank=2 if known else 4 if wanted in others else 5)


def _left_out(working: Working, one: Operand, wanted: Fraction) -> Iterator[Slip]:
    """A factor or an addend of the working that the result has not."""
    sign = _sign_before(working.tree, one.place)
    if wanted == 0 and sign in ("+", "-"):
        if one.value == 1 and sign == "+":
            said = "the result leaves out the + 1, the bias of each filter"
            yield Slip(kind="bias forgotten", sentence=said, rank=1)
        else:
            said = f"the result leaves out {sign} {working.named(one.value)}"
            yield Slip(kind="addend forgotten", sentence=said, rank=2)
    elif wanted == 1 and sign in ("*", "/"):
        way = "× " if sign == "*" else "/ "
        yield Slip(kind="factor forgotten", sentence=f"the result leaves out {way}{working.named(one.value)}", rank=2)


def _needed(working: Working, place: int) -> Fraction | None:
    """Return what the number at a place would have to be: the working is linear in it, or in its inverse."""
    for inverse in (False, True):
        with suppress(Unread):
            at = [value_of(working.tree, {place: Fraction(1, x) if inverse else Fraction(x)}) for x in (1, 2)]
            slope = at[1] - at[0]
            if slope == 0:
                return None
            wanted = 1 + (working.result - at[0]) / slope
            wanted = applied("/", [Fraction(1), wanted]) if inverse else wanted
            if value_of(working.tree, {place: wanted}) == working.result:
                return wanted
    return None


def _sign_before(tree: Tree, place: int) -> str:
    """Return the sign that a number stands at: the innermost operation it is a part of."""
    if isinstance(tree, Operand):
        return ""
    for part in tree.parts:
        if isinstance(part, Operand) and part.place == place:
            return "+" if tree.sign == "-" and part is tree.parts[0] else tree.sign
        if inner := _sign_before(part, place):
            return inner
    return ""


def _pair_changed(working: Working) -> Iterator[Slip]:
    """A number that stands several times, such as the side of a kernel, taken for another."""
    places: dict[Fraction, list[int]] = {}
    for one in working.operands:
        places.setdefault(one.value, []).append(one.place)
    tried = {*map(Fraction, range(1, 13)), *working.context.values(), *places}
    for value, several in places.items():
        if len(several) != 2:
            continue
        for other in sorted(tried - {value, Fraction(1)}):
            with suppress(Unread):
                if value_of(working.tree, dict.fromkeys(several, other)) == working.result:
                    text = f"it is right for {shown(other)}·{shown(other)} instead of {shown(value)}·{shown(value)}"
                    yield Slip(kind="number changed", sentence=text, rank=2)


def _more(working: Working) -> Iterator[Slip]:
    """A factor or a bias that the result has and the working has not."""
    value, result = working.value, working.result
    around = {**{shown(one.value): one.value for one in working.operands}, **working.context}
    numbers = sorted({number for number in around.values() if number > 1})
    for number in numbers:
        known = number in working.context.values()
        if value * number == result:
            text = f"the working lacks × {working.named(number)}"
            yield Slip(kind="factor forgotten", sentence=text, rank=2 if known else 4)
        if value + number == result:
            text = f"the working lacks + {working.named(number)}, one bias for each"
            yield Slip(kind="bias forgotten", sentence=text, rank=2)
    if result - value == 1:
        yield Slip(kind="off by one", sentence="the result is one too large", rank=3)
    if value - result == 1:
        yield Slip(kind="off by one", sentence="the result is one too small", rank=3)


# --- the signs ----------------------------------------------------------------------------------------------------


def _sign_changed(working: Working) -> Iterator[Slip]:
    """+ for × and the like, at one place."""
    for changed, sign, before in _other_signs(working.tree):
        with suppress(Unread):
            if value_of(changed) == working.result:
                text = f"it is right with {_SHOWN[sign]} instead of {_SHOWN[before]}"
                yield Slip(kind="sign changed", sentence=text, rank=3)


_SHOWN = {"+": "+", "-": "−", "*": "×", "/": "/"}


def _other_signs(tree: Tree) -> Iterator[tuple[Tree, str, str]]:
    """Yield a tree with one of its signs changed, the new sign, and the old."""
    if isinstance(tree, Operand):
        return
    if tree.sign in _SHOWN:
        yield from ((Operation(sign, tree.parts), sign, tree.sign) for sign in _SHOWN if sign != tree.sign)
    for at, part in enumerate(tree.parts):
        for changed, sign, before in _other_signs(part):
            yield Operation(tree.sign, (*tree.parts[:at], changed, *tree.parts[at + 1 :])), sign, before


def _brackets(working: Working) -> Iterator[Slip]:
    """Brackets left out of the reckoning, or missing on paper: the signs taken in another order."""
    flat = list(_flat(working.tree))
    for reckon, said in (
        (_from_the_left, "it is right when the signs are taken from left to right: brackets are missing"),
        (_products_first, "it is right without the brackets"),
    ):
        if len(flat) > 2 and reckon(flat) == working.result:
            yield Slip(kind="brackets", sentence=said, rank=1)
            return


def _flat(tree: Tree) -> Iterator[str | Fraction]:
    """Yield numbers and signs from left to right, without brackets; powers and roots as their values."""
    if isinstance(tree, Operand) or tree.sign not in _SHOWN:
        yield value_of(tree)
        return
    yield from _flat(tree.parts[0])
    yield tree.sign
    yield from _flat(tree.parts[1])


def _from_the_left(flat: list[str | Fraction]) -> Fraction:
    result = Fraction(flat[0])
    for sign, value in zip(flat[1::2], flat[2::2], strict=True):
        result = applied(str(sign), [result, Fraction(value)])
    return result


def _products_first(flat: list[str | Fraction]) -> Fraction:
    terms = [Fraction(flat[0])]
    for sign, value in zip(flat[1::2], flat[2::2], strict=True):
        number = Fraction(value)
        if sign in ("*", "/"):
            terms[-1] = applied(str(sign), [terms[-1], number])
        else:
            terms.append(number if sign == "+" else -number)
    return sum(terms, Fraction(0))


SEARCHES: tuple[Callable[[Working], Iterator[Slip]], ...] = (
    _digits,
    _comma,
    _one_changed,
    _pair_changed,
    _more,
    _sign_changed,
    _brackets,
)
