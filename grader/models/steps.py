"""A model as a list of steps by meaning, so that many ways to write the same network look the same.

A Dense layer with an activation, one followed by an Activation layer, and one followed by `tf.nn.relu` in a subclass
are the same step; input layers, and layers that only change the shape, say nothing about the architecture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.models.activations import ACTIVATIONS
from grader.models.structure import KERAS, Applied, Function, Graph, Layer, Model, tensors_of

WEIGHTED = ("dense", "convolution", "recurrent")
KINDS = {
    "dense": ("Dense",),
    "convolution": (
        *(f"{kind}{n}D" for kind in ("Conv", "DepthwiseConv", "SeparableConv") for n in (1, 2, 3)),
        *(f"Conv{n}DTranspose" for n in (1, 2, 3)),
    ),
    "recurrent": ("SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional"),
    "pooling": tuple(
        f"{scope}{kind}Pooling{n}D" for scope in ("", "Global") for kind in ("Max", "Average") for n in (1, 2, 3)
    ),
    "dropout": (
        *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout"),
        "ActivityRegularization",
    ),
    "normalization": ("BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization"),
    "scaling": ("Rescaling", "Normalization"),
    "augmentation": ("RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast"),
    "shape": (
        "Flatten",
        "Reshape",
        "Permute",
        "InputLayer",
        "Identity",
        "ZeroPadding2D",
        "Squeeze",
        "ExpandDims",
        "Cast",
        "Copy",
    ),
    "embedding": ("Embedding",),
    "activation": ("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"),
    "merge": ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"),
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}
CONSTANT_SCALING = ("Divide", "TrueDivide", "Multiply", "Subtract", "Add")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a network; `size` is units or filters, `activations` what is applied after it, in order."""

    kind: str
    name: str
    label: str
    size: int = 0
    activations: tuple[str, ...] = ()
    layer: Layer | None = None

    @property
    def activation(self) -> str:
        """The activation in Keras's spelling, "linear" where there is none; several joined by "then"."""
        return " then ".join(self.activations) or "linear"


@dataclass(frozen=True, kw_only=True)
class Network:
    """The steps of a model in the order they are computed; `branches` where one step's output goes to several."""

    steps: tuple[Step, ...]
    branches: bool

    def of(self, *kinds: str) -> tuple[Step, ...]:
        """Return the steps of some kinds."""
        return tuple(step for step in self.steps if step.kind in kinds)

    @property
    def output(self) -> Step | None:
        """The last step that has weights, None where there is none."""
        weighted = self.of(*WEIGHTED)
        return weighted[-1] if weighted else None


def network(model: Model) -> Network:
    """Return a model as steps; nested models are taken apart."""
    steps: list[Step] = []
    for step in _raw_steps(model):
        if step.kind == "activation":
            _add_activation(steps, step)
        elif step.kind != "shape":
            steps.append(step)
    return Network(steps=tuple(steps), branches=_branches(model))


def _add_activation(steps: list[Step], step: Step) -> None:
    """Give an activation to the last step that has weights, past dropout and normalization."""
    for place in range(len(steps) - 1, -1, -1):
        if steps[place].kind in (*WEIGHTED, "merge", "embedding"):
            steps[place] = replace(steps[place], activations=(*steps[place].activations, *step.activations))
            return
    steps.append(step)


def _raw_steps(model: Model) -> Iterator[Step]:
    if model.graph is None:
        for layer in model.layers:
            yield from _layer_steps(layer)
        return
    yield from _graph_steps(model.graph, model.layers)


def _graph_steps(graph: Graph, layers: Sequence[Layer]) -> Iterator[Step]:
    for node in graph.nodes:
        if node.layer is not None:
            yield from _layer_steps(layers[node.layer])
        else:
            yield _operation_step(node)


def _layer_steps(layer: Layer) -> Iterator[Step]:
    if layer.model is not None:
        yield from _raw_steps(layer.model)
        return
    if not layer.of_keras and layer.own_graph is not None:
        yield from _graph_steps(layer.own_graph, layer.own_layers)
        return
    kind = KIND_OF.get(layer.kind, "other") if layer.of_keras else "own"
    size = layer.number("units") or layer.number("filters") or layer.number("output_dim") or 0
    yield Step(
        kind=kind,
        name=layer.name,
        label=layer.kind,
        size=int(size) if size else _wrapped_size(layer),
        activations=_activations(layer, kind),
        layer=layer,
    )


def _activations(layer: Layer, kind: str) -> tuple[str, ...]:
    if kind == "recurrent":
        return ()  # the activations of a recurrent layer are part of its cell
    if kind == "activation" and layer.kind != "Activation":
        name = Function(name=layer.kind, module=KERAS).known or ""
        return ("relu",) if name == "re_lu" else (name,)
    function = layer.activations.get("activation")
    name = "linear" if function is None else function.known or f"your own `{function.name}`"
    return () if name == "linear" else (name,)


def _wrapped_size(layer: Layer) -> int:
    return sum(int(inner.number("units") or 0) for inner in layer.inner)


def _operation_step(node: Applied) -> Step:
    """Return an operation between layers: an activation, a change of shape, a scaling by a constant."""
    name = Function(name=node.operation, module=node.module).known or ""
    kind = "other"
    if name in ACTIVATIONS:
        kind = "activation"
    elif KIND_OF.get(node.operation) == "shape":
        kind = "shape"
    elif len(node.tensors()) > 1:
        kind = "merge"
    elif node.operation in CONSTANT_SCALING:
        kind = "scaling"
    elif node.operation in {"Mean", "Max"}:
        kind = "pooling"
    activations = (name,) if kind == "activation" and name != "linear" else ()
    return Step(kind=kind, name=node.operation.lower(), label=node.operation, activations=activations)


def _branches(model: Model) -> bool:
    """Tell whether some tensor of a model, or of one inside it, is used twice, or some step takes several."""
    if any(layer.model is not None and _branches(layer.model) for layer in model.layers):
        return True
    if model.graph is None:
        return False
    taken = [number for node in model.graph.nodes for number in node.tensors()] + tensors_of(model.graph.outputs)
    several = any(len(node.tensors()) > 1 for node in model.graph.nodes)
    return several or len(set(taken)) < len(taken) or len(model.graph.inputs) > 1
