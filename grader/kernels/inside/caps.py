"""Capping `fit`: fewer epochs, the first rows, or so many batches of data that come in batches.

The arguments of a call are looked at, never used up; what cannot be counted is left as it is.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

BATCH = 32  # Keras's own
MAX_STAGES = 50
ROWS = ("x", "y", "sample_weight")

Given = dict[str, Any]
Rule = Callable[[Given, int], tuple[Given, str]]


def cap(given: Given, budget: dict[str, int | None]) -> str:
    """Cut the arguments of a `fit` to the budget's epochs and rows; return a sentence that says so, "" for no cut."""
    cuts = [_cut(given, _epochs, budget.get("epochs")), _cut(given, _rows, budget.get("rows"))]
    said = ", ".join(cut for cut in cuts if cut)
    return f"`fit` ran {said}: this assignment caps the training" if said else ""


def rows_of(data: Any) -> int | None:
    """Return the number of rows of an array, or of a list or dict of arrays that agree; None for anything else."""
    if isinstance(data, dict | list | tuple):
        lengths = {rows_of(part) for part in (data.values() if isinstance(data, dict) else data)}
        return lengths.pop() if len(lengths) == 1 else None
    shape = getattr(data, "shape", None)
    if shape is None or not hasattr(data, "__getitem__") or not len(shape) or shape[0] is None:
        return None
    return int(shape[0])


def _cut(given: Given, rule: Rule, most: int | None) -> str:
    """Change the arguments by a rule and return what it says."""
    try:
        changes, said = rule(given, most) if most is not None else ({}, "")
    except Exception:  # noqa: BLE001 - Keras says itself what is wrong with an argument
        return ""
    given.update(changes)
    return said


def _epochs(given: Given, most: int) -> tuple[Given, str]:
    epochs, first = (
        operator.index(given.get(name, default)) for name, default in (("epochs", 1), ("initial_epoch", 0))
    )
    if epochs - first <= most:
        return {}, ""
    return {"epochs": first + most}, f"{most} of the {epochs - first} epochs you asked for"


def _rows(given: Given, most: int) -> tuple[Given, str]:
    x: Any = given.get("x")
    asked = given.get("steps_per_epoch")
    if asked is not None:
        size = given.get("batch_size") or BATCH if rows_of(x) is not None else _batch_size(x)
        return _steps("steps_per_epoch", size, operator.index(asked), most)
    if hasattr(x, "element_spec") and hasattr(x, "take"):
        n_batches = int(x.cardinality())
        changes, said = _steps("x", _batch_size(x), n_batches if n_batches >= 0 else None, most)
        return {name: x.take(steps) for name, steps in changes.items()}, said
    parts = {name: given[name] for name in ROWS if given.get(name) is not None}
    counts = {rows_of(part) for part in parts.values()}
    n = counts.pop() if len(counts) == 1 else None  # None for a generator; where they differ, Keras says so
    if n is None or n <= most:
        return {}, ""
    return {name: _first(part, most) for name, part in parts.items()}, f"on the first {most} of {n} rows"


def _steps(name: str, batch_size: int | None, n_batches: int | None, most: int) -> tuple[Given, str]:
    """Return how many batches make up the rows, where that is known and less than there are."""
    if not batch_size:
        return {}, ""
    steps = max(1, most // batch_size)
    if n_batches is not None and n_batches <= steps:
        return {}, ""
    known = f"{steps} of {n_batches}" if n_batches is not None else f"at most {steps}"
    return {name: steps}, f"with {known} batches in each epoch"


def _batch_size(x: Any) -> int | None:
    """Return how many rows a batch of a dataset has: what its last stage that makes batches was told."""
    stage = x
    for _ in range(MAX_STAGES):
        size = getattr(stage, "_batch_size", None)
        if size is not None:
            return int(size)
        stage = getattr(stage, "_input_dataset", None)
    size = getattr(x, "batch_size", None)  # what many a PyDataset calls it
    return size if isinstance(size, int) else None


def _first(data: Any, n: int) -> Any:
    if isinstance(data, dict):
        return {name: _first(part, n) for name, part in data.items()}
    if isinstance(data, list | tuple):
        return type(data)([_first(part, n) for part in data])
    return data.iloc[:n] if hasattr(data, "iloc") else data[:n]
