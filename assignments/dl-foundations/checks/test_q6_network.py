"""Question 6: forward and backward through a network of 3 inputs, 4 hidden neurons and 1 output."""

import numpy as np
import pytest
from df_ask import RTOL, Form, call, find, first_that_holds, judge, require, spelled
from df_networks import FORWARD, class_network
from df_values import number_array

from grader.compare import compare_gradients, show
from grader.results import Text

HINT = "δ₂ = (ŷ − y) ŷ(1 − ŷ); ∂L/∂W2 = hᵀδ₂; δ₁ = (δ₂W2ᵀ) ⊙ h(1 − h); ∂L/∂W1 = xᵀδ₁; the gradient of a bias is its δ."
PARTS = ("W1", "b1", "W2", "b2")
BACKWARD = ("backward", "backprop", "backward_pass", "backward_propagation", "gradients", "backpropagation")


def network(rng):
    """Return the parameters of a network in the middle of training."""
    sizes = {"W1": (3, 4), "b1": (4,), "W2": (4, 1), "b2": (1,)}
    return {name: rng.normal(scale=0.8, size=size) for name, size in sizes.items()}


def rows(given):
    """Return the arguments for a batch of one row."""
    return {
        role: np.array([[value]]) if role == "target" else value.reshape(1, -1) if value.ndim == 1 else value
        for role, value in given.items()
    }


def columns(given):
    """Return the arguments for columns: matrices (n_out, n_in)."""
    return {
        role: np.array([[value]]) if role == "target" else value.T if value.ndim == 2 else value.reshape(-1, 1)
        for role, value in given.items()
    }


def in_dict(given):
    """Return the arguments with the four parameters in a dict."""
    return {role: value for role, value in given.items() if role not in PARTS} | {
        "params": {name: given[name] for name in PARTS}
    }


FORMS = (
    Form(),
    Form(note="your network takes a batch: it was given one row", send=rows),
    Form(note="your network takes columns: the matrices were transposed", send=columns),
    Form(note="your network takes its parameters as a dict", send=in_dict),
    Form(note="your network takes a batch and a dict", send=lambda given: in_dict(rows(given))),
    Form(note="your network takes columns and a dict", send=lambda given: in_dict(columns(given))),
)


@pytest.mark.check("q6", points=2, needs="forward", hint="h = σ(x W1 + b1), ŷ = σ(h W2 + b2).")
def test_forward(check, rng):
    """forward gives the network's output"""
    given = {"x": rng.normal(size=3), **network(rng)}
    object_ = class_network(check, FORWARD, {name: given[name] for name in PARTS})
    if object_ is None:
        require(check, FORWARD[0], given, others=FORWARD[1:], forms=FORMS)
        return
    want, explain = check.reference.forward(*given.values()), ("forward", tuple(given.values()))

    def ask(form):
        got = object_.ask(FORWARD, form.send({"x": given["x"]}))
        judge(check, got, want, asked=spelled("forward", given), explain=explain)

    first_that_holds(check, [(form.note, lambda form=form: ask(form)) for form in FORMS[:3]])


@pytest.mark.check("q6", points=2.5, needs="backward", hint=HINT)
def test_backward(check, rng):
    """backward gives the gradients of all weights and biases"""
    require_gradients(check, rng.normal(size=3), float(rng.integers(2)), network(rng))


@pytest.mark.check("q6", points=2, hidden=True, needs="backward", hint=HINT)
def test_backward_elsewhere(check, rng):
    """backward gives the gradients for other samples and weights, and targets between 0 and 1"""
    for _ in range(3):
        parameters = {name: 2 * value for name, value in network(rng).items()}
        require_gradients(check, rng.normal(scale=2, size=3), float(rng.random()), parameters)


def require_gradients(check, x, y, parameters):
    """Require ∂L/∂W1, ∂L/∂b1, ∂L/∂W2 and ∂L/∂b2 of one sample."""
    given = {"x": x, "target": y, **parameters}
    want = dict(zip(PARTS, check.reference.backward(*given.values()), strict=True))
    object_ = class_network(check, BACKWARD, parameters)
    function = find(check, *BACKWARD) if object_ is None else None

    def ask(form):
        if object_ is None:
            got = call(check, function, form.send(given))
        else:
            got = object_.ask(BACKWARD, form.send({"x": x, "target": y}))
        tried = list(gradients_in(got, want))
        if not tried:
            check.fail(
                "`backward` has to return four gradients: of W1 (3 × 4), b1 (4), W2 (4 × 1) and b2 (1).",
                Text(title="What came back", text=show(got)),
            )
        if not any(equal(reading, want) for reading in tried):
            fail(check, given, tried, want)

    forms = FORMS if object_ is None else FORMS[:3]
    first_that_holds(check, [(form.note, lambda form=form: ask(form)) for form in forms])


def gradients_in(got, want):
    """Yield {name: gradient} for every way to read an answer: by the names of a dict, or the order of the rest."""
    by_name = named(got)
    if by_name is not None:
        got = by_name
    values = list(got.values()) if isinstance(got, dict) else got if isinstance(got, list | tuple) else []
    values = [part for value in values for part in (value if is_list_of_arrays(value) else [value])]
    arrays = [array for value in values if (array := number_array(value)) is not None]
    for order in ((0, 1, 2, 3), (0, 2, 1, 3), (2, 3, 0, 1), (1, 3, 0, 2)):
        if len(arrays) == 4:
            chosen = [arrays[i] for i in order]
            if all(array.size == want[name].size for array, name in zip(chosen, PARTS, strict=True)):
                yield {name: shaped(array, want[name].shape) for name, array in zip(PARTS, chosen, strict=True)}


def is_list_of_arrays(value):
    """Tell whether a member of an answer is itself several arrays."""
    return isinstance(value, list | tuple) and any(isinstance(part, np.ndarray) for part in value)


def named(got):
    """Return a dict's four gradients in our order, by what their names end with; None where that does not tell."""
    if not isinstance(got, dict):
        return None
    found = {}
    for name in PARTS:
        fitting = [value for key, value in got.items() if str(key).lower().replace("_", "").endswith(name.lower())]
        if len(fitting) != 1:
            return None
        found[name] = fitting[0]
    return found


def shaped(array, shape):
    """Return a gradient in the reference's shape, transposed where it is the other way round."""
    if array.ndim == 2 and array.shape == shape[::-1]:
        return array.T
    return array.reshape(shape)


def equal(reading, want):
    """Tell whether all gradients agree."""
    return compare_gradients(reading, want, rtol=RTOL) is None


def fail(check, given, tried, want):
    """End the check with the first gradient that is wrong, and the misconception where there is one."""
    difference = compare_gradients(tried[0], want, rtol=RTOL)

    def same(variant):
        parts = {name: np.asarray(part).reshape(want[name].shape) for name, part in zip(PARTS, variant, strict=True)}
        return any(equal(reading, parts) for reading in tried)

    check.fail(
        difference.reason,
        Text(title="What was asked", text=spelled("backward", given)),
        *difference.evidence,
        diagnosis=check.reference.explain("backward", tuple(given.values()), same),
    )
