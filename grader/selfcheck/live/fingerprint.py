"""Telling whether what could not be remembered was changed: the bytes that pickling gives, summed up and not kept.

Nothing of a student's is run for it, and of libraries only what Python's, NumPy's, SciPy's, pandas's and PyArrow's own
objects need: one of another library stands for itself, as do those of pandas that keep what they were asked. What
cannot be pickled has no fingerprint, and nothing can be said about it.
"""

from __future__ import annotations

import io
import pickle
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable
from itertools import count
from types import BuiltinMethodType, GeneratorType
from typing import Any

from grader.kernels.inside.keeping import FIXED, TooLarge, parts_of

ROOM = 1_000_000_000  # bytes of large arrays; of small objects, which take longer, a twentieth
FRAME, SLOWER = 128_000, 20
PLAIN = sys.stdlib_module_names | {"numpy", "scipy", "pandas", "pyarrow"}
CACHING = tuple(f"pandas.{part}" for part in ("api.typing", "core.groupby", "core.resample", "core.window"))


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
            except (TooMuch, TooLarge) as error:
                raise TooMuch from error
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
            return str, (id(value),), _contents(value, self._own)
        return NotImplemented if value is str or _is_gone_into(kind) else (str, (id(value),))


def _contents(value: Any, own: frozenset[str]) -> list[Any]:
    """Return what a value holds; raise TooMuch where that is such a value again, as a copy of a DataFrame is."""
    contents = [part.content for part in parts_of(value, own) or ()]
    if any(type(content) is type(value) for content in contents):
        raise TooMuch
    return contents


def _is_gone_into(kind: type) -> bool:
    module = kind.__module__
    return id(kind) not in FIXED and module.partition(".")[0] in PLAIN and not module.startswith(CACHING)


def _standing(generator: Any) -> Any:
    frame = generator.gi_frame
    return None if frame is None else (frame.f_lasti, dict(frame.f_locals))


def _bound(method: Any) -> Any:
    """Return what a method of the interpreter is: it is made anew whenever one asks for it."""
    return id(method.__self__), method.__name__


PLACES: dict[type, Callable[[Any], Any]] = {
    BuiltinMethodType: _bound,
    GeneratorType: _standing,
    count: repr,
    io.TextIOWrapper: io.TextIOWrapper.tell,
    io.BufferedReader: io.BufferedReader.tell,
}
