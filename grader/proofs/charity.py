"""Charitable readings: what a line may have meant when it does not hold as it is usually read; each leaves a remark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.proofs import meaning
from grader.proofs.cursor import REMARKS, Options
from grader.proofs.names import Names
from grader.proofs.tokens import Token, Unreadable
from grader.proofs.tree import Deriv, Mul, Node, Transpose, rebuilt

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
    flipped = [meaning.flipped(node, names) for node in (left.node, right.node)]
    if (flipped[0], flipped[1]) not in seen and _clashes(left.node, right.node, names):
        yield (*remarks, "read with the indices of matrices the other way round"), flipped[0], flipped[1]
    if (turned := _other_layout(left.node, right.node, names)) is not None:
        yield (*remarks, "read in the layout in which the derivative by a matrix is transposed"), *turned
    dotless = [_entrywise(node) for node in (left.node, right.node)]
    if (dotless[0], dotless[1]) not in seen:
        yield (*remarks, r"read with \cdot as a product entry by entry: write \odot"), dotless[0], dotless[1]


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


def _entrywise(node: Node) -> Node:
    new = rebuilt(node, _entrywise)
    return Mul(new.left, new.right, "o") if isinstance(new, Mul) and new.sign == "." else new
