"""What a kernel said about a Keras model, as checked records.

The kernel's words are a claim: every record is bounded in size and depth, arrays have the shape they claim, and numbers
of layers and tensors point at something. Whether a claim is *true* is what `recompute` finds out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

MAX_DEPTH = 12
MAX_PARTS = 20_000
NUMERIC = "biuf"
LOSS_NAMES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "crossentropy": "categorical_crossentropy",
    "categorical_cross_entropy": "categorical_crossentropy",
}
KERAS, TENSORFLOW = "keras.src.", "tensorflow."
ACTIVATION_NAMES = {
    "softmax_v2": "softmax",
    "swish": "silu",
    "exp": "exponential",
    "re_lu": "relu",
    "leaky_re_lu": "leaky_relu",
    "p_re_lu": "prelu",
}

Array = NDArray[Any]
Path = tuple[tuple[str, str | int], ...]


def _plain(value: Any, depth: int = 0, left: list[int] | None = None) -> Any:
    """Return a plain value unchanged; ValueError when it is too deep, too large or of another type."""
    left = [MAX_PARTS] if left is None else left
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        raise ValueError("nested too deeply or too many parts")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key that is no text")
        return {key: _plain(item, depth + 1, left) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1, left) for item in value]
    if isinstance(value, np.ndarray) and value.dtype.kind in NUMERIC:
        return value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError("a value that is not plain")


def _pairs(value: Any) -> Any:
    """Return [[name, numbers], ...] as a dict, which is what the wire makes of anything else but text keys."""
    return (
        dict(value)
        if isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value)
        else value
    )


def _numeric(value: Any) -> Any:
    if value is None or (isinstance(value, np.ndarray) and value.dtype.kind in NUMERIC):
        return value
    raise ValueError("not an array of numbers")


Text = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(max_length=1_000)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Shape = Annotated[tuple[Annotated[int, Field(ge=0, le=2**40)] | None, ...], Field(max_length=32)]
Plain = Annotated[Any, BeforeValidator(_plain)]
Settings = Annotated[dict[str, Any], BeforeValidator(_plain)]
Series = Annotated[
    dict[Text, Annotated[tuple[float, ...], Field(max_length=10_000)]], BeforeValidator(_pairs), Field(max_length=60)
]
Numbers = Annotated[Any, BeforeValidator(_numeric)]


class Record(BaseModel):
    """A frozen record; what the kernel adds beyond the fields is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)


class Weight(Record):
    """One variable of a layer: `value` has the shape `shape`, or is None where it was not sent."""

    name: Text
    shape: Shape
    dtype: Text
    trainable: bool
    value: Numbers = None

    @model_validator(mode="before")
    @classmethod
    def _not_filled_yet(cls, given: Any) -> Any:
        """Take a variable without numbers, which a `fit` that failed leaves behind, as one that was not sent."""
        empty = isinstance(given, dict) and getattr(given.get("value"), "shape", None) == (0,)
        return {**given, "value": None} if empty and given.get("shape") != [0] else given

    @model_validator(mode="after")
    def _as_claimed(self) -> Self:
        if self.value is not None and self.value.shape != self.shape:
            raise ValueError("a weight whose shape is not what it claims")
        return self


class Function(Record):
    """An activation, loss or metric: a function or an object used as one."""

    name: Text
    module: Text = ""
    settings: Settings = Field(default_factory=dict)

    @property
    def known(self) -> str | None:
        """Return the name in Keras's spelling, None for a function of the notebook's own."""
        ours = self.module.startswith((KERAS, TENSORFLOW))
        name = snake(self.name) if self.name[:1].isupper() else self.name
        return ACTIVATION_NAMES.get(name, name) if ours else None


class Applied(Record):
    """One use of a layer, or of an operation of Keras: arguments in, numbered tensors out."""

    layer: Count | None = None
    operation: Text = ""
    module: Text = ""
    settings: Settings = Field(default_factory=dict)
    arguments: Annotated[tuple[Plain, ...], Field(max_length=100)] = ()
    keywords: Annotated[tuple[tuple[Text, Plain], ...], Field(max_length=100)] = ()
    outputs: Annotated[tuple[Count, ...], Field(max_length=100)] = ()
    shapes: Annotated[tuple[Shape, ...], Field(max_length=100)] = ()

    def tensors(self) -> list[int]:
        """Return the numbers of the tensors that go in, in order."""
        return [*tensors_of(list(self.arguments)), *tensors_of([value for _, value in self.keywords])]


class Graph(Record):
    """Which layers are applied to which tensors; `nodes` come in an order in which they can be computed."""

    inputs: Annotated[tuple[Count, ...], Field(max_length=100)]
    input_shapes: Annotated[tuple[Shape, ...], Field(max_length=100)] = ()
    input_names: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    nodes: Annotated[tuple[Applied, ...], Field(max_length=5_000)]
    outputs: Plain


class Layer(Record):
    """One layer; `settings` are Keras's, e.g. settings["units"]."""

    kind: Text = Field(alias="class")
    module: Text
    name: Text
    parameters: Count = 0
    trainable: bool = True
    trainable_parameters: Count = 0
    dtype: Text = ""
    input_shapes: Annotated[tuple[Shape, ...], Field(max_length=100)] = ()
    output_shapes: Annotated[tuple[Shape, ...], Field(max_length=100)] = ()
    settings: Settings = Field(default_factory=dict)
    activations: dict[Text, Function] = Field(default_factory=dict, max_length=10)
    weights: Annotated[tuple[Weight, ...], Field(max_length=2_000)] = ()
    inner: Annotated[tuple[Layer, ...], Field(max_length=10)] = ()
    model: Model | None = None
    own_graph: Graph | None = None
    own_layers: Annotated[tuple[Layer, ...], Field(max_length=2_000)] = ()

    @property
    def of_keras(self) -> bool:
        """Whether this is one of Keras's own layers, not a class of the notebook."""
        return self.module.startswith((f"{KERAS}layers.", f"{KERAS}models."))

    @property
    def activation(self) -> str | None:
        """The activation's name in Keras's spelling, "linear" where there is none, None for one of the notebook's."""
        function = self.activations.get("activation")
        return "linear" if function is None else function.known

    @property
    def output_shape(self) -> Shape:
        """The shape of what comes out where the layer is first used, () when unknown; None is any length."""
        return self.output_shapes[0] if self.output_shapes else ()

    def number(self, key: str) -> int | float | None:
        """Return a setting that is a number: units, filters, groups, rate, epsilon, momentum, …; else None."""
        value = self.settings.get(key)
        return value if isinstance(value, int | float) else None

    def pair(self, key: str) -> tuple[int, ...]:
        """Return a setting that is one or more integers (kernel_size, strides, pool_size, dilation_rate)."""
        value = self.settings.get(key)
        parts = value if isinstance(value, list) else [value]
        return tuple(part for part in parts if isinstance(part, int) and not isinstance(part, bool))

    def weight(self, name: str) -> Array | None:
        """Return the numbers of the weight called `name`, None where there is none or it was not sent."""
        return next((weight.value for weight in self.weights if weight.name == name), None)


class Compiled(Record):
    """How a model was compiled; `steps` is how many updates its optimizer says it made."""

    optimizer: Text
    settings: Settings = Field(default_factory=dict)
    steps: Count = 0
    loss: Plain = None
    metrics: Plain = None

    @property
    def losses(self) -> tuple[str, ...]:
        """The names of all losses in Keras's long spelling, e.g. "sparse_categorical_crossentropy"."""
        return tuple(_loss_name(one) for one in _each(self.loss))

    @property
    def from_logits(self) -> bool:
        """Whether a loss was told that the output has no softmax or sigmoid yet."""
        return any(
            isinstance(one, dict) and one.get("settings", {}).get("from_logits") is True for one in _each(self.loss)
        )

    @property
    def learning_rate(self) -> float | None:
        """The present learning rate, None for one that cannot be read."""
        rate = self.settings.get("learning_rate")
        return float(rate) if isinstance(rate, int | float) else None


class Model(Record):
    """A model as it was described: what kind it is, its layers, and, where it could be followed, its graph."""

    kind: Text
    class_name: Text = Field(alias="class")
    module: Text = ""
    name: Text = ""
    built: bool = False
    parameters: Count = 0
    trainable: Count = 0
    steps: Count = 0
    complete: bool = True
    layers: Annotated[tuple[Layer, ...], Field(max_length=2_000)]
    graph: Graph | None = None
    compiled: Compiled | None = None
    weights: Annotated[tuple[Weight, ...], Field(max_length=2_000)] = ()

    @model_validator(mode="after")
    def _points_at_something(self) -> Self:
        for node in self.graph.nodes if self.graph is not None else ():
            if node.layer is not None and node.layer >= len(self.layers):
                raise ValueError("a layer that is not there")
        return self

    @property
    def input_shape(self) -> Shape:
        """The shape of the (first) input, () when unknown; its first axis, the batch, is None."""
        shapes = (
            self.graph.input_shapes if self.graph is not None else self.layers[0].input_shapes if self.layers else ()
        )
        return (None, *shapes[0][1:]) if shapes else ()

    @property
    def output_shape(self) -> Shape:
        """The shape of the (first) output, () when unknown."""
        if self.graph is None:
            return self.layers[-1].output_shape if self.layers else ()
        wanted = tensors_of(self.graph.outputs)[:1]
        for node in self.graph.nodes:
            for number, shape in zip(node.outputs, node.shapes, strict=False):
                if [number] == wanted:
                    return shape
        return ()

    @property
    def weights_known(self) -> bool:
        """Whether the numbers of all weights were sent."""
        return all(weight.value is not None for weight in self.all_weights())

    def all_layers(self) -> Iterator[Layer]:
        """Yield all layers, those of nested models and wrappers in their place, without input layers."""
        for layer in self.layers:
            yield from _within(layer)

    def all_weights(self) -> Iterator[Weight]:
        """Yield all weights, layer by layer."""
        for layer in self.all_layers():
            yield from layer.weights
        yield from self.weights


class Found(Record):
    """A model in the notebook, before it is looked into."""

    path: Path
    also: Annotated[tuple[Path, ...], Field(max_length=200)] = ()
    class_name: Text = Field(alias="class")
    name: Text = ""
    kind: Text
    built: bool = False
    parameters: Count = 0
    trainable: Count = 0
    steps: Count = 0

    @property
    def label(self) -> str:
        """What the student calls it, e.g. `model` or `models[0]`."""
        return spelled(self.path)


class History(Record):
    """What `fit` returned: series of numbers by name, one number an epoch; `model` is the number of its model."""

    path: Path
    also: Annotated[tuple[Path, ...], Field(max_length=200)] = ()
    epochs: Count = 0
    settings: Settings = Field(default_factory=dict)
    series: Series
    model: Count | None = None

    @property
    def label(self) -> str:
        """What the student calls it."""
        return spelled(self.path)


class Inventory(Record):
    """All models and histories of a notebook, each once, in the order its names were first defined."""

    models: Annotated[tuple[Found, ...], Field(max_length=60)]
    histories: Annotated[tuple[History, ...], Field(max_length=200)]

    def histories_of(self, model: Found) -> tuple[History, ...]:
        """Return the histories that `fit` of a model returned."""
        return tuple(one for one in self.histories if one.model is not None and self.models[one.model] is model)

    @model_validator(mode="after")
    def _points_at_something(self) -> Self:
        if any(one.model is not None and one.model >= len(self.models) for one in self.histories):
            raise ValueError("a model that is not there")
        return self


def spelled(path: Path) -> str:
    """Return a path as the student would write it, e.g. `models['deep'].history`."""
    first, *rest = path
    return str(first[1])[:200] + "".join(f".{key}" if kind == "attr" else f"[{key!r}]" for kind, key in rest)


def tensors_of(tree: Any) -> list[int]:
    """Return the numbers of all tensors in an argument, in order."""
    if isinstance(tree, list):
        return [number for item in tree for number in tensors_of(item)]
    if not isinstance(tree, dict):
        return []
    if isinstance(tree.get("tensor"), int):
        return [tree["tensor"]]
    items, pairs = tree.get("list"), tree.get("dict")
    if isinstance(items, list):
        return tensors_of(items)
    return [number for pair in pairs for number in tensors_of(pair)] if isinstance(pairs, list) else []


def snake(name: str) -> str:
    """Return a class name as Keras spells the function: "SparseCategoricalCrossentropy" with underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _within(layer: Layer) -> Iterator[Layer]:
    if layer.model is not None:
        yield from layer.model.all_layers()
    elif layer.kind != "InputLayer":
        yield layer
        for child in (*layer.inner, *layer.own_layers):
            yield from _within(child)


def _each(loss: Any) -> list[Any]:
    """Return the losses of all outputs: one is given plainly, several as a list or by the outputs' names."""
    if isinstance(loss, dict) and "module" not in loss:
        loss = list(loss.values())
    return [] if loss is None else loss if isinstance(loss, list) else [loss]


def _loss_name(loss: Any) -> str:
    name = str(loss.get("name", "")) if isinstance(loss, dict) else str(loss)
    name = snake(name)
    return LOSS_NAMES.get(name, name)


Layer.model_rebuild()
