"""Where a notebook keeps an activation function and its derivative: under many names, or as one function for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from df_ask import Given, call, find, has
from df_classes import class_called, made, method_of
from df_values import leaves, number_array

from grader.checks import Check
from grader.errors import CallTimedOut, NotDefined, StudentError
from grader.probe import Handle, Missing, is_handle, parameters_of

OTHERS = {
    "leaky_relu": ("leakyrelu", "lrelu", "leakyReLU", "LeakyReLU"),
    "swish": ("silu", "Swish", "SiLU"),
    "linear": ("identity",),
    "relu": ("ReLU",),
    "prelu": ("PReLU", "parametric_relu"),
    "elu": ("ELU",),
}
SPELLINGS = (
    "{}_prime",
    "d{}",
    "d_{}",
    "{}_derivative",
    "{}_deriv",
    "{}_der",
    "{}_grad",
    "{}_gradient",
    "{}_backward",
    "grad_{}",
    "gradient_{}",
    "delta_{}",
    "derivative_{}",
    "{}_d",
    "{}_jacobian",
    "{}_dash",
)
OBJECTS = {
    "sigmoid": ("Sigmoid",),
    "tanh": ("Tanh", "TanH"),
    "relu": ("ReLU", "Relu"),
    "leaky_relu": ("LeakyReLU", "LeakyRelu"),
    "prelu": ("PReLU", "PRelu", "ParametricReLU"),
    "elu": ("ELU", "Elu"),
    "swish": ("Swish", "SiLU"),
    "softmax": ("Softmax", "SoftMax"),
    "linear": ("Linear", "Identity"),
}
FORWARD = ("forward", "value", "function", "activate", "compute", "f", "call")
BACKWARD = ("derivative", "deriv", "prime", "gradient", "grad", "df", "jacobian", "backward")
SWITCHES = ("derivative", "deriv", "prime", "grad", "gradient", "backward", "der", "d", "mode")


def value_of(check: Check, name: str, given: Given) -> Any:
    """Return what the student's activation gives; the first of two values where it gives its derivative too."""
    klass = _class_of(check, name)
    if klass is not None:
        return elementwise(check, method_of(check, made(check, klass, settings_of(given)), klass, FORWARD), given)
    got = elementwise(check, find(check, name, *OTHERS.get(name, ())), given)
    return first_of_two(got, np.shape(given["z"]))


def derivative_of(check: Check, name: str, given: Given) -> Any:
    """Return what the student's derivative gives: a function of its own, a switch, or the second of two values."""
    names = [spelling.format(each) for each in (name, *OTHERS.get(name, ())) for spelling in SPELLINGS]
    own = next((each for each in names if has(check, each)), None)
    if own is not None:
        if own != names[0]:
            check.remark(f"your `{own}` was taken as `{names[0]}`")
        return elementwise(check, check.student.function(own), given)
    klass = _class_of(check, name)
    if klass is not None:
        return _of_object(check, klass, given)
    return _from_the_same(check, name, given, names[0])


def _class_of(check: Check, name: str) -> str | None:
    """Return the class that stands for an activation where there is no function of its name."""
    plain = [each for each in (name, *OTHERS.get(name, ())) if each not in OBJECTS[name]]
    return None if any(has(check, each) for each in plain) else class_called(check, OBJECTS[name], FORWARD)


def _of_object(check: Check, klass: str, given: Given) -> Any:
    """Return the derivative by an object's method; `backward` gets the gradient 1, after a forward pass."""
    thing = made(check, klass, settings_of(given))
    method = next((each for each in BACKWARD if not isinstance(getattr(thing, each), Missing)), None)
    if method is None:
        raise NotDefined(f"Your class `{klass}` has no method for the derivative, such as `derivative(z)`.")
    if method != "backward":
        return elementwise(check, getattr(thing, method), given)
    forward = method_of(check, thing, klass, FORWARD)
    elementwise(check, forward, given)
    check.remark("the derivative was asked for by `backward` with a gradient of ones")
    return elementwise(check, thing.backward, {"z": np.ones(np.shape(given["z"]))})


def _from_the_same(check: Check, name: str, given: Given, wanted: str) -> Any:
    try:
        function = find(check, name, *OTHERS.get(name, ()))
    except NotDefined:
        return elementwise(check, check.student.function(wanted), given)  # says that there is none
    switch = next((p for p, _, _ in parameters_of(function) or () if p.lower() in SWITCHES), None)
    if switch is not None:
        check.remark(f"the derivative was asked for with `{switch}=True`")
        return check.student.call(function, *given.values(), **{switch: True}).value
    got = elementwise(check, function, given)
    if isinstance(got, list | tuple) and len(got) == 2:
        check.remark(f"the second value of your `{name}` was taken as its derivative")
        return got[1]
    return elementwise(check, check.student.function(wanted), given)


def settings_of(given: Given) -> Given:
    """Return the arguments beside z, which a class gets when an object of it is made."""
    return {role: value for role, value in given.items() if role != "z"}


def elementwise(check: Check, function: Handle, given: Given) -> Any:
    """Call a function of an array; where it takes single numbers only, call it once for each."""
    try:
        return call(check, function, given)
    except CallTimedOut:
        raise
    except StudentError as error:
        batch = _in_a_batch(check, function, given)
        if batch is not None:
            return batch
        z = given["z"]
        rest = [value for role, value in given.items() if role != "z"]
        count = len(parameters_of(function) or (1,))
        try:
            numbers = check.student.call_each(function, [(float(t), *rest)[:count] for t in z])
        except StudentError:
            raise error from None
        if number_array(numbers) is None or np.shape(numbers) != z.shape:
            raise
        check.remark("your function takes single numbers: it was called once for each")
        return numbers


def _in_a_batch(check: Check, function: Handle, given: Given) -> Any:
    """Return the answer to a batch of one row, or a column, for a function that takes matrices; None where neither."""
    for shape, what in (((1, -1), "a batch: it was given one row"), ((-1, 1), "a column")):
        try:
            got = call(check, function, given | {"z": given["z"].reshape(shape)})
        except CallTimedOut:
            raise
        except StudentError:
            continue
        if is_handle(got) or number_array(got) is None:
            continue
        check.remark(f"your function takes {what}")
        return np.squeeze(number_array(got))
    return None


def first_of_two(got: Any, shape: tuple[int, ...]) -> Any:
    """Return the first of two arrays of this shape, else the answer as it is."""
    pair = isinstance(got, tuple) and len(got) == 2 and all(np.shape(number_array(part)) == shape for part in got)
    return got[0] if pair else got


def every_leaf(got: Any, holds: Callable[[np.ndarray], bool]) -> bool:
    """Tell whether all numbers of an answer are as they should be."""
    found = list(leaves(got))
    return bool(found) and all(holds(leaf) for leaf in found)
