"""How much of a figure is kept: points and pixels, thinned evenly to what there is room for."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

import numpy

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_NUMBERS = 400_000  # of one figure: a hundred colour pictures of 32 × 32 fit
MAX_POINTS = 2_000
MAX_SIDE = 64
MAX_TEXT = 300
COST = 32  # what an artist takes besides its points

_asarray, _ravel = numpy.asarray, numpy.ravel
_filled, _isfinite, _min, _max = numpy.ma.filled, numpy.isfinite, numpy.min, numpy.max

T = TypeVar("T")


class Room:
    """Counts the numbers kept of one figure."""

    def __init__(self) -> None:
        self.used = 0
        self.full = False

    def take(self, amount: int) -> bool:
        """Use up room for so many numbers; False, for good, where there is not enough."""
        if self.full or self.used + amount > MAX_NUMBERS:
            self.full = True
            return False
        self.used += amount
        return True

    def points(self, x: Any, y: Any) -> dict[str, Any]:
        """Return x and y (shape (n,)) thinned to every `step`-th point, with `n` and `step`."""
        n = min(len(x), len(y))
        step = max(1, -(-n // MAX_POINTS))
        if not self.take(2 * -(-n // step)):
            step, n_kept = max(1, n), 0
            return {"x": x[:n_kept], "y": y[:n_kept], "n": n, "step": step}
        return {"x": x[:n:step], "y": y[:n:step], "n": n, "step": step}

    def pixels(self, image: Any) -> dict[str, Any]:
        """Return the shape, range and pixels of an image, shape (rows, columns) or (rows, columns, channels).

        Of one with more than 64 rows or columns every `step`-th is kept. Bytes stay bytes.
        """
        array = image if getattr(image, "dtype", None) == "uint8" and not _masks(image) else masked(image, flat=False)
        array = _asarray(array)
        step = max(1, -(-max(array.shape[:2], default=0) // MAX_SIDE))
        kept = array[::step, ::step]
        finite = array if array.dtype == "uint8" else array[_isfinite(array)]
        return {
            "shape": [int(n) for n in array.shape],
            "low": float(_min(finite)) if finite.size else 0.0,
            "high": float(_max(finite)) if finite.size else 0.0,
            "step": step,
            "pixels": _ravel(kept) if self.take(kept.size) else _ravel(kept)[:0],
        }


def children(items: Iterable[Any], read: Callable[[Any], T | None], room: Room, most: int) -> list[T]:
    """Return what `read` makes of the first items; those it cannot read, or finds nothing in, are left out."""
    found = []
    for item in islice(items, most):
        if not room.take(COST):
            break
        try:
            record = read(item)
        except Exception:  # noqa: BLE001, S112 - an artist of the student's own making
            continue
        if record is not None:
            found.append(record)
    return found


def text(value: object) -> str:
    """Return the beginning of a text."""
    return "" if value is None else str(value)[:MAX_TEXT]


def numbers(values: Any) -> Any:
    """Return an array of float64."""
    return _asarray(values, dtype=float)


def masked(values: Any, *, flat: bool = True) -> Any:
    """Return an array of float64 with NaN where an entry is masked; of one axis if it is to be flat."""
    array = _filled(numpy.ma.asarray(values).astype(float), numpy.nan)
    return _ravel(array) if flat else array


def _masks(array: Any) -> bool:
    return isinstance(array, numpy.ma.MaskedArray) and bool(numpy.ma.is_masked(array))
