"""Keras models as plain data: layers, graph, weights, how they were compiled, and what `fit` returned.

Nothing here decides anything: what a kernel says about a model is a claim, which the grader validates and, where it
matters, checks by computing the predictions again. A model is described as

    layers    class, name, settings, activation, weights, shapes; a nested model or wrapped layer inside its layer
    graph     which layer is applied to which tensors (see graphs.py), None where that cannot be followed
    compiled  optimizer with its settings, loss, metrics

Keras is taken from where the notebook imported it; a notebook that never did has no models.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside import graphs
    from grader.kernels.inside.plain import plain, settings, text
else:
    import graphs
    from plain import plain, settings, text

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_MODELS = 60
MAX_HISTORIES = 200
MAX_SERIES, MAX_EPOCHS = 60, 10_000
MAX_LAYERS = 2_000
MAX_CHILDREN = 200  # of a list, dict or object of the notebook that is searched for models
SEARCH_DEPTH = 3
MAX_VISITS = 5_000  # values that are looked at per name
NEST_DEPTH = 5
RESERVE = 4_000_000  # of the budget: what a description without weights may take

Node = dict[str, Any]
Path = list[list[Any]]


# --- finding -------------------------------------------------------------------------------------------------------


def inventory(names: dict[str, Any]) -> Inventory:
    """Find all models and histories the names lead to, each once, under its shortest path."""
    found = Inventory()
    for name, value in names.items():
        found.begin()
        found.search(value, [["item", name]], 0)
    return found


class Inventory:
    """Collects models and histories; an object that is reached again adds its path to `also`."""

    def __init__(self) -> None:
        self.models: list[Node] = []
        self.histories: list[Node] = []
        self._seen: dict[int, Node] = {}
        self._visited: dict[int, int] = {}
        self._left = MAX_VISITS

    def contents(self) -> Node:
        """Return what was found as plain data."""
        return {"models": self.models, "histories": self.histories}

    def number_of(self, model: Any) -> int | None:
        """Return the number of a model that was found, None for any other."""
        entry = self._seen.get(id(model))
        return None if entry is None else entry.get("number")

    def begin(self) -> None:
        """Start with another name of the notebook: what one list of lists takes is not missing for the next."""
        self._left = MAX_VISITS

    def search(self, value: Any, path: Path, depth: int) -> None:
        """Look at a value and at what it holds."""
        self._left -= 1
        if is_model(value):
            self._model(value, path)
        elif is_history(value):
            self._history(value, path)
        elif isinstance(value, dict) and is_curves(value):
            self._curves(value, path)
        elif depth < SEARCH_DEPTH and depth < self._visited.get(id(value), SEARCH_DEPTH):
            for kind, key, child in _children(value):
                self._visited[id(value)] = depth
                if self._left > 0:
                    self.search(child, [*path, [kind, key]], depth + 1)

    def _model(self, model: Any, path: Path) -> int | None:
        """Add a model and return its number."""
        entry = self._again(model, path)
        if entry is None and len(self.models) < MAX_MODELS:
            entry = {"path": path, "also": [], "number": len(self.models), **_summary_or_name(model)}
            self._seen[id(model)] = entry
            self.models.append(entry)
            history = getattr(model, "history", None)
            if is_history(history):
                self._history(history, [*path, ["attr", "history"]])
        return None if entry is None else entry["number"]

    def _history(self, history: Any, path: Path) -> None:
        if self._again(history, path) is not None or len(self.histories) >= MAX_HISTORIES:
            return
        entry: Node = {"path": path, "also": [], "epochs": len(history.epoch), "settings": plain(history.params)}
        entry["series"] = curves(history.history)
        self._seen[id(history)] = entry
        self._seen[id(history.history)] = entry
        self.histories.append(entry)
        model = getattr(history, "model", None)
        entry["model"] = self._model(model, [*path, ["attr", "model"]]) if is_model(model) else None

    def _curves(self, values: dict[Any, Any], path: Path) -> None:
        """Add a plain dict of curves, which is what `fit(...).history` is."""
        if self._again(values, path) is None and len(self.histories) < MAX_HISTORIES:
            entry = {"path": path, "also": [], "epochs": 0, "settings": {}, "series": curves(values), "model": None}
            self._seen[id(values)] = entry
            self.histories.append(entry)

    def _again(self, value: Any, path: Path) -> Node | None:
        entry = self._seen.get(id(value))
        if entry is not None and path != entry["path"] and len(entry["also"]) < MAX_CHILDREN:
            shorter = len(path) < len(entry["path"])
            entry["also"].append(entry["path"] if shorter else path)
            entry["path"] = path if shorter else entry["path"]
        return entry


def is_model(value: Any) -> bool:
    """Tell whether a value is an instance, not a class, of Keras's Model."""
    keras = sys.modules.get("keras")
    return keras is not None and issubclass(type(value), keras.Model)


def is_history(value: Any) -> bool:
    """Tell whether a value is what `fit` returns."""
    keras = sys.modules.get("keras")
    return keras is not None and issubclass(type(value), keras.callbacks.History) and hasattr(value, "history")


def is_curves(value: dict[Any, Any]) -> bool:
    """Tell whether a dict is a `History.history`: lists of numbers by name, one of them the loss."""
    series = value.get("loss")
    return isinstance(series, list) and bool(series) and all(isinstance(name, str) for name in value)


def curves(values: Any) -> list[list[Any]]:
    """Return [name, numbers] of each series of a history; what is no number becomes NaN."""
    pairs = list(dict.items(values))[:MAX_SERIES] if isinstance(values, dict) else []
    return [
        [text(name), [_number(entry) for entry in list(series)[:MAX_EPOCHS]]]
        for name, series in pairs
        if isinstance(series, list | tuple | numpy.ndarray)
    ]


def _number(value: Any) -> float:
    try:
        return float(value)
    except Exception:  # noqa: BLE001 - whatever the notebook put there
        return math.nan


def _summary_or_name(model: Any) -> Node:
    """Return a model's summary; of one that raises when it is looked at, the class."""
    try:
        return summary(model)
    except Exception:  # noqa: BLE001 - a student's own class
        return {"class": text(type(model).__name__), "module": text(type(model).__module__), "kind": "broken"}


def _children(value: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (kind of step, key, child) of lists, dicts and objects of the notebook's own classes."""
    if isinstance(value, list | tuple):
        yield from (("item", index, child) for index, child in enumerate(value[:MAX_CHILDREN]))
    elif isinstance(value, dict):
        keys = [key for key in list(dict.keys(value))[:MAX_CHILDREN] if isinstance(key, str | int)]
        yield from (("item", key, value[key]) for key in keys)
    elif type(value).__module__ == "__main__":
        fields = list(getattr(value, "__dict__", {}).items())[:MAX_CHILDREN]
        yield from (("attr", name, child) for name, child in fields if isinstance(name, str))


# --- describing ----------------------------------------------------------------------------------------------------


def summary(model: Any) -> Node:
    """Return what can be said of a model without looking into its layers."""
    return {
        "class": text(type(model).__name__),
        "module": text(type(model).__module__),
        "name": text(getattr(model, "name", "")),
        "kind": kind_of(model),
        "built": bool(getattr(model, "built", False)),
        "parameters": _entries(model.weights),
        "trainable": _entries(model.trainable_weights),
        "steps": steps(getattr(model, "optimizer", None)),
    }


def describe(value: Any, max_bytes: int, *, weights: bool = True) -> Node:
    """Describe a model, or the model of a `History`, with its weights as far as they fit into `max_bytes`."""
    model = getattr(value, "model", None) if is_history(value) else value
    if model is None or not is_model(model):
        kind = type(value)
        return {"other": text(f"{kind.__module__}.{kind.__qualname__}")}
    size: int = sum(_size(variable) for variable in model.weights)
    return {"bytes": size, "model": Describer(weights=weights and size + RESERVE <= max_bytes).model(model, 0)}


class Describer:
    """Describes one model; `weights` says whether the numbers themselves are sent."""

    def __init__(self, *, weights: bool) -> None:
        self._weights = weights
        self._left = MAX_LAYERS

    def model(self, model: Any, depth: int) -> Node:
        """Describe a model with its layers and its graph."""
        own = _own_weights(model)
        graph = graphs.graph_of(model, kind_of(model), own)
        layers = graph.layers if graph is not None else list(model.layers)
        return {
            **summary(model),
            "layers": [self.layer(layer, depth + 1) for layer in layers[:MAX_LAYERS]],
            "complete": len(layers) <= MAX_LAYERS,
            "graph": graph.node if graph is not None else None,
            "compiled": compiled(model),
            "weights": self._variables(own),
        }

    def layer(self, layer: Any, depth: int) -> Node:
        """Describe a layer; a nested model, wrapped layers and a layer of the notebook's own are looked into."""
        self._left -= 1
        node: Node = {
            "class": text(type(layer).__name__),
            "module": text(type(layer).__module__),
            "name": text(getattr(layer, "name", "")),
            "parameters": _entries(layer.weights),
            "trainable": bool(getattr(layer, "trainable", True)),
            "trainable_parameters": _entries(layer.trainable_weights),
            "dtype": text(getattr(layer, "compute_dtype", "")),
            "input_shapes": graphs.shapes(layer, "input"),
            "output_shapes": graphs.shapes(layer, "output"),
        }
        if depth > NEST_DEPTH or self._left < 0:
            return node
        if is_model(layer):
            return {**node, "model": self.model(layer, depth)}
        node |= {"settings": settings(layer), "activations": activations(layer)}
        if not _of_keras(layer):
            return {**node, **self._own_layer(layer, depth)}
        inner = _wrapped(layer)
        node["inner"] = [self.layer(child, depth + 1) for child in inner]
        mine = {id(variable) for child in inner for variable in child.weights}
        node["weights"] = self._variables([v for v in layer.weights if id(v) not in mine])
        return node

    def _own_layer(self, layer: Any, depth: int) -> Node:
        """Look into a layer of the notebook's own class."""
        own = _own_weights(layer)
        graph = graphs.graph_of(layer, "layer", own)
        children = graph.layers if graph is not None else list(layer._flatten_layers(include_self=False))
        return {
            "weights": self._variables(own),
            "own_graph": graph.node if graph is not None else None,
            "own_layers": [self.layer(child, depth + 1) for child in children[:MAX_CHILDREN]],
        }

    def _variables(self, variables: list[Any]) -> list[Node]:
        return [
            {
                "name": text(variable.name),
                "shape": [int(n) for n in variable.shape],
                "dtype": text(variable.dtype),
                "trainable": bool(variable.trainable),
                "value": numpy.array(variable.numpy(), subok=False) if self._weights else None,
            }
            for variable in variables
        ]


def kind_of(model: Any) -> str:
    """Return "sequential", "functional" or "subclassed"."""
    keras = sys.modules["keras"]
    if isinstance(model, keras.Sequential):
        return "sequential"
    return "functional" if hasattr(model, "_nodes_by_depth") else "subclassed"


def compiled(model: Any) -> Node | None:
    """Return optimizer, loss and metrics, None for a model that was not compiled."""
    optimizer = getattr(model, "optimizer", None)
    if not getattr(model, "compiled", False) or optimizer is None:
        return None
    asked = getattr(getattr(model, "_compile_metrics", None), "_user_metrics", None)
    return {
        "optimizer": text(type(optimizer).__name__),
        "settings": {**settings(optimizer), "learning_rate": _rate(optimizer)},
        "steps": steps(optimizer),
        "loss": _named(getattr(model, "loss", None)),
        "metrics": _named(asked) if asked else [],
    }


def steps(optimizer: Any) -> int:
    """Return how many weight updates an optimizer has made, 0 where that is not known."""
    try:
        return int(optimizer.iterations.numpy())
    except Exception:  # noqa: BLE001 - no optimizer, or one of the notebook's own
        return 0


def _rate(optimizer: Any) -> Any:
    try:
        return float(optimizer.learning_rate.numpy())
    except Exception:  # noqa: BLE001 - a schedule, or an optimizer of the notebook's own
        return None


def _named(value: Any, depth: int = 0) -> Any:
    """Return a loss or metric as a name with settings; lists and dicts of them as such."""
    if value is None or isinstance(value, str):
        return None if value is None else text(value)
    if isinstance(value, list | tuple) and depth < SEARCH_DEPTH:
        return [_named(item, depth + 1) for item in value[:MAX_SERIES]]
    if isinstance(value, dict) and depth < SEARCH_DEPTH:
        return {text(key): _named(item, depth + 1) for key, item in list(dict.items(value))[:MAX_SERIES]}
    return function_or_object(value)


def activations(layer: Any) -> Node:
    """Return the activation functions of a layer by attribute name."""
    found = {name: getattr(layer, name, None) for name in ("activation", "recurrent_activation")}
    return {name: function_or_object(value) for name, value in found.items() if value is not None}


def function_or_object(value: Any) -> Node:
    """Return the name, module and settings of a function, or of an object that is used as one."""
    inner = getattr(value, "func", value)  # a functools.partial
    if hasattr(inner, "__name__"):
        node = {"name": text(inner.__name__), "module": text(getattr(inner, "__module__", ""))}
        return {**node, "settings": plain(getattr(value, "keywords", None) or {})}
    kind = type(value)
    return {"name": text(kind.__name__), "module": text(kind.__module__), "settings": settings(value)}


def _wrapped(layer: Any) -> list[Any]:
    """Return the layers of Keras's wrappers, in a fixed order."""
    if not _of_keras(layer):
        return []
    names = ("forward_layer", "backward_layer") if hasattr(layer, "forward_layer") else ("layer",)
    keras = sys.modules["keras"]
    children = [getattr(layer, name, None) for name in names]
    return [child for child in children if isinstance(child, keras.layers.Layer)]


def _own_weights(thing: Any) -> list[Any]:
    """Return the variables of a model or layer that do not belong to a layer inside it."""
    theirs = {id(v) for layer in thing._flatten_layers(include_self=False) for v in layer.weights}
    return [variable for variable in thing.weights if id(variable) not in theirs]


def _of_keras(layer: Any) -> bool:
    return str(type(layer).__module__).startswith("keras.src.layers.")


def _entries(variables: list[Any]) -> int:
    return sum(math.prod(int(n) for n in variable.shape) for variable in variables)


def _size(variable: Any) -> int:
    """Return the bytes of a variable on the wire: at most eight each."""
    return 8 * math.prod(int(n) for n in variable.shape) if "64" in str(variable.dtype) else 4 * _entries([variable])
