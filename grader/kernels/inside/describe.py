"""What a notebook defined, as shapes and signatures without data, so that a check can find its way."""

from __future__ import annotations

import builtins
import contextlib
import inspect
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_CHILDREN = 64
MAX_NODES = 5_000
MAX_DEPTH = 4

_signature, _ndarray, _generic = inspect.signature, numpy.ndarray, numpy.generic


def describe(names: dict[str, Any]) -> list[list[Any]]:
    """Return [name, node] for every name; a node has a "kind" and what belongs to that kind."""
    budget = [MAX_NODES]
    found = []
    for name, value in names.items():
        with contextlib.suppress(Exception):  # a student's object may raise anything when looked at
            if not isinstance(value, ModuleType):
                found.append([name, _node(value, 0, budget)])
    return found


def parameters(value: Any) -> list[list[Any]] | None:
    """Return [name, kind, has a default] of each parameter, or None where there is no signature."""
    if not callable(value):
        return None
    try:
        found = list(_signature(value).parameters.values())[:MAX_CHILDREN]
        return [[str(p.name), str(p.kind.name), p.default is not p.empty] for p in found]
    except BaseException:  # noqa: BLE001 - a student's object may raise anything when looked at
        return None


def _node(value: Any, depth: int, budget: list[int]) -> dict[str, Any]:
    budget[0] -= 1
    node: dict[str, Any] = {}
    if isinstance(value, _ndarray):
        node |= {"kind": "array", "shape": list(value.shape), "dtype": str(value.dtype)}
        if value.dtype == object:
            node |= {"kind": "list", "items": _children(list(enumerate(value.ravel())), depth, budget)}
    elif isinstance(value, bool | int | float | complex | _generic):
        node |= {"kind": "number"}
    elif isinstance(value, str):
        node |= {"kind": "text"}
    elif isinstance(value, list | tuple):
        node |= {"kind": "list", "items": _children(list(enumerate(value[:MAX_CHILDREN])), depth, budget)}
    elif isinstance(value, dict):
        keys = [key for key in list(dict.keys(value))[:MAX_CHILDREN] if isinstance(key, str | int)]
        node |= {"kind": "dict", "items": _children([(key, value[key]) for key in keys], depth, budget)}
    elif isinstance(value, FunctionType | BuiltinFunctionType | MethodType | type):
        node |= {"kind": "function", "parameters": parameters(value)}
    else:
        node |= _object(value, depth, budget)
    return node


def _children(pairs: list[tuple[Any, Any]], depth: int, budget: list[int]) -> list[list[Any]]:
    if depth >= MAX_DEPTH:
        return []
    return [[key, _node(value, depth + 1, budget)] for key, value in pairs if budget[0] > 0]


def _object(value: Any, depth: int, budget: list[int]) -> dict[str, Any]:
    """Describe an object: its class, and the attributes when the notebook itself defined that class."""
    kind = type(value)
    node: dict[str, Any] = {"kind": "object", "type": f"{kind.__module__}.{kind.__qualname__}"}
    if (
        hasattr(value, "numpy")
        and hasattr(value, "shape")
        and kind.__module__.startswith(("tensorflow", "torch", "keras"))
    ):
        return node | {"kind": "array", "shape": [int(n) for n in value.shape], "dtype": str(value.dtype)}
    if kind.__module__ == "__main__":
        fields = list(getattr(value, "__dict__", {}).items())[:MAX_CHILDREN]
        node["items"] = _children([pair for pair in fields if isinstance(pair[0], str)], depth, budget)
    return node
