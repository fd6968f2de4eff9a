"""Showing a plain value in a line of bounded length."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

MAX_DEPTH = 20
SHORT_INT_BITS = 256


def show(value: object, limit: int = 200) -> str:
    """Return a plain value as one printable line of at most `limit` characters, the last being … when it was cut.

    Numbers have six significant digits, control characters of texts are escaped, and an object of a type nobody
    here knows is never asked for its own representation.
    """
    text = _cut(_pieces(value, 0), limit)
    if isinstance(value, np.ndarray) and text.endswith("…"):
        head = f"array of shape {value.shape}: "
        return _cut(iter((head, *_taken(_items(value), limit))), limit)
    return text


def is_number(value: object) -> bool:
    """Tell whether a value is a number of Python or NumPy, True and False among them; a span of time is none."""
    if isinstance(value, np.timedelta64):
        return False
    return isinstance(value, bool | int | float | complex | np.number | np.bool_)


def show_number(number: Any) -> str:
    """Return a number of Python or NumPy with six significant digits, a long integer by its length."""
    if isinstance(number, bool | np.bool_):
        return str(bool(number))
    if isinstance(number, int | np.integer):
        exact = int(number)
        if exact.bit_length() > SHORT_INT_BITS:
            return f"an integer of about {math.ceil(exact.bit_length() * math.log10(2))} digits"
        return str(exact)
    with np.errstate(all="ignore"):
        return f"{complex(number):.6g}" if isinstance(number, complex | np.complexfloating) else f"{float(number):.6g}"


def show_shape(shape: tuple[int, ...]) -> str:
    """Return a shape in words."""
    return f"shape {shape}" if shape else "no shape (a single number)"


def _cut(pieces: Iterator[str], limit: int) -> str:
    text = "".join(_taken(pieces, limit))
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _taken(pieces: Iterator[str], limit: int) -> Iterator[str]:
    """Yield pieces until more than `limit` characters are there: what follows need not be made."""
    length = 0
    for piece in pieces:
        yield piece
        length += len(piece)
        if length > limit:
            return


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        yield "…"
    elif value is None or is_number(value):
        yield "None" if value is None else show_number(value)
    elif isinstance(value, str):
        yield from _quoted(value)
    elif isinstance(value, np.ndarray):
        yield "array("
        yield from _items(value)
        yield ")"
    elif isinstance(value, bytes | bytearray):
        yield f"{len(value)} bytes"
    else:
        yield from _collection(value, depth)


def _collection(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict):
        pairs = (_joined((_pieces(k, depth + 1), iter((": ",)), _pieces(v, depth + 1)), "") for k, v in value.items())
        yield from _joined(pairs, ", ", "{", "}")
    elif isinstance(value, list | tuple | set | frozenset):
        left, right = ("[", "]") if isinstance(value, list) else ("(", ")") if isinstance(value, tuple) else ("{", "}")
        right = ",)" if isinstance(value, tuple) and len(value) == 1 else right
        yield from _joined((_pieces(item, depth + 1) for item in value), ", ", left, right)
    else:
        yield "an object of the notebook"


def _items(array: Any) -> Iterator[str]:
    """Yield the entries of an array in nested brackets."""
    if array.ndim == 0:
        item = array.item() if array.dtype.kind == "O" else array[()]
        yield from iter(("an array",)) if isinstance(item, np.ndarray) else _pieces(item, MAX_DEPTH)
    else:
        yield from _joined((_items(np.asarray(array[i, ...])) for i in range(len(array))), ", ", "[", "]")


def _joined(parts: Iterable[Iterator[str]], between: str, left: str = "", right: str = "") -> Iterator[str]:
    yield left
    for i, part in enumerate(parts):
        if i:
            yield between
        yield from part
    yield right


def _quoted(text: str) -> Iterator[str]:
    yield "'"
    for character in text:
        yield _escaped(character)
    yield "'"


def _escaped(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    return character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode()
