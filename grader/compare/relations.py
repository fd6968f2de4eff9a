"""Common ways in which a wrong array is related to the right one, each as a sentence without expected numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from grader.compare.reading import Array
from grader.compare.show import show_number
from grader.compare.tolerance import Tolerance


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A sentence for the student, and what more the staff may know (the factor, the shift)."""

    reason: str
    more: str = ""
    factor: float | None = None


def name_relation(got: Array, want: Array, tolerance: Tolerance) -> Relation | None:
    """Return how a wrong array `got` follows from `want` of the same shape, None when no relation is recognised."""
    with np.errstate(all="ignore"):
        for kind in (_constant, _scaled, _wrapped, _shifted, _rounded, _moved, _diagonal, _transformed, _sums, _places):
            for relation in kind(got, want, tolerance):
                return relation
    return None


def _constant(got: Array, want: Array, _: Tolerance) -> Iterator[Relation]:
    if np.all(got == 0) and got.size > 1:
        yield Relation(reason="Every entry that came back is zero.", factor=0.0)
    elif got.size > 1 and np.all(got == got.flat[0]) and not np.all(want == want.flat[0]):
        yield Relation(reason="Every entry that came back is the same number.")


def _scaled(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    if np.all(got == 0) or np.all(want == 0):
        return
    for factor, reason in KNOWN_FACTORS:
        if _agrees_scaled(got, want, factor, tolerance):
            yield Relation(reason=reason, more=f"The factor is {factor:.6g}.", factor=factor)
    factor = common_factor(got, want)
    if got.size > 1 and factor and _agrees_scaled(got, want, factor, tolerance):
        reason = "The answer differs from the right one by a constant factor."
        yield Relation(reason=reason, more=f"The factor is {factor:.6g}.", factor=factor)


def _agrees_scaled(got: Array, want: Array, factor: float, tolerance: Tolerance) -> bool:
    """Tell whether `got` is factor · want; the noise of a small `got` grows with it."""
    noise = tolerance.noise / min(1.0, abs(factor))
    return replace(tolerance, noise=noise).agrees(got / factor, want)


KNOWN_FACTORS = (
    (-1.0, "Every entry has the opposite sign."),
    (1 / math.log(2), "The logarithm has the wrong base: the natural one is asked for."),
    (1 / math.log(10), "The logarithm has the wrong base: the natural one is asked for."),
    (100.0, "The answer looks like a percentage where a fraction is asked for."),
    (0.01, "The answer looks like a fraction where a percentage is asked for."),
)


def common_factor(got: Array, want: Array) -> float:
    """Return the c for which c · want is nearest to `got` (least squares); 0 where there is none."""
    size = np.max(np.abs(want), initial=0.0)
    if not size > 0 or np.iscomplexobj(got) or np.iscomplexobj(want):
        return 0.0
    unit = want / size
    factor = float(np.vdot(unit, got / size) / np.vdot(unit, unit))
    return factor if math.isfinite(factor) else 0.0


def _wrapped(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    if np.iscomplexobj(got) or np.iscomplexobj(want):
        return
    for bits in (8, 16, 32):
        rounds = np.rint((got - want) / 2.0**bits)
        if np.any(tolerance.close(want + 2.0**bits / 8, want)):
            continue  # the tolerance is wider than a round
        if np.any(rounds) and tolerance.agrees(got - rounds * 2.0**bits, want):
            reason = (
                f"Whole numbers of {bits} bits have wrapped around: turn the values into floats before you calculate."
            )
            yield Relation(reason=reason)


def _transformed(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    for reason, transform in TRANSFORMS:
        if not np.iscomplexobj(want) and tolerance.agrees(got, transform(want)):
            yield Relation(reason=reason)


TRANSFORMS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("What came back is the logarithm of the right answer.", np.log),
    ("What came back is the exponential of the right answer.", np.exp),
    ("What came back is the square of the right answer.", np.square),
    ("What came back is the square root of the right answer.", np.sqrt),
    ("The signs are lost: what came back is the absolute value of the right answer.", np.abs),
    ("What came back is one minus the right answer.", lambda want: 1 - want),
    ("What came back is one divided by the right answer.", lambda want: 1 / want),
    ("Every negative entry has been cut off to zero.", lambda want: np.maximum(want, 0)),
)


def _shifted(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    shift = np.mean(got - want)
    if got.size > 1 and np.isfinite(shift) and tolerance.agrees(got - shift, want):
        reason = "Every entry is off by the same constant."
        yield Relation(reason=reason, more=f"The constant is {show_number(shift)}.")


def _rounded(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    if np.iscomplexobj(got) or np.iscomplexobj(want):
        return
    if tolerance.agrees(got, np.trunc(want)) or tolerance.agrees(got, np.floor(want)):
        yield Relation(reason="The fractions are cut off: was an integer array or a division with // used?")
    for places in range(7):
        if tolerance.agrees(got, np.round(want, places)):
            yield Relation(reason="The answer is rounded: return the full precision.")


def _moved(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    if got.ndim == 2 and got.shape[0] == got.shape[1] and tolerance.agrees(got.T, want):
        yield Relation(reason="The matrix is transposed: rows and columns are exchanged.")
    names = ("entries",) if got.ndim == 1 else ("rows", "columns")
    for axis, name in enumerate(names[: got.ndim]):
        if tolerance.agrees(np.flip(got, axis), want):
            yield Relation(reason=f"The {name} come in reverse order.")
        if tolerance.agrees(_sorted(got, axis), _sorted(want, axis)):
            yield Relation(reason=f"The {name} are the right ones in another order.")
    if got.ndim > 1 and tolerance.agrees(*(np.sort(a, axis=None).reshape(a.shape) for a in (got, want))):
        yield Relation(reason="The entries are the right ones in another order.")


def _sorted(array: Array, axis: int) -> Array:
    """Return the array with its slices along `axis` ordered by a fixed projection of each."""
    slices = np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)  # (n_slices, rest)
    direction = 1 + np.modf(np.arange(1, slices.shape[1] + 1) * math.sqrt(2))[0]  # no two entries weigh the same
    return np.take(array, np.argsort(slices @ direction, kind="stable"), axis=axis)


def _sums(got: Array, want: Array, _: Tolerance) -> Iterator[Relation]:
    """Recognise a wrong axis of normalisation where each row (last axis) of the reference sums to one."""
    if got.ndim == 0 or got.size < 2 or not _ones(want.sum(axis=-1)) or _ones(got.sum(axis=-1)):
        return
    if got.ndim > 1 and _ones(got.sum(axis=0)):
        yield Relation(reason="The columns sum to one where the rows should: the sum runs along the wrong axis.")
    elif got.ndim > 1 and _ones(got.sum()):
        yield Relation(reason="All entries together sum to one where each row should: sum along an axis.")
    else:
        where = "The entries do" if got.ndim == 1 else "The rows do"
        yield Relation(reason=f"{where} not sum to one as they should.")


def _ones(sums: Array) -> bool:
    return bool(np.all(np.abs(sums - 1) < 1e-5))


def _diagonal(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    if want.ndim == 2 and want.shape[0] == want.shape[1] > 1:
        right, diagonal = tolerance.close(got, want), np.eye(len(want), dtype=bool)
        if np.array_equal(right, diagonal):
            yield Relation(reason="Only the diagonal is right.")
        if np.array_equal(right, ~diagonal):
            yield Relation(reason="Everything but the diagonal is right.")


def _places(got: Array, want: Array, tolerance: Tolerance) -> Iterator[Relation]:
    right = tolerance.close(got, want)
    count = int(right.sum())
    if right.size > 1 and count == 0:
        return
    if right.ndim >= 1 and right.size > 2:
        yield from _ends(right)


def _ends(right: Array) -> Iterator[Relation]:
    lines = right.reshape(len(right), -1)
    whole, none = np.asarray(lines.all(axis=1)), np.asarray(~lines.any(axis=1))
    what = "entry" if right.ndim == 1 else "row"
    if len(whole) > 2 and np.all(whole | none):
        for place, i in (("last", -1), ("first", 0)):
            if whole.sum() == len(whole) - 1 and not whole[i]:
                yield Relation(reason=f"Every {what} is right but the {place}.")
            if whole.sum() == 1 and whole[i]:
                yield Relation(reason=f"Only the {place} {what} is right.")
    columns = np.asarray(right.reshape(-1, right.shape[-1]).all(axis=0))
    if right.ndim > 1 and len(columns) > 2 and columns.sum() == len(columns) - 1:
        if not columns[-1]:
            yield Relation(reason="Every column is right but the last.")
        if not columns[0]:
            yield Relation(reason="Every column is right but the first.")
