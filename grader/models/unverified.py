"""What the forward pass cannot do, and how much it may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from grader.errors import HarnessError
from grader.models.structure import Array, Layer

MAX_OPERATIONS = 2 * 10**11  # multiplications for all images: about half a minute of one core
MAX_ENTRIES = 2**25  # of one array between two layers
MAX_LIVE = 2**27  # of all arrays that are still needed
PER_ENTRY = 100  # what touching one number costs, in multiplications of a matrix product


class NotVerified(HarnessError):
    """A model's predictions cannot be computed here; `layer` is the name of the layer that is the reason.

    This is never the student's fault: the predictions are then to be judged by a person, or taken as they came.
    """

    layer: str = ""

    @classmethod
    def at(cls, layer: str, why: str) -> NotVerified:
        """Name the layer and the reason."""
        error = cls(f"The predictions were not verified: the layer `{layer}` {why}.")
        error.layer = layer
        return error


class Work:
    """Numbers of type `dtype`, and what is left of the multiplications and bytes one recomputation may take."""

    def __init__(self, dtype: type[np.floating] = np.float64, operations: float | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self._left = MAX_OPERATIONS if operations is None else operations

    def spend(self, layer: str, operations: float, entries: float = 0) -> None:
        """Take `operations` multiplications and an array of `entries` numbers off; NotVerified when it is too much."""
        self._left -= operations
        if self._left < 0 or entries > MAX_ENTRIES:
            raise NotVerified.at(layer, "takes more arithmetic than is done for checking")

    def keep(self, layer: str, made: Iterable[Array], live: Iterable[Array]) -> None:
        """Count what a layer made, and what of all that was made is still needed."""
        entries = sum(array.size for array in made)
        self.spend(layer, PER_ENTRY * entries)
        if sum(array.size for array in live) > MAX_LIVE:
            raise NotVerified.at(layer, "takes more memory than is given to checking")


def need(layer: Layer, name: str, work: Work) -> Array:
    """Return the weight `name` as numbers of the wanted type; NotVerified where it did not come along."""
    value = layer.weight(name)
    if value is None:
        raise NotVerified.at(layer.name, f"came without its weight `{name}`")
    return value.astype(work.dtype)


def maybe(layer: Layer, name: str, work: Work) -> Array | None:
    """Return the weight `name`, None where the layer has none."""
    has = any(weight.name == name for weight in layer.weights)
    return need(layer, name, work) if has else None


def only(layer: Layer, wanted: Mapping[str, object]) -> None:
    """Raise NotVerified where a setting that is there has another value than the one the forward pass knows."""
    for key, value in wanted.items():
        if layer.settings.get(key, value) != value:
            raise NotVerified.at(
                layer.name, f"({layer.kind}) has {key}={layer.settings[key]!r:.40}, which is not known here"
            )
