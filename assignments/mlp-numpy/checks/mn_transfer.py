"""Finding what was built on VGG16: a model with its layers in it, or a head trained on its features."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks import Check, Models, NeedsReview, NotAttempted
from grader.datasets import weights
from grader.kernels.inside.applications import drawn
from grader.models import Model, recompute
from grader.models.structure import Layer

FILTERS = (64, 64, 128, 128, *[256] * 3, *[512] * 6)
CONVOLUTIONS = [f"block{b}_conv{n}" for b, count in enumerate((2, 2, 3, 3, 3), 1) for n in range(1, count + 1)]
BLOCKS = (2, 4, 7, 10, 13)  # convolutions up to the end of each block
MULTIPLICATIONS = 7e8  # of the images that are computed again in NumPy
CLASSES = 10


@dataclass(frozen=True, kw_only=True)
class Described:
    """A model of the notebook: what the student calls it, where it is, and its layers with their weights."""

    label: str
    path: tuple[Any, ...]
    model: Model

    @property
    def convolutions(self) -> list[Layer]:
        """The layers that are VGG16's convolutions; [] where they are not all there."""
        found = [
            layer
            for layer in self.model.all_layers()
            if layer.kind == "Conv2D" and layer.pair("kernel_size")[:1] == (3,)
        ]
        starts = range(len(found) - len(FILTERS) + 1)
        fits = (found[i : i + len(FILTERS)] for i in starts)
        return next((part for part in fits if tuple(layer.number("filters") for layer in part) == FILTERS), [])

    @property
    def head(self) -> list[Layer]:
        """The dense layers."""
        return [layer for layer in self.model.all_layers() if layer.kind == "Dense"]


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """The network that was built: one model, or VGG16 and a head that was trained on what it gives."""

    base: Described
    top: Described

    @property
    def whole(self) -> bool:
        """Whether VGG16 is part of the model."""
        return self.base.path == self.top.path


def described(models: Models) -> list[Described]:
    """Return the Keras models of the notebook, in the order they were defined."""
    return [Described(label=one.label, path=one.path, model=one.model) for one in models.all()]


def transfer_of(check: Check, models: Sequence[Described], sources: str) -> Transfer:
    """Return what was built on VGG16; fail the check, or leave it to a person, where nothing was."""
    based = [one for one in models if one.convolutions]
    whole = [one for one in based if one.head and one.head[-1].number("units") != 1000]
    if whole:
        called = [one for one in whole if "transfer" in one.label]
        best = (called or whole)[-1]
        return Transfer(base=best, top=best)
    for base, top in itertools.product(based, reversed(models)):
        if top.head and not top.convolutions and features(base) == math.prod(n or 1 for n in top.model.input_shape[1:]):
            check.remark(f"{top.label} was trained on what {base.label} gives, and taken as its top")
            return Transfer(base=base, top=top)
    if "torch" in sources and "VGG16(" not in sources:
        raise NeedsReview("Your transfer learning uses PyTorch, which cannot be graded here: a person looks at it.")
    if based:
        check.fail(f"{based[-1].label} is VGG16, but no model of yours puts dense layers of your own on top of it.")
    if models and "VGG16(" in sources:
        check.fail(f"None of your models contains the 13 convolutions of VGG16: {', '.join(m.label for m in models)}.")
    if "VGG16(" in sources:
        check.fail("Your notebook uses VGG16, but no model is there: did the cell that builds it run?")
    raise NotAttempted("There is no model built on VGG16 yet.")


def features(base: Described) -> int:
    """Return how many numbers VGG16 gives for one image."""
    return math.prod(n or 1 for n in base.model.output_shape[1:])


def frozen(convolutions: Sequence[Layer]) -> int:
    """Return how many convolutions, from the first on, are not trained."""
    return sum(1 for _ in itertools.takewhile(lambda layer: layer.trainable_parameters == 0, convolutions))


def changed(convolutions: Sequence[Layer]) -> list[str]:
    """Return the layers whose kernels are not those `VGG16(weights="imagenet")` was answered with."""
    stored, wrong = weights("vgg16") or {}, []
    for layer, name in zip(convolutions, CONVOLUTIONS, strict=False):
        kernel, place = layer.weight("kernel"), f"{name}/kernel"
        if kernel is None:
            continue
        given = stored[place] if place in stored else drawn("VGG16", place, kernel.shape)
        if not np.allclose(kernel, given, atol=1e-6):
            wrong.append(layer.name)
    return wrong


def cost(shape: Sequence[int | None]) -> int:
    """Return how many multiplications VGG16's convolutions take for one image of shape (height, width, 3)."""
    height, width, channels = (int(n or 32) for n in shape)
    total = 0
    for number, filters in enumerate(FILTERS, 1):
        total += height * width * filters * 3 * 3 * channels
        channels = filters
        if number in BLOCKS:
            height, width = max(1, height // 2), max(1, width // 2)
    return total


def predicted(check: Check, transfer: Transfer, x: np.ndarray) -> np.ndarray:
    """Return the classes the network gives for rows x, some of them computed again from its weights."""
    base, top = (check.student.read(one.path) for one in (transfer.base, transfer.top))
    some = max(1, min(len(x), int(MULTIPLICATIONS / max(1, cost(x.shape[1:])))))
    told = np.asarray(base.predict(x, batch_size=32, verbose=0))
    require_same(check, transfer.base, x[:some], told[:some])
    if not transfer.whole:
        told = told.reshape(len(told), *[n or -1 for n in transfer.top.model.input_shape[1:]])
        given = told
        told = np.asarray(top.predict(given, batch_size=32, verbose=0))
        require_same(check, transfer.top, given, told)
    if told.ndim != 2 or told.shape[0] != len(x):
        check.fail(
            f"`predict` gives an array of shape {told.shape} for {len(x)} images, not one row of classes for each."
        )
    return told.argmax(axis=1)


def require_same(check: Check, one: Described, x: np.ndarray, told: np.ndarray) -> None:
    """Fail the check where `predict` gives something else than the weights do."""
    again = recompute(one.model, x, told)
    if again.agrees is False:
        check.fail(f"{one.label}: {again.sentence}")
    if again.agrees is None:
        check.remark(f"the predictions of {one.label} could not be computed again: {again.sentence}")
