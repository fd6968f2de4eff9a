"""Charitable readings: what a line may have meant when it does not hold as it is usually read; each leaves a remark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from grader.proofs import meaning
from grader.proofs.cursor import REMARKS, Options
from grader.proofs.names import Names
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import At, Call, Deriv, Mul, Node, Num, Sym, Transpose, rebuilt

_OTHER = (Options(wide_sum=True), Options(slash_tail=True), Options(greedy=True))


@dataclass(slots=True, kw_only=True)
class Side:
    """One side of a relation: its tokens, and its tree or why there is none."""

    tokens: tuple[Token, ...]
    node: Node | None = None
    remarks: tuple[str, ...] = ()
    problem: str = ""


def readings(
    read: Callable[..., Side], names: Names, left: Side, right: Side
) -> Iterator[tuple[tuple[str, ...], Node, Node]]:
    """Yield both sides as usually read, then charitably, each with what is to be remarked."""
    if left.node is None or right.node is None:
        return
    remarks = left.remarks + tuple(text for text in right.remarks if text not in left.remarks)
    yield remarks, left.node, right.node
    seen = {(left.node, right.node)}
    for options in _OTHER:
        word = next(name for name in REMARKS if getattr(options, name))
        one = read(left.tokens, options).node or left.node
        two = read(right.tokens, options).node or right.node
        for a, b in ((left.node, two), (one, right.node), (one, two)):
            if (a, b) not in seen:
                seen.add((a, b))
                yield (*remarks, REMARKS[word]), a, b
    for words, a, b in _rearranged(left.node, right.node, names):
        if (a, b) not in seen:
            yield (*remarks, words), a, b


def _rearranged(left: Node, right: Node, names: Names) -> Iterator[tuple[str, Node, Node]]:
    """Yield both sides with indices, entries, layout or products meant in another way."""
    if _clashes(left, right, names):
        a, b = (meaning.flipped(node, names) for node in (left, right))
        yield "read with the indices of matrices the other way round", a, b
    if names.is_random:
        a, b = (_typical(node, names) for node in (left, right))
        yield "read with one entry where a vector stands in a variance: write its index", a, b
    if (turned := _other_layout(left, right, names)) is not None:
        yield "read in the layout in which the derivative by a matrix is transposed", *turned
    yield r"read with \cdot as a product entry by entry: write \odot", _entrywise(left), _entrywise(right)


def _other_layout(left: Node, right: Node, names: Names) -> tuple[Node, Node] | None:
    """`∂L/∂W = h δ^T`: the same in the other layout; the side that is no derivative is turned."""
    for side, other in ((left, right), (right, left)):
        by = meaning.shape_of(side.by, names) if isinstance(side, Deriv) else None
        if by and 1 not in by and not isinstance(other, Deriv):
            return (left, Transpose(right)) if side is left else (Transpose(left), right)
    return None


def _clashes(left: Node, right: Node, names: Names) -> bool:
    try:
        meaning.resolved((left, right), names)
    except meaning.IndexClash:
        return True
    except Unreadable:
        return False
    return False


def _typical(node: Node, names: Names, *, inside: bool = False) -> Node:
    """Return the tree with one entry for each whole vector that stands inside E or Var."""
    inside = inside or (isinstance(node, Call) and node.name in ("E", "Var", "Cov"))
    shape = names.symbols[node.key].shape if isinstance(node, Sym) and node.key in names.symbols else ()
    if inside and shape:
        return At(node, tuple(Num(Fraction(1)) for _ in shape))
    return node if isinstance(node, At) else rebuilt(node, lambda child: _typical(child, names, inside=inside))


def _entrywise(node: Node) -> Node:
    new = rebuilt(node, _entrywise)
    return Mul(new.left, new.right, "o") if isinstance(new, Mul) and new.sign == "." else new
