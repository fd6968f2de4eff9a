"""How one value is kept and put back, kind by kind: the table that `memory` walks with.

The type of a value is asked, never the value: `isinstance` would run a student's own `__class__`. An object may have
several parts, as a list with attributes has. What a kind does not do for a value it says by an exception.
"""

from __future__ import annotations

import array
import builtins
import io
import os
import random
import re
import sys
import types
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_ARRAY_BYTES = 64_000_000
KEEP_THEIR_STATE_IN_ATTRIBUTES = ("sklearn.", "numpy.ma.")
INSTALLED = ("site-packages", "dist-packages", "grader")
STANDARD, STANDARD_FOLDER = sys.stdlib_module_names, os.path.dirname(os.__file__) + os.sep  # noqa: PTH120

_ndarray, _copyto = numpy.ndarray, numpy.copyto
_shape: Any = numpy.ndarray.shape
_Generator, _RandomState, _Random = numpy.random.Generator, numpy.random.RandomState, random.Random
_Module, _Member = types.ModuleType, types.MemberDescriptorType
_getcwd, _sep = os.getcwd, os.sep
_modules = sys.modules

FIXED = frozenset(  # the ids of types: a set of the types would run a student's own metaclass
    id(kind)
    for kind in (
        *(type(None), bool, int, float, complex, str, bytes, range, slice, type, type(Ellipsis), type(NotImplemented)),
        *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType, types.CodeType),
        *(types.WrapperDescriptorType, types.MethodDescriptorType, types.GetSetDescriptorType, types.CellType, _Member),
        *(numpy.ufunc, numpy.dtype, re.Pattern, property, classmethod, staticmethod, types.MappingProxyType),
        *(each for each in vars(numpy).values() if isinstance(each, type) and issubclass(each, numpy.generic)),
    )
)


class TooLarge(Exception):
    """A value is too large to be copied."""


class Part(NamedTuple):
    """A part of a value: how it is put back, what it was, and what that leads to."""

    put: Callable[[Any, Any], object]
    content: Any
    leads: Iterable[Any] = ()


class Kind(NamedTuple):
    """How values of a type are copied, put back, and gone into."""

    keep: Callable[[Any], Any]
    put: Callable[[Any, Any], object]
    leads: Callable[[Any], Iterable[Any]] = lambda _: ()


def parts_of(value: Any, own: frozenset[str]) -> list[Part] | None:
    """Return the parts of a value; None where its content is nothing that is known here.

    `own` are the modules whose objects are gone into.
    """
    kind = type(value)
    if (exactly := KINDS.get(kind)) is not None:
        return [_part(exactly, value)]
    if issubclass(kind, type):
        return []
    if kind is _Module:
        return [_table(vars(value), _put_module)] if vars(value).get("__name__") in own else []
    found = [] if (known := _kind_of(kind)) is None else [_part(known, value)]
    if _is_own(kind, own):
        found += [*_attributes(value), *_slots(value, kind, own)]
        return found
    return found or None


def current_folder() -> str:
    """Return the current folder; nothing where it is gone."""
    try:
        return _getcwd()
    except OSError:
        return ""


def modules_below(folders: Iterable[str]) -> dict[str, types.ModuleType]:
    """Return the modules that lie in one of the folders or below it, but for Python's own and what is installed."""
    known = [(name, module) for name, module in list(_modules.items()) if str(name).partition(".")[0] not in STANDARD]
    below = [folder + _sep for folder in folders if folder]
    return {name: module for name, module in known if any(_lies_in(module, folder) for folder in below)}


def _lies_in(module: Any, folder: str) -> bool:
    if type(module) is not _Module or module.__name__ == "__main__":
        return False
    file = vars(module).get("__file__")
    if not isinstance(file, str) or not file.startswith(folder) or file.startswith(STANDARD_FOLDER):
        return False
    return not any(part in INSTALLED or part.startswith(".") for part in file[len(folder) :].split(_sep))


def _kind_of(kind: type) -> Kind | None:
    for base in kind.__mro__:
        if base in KINDS:
            return KINDS[base]
        if base.__module__.partition(".")[0] == "pandas" and base.__name__ in ("DataFrame", "Series"):
            return FRAME
    return None


def _part(kind: Kind, value: Any) -> Part:
    content = kind.keep(value)
    return Part(kind.put, content, kind.leads(content))


def _is_own(kind: type, own: frozenset[str]) -> bool:
    module = kind.__module__
    return module in own or f"{module}.".startswith(KEEP_THEIR_STATE_IN_ATTRIBUTES)


# --- attributes -----------------------------------------------------------------------------------------------------


def _attributes(value: Any) -> list[Part]:
    try:
        fields = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return []

    def put(value: Any, content: Any) -> None:
        if object.__getattribute__(value, "__dict__") is not fields:
            object.__setattr__(value, "__dict__", fields)
        _put_dict(fields, content)

    return [_table(fields, put)]


def _table(fields: dict[str, Any], put: Callable[[Any, Any], None]) -> Part:
    content = dict(fields)
    return Part(put, content, [each for name, each in content.items() if not str(name).startswith("__")])


def _put_module(module: types.ModuleType, content: dict[str, Any]) -> None:
    """Put a module back; its submodules that were imported meanwhile stay, or they would not be found again."""
    package, fields = content["__name__"], vars(module)
    inner = {name: each for name, each in fields.items() if type(each) is _Module}
    stay = {name: each for name, each in inner.items() if _modules.get(f"{package}.{name}") is each}
    _put_dict(fields, content | stay)


def _slots(value: Any, kind: type, own: frozenset[str]) -> list[Part]:
    members = [
        member
        for base in kind.__mro__
        if base.__module__ in own
        for member in vars(base).values()
        if type(member) is _Member
    ]
    content = [(member, _slot(member, value)) for member in members]
    return [Part(_put_slots, content, [each for _, held in content for each in held])] if content else []


def _slot(member: Any, value: Any) -> tuple[Any, ...]:
    """Return what a slot holds, or nothing where it is empty."""
    try:
        return (member.__get__(value),)
    except AttributeError:
        return ()


def _put_slots(value: Any, content: list[tuple[Any, tuple[Any, ...]]]) -> None:
    for member, held in content:
        if held:
            member.__set__(value, held[0])
        elif _slot(member, value):
            member.__delete__(value)


# --- kinds ----------------------------------------------------------------------------------------------------------


def _put_dict(value: Any, content: Any) -> None:
    dict.clear(value)
    dict.update(value, content)


def _keys_and_values(content: Any) -> Iterable[Any]:
    return [*dict.keys(content), *dict.values(content)]


def _put_ordered(value: Any, content: Any) -> None:
    OrderedDict.clear(value)
    for key, each in content.items():
        OrderedDict.__setitem__(value, key, each)


def _put_set(value: Any, content: Any) -> None:
    set.clear(value)
    set.update(value, content)


def _put_deque(value: Any, content: Any) -> None:
    deque.clear(value)
    deque.extend(value, content)


def _put_numbers(value: Any, content: Any) -> None:
    del value[:]
    value.frombytes(content)


def _plain(value: Any) -> Any:
    """Return an array's numbers as no subclass has them, whose own code would be run."""
    return _ndarray.view(value, _ndarray)


def _keep_array(value: Any) -> Any:
    if value.nbytes > MAX_ARRAY_BYTES:
        raise TooLarge
    return _plain(value).copy() if value.flags.writeable else None


def _put_array(value: Any, content: Any) -> None:
    if content is not None:
        if not value.flags.writeable:
            value.flags.writeable = True
        if value.shape != content.shape:
            _shape.__set__(value, content.shape)
        _copyto(_plain(value), content)


def _of_array(content: Any) -> Iterable[Any]:
    return list(content.flat) if content is not None and content.dtype == object else ()


def _keep_frame(value: Any) -> Any:
    used = value.memory_usage(deep=False)
    if (used if isinstance(used, int) else int(used.sum())) > MAX_ARRAY_BYTES:
        raise TooLarge
    return value.copy()


def _put_frame(value: Any, content: Any) -> None:
    """Put a DataFrame or Series back, where it was changed: its arrays stay the same where it was not."""
    try:
        same = value.equals(content)
    except ValueError:  # arrays in its cells
        same = False
    if not same:
        value._update_inplace(content.copy())
    for axis, before in zip(value.axes, content.axes, strict=True):
        if list(axis.names) != list(before.names):
            axis.names = before.names
    if value.ndim == 1:
        value.name = content.name


def _cells(content: Any) -> Iterable[Any]:
    """Return the objects in a DataFrame's or Series' cells."""
    columns = [content] if content.ndim == 1 else [column for _, column in content.items()]
    return [each for column in columns if column.dtype == object for each in column.to_numpy()]


FRAME = Kind(_keep_frame, _put_frame, _cells)
KINDS: dict[type, Kind] = {
    _ndarray: Kind(_keep_array, _put_array, _of_array),
    list: Kind(list.copy, lambda value, content: list.__setitem__(value, slice(None), content), list.__iter__),
    tuple: Kind(lambda value: tuple(tuple.__iter__(value)), lambda *_: None, tuple.__iter__),
    dict: Kind(dict.copy, _put_dict, _keys_and_values),
    OrderedDict: Kind(lambda value: dict(OrderedDict.items(value)), _put_ordered, _keys_and_values),
    set: Kind(set, _put_set, set.__iter__),
    frozenset: Kind(frozenset, lambda *_: None, frozenset.__iter__),
    deque: Kind(lambda value: list(deque.__iter__(value)), _put_deque, list.__iter__),
    bytearray: Kind(
        lambda value: bytes(memoryview(value)),
        lambda value, content: bytearray.__setitem__(value, slice(None), content),
    ),
    array.array: Kind(array.array.tobytes, _put_numbers),
    io.StringIO: Kind(io.StringIO.__getstate__, io.StringIO.__setstate__),  # type: ignore[attr-defined]
    io.BytesIO: Kind(io.BytesIO.__getstate__, io.BytesIO.__setstate__),  # type: ignore[attr-defined]
    _Random: Kind(_Random.getstate, _Random.setstate),
    _Generator: Kind(
        lambda value: value.bit_generator.state,
        lambda value, content: setattr(value.bit_generator, "state", content),
    ),
    _RandomState: Kind(_RandomState.get_state, _RandomState.set_state),
}
