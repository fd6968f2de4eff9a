"""Which layer of a Keras model is applied to which tensors, as plain data.

A functional model, and a built Sequential, keep that themselves. What the `call` of a subclassed model or layer does is
found by calling it once with symbolic tensors, as if somebody built a functional model from its layers: nothing is
computed, and the traces Keras keeps in the layers are removed afterwards. A `call` that cannot be followed that way
(loops over data, NumPy inside) has no graph.

    node      {"layer": i} or {"operation": class, ...}, with "arguments", "keywords", and the numbers of its "outputs"
    argument  {"tensor": n}, {"weight": i}, {"list": [...]}, {"dict": [[k, v], ...]}, {"slice": [a, b, c]}, {"plain": v}
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.kernels.inside.plain import plain, text
else:
    from plain import plain, text

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]  # see wire.py

MAX_GRAPH_NODES = 5_000
MAX_TREE_DEPTH = 6
MAX_SHAPES = 20
# What is used of TensorFlow itself inside `call`, and the operation of Keras that is the same for symbolic tensors.
SAME_IN_KERAS = {
    "nn": "relu relu6 softmax log_softmax sigmoid tanh elu selu leaky_relu gelu silu swish=silu softplus",
    "math": "sigmoid tanh add subtract multiply divide square sqrt exp log abs maximum minimum pow=power "
    "reduce_mean=mean reduce_sum=sum reduce_max=max reduce_min=min",
    "": "reshape matmul concat=concatenate add subtract multiply divide square sqrt exp abs maximum minimum pow=power "
    "reduce_mean=mean reduce_sum=sum reduce_max=max reduce_min=min sigmoid tanh expand_dims squeeze transpose cast "
    "stack identity=copy",
}

Node = dict[str, Any]


class Graph:
    """The nodes of one model in an order in which they can be computed, and the layers they use."""

    def __init__(self, source: Any, weights: list[Any]) -> None:
        keras = sys.modules["keras"]
        operations = list(source._operations)
        self.layers = [operation for operation in operations if isinstance(operation, keras.layers.Layer)]
        self._places = {id(layer): place for place, layer in enumerate(self.layers)}
        self._tensors: dict[int, int] = {}
        self._source = source
        self._inputs = [self._number(tensor) for tensor in source._inputs]
        self._weights = {id(weight): place for place, weight in enumerate(weights)}
        self.node = self._written()

    def _written(self) -> Node | None:
        """Return the graph as plain data, None when it is too large."""
        by_depth = self._source._nodes_by_depth
        ordered = [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if not node.is_input]
        if len(ordered) > MAX_GRAPH_NODES:
            return None
        return {
            "inputs": self._inputs,
            "input_shapes": [shape(tensor) for tensor in self._source._inputs],
            "input_names": [text(tensor.name) for tensor in self._source._inputs],
            "nodes": [self._applied(node) for node in ordered],
            "outputs": self._tree(self._source._outputs_struct, 0),
        }

    def _applied(self, node: Any) -> Node:
        place = self._places.get(id(node.operation))
        kind = type(node.operation)
        what: Node = {"layer": place} if place is not None else {"operation": text(kind.__name__)}
        if place is None:
            own = [(key, value) for key, value in vars(node.operation).items() if not key.startswith("_")]
            what |= {"module": text(kind.__module__), "settings": {text(key): plain(value) for key, value in own}}
        return {
            **what,
            "arguments": [self._tree(argument, 0) for argument in node.arguments.args],
            "keywords": [[text(key), self._tree(value, 0)] for key, value in node.arguments.kwargs.items()],
            "outputs": [self._number(tensor) for tensor in node.outputs],
            "shapes": [shape(tensor) for tensor in node.outputs],
        }

    def _number(self, tensor: Any) -> int:
        return self._tensors.setdefault(id(tensor), len(self._tensors))

    def _tree(self, value: Any, depth: int) -> Node:
        keras = sys.modules["keras"]
        if isinstance(value, keras.KerasTensor):
            return {"tensor": self._number(value)}
        if id(value) in self._weights:
            return {"weight": self._weights[id(value)]}
        if isinstance(value, slice):
            return {"slice": [plain(part) for part in (value.start, value.stop, value.step)]}
        if isinstance(value, list | tuple) and depth < MAX_TREE_DEPTH:
            return {"list": [self._tree(item, depth + 1) for item in value]}
        if isinstance(value, dict) and depth < MAX_TREE_DEPTH:
            return {"dict": [[text(key), self._tree(item, depth + 1)] for key, item in dict.items(value)]}
        return {"odd": "..."} if value is Ellipsis else {"plain": plain(value)}


def graph_of(thing: Any, kind: str, weights: list[Any]) -> Graph | None:
    """Return the graph of a model or layer, None where there is none.

    `kind` is "sequential", "functional", "subclassed" or "layer"; a Sequential that was never built has no graph.
    Arguments refer to `weights` by their place.
    """
    try:
        if kind == "functional":
            return Graph(thing, weights)
        if kind == "sequential":
            inner = getattr(thing, "_functional", None)
            return None if inner is None else Graph(inner, weights)
        return _traced(thing, weights)
    except Exception:  # noqa: BLE001 - a student's own `call` may do anything
        return None


def shapes(layer: Any, side: str) -> list[list[int | None]]:
    """Return the shapes of a layer's "input" or "output" tensors where it was first used, [] when unknown."""
    try:
        nodes = layer._inbound_nodes
        if nodes:
            tensors = nodes[0].outputs if side == "output" else nodes[0].arguments.keras_tensors
            return [shape(tensor) for tensor in tensors[:MAX_SHAPES]]
        built = _built_shapes(layer)
        found = built if side == "input" else [layer.compute_output_shape(*built)]
        return [[None if n is None else int(n) for n in one] for one in found]
    except Exception:  # noqa: BLE001 - a layer that was never built, or the notebook's own
        return []


def shape(tensor: Any) -> list[int | None]:
    """Return a tensor's shape; None stands for an axis of any length."""
    return [None if n is None else int(n) for n in tensor.shape]


# --- following a `call` --------------------------------------------------------------------------------------------


def _traced(thing: Any, weights: list[Any]) -> Graph | None:
    """Call `thing.call` with symbolic tensors of the shapes it was built for."""
    built = _built_shapes(thing)
    if not built or not thing.built:
        return None
    keras = sys.modules["keras"]
    function = sys.modules["keras.src.ops.function"].Function
    signature = inspect.signature(thing.call).parameters
    given = {"training": False} if "training" in signature else {}
    with _untouched(thing), _tensorflow_followed(), contextlib.redirect_stdout(_Nowhere()):
        inputs = [keras.Input(batch_shape=(None, *one[1:])) for one in built]
        return Graph(function(inputs, thing.call(*inputs, **given)), weights)


def _built_shapes(thing: Any) -> list[Any]:
    """Return the input shapes a layer was built for; Keras keeps them by the name of the argument."""
    kept = getattr(thing, "_build_shapes_dict", None)
    values = list(kept.values()) if isinstance(kept, dict) else []
    single = all(isinstance(one, list | tuple) and all(n is None or isinstance(n, int) for n in one) for one in values)
    return values if single else []


@contextlib.contextmanager
def _untouched(thing: Any) -> Iterator[None]:
    """Remove afterwards what symbolic calls leave in the layers of `thing`."""
    layers = list(thing._flatten_layers())
    before = [(layer, len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in layers]
    try:
        yield
    finally:
        for layer, n_inbound, n_outbound in before:
            del layer._inbound_nodes[n_inbound:], layer._outbound_nodes[n_outbound:]


@contextlib.contextmanager
def _tensorflow_followed() -> Iterator[None]:
    """Let the usual functions of TensorFlow take symbolic tensors for a moment."""
    tensorflow = sys.modules.get("tensorflow")
    replaced = list(_followed(tensorflow)) if tensorflow is not None else []
    try:
        for module, name, _, instead in replaced:
            setattr(module, name, instead)
        yield
    finally:
        for module, name, original, _ in replaced:
            setattr(module, name, original)


def _followed(tensorflow: Any) -> Iterator[tuple[Any, str, Any, Any]]:
    """Yield (module, name, the function there, what to put there instead)."""
    operations = sys.modules["keras"].ops
    for place, names in SAME_IN_KERAS.items():
        module = getattr(tensorflow, place) if place else tensorflow
        for pair in names.split():
            name, _, other = pair.partition("=")
            symbolic = getattr(operations, other or name, None)
            original = getattr(module, name, None)
            if symbolic is not None and original is not None:
                yield module, name, original, _either(original, symbolic)


def _either(original: Callable[..., Any], symbolic: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is `symbolic` for symbolic tensors and `original` for all others."""
    tensor = sys.modules["keras"].KerasTensor

    @functools.wraps(original)
    def either(*args: Any, **kwargs: Any) -> Any:
        flat = [part for value in args for part in (value if isinstance(value, list | tuple) else [value])]
        if not any(isinstance(part, tensor) for part in [*flat, *kwargs.values()]):
            return original(*args, **kwargs)
        kwargs.pop("name", None)
        return symbolic(*[getattr(value, "name", value) if _is_dtype(value) else value for value in args], **kwargs)

    return either


def _is_dtype(value: Any) -> bool:
    return type(value).__name__ == "DType"


class _Nowhere:
    """Stands for `sys.stdout` while a `call` is followed."""

    def write(self, text: str) -> int:
        """Forget the text."""
        return len(text)

    def flush(self) -> None:
        """Nothing is kept."""
