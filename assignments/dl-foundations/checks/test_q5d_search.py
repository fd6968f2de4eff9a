"""Question 5, the small search: an Optuna study, or trials the student drew, and the best of them."""

import numpy as np
import pytest
from df_search import all_trials, best_parameters, study_of

from grader.checks import NeedsReview
from grader.errors import NotDefined
from grader.results import Table

RANGES = {"learning_rate": (1e-4, 1e-1), "units": (8, 128)}
LEAST = 5


def search_of(check, notebook):
    """Return (the best parameters, the trials); a person decides where Optuna is not there to make them."""
    study = study_of(check)
    best = best_parameters(check, notebook, study)
    if best is not None:
        return best, all_trials(check, notebook, study)
    for cell in notebook.execution.cells:
        if cell.error is not None and cell.error.name == "ModuleNotFoundError" and "optuna" in cell.error.message:
            raise NeedsReview("Optuna is not installed where this was graded: a person looks at your search.")
    if "best_params" in check.student:
        check.fail('`best_params` has to be a dictionary with "learning_rate" and "units".')
    nothing = NotDefined("Your notebook does not define `best_params`.")
    nothing.name = "best_params"
    raise nothing


@pytest.mark.check("q5", points=1, needs="best_params", hint="trial.suggest_float(…, log=True) and trial.suggest_int.")
def test_search_space(check, notebook):
    """best_params has a learning rate and a number of units within the space of the search"""
    best, _ = search_of(check, notebook)
    for name, (low, high) in RANGES.items():
        if name not in best:
            check.fail(f'`best_params` has no number under "{name}".')
        if not low * (1 - 1e-3) <= best[name] <= high * (1 + 1e-3):
            check.fail(
                f"The best {name}, {best[name]:.4g}, lies outside of the space of the search, {low:g} to {high:g}."
            )


@pytest.mark.check("q5", points=1, needs="best_params", hint="study.optimize(objective, n_trials=5) keeps every trial.")
def test_search_trials(check, notebook):
    """at least five different trials were made, and best_params is the best of them"""
    best, found = search_of(check, notebook)
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


def same(one, other):
    """Tell whether two sets of parameters are the same, as far as they were printed."""
    return one.keys() == other.keys() and all(np.isclose(one[name], other[name], rtol=1e-2) for name in one)


def as_table(found):
    """Return the trials as evidence."""
    rows = tuple((f"{p.get('learning_rate', 0):.3g}", f"{p.get('units', 0):g}", f"{value:.4g}") for p, value in found)
    return Table(title="Your trials", columns=("learning rate", "units", "value"), rows=rows[:50])
