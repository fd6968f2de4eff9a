"""A small search: the trials and the best parameters in an Optuna study, in plain values, or as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from df_ask import has

from grader.checks import Check, NotebookView
from grader.errors import StudentError
from grader.probe import Missing, is_handle

Parameters = dict[str, float]
Trial = tuple[Parameters, float]

SPELLINGS = {
    "learning_rate": ("learning_rate", "learning rate", "lr", "learningrate", "eta"),
    "units": ("units", "n_units", "hidden_units", "n_hidden", "hidden", "neurons"),
}
BESTS = ("best_params", "best_parameters", "best_hyperparameters", "best_config", "best_trial_params")
TRIALS = ("trials", "results", "search_results", "all_trials", "trial_results")
VALUES = ("value", "accuracy", "val_accuracy", "val_acc", "acc", "score")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
MOST_OBJECTS = 40


def study_of(check: Check) -> Any:
    """Return the Optuna study, whatever it is called; None where there is none."""
    things = [thing for thing in check.student.things() if thing.kind == "object"]
    for thing in sorted(things, key=lambda thing: "study" not in thing.name.lower())[:MOST_OBJECTS]:
        value = check.student.read(thing.path)
        if is_handle(value) and "Study" in repr(value) and not isinstance(value.trials, Missing):
            return value
    return None


def best_parameters(check: Check, notebook: NotebookView, study: Any) -> Parameters | None:
    """Return the best parameters: of a variable, of the study, or the last that were printed as the best."""
    for name in BESTS:
        value = check.student.get(name) if has(check, name) else None
        if isinstance(value, Mapping) and value:
            return named(value)
    if study is not None:
        return named(study.best_params)
    printed = list(printed_parameters(notebook))
    if printed:
        check.remark("the best parameters were read from what you printed")
        return next((found for found, best in reversed(printed) if best), printed[-1][0])
    return None


def all_trials(check: Check, notebook: NotebookView, study: Any) -> list[Trial]:
    """Return the trials that came to an end: of the study, of a list, or those that were printed."""
    kept = study.trials if study is not None else None
    for name in TRIALS:
        if kept is None and has(check, name):
            kept = check.student.get(name)
    found = [trial for one in kept if (trial := _trial(one)) is not None] if isinstance(kept, list | tuple) else []
    return found or list(printed_trials(notebook))


def named(parameters: Any) -> Parameters:
    """Return parameters by our names, as numbers; what is missing is left out."""
    plain = {str(key).lower(): value for key, value in parameters.items()} if isinstance(parameters, Mapping) else {}
    found = {}
    for name, spellings in SPELLINGS.items():
        value = next((plain[each] for each in spellings if each in plain), None)
        if isinstance(value, int | float | np.number) and not isinstance(value, bool):
            found[name] = float(value)
    return found


def _trial(one: Any) -> Trial | None:
    parameters, value = _parts(one)
    found = named(parameters)
    number = isinstance(value, int | float | np.number) and np.isfinite(value)
    return (found, float(value)) if found and number else None


def _parts(one: Any) -> tuple[Any, Any]:
    """Return the parameters and the value of a trial: of Optuna's, of a tuple, or of a dictionary."""
    if isinstance(one, list | tuple):
        dicts = [part for part in one if isinstance(part, dict)]
        numbers = [part for part in one if not isinstance(part, dict)]
        if not dicts and len(numbers) == 3:  # (learning rate, units, accuracy)
            return dict(zip(SPELLINGS, numbers, strict=False)), numbers[2]
        return (dicts[0], numbers[0]) if dicts and numbers else (None, None)
    if isinstance(one, dict):
        value = next((one[key] for key in VALUES if key in one), None)
        return one.get("params", one), value
    try:
        return one.params, one.value
    except (StudentError, AttributeError):
        return None, None


# --- what was printed ---------------------------------------------------------------------------------------------


def _lines(notebook: NotebookView) -> Iterator[str]:
    for cell in notebook.execution.cells:
        for output in cell.outputs:
            if output.mime == "text/plain" or output.mime.endswith("stderr"):  # Optuna logs to the latter
                yield from output.data.splitlines()


def _read(line: str) -> tuple[Parameters, str]:
    """Return the parameters in a line, and the line without them."""
    found, rest = {}, line
    for name, spellings in SPELLINGS.items():
        words = "|".join(map(re.escape, spellings))
        hit = re.search(rf"['\"]?\b(?:{words})\b['\"]?\s*[:=]\s*({NUMBER})", rest, re.IGNORECASE)
        if hit is not None:
            found[name] = float(hit[1])
            rest = rest[: hit.start()] + rest[hit.end() :]
    return found, rest


def printed_parameters(notebook: NotebookView) -> Iterator[tuple[Parameters, bool]]:
    """Yield the parameters of every line with both, and whether the line, or the one before, calls them the best."""
    before = ""
    for line in _lines(notebook):
        found, _ = _read(line)
        if len(found) == len(SPELLINGS):
            is_log = "finished with value" in line  # Optuna's own lines end with "Best is trial 3 …"
            yield found, not is_log and "best" in f"{before} {line}".lower()
        before = line


def printed_trials(notebook: NotebookView) -> Iterator[Trial]:
    """Yield the trials of lines with both parameters and a further number, the value."""
    for line in _lines(notebook):
        found, rest = _read(line)
        rest = re.sub(r"(?i)\b(?:trial|run|nr|no)\W*\d+", "", re.sub(r"^\[.*?\]", "", rest))
        values = re.findall(rf"(?:[:=]|value)\s*({NUMBER})", rest)
        if len(found) == len(SPELLINGS) and values and "best" not in line.lower().partition("finished with")[0]:
            yield found, float(values[0])
