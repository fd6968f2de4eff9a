"""Question 5, learning-rate schedules at given epochs."""

import numpy as np
import pytest
from df_ask import RTOL, Form, attempted, call, find, first_that_holds, has, judge, role_of, spelled
from df_classes import class_called, made, method_of
from df_values import leaves, number_array

from grader.compare import compare_arrays, show
from grader.errors import StudentError
from grader.probe import Missing, is_handle, parameters_of
from grader.results import Text

HINTS = (
    "Epochs count from 0. Step: initial · drop^⌊epoch/every⌋. Exponential: initial · e^(−k epoch). Cosine: minimum + "
    "½(initial − minimum)(1 + cos(π epoch/total)). One cycle: in straight lines from maximum/10 up to maximum at half "
    "of the time, and back."
)
SETTINGS = {
    "step_decay": {"initial": 0.2, "drop": 0.4, "every": 6},
    "exponential_decay": {"initial": 0.3, "k": 0.07},
    "cosine_annealing": {"initial": 0.1, "total": 24, "minimum": 0.004},
    "one_cycle": {"maximum": 0.08, "total": 24},
}
PLATEAU = ("reduce_on_plateau", "reduce_lr_on_plateau", "plateau_schedule")
CALLBACKS = ("ReduceOnPlateau", "ReduceLROnPlateau", "ReduceLrOnPlateau", "PlateauScheduler")
METHODS = ("step", "update", "on_epoch_end")
EPOCHS = (1, 5, 6, 11, 12, 19, 23, 24, 0)
OTHERS = {
    "step_decay": ("step_schedule", "step_lr"),
    "exponential_decay": ("exp_decay", "exponential_schedule", "exponential_lr"),
    "cosine_annealing": ("cosine_schedule", "cosine_decay", "cosine_lr"),
    "one_cycle": ("onecycle", "one_cycle_lr", "one_cycle_schedule"),
}


@pytest.mark.check("q5", points=3, hint=HINTS)
@pytest.mark.parametrize("name", SETTINGS)
def test_schedule(check, notebook, name):
    """the schedule gives the right rate at every epoch we asked for"""
    attempted(notebook, name)
    function = find(check, name, *OTHERS[name])
    for epoch in EPOCHS:
        given = {"epoch": epoch, **SETTINGS[name]}
        want = getattr(check.reference, name)(*given.values())
        explain = (name, tuple(given.values()))
        judge(check, rate_at(check, function, given), want, asked=spelled(name, given), explain=explain, atol=1e-12)


def rate_at(check, function, given):
    """Return the rate of an epoch, also where the answer is a function of the epoch or holds the rates of all."""
    named = [parameter for parameter, _, _ in parameters_of(function) or ()]
    if len(named) >= len(given) or any(role_of(each, {"epoch": 0}) for each in named):
        return call(check, function, given)
    got = call(check, function, {role: value for role, value in given.items() if role != "epoch"})
    if is_handle(got):
        check.remark("your schedule returns a function of the epoch")
        return got(given["epoch"])
    rates = number_array(got)
    if rates is not None and rates.ndim == 1 and rates.size > given["epoch"]:
        check.remark("your schedule returns the rates of all epochs")
        return rates[given["epoch"]]
    return got


@pytest.mark.check(
    "q5",
    points=1,
    needs="reduce_on_plateau",
    hint="Count the epochs in a row without a new lowest loss; at `patience` multiply the rate and count from 0 again.",
)
@pytest.mark.parametrize("patience", [2, 3])
def test_reduce_on_plateau(check, rng, patience):
    """reduce_on_plateau lowers the rate after `patience` epochs in a row without a new lowest loss"""
    losses = [1.0, 0.8, 0.85, 0.9, 0.82, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.6, 0.5, 0.5, 0.55]
    losses = np.array(losses) * rng.uniform(0.5, 2)
    given = {"losses": losses, "initial": 0.1, "factor": 0.5, "patience": patience}
    want = check.reference.reduce_on_plateau(*given.values())

    def ask(form):
        got = rates_of(check, form.send(given))
        if not holds(got, want):
            check.fail(
                "The rates after each epoch are not right.",
                Text(title="What was asked", text=spelled("reduce_on_plateau", given)),
                Text(title="What came back", text=show(got)),
                Text(title="The rates expected", text=show(want), expected=True),
                diagnosis=check.reference.explain(
                    "reduce_on_plateau",
                    tuple(given.values()),
                    lambda variant: holds(got, variant),
                ),
            )

    forms = (Form(), Form(send=lambda g: g | {"losses": losses.tolist()}))
    first_that_holds(check, [(form.note, lambda form=form: ask(form)) for form in forms])


def rates_of(check, given):
    """Return the rates after each epoch: what a function gives, or an object that is told one loss after another."""
    klass = None if any(has(check, name) for name in PLATEAU) else class_called(check, CALLBACKS, METHODS)
    if klass is None:
        return call(check, find(check, *PLATEAU), given)
    thing = made(check, klass, given)
    step = method_of(check, thing, klass, METHODS)
    rates = []
    for loss in given["losses"]:
        answer = number_array(step(float(loss)))
        rates.append(float(answer) if answer is not None and answer.size == 1 else rate_in(thing))
    return rates


def rate_in(thing):
    """Return the learning rate that an object holds."""
    for name in ("lr", "learning_rate", "rate", "current_lr"):
        value = getattr(thing, name)
        if not isinstance(value, Missing):
            return float(value)
    raise StudentError("Your class for reduce_on_plateau neither returns the rate nor keeps it as `lr`.")


def holds(answer, want):
    """Tell whether an answer holds the rates; one number counts only where there is nothing else."""
    found = list(leaves(answer))
    return any(same_rates(leaf, want) for leaf in [leaf for leaf in found if leaf.size > 1] or found)


def same_rates(got, want):
    """Tell whether an answer holds the rates: after each epoch, with the first one before them, or the last alone."""
    want = np.asarray(want, dtype=float)
    candidates = {want.size: got.reshape(-1), want.size + 1: got.reshape(-1)[1:]}
    if got.size == 1:
        return compare_arrays(got.reshape(()), want[-1], rtol=RTOL) is None
    mine = candidates.get(got.size)
    return mine is not None and compare_arrays(mine, want, rtol=RTOL) is None
