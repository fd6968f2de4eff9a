"""How a student's functions want to be called: the form of an image and of a label, and the names of parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from finding import PIXELS
from reading import CLASSES

from grader.compare import one_hot

Parameters = Sequence[tuple[str, str, bool]] | None

ROLES = {
    "sample": {"sample", "x", "image", "img", "inp", "input", "xi", "features", "a0", "pixels", "x_sample"}
    | {"x_train", "images", "data", "xs", "samples", "inputs", "x_data"},
    "label": {"y", "label", "target", "t", "y_true", "yi", "labels", "y_sample", "truth", "y_train"}
    | {"ys", "targets", "y_data"},
    "rate": {"learning_rate", "lr", "alpha", "eta", "rate", "step_size", "learningrate", "step"},
    "weights": {"weights", "w", "ws", "params", "parameters", "network", "net", "model", "theta"},
    "biases": {"biases", "b", "bias", "bs"},
}
SWITCHES = {"verbose", "debug", "training", "train", "show", "plot", "print_loss", "shuffle"}
SAMPLE_FORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "flat": lambda x: x.reshape(PIXELS),
    "column": lambda x: x.reshape(PIXELS, 1),
    "row": lambda x: x.reshape(1, PIXELS),
    "image": lambda x: x.reshape(28, 28),
}
LABEL_FORMS: dict[str, Callable[[int], Any]] = {
    "number": int,
    "one-hot": lambda y: one_hot(y, CLASSES),
    "one-hot column": lambda y: one_hot(y, CLASSES).reshape(-1, 1),
}


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a network is asked and read.

    `scale` is what the student's functions multiply pixels with, `flip` says that the square matrix lies the other way
    round than its neighbours, `loss_at` is the place of the loss among several numbers of an answer.
    """

    sample: str = "flat"
    label: str = "number"
    scale: float = 1.0
    flip: bool = False
    loss_at: int | None = None

    def image(self, pixels: np.ndarray) -> np.ndarray:
        """Return an image of shape (784,) as the student's functions take one."""
        return SAMPLE_FORMS[self.sample](pixels)

    def answer(self, label: int) -> Any:
        """Return a label as the student's functions take one."""
        return LABEL_FORMS[self.label](int(label))


@dataclass(frozen=True)
class Arguments:
    """The arguments of one call: the leading ones in order, the others by name; `placed` is what found a place."""

    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    placed: frozenset[str] = frozenset()


def bind(parameters: Parameters, given: dict[str, Any], own: Callable[[str, str | None], Any]) -> Arguments:
    """Return the arguments of a student's function: by the names of its parameters, the rest in order.

    `own(name, role)` gives what the notebook keeps for a parameter (its weights), None where it keeps nothing.
    """
    named = [p for p in parameters or () if not p[1].startswith("VAR_")]
    if not named:
        return Arguments(list(given.values()), {}, frozenset(given))
    left, values = dict(given), {}
    for name, _, _ in named:
        role = role_of(name)
        if role in left:
            values[name] = left.pop(role)
        elif (kept := own(name, role)) is not None:
            values[name] = kept
    _hand_out(named, values, left)
    return Arguments(*_positional(named, values), frozenset(given) - frozenset(left))


def _hand_out(named: Sequence[tuple[str, str, bool]], values: dict[str, Any], left: dict[str, Any]) -> None:
    """Give what is left to parameters without a default, in order, then the rate to one with a default."""
    for name, _, has_default in named:
        if name not in values and left and not has_default:
            values[name] = left.pop(next(iter(left)))
    for name, _, _ in named:
        if name not in values and "rate" in left and name.lower() not in SWITCHES:
            values[name] = left.pop("rate")


def _positional(named: Sequence[tuple[str, str, bool]], values: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Split arguments into those that can be given in order and those after the first gap."""
    args = []
    for name, kind, _ in named:
        if name not in values or kind == "KEYWORD_ONLY":
            break
        args.append(values.pop(name))
    return args, values


def role_of(name: str) -> str | None:
    """Return what a parameter of this name stands for."""
    plain = name.lower().strip("_")
    return next((role for role, names in ROLES.items() if plain in names), None)
