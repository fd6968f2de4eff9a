"""What models were given: every `fit`, `evaluate` and `predict` of Keras, and every fit of a scaler of scikit-learn.

A call is recorded as plain data: how many rows, their range, a print of each (see prints.py), what came of it. Nothing
is changed by that, and nothing is consumed: data that can only be read once, or not looked at, is left alone. `fit`
is capped where the assignment has a budget, and the journal says so.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside.hooks import AfterImport
    from grader.kernels.inside.journal import Journal
    from grader.kernels.inside.plain import text
    from grader.kernels.inside.prints import prints_of
else:
    from plain import text
    from prints import prints_of

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

KINDS = ("fit", "evaluate", "predict")
SCALERS = {"StandardScaler": "partial_fit", "MinMaxScaler": "partial_fit", "MaxAbsScaler": "partial_fit"}
SCALERS |= {"RobustScaler": "fit"}
MAX_RUNS = 500
MAX_FEATURES = 100
MAX_VALUES = 50
BATCH = 32  # Keras's own

Record = dict[str, Any]


class Ledger:
    """The calls so far; `budget` holds the epochs and rows that `fit` may have, None for any number."""

    def __init__(self, journal: Journal) -> None:
        self.budget: dict[str, int | None] = {}
        self._journal = journal
        self._runs: list[tuple[Any, Record]] = []
        self._scalers: list[Record] = []
        self._depth = 0

    def contents(self, number_of: Callable[[Any], int | None]) -> Record:
        """Return all calls, each with its model's number, and the fits of scalers."""
        runs = [{**record, "model": number_of(model())} for model, record in self._runs]
        return {"runs": runs, "scalers": self._scalers}

    def call(self, kind: str, original: Callable[..., Any], model: Any, args: Any, kwargs: Any) -> Any:
        """Make a call of a model's method, capped by the budget, and record it."""
        __tracebackhide__ = True
        try:
            given = inspect.signature(original).bind(model, *args, **kwargs)
        except TypeError:
            return original(model, *args, **kwargs)  # it says itself what is wrong with the arguments
        if self._depth:
            return original(model, *args, **kwargs)
        asked = given.arguments.get("epochs", 1)
        capped = self._cap(given.arguments) if kind == "fit" else ""
        record = self._begun(kind, given.arguments, asked, capped)
        self._depth += 1
        try:
            value = original(*given.args, **given.kwargs)
            record |= _ended(model, kind, value)
            return value
        except BaseException as error:
            record["error"] = text(f"{type(error).__name__}: {error}")[:300]
            raise
        finally:
            self._depth -= 1
            self._keep(model, record)

    def scale(self, scaler: Any, data: Any) -> None:
        """Record the fit of a scaler."""
        if self._journal.cell is not None and len(self._scalers) < MAX_RUNS:
            self._scalers.append({"name": text(type(scaler).__name__), "cell": self._journal.cell, **_columns(data)})

    def _begun(self, kind: str, given: Record, asked: Any, capped: str) -> Record:
        """Return what is known of a call before it is made."""
        split = given.get("validation_split", 0.0)
        other = given.get("validation_data")
        validation = other[0] if isinstance(other, tuple | list) and other else other
        return {
            "kind": kind,
            "cell": self._journal.cell,
            **_described(given.get("x")),
            "label_shape": _shape(given.get("y")),
            "epochs": _count(asked),
            "batch_size": _count(given.get("batch_size")),
            "validation_split": float(split) if isinstance(split, int | float) else 0.0,
            "validation_prints": _described(validation)["prints"] if validation is not None else None,
            "capped": capped,
            "epochs_done": 0,
            "values": [],
            "error": "",
        }

    def _keep(self, model: Any, record: Record) -> None:
        if self._journal.cell is not None and len(self._runs) < MAX_RUNS:
            self._runs.append((weakref.ref(model), record))

    def _cap(self, given: Record) -> str:
        """Cut epochs and rows of a call to the budget, and return the sentence that says so."""
        said = [*_cut_epochs(given, self.budget.get("epochs")), *_cut_rows(given, self.budget.get("rows"))]
        if not said:
            return ""
        sentence = f"`fit` ran with {' and '.join(said)}: this assignment caps the training"
        self._journal.note(sentence)
        return sentence


def watch(hooks: AfterImport, ledger: Ledger) -> None:
    """Have the calls recorded from the import of Keras and scikit-learn on."""

    def keras(module: ModuleType) -> None:
        for kind in KINDS:
            setattr(module.TensorFlowTrainer, kind, _recorded(kind, getattr(module.TensorFlowTrainer, kind), ledger))

    def sklearn(module: ModuleType) -> None:
        for name, method in SCALERS.items():
            kind = getattr(module, name)
            setattr(kind, method, _scaled(getattr(kind, method), ledger))

    hooks.add("keras.src.backend.tensorflow.trainer", keras)
    hooks.add("sklearn.preprocessing._data", sklearn)


def _recorded(kind: str, original: Callable[..., Any], ledger: Ledger) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return ledger.call(kind, original, self, args, kwargs)

    return method


def _scaled(original: Callable[..., Any], ledger: Ledger) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        value = original(self, X, *args, **kwargs)
        ledger.scale(self, X)
        return value

    return method


# --- budgets -------------------------------------------------------------------------------------------------------


def _cut_epochs(given: Record, most: int | None) -> list[str]:
    epochs, first = given.get("epochs", 1), given.get("initial_epoch", 0)
    if most is None or not isinstance(epochs, int) or not isinstance(first, int) or epochs - first <= most:
        return []
    given["epochs"] = first + most
    return [f"{most} of {epochs - first} epochs"]


def _cut_rows(given: Record, most: int | None) -> list[str]:
    """Take the first rows; of data that comes in batches, so many batches."""
    x = given.get("x")
    if most is None or x is None:
        return []
    n = _length(x)
    if n is not None and n > most:
        for name in ("x", "y", "sample_weight"):
            if _length(given.get(name)) == n:
                given[name] = _first(given[name], most)
        return [f"the first {most} of {n} rows"]
    if n is None and given.get("steps_per_epoch") is None and not isinstance(x, dict | list | tuple):
        given["steps_per_epoch"] = max(1, most // _batch_of(x))
        return [f"{given['steps_per_epoch']} batches an epoch"]
    return []


def _batch_of(x: Any) -> int:
    """Return how many rows a batch of a dataset has, as far as it says so."""
    try:
        spec = x.element_spec
        first = spec[0] if isinstance(spec, tuple) else spec
        return int(first.shape[0])
    except Exception:  # noqa: BLE001 - a generator, or a dataset that does not say
        size = getattr(x, "batch_size", None)
        return size if isinstance(size, int) and size > 0 else BATCH


def _first(rows: Any, n: int) -> Any:
    return rows.iloc[:n] if hasattr(rows, "iloc") else rows[:n]


# --- looking at data -----------------------------------------------------------------------------------------------


def _described(x: Any) -> Record:
    """Return what can be said of the data of a call, nothing of what cannot be looked at."""
    unknown = dict.fromkeys(("rows", "low", "high", "prints"))
    nothing: Record = {**unknown, "shape": [], "means": [], "deviations": []}
    try:
        rows = _rows(x)
        if rows is None or not rows.size:
            return nothing
        low, high = _range(rows)
        return {
            **nothing,
            "rows": len(rows),
            "shape": list(rows.shape),
            "low": low,
            "high": high,
            "prints": prints_of(rows),
            **_moments(rows),
        }
    except Exception:  # noqa: BLE001 - whatever a notebook trains on, the call is made
        return nothing


def _columns(data: Any) -> Record:
    """Return rows, features and means of what a scaler was fitted on."""
    known = _described(data)
    features = known["shape"][1] if len(known["shape"]) == 2 else None
    return {"rows": known["rows"], "features": features, "means": known["means"]}


def _range(rows: Any) -> tuple[float | None, float | None]:
    """Return the smallest and the largest finite number, None where there is none."""
    low, high = float(rows.min()), float(rows.max())
    if numpy.isfinite(high - low):
        return low, high
    finite = rows[numpy.isfinite(rows)]
    return (float(finite.min()), float(finite.max())) if finite.size else (None, None)


def _moments(rows: Any) -> Record:
    if rows.ndim != 2 or rows.shape[1] > MAX_FEATURES:
        return {}
    return {"means": rows.mean(axis=0).tolist(), "deviations": rows.std(axis=0).tolist()}


def _rows(x: Any) -> Any:
    """Return an array (n, ...) of numbers where x is one, or can be read as one without being used up; else None."""
    if hasattr(x, "iloc") and hasattr(x, "to_numpy"):
        x = x.to_numpy()
    elif _is_tensor(x):
        x = x.numpy()
    elif isinstance(x, list) and x and isinstance(x[0], list | float | int):
        x = numpy.asarray(x)
    if not isinstance(x, numpy.ndarray) or x.ndim < 1 or x.dtype.kind not in "biuf":
        return None
    return x


def _is_tensor(x: Any) -> bool:
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and isinstance(x, tensorflow.Tensor) and hasattr(x, "numpy")


def _length(x: Any) -> int | None:
    """Return the rows of what can be cut: arrays, tensors, frames; None for anything else."""
    if isinstance(x, numpy.ndarray) or hasattr(x, "iloc") or _is_tensor(x):
        return int(x.shape[0]) if x.shape else None
    return None


def _shape(y: Any) -> list[int]:
    try:
        return [int(n) for n in numpy.shape(y)] if y is not None else []
    except Exception:  # noqa: BLE001 - ragged, or no array at all
        return []


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | numpy.integer) and value >= 0 else None


def _ended(model: Any, kind: str, value: Any) -> Record:
    """Return what a call came to: the numbers of `evaluate`, those of the last epoch of `fit`."""
    try:
        if kind == "fit":
            last = {name: series[-1] for name, series in value.history.items() if series}
            return {"epochs_done": len(value.epoch), "values": _named(last)}
        if kind == "evaluate":
            return {"values": _named(value if isinstance(value, dict) else dict(enumerate(_listed(value))))}
    except Exception:  # noqa: BLE001 - a notebook may return what it likes from its own `fit`
        return {}
    return {}


def _named(values: Any) -> list[list[Any]]:
    """Return [name, number] pairs; the first number of `evaluate` is the loss."""
    pairs = list(values.items())[:MAX_VALUES]
    return [["loss" if name == 0 else text(name), float(number)] for name, number in pairs]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
