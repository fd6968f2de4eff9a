"""Which irises a notebook trains and tests on, and what its scaler was told of them.

A row is recognised as one of the 150 flowers by its four measurements: as they are, turned back by the notebook's own
scaler, or because each column is a stretched and shifted one of an array that is recognised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from vp_reading import as_floats

from grader.checks import Check, Models
from grader.datasets import table
from grader.errors import StudentError
from grader.models import Run, Scaler
from grader.probe import is_handle
from grader.results import Diagnosis

FEATURES, ALL = 4, 150
TEST, TRAINING = range(15, 61), range(80, 136)  # rows of a part, generously
CENTRED = 1e-3  # means of columns that were standardized by themselves, in single precision
NEAR_RAW = 0.6
MAX_ARRAYS = 24

EVERYTHING = Diagnosis(
    name="scaler-on-everything",
    title="the scaler saw the test flowers",
    explanation="Your scaler was fitted on all 150 flowers before they were split, so the training data knows the mean "
    "and spread of the test flowers. Split first, call `fit` (or `fit_transform`) with the training part only, and "
    "`transform` with the test part.",
)
SEPARATELY = Diagnosis(
    name="scaler-fitted-twice",
    title="the test flowers were scaled by their own statistics",
    explanation="Your test part went through a `fit_transform` of its own. The same flower then gets other numbers "
    "than in training. Use `transform` with the scaler that was fitted on the training part.",
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """An array of the notebook, (n, 4), and which flowers its rows are, (n,)."""

    name: str
    rows: np.ndarray
    flowers: np.ndarray

    @property
    def species(self) -> np.ndarray:
        """The true classes, (n,), from our own table."""
        return table("iris")[1][self.flowers]


def flowers_of(rows: np.ndarray) -> np.ndarray | None:
    """Return which flowers the rows (n, 4) are, in centimetres as in the table; None where one of them is none."""
    known, _ = table("iris")
    with np.errstate(all="ignore"):
        apart = np.abs(rows[:, None, :] - known[None]).max(axis=2)  # (n, 150)
    return apart.argmin(axis=1) if len(rows) and np.all(apart.min(axis=1) < 1e-3) else None


def parts(check: Check, sizes: range) -> list[Part]:
    """Return the arrays of the notebook that hold so many recognised flowers; those called so, where some are."""
    arrays = list(_arrays(check))[:MAX_ARRAYS]
    scalers = list(_scalers(check))
    found = [Part(name=n, rows=a, flowers=f) for n, a in arrays if (f := _recognised(a, scalers)) is not None]
    for name, array in arrays:
        if all(part.name != name for part in found):
            twin = next((part for part in found if _stretched(array, part.rows)), None)
            if twin is not None:
                found.append(Part(name=name, rows=array, flowers=twin.flowers))
    fitting = [part for part in found if len(part.rows) in sizes]
    word = "test" if sizes == TEST else "train"
    called = [part for part in fitting if word in part.name.lower()]
    return called or fitting


def scaled(check: Check, found: Sequence[Part]) -> Iterator[Part]:
    """Yield the parts in centimetres as the notebook's own scalers turn them: many scale only in the call."""
    raw = [part for part in found if flowers_of(part.rows) is not None]
    for scaler in _scalers(check) if raw else ():
        for part in raw:
            rows = as_floats(_asked(scaler, "transform", part.rows))
            if rows is not None and rows.shape == part.rows.shape:
                yield Part(name=part.name, rows=rows, flowers=part.flowers)


def _arrays(check: Check) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (name, rows) of everything with four columns: arrays wherever they lie, and tables."""
    for thing in check.student.things():
        for leaf in thing.walk():
            if leaf.kind == "array" and len(leaf.shape) == 2 and leaf.shape[1] == FEATURES and leaf.shape[0] <= ALL:
                rows = as_floats(check.student.read(leaf.path))
                if rows is not None:
                    yield leaf.label, rows
        if thing.kind == "object":
            rows = _table(check.student.read(thing.path))
            if rows is not None:
                yield thing.label, rows


def _table(thing: Any) -> np.ndarray | None:
    """Return the rows of a DataFrame or tensor, None of anything else."""
    for method in ("to_numpy", "numpy"):
        rows = as_floats(_asked(thing, method))
        if rows is not None and rows.ndim == 2 and rows.shape[1] == FEATURES and len(rows) <= ALL:
            return rows
    return None


def _asked(thing: Any, method: str, *args: Any) -> Any:
    try:
        function = getattr(thing, method) if is_handle(thing) else None
        return function(*args) if function else None
    except (StudentError, TypeError):
        return None


def _scalers(check: Check) -> Iterator[Any]:
    """Yield the objects that can turn a scaling back."""
    for thing in check.student.things():
        if thing.kind == "object":
            value = check.student.read(thing.path)
            if is_handle(value) and value.inverse_transform:
                yield value


def _recognised(rows: np.ndarray, scalers: Sequence[Any]) -> np.ndarray | None:
    flowers = flowers_of(rows)
    for scaler in scalers if flowers is None else ():
        turned = as_floats(_asked(scaler, "inverse_transform", rows))
        if turned is not None and turned.shape == rows.shape and (flowers := flowers_of(turned)) is not None:
            break
    return flowers


def _stretched(rows: np.ndarray, others: np.ndarray) -> bool:
    """Tell whether every column of an array is the same column of another, stretched and shifted."""
    if rows.shape != others.shape or len(rows) < 3:
        return False
    with np.errstate(all="ignore"):
        one, other = ((part - part.mean(axis=0)) / part.std(axis=0) for part in (rows, others))
        return bool(np.all(np.abs(one - other) < 1e-4))


# --- what went into the network -----------------------------------------------------------------------------------


def fits(models: Models) -> list[Run]:
    """Return the calls of `fit` with four measurements of each flower, also those that stopped."""
    return [run for run in models.runs(kind="fit") if run.shape[1:] == (FEATURES,)]


def asked_about(models: Models) -> list[Run]:
    """Return the calls of `evaluate` and `predict` with a test part of flowers."""
    return [
        run for run in models.runs() if run.kind != "fit" and run.shape[1:] == (FEATURES,) and (run.rows or 0) in TEST
    ]


def scaling_problem(models: Models) -> tuple[str, Diagnosis | None] | None:
    """Return what is wrong with how the measurements were scaled, None where nothing is, or nothing can be seen."""
    scalers = [scaler for scaler in models.scalers() if scaler.features == FEATURES]
    trained_on = [run for run in fits(models) if run.means]
    if not trained_on:
        return _by_scalers(scalers)
    return _training(trained_on[-1], scalers) or _testing(trained_on[-1], asked_about(models), scalers)


def _by_scalers(scalers: Sequence[Scaler]) -> tuple[str, Diagnosis | None] | None:
    """Judge where no data of a `fit` could be looked at."""
    if not scalers:
        return "No scaler was fitted on four measurements: is there a StandardScaler for the training flowers?", None
    if any((scaler.rows or 0) > TRAINING[-1] for scaler in scalers):
        return _everything()
    return None


def _everything() -> tuple[str, Diagnosis]:
    return "The scaler was fitted on all 150 flowers, the test flowers among them.", EVERYTHING


def _training(run: Run, scalers: Sequence[Scaler]) -> tuple[str, Diagnosis | None] | None:
    """Judge the rows that a network was trained on; those scaled by themselves have means of 0."""
    means, deviations = np.array(run.means), np.array(run.deviations)
    raw = table("iris")[0].mean(axis=0)
    if np.all(np.abs(means - raw) < NEAR_RAW):
        return "The network was trained on the measurements as they are: they were not scaled.", None
    if _centred(run):
        return _everything() if (run.rows or 0) > TRAINING[-1] else None
    if any((scaler.rows or 0) > TRAINING[-1] for scaler in scalers):
        return _everything()
    if not scalers and np.all(np.abs(means) < NEAR_RAW) and (run.rows or 0) in range(112, 136):
        return _everything()
    if any(scaler.name != "StandardScaler" for scaler in scalers) or np.any(deviations < 0.5):
        what = next((f" by a {scaler.name}" for scaler in scalers if scaler.name != "StandardScaler"), "")
        return f"The measurements were scaled{what}; asked for are means of 0 and standard deviations of 1.", None
    return None


def _testing(run: Run, asked: Sequence[Run], scalers: Sequence[Scaler]) -> tuple[str, Diagnosis | None] | None:
    """Judge the rows that a network was tested on: scaled by the training rows, their means are not exactly 0."""
    if not _centred(run):
        return None
    own = any(_centred(other) for other in asked)
    if own or (not asked and any((scaler.rows or 0) in TEST for scaler in scalers)):
        return "The test flowers were scaled by statistics of their own.", SEPARATELY
    return None


def _centred(run: Run) -> bool:
    means, deviations = np.array(run.means), np.array(run.deviations)
    return bool(run.means) and bool(np.all(np.abs(means) < CENTRED) and np.all(np.abs(deviations - 1) < 0.05))
