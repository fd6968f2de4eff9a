"""How values cross the border between the kernel and the grader: a JSON tree, and raw bytes for arrays.

Both sides use this file; it needs nothing but NumPy. Nothing that comes out of a kernel is ever unpickled,
evaluated or trusted to be what it says: `decode` checks every node and raises `WireError` on the first that is odd.

    None, bool, str, small int, finite float      as themselves
    {"t": "list" | "tuple" | "set", "v": [...]}   sequences
    {"t": "dict", "v": [[key, value], ...]}       mappings, in order
    {"t": "array", "dtype": "<f8", "shape": [..], "b": i}    buffer number i, C order
    {"t": "scalar", ...}                          the same with shape [], a NumPy scalar
    {"t": "objects", "shape": [..], "v": [...]}   an object array, element by element
    {"t": "float" | "int" | "complex" | "bytes"}  what JSON cannot say exactly
    anything else                                 a node of the caller's own ("handle", "code")
"""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy

# Functions look built-in names up where they were defined: with a copy, a notebook that replaces `len` or
# `isinstance` changes nothing here.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

Node = Any
MAX_DEPTH = 40
MAX_NODES = 2_000_000
MAX_INT_BITS = 4096
SMALL_INT = 2**53
MAX_ODD_KEYS = 5_000
MAX_AXES = 64  # of a NumPy array
MAX_ENTRIES = 2**28
DTYPE = re.compile(r"[<>|=](?:b1|[iu][1248]|f(?:2|4|8|16)|c(?:8|16|32))")

_array, _ndarray, _generic = numpy.array, numpy.ndarray, numpy.generic
_dtype, _frombuffer = numpy.dtype, numpy.frombuffer


class WireError(Exception):
    """A value cannot cross, or what arrived is not well-formed."""


class Encoder:
    """Turns one value into a tree and buffers, within a budget of bytes.

    `other` is asked for what no rule here covers: it returns a node of its own, or an array to send instead.

    Sub-classes of the plain types are read through the base class's own methods, so that an overridden `__iter__`
    or `__eq__` has no say.
    """

    def __init__(self, max_bytes: int, other: Callable[[object], Node] | None = None) -> None:
        self.buffers: list[bytes] = []
        self._left = max_bytes
        self._nodes = 0
        self._other = other

    def encode(self, value: object, depth: int = 0) -> Node:
        """Return the tree of `value`; WireError when it is too deep, too large or of a type nobody handles."""
        self._spend(8)
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise WireError("nested too deeply or too many parts")
        if value is None or value is True or value is False:
            return value
        for kind, method in _METHODS:
            if isinstance(value, kind):
                return method(self, value, depth)
        if self._other is None:
            raise WireError(f"a value of type {type(value).__name__} cannot be sent")
        instead = self._other(value)
        return self._ndarray(instead, depth) if isinstance(instead, _ndarray) else instead

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise WireError("larger than the limit for one value")

    def _buffer(self, data: bytes) -> int:
        self._spend(len(data))
        self.buffers.append(data)
        return len(self.buffers) - 1

    def _int(self, value: int, _: int) -> Node:
        exact = int.__add__(value, 0)
        if -SMALL_INT < exact < SMALL_INT:
            return exact
        if exact.bit_length() > MAX_INT_BITS:
            raise WireError("an integer of more than 1,200 digits")
        return {"t": "int", "v": hex(exact)}

    def _float(self, value: float, _: int) -> Node:
        exact = float.__mul__(value, 1.0)
        return exact if math.isfinite(exact) else {"t": "float", "v": str(exact)}

    def _complex(self, value: complex, depth: int) -> Node:
        return {"t": "complex", "v": [self._float(value.real, depth), self._float(value.imag, depth)]}

    def _str(self, value: str, _: int) -> Node:
        text = str.encode(value, "utf-8", "replace").decode()
        self._spend(len(text))
        return text

    def _bytes(self, value: bytes, _: int) -> Node:
        return {"t": "bytes", "b": self._buffer(bytes(value))}

    def _list(self, value: list[Any], depth: int) -> Node:
        return {"t": "list", "v": [self.encode(item, depth + 1) for item in list.__iter__(value)]}

    def _tuple(self, value: tuple[Any, ...], depth: int) -> Node:
        return {"t": "tuple", "v": [self.encode(item, depth + 1) for item in tuple.__iter__(value)]}

    def _set(self, value: set[Any] | frozenset[Any], depth: int) -> Node:
        items = set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value)
        return {"t": "set", "v": [self.encode(item, depth + 1) for item in items]}

    def _dict(self, value: dict[Any, Any], depth: int) -> Node:
        pairs = list(dict.items(value))
        return {"t": "dict", "v": [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in pairs]}

    def _ndarray(self, value: Any, depth: int) -> Node:
        shape = [int(n) for n in _ndarray.shape.__get__(value)]
        dtype = _ndarray.dtype.__get__(value)
        if dtype.kind in "OUS":
            flat = list(_ndarray.tolist(_ndarray.ravel(value)))
            return {"t": "objects", "shape": shape, "v": [self.encode(item, depth + 1) for item in flat]}
        if not DTYPE.fullmatch(dtype.str):  # bfloat16 and its kin
            value = _array(value, dtype="f4", subok=False) if dtype.kind == "V" else self._refuse(dtype)
            dtype = value.dtype
        self._spend(8)
        if _ndarray.nbytes.__get__(value) > self._left:
            raise WireError("an array larger than the limit for one value")
        data = _ndarray.tobytes(_array(value, order="C", subok=False, copy=None))
        return {"t": "array", "dtype": dtype.str, "shape": shape, "b": self._buffer(data)}

    def _refuse(self, dtype: object) -> Any:
        raise WireError(f"an array of {dtype} cannot be sent")

    def _generic(self, value: Any, depth: int) -> Node:
        node = self._ndarray(_array(value, subok=False), depth)
        return {**node, "t": "scalar"} if node["t"] == "array" else node["v"][0]


_METHODS: Sequence[tuple[Any, Callable[[Encoder, Any, int], Node]]] = (
    (_ndarray, Encoder._ndarray),
    (_generic, Encoder._generic),  # before float: numpy.float64 is one
    (int, Encoder._int),
    (float, Encoder._float),
    (complex, Encoder._complex),
    (str, Encoder._str),
    ((bytes, bytearray, memoryview), Encoder._bytes),
    (list, Encoder._list),
    (tuple, Encoder._tuple),
    ((set, frozenset), Encoder._set),
    (dict, Encoder._dict),
    (range, lambda encoder, value, depth: encoder._list(list(value), depth)),
)


class Decoder:
    """Turns a tree and its buffers back into values; `other` takes the nodes this file does not know."""

    def __init__(self, buffers: Sequence[bytes], other: Callable[[dict[str, Any]], Any] | None = None) -> None:
        self._buffers = dict(enumerate(buffers))
        self._other = other
        self._nodes = self._odd_keys = 0

    def decode(self, node: Node, depth: int = 0) -> Any:
        """Return the value of a tree; WireError when it is not well-formed."""
        self._nodes += 1
        if depth > MAX_DEPTH + 2 or self._nodes > MAX_NODES:
            raise WireError("nested too deeply or too many parts")
        if isinstance(node, str):
            return node.encode("utf-8", "replace").decode()
        if node is None or isinstance(node, bool | int | float):
            return node
        if not isinstance(node, dict) or not isinstance(node.get("t"), str):
            raise WireError("a node without a type")
        method = _READERS.get(node["t"])
        if method is not None:
            try:
                return method(self, node, depth)
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise WireError(f"a malformed {node['t']}") from error
        if self._other is None:
            raise WireError(f"a node of unknown type {node['t'][:40]!r}")
        return self._other(node)

    def _items(self, node: Node, depth: int) -> list[Any]:
        if not isinstance(node["v"], list):
            raise WireError("a sequence without items")
        return [self.decode(item, depth + 1) for item in node["v"]]

    def _dict(self, node: Node, depth: int) -> dict[Any, Any]:
        pairs = [(self.decode(k, depth + 1), self.decode(v, depth + 1)) for k, v in node["v"]]
        self._odd_keys += sum(not _spreads(key) for key, _ in pairs)
        if self._odd_keys > MAX_ODD_KEYS:
            raise WireError("too many keys that are neither texts nor small numbers")
        return dict(pairs)

    def _array(self, node: Node, _: int) -> Any:
        shape = _shape(node["shape"], MAX_ENTRIES)
        if not DTYPE.fullmatch(node["dtype"]):
            raise WireError("an array of a type that is not numeric")
        dtype, data = _dtype(node["dtype"]), self._raw(node)
        if math.prod(shape) * dtype.itemsize != len(data):
            raise WireError("an array whose size is not what it claims")
        return _frombuffer(data, dtype).reshape(shape).copy()

    def _objects(self, node: Node, depth: int) -> Any:
        shape, items = _shape(node["shape"], MAX_NODES), self._items(node, depth)
        if math.prod(shape) != len(items):
            raise WireError("an array whose size is not what it claims")
        array = numpy.empty(len(items), dtype=object)
        for index, item in enumerate(items):
            array[index] = item
        return array.reshape(shape)

    def _complex(self, node: Node, depth: int) -> complex:
        real, imaginary = self._items(node, depth)
        return complex(real, imaginary)

    def _raw(self, node: Node) -> bytes:
        index = node["b"]
        if not isinstance(index, int) or index not in self._buffers:
            raise WireError("a buffer that did not arrive, or is used twice")
        return bytes(self._buffers.pop(index))


def _spreads(key: object) -> bool:
    """Say whether keys of this kind cannot be made to share one hash, which would make a dictionary slow."""
    return key is None or isinstance(key, str | bytes) or (isinstance(key, int) and abs(key) <= SMALL_INT)


def _shape(lengths: list[Any], most: int) -> tuple[int, ...]:
    """Check a shape before anything of its size is made; an axis of length 0 does not make the others free."""
    whole = isinstance(lengths, list) and len(lengths) <= MAX_AXES
    if not whole or not all(isinstance(n, int) and 0 <= n <= most for n in lengths):
        raise WireError("an impossible shape")
    if math.prod(max(n, 1) for n in lengths) > most:
        raise WireError("a shape that is too large")
    return tuple(lengths)


def _big_int(text: str) -> int:
    if len(text) > MAX_INT_BITS // 4 + 4:
        raise WireError("an integer that is too long")
    return int(text, 16)


def _special_float(text: str) -> float:
    if text not in ("nan", "inf", "-inf"):
        raise WireError("a float that is none")
    return float(text)


_READERS: dict[str, Callable[[Decoder, Node, int], Any]] = {
    "list": Decoder._items,
    "tuple": lambda decoder, node, depth: tuple(decoder._items(node, depth)),
    "set": lambda decoder, node, depth: set(decoder._dict({"v": [[item, None] for item in node["v"]]}, depth)),
    "dict": Decoder._dict,
    "array": Decoder._array,
    "scalar": lambda decoder, node, depth: decoder._array(node, depth)[()],
    "objects": Decoder._objects,
    "bytes": lambda decoder, node, depth: decoder._raw(node),
    "int": lambda decoder, node, depth: _big_int(node["v"]),
    "float": lambda decoder, node, depth: _special_float(node["v"]),
    "complex": Decoder._complex,
}
