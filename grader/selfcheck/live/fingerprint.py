"""Telling whether what could not be remembered was changed: the bytes that pickling gives, summed up and not kept.

Nothing of a student's is run for it, and of libraries only Python's, NumPy's, SciPy's and pandas's own: an object of
another library stands for itself. What cannot be pickled has no fingerprint, and nothing can be said about it.
"""

from __future__ import annotations

import io
import pickle
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable
from itertools import count
from types import GeneratorType
from typing import Any

from grader.kernels.inside.keeping import FIXED, parts_of

ROOM = 1_000_000_000  # bytes of large arrays; of small objects, which take longer, a twentieth
FRAME, SLOWER = 128_000, 20
PLAIN = sys.stdlib_module_names | {"numpy", "scipy", "pandas"}


class TooMuch(Exception):
    """There is more than a fingerprint is taken of."""


def fingerprint(values: Iterable[Any], own: frozenset[str]) -> int:
    """Return a number that is another one once something in these values was changed; raise TooMuch.

    `own` are the modules whose objects are gone into.
    """
    whole = _Sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some iterators will not be pickled for ever
        for value in values:
            try:
                _Pickler(whole, own).dump(value)
            except TooMuch:
                raise
            except Exception:  # noqa: BLE001, S112 - it cannot be pickled
                continue
    return whole.sum


class _Sum:
    """A file that keeps a sum of what is written into it."""

    def __init__(self) -> None:
        self.sum, self._room = 0, ROOM

    def write(self, data: Any) -> int:
        """Add some bytes."""
        whole = memoryview(data).cast("B")
        self._room -= whole.nbytes if whole.nbytes > FRAME else whole.nbytes * SLOWER
        if self._room < 0:
            raise TooMuch
        self.sum = zlib.crc32(whole, self.sum)
        return whole.nbytes


class _Pickler(pickle.Pickler):
    """Pickles plain values, what the notebook's own objects hold, and where generators and files stand."""

    def __init__(self, file: _Sum, own: frozenset[str]) -> None:
        super().__init__(file, protocol=5)
        self._own = own

    def reducer_override(self, value: Any) -> Any:
        """Return what is to be pickled instead of a value, or NotImplemented for what Python does itself."""
        kind = type(value)
        if kind in PLACES:
            return str, (PLACES[kind](value),)
        if kind.__module__ in self._own and not issubclass(kind, type):
            return str, (id(value),), [part.content for part in parts_of(value, self._own) or ()]
        if value is not str and (id(kind) in FIXED or kind.__module__.partition(".")[0] not in PLAIN):
            return str, (id(value),)
        return NotImplemented


def _standing(generator: Any) -> Any:
    frame = generator.gi_frame
    return None if frame is None else (frame.f_lasti, dict(frame.f_locals))


PLACES: dict[type, Callable[[Any], Any]] = {
    GeneratorType: _standing,
    count: repr,
    io.TextIOWrapper: io.TextIOWrapper.tell,
    io.BufferedReader: io.BufferedReader.tell,
}
