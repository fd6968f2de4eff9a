"""Scalars, columns, rows and matrices of numbers, and what products of them can mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from grader.proofs import duals
from grader.proofs.duals import Number
from grader.proofs.tokens import Unreadable


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Rows times columns numbers; a vector is a column."""

    rows: int
    columns: int
    entries: tuple[Number, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def entry(self, row: int, column: int) -> Number:
        """Return one entry, counted from 0."""
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            raise ShapeError(f"there is no entry {row + 1}, {column + 1}")
        return self.entries[row * self.columns + column]

    def each(self, change: Callable[[Number], Number]) -> Matrix:
        """Return the matrix with every entry changed."""
        return Matrix(self.rows, self.columns, tuple(change(entry) for entry in self.entries))


Value: TypeAlias = "Number | Matrix"


class ShapeError(Unreadable):
    """Shapes that do not fit together: a claim about such things is false rather than unreadable."""


def column(entries: tuple[Number, ...]) -> Matrix:
    """Return a vector."""
    return Matrix(len(entries), 1, entries)


def map_value(value: Value, change: Callable[[Number], Number]) -> Value:
    """Apply a function entry by entry."""
    return value.each(change) if isinstance(value, Matrix) else change(value)


def transposed(value: Value) -> Value:
    """Return the transpose."""
    if not isinstance(value, Matrix):
        return value
    entries = tuple(value.entry(r, c) for c in range(value.columns) for r in range(value.rows))
    return Matrix(value.columns, value.rows, entries)


def entrywise(a: Value, b: Value, combine: Callable[[Number, Number], Number]) -> Value:
    """Combine entry by entry; a scalar goes with everything, a column with a matrix of as many rows."""
    if not isinstance(a, Matrix):
        return map_value(b, lambda x: combine(a, x))
    if not isinstance(b, Matrix):
        return map_value(a, lambda x: combine(x, b))
    rows, columns = max(a.rows, b.rows), max(a.columns, b.columns)
    fits = all(m.rows in (1, rows) and m.columns in (1, columns) for m in (a, b))
    lone = (rows, columns) not in (a.shape, b.shape)
    if not fits or lone:
        raise ShapeError(f"a {said(a)} and a {said(b)} do not fit together")
    entries = tuple(combine(_spread(a, r, c), _spread(b, r, c)) for r in range(rows) for c in range(columns))
    return Matrix(rows, columns, entries)


def _spread(m: Matrix, row: int, col: int) -> Number:
    return m.entries[(row if m.rows > 1 else 0) * m.columns + (col if m.columns > 1 else 0)]


def added(a: Value, b: Value) -> Value:
    """Return a + b."""
    return entrywise(a, b, duals.plus)


def matmul(a: Matrix, b: Matrix) -> Value:
    """Return the matrix product; one number is a scalar."""
    entries = tuple(
        dot([a.entry(r, k) for k in range(a.columns)], [b.entry(k, c) for k in range(b.rows)])
        for r in range(a.rows)
        for c in range(b.columns)
    )
    return entries[0] if len(entries) == 1 else Matrix(a.rows, b.columns, entries)


def dot(a: list[Number], b: list[Number]) -> Number:
    """Return the sum of products."""
    total: Number = duals.ZERO
    for x, y in zip(a, b, strict=True):
        total = duals.plus(total, duals.times(x, y))
    return total


def multiplied(a: Value, b: Value, sign: str) -> Value:
    """Return a product as it was meant: of matrices, of two vectors, or entry by entry."""
    if not isinstance(a, Matrix) or not isinstance(b, Matrix) or sign == "o":
        return entrywise(a, b, duals.times)
    if a.columns == 1 and b.columns == 1 and a.rows == b.rows:
        return dot(list(a.entries), list(b.entries)) if sign == "." else entrywise(a, b, duals.times)
    if a.columns == b.rows:
        return matmul(a, b)
    if a.columns == 1 and a.rows == b.rows:
        return transposed(matmul(_as_matrix(transposed(a)), b))
    return entrywise(a, b, duals.times)


def _as_matrix(value: Value) -> Matrix:
    return value if isinstance(value, Matrix) else Matrix(1, 1, (value,))


def total(value: Value) -> Number:
    """Return the sum of all entries."""
    result: Number = duals.ZERO
    for entry in value.entries if isinstance(value, Matrix) else (value,):
        result = duals.plus(result, entry)
    return result


def softmax(value: Value) -> Value:
    """Return softmax of a vector."""
    if not isinstance(value, Matrix) or 1 not in value.shape:
        raise ShapeError("softmax is of a vector")
    raised = value.each(duals.exp)
    below = duals.reciprocal(total(raised))
    return raised.each(lambda x: duals.times(x, below))


def diagonal(value: Value) -> Value:
    """Return the diagonal matrix of a vector, or the diagonal of a matrix."""
    if not isinstance(value, Matrix):
        raise ShapeError("diag is of a vector")
    if 1 not in value.shape:
        return column(tuple(value.entry(k, k) for k in range(min(value.shape))))
    size = len(value.entries)
    return Matrix(
        size, size, tuple(value.entries[r] if r == c else duals.ZERO for r in range(size) for c in range(size))
    )


def said(m: Matrix) -> str:
    """Say a shape in words."""
    if m.columns == 1:
        return f"vector of {m.rows}"
    return f"row of {m.columns}" if m.rows == 1 else f"{m.rows}×{m.columns} matrix"
