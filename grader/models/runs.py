"""What a kernel says its models were given: calls of `fit`, `evaluate` and `predict`, and fits of scalers.

These are claims, as histories are: read with care, they show honest mistakes. What a model is worth is measured.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from grader.kernels.inside.prints import MAX_ROWS, prints_of
from grader.models.structure import Array, Count, Record, Shape, Text

__all__ = ["Ledger", "Run", "Scaler", "prints_of", "shared_rows"]

MAX_RUNS = 500
LISTS = ("prints", "validation_prints")


def _prints(value: Any) -> Any:
    if value is None:
        return np.zeros(0, np.uint64)
    if isinstance(value, np.ndarray) and value.dtype == np.uint64 and value.ndim == 1 and value.size <= MAX_ROWS:
        return value
    raise ValueError("no prints of rows")


Prints = Annotated[Any, BeforeValidator(_prints)]
Numbers = Annotated[tuple[float, ...], Field(max_length=100)]
Sentence = Annotated[str, Field(max_length=400)]


class Run(Record):
    """One call: `model` is its number in the inventory, `prints` one of each row that went in (see `prints_of`).

    What could not be looked at (a generator, a dataset) has no rows and no prints. `epochs` were asked for, of those
    `epochs_done` were run; `values` are what `evaluate` returned, or the last epoch of `fit`, by metric, "loss" first.
    What a budget cut off is in `capped`; `rows` and what follows from them are what was left. Rows that `fit` split off
    for validation are the last `validation_rows` of `prints`; those of `validation_data` are in `validation_prints`.
    """

    kind: Literal["fit", "evaluate", "predict"]
    model: Count | None = None
    cell: Count | None = None
    rows: Count | None = None
    shape: Shape = ()
    low: float | None = None
    high: float | None = None
    means: Numbers = ()
    deviations: Numbers = ()
    label_shape: Shape = ()
    epochs: Count | None = None
    epochs_done: Count = 0
    batch_size: Count | None = None
    validation_split: float = 0.0
    validation_rows: Count | None = None
    values: Annotated[dict[Text, float], Field(max_length=60)] = Field(default_factory=dict)
    error: Sentence = ""
    capped: Sentence = ""
    prints: Prints = Field(default_factory=lambda: np.zeros(0, np.uint64))
    validation_prints: Prints = Field(default_factory=lambda: np.zeros(0, np.uint64))


class Scaler(Record):
    """One fit of a scaler of scikit-learn: `name` is its class, `means` those of the features it saw."""

    name: Text
    cell: Count | None = None
    rows: Count | None = None
    features: Count | None = None
    means: Numbers = ()


class Ledger(Record):
    """All of it, in the order it happened; `n_dropped` calls were made besides, in the cells that made the most."""

    runs: Annotated[tuple[Run, ...], Field(max_length=MAX_RUNS)]
    scalers: Annotated[tuple[Scaler, ...], Field(max_length=MAX_RUNS)] = ()
    n_dropped: Count = 0

    @model_validator(mode="before")
    @classmethod
    def _with_prints(cls, told: Any) -> Any:
        """Put the prints where a run names their number: the kernel sends equal ones once."""
        if not isinstance(told, dict) or not isinstance(told.get("runs"), list):
            return told
        tables = told.get("prints")
        return {**told, "runs": [_filled(run, tables if isinstance(tables, list) else []) for run in told["runs"]]}


def _filled(run: Any, tables: list[Any]) -> Any:
    """Return a run with its prints; those that did not fit into the kernel's answer are unknown."""
    if not isinstance(run, dict):
        return run
    numbers = {name: run[name] for name in LISTS if isinstance(run.get(name), int)}
    return run | {name: tables[number] if 0 <= number < len(tables) else None for name, number in numbers.items()}


def shared_rows(one: Run | Array, other: Run | Array) -> float:
    """Return the fraction of the other's rows that are also in one's, 0 where nothing is known of either.

    Either may be prints of rows (`prints_of`), or of some of them: `run.prints[:-run.validation_rows]`.
    """
    mine, theirs = (run.prints if isinstance(run, Run) else run for run in (one, other))
    return float(np.isin(theirs, mine).mean()) if len(mine) and len(theirs) else 0.0
