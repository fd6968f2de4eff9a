"""Going back: the state a notebook left, kept so that every check meets it untouched by the checks before.

Remembered is the *content* of everything mutable that can be reached from the globals through lists, dicts, tuples
and objects of the notebook's own classes; the objects themselves stay the same, so aliases stay aliases. A Keras
model, an open file or a closure is not gone into.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

import numpy

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_ARRAY_BYTES = 64_000_000
MAX_OBJECTS = 200_000

_ndarray, _copyto, _can_cast = numpy.ndarray, numpy.copyto, numpy.can_cast
_Generator, _RandomState = numpy.random.Generator, numpy.random.RandomState


class Memory:
    """Remembers a namespace and restores it."""

    def __init__(self) -> None:
        self._globals: dict[str, Any] = {}
        self._kept: dict[int, tuple[Any, Any]] = {}
        self.frozen = False

    def remember(self, names: dict[str, Any], own: Iterable[str]) -> None:
        """Keep what `own` names refer to, and the content of what can be reached from there."""
        self._globals = {name: names[name] for name in own}
        self._kept = {}
        waiting = list(self._globals.values())
        while waiting and len(self._kept) < MAX_OBJECTS:
            value = waiting.pop()
            if id(value) in self._kept:
                continue
            content, reachable = _content(value)
            if content is not None or isinstance(value, tuple):
                self._kept[id(value)] = (value, content)
            waiting.extend(reachable)
        self.frozen = True

    def restore(self, names: dict[str, Any], own: Iterable[str]) -> None:
        """Put names and contents back; what was defined since is removed."""
        if not self.frozen:
            return
        for name in own:
            if name not in self._globals:
                del names[name]
        names.update(self._globals)
        for value, content in self._kept.values():
            _restore(value, content)


def _content(value: Any) -> tuple[Any, list[Any]]:  # noqa: PLR0911 - a table of types
    """Return a copy of what `value` holds (None when there is nothing to keep) and what it leads to."""
    if isinstance(value, _ndarray):
        small = value.nbytes <= MAX_ARRAY_BYTES and value.flags.writeable
        return (value.copy() if small else None), (list(value.flat) if value.dtype == object and small else [])
    if isinstance(value, list):
        return list.copy(value), list(list.__iter__(value))
    if isinstance(value, dict):
        return dict.copy(value), list(dict.values(value))
    if isinstance(value, tuple):
        return None, list(tuple.__iter__(value))
    if isinstance(value, set):
        return set.copy(value), []
    if isinstance(value, _Generator):
        return value.bit_generator.state, []
    if isinstance(value, _RandomState):
        return value.get_state(), []
    fields = _fields(value)
    return (None, []) if fields is None else (dict(fields), list(fields.values()))


def _fields(value: Any) -> dict[str, Any] | None:
    """Return the attributes of an object (or class) the notebook itself defined, else None."""
    kind = value if isinstance(value, type) else type(value)
    if getattr(kind, "__module__", None) != "__main__" or isinstance(value, type):
        return None
    try:
        return object.__getattribute__(value, "__dict__")  # type: ignore[no-any-return]
    except AttributeError:
        return None


def _restore(value: Any, content: Any) -> None:  # noqa: C901 - a table of types
    if content is None:
        return
    if isinstance(value, _ndarray):
        if value.shape == content.shape and value.flags.writeable:
            _copyto(value, content)
    elif isinstance(value, list):
        list.__setitem__(value, slice(None), content)
    elif isinstance(value, dict):
        dict.clear(value)
        dict.update(value, content)
    elif isinstance(value, set):
        set.clear(value)
        set.update(value, content)
    elif isinstance(value, _Generator):
        value.bit_generator.state = content
    elif isinstance(value, _RandomState):
        value.set_state(content)
    else:
        fields = object.__getattribute__(value, "__dict__")
        fields.clear()
        fields.update(content)


def put(parent: Any, step: tuple[str, Any], new: Any) -> None:
    """Store `new` at `step` of `parent`, inside the present arrays, lists and dicts where they fit."""
    kind, key = step
    if kind == "item":
        try:
            present = parent[key]
        except (KeyError, IndexError):
            present = None
    else:
        present = getattr(parent, key, None)
    if _fill(present, new):
        return
    if kind == "item":
        parent[key] = new
    else:
        setattr(parent, key, new)


def _fill(present: Any, new: Any) -> bool:
    """Write `new` into `present` without replacing it; False where that is not possible."""
    if isinstance(present, _ndarray) and isinstance(new, _ndarray):
        fits = present.shape == new.shape and _can_cast(new.dtype, present.dtype, "same_kind")
        if fits and present.flags.writeable:
            _copyto(present, new)
            return True
    return False
