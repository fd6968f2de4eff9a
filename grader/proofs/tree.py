"""What a formula is once it has been read: small frozen nodes, and the questions one asks of a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Node:
    """Anything a formula is made of."""


@dataclass(frozen=True, slots=True)
class Num(Node):
    """An exact number: `3`, `0.5`."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A constant with a name: e, pi, or the vector of ones."""

    name: str


@dataclass(frozen=True, slots=True)
class Sym(Node):
    """A symbol as a whole, by its key (`hat:y`, `W|h`)."""

    key: str


@dataclass(frozen=True, slots=True)
class Letter(Node):
    """An index letter, where it stands as an index."""

    name: str


@dataclass(frozen=True, slots=True)
class Size(Node):
    """A declared size (n, K): a number in a formula, the last place in an index."""

    name: str


@dataclass(frozen=True, slots=True)
class At(Node):
    """An entry, or with one index of a matrix a row: `y_i`, `W_{ij}`, `softmax(z)_i`."""

    base: Node
    indices: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Delta(Node):
    """Kronecker's delta."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Add(Node):
    """A sum written out; a difference holds a `Neg`."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Neg(Node):
    """Minus something."""

    body: Node


@dataclass(frozen=True, slots=True)
class Mul(Node):
    """A product of two; `sign` is how it was written: nothing, `.` (dot), `o` (entry by entry)."""

    left: Node
    right: Node
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Div(Node):
    """A fraction."""

    top: Node
    bottom: Node


@dataclass(frozen=True, slots=True)
class Pow(Node):
    """A power, entry by entry."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function at its arguments; `primes` counts derivatives."""

    name: str
    args: tuple[Node, ...]
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Big(Node):
    """A sum, product, maximum or minimum over an index; no letter: over all entries of the body."""

    kind: str
    letter: str | None
    low: Node | None
    high: Node | None
    condition: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Expect(Node):
    """An expectation over the entries of a distribution, by a letter or over whole vectors."""

    distribution: Node
    letter: str | None
    body: Node


@dataclass(frozen=True, slots=True)
class Deriv(Node):
    """The derivative of `body` by a symbol or an entry of one: the declared graph is cut at `by`."""

    body: Node
    by: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A condition: `i = j`, `x > 0`; `sign` is one of = != < <= > >=."""

    left: Node
    sign: str
    right: Node


@dataclass(frozen=True, slots=True)
class Every(Node):
    """Several conditions, all of which must hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Iverson(Node):
    """1 where the condition holds, else 0."""

    condition: Node


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """Expressions by condition; a condition of None means otherwise."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True, slots=True)
class Transpose(Node):
    """A transposed vector or matrix."""

    body: Node


@dataclass(frozen=True, slots=True)
class Grid(Node):
    """A matrix written out, row by row."""

    rows: tuple[tuple[Node, ...], ...]


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the node with `change` applied to each child."""
    values = [_changed(getattr(node, field.name), change) for field in fields(node)]
    return type(node)(*values)


def _changed(value: object, change: Callable[[Node], Node]) -> object:
    if isinstance(value, Node):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(part, change) for part in value)
    return value


def free_letters(node: Node) -> frozenset[str]:
    """Return the index letters no sum binds."""
    if isinstance(node, Letter):
        return frozenset({node.name})
    below: frozenset[str] = frozenset().union(*(free_letters(child) for child in children(node)))
    if isinstance(node, Big) and node.letter:
        outside = [part for part in (node.low, node.high) if part]
        return (below - {node.letter}).union(*(free_letters(part) for part in outside))
    if isinstance(node, Expect) and node.letter:
        return below - {node.letter}
    return below


def renamed(node: Node, names: dict[str, str]) -> Node:
    """Return the tree with its free index letters renamed."""
    if isinstance(node, Letter):
        return Letter(names.get(node.name, node.name))
    if isinstance(node, Big | Expect) and node.letter:
        inner = {old: new for old, new in names.items() if old != node.letter}
        return rebuilt(node, lambda child: renamed(child, inner))
    return rebuilt(node, lambda child: renamed(child, names))


def plain(node: Node, depth: int = 0) -> Node:
    """Return the tree with bound letters renamed by depth, so that equal formulas are equal trees."""
    if isinstance(node, Big | Expect) and node.letter:
        letter = f"#{depth}"
        inner = rebuilt(node, lambda child: plain(renamed(child, {node.letter or "": letter}), depth + 1))
        return replace(inner, letter=letter) if isinstance(inner, Big | Expect) else inner
    return rebuilt(node, lambda child: plain(child, depth))


def symbols(node: Node) -> frozenset[str]:
    """Return the keys of the symbols in the tree."""
    return frozenset(part.key for part in walk(node) if isinstance(part, Sym))


def operators(node: Node) -> frozenset[str]:
    """Return the words for what a waypoint may ask for: sum, prod, derivative, log, exp, delta, cases, fraction …"""
    return frozenset(word for part in walk(node) if (word := _operator(part)))


def _operator(node: Node) -> str:
    if isinstance(node, Call):
        return node.name + "'" * node.primes
    if isinstance(node, Pow) and node.base == Const("e"):
        return "exp"
    if isinstance(node, Big):
        return node.kind
    return _WORDS.get(type(node), "")


_WORDS: dict[type[Node], str] = {
    Deriv: "derivative",
    Delta: "delta",
    Iverson: "delta",
    Cases: "cases",
    Div: "fraction",
    Transpose: "transpose",
    Expect: "sum",
    Pow: "power",
}
