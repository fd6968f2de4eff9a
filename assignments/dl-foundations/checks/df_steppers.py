"""An optimizer of a notebook, as a function (state in, state out) or as a class, made to take steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from df_ask import RTOL, call, find, has, role_of
from df_values import fitted, leaves

from grader.checks import Check
from grader.compare import compare_arrays, show
from grader.errors import NotDefined
from grader.probe import Missing, is_handle, parameters_of
from grader.results import Text

SETTINGS: dict[str, dict[str, float]] = {
    "sgd": {"learning_rate": 0.05},
    "momentum": {"learning_rate": 0.05, "beta": 0.8},
    "rmsprop": {"learning_rate": 0.02, "rho": 0.85, "epsilon": 1e-8},
    "adagrad": {"learning_rate": 0.1, "epsilon": 1e-8},
    "adam": {"learning_rate": 0.02, "beta1": 0.85, "beta2": 0.97, "epsilon": 1e-8},
}
STATE = {"sgd": (), "momentum": ("velocity",), "rmsprop": ("squares",), "adagrad": ("squares",), "adam": ("m", "v")}
CLASSES = {
    "sgd": ("SGD", "Sgd"),
    "momentum": ("Momentum", "SGDMomentum", "MomentumSGD", "SGDWithMomentum"),
    "rmsprop": ("RMSprop", "RMSProp", "Rmsprop"),
    "adagrad": ("AdaGrad", "Adagrad"),
    "adam": ("Adam",),
}
FUNCTIONS = ("{}_step", "{}_update", "{}", "update_{}", "step_{}", "{}_optimizer")
METHODS = ("step", "update", "apply", "apply_gradients", "update_params")


class Stepper:
    """Takes steps with a student's optimizer; a function gets its state as arguments and has to return it."""

    def __init__(self, check: Check, name: str, settings: dict[str, float], shape: tuple[int, ...]) -> None:
        self._check, self._name, self._settings = check, name, settings
        self.state: dict[str, np.ndarray] = {role: np.zeros(shape) for role in STATE[name]}
        self.t = 0
        self.last: Any = None
        self._object, self._function = None, None
        klass = next((each for each in CLASSES[name] if has(check, each)), None)
        names = [spelling.format(name) for spelling in FUNCTIONS]
        if klass is not None and not any(has(check, each) for each in names):
            self._object = self._made(klass)
        else:
            self._function = find(check, *names)

    @property
    def is_object(self) -> bool:
        """Whether it is a class, whose state cannot be set."""
        return self._object is not None

    def arguments(self, w: np.ndarray, g: np.ndarray) -> dict[str, Any]:
        """Return the arguments of the next step by role."""
        step = {"t": self.t} if self._name == "adam" else {}
        return {"w": w, "g": g, **self.state, **step, **self._settings}

    def answer(self, w: np.ndarray, g: np.ndarray) -> list[np.ndarray]:
        """Take a step and return all arrays of the parameters' shape in the answer."""
        self.t += 1
        if self._object is not None:
            self.last = self._object(w, g)
        else:
            self.last = call(self._check, self._function, self.arguments(w, g))
        fitting = [fitted(leaf, w.shape) for leaf in leaves(self.last)]
        found = [each for each in fitting if each is not None]
        if not found:
            self._check.fail(
                f"`{self._name}_step` has to return the new parameters (and its new state).",
                Text(title="What came back", text=show(self.last)),
            )
        return found

    def keep(self, found: Sequence[np.ndarray], place: int) -> None:
        """Remember the state: what was returned beside the parameters at `place`."""
        if self._object is not None:
            return
        rest = [each for i, each in enumerate(found) if i != place]
        if len(rest) < len(self.state):
            needed = ", ".join(f"`{role}`" for role in self.state)
            self._check.fail(
                f"`{self._name}_step` has to return its new state too ({needed}): the next step goes on from it.",
                Text(title="What came back", text=show(self.last)),
            )
        self.state = dict(zip(self.state, rest, strict=False))

    def _made(self, klass: str) -> Any:
        """Return the step method of an object made with the settings its constructor knows."""
        made = self._check.student.get(klass)
        known = {
            name: self._settings[role]
            for name, _, _ in parameters_of(made) or ()
            if (role := role_of(name, self._settings)) is not None
        }
        thing = made(**known)
        for method in METHODS:
            found = getattr(thing, method)
            if not isinstance(found, Missing) and is_handle(found):
                self._check.remark(f"your class `{klass}` was used, by its `{method}`")
                return found
        raise NotDefined(f"Your class `{klass}` has no method `step(w, g)` or `update(w, g)`.")


def place_of(found: Sequence[np.ndarray], wanted: np.ndarray) -> int | None:
    """Return where the wanted parameters are in an answer, None where nowhere."""
    return next((i for i, each in enumerate(found) if compare_arrays(each, wanted, rtol=RTOL) is None), None)
