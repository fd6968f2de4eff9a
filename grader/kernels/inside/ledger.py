"""What models were given: every `fit`, `evaluate` and `predict` of Keras, and every fit of a scaler of scikit-learn.

A call is recorded as plain data: how many rows, their range, a print of each (see prints.py), what came of it. Nothing
is changed by that, and nothing is consumed: data that can only be read once, or not looked at, is left alone. `fit`
is capped where the assignment has a budget (see caps.py), and the journal says so.

Calls of checks are capped too, and not recorded; nor are calls inside others, such as the validation in `fit`.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import weakref
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside.caps import BATCH, cap, rows_of
    from grader.kernels.inside.hooks import AfterImport
    from grader.kernels.inside.journal import Journal
    from grader.kernels.inside.plain import text
    from grader.kernels.inside.prints import prints_of
else:
    from caps import BATCH, cap, rows_of
    from plain import text
    from prints import prints_of

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

KINDS = ("fit", "evaluate", "predict")
SCALERS = {"StandardScaler": "partial_fit", "MinMaxScaler": "partial_fit", "MaxAbsScaler": "partial_fit"}
SCALERS |= {"RobustScaler": "fit"}
MAX_RUNS = 500
MAX_PRINTS = 4_000_000  # of all calls; equal ones are kept once
MAX_FEATURES = 100
MAX_MOMENTS = 20_000_000  # numbers of which means and deviations are taken
MAX_LISTED = 1_000_000  # numbers in lists that are looked at
MAX_VALUES = 50
MAX_ERROR = 300

Record = dict[str, Any]
Array = numpy.ndarray[Any, Any]

_ndarray, _asarray, _isfinite, _errstate = numpy.ndarray, numpy.asarray, numpy.isfinite, numpy.errstate


class Ledger:
    """The calls so far; `budget` holds the epochs and rows that `fit` may have, None for any number."""

    def __init__(self, journal: Journal) -> None:
        self.budget: dict[str, int | None] = {}
        self._journal = journal
        self._runs: list[tuple[Callable[[], Any], Record]] = []
        self._n_dropped = 0
        self._scalers: list[Record] = []
        self._tables: list[Array] = []
        self._numbers: dict[tuple[int, int], int] = {}
        self._busy = False

    def contents(self, number_of: Callable[[Any], int | None], max_bytes: int) -> Record:
        """Return all calls, each with its model's number, and the fits of scalers; prints take half of `max_bytes`."""
        runs = [{**record, "model": number_of(model())} for model, record in self._runs]
        sizes = numpy.cumsum([table.nbytes for table in self._tables])
        tables = self._tables[: int(numpy.searchsorted(sizes, max_bytes // 2, side="right"))]
        return {"runs": runs, "n_dropped": self._n_dropped, "scalers": self._scalers, "prints": tables}

    def call(self, kind: str, original: Callable[..., Any], given: inspect.BoundArguments, model: Any) -> Any:
        """Make a call of a model's method, capped by the budget, and record it."""
        __tracebackhide__ = True
        asked = given.arguments.get("epochs", 1)
        capped = self._cap(given.arguments) if kind == "fit" else ""
        if self._busy or self._journal.cell is None:
            return original(*given.args, **given.kwargs)
        record = self._begun(kind, given.arguments, asked, capped)
        before, value = _history(model), None
        self._busy = True
        try:
            value = original(*given.args, **given.kwargs)
            return value
        except BaseException as error:
            record["error"] = text(f"{type(error).__name__}: {text(error)}")[:MAX_ERROR]
            raise
        finally:
            self._busy = False
            self._keep(model, record | _outcome(kind, model, before, value))

    def scale(self, scaler: Any, data: Any) -> None:
        """Record the fit of a scaler."""
        if self._journal.cell is not None and len(self._scalers) < MAX_RUNS:
            self._scalers.append({"name": text(type(scaler).__name__), "cell": self._journal.cell, **_columns(data)})

    def _cap(self, given: Record) -> str:
        sentence = cap(given, self.budget)
        if sentence:
            self._journal.note(sentence)
        return sentence

    def _begun(self, kind: str, given: Record, asked: Any, capped: str) -> Record:
        """Return what is known of a call before it is made."""
        x = _described(given.get("x"))
        size = _count(given.get("batch_size"))
        return {
            "kind": kind,
            "cell": self._journal.cell,
            **x,
            "prints": self._kept_prints(x["prints"]),
            "label_shape": _shape(given.get("y")),
            "epochs": _count(asked) if kind == "fit" else None,
            "batch_size": BATCH if size is None and x["rows"] is not None else size,
            **self._validation(given),
            "capped": capped,
        }

    def _validation(self, given: Record) -> Record:
        """Return the rows that are kept for validation: a share of all, the last ones, or others."""
        split, others = given.get("validation_split", 0.0), given.get("validation_data")
        known = _described(others[0] if isinstance(others, tuple | list) and others else others)
        fraction = float(split) if isinstance(split, int | float) else 0.0
        rows = known["rows"]
        if others is None and 0 < fraction < 1 and (n := _rows_or_none(given.get("x"))) is not None:
            rows = n - int(n * (1 - fraction))
        return {
            "validation_split": fraction,
            "validation_rows": rows,
            "validation_prints": self._kept_prints(known["prints"]),
        }

    def _kept_prints(self, prints: Array | None) -> int | None:
        """Return the number of prints among those that are kept, None for none or when there are too many."""
        if prints is None:
            return None
        key = (len(prints), hash(prints.tobytes()))
        if key not in self._numbers and sum(map(len, self._tables)) + len(prints) <= MAX_PRINTS:
            self._numbers[key] = len(self._tables)
            self._tables.append(prints)
        return self._numbers.get(key)

    def _keep(self, model: Any, record: Record) -> None:
        """Keep a call; of too many, the oldest of the cell and kind with the most goes."""
        self._runs.append((weakref.ref(model), record))
        if len(self._runs) > MAX_RUNS:
            places = [(one["cell"], one["kind"]) for _, one in self._runs]
            del self._runs[places.index(Counter(places).most_common(1)[0][0])]
            self._n_dropped += 1


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
    signature = inspect.signature(original)

    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return original(*args, **kwargs)  # it says itself what is wrong with the arguments
        return ledger.call(kind, original, given, args[0])

    return method


def _scaled(original: Callable[..., Any], ledger: Ledger) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        scaler = original(*args, **kwargs)
        ledger.scale(scaler, args[1] if len(args) > 1 else kwargs.get("X"))
        return scaler

    return method


# --- looking at data -----------------------------------------------------------------------------------------------


def _described(x: Any) -> Record:
    """Return what can be said of the data of a call, nothing of what cannot be looked at."""
    unknown = dict.fromkeys(("rows", "low", "high", "prints"))
    nothing: Record = {**unknown, "shape": [], "means": [], "deviations": []}
    try:
        rows = _rows(x)
        if rows is None or not rows.size:
            return nothing
        with _errstate(all="ignore"):
            low, high = _range(rows)
            found = {"low": low, "high": high, "prints": prints_of(rows), **_moments(rows)}
        return {**nothing, "rows": len(rows), "shape": list(rows.shape), **found}
    except Exception:  # noqa: BLE001 - whatever a notebook trains on, the call is made
        return nothing


def _columns(data: Any) -> Record:
    """Return rows, features and means of what a scaler was fitted on."""
    try:
        rows = _rows(data)
        if rows is None or rows.ndim != 2:
            return {}
        with _errstate(all="ignore"):
            means = _moments(rows).get("means", [])
        return {"rows": len(rows), "features": rows.shape[1], "means": means}
    except Exception:  # noqa: BLE001 - as above
        return {}


def _range(rows: Array) -> tuple[float | None, float | None]:
    """Return the smallest and the largest finite number, None where there is none."""
    low, high = float(rows.min()), float(rows.max())
    if _isfinite(low) and _isfinite(high):
        return low, high
    finite = rows[_isfinite(rows)]
    return (float(finite.min()), float(finite.max())) if finite.size else (None, None)


def _moments(rows: Array) -> Record:
    """Return mean and deviation of each feature, where there are few."""
    if rows.ndim != 2 or not len(rows) or rows.shape[1] > MAX_FEATURES or rows.size > MAX_MOMENTS:
        return {}
    means, deviations = rows.mean(axis=0, dtype=numpy.float64), rows.std(axis=0, dtype=numpy.float64)
    return {"means": means.tolist(), "deviations": deviations.tolist()}


def _rows(x: Any) -> Array | None:
    """Return an array (n, ...) of numbers where x is one, or can be read as one without being used up; else None."""
    if (hasattr(x, "iloc") and hasattr(x, "to_numpy")) or _is_tensor(x):
        x = x.to_numpy() if hasattr(x, "to_numpy") else x.numpy()
    elif isinstance(x, list) and _is_short(x):
        x = _asarray(x)
    if not isinstance(x, _ndarray) or x.ndim < 1 or x.dtype.kind not in "biuf":
        return None
    return _asarray(x)


def _is_tensor(x: Any) -> bool:
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and isinstance(x, tensorflow.Tensor | tensorflow.Variable) and hasattr(x, "numpy")


def _is_short(x: Any) -> bool:
    """Tell whether a list holds numbers, in lists or not, that are few enough to be looked at."""
    n, first = 1, x
    while isinstance(first, list) and first:
        n, first = n * len(first), first[0]
    return isinstance(first, int | float) and n <= MAX_LISTED


def _rows_or_none(x: Any) -> int | None:
    try:
        return rows_of(x)
    except Exception:  # noqa: BLE001 - as above
        return None


def _shape(y: Any) -> list[int]:
    try:
        shape = numpy.shape(y) if isinstance(y, list) else getattr(y, "shape", ())
        return [int(n) for n in shape]
    except Exception:  # noqa: BLE001 - ragged, or no array at all
        return []


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | numpy.integer) and value >= 0 else None


# --- what came of it -----------------------------------------------------------------------------------------------


def _outcome(kind: str, model: Any, before: Any, value: Any) -> Record:
    """Return what a call came to: the numbers of `evaluate`, those of the last epoch of `fit`, also where it raised."""
    try:
        history = _history(model)
        if kind == "fit" and history is not before:
            last = {name: series[-1] for name, series in history.history.items() if series}
            return {"epochs_done": len(history.epoch), "values": _numbers(last)}
        if kind == "evaluate" and value is not None:
            return {"values": _numbers(value if isinstance(value, dict) else _named(model, value))}
    except Exception:  # noqa: BLE001 - a notebook's own callbacks and metrics
        return {}
    return {}


def _history(model: Any) -> Any:
    try:
        return getattr(model, "history", None)
    except Exception:  # noqa: BLE001 - a property of the notebook's own class
        return None


def _named(model: Any, values: Any) -> Record:
    """Return what `evaluate` returned by the names of the metrics, by their places where those are not known."""
    values = values if isinstance(values, list | tuple) else [values]
    names = []
    for metric in model.metrics:
        names += [one.name for one in getattr(metric, "metrics", [metric])]
    if len(names) != len(values):
        names = ["loss", *map(str, range(1, len(values)))]
    return dict(zip(names, values, strict=True))


def _numbers(values: Record) -> Record:
    return {text(name): float(number) for name, number in list(values.items())[:MAX_VALUES]}
