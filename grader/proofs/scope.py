"""A point: values of the declared symbols drawn at random, everything else computed from them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

from grader.proofs import chance, duals, values
from grader.proofs.duals import Dual, Number, Real
from grader.proofs.names import Name, Names
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import Letter, Node, Num, Size, symbols
from grader.proofs.values import Matrix, ShapeError, Value

Indices = dict[str, int]
RANDOM = frozenset({"random", "centred", "symmetric"})


class OverBudget(Unreadable):
    """A formula that takes too many steps to compute."""


class OutOfRange(Unreadable):
    """An index beyond what it indexes: the claim is about something that does not exist."""


@dataclass(slots=True)
class Meter:
    """Steps and seconds left."""

    steps: int = 2_000_000
    until: float = float("inf")

    def step(self) -> None:
        """Count one step."""
        self.steps -= 1
        if self.steps < 0 or (self.steps & 255 == 0 and time.thread_time() > self.until):
            raise OverBudget("it takes too long to compute")


def stream(seed: int, *what: object) -> float:
    """Return a number in [0, 1) that depends on what it is for and nothing else."""
    text = repr((seed, *what)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") / 2**48


def draw(seed: int, what: tuple[object, ...]) -> Number:
    """Return a 60-digit number between 0 and 1."""
    digest = hashlib.sha256(repr((seed, *what)).encode()).digest()
    return Real(int.from_bytes(digest, "big") + 1) / Real(2**256 + 1)


def sample(name: Name, seed: int, point: int, domain: str) -> Value:
    """Draw a symbol's value from its domain; simplex points are general, so that nothing holds by chance."""
    count = 1
    for size in name.shape:
        count *= size
    raw = tuple(_within(draw(seed, (name.key, point, k)), domain) for k in range(count))
    if domain == "simplex":
        whole = sum(raw, duals.ZERO)
        raw = tuple(x / whole for x in raw)
    if domain == "one-hot":
        hot = int(stream(seed, name.key, point, "hot") * count)
        raw = tuple(Real(int(k == hot)) for k in range(count))
    if not name.shape:
        return raw[0]
    return Matrix(name.shape[0], name.shape[1] if len(name.shape) > 1 else 1, raw)


def _within(x: Number, domain: str) -> Number:
    if domain == "positive":
        return Real("0.3") + 2 * x
    if domain in ("simplex", "one-hot"):
        return Real("0.2") + x
    if domain == "unit":
        return Real("0.05") + Real("0.9") * x
    if domain == "binary":
        return Real(int(x > Real("0.5")))
    return (Real("0.15") + 3 * x / 2) if x * 1000 % 2 < 1 else -(Real("0.15") + 3 * x / 2)


@dataclass(slots=True)
class Scope:
    """Values of symbols at a point, some of them overridden by the derivative being taken."""

    names: Names
    seed: int
    point: int
    meter: Meter
    compute: Callable[[Node, Scope, Indices], Value]
    domains: dict[str, str] = field(default_factory=dict)
    override: dict[str, Value] = field(default_factory=dict)
    parent: Scope | None = None
    tag: int = 0
    cache: dict[str, Value] = field(default_factory=dict)
    inner: dict[tuple[str, int], Scope] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    moments: dict[tuple[Node, tuple[tuple[str, int], ...]], Value] = field(default_factory=dict)

    def value(self, key: str) -> Value:
        """Return a symbol's value: overridden, unaffected by any override, computed, or drawn."""
        if key in self.override:
            return self.override[key]
        if key not in self.cache:
            self.cache[key] = self._fresh(key)
        return self.cache[key]

    def _fresh(self, key: str) -> Value:
        if self.parent is not None and not self.override.keys() & depends(key, self.names):
            return self.parent.value(key)
        name = self.names.symbols.get(key)
        if name is None:
            raise Unreadable(f"{key.lstrip('?')} is not declared")
        if name.definition is None:
            if self.parent is not None:
                return self.parent.value(key)
            usual = "simplex" if name.domain == "one-hot" else name.domain
            return sample(name, self.seed, self.point, self.domains.get(key, usual))
        return self._defined(name, name.definition)

    def _defined(self, name: Name, definition: Node) -> Value:
        if name.key in self.busy:
            raise Unreadable(f"{name.latex} is defined by itself")
        self.busy.add(name.key)
        try:
            return self._computed(name, definition)
        finally:
            self.busy.discard(name.key)

    def _computed(self, name: Name, definition: Node) -> Value:
        if not name.letters:
            return self.compute(definition, self, {})
        shape = name.shape
        spots = product(*(range(1, size + 1) for size in shape))
        entries = tuple(
            scalar(self.compute(definition, self, dict(zip(name.letters, spot, strict=True)))) for spot in spots
        )
        return Matrix(shape[0], shape[1] if len(shape) > 1 else 1, entries)

    def random(self) -> Scope:
        """Return the scope in which the symbols declared random are random variables, for what stands in E or Var."""
        found = self.inner.get(("", -1))
        if found is None:
            fixed = {key: self._chances(name) for key, name in self.names.symbols.items() if name.domain in RANDOM}
            found = Scope(
                self.names, self.seed, self.point, self.meter, self.compute, self.domains, fixed, self, self.tag
            )
            found.inner["", -1] = found
            self.inner["", -1] = found
        return found

    def _chances(self, name: Name) -> Value:
        """Return independent random entries with the same distribution; an assumption may set their variance."""
        shape = (*name.shape, 1, 1)[:2]
        draws = [draw(self.seed, (name.key, self.point, "outcomes", k)) for k in range(8)]
        assumed = self.names.variances.get(self.domains.get(name.key, ""))
        variance = scalar(self.compute(assumed, self, {})) if assumed is not None else None
        entries = chance.drawn(name.domain, shape[0] * shape[1], draws, variance)
        return Matrix(shape[0], shape[1], entries) if name.shape else entries[0]

    def varied(self, key: str, spot: int) -> Scope:
        """Return the scope in which entry `spot` of a symbol carries an ε of its own."""
        found = self.inner.get((key, spot))
        if found is None:
            tag = self.tag + 1
            value = self.value(key)
            entries = value.entries if isinstance(value, Matrix) else (value,)
            changed = tuple(Dual(tag, x, duals.ONE) if k == spot else x for k, x in enumerate(entries))
            new = Matrix(*value.shape, changed) if isinstance(value, Matrix) else changed[0]
            found = Scope(
                self.names, self.seed, self.point, self.meter, self.compute, self.domains, {key: new}, self, tag
            )
            if tag > 4:
                raise OverBudget("there are too many derivatives of derivatives")
            self.inner[key, spot] = found
        return found


def depends(key: str, names: Names) -> frozenset[str]:
    """Return the symbols a symbol is computed from, itself included."""
    found: set[str] = set()
    todo = [key]
    while todo:
        current = todo.pop()
        name = names.symbols.get(current)
        if current not in found:
            found.add(current)
            if name is not None and name.definition is not None:
                todo.extend(symbols(name.definition))
    return frozenset(found)


def scalar(value: Value) -> Number:
    """Return a number; a matrix of one entry is one."""
    if isinstance(value, Matrix):
        if len(value.entries) == 1:
            return value.entries[0]
        raise ShapeError(f"a {values.said(value)} stands where a number belongs")
    return value


def spot(node: Node, scope: Scope, indices: Indices, length: int = 0) -> int:
    """Return an index, counted from 1; a size letter is the last place."""
    if isinstance(node, Letter):
        if node.name in indices:
            return indices[node.name]
        if length and node.name in "nmKNCMdD":
            return length
        raise Unreadable(f"the index {node.name} has no range")
    if isinstance(node, Num) and node.value.denominator == 1:
        return int(node.value)
    if isinstance(node, Size):
        return length or scope.names.sizes[node.name]
    raise Unreadable("an index is not understood")
