"""What a comparison found, with the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.compare.reading import Array
from grader.compare.show import show_number
from grader.compare.tolerance import Tolerance
from grader.results import Evidence, Heatmap, Table

MAX_SIDE = 64
WORST = 5


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Why an answer is not the right one.

    `reason` is for the student and holds no expected number; `detail` and evidence marked `expected` may. `index`,
    `got` and `want` are those of the worst entry, `error` its relative error, `name` what was compared.
    """

    reason: str
    detail: str = ""
    index: tuple[int, ...] | None = None
    got: complex | None = None
    want: complex | None = None
    error: float = float("inf")
    name: str = ""
    evidence: tuple[Evidence, ...] = ()


def named(name: str, sentence: str) -> str:
    """Put what is talked about before a sentence."""
    return f"{name}: {sentence}" if name else sentence


def wrong_values(
    reason: str, got: Array, want: Array, tolerance: Tolerance, *, name: str = "", more: str = ""
) -> Difference:
    """Return the difference of two arrays of equal shape, at least one entry of which is wrong."""
    excess = tolerance.excess(got, want)
    errors = tolerance.relative_error(got, want)
    index = worst_index(excess, errors)
    at = f" at index {index}" if index else ""
    error = float(np.nan_to_num(errors[index], nan=np.inf))
    there = f"{show_number(got[index])} came back, {show_number(want[index])} is right"
    wrong = int(np.sum(excess > 0))
    detail = f"Largest difference{at}: {there} (relative error {error:.2g}); {wrong} of {got.size} entries differ."
    return Difference(
        reason=named(name, reason),
        detail=f"{detail} {more}".strip(),
        index=index,
        got=got[index].item(),
        want=want[index].item(),
        error=error,
        name=name,
        evidence=(worst_entries(got, want, excess, name), *difference_map(got, want, name)),
    )


def worst_index(excess: Array, errors: Array) -> tuple[int, ...]:
    """Return the index of the wrong entry with the largest relative error; undefined ones come first."""
    weight = np.where(excess > 0, np.nan_to_num(errors, nan=np.inf), -1.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(weight)), weight.shape))


def worst_entries(got: Array, want: Array, excess: Array, name: str) -> Table:
    """Return the few entries that are furthest from what is allowed."""
    order = np.argsort(-excess, axis=None, kind="stable")[:WORST]
    rows = []
    for flat in order[excess.ravel()[order] > 0]:
        index = tuple(int(i) for i in np.unravel_index(int(flat), excess.shape))
        with np.errstate(all="ignore"):
            cells = (got[index], want[index], got[index] - want[index])
        rows.append((", ".join(map(str, index)) or "–", *(show_number(cell) for cell in cells)))
    title = f"The worst entries of {name}" if name else "The worst entries"
    return Table(title=title, columns=("index", "yours", "expected", "difference"), rows=tuple(rows), expected=True)


def difference_map(got: Array, want: Array, name: str = "") -> tuple[Heatmap, ...]:
    """Return a picture of |got − want| for arrays with two axes or more and finite differences, else nothing.

    Further axes are laid out one below the other; each cell is the largest difference of a block of entries.
    """
    with np.errstate(all="ignore"):
        size = np.abs(got - want)
    if got.ndim < 2 or got.size < 4 or not np.all(np.isfinite(size)):
        return ()
    values = block_maximum(size.reshape(-1, size.shape[-1]))
    worst = (
        f"The largest difference is {show_number(values.max())}; {np.mean(values > 0):.0%} of the cells are not zero."
    )
    blocks = "" if values.size == size.size else " Each cell is the largest difference of a block of entries."
    return (
        Heatmap(
            title=f"Size of the difference in {name}" if name else "Size of the difference",
            values=tuple(tuple(map(float, row)) for row in values),
            row_label="row",
            column_label="column",
            description=worst + blocks,
            expected=True,
        ),
    )


def block_maximum(matrix: Array, side: int = MAX_SIDE) -> Array:
    """Return a matrix of at most (side, side), each entry the maximum of a block of `matrix` of shape (m, n)."""
    for axis in (0, 1):
        n = matrix.shape[axis]
        starts = np.arange(min(n, side)) * n // min(n, side)
        matrix = np.maximum.reduceat(matrix, starts, axis=axis)
    return matrix
