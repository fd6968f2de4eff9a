"""Making settings of Keras's objects plain: numbers, strings, lists and dicts of bounded size."""

from __future__ import annotations

import builtins
from typing import Any

import numpy

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_TEXT = 200
MAX_ITEMS = 100
MAX_NUMBERS = 100_000  # of an array, e.g. the means of a Normalization layer
MAX_DEPTH = 6
BRIEF = ("initializer", "regularizer", "constraint")  # settings of which the class is all that matters
LEFT_OUT = ("layer", "layers", "backward_layer", "build_config", "compile_config", "cell")  # described by themselves

_array, _asarray = numpy.array, numpy.asarray


def text(value: Any) -> str:
    """Return a value as a bounded string that can be encoded."""
    try:
        return str(value)[:MAX_TEXT].encode("utf-8", "replace").decode()
    except Exception:  # noqa: BLE001 - a student's own __str__
        return ""


def settings(thing: Any) -> dict[str, Any]:
    """Return what a layer, optimizer or loss says in `get_config`, made plain; {} where it says nothing."""
    try:
        config = thing.get_config()
        return {text(key): _setting(text(key), value) for key, value in list(config.items())[:MAX_ITEMS]}
    except Exception:  # noqa: BLE001 - a student's own class
        return {}


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as numbers, strings, lists and dicts; what is none of these as its type's name."""
    if value is None or isinstance(value, bool | str):
        return text(value) if isinstance(value, str) else value
    if isinstance(value, int | float | numpy.generic):
        return _number(value)
    if depth < MAX_DEPTH and isinstance(value, list | tuple):
        return _sequence(value, depth)
    if depth < MAX_DEPTH and isinstance(value, dict):
        return {text(key): plain(item, depth + 1) for key, item in list(dict.items(value))[:MAX_ITEMS]}
    if isinstance(value, numpy.ndarray) or hasattr(value, "numpy"):
        return _numbers(value)
    return {"odd": text(type(value).__name__)}


def _setting(key: str, value: Any) -> Any:
    if key in LEFT_OUT:
        return None
    if key.endswith(BRIEF) and isinstance(value, dict):
        return text(value.get("class_name", ""))
    return plain(value)


def _number(value: Any) -> Any:
    if isinstance(value, numpy.generic):
        return plain(value.item()) if value.dtype.kind in "biuf" else text(value)
    return int(value) if isinstance(value, int) else float(value)


def _sequence(value: Any, depth: int) -> Any:
    """Return a sequence as a list; a long one of numbers as an array."""
    if len(value) <= MAX_ITEMS:
        return [plain(item, depth + 1) for item in value]
    return _numbers(_asarray(value[:MAX_NUMBERS]))


def _numbers(value: Any) -> Any:
    """Return an array or tensor as an array, where it is small and numeric."""
    try:
        array = _array(value.numpy() if hasattr(value, "numpy") else value, subok=False)
    except Exception:  # noqa: BLE001 - no tensor after all
        return {"odd": text(type(value).__name__)}
    fits = array.dtype.kind in "biuf" and array.size <= MAX_NUMBERS
    return array if fits else {"odd": f"array of {text(array.dtype)}"}
