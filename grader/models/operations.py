"""Operations of `keras.ops` (and of TensorFlow, see `inside/graphs.py`) between the layers of a model, in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.models.activations import activate
from grader.models.structure import KERAS, Applied, Array, Function
from grader.models.unverified import MAX_ENTRIES, NotVerified

TWO: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": np.add,
    "Subtract": np.subtract,
    "Multiply": np.multiply,
    "Divide": np.divide,
    "TrueDivide": np.divide,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "Power": np.power,
    "Matmul": np.matmul,
}
ONE: Mapping[str, Callable[[Any], Any]] = {
    "Negative": np.negative,
    "Square": np.square,
    "Sqrt": np.sqrt,
    "Log": np.log,
    "Exp": np.exp,
    "Absolute": np.abs,
    "Abs": np.abs,
    "Copy": np.asarray,
}
OVER_AXES: Mapping[str, Callable[..., Any]] = {"Mean": np.mean, "Sum": np.sum, "Max": np.max, "Min": np.min}


def operate(node: Applied, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Return what the operation of a node makes of its arguments; NotVerified for one that is not known here."""
    if not node.module.startswith(KERAS):
        raise NotVerified.at(node.operation, "is an operation of your own")
    given = {**node.settings, **kwargs}
    if node.operation in TWO:
        left, right = [*args, *kwargs.values()][:2]
        return _bounded(node, TWO[node.operation], left, right)
    if node.operation in ONE:
        return ONE[node.operation](args[0])
    if node.operation in OVER_AXES:
        axis = given.get("axis")
        axes = tuple(axis) if isinstance(axis, list) else axis
        return OVER_AXES[node.operation](args[0], axis=axes, keepdims=given.get("keepdims") is True)
    if node.operation in SHAPING:
        return SHAPING[node.operation](list(args), given)
    name = Function(name=node.operation, module=node.module).known
    result = (
        activate(name, args[0], {key: value for key, value in given.items() if value is not None}) if args else None
    )
    if result is None:
        raise NotVerified.at(node.operation, "is an operation that is not known here")
    return result


def _bounded(node: Applied, function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Apply a function of two arrays whose result, by broadcasting, may be larger than both."""
    shapes = np.shape(left), np.shape(right)
    size = (
        np.prod(np.broadcast_shapes(*shapes), dtype=float)
        if node.operation != "Matmul"
        else float(np.size(left) * (shapes[1][-1] if shapes[1] else 1))
    )
    if size > MAX_ENTRIES:
        raise NotVerified.at(node.operation, "makes an array that is too large")
    return function(left, right)


def _reshape(args: list[Array], given: Mapping[str, Any]) -> Array:
    shape = given.get("newshape", args[1] if len(args) > 1 else None)
    sizes = [-1 if n is None else int(n) for n in (shape if isinstance(shape, list) else [shape])]
    if sizes[:1] == [-1] and sizes.count(-1) > 1:
        sizes[0] = len(args[0])
    return args[0].reshape(sizes)


def _transpose(args: list[Array], given: Mapping[str, Any]) -> Array:
    axes = given.get("axes")
    return args[0].transpose(axes) if axes is not None else args[0].transpose()


def _squeeze(args: list[Array], given: Mapping[str, Any]) -> Array:
    axis = given.get("axis")
    return np.squeeze(args[0], axis=tuple(axis) if isinstance(axis, list) else axis)


def _expand(args: list[Array], given: Mapping[str, Any]) -> Array:
    axis = given["axis"]
    return np.expand_dims(args[0], tuple(axis) if isinstance(axis, list) else axis)


def _cast(args: list[Array], given: Mapping[str, Any]) -> Array:
    if "float" not in str(given.get("dtype")):
        raise NotVerified.at("Cast", "makes whole numbers of the values between the layers")
    return args[0]


def _item(args: list[Any], given: Mapping[str, Any]) -> Array:
    key = args[1] if len(args) > 1 else given["key"]
    return np.asarray(args[0][tuple(key) if isinstance(key, list) else key])


SHAPING: Mapping[str, Callable[[list[Any], Mapping[str, Any]], Any]] = {
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "ExpandDims": _expand,
    "Concatenate": lambda args, given: np.concatenate(args[0], axis=int(given.get("axis") or 0)),
    "Stack": lambda args, given: np.stack(args[0], axis=int(given.get("axis") or 0)),
    "Cast": _cast,
    "GetItem": _item,
}
