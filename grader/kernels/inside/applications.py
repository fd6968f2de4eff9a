"""Networks that others have trained come without a network: `VGG16(weights="imagenet")` and its like are answered here.

With the file Keras would download, e.g. `vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5`, where an instructor named
it in the assignment's `files` (it then lies beside the notebook); else with random numbers in the right shapes. These
are the same in every kernel, and cheap: at most a million are drawn for a layer, and repeated. Filters sum to zero, so
that what tells pictures apart is not lost in what they have in common. A note in the report says so.
"""

from __future__ import annotations

import functools
import inspect
import math
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside.hooks import AfterImport
    from grader.kernels.inside.journal import Journal

PACKAGES = ("keras.src.applications", "tf_keras.src.applications")
MODULES = (
    "convnext",
    "densenet",
    "efficientnet",
    "efficientnet_v2",
    "inception_resnet_v2",
    "inception_v3",
    "mobilenet",
    "mobilenet_v2",
    "mobilenet_v3",
    "nasnet",
    "resnet",
    "resnet_v2",
    "vgg16",
    "vgg19",
    "xception",
)
CLASSES = 1000  # of ImageNet
PERIOD = 1_000_003  # a prime, so that repeated numbers never line up with channels
GAIN = 2.93  # 2 for ReLU (He et al. 2015), and what filters that sum to zero do not see: the mean of their inputs

Application = Callable[..., Any]


def watch(hooks: AfterImport, journal: Journal) -> None:
    """Replace the applications of Keras as they are imported."""
    for package in PACKAGES:
        for name in MODULES:
            hooks.add(f"{package}.{name}", lambda module: _replace(module, journal))


def drawn(application: str, layer: str, shape: tuple[int, ...]) -> Any:
    """Return the kernel of a layer, float32, as every `application` is answered: the same everywhere."""
    size = math.prod(shape)
    generator = numpy.random.default_rng(zlib.crc32(f"{application} {layer}".encode()))
    numbers = numpy.resize(generator.standard_normal(min(size, PERIOD), dtype=numpy.float32), shape)
    inputs = tuple(range(len(shape) - 1))
    numbers = numbers - numbers.mean(axis=inputs, keepdims=True)
    return numbers * numpy.float32(math.sqrt(GAIN / math.prod(shape[:-1])))


def _replace(module: ModuleType, journal: Journal) -> None:
    for name, function in list(vars(module).items()):
        own = inspect.isfunction(function) and function.__module__ == module.__name__
        if own and name[0].isupper() and "weights" in inspect.signature(function).parameters:
            setattr(module, name, _answered(name, function, journal))


def _answered(name: str, make: Application, journal: Journal) -> Application:
    signature = inspect.signature(make)

    @functools.wraps(make)
    def application(*args: Any, **kwargs: Any) -> Any:
        """Return the network, with weights from a file or drawn here where they would be downloaded."""
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        wanted = given["weights"]
        top = bool(given.get("include_top", True))
        if wanted is None or (wanted != "imagenet" and Path(str(wanted)).exists()):
            return make(*args, **kwargs)
        if top and given.get("classes", CLASSES) != CLASSES:
            return make(*args, **kwargs)  # Keras says why that is impossible
        given["weights"] = _file(name, top=top)
        model = make(*bound.args, **bound.kwargs)
        if given["weights"] is None:
            _fill(name, model)
            journal.note(
                f"`{name}(weights={str(wanted)[:60]!r})` got random weights in the right shapes: there is no network "
                "here to download the trained ones"
            )
        return model

    return application


def _file(name: str, *, top: bool) -> str | None:
    """Return the file with an application's weights that lies in the working folder."""
    files = sorted(Path.cwd().glob("*.h5"))
    fitting = [file for file in files if file.name.lower().startswith(f"{name.lower()}_weights")]
    return next((str(file) for file in fitting if ("notop" in file.name) is not top), None)


def _fill(name: str, model: Any) -> None:
    """Give every kernel its drawn numbers; biases, means and scales are what they begin with."""
    for layer, weight in _kernels(model):
        weight.assign(drawn(name, layer, tuple(weight.shape)))


def _kernels(model: Any) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        for weight in layer.weights:
            if "kernel" in weight.name and len(weight.shape) > 1:
                yield f"{layer.name}/{weight.name}", weight
