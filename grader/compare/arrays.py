"""Comparing an answer with an array, a number or the rules of probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from grader.compare.difference import Difference, named, wrong_values
from grader.compare.reading import Array, NotNumeric, as_array, to_float
from grader.compare.relations import name_relation
from grader.compare.shapes import align
from grader.compare.show import show_number, show_shape
from grader.compare.tolerance import SINGLE, Tolerance
from grader.results import Table


def compare_arrays(
    got: object,
    want: ArrayLike,
    *,
    rtol: float = 1e-6,
    atol: float | None = None,
    noise: ArrayLike | None = None,
    name: str = "",
    exact_shape: bool = True,
) -> Difference | None:
    """Return None when the arrays agree, else the first difference that matters.

    `got` is any plain value, `want` an array of any shape. Looked at in this order: is it numeric, its shape, the kind
    of its numbers, NaN and infinity, its values. A wrong shape makes every value wrong, so it is said first.

    Values agree within `Tolerance`: relative to the entry and to the largest entry of the reference. `noise` is the
    uncertainty of the reference (a number, or an array of its shape), e.g. of finite differences. Where either side is
    float32 or float16 the tolerance is at least 64 ε of float32 (7.6e-6). With `exact_shape=False` axes of length one
    do not count.
    """
    array = as_array(got)
    if isinstance(array, NotNumeric):
        return Difference(reason=named(name, array.reason), name=name)
    reference = np.asarray(want)
    tolerance = _tolerance(array, reference, rtol, atol, noise)
    wanted = to_float(reference)
    if not exact_shape and _squeezed(array.shape) == _squeezed(wanted.shape):
        array = array.reshape(wanted.shape)
    if array.shape != wanted.shape:
        return _wrong_shape(array.shape, wanted.shape, name)
    numbers = to_float(array)
    if tolerance.agrees(numbers, wanted):
        lone_bool = array.ndim == 0 and array.dtype.kind == "b" != reference.dtype.kind
        return _lone_bool(name) if lone_bool else None
    return _wrong(array, numbers, wanted, tolerance, name)


def compare_numbers(got: object, want: complex, *, name: str = "", **options: Any) -> Difference | None:
    """Return None when `got` is the number `want`, in whatever array or tuple; options go to `compare_arrays`."""
    return compare_arrays(align(got, ()).value, want, name=name, **options)


def compare_probabilities(
    got: object, *, classes: int | None = None, atol: float = 1e-6, name: str = ""
) -> Difference | None:
    """Return None when every row of `got`, of shape (n_classes,) or (n_samples, n_classes), is a distribution.

    Entries have to lie in 0..1 and to sum to one along the last axis, within `atol` (at least 64 ε of float32 for
    float32 answers).
    """
    array = as_array(got)
    if isinstance(array, NotNumeric):
        return Difference(reason=named(name, array.reason), name=name)
    atol = max(atol, SINGLE) if _is_single(array) else atol
    numbers = to_float(array)
    with np.errstate(all="ignore"):
        reason = _no_distribution(numbers, classes, atol)
    if not reason:
        return None
    return Difference(reason=named(name, reason), name=name, evidence=_row_sums(numbers))


def _tolerance(array: Array, reference: Array, rtol: float, atol: float | None, noise: ArrayLike | None) -> Tolerance:
    single = _is_single(array) or _is_single(reference)
    return Tolerance(
        rtol=max(rtol, SINGLE) if single else rtol,
        atol=atol or 0.0,
        noise=np.asarray(0.0 if noise is None else noise, dtype=float),
    )


def _is_single(array: Array) -> bool:
    return array.dtype in (np.float16, np.float32, np.complex64)


def _lone_bool(name: str) -> Difference:
    return Difference(reason=named(name, "True or False came back where a number is asked for."), name=name)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in shape if n != 1)


# --- shape --------------------------------------------------------------------------------------------------------


def _wrong_shape(got: tuple[int, ...], want: tuple[int, ...], name: str) -> Difference:
    cause = shape_cause(got, want)
    reason = f"What came back has {show_shape(got)}, asked for is {show_shape(want)}{cause and ': '}{cause or '.'}"
    return Difference(reason=named(name, reason), detail=f"{got} instead of {want}", name=name)


def shape_cause(got: tuple[int, ...], want: tuple[int, ...]) -> str:
    """Return the likely cause of a wrong shape with its full stop, an empty string when none is known."""
    causes = (
        (len(got) == len(want) == 2 and got == want[::-1], "it is transposed."),
        (not want, "is a sum or a mean missing?"),
        (not got, "was everything summed up, or is only one entry returned?"),
        (_squeezed(got) == _squeezed(want), _axes_of_one(got, want)),
        (len(want) == 1 and got == want * 2, "a column and a flat vector were combined, which makes a matrix."),
        (len(got) == 1 and math.prod(got) == math.prod(want), "it was flattened."),
        (got == want[1:], "the first axis is missing."),
        (got[1:] == want, "there is an extra axis in front."),
        (any(got == want[:i] + want[i + 1 :] for i in range(len(want))), "an axis is missing, was it summed over?"),
        (any(want == got[:i] + got[i + 1 :] for i in range(len(got))), "there is an axis too many."),
        (len(got) == len(want) and sorted(got) == sorted(want), "the axes are in another order."),
        (_one_axis_off_by_one(got, want), "one axis is one entry too long or too short."),
    )
    return next((text for holds, text in causes if holds), "")


def _axes_of_one(got: tuple[int, ...], want: tuple[int, ...]) -> str:
    if len(want) == 1 and len(got) == 2:
        return "a flat vector is asked for, not a column." if got[1] == 1 else "a flat vector is asked for, not a row."
    return "an axis of length one is missing." if len(got) < len(want) else "there is an axis of length one too many."


def _one_axis_off_by_one(got: tuple[int, ...], want: tuple[int, ...]) -> bool:
    steps = [abs(g - w) for g, w in zip(got, want, strict=False) if g != w]
    return len(got) == len(want) and steps == [1]


# --- kind and values ----------------------------------------------------------------------------------------------


def _wrong(array: Array, numbers: Array, want: Array, tolerance: Tolerance, name: str) -> Difference:
    """Say what is wrong with values that do not agree: kind first, then NaN and infinity, then relations."""
    relation = None
    reason = _wrong_kind(array, numbers, want) or _not_finite(numbers, want)
    if not reason:
        relation = name_relation(numbers, want, tolerance)
        reason = relation.reason if relation else _wrong_count(array, numbers, want, tolerance)
    more = relation.more if relation else ""
    return wrong_values(reason, numbers, want, tolerance, name=name, more=more)


def _wrong_kind(array: Array, numbers: Array, want: Array) -> str:
    if np.iscomplexobj(numbers) and not np.iscomplexobj(want):
        return "Complex numbers came back where real ones are asked for."
    if array.dtype.kind == "b" and not np.all((want == 0) | (want == 1)):
        return "Truth values came back where numbers are asked for."
    fractions = np.any(np.isfinite(want) & (want != np.rint(want)))
    if array.dtype.kind == "u" and np.any(want.real < 0):
        return f"The numbers are of type {array.dtype}, which has no negative ones: they wrap around. Use floats."
    if array.dtype.kind in "iu" and fractions and array.size and not np.all(array == array.flat[0]):
        return f"Whole numbers ({array.dtype}) came back where fractions are needed: use floats before you calculate."
    return ""


def _not_finite(got: Array, want: Array) -> str:
    undefined = np.isnan(got) & ~np.isnan(want)
    if np.any(undefined):
        hint = "0/0, ∞ − ∞ or the logarithm of a negative number; often an exponential has overflowed before."
        return f"{_share(undefined)} NaN (not a number): {hint}"
    infinite = np.isinf(got) & ~np.isinf(want)
    if np.any(infinite):
        hint = "an exponential has overflowed, or something was divided by zero or was the logarithm of zero."
        return f"{_share(infinite)} infinite: {hint}"
    if np.any(~np.isfinite(want) & (got != want) & ~np.isnan(got)):
        return "The answer is finite where it should not be."
    return ""


def _share(mask: Array) -> str:
    if mask.ndim == 0:
        return "The answer is"
    count = int(mask.sum())
    return f"{count} of {mask.size} entries {'is' if count == 1 else 'are'}"


def _wrong_count(array: Array, numbers: Array, want: Array, tolerance: Tolerance) -> str:
    if array.dtype == np.float16 and Tolerance(rtol=2e-2, atol=tolerance.atol).agrees(numbers, want):
        return "The answer is right only to the three digits that float16 holds: calculate in float64."
    if not numbers.ndim:
        return "The number that came back is not the right one."
    wrong = int(np.sum(~tolerance.close(numbers, want)))
    if wrong == numbers.size:
        return f"All {wrong} entries are wrong." if wrong > 1 else "The entry is wrong."
    return f"{wrong} of {numbers.size} entries {'is' if wrong == 1 else 'are'} wrong."


# --- probabilities ------------------------------------------------------------------------------------------------


def _no_distribution(array: Array, classes: int | None, atol: float) -> str:
    if array.ndim == 0 or array.size == 0:
        return "A row of probabilities is asked for, one for each class."
    if classes is not None and array.shape[-1] != classes:
        turned = array.ndim == 2 and array.shape[0] == classes
        cause = ": it is transposed" if turned else ""
        return f"What came back has {show_shape(array.shape)}, but there are {classes} classes{cause}."
    if np.iscomplexobj(array):
        return "Complex numbers are no probabilities."
    if not np.all(np.isfinite(array)):
        return f"{_share(~np.isfinite(array))} NaN or infinite: no probabilities."
    return _wrong_sums(array, atol)


def _wrong_sums(array: Array, atol: float) -> str:
    sums = array.sum(axis=-1)
    if np.all(np.abs(sums - 100) <= 100 * atol):
        return "The rows sum to 100: percentages came back where probabilities are asked for."
    if np.any(array < -atol):
        return "Some probabilities are negative: are these the values before softmax?"
    if np.all(np.abs(sums - 1) <= atol):
        return ""
    if array.ndim > 1 and np.all(np.abs(array.sum(axis=0) - 1) <= atol):
        return "The columns sum to one, the rows do not: the sum runs along the wrong axis."
    if array.ndim > 1 and abs(array.sum() - 1) <= atol:
        return "All probabilities together sum to one, not each row: sum along an axis."
    return "The probabilities of a sample do not sum to one."


def _row_sums(array: Array) -> tuple[Table, ...]:
    if array.ndim == 0 or array.size == 0 or np.iscomplexobj(array):
        return ()
    with np.errstate(all="ignore"):
        rows = array.reshape(-1, array.shape[-1])
        off = np.nan_to_num(np.abs(rows.sum(axis=1) - 1), nan=np.inf)
        worst = np.argsort(-off, kind="stable")[:5]
        cells = tuple((str(i), *(show_number(n) for n in (rows[i].sum(), rows[i].min(), rows[i].max()))) for i in worst)
    return (Table(title="Your rows", columns=("row", "sum", "smallest", "largest"), rows=cells, expected=False),)
