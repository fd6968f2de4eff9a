"""The data sets that come with the grader: digits, garments and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.datasets import garments, pictures
from grader.datasets.digits import digits
from grader.datasets.drawing import Chance
from grader.datasets.splits import stratified

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]
Rows = tuple[Images, Labels]  # images (n, height, width[, 3]) and labels (n,)


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """A data set that is made here when it is first needed; `original` is what it stands for."""

    about: str
    original: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    sizes: tuple[int, int, int]  # training, test and hidden rows
    parts: Callable[[tuple[int, int, int]], list[Rows]]


def _real(sizes: tuple[int, int, int]) -> list[Rows]:
    images, labels = digits()
    return [(images[rows], labels[rows]) for rows in stratified(labels, sizes, "digit")]


def _drawn(draw: Callable[[Labels], Images], seed: int) -> Callable[[tuple[int, int, int]], list[Rows]]:
    """Return a function that draws the parts: as many of every class in each, in random order."""

    def parts(sizes: tuple[int, int, int]) -> list[Rows]:
        chance = Chance(seed)
        labels = np.concatenate([chance.shuffled(np.arange(size) % 10) for size in sizes]).astype(np.uint8)
        images, ends = draw(labels), np.cumsum(sizes)
        return [(images[end - size : end], labels[end - size : end]) for end, size in zip(ends, sizes, strict=True)]

    return parts


EMBEDDED = {
    "digits": Embedded(
        about="real handwritten digits (scikit-learn's), grey",
        original="mnist",
        classes=tuple("0123456789"),
        shape=(28, 28),
        sizes=(1_200, 300, 297),
        parts=_real,
    ),
    "garments": Embedded(
        about="drawn garments, grey",
        original="fashion_mnist",
        classes=garments.CLASSES,
        shape=(28, 28),
        sizes=(2_000, 500, 1_000),
        parts=_drawn(garments.draw, garments.SEED),
    ),
    "pictures": Embedded(
        about="drawn animals and vehicles, in colour",
        original="cifar10",
        classes=pictures.CLASSES,
        shape=(32, 32, 3),
        sizes=(3_000, 500, 1_000),
        parts=_drawn(pictures.draw, pictures.SEED),
    ),
}
