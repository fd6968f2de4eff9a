"""Going back: the state a notebook left, kept so that every check meets it untouched by the checks before.

Remembered is the *content* of what can be changed and can be reached from the globals, and from the notebook's own
modules, through lists, dicts, tuples and the like and objects of the notebook's own classes; the objects themselves
stay the same, so aliases stay aliases. A Keras model, an open file or a closure is not gone into. How a value of each
kind is kept is in `keeping`.

What is at the top comes first, and the globals take turns below it: a global that holds more than there is room for
takes no room from the others. What was left out is known by the global it was found under.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING or __package__:
    from grader.kernels.inside.keeping import FIXED, Part, current_folder, modules_below, parts_of
else:
    from keeping import FIXED, Part, current_folder, modules_below, parts_of

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_OBJECTS = 200_000
SHELLS = re.compile(r"_+|_i+|_i?\d+|_[iod]h|In|Out")  # names that IPython gives to what others also name

_ndarray, _copyto, _can_cast = numpy.ndarray, numpy.copyto, numpy.can_cast
_modules, _deque = sys.modules, deque


class _Turn:
    """What is still to be looked at below one global."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.waiting = _deque([value])


class Memory:
    """Remembers a namespace and restores it.

    `left_out` holds what was found and not kept, by the global it was found under: what there was no room for, and
    what is of no kind that can be put back; `failed` are the globals of which something could not be put back. `own`
    are the modules whose objects are gone into: those below `folder`, which is the current one where it is not given
    (a cell may change to another), or below the one that is current when they are remembered.
    """

    def __init__(self, folder: str = "") -> None:
        self._folder = folder or current_folder()
        self._globals: dict[str, Any] = {}
        self._kept: dict[int, tuple[str, Any, list[Part]]] = {}
        self.own = frozenset({"__main__"})
        self.left_out: dict[str, list[Any]] = {}
        self.failed: set[str] = set()
        self.frozen = False

    def remember(self, names: dict[str, Any], own: Iterable[str]) -> None:
        """Keep what `own` names refer to, and the content of what can be reached from there."""
        self._globals = {name: names[name] for name in own}
        self._kept, self.left_out, self.failed = {}, {}, set()
        self._apart = {id(names), id(_modules)}  # change by themselves
        modules = modules_below({self._folder, current_folder()})
        self.own = frozenset({"__main__", *modules})
        ordered = sorted(self._globals, key=lambda name: SHELLS.fullmatch(str(name)) is not None)
        turns = [_Turn(name, self._globals[name]) for name in ordered]
        self._walk(turns + [_Turn(name, module) for name, module in modules.items()])
        self.frozen = True

    def _walk(self, turns: list[_Turn]) -> None:
        with _no_collection():
            while turns:
                for turn in turns:
                    self._look(turn)
                turns = [turn for turn in turns if turn.waiting]

    def _look(self, turn: _Turn) -> None:
        """Keep the next value below a global, or leave it out."""
        value = turn.waiting.popleft()
        if id(type(value)) in FIXED or id(value) in self._kept or id(value) in self._apart:
            return
        parts = _parts(value, self.own) if len(self._kept) < MAX_OBJECTS else None
        if parts is None:
            self.left_out.setdefault(turn.name, []).append(value)
            return
        self._kept[id(value)] = (turn.name, value, parts)
        turn.waiting.extend(each for part in parts for each in part.leads if id(type(each)) not in FIXED)

    def restore(self, names: dict[str, Any], own: Iterable[str]) -> None:
        """Put names and contents back; what was defined since is removed."""
        if not self.frozen:
            return
        for name in own:
            if name not in self._globals:
                del names[name]
        names.update(self._globals)
        for name, value, parts in self._kept.values():
            try:
                for part in parts:
                    part.put(value, part.content)
            except Exception:  # noqa: BLE001 - a closed buffer, an array of another shape: the others come back
                self.failed.add(name)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector from going through all that is being made: nothing of it is rubbish."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _parts(value: Any, own: frozenset[str]) -> list[Part] | None:
    """Return the parts of a value; None where there are none that can be kept."""
    try:
        return parts_of(value, own)
    except Exception:  # noqa: BLE001 - too large, closed, or a student's own code that raises
        return None


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
