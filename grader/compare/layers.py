"""Which step of backpropagation a pattern of right and wrong parameters points at."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
NO_ADVICE = {"transposed", "not found", "no numbers", "not changed at all"}


def where_it_went_wrong(right: Mapping[str, bool], problems: Collection[str]) -> str:
    """Return where to look, given which parameters ("W1", "b1", …) are right; empty where the pattern says nothing."""
    layers = _layers(right)
    if layers is None or NO_ADVICE & set(problems) or any(p.startswith("has ") for p in problems):
        return ""
    wrong = sorted((k for k, (weights, bias) in layers.items() if not (weights and bias)), reverse=True)
    return _one_kind(layers) or _layer(layers, wrong)


def _layers(right: Mapping[str, bool]) -> dict[int, tuple[bool, bool]] | None:
    """Return layer → (weights right, biases right), None when the names do not say."""
    layers: dict[int, dict[str, bool]] = {}
    for name, is_right in right.items():
        match = re.fullmatch(r"([A-Za-z]).*?(\d{1,4})", name)
        if match is None or match[1].lower() not in "wb":
            return None
        layers.setdefault(int(match[2]), {})[match[1].lower()] = is_right
    if any(set(kinds) != {"w", "b"} for kinds in layers.values()):
        return None
    return {k: (kinds["w"], kinds["b"]) for k, kinds in layers.items()}


def _one_kind(layers: Mapping[int, tuple[bool, bool]]) -> str:
    """Speak of weights or biases alone being wrong."""
    weights, biases = (all(pair[i] for pair in layers.values()) for i in (0, 1))
    if weights:
        return "the errors ∂L/∂z are right, only the step from them to the biases is not"
    if biases:
        return "the errors ∂L/∂z are right, so look at what they are multiplied with: the input of each layer"
    return ""


def _layer(layers: Mapping[int, tuple[bool, bool]], wrong: list[int]) -> str:
    """Speak of the layer nearest to the output that is wrong: what lies below inherits its mistake."""
    order = sorted(layers, reverse=True)
    first = wrong[0]
    name = _called(first, order)
    weights, bias = layers[first]
    if weights:
        return f"the weights of {name} are right, so its ∂L/∂z is: look at its biases first"
    if bias:
        return f"the biases of {name} are right, so its ∂L/∂z is: look at what it is multiplied with first"
    if first == order[0]:
        return f"look at {name} first, at ∂L/∂z there: every layer below inherits its mistake"
    above = order[order.index(first) - 1]
    return f"the error must be lost between {_called(above, order)} and {name}"


def _called(layer: int, order: list[int]) -> str:
    if layer == order[0]:
        return "the output layer"
    place = len(order) - 1 - order.index(layer)
    return f"the {ORDINALS[place]} hidden layer" if place < len(ORDINALS) else f"hidden layer {place + 1}"
