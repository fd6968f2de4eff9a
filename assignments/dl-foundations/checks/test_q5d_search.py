"""Question 5, the small search: an Optuna study, or trials the student drew, and the best of them."""

import numpy as np
import pytest

from grader.checks import NeedsReview
from grader.errors import StudentError
from grader.probe import Missing
from grader.results import Table

RANGES = {"learning_rate": (1e-4, 1e-1), "units": (8, 128)}
SPELLINGS = {
    "learning_rate": ("learning_rate", "lr", "learningrate", "eta"),
    "units": ("units", "n_units", "hidden", "hidden_units", "n_hidden", "neurons"),
}
LEAST = 5


def need_optuna(check, notebook):
    """Leave the decision to a person where the notebook stopped because Optuna is not installed here."""
    for cell in notebook.execution.cells:
        if cell.error is not None and cell.error.name == "ModuleNotFoundError" and "optuna" in cell.error.message:
            raise NeedsReview("Optuna is not installed where this was graded: a person looks at your search.")


def best_of(check):
    """Return the student's best parameters as {"learning_rate": …, "units": …}."""
    value = check.student.get("best_params")
    if isinstance(value, Missing) or not value:
        study = check.student.get("study")
        value = study.best_params if not isinstance(study, Missing) else value
    if isinstance(value, Missing):
        raise value.error()
    if not isinstance(value, dict):
        check.fail('`best_params` has to be a dictionary with "learning_rate" and "units".')
    return named(value)


def named(parameters):
    """Return parameters by our names, as numbers; what is missing is left out."""
    plain = {str(key).lower(): value for key, value in parameters.items()} if isinstance(parameters, dict) else {}
    found = {}
    for name, spellings in SPELLINGS.items():
        value = next((plain[each] for each in spellings if each in plain), None)
        if isinstance(value, int | float | np.number) and not isinstance(value, bool):
            found[name] = float(value)
    return found


@pytest.mark.check("q5", points=1, needs="best_params", hint="trial.suggest_float(…, log=True) and trial.suggest_int.")
def test_search_space(check, notebook):
    """best_params has a learning rate and a number of units within the space of the search"""
    need_optuna(check, notebook)
    best = best_of(check)
    for name, (low, high) in RANGES.items():
        if name not in best:
            check.fail(f'`best_params` has no number under "{name}".')
        if not low * (1 - 1e-9) <= best[name] <= high * (1 + 1e-9):
            check.fail(
                f"The best {name}, {best[name]:.4g}, lies outside of the space of the search, {low:g} to {high:g}."
            )


@pytest.mark.check("q5", points=1, needs="best_params", hint="study.optimize(objective, n_trials=5) keeps every trial.")
def test_search_trials(check, notebook):
    """at least five different trials were made, and best_params is the best of them"""
    need_optuna(check, notebook)
    best, found = best_of(check), trials(check)
    different = {tuple(sorted(parameters.items())) for parameters, _ in found}
    if len(different) < LEAST:
        check.fail(
            f"We found {len(different)} different trials; at least five are asked for. Keep the study as `study`, or a "
            "list `trials` of (parameters, accuracy)."
        )
    check.show(as_table(found))
    values = [value for _, value in found]
    top = [parameters for parameters, value in found if value in (max(values), min(values))]
    if not any(same(best, parameters) for parameters in top):
        check.fail("`best_params` is not the best of your trials.")
    if not any(same(best, parameters) for parameters, value in found if value == max(values)):
        check.remark("the best is the trial with the lowest value: is the objective a loss?")


def trials(check):
    """Return [(parameters, value), …] of all trials that came to an end."""
    study = check.student.get("study")
    kept = study.trials if not isinstance(study, Missing) else check.student.get("trials")
    found = []
    for one in kept if isinstance(kept, list | tuple) else ():
        parameters, value = parts(one)
        if named(parameters) and isinstance(value, int | float | np.number) and np.isfinite(value):
            found.append((named(parameters), float(value)))
    return found


def parts(one):
    """Return the parameters and the value of a trial: of Optuna's, of a pair, or of a dictionary."""
    if isinstance(one, list | tuple):
        dicts = [part for part in one if isinstance(part, dict)]
        numbers = [part for part in one if not isinstance(part, dict)]
        return (dicts[0], numbers[0]) if dicts and numbers else (None, None)
    if isinstance(one, dict):
        value = next((one[key] for key in ("value", "accuracy", "val_accuracy", "score") if key in one), None)
        return one.get("params", one), value
    try:
        return one.params, one.value
    except (StudentError, AttributeError):
        return None, None


def same(one, other):
    """Tell whether two sets of parameters are the same."""
    return one.keys() == other.keys() and all(np.isclose(one[name], other[name], rtol=1e-6) for name in one)


def as_table(found):
    """Return the trials as evidence."""
    rows = tuple((f"{p.get('learning_rate', 0):.3g}", f"{p.get('units', 0):g}", f"{value:.4g}") for p, value in found)
    return Table(title="Your trials", columns=("learning rate", "units", "value"), rows=rows[:50])
