"""The 3-4-1 network as a class: its parameters are put in place, its methods asked, its gradients read.

A `backward` that moves the parameters itself, instead of returning gradients, is read from what it changed: the
learning rate is 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from df_ask import call, has
from df_classes import class_called, made, method_of
from df_values import number_array

from grader.checks import Check
from grader.errors import StudentError
from grader.probe import Handle, Thing

NETWORKS = (
    "NeuralNetwork",
    "Network",
    "NeuralNet",
    "SimpleNeuralNetwork",
    "SimpleNN",
    "TwoLayerNet",
    "MLP",
    "NN",
    "Net",
)
GLOBAL = "grader_network"
SIZES = {"W1": 12, "b1": 4, "W2": 4, "b2": 1}
SETTINGS = {"n_in": 3, "n_hidden": 4, "n_out": 1, "learning_rate": 1.0}


class ClassNetwork:
    """An object of the student's class, with our parameters."""

    def __init__(self, check: Check, klass: str, parameters: Mapping[str, np.ndarray]) -> None:
        self._check, self._klass = check, klass
        self._object: Handle = made(check, klass, SETTINGS)
        check.student.set(**{GLOBAL: self._object})
        self._places = self._found()
        self._put = {name: _laid_out(parameters[name], place.shape) for name, place in self._places.items()}
        self._restore()

    def ask(self, names: tuple[str, ...], given: Mapping[str, Any]) -> Any:
        """Return what a method answers for x (and the target); the gradients it moved by where it answers nothing."""
        self._restore()
        method = method_of(self._check, self._object, self._klass, names)
        more = {} if "target" not in given else {"output": self.ask_forward(given), "learning_rate": 1.0}
        answer = call(self._check, method, {**given, **more})
        moved = {name: before - self._read(name) for name, before in self._put.items()}
        if "target" in given and any(np.any(change) for change in moved.values()):
            self._check.remark("your `backward` moves the parameters: the gradients are how far, at a rate of 1")
            return moved
        return answer

    def ask_forward(self, given: Mapping[str, Any]) -> Any:
        """Return the output, which a backward pass may want to be given, and may need to have been computed."""
        return call(self._check, method_of(self._check, self._object, self._klass, FORWARD), {"x": given["x"]})

    def _restore(self) -> None:
        self._check.student.put([(place.path, self._put[name]) for name, place in self._places.items()])

    def _read(self, name: str) -> np.ndarray:
        value = number_array(self._check.student.read(self._places[name].path))
        return np.zeros_like(self._put[name]) if value is None else value.reshape(self._put[name].shape)

    def _found(self) -> dict[str, Thing]:
        """Return where the object keeps its parameters, told by size, and by names that speak of biases."""
        mine = next(thing for thing in self._check.student.things() if thing.name == GLOBAL)
        arrays = [thing for thing in mine.walk() if thing.kind in {"array", "number"} and len(thing.path) > 1]
        found = {}
        for name, size in SIZES.items():
            fitting = [t for t in arrays if int(np.prod(t.shape)) == size and _is_bias(t) == name.startswith("b")]
            if not fitting:
                raise StudentError(f"Your class `{self._klass}` keeps no parameters that could be {name}.")
            found[name] = fitting[0]
        return found


FORWARD = ("forward", "feed_forward", "forward_pass", "forward_propagation", "feedforward", "predict")


def class_network(check: Check, names: tuple[str, ...], parameters: Mapping[str, np.ndarray]) -> ClassNetwork | None:
    """Return the student's network as an object where there is no function of these names, but a class."""
    if any(has(check, name) for name in names):
        return None
    klass = class_called(check, NETWORKS, names)
    return None if klass is None else ClassNetwork(check, klass, parameters)


def _is_bias(thing: Thing) -> bool:
    name = str(thing.path[1][1]).lower()
    return name.startswith("b") or "bias" in name


def _laid_out(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a parameter in the shape in which the object keeps it, transposed where that is the other way round."""
    turned = array.T if array.ndim == 2 and shape == array.shape[::-1] else array
    return turned.reshape(shape)
