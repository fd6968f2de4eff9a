"""The trainings of several optimizers: which optimizer is meant by a name, and the series that `fit` returned."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from df_values import number_array

from grader.checks import Check
from grader.errors import StudentError
from grader.probe import Missing, is_handle

Series = dict[str, np.ndarray]

OPTIMIZERS = ("adagrad", "adadelta", "adamax", "nadam", "adamw", "adam", "rmsprop", "momentum", "nesterov", "sgd")
PLACES = ("histories", "history_dict", "hists", "all_histories", "results", "history", "optimizer_histories")


def optimizer_in(text: object) -> str:
    """Return which optimizer a name means, "" where none is known; "SGD with momentum" is momentum."""
    plain = re.sub(r"[^a-z]", "", str(text).lower())
    return next((name for name in OPTIMIZERS if name in plain), "")


def label_names(label: str, optimizer: str) -> bool:
    """Tell whether a legend's label names an optimizer, "SGD, momentum 0.9" for "SGD" too."""
    return optimizer_in(optimizer) in re.sub(r"[^a-z]", "", label.lower())


def histories(check: Check, models: Any) -> dict[str, Series]:
    """Return {the student's name: {"val_loss": (n_epochs,), …}} of the four trainings.

    They are in a dictionary by the optimizer's name, else in what Keras models still know of their training.
    """
    defined = {thing.name for thing in check.student.things()}
    for place in PLACES:
        value = check.student.get(place) if place in defined else None
        if isinstance(value, Mapping):
            found = {str(n): series_of(one) or _alone(one, models) for n, one in value.items() if optimizer_in(n)}
            if len(found) >= 2:
                return {name: series for name, series in found.items() if series}
    return _of_models(models) or _of_variables(check, defined)


def series_of(value: Any) -> Series:
    """Return the series of a History, of its dictionary, or of a result that holds one; empty where there is none."""
    if is_handle(value):
        return _of_object(value)
    if isinstance(value, Missing) or not isinstance(value, Mapping):
        return {}
    if "history" in value:
        return series_of(value["history"])
    arrays = {str(name): number_array(numbers) for name, numbers in value.items()}
    return {name: array for name, array in arrays.items() if array is not None and array.ndim == 1 and array.size}


def _of_object(value: Any) -> Series:
    """Return the series of a `History`, or of the columns of a DataFrame."""
    try:
        if not isinstance(value.history, Missing):
            return series_of(value.history)
        return {} if isinstance(value.to_dict, Missing) else series_of(value.to_dict("list"))
    except StudentError:
        return {}


def _alone(value: Any, models: Any) -> Series:
    """Return a list of numbers under the name of the metric in which one of the trainings we saw ended so."""
    numbers = number_array(value)
    if numbers is None or numbers.ndim != 1 or not numbers.size:
        return {}
    runs = [run for run in models.runs(kind="fit") if run.epochs_done == numbers.size]
    metrics = {key: last for run in runs for key, last in run.values.items() if np.isclose(last, numbers[-1])}
    return {key: numbers for key in sorted(metrics, key=lambda key: not key.startswith("val_"))[:1]}


def _of_models(models: Any) -> dict[str, Series]:
    found = {}
    for network in models.all():
        compiled, history = network.model.compiled, network.history
        if compiled is not None and history is not None and len(network.model.input_shape) != 2:
            found[optimizer_in(compiled.optimizer) or compiled.optimizer] = {
                name: np.asarray(values, dtype=float) for name, values in history.series.items()
            }
    return found


def _of_variables(check: Check, defined: set[str]) -> dict[str, Series]:
    """Return histories in variables of their own, called `history_adam` or the like."""
    names = [name for name in defined if name.lower().startswith("hist") and optimizer_in(name)]
    found = {name: series_of(check.student.get(name)) for name in sorted(names)}
    return {name: series for name, series in found.items() if series}


def best_by(series: Mapping[str, Series]) -> dict[str, str]:
    """Return which optimizer is best by each sensible measure: {measure: the student's name}."""
    keys = sorted(set.intersection(*(set(one) for one in series.values()))) if series else []
    measures: dict[str, Callable[[np.ndarray], float]] = {}
    best = {}
    for key in keys:
        if "acc" in key:
            measures = {"last": lambda a: float(a[-1]), "best": lambda a: float(a.max())}
        elif "loss" in key:
            measures = {"last": lambda a: -float(a[-1]), "best": lambda a: -float(a.min())}
        else:
            continue
        for which, measure in measures.items():
            top = max(measure(one[key]) for one in series.values())
            winners = [name for name, one in series.items() if measure(one[key]) == top]
            best[f"{which} {key}"] = " or ".join(winners)
    return best
