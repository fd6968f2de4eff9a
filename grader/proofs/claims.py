"""Whether a claim holds: both sides computed at random points, for all values of its indices."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from grader.proofs import duals, values
from grader.proofs.evaluation import evaluate, is_true
from grader.proofs.names import Name, Names
from grader.proofs.records import Counter
from grader.proofs.scope import Indices, Meter, OverBudget, Scope, depends
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import At, Call, Cases, Compare, Iverson, Letter, Node, Sym, symbols, walk
from grader.proofs.values import Matrix, Value

NOWHERE = "it has no value at any point tried: a logarithm of a negative number, or a case that never occurs"
NO_VALUE = (
    "the {} side has no value at any point tried, where the other side has one: "
    "a logarithm of a negative number, or a division by zero"
)
TOLERANCE = duals.Real(10) ** -40
POINTS, PIECEWISE_POINTS, ATTEMPTS = 4, 14, 40
MAX_PLACES = 400
STEPS = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Two sides, the sign between, the ranges of their free letters, and the conditions beside."""

    left: Node
    right: Node
    sign: str = "="
    ranges: dict[str, int] = field(default_factory=dict)
    conditions: tuple[Node, ...] = ()
    domains: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether it holds, and if not where; `places` are the index values at which it holds."""

    holds: bool
    counter: Counter | None = None
    places: frozenset[tuple[int, ...]] = frozenset()
    tested: frozenset[tuple[tuple[str, int], ...]] = frozenset()


class Nowhere(Unreadable):
    """A claim that cannot be computed at any point."""


class Checker:
    """Computes claims at the same points throughout a derivation, so that work is shared."""

    def __init__(self, names: Names, seed: int, until: float) -> None:
        self.names = names
        self.seed = seed
        self.until = until
        self._scopes: dict[tuple[int, tuple[tuple[str, str], ...]], Scope] = {}

    def forget(self) -> None:
        """Start afresh after a new definition."""
        self._scopes.clear()

    def scope(self, point: int, domains: tuple[tuple[str, str], ...] = ()) -> Scope:
        """Return the values at a point."""
        key = (point, domains)
        if key not in self._scopes:
            self._scopes[key] = Scope(self.names, self.seed, point, Meter(), evaluate, dict(domains))
        found = self._scopes[key]
        found.meter.steps, found.meter.until = STEPS, self.until
        return found

    def check(self, claim: Claim, *, every: bool = False) -> Outcome:
        """Return whether a claim holds; with `every`, at which index values it does even when it fails elsewhere."""
        wanted = PIECEWISE_POINTS if self.is_piecewise(claim) and not _is_over_outcomes(claim) else POINTS
        done = 0
        seen: set[tuple[tuple[str, int], ...]] = set()
        counter: Counter | None = None
        bad: set[tuple[int, ...]] = set()
        for point in range(ATTEMPTS):
            tested, wrong = self._at_point(claim, point, bad, every=every)
            seen |= tested
            done += bool(tested)
            counter = counter or wrong
            if done >= wanted or (counter and not every):
                break
        if not seen:
            raise Nowhere(NOWHERE)
        good = frozenset(places_of(claim.ranges)) - bad
        return Outcome(holds=counter is None, counter=counter, places=good, tested=frozenset(seen))

    def _at_point(
        self, claim: Claim, point: int, bad: set[tuple[int, ...]], *, every: bool
    ) -> tuple[set[tuple[tuple[str, int], ...]], Counter | None]:
        scope = self.scope(point, claim.domains)
        tested: set[tuple[tuple[str, int], ...]] = set()
        counter: Counter | None = None
        for indices in spots(claim.ranges):
            try:
                if not all(is_true(test, scope, indices) for test in claim.conditions):
                    continue
                left, right = self.pair(claim, scope, indices)
            except duals.Undefined:
                continue
            tested.add(tuple(indices.items()))
            if not related(left, right, claim.sign):
                bad.add(tuple(indices.values()))
                counter = counter or self.counter(claim, scope, indices, (left, right))
                if not every:
                    break
        return tested, counter

    def undefined(self, claim: Claim) -> str:
        """Return which side, "left" or "right", has no value wherever the other has one; "" where it is neither.

        Symbols that may be negative are drawn positive too, so that a logarithm gets the values that it needs.
        """
        below = frozenset().union(*(depends(key, self.names) for key in symbols(claim.left) | symbols(claim.right)))
        free = [key for key in sorted(below) if self._is_real(key)]
        drawn = [tuple((key, domain) for key in free) for domain in ("real", "positive", "unit")]
        found = {self._defined(claim, point, domains) for domains in drawn for point in range(ATTEMPTS // 2)}
        sided = found - {(False, False)}
        if sided == {(True, False)}:
            return "right"
        return "left" if sided == {(False, True)} else ""

    def _is_real(self, key: str) -> bool:
        name = self.names.symbols.get(key)
        return name is not None and name.definition is None and name.domain == "real"

    def _defined(self, claim: Claim, point: int, domains: tuple[tuple[str, str], ...]) -> tuple[bool, bool]:
        """Return whether each side has a value at a point, at the first index values that the conditions allow."""
        scope = self.scope(point, claim.domains + domains)
        for indices in spots(claim.ranges):
            try:
                if all(is_true(test, scope, indices) for test in claim.conditions):
                    return self._has_value(claim.left, scope, indices), self._has_value(claim.right, scope, indices)
            except duals.Undefined:
                continue
        return False, False

    def _has_value(self, node: Node, scope: Scope, indices: Indices) -> bool:
        try:
            evaluate(node, scope, indices)
        except duals.Undefined:
            return False
        return True

    def pair(self, claim: Claim, scope: Scope, indices: Indices) -> tuple[Value, Value]:
        """Return both sides; a vector beside a number with one index is meant at that index."""
        if time.thread_time() > self.until:
            raise OverBudget("it takes too long to compute")
        left, right = evaluate(claim.left, scope, indices), evaluate(claim.right, scope, indices)
        return _same_kind(left, right, indices), _same_kind(right, left, indices)

    def is_piecewise(self, claim: Claim) -> bool:
        """Whether a function with several branches is in it, or in what it is defined by."""
        todo, seen = [claim.left, claim.right], set()
        while todo:
            node = todo.pop()
            for part in walk(node):
                if self._branches(part):
                    return True
                if isinstance(part, Sym) and part.key not in seen:
                    seen.add(part.key)
                    name = self.names.symbols.get(part.key)
                    todo.extend([name.definition] if name and name.definition else [])
        return False

    def _branches(self, node: Node) -> bool:
        if isinstance(node, Call):
            function = self.names.functions.get(node.name)
            if function is not None and function.body is not None:
                return any(self._branches(part) for part in walk(function.body))
            return (function.kind if function else node.name) in duals.PIECEWISE
        if isinstance(node, Cases | Iverson):
            tests = [part for part in walk(node) if isinstance(part, Compare)]
            return any(not isinstance(test.left, Letter) for test in tests)
        return False

    def counter(self, claim: Claim, scope: Scope, indices: Indices, sides: tuple[Value, Value]) -> Counter:
        """Return the counter-example: the entry that differs, and the numbers that go in."""
        left, right = _first_difference(*sides)
        shown = sorted(symbols(claim.left) | symbols(claim.right))
        given = [(self.names.symbols[key].latex, _said(scope.value(key))) for key in shown if key in self.names.symbols]
        return Counter(indices=tuple(indices.items()), values=tuple(given[:6]), left=_said(left), right=_said(right))

    def with_unknown(self, keys: dict[str, tuple[int, ...]]) -> Checker:
        """Return a checker in which undeclared letters have values of their own."""
        symbols_too = dict(self.names.symbols)
        for key, shape in keys.items():
            symbols_too[key] = Name(key=key, latex=key.lstrip("?"), shape=shape, domain="positive")
        return Checker(replace(self.names, symbols=symbols_too), self.seed, self.until)


def _is_over_outcomes(claim: Claim) -> bool:
    """Whether both sides are moments, which run over every outcome, on each branch, at a single point already."""
    return all(
        any(isinstance(part, Call) and part.name in ("E", "Var", "Cov") for part in walk(side))
        for side in (claim.left, claim.right)
    )


def places_of(ranges: dict[str, int]) -> Iterator[tuple[int, ...]]:
    """Yield all index values."""
    yield from product(*(range(1, size + 1) for size in ranges.values()))


def spots(ranges: dict[str, int]) -> Iterator[Indices]:
    """Yield the index values to look at: all of them, or evenly spread ones where there are too many."""
    count = 1
    for size in ranges.values():
        count *= size
    stride = max(1, count // MAX_PLACES) | 1 if count > MAX_PLACES else 1
    for number, place in enumerate(places_of(ranges)):
        if number % stride == 0:
            yield dict(zip(ranges, place, strict=True))


def _same_kind(value: Value, other: Value, indices: Indices) -> Value:
    if isinstance(value, Matrix) and not isinstance(other, Matrix):
        if len(indices) == 1 and 1 in value.shape and len(value.entries) >= next(iter(indices.values())):
            return value.entries[next(iter(indices.values())) - 1]
        if len(indices) == 2 and 1 not in value.shape:
            row, col = indices.values()
            if row <= value.rows and col <= value.columns:
                return value.entry(row - 1, col - 1)
    return value


def related(left: Value, right: Value, sign: str) -> bool:
    """Whether two values stand in a relation, entry by entry; a row and a column of the same numbers are equal."""
    a, b = _entries(left), _entries(right)
    if isinstance(left, Matrix) and isinstance(right, Matrix) and left.shape != right.shape:
        if not (1 in left.shape and 1 in right.shape and len(a) == len(b)):
            return sign == "!="
    elif len(a) != len(b):
        constant = a if len(a) == 1 else b
        a, b = (constant * len(b), b) if len(a) == 1 else (a, constant * len(a))
    return (any if sign == "!=" else all)(_compare(x, y, sign) for x, y in zip(a, b, strict=True))


def _compare(x: Any, y: Any, sign: str) -> bool:
    x, y = duals.plain_value(x), duals.plain_value(y)
    gap = TOLERANCE * max(abs(x), abs(y), duals.Real(10) ** -12)
    if sign not in _RELATIONS:
        raise Unreadable("this relation cannot be checked")
    return bool(_RELATIONS[sign](x, y, gap))


_RELATIONS: dict[str, Callable[[Any, Any, Any], bool]] = {
    "=": lambda x, y, gap: abs(x - y) <= gap,
    "!=": lambda x, y, gap: abs(x - y) > gap,
    "<": lambda x, y, gap: x < y,
    "<=": lambda x, y, gap: x <= y + gap,
    ">": lambda x, y, gap: x > y,
    ">=": lambda x, y, gap: x >= y - gap,
    "~": lambda x, y, gap: abs(x - y) <= duals.Real("0.02") * max(abs(x), abs(y)),
}


def _entries(value: Value) -> tuple[Any, ...]:
    return value.entries if isinstance(value, Matrix) else (value,)


def _first_difference(left: Value, right: Value) -> tuple[Value, Value]:
    if isinstance(left, Matrix) and isinstance(right, Matrix) and len(left.entries) == len(right.entries):
        if left.shape != right.shape and 1 not in left.shape:
            return left, right
        for x, y in zip(left.entries, right.entries, strict=True):
            if not _compare(x, y, "="):
                return x, y
    return left, right


def _said(value: Value) -> str:
    if not isinstance(value, Matrix):
        return _digits(duals.plain_value(value), 4)
    if len(value.entries) > 6:
        return f"a {values.said(value)}"
    return "(" + ", ".join(_digits(duals.plain_value(x), 3) for x in value.entries) + ")"


def _digits(number: object, count: int) -> str:
    return str(duals.CONTEXT.nstr(number, count)).removesuffix(".0")


__all__ = ["At", "Checker", "Claim", "Outcome", "places_of", "related", "spots"]
