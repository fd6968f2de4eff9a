"""An optimizer of a notebook, as a function (state in, state out) or as a class, made to take steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from df_ask import RTOL, call, find, has
from df_classes import made, method_of
from df_values import fitted, leaves

from grader.checks import Check
from grader.compare import compare_arrays, show
from grader.errors import CallTimedOut, StudentError
from grader.probe import Handle, Place
from grader.results import Text

SETTINGS: dict[str, dict[str, float]] = {
    "sgd": {"learning_rate": 0.05},
    "momentum": {"learning_rate": 0.05, "beta": 0.8},
    "rmsprop": {"learning_rate": 0.02, "rho": 0.85, "epsilon": 1e-8},
    "adagrad": {"learning_rate": 0.1, "epsilon": 1e-8},
    "adam": {"learning_rate": 0.02, "beta1": 0.85, "beta2": 0.97, "epsilon": 1e-8},
}
STATE = {"sgd": (), "momentum": ("velocity",), "rmsprop": ("squares",), "adagrad": ("squares",), "adam": ("m", "v")}
KEYS = {"velocity": "v", "squares": "s"}
CLASSES = {
    "sgd": ("SGD", "Sgd"),
    "momentum": ("Momentum", "SGDMomentum", "MomentumSGD", "SGDWithMomentum"),
    "rmsprop": ("RMSprop", "RMSProp", "Rmsprop"),
    "adagrad": ("AdaGrad", "Adagrad"),
    "adam": ("Adam",),
}
FUNCTIONS = ("{}_step", "{}_update", "{}", "update_{}", "step_{}", "{}_optimizer")
METHODS = ("step", "update", "apply", "apply_gradients", "update_params")

SMALL = 1e-5  # which ε keeps from dividing by 0 must not matter

Wrap = Callable[[np.ndarray], Any]
KEPT = (("item", "_grader_parameters"),)  # the parameters, where a step that changes them in place can be seen
WAYS: dict[str, Wrap] = {
    "": lambda array: array,
    "your optimizer takes a dict of parameters": lambda array: {"W": array},
    "your optimizer takes a list of parameters": lambda array: [array],
}


class Stepper:
    """Takes steps with a student's optimizer; a function gets its state as arguments and has to return it."""

    def __init__(self, check: Check, name: str, settings: dict[str, float], shape: tuple[int, ...]) -> None:
        self._check, self._name, self._settings = check, name, settings
        self.state: dict[str, np.ndarray] = {role: np.zeros(shape) for role in STATE[name]}
        self.t = 0
        self.last: Any = None
        self._way = ""
        klass = next((each for each in CLASSES[name] if has(check, each)), None)
        names = [spelling.format(name) for spelling in FUNCTIONS]
        self.is_object = klass is not None and not any(has(check, each) for each in names)
        if klass is not None and self.is_object:
            self._function: Handle = method_of(check, made(check, klass, settings), klass, METHODS)
        else:
            self._function = find(check, *names)

    def arguments(self, w: np.ndarray, g: np.ndarray) -> dict[str, Any]:
        """Return the arguments of the next step by role."""
        step = {"t": self.t} if self._name == "adam" else {}
        return {"w": w, "g": g, **self.state, **step, **self._settings}

    def answer(self, w: np.ndarray, g: np.ndarray) -> list[np.ndarray]:
        """Take a step and return all arrays of the parameters' shape in the answer."""
        self.t += 1
        first: StudentError | None = None
        for way in WAYS if self.t == 1 or not self._way else (self._way,):
            try:
                self.last, after = self._ask(WAYS[way], w, g)
            except CallTimedOut:
                raise
            except StudentError as error:
                first = first or error
                continue
            found = arrays_in(self.last, w.shape) or arrays_in(after, w.shape)
            if found:
                self._understood(way)
                return found
        if first is not None:
            raise first
        self._check.fail(
            f"`{self._name}_step` has to return the new parameters (and its new state).",
            Text(title="What came back", text=show(self.last)),
        )

    def _ask(self, wrap: Wrap, w: np.ndarray, g: np.ndarray) -> tuple[Any, Any]:
        """Return the answer, and the parameters that were given where the step changed them."""
        student = self._check.student
        given = {"w": w, "g": wrap(g)} if self.is_object else self.arguments(w, wrap(g))
        student.put([(KEPT, wrap(w))])
        try:
            last = call(self._check, self._function, given | {"w": Place(KEPT)})
        except StudentError as error:
            if self.is_object or not self.state:
                raise
            last = self._ask_with_bundle(given, error)
        after = student.read(KEPT)
        kept = arrays_in(after, w.shape)
        return last, after if kept and not np.array_equal(kept[0], w) else None

    def _ask_with_bundle(self, given: dict[str, Any], error: StudentError) -> Any:
        """Return the answer for the state in one dictionary, which counts the steps that were made."""
        inside: dict[str, Any] = {KEYS.get(role, role): value for role, value in self.state.items()}
        counted = {"t": self.t - 1} if self._name == "adam" else {}
        bundle = {"w": Place(KEPT), "g": given["g"], "optimizer_state": inside | counted}
        for left_out in ({"t"}, set()):
            rest = {role: v for role, v in given.items() if role not in {"w", "g", *self.state, *left_out}}
            try:
                return call(self._check, self._function, bundle | rest)
            except StudentError:
                continue
        raise error

    def _understood(self, way: str) -> None:
        self._way = way
        if way:
            self._check.remark(way)

    def keep(self, found: Sequence[np.ndarray], place: int) -> None:
        """Remember the state: what was returned beside the parameters at `place`."""
        if self.is_object:
            return
        rest = [each for i, each in enumerate(found) if i != place]
        if len(rest) < len(self.state):
            needed = ", ".join(f"`{role}`" for role in self.state)
            self._check.fail(
                f"`{self._name}_step` has to return its new state too ({needed}): the next step goes on from it.",
                Text(title="What came back", text=show(self.last)),
            )
        self.state = dict(zip(self.state, rest, strict=False))


def arrays_in(answer: Any, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Return the different arrays of a shape in an answer: one in a list of one is not two."""
    found: list[np.ndarray] = []
    for leaf in leaves(answer):
        array = fitted(leaf, shape)
        if array is not None and not any(np.array_equal(array, other) for other in found):
            found.append(array)
    return found


def place_of(found: Sequence[np.ndarray], wanted: np.ndarray) -> int | None:
    """Return where the wanted parameters are in an answer, None where nowhere."""
    same = (compare_arrays(each, wanted, rtol=RTOL, atol=SMALL) is None for each in found)
    return next((i for i, agrees in enumerate(same) if agrees), None)
