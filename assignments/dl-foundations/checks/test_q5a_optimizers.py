"""Question 5, optimizers: one step from a given state, and several steps from the beginning."""

import numpy as np
import pytest
from df_ask import attempted, spelled
from df_steppers import SETTINGS, STATE, Stepper, place_of

from grader.compare import compare_arrays, show
from grader.results import Text

HINTS = {
    "sgd": "w ← w − η g.",
    "momentum": "v ← β v − η g, then w ← w + v.",
    "rmsprop": "s ← ρ s + (1 − ρ) g², then w ← w − η g/(√s + ε).",
    "adagrad": "s ← s + g², then w ← w − η g/(√s + ε).",
    "adam": "m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², both divided by 1 − βᵗ, then w ← w − η m̂/(√v̂ + ε).",
}
HINT = "Update the state first and step with the new one: " + " ".join(HINTS[name] for name in ("momentum", "rmsprop"))
MOMENTA = {
    "v ← βv + ηg and w ← w − v": lambda w, g, v, rate, beta: w - (beta * v + rate * g),
    "v ← βv + g and w ← w − ηv": lambda w, g, v, rate, beta: w - rate * (beta * v + g),
}


def gradient(rng, n=4):
    """Return a gradient without entries near 0, where it would matter what ε is."""
    return rng.uniform(0.3, 2, size=n) * rng.choice([-1, 1], size=n)


def step_of(check, name, arguments):
    """Return the reference's answer as a tuple whose first part is the parameters."""
    answer = getattr(check.reference, f"{name}_step")(*arguments.values())
    return answer if isinstance(answer, tuple) else (answer,)


def state_in_motion(name, rng):
    """Return a state from the middle of training."""
    return {role: rng.normal(size=4) if role in {"velocity", "m"} else rng.uniform(0.5, 2, 4) for role in STATE[name]}


def fail(check, name, arguments, found, answer, more=""):
    """End the check with the parameters that were expected, and the misconception where there is one."""
    wanted = step_of(check, name, arguments)[0]
    difference = compare_arrays(found[0], wanted, name="The new parameters")

    def same(variant):
        return place_of(found, np.asarray(variant[0] if isinstance(variant, tuple) else variant)) is not None

    reason = difference.reason if difference is not None else "The new parameters are not right."
    check.fail(
        f"{reason}{more}",
        Text(title="What was asked", text=spelled(f"{name}_step", arguments)),
        Text(title="What came back", text=show(answer)),
        Text(title="The parameters expected", text=show(wanted), expected=True),
        diagnosis=check.reference.explain(f"{name}_step", tuple(arguments.values()), same),
    )


@pytest.mark.check("q5", points=5, hint=HINT)
@pytest.mark.parametrize("name", SETTINGS)
def test_one_step(check, notebook, rng, name):
    """one step from a state in the middle of training moves the parameters as the optimizer does"""
    attempted(notebook, f"{name}_step")
    w, g = rng.normal(size=4), gradient(rng)
    stepper = Stepper(check, name, SETTINGS[name], w.shape)
    if not stepper.is_object:
        stepper.state = state_in_motion(name, rng)
        stepper.t = int(rng.integers(1, 5))
    found = stepper.answer(w, g)
    arguments = stepper.arguments(w, g)
    if place_of(found, step_of(check, name, arguments)[0]) is not None:
        return
    if name == "momentum" and not stepper.is_object:
        for convention, step in MOMENTA.items():
            other = step(w, g, arguments["velocity"], arguments["learning_rate"], arguments["beta"])
            if place_of(found, other) is not None:
                check.remark(f"your momentum is {convention}: from v = 0 on that takes the same way")
                return
    fail(check, name, arguments, found, stepper.last)


@pytest.mark.check("q5", points=5, hidden=True, hint=HINT)
@pytest.mark.parametrize("name", SETTINGS)
def test_several_steps(check, notebook, rng, name):
    """six steps with changing gradients take the way that the optimizer takes"""
    attempted(notebook, f"{name}_step")
    w = rng.normal(size=4)
    stepper = Stepper(check, name, SETTINGS[name], w.shape)
    state = [np.zeros(4) for _ in STATE[name]]
    ours = w
    for number in range(1, 7):
        g = gradient(rng)
        found = stepper.answer(w, g)
        t = [number] if name == "adam" else []
        arguments = dict(zip(stepper.arguments(ours, g), [ours, g, *state, *t, *SETTINGS[name].values()], strict=True))
        ours, *state = step_of(check, name, arguments)
        place = place_of(found, ours)
        if place is None:
            fail(check, name, arguments, found, stepper.last, f" That was step number {number}, from a state of zeros.")
        w = found[place]
        if name != "sgd":
            stepper.keep(found, place)
