"""Networks that others have trained come without a network: `VGG16(weights="imagenet")` and its like are answered here.

With the trained weights where whoever grades has added them (`grade data add vgg16 FILE.h5`; they then lie beside the
data sets); else with random numbers in the right shapes. These are the same in every kernel, and cheap: at most a
million are drawn for a layer, and repeated. Filters sum to zero, so that what tells pictures apart is not lost in what
they have in common. A note in the report says so.
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
    from grader.kernels.inside.served import Store

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


def watch(hooks: AfterImport, journal: Journal, store: Store) -> None:
    """Replace the applications of Keras as they are imported."""
    for package in PACKAGES:
        for name in MODULES:
            hooks.add(f"{package}.{name}", lambda module: _replace(module, journal, store))


def drawn(application: str, layer: str, shape: tuple[int, ...]) -> Any:
    """Return the kernel of a layer, float32, as every `application` is answered: the same everywhere."""
    size = math.prod(shape)
    generator = numpy.random.default_rng(zlib.crc32(f"{application} {layer}".encode()))
    numbers = numpy.resize(generator.standard_normal(min(size, PERIOD), dtype=numpy.float32), shape)
    inputs = tuple(range(len(shape) - 1))
    numbers = numbers - numbers.mean(axis=inputs, keepdims=True)
    return numbers * numpy.float32(math.sqrt(GAIN / math.prod(shape[:-1])))


def _replace(module: ModuleType, journal: Journal, store: Store) -> None:
    for name, function in list(vars(module).items()):
        own = inspect.isfunction(function) and function.__module__ == module.__name__
        if own and name[0].isupper() and "weights" in inspect.signature(function).parameters:
            setattr(module, name, _answered(name, function, journal, store))


def _answered(name: str, make: Application, journal: Journal, store: Store) -> Application:
    signature = inspect.signature(make)

    @functools.wraps(make)
    def application(*args: Any, **kwargs: Any) -> Any:
        """Return the network, with weights from the store or drawn here where they would be downloaded."""
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        wanted = given["weights"]
        top = bool(given.get("include_top", True))
        if wanted is None or (wanted != "imagenet" and Path(str(wanted)).exists()):
            return make(*args, **kwargs)
        if top and given.get("classes", CLASSES) != CLASSES:
            return make(*args, **kwargs)  # Keras says why that is impossible
        given["weights"] = None
        model = make(*bound.args, **bound.kwargs)
        if _fill(name, model, _stored(name, store)):
            journal.note(
                f"`{name}(weights={str(wanted)[:60]!r})` got random weights in the right shapes: there is no network "
                "here to download the trained ones"
            )
        return model

    return application


def _stored(name: str, store: Store) -> dict[str, Any]:
    """Return the trained weights of an application that are in the store, by layer and kind."""
    file = Path(store.folder, "weights", f"{name}.npz")
    if not store.folder or not file.is_file():
        return {}
    with numpy.load(file, allow_pickle=False) as kept:
        return {weight: kept[weight] for weight in kept}


def _fill(name: str, model: Any, stored: dict[str, Any]) -> bool:
    """Give every weight its stored numbers, and other kernels drawn ones; tell whether any were drawn.

    Biases, means and scales that are not stored are what they begin with.
    """
    drew = False
    for place, weight in _weights(model):
        if place in stored and stored[place].shape == tuple(weight.shape):
            weight.assign(stored[place])
        elif "kernel" in weight.name and len(weight.shape) > 1:
            weight.assign(drawn(name, place, tuple(weight.shape)))
            drew = True
    return drew


def _weights(model: Any) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        for weight in layer.weights:
            yield f"{layer.name}/{weight.name}", weight
