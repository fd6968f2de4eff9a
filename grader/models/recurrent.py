"""SimpleRNN, LSTM and GRU, and Bidirectional around them; x has the shape (n, steps, features).

The gates stand side by side in the weights in Keras's order: i, f, c, o for LSTM (Hochreiter and Schmidhuber, 1997,
with the forget gate of Gers et al., 2000), z, r, h for GRU (Cho et al., 2014; `reset_after` is the variant of cuDNN).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from grader.models.activations import activate
from grader.models.structure import Array, Layer
from grader.models.unverified import NotVerified, Work, maybe, need, only

States = tuple[Array, ...]
Step = Callable[[Array, States], States]


def recurrent(layer: Layer, x: Array, work: Work) -> Array | list[Array]:
    """Return the last output (n, units) or, with `return_sequences`, all of them (n, steps, units).

    With `return_state` a list: the output, then the final states.
    """
    outputs, states = _run(layer, x, work)
    result = outputs if layer.settings.get("return_sequences") is True else outputs[:, -1]
    return [result, *states] if layer.settings.get("return_state") is True else result


def bidirectional(layer: Layer, x: Array, work: Work) -> Array:
    """Return the outputs of one layer that reads forwards and one that reads backwards, merged."""
    if len(layer.inner) != 2 or any(inner.kind not in STEPS for inner in layer.inner):
        raise NotVerified.at(layer.name, "wraps a layer that is not known here")
    forward, backward = (np.asarray(_plain_output(inner, x, work)) for inner in layer.inner)
    if layer.inner[1].settings.get("return_sequences") is True:
        backward = backward[:, ::-1]
    merge = layer.settings.get("merge_mode")
    if merge == "concat":
        return np.concatenate([forward, backward], axis=-1)
    merged: Array | None = {
        "sum": forward + backward,
        "ave": (forward + backward) / 2,
        "mul": forward * backward,
    }.get(str(merge))
    if merged is None:
        raise NotVerified.at(layer.name, f"merges by {merge!r:.40}, which is not known here")
    return merged


def _plain_output(layer: Layer, x: Array, work: Work) -> Array:
    only(layer, {"return_state": False})
    result = recurrent(layer, x, work)
    return result if isinstance(result, np.ndarray) else result[0]


def _run(layer: Layer, x: Array, work: Work) -> tuple[Array, States]:
    """Return the outputs of all steps in the order they were made, and the final states."""
    only(layer, {"stateful": False})
    if x.ndim != 3 or x.shape[1] == 0:
        raise NotVerified.at(layer.name, "has an input without steps")
    n, n_steps, n_features = x.shape
    units = need(layer, "recurrent_kernel", work).shape[0]
    gates = 4 if layer.kind == "LSTM" else 3
    work.spend(layer.name, n * n_steps * gates * units * (units + n_features), n * n_steps * units)
    step = STEPS[layer.kind](layer, work)
    states: States = (np.zeros((n, units), work.dtype),) * (2 if layer.kind == "LSTM" else 1)
    order = range(n_steps - 1, -1, -1) if layer.settings.get("go_backwards") is True else range(n_steps)
    outputs = []
    for place in order:
        states = step(x[:, place], states)
        outputs.append(states[0])
    return np.stack(outputs, axis=1), states  # (n, steps, units)


def _simple(layer: Layer, work: Work) -> Step:
    kernel, again = need(layer, "kernel", work), need(layer, "recurrent_kernel", work)
    bias = _bias(layer, work)

    def step(x: Array, states: States) -> States:
        return (_act(layer, "activation", x @ kernel + bias + states[0] @ again),)

    return step


def _lstm(layer: Layer, work: Work) -> Step:
    kernel, again = need(layer, "kernel", work), need(layer, "recurrent_kernel", work)
    bias = _bias(layer, work)

    def step(x: Array, states: States) -> States:
        i, f, c, o = np.split(x @ kernel + bias + states[0] @ again, 4, axis=-1)  # each (n, units)
        i, f, o = (_act(layer, "recurrent_activation", gate) for gate in (i, f, o))
        carry = f * states[1] + i * _act(layer, "activation", c)
        return o * _act(layer, "activation", carry), carry

    return step


def _gru(layer: Layer, work: Work) -> Step:
    kernel, again = need(layer, "kernel", work), need(layer, "recurrent_kernel", work)
    after = layer.settings.get("reset_after") is True
    bias = _bias(layer, work)
    inner, outer = bias if after and bias.ndim == 2 else (bias, np.zeros_like(bias))
    units = again.shape[0]

    def step(x: Array, states: States) -> States:
        (h,) = states
        x_z, x_r, x_h = np.split(x @ kernel + inner, 3, axis=-1)  # each (n, units)
        h_z, h_r = np.split((h @ again + outer)[:, : 2 * units], 2, axis=-1)
        z, r = (_act(layer, "recurrent_activation", gate) for gate in (x_z + h_z, x_r + h_r))
        last = again[:, 2 * units :]
        reset = r * (h @ last + outer[2 * units :]) if after else (r * h) @ last
        return (z * h + (1 - z) * _act(layer, "activation", x_h + reset),)

    return step


def _bias(layer: Layer, work: Work) -> Array:
    bias = maybe(layer, "bias", work)
    return np.zeros(need(layer, "kernel", work).shape[-1], work.dtype) if bias is None else bias


def _act(layer: Layer, which: str, x: Array) -> Array:
    function = layer.activations.get(which)
    result: Array | None = x if function is None else activate(function.known, x, function.settings)
    if result is None:
        raise NotVerified.at(layer.name, "has an activation of your own")
    return result


STEPS: Mapping[str, Callable[[Layer, Work], Step]] = {"SimpleRNN": _simple, "LSTM": _lstm, "GRU": _gru}
