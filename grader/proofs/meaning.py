"""What a tree means: over what each index runs, which letters nobody declared, what a student's line defines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from grader.proofs.names import Name, Names
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import (
    Add,
    At,
    Big,
    Call,
    Compare,
    Const,
    Delta,
    Deriv,
    Div,
    Expect,
    Grid,
    Letter,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Size,
    Sym,
    Transpose,
    children,
    plain,
    rebuilt,
    symbols,
)  # fmt: skip
from grader.proofs.values import ShapeError

Shape = tuple[int, ...]
Ranges = dict[str, set[int]]
Links = list[tuple[str, str]]


class IndexClash(ShapeError):
    """One index letter for two things of different size."""


def shape_of(node: Node, names: Names) -> Shape | None:  # noqa: C901, PLR0911, PLR0912
    """Return () for a number, (rows, columns) otherwise; None where it cannot be told."""
    match node:
        case Sym(key):
            return _pair(names.symbols[key].shape) if key in names.symbols else ()
        case Transpose(body):
            inner = shape_of(body, names)
            return inner[::-1] if inner else inner
        case Neg(body):
            return shape_of(body, names)
        case Call(name, args):
            return _call_shape(name, args, names)
        case Add(terms):
            return _largest(shape_of(term, names) for term in terms)
        case Pow(base, exponent):
            return _largest([shape_of(base, names), shape_of(exponent, names)])
        case Div(top, bottom):
            return _largest([shape_of(top, names), shape_of(bottom, names)])
        case Mul(left, right, sign):
            return _product_shape(shape_of(left, names), shape_of(right, names), sign)
        case Deriv(body, by):
            return _derivative_shape(shape_of(body, names), shape_of(by, names))
        case Grid(rows):
            return len(rows), len(rows[0])
        case At(base, indices):
            inner = shape_of(base, names)
            return (inner[1], 1) if inner and len(indices) == 1 and 1 not in inner else ()
        case Big(_, letter, _, _, _, body) if letter:
            return shape_of(body, names)
        case _:
            return ()


def _pair(shape: Shape) -> Shape:
    return (*shape, 1) if len(shape) == 1 else shape


def _call_shape(name: str, args: tuple[Node, ...], names: Names) -> Shape | None:
    inner = shape_of(args[0], names) if args else ()
    if name in ("norm", "norm1", "trace", "KL", "H", "CE", "E", "Var", "Cov"):
        return ()
    if name == "diag":
        return (inner[0], inner[0]) if inner else inner
    return inner


def _largest(shapes: Iterable[Shape | None]) -> Shape | None:
    known = [shape for shape in shapes if shape]
    return max(known, key=lambda shape: shape[0] * shape[1]) if known else ()


def _product_shape(left: Shape | None, right: Shape | None, sign: str) -> Shape | None:
    if not left or not right:
        return left or right
    if sign == "o" or left == right:
        return () if sign == "." and left[1] == 1 else left
    if left[1] == right[0]:
        return () if (left[0], right[1]) == (1, 1) else (left[0], right[1])
    if left[1] == 1 and left[0] == right[0]:
        return (right[1], 1)
    return _largest([left, right])


def _derivative_shape(body: Shape | None, by: Shape | None) -> Shape | None:
    if not body or not by:
        return body or by
    return (body[0] * body[1], by[0] * by[1])


class Resolver:
    """Finds over what each index runs, from what it indexes; sums get their bounds."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def resolve(self, node: Node, ranges: Ranges, links: Links) -> Node:
        """Return the tree with every sum bounded; add what is learned about its free letters."""
        if isinstance(node, Big) and node.letter:
            return self._sum(node, ranges, links)
        if isinstance(node, Expect) and node.letter:
            inner: Ranges = {}
            body = self.resolve(node.body, inner, links)
            _merge(ranges, inner, without=node.letter)
            return Expect(node.distribution, node.letter, body)
        new = rebuilt(node, lambda child: self.resolve(child, ranges, links))
        if isinstance(new, At):
            self._indexed(new, ranges)
        elif isinstance(new, Delta | Compare) and isinstance(new.left, Letter) and isinstance(new.right, Letter):
            links.append((new.left.name, new.right.name))
        return new

    def _indexed(self, node: At, ranges: Ranges) -> None:
        shape = shape_of(node.base, self.names)
        if not shape:
            if isinstance(node.base, Sym) and node.base.key.startswith("?"):
                return
            raise ShapeError("a number has an index")
        lengths = (max(shape),) if 1 in shape and len(node.indices) == 1 else shape
        for index, length in zip(node.indices, lengths, strict=False):
            if isinstance(index, Letter):
                ranges.setdefault(index.name, set()).add(length)

    def _sum(self, node: Big, ranges: Ranges, links: Links) -> Node:
        letter = node.letter or ""
        inner: Ranges = {}
        near: Links = []
        body = self.resolve(node.body, inner, near)
        condition = self.resolve(node.condition, inner, near) if node.condition else None
        size = self._size(letter, node.high, inner, near, ranges)
        _merge(ranges, inner, without=letter)
        links.extend(pair for pair in near if letter not in pair)
        for pair in near:
            if letter in pair and pair[0] != pair[1]:
                ranges.setdefault(pair[0] if pair[1] == letter else pair[1], set())
        if node.low is not None and node.high is not None and not isinstance(node.high, Size):
            return Big(node.kind, letter, node.low, node.high, condition, body)
        low = node.low if isinstance(node.low, Num) else Num(Fraction(1))
        return Big(node.kind, letter, low, Num(Fraction(size)), condition, body)

    def _size(self, letter: str, high: Node | None, inner: Ranges, near: Links, outer: Ranges) -> int:
        own = inner.get(letter, set())
        if len(own) == 1:
            return next(iter(own))
        if len(own) > 1:
            raise IndexClash(f"the index {letter} is used for things of different size ({_listed(own)})")
        for a, b in near:
            other = b if a == letter else a if b == letter else ""
            sizes = inner.get(other) or outer.get(other)
            if other and sizes:
                return min(sizes)
        if isinstance(high, Size):
            return self.names.sizes[high.name]
        return self.default(letter)

    def default(self, letter: str) -> int:
        """Return what a letter runs over where nothing it stands at says so."""
        if letter in self.names.index_sizes:
            return self.names.index_sizes[letter]
        if len(self.names.sizes) == 1:
            return next(iter(self.names.sizes.values()))
        raise Unreadable(f"it is not clear over what {letter} runs")


def _merge(into: Ranges, more: Ranges, *, without: str) -> None:
    for letter, sizes in more.items():
        if letter != without:
            into.setdefault(letter, set()).update(sizes)


def _listed(sizes: set[int]) -> str:
    return ", ".join(str(size) for size in sorted(sizes))


def resolved(nodes: tuple[Node, ...], names: Names) -> tuple[tuple[Node, ...], dict[str, int]]:
    """Return the trees with bounded sums, and the range of each free letter of any of them."""
    resolver = Resolver(names)
    ranges: Ranges = {}
    links: Links = []
    out = tuple(resolver.resolve(node, ranges, links) for node in nodes)
    letters = frozenset().union(*(_free(node) for node in nodes))
    for _ in range(2):
        for a, b in links:
            union = ranges.get(a, set()) | ranges.get(b, set())
            if union:
                ranges.setdefault(a, set()).update(union)
                ranges.setdefault(b, set()).update(union)
    sizes: dict[str, int] = {}
    for letter in sorted(letters):
        own = ranges.get(letter, set())
        if len(own) > 1:
            raise IndexClash(f"the index {letter} is used for things of different size ({_listed(own)})")
        sizes[letter] = next(iter(own)) if own else resolver.default(letter)
    return out, sizes


def _free(node: Node) -> frozenset[str]:
    from grader.proofs.tree import free_letters

    return free_letters(node)


def unknown(node: Node) -> frozenset[str]:
    """Return the keys of undeclared symbols."""
    return frozenset(key for key in symbols(node) if key.startswith("?"))


def unknown_dependence(node: Node) -> frozenset[str]:
    """Return undeclared names that are derived, or derived by, where nobody says what depends on what."""
    found = frozenset().union(*(unknown_dependence(child) for child in children(node)))
    if not isinstance(node, Deriv):
        return found
    derived, by = unknown(node.body), unknown(node.by)
    return found | (derived - by) | (by - derived)


def loose_products(node: Node, names: Names) -> frozenset[str]:
    """Return remarks on products of vectors that can only be meant in another way than they are written."""
    found = frozenset().union(*(loose_products(child, names) for child in children(node)))
    if isinstance(node, Mul) and node.sign != "o":
        left, right = shape_of(node.left, names), shape_of(node.right, names)
        if left and left == right and left[1] == 1 and node.sign == "":
            return found | {r"read with vectors side by side multiplied entry by entry: write \odot"}
        if (
            left
            and right
            and left[1] == 1
            and left[0] == right[0]
            and right[1] > 1
            and not isinstance(node.right, Deriv)
        ):
            return found | {r"read with a vector before a matrix transposed: write v^\top"}
    return found


def flipped(node: Node, names: Names) -> Node:
    """Return the tree with the two indices of every matrix entry exchanged."""
    new = rebuilt(node, lambda child: flipped(child, names))
    if isinstance(new, At) and len(new.indices) == 2:
        return At(new.base, new.indices[::-1])
    return new


def defined_by(left: Node, right: Node) -> tuple[str, tuple[str, ...]] | None:
    """Return key and index letters when `left = right` introduces an undeclared name; else None."""
    letters: tuple[str, ...] = ()
    if isinstance(left, At):
        if not all(isinstance(index, Letter) for index in left.indices):
            return None
        letters = tuple(index.name for index in left.indices if isinstance(index, Letter))
        left = left.base
    if not isinstance(left, Sym) or not left.key.startswith("?") or left.key in symbols(right):
        return None
    if len(set(letters)) != len(letters):
        return None
    return left.key, letters


def with_definition(names: Names, key: str, letters: tuple[str, ...], body: Node, sizes: dict[str, int]) -> Name:
    """Add what a student defined; a declared definition that contains the same expression now contains the name."""
    shape: Shape = tuple(sizes[letter] for letter in letters)
    if not letters:
        inner = shape_of(body, names) or ()
        shape = inner[:1] if inner and inner[-1] == 1 else inner
    bare = key.lstrip("?")
    name = Name(key=bare, latex=bare, shape=shape, letters=letters, definition=body, origin="student")
    here = At(Sym(bare), tuple(Letter(letter) for letter in letters)) if letters else Sym(bare)
    pattern = plain(body)
    if not isinstance(body, Num | Const | Sym | At | Size):
        for other in list(names.symbols.values()):
            if other.definition is not None and not letters:
                names.symbols[other.key] = replace(other, definition=replaced(other.definition, pattern, here))
    names.symbols[bare] = name
    return name


def replaced(node: Node, pattern: Node, by: Node) -> Node:
    if plain(node) == pattern:
        return by
    return rebuilt(node, lambda child: replaced(child, pattern, by))


__all__ = [
    "IndexClash", "Resolver", "children", "defined_by", "flipped", "loose_products", "replaced", "resolved", "shape_of",
    "unknown", "unknown_dependence", "with_definition",
]  # fmt: skip
