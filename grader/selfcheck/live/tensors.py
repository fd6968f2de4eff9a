"""The numbers in Keras's models and TensorFlow's variables, and the state of their chance, where they are loaded."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

Undo = Callable[[], None]

KEPT = (("keras", "Layer"), ("keras", "Variable"), ("tensorflow", "Module"), ("tensorflow", "Variable"))
MAX_VISITS, MAX_DEPTH = 5_000, 3
MAX_BYTES = 600_000_000
ATTRIBUTES = ("history", "optimizer", "loss", "stop_training")  # of a model, which `fit` and `compile` set


def keep(names: dict[str, Any]) -> Undo:
    """Remember the numbers of every model and variable the names lead to."""
    if "tensorflow" not in sys.modules and "keras" not in sys.modules:
        return lambda: None
    found = {id(each): each for each in _found(names)}
    attributes = [(model, _attributes(model)) for model in found.values() if _is(model, "keras", "Model")]
    kept = _numbers({id(each): each for holder in found.values() for each in _variables(holder)}.values())

    def undo() -> None:
        for variable, value in kept:
            if np.array(variable).tobytes() != value.tobytes():
                variable.assign(value)
        for model, before in attributes:
            for name, value in before.items():
                if getattr(model, name, None) is not value:
                    setattr(model, name, value)

    return undo


def _numbers(variables: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Return each variable with its numbers, as far as there is room for them."""
    left, kept = MAX_BYTES, []
    for variable in variables:
        with contextlib.suppress(Exception):  # no variable after all, or not filled yet
            value = np.array(variable)
            left -= value.nbytes
            kept += [(variable, value)] if left >= 0 else []
    return kept


def keep_chance() -> Undo:
    """Remember where the random generators of TensorFlow and Keras stand."""
    undone: list[Undo] = []
    with contextlib.suppress(Exception):  # what another version keeps elsewhere
        context = sys.modules["tensorflow.python.eager.context"].context()
        state = context._rng.getstate()
        undone.append(lambda: context._rng.setstate(state))
    with contextlib.suppress(Exception):
        generator = sys.modules["keras.src.backend.common.global_state"].get_global_attribute("global_seed_generator")
        numbers = np.array(generator.state)
        undone.append(lambda: generator.state.assign(numbers))

    def undo() -> None:
        for each in undone:
            each()

    return undo


def _found(names: dict[str, Any]) -> Iterator[Any]:
    """Yield the models, layers and variables that names lead to, through lists, dicts and the notebook's objects."""
    waiting = [(value, 0) for name, value in names.items() if not name.startswith("_")]
    for _ in range(MAX_VISITS):
        if not waiting:
            return
        value, depth = waiting.pop()
        if any(_is(value, *kind) for kind in KEPT):
            yield value
        elif depth < MAX_DEPTH:
            waiting += [(child, depth + 1) for child in _children(value)]


def _children(value: Any) -> list[Any]:
    kind = type(value)  # isinstance would ask the value itself
    if issubclass(kind, list | tuple):
        return [*(list.__iter__(value) if issubclass(kind, list) else tuple.__iter__(value))][:MAX_VISITS]
    if issubclass(kind, dict):
        return list(dict.values(value))[:MAX_VISITS]
    if kind.__module__ == "__main__":
        with contextlib.suppress(AttributeError):
            return list(object.__getattribute__(value, "__dict__").values())
    return []


def _is(value: Any, module: str, name: str) -> bool:
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and issubclass(type(value), kind)


def _variables(holder: Any) -> list[Any]:
    """Return a variable itself, or all of a model or layer, its optimizer's with them."""
    if not hasattr(holder, "variables") or _is(holder, "tensorflow", "Variable"):
        return [holder]
    optimizer = getattr(holder, "optimizer", None)
    return [*holder.variables, *(getattr(optimizer, "variables", None) or ())]


def _attributes(model: Any) -> dict[str, Any]:
    return {name: getattr(model, name) for name in ATTRIBUTES if hasattr(model, name)}
