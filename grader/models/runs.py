"""What a kernel says its models were given: calls of `fit`, `evaluate` and `predict`, and fits of scalers.

These are claims, as histories are: read with care, they show honest mistakes. What a model is worth is measured.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from grader.kernels.inside.prints import MAX_ROWS, prints_of
from grader.models.structure import Array, Count, Record, Shape, Text

__all__ = ["Ledger", "Run", "Scaler", "prints_of", "shared_rows"]


def _prints(value: Any) -> Any:
    if value is None:
        return np.zeros(0, np.uint64)
    if isinstance(value, np.ndarray) and value.dtype == np.uint64 and value.ndim == 1 and value.size <= MAX_ROWS:
        return value
    raise ValueError("no prints of rows")


Prints = Annotated[Any, BeforeValidator(_prints)]
Numbers = Annotated[tuple[float, ...], Field(max_length=100)]
Values = Annotated[tuple[tuple[Text, float], ...], Field(max_length=60)]


class Run(Record):
    """One call: `model` is its number in the inventory, `prints` one of each row that went in (see `prints_of`).

    What could not be looked at (a generator, a dataset) has no rows and no prints. `epochs` were asked for, of those
    `epochs_done` were run; `values` are what `evaluate` returned, or the last epoch of `fit`; the first is the loss.
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
    named_values: Values = Field((), alias="values")
    error: Annotated[str, Field(max_length=400)] = ""
    capped: Annotated[str, Field(max_length=400)] = ""
    prints: Prints = Field(default_factory=lambda: np.zeros(0, np.uint64))
    validation_prints: Prints = Field(default_factory=lambda: np.zeros(0, np.uint64))

    @property
    def values(self) -> dict[str, float]:
        """The numbers it came to, by name: "loss", and as the notebook's metrics are called, or counted."""
        return dict(self.named_values)


class Scaler(Record):
    """One fit of a scaler of scikit-learn: `name` is its class, `means` those of the features it saw."""

    name: Text
    cell: Count | None = None
    rows: Count | None = None
    features: Count | None = None
    means: Numbers = ()


class Ledger(Record):
    """All of it, in the order it happened."""

    runs: Annotated[tuple[Run, ...], Field(max_length=500)]
    scalers: Annotated[tuple[Scaler, ...], Field(max_length=500)]


def shared_rows(one: Run | Array, other: Run | Array) -> float:
    """Return the fraction of the other's rows that are also in one's, 0 where nothing is known of either."""
    mine, theirs = (run.prints if isinstance(run, Run) else run for run in (one, other))
    return float(np.isin(theirs, mine).mean()) if len(mine) and len(theirs) else 0.0
