"""Derivatives of trees: entry by entry through dual numbers, and the chain rule in whole vectors and matrices."""

from __future__ import annotations

from itertools import pairwise

from grader.proofs import duals, values
from grader.proofs.duals import Number
from grader.proofs.scope import Indices, OutOfRange, Scope, spot
from grader.proofs.tokens import Unreadable
from grader.proofs.tree import At, Deriv, Mul, Node, Sym
from grader.proofs.values import Matrix, ShapeError, Value


def derivative(node: Deriv, scope: Scope, indices: Indices) -> Value:
    key, where = variable(node, scope, indices)
    if where is not None:
        inner = scope.varied(key, where)
        result = scope.compute(node.body, inner, indices)
        return values.map_value(result, lambda x: duals.slope_of(x, inner.tag))
    rows, shape, of = jacobian(node, scope, indices)
    if of is None:
        entries = tuple(row[0] for row in rows)
        return Matrix(shape[0], shape[1], entries) if shape != (1, 1) else entries[0]
    if shape == (1, 1):
        return Matrix(of[0], of[1], rows[0])
    if 1 in of and 1 in shape:
        return Matrix(len(rows[0]), len(rows), tuple(row[k] for k in range(len(rows[0])) for row in rows))
    raise Unreadable("a derivative of a vector by a matrix stands alone: write it with indices")


def variable(node: Deriv, scope: Scope, indices: Indices) -> tuple[str, int | None]:
    """Return the symbol a derivative is by, and which entry; None for all of them."""
    if isinstance(node.by, Sym):
        value = scope.value(node.by.key)
        return node.by.key, None if isinstance(value, Matrix) else 0
    if isinstance(node.by, At) and isinstance(node.by.base, Sym):
        value = scope.value(node.by.base.key)
        if isinstance(value, Matrix):
            lengths = (len(value.entries),) if 1 in value.shape else value.shape
            if len(lengths) != len(node.by.indices):
                raise Unreadable("a derivative is by a part of a matrix")
            spots = [spot(p, scope, indices, n) - 1 for p, n in zip(node.by.indices, lengths, strict=True)]
            if any(not 0 <= place < n for place, n in zip(spots, lengths, strict=True)):
                raise OutOfRange("an index runs beyond what it belongs to")
            return node.by.base.key, spots[0] if len(spots) == 1 else spots[0] * value.columns + spots[1]
    raise Unreadable("a derivative is by something that is no variable")


Rows = list[tuple[Number, ...]]


def jacobian(node: Deriv, scope: Scope, indices: Indices) -> tuple[Rows, tuple[int, int], tuple[int, int] | None]:
    """Return the derivative of all entries by each entry of the variable, its shape, and the body's (None: scalar)."""
    key, _ = variable(node, scope, indices)
    value = scope.value(key)
    shape = value.shape if isinstance(value, Matrix) else (1, 1)
    rows: Rows = []
    of: tuple[int, int] | None = None
    for place in range(shape[0] * shape[1]):
        inner = scope.varied(key, place)
        result = scope.compute(node.body, inner, indices)
        of = result.shape if isinstance(result, Matrix) else None
        parts = result.entries if isinstance(result, Matrix) else (result,)
        rows.append(tuple(duals.slope_of(x, inner.tag) for x in parts))
    return rows, shape, of


def chain_of(node: Mul, scope: Scope, indices: Indices) -> Value | None:
    """`∂L/∂z ∂z/∂W` with whole vectors and matrices: the chain rule, contracted over what lies between."""
    factors = _factors(node)
    if len(factors) < 2 or not all(isinstance(f, Deriv) and isinstance(f.by, Sym) for f in factors):
        return None
    links = [f for f in factors if isinstance(f, Deriv)]
    if all(a.by == b.body for a, b in pairwise(links)):
        pass
    elif all(b.by == a.body for a, b in pairwise(links)):
        links = links[::-1]
    else:
        return None
    middles = [scope.value(link.by.key) for link in links[:-1] if isinstance(link.by, Sym)]
    if not all(isinstance(middle, Matrix) for middle in middles):
        return None
    return _contracted(links, scope, indices)


def through_tensor(node: Mul, scope: Scope, indices: Indices) -> Value | None:
    """`(ŷ - y) ∂z/∂W`: a vector times the derivative of a vector by a matrix."""
    right = node.right
    if not isinstance(right, Deriv) or not isinstance(right.by, Sym) or node.sign == "o":
        return None
    by = scope.value(right.by.key)
    if not isinstance(by, Matrix) or 1 in by.shape:
        return None
    rows, shape, of = jacobian(right, scope, indices)
    left = scope.compute(node.left, scope, indices) if of is not None else None
    if not isinstance(left, Matrix) or 1 not in left.shape or of is None or len(left.entries) != len(rows[0]):
        return None
    return Matrix(shape[0], shape[1], tuple(values.dot(list(left.entries), list(row)) for row in rows))


def _contracted(links: list[Deriv], scope: Scope, indices: Indices) -> Value:
    rows, _, first = jacobian(links[0], scope, indices)  # rows: one per entry of the variable
    shape: tuple[int, int] = (1, 1)
    for link in links[1:]:
        inner, shape, _ = jacobian(link, scope, indices)
        if len(inner[0]) != len(rows):
            raise ShapeError("the factors of a chain rule do not fit together")
        rows = [tuple(values.dot(list(row), [part[k] for part in rows]) for k in range(len(rows[0]))) for row in inner]
    if first is None:
        entries = tuple(row[0] for row in rows)
        return entries[0] if len(entries) == 1 else Matrix(shape[0], shape[1], entries)
    return Matrix(len(rows[0]), len(rows), tuple(row[k] for k in range(len(rows[0])) for row in rows))


def _factors(node: Node) -> list[Node]:
    if isinstance(node, Mul) and node.sign != "o":
        return [*_factors(node.left), *_factors(node.right)]
    return [node]
