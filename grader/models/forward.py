"""Our own forward pass: what a described model predicts for images, in NumPy.

The layers are taken in the order of the model's graph; a model without one (a subclass whose `call` could not be
followed) is tried as a chain of its layers, which is a guess: only agreement with what the model itself returned says
that it is right. Whatever is not known raises NotVerified with the layer's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.models.layers import LAYERS
from grader.models.operations import operate
from grader.models.structure import Applied, Array, Graph, Layer, Model, Weight, tensors_of
from grader.models.unverified import NotVerified, Work

CHUNK_ENTRIES = 2**22  # numbers in the largest array between two layers
MAX_CHUNK = 512
MAX_NESTING = 20
UNFIT = "does not fit together with what comes in"
LAYER_ERRORS = (ValueError, IndexError, TypeError, KeyError, ArithmeticError, AttributeError, MemoryError)


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model predicts: an array (n, ...) per output; `guessed` where the way through it was not known."""

    values: tuple[Array, ...]
    guessed: bool


def predict(
    model: Model,
    inputs: Array | Sequence[Array] | Mapping[str, Array],
    *,
    dtype: type[np.floating] = np.float64,
    operations: float | None = None,
) -> Prediction:
    """Return the outputs of a model for inputs of shape (n, ...), one array or one for each input.

    Dropout and its kind do nothing and batch normalization uses its moving statistics, as in Keras's `predict`.
    Raises NotVerified with the name of the first layer that is not known, or at which the arithmetic for all examples
    together exceeds `operations` multiplications (2·10¹¹; a picture takes VGG16 1.5·10¹⁰).
    """
    arrays = _arranged(model, inputs)
    work = Work(dtype, operations)
    chunk = _chunk(model)
    n = len(arrays[0])
    parts = [
        _outputs(run_model(model, [array[start : start + chunk].astype(dtype) for array in arrays], work))
        for start in range(0, max(n, 1), chunk)
    ]
    if any(np.ndim(value) == 0 for part in parts for value in part):
        raise NotVerified.at(model.name, "gives numbers, not one row for each example")
    values = tuple(np.concatenate(list(column)) for column in zip(*parts, strict=True))
    return Prediction(values=values, guessed=is_guess(model))


def is_guess(model: Model) -> bool:
    """Tell whether the way through a model, or through one inside it, is not known for certain."""
    custom = model.kind != "subclassed" and not model.module.startswith("keras.src.")
    inside = any(layer.model is not None and is_guess(layer.model) for layer in model.layers)
    return custom or inside or (model.graph is None and model.kind != "sequential")


def run_model(model: Model, inputs: Sequence[Array], work: Work, depth: int = 0) -> Any:
    """Return the output (or nested lists of outputs) of a model for one array per input."""
    if depth > MAX_NESTING:
        raise NotVerified.at(model.name, "holds models within models too deeply")
    if not model.complete:
        raise NotVerified.at(model.name, "has too many layers")
    if model.graph is not None:
        return _Walk(
            graph=model.graph, layers=model.layers, weights=model.weights, traced=model.kind == "subclassed"
        ).run(inputs, work, depth)
    value: Any = inputs[0]
    for layer in model.layers:
        value = run_layer(layer, _flat(value), work, depth)
        work.keep(layer.name, _arrays(_flat(value)), _arrays(_flat(value)))
    return value


def run_layer(layer: Layer, inputs: Sequence[Array], work: Work, depth: int = 0) -> Any:
    """Return what one layer, of Keras or of the notebook, makes of its inputs."""
    if layer.model is not None:
        return run_model(layer.model, inputs, work, depth + 1)
    with _translated(layer.name):
        if layer.of_keras and layer.kind == "TimeDistributed":
            return _time_distributed(layer, inputs[0], work, depth)
        if layer.of_keras and layer.kind in LAYERS:
            return LAYERS[layer.kind](layer, inputs, work)
        if layer.own_graph is not None:
            return _Walk(graph=layer.own_graph, layers=layer.own_layers, weights=layer.weights, traced=True).run(
                inputs, work, depth + 1
            )
    whose = f"({layer.kind}) is not known here" if layer.of_keras else f"is a class of your own ({layer.kind})"
    raise NotVerified.at(layer.name, whose)


@dataclass(frozen=True, kw_only=True)
class _Walk:
    """The way through a graph; `traced` where it was found by following a `call` of the notebook's own."""

    graph: Graph
    layers: Sequence[Layer]
    weights: Sequence[Weight]
    traced: bool

    def run(self, inputs: Sequence[Array], work: Work, depth: int) -> Any:
        """Compute the nodes in their order and return the output, or nested lists of outputs."""
        if len(inputs) != len(self.graph.inputs):
            raise NotVerified.at("input", f"{UNFIT}: {len(inputs)} arrays for {len(self.graph.inputs)} inputs")
        if depth > MAX_NESTING:
            raise NotVerified.at("model", "holds layers within layers too deeply")
        tensors: dict[int, Any] = dict(zip(self.graph.inputs, inputs, strict=True))
        leaving = self._last_uses()
        for place, node in enumerate(self.graph.nodes):
            step = self._operation if node.layer is None else self._layer
            made = _flat(step(node, tensors, work, depth))
            tensors.update(zip(node.outputs, made, strict=False))
            for number in leaving.get(place, ()):
                tensors.pop(number, None)
            work.keep(self._name(node), _arrays(made), _arrays(tensors.values()))
        with _translated("output"):
            return self._value(self.graph.outputs, tensors, work)

    def _last_uses(self) -> dict[int, list[int]]:
        """Return which tensors are not needed any more after a node, by the node's place."""
        last = {number: place for place, node in enumerate(self.graph.nodes) for number in node.tensors()}
        kept = set(tensors_of(self.graph.outputs))
        leaving: dict[int, list[int]] = {}
        for number, place in last.items():
            if number not in kept:
                leaving.setdefault(place, []).append(number)
        return leaving

    def _name(self, node: Applied) -> str:
        return node.operation if node.layer is None else self.layers[node.layer].name

    def _operation(self, node: Applied, tensors: Mapping[int, Any], work: Work, _: int) -> Any:
        with _translated(node.operation):
            arguments = [self._value(tree, tensors, work) for tree in node.arguments]
            keywords = {name: self._value(tree, tensors, work) for name, tree in node.keywords}
            return operate(node, arguments, keywords)

    def _layer(self, node: Applied, tensors: Mapping[int, Any], work: Work, depth: int) -> Any:
        with _translated("layer"):
            layer = self.layers[node.layer or 0]
        _no_surprises(layer, node.keywords, traced=self.traced)
        with _translated(layer.name):
            taken = [tensors[number] for number in node.tensors()]
        return run_layer(layer, taken, work, depth)

    def _value(self, tree: Any, tensors: Mapping[int, Any], work: Work) -> Any:
        """Return an argument of a node: tensors and weights by number, lists and slices, or a plain value."""
        if "tensor" in tree:
            return tensors[tree["tensor"]]
        if "weight" in tree:
            return self._weight(tree["weight"], work)
        if "list" in tree:
            return [self._value(item, tensors, work) for item in tree["list"]]
        if "dict" in tree:
            return [self._value(item, tensors, work) for _, item in tree["dict"]]
        if "slice" in tree:
            return slice(*tree["slice"])
        return tree.get("plain", Ellipsis)

    def _weight(self, place: int, work: Work) -> Array:
        weight = self.weights[place]
        if weight.value is None:
            raise NotVerified.at(weight.name, "was not sent: it is too large")
        return np.asarray(weight.value, work.dtype)


def _no_surprises(layer: Layer, keywords: Sequence[tuple[str, Any]], *, traced: bool) -> None:
    """Refuse what changes a layer's result: dropout that stays on, a mask, a state to start from.

    In a functional model `predict` says training=False to all layers, whatever was said when it was built; only a
    `call` of the notebook's own can keep dropout on.
    """
    for name, tree in keywords:
        value = tree.get("plain") if isinstance(tree, dict) else None
        if traced and name == "training" and value is True:
            raise NotVerified.at(layer.name, "is called with training=True, so that it is random at every call")
        if name in {"mask", "initial_state"} and not (isinstance(tree, dict) and "plain" in tree and value is None):
            raise NotVerified.at(layer.name, f"is called with {name}, which is not known here")


def _time_distributed(layer: Layer, x: Array, work: Work, depth: int) -> Array:
    """Apply the wrapped layer to every step of x of shape (n, steps, ...)."""
    if len(layer.inner) != 1:
        raise NotVerified.at(layer.name, "wraps a layer that is not known here")
    n, n_steps = x.shape[:2]
    flat = np.asarray(run_layer(layer.inner[0], [x.reshape(n * n_steps, *x.shape[2:])], work, depth + 1))
    return flat.reshape(n, n_steps, *flat.shape[1:])


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Let shapes and settings that do not fit together be a layer that was not verified."""
    try:
        with np.errstate(all="ignore"):
            yield
    except LAYER_ERRORS as error:
        raise NotVerified.at(name, UNFIT) from error


def _arranged(model: Model, inputs: Array | Sequence[Array] | Mapping[str, Array]) -> list[Array]:
    """Return the inputs in the model's order; a mapping is by the names of the inputs."""
    if isinstance(inputs, Mapping):
        names = model.graph.input_names if model.graph is not None else ()
        if set(names) != set(inputs):
            raise NotVerified.at("input", f"{UNFIT}: the inputs are called {', '.join(names) or 'nothing'}")
        return [np.asarray(inputs[name]) for name in names]
    arrays = [inputs] if isinstance(inputs, np.ndarray) else [np.asarray(array) for array in inputs]
    if not arrays or any(array.ndim == 0 or len(array) != len(arrays[0]) for array in arrays):
        raise NotVerified.at("input", UNFIT)
    return arrays


def _chunk(model: Model) -> int:
    """Return how many examples are computed at a time."""
    sizes = [1.0]
    for layer in model.all_layers():
        sizes += [float(np.prod([n or 1 for n in shape[1:]], dtype=float)) for shape in layer.output_shapes]
    if model.graph is not None:
        sizes += [
            float(np.prod([n or 1 for n in shape[1:]], dtype=float))
            for node in model.graph.nodes
            for shape in node.shapes
        ]
    return int(max(1, min(MAX_CHUNK, CHUNK_ENTRIES // max(sizes))))


def _flat(value: Any) -> list[Array]:
    return [part for item in value for part in _flat(item)] if isinstance(value, list) else [value]


def _arrays(values: Iterable[Any]) -> list[Array]:
    return [value for value in values if isinstance(value, np.ndarray)]


def _outputs(value: Any) -> list[Array]:
    return [np.asarray(part) for part in _flat(value)]
