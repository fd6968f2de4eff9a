"""The `data` fixture: the rows of the assignment's data sets, those that students see and those they never do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from grader import datasets
from grader.errors import HarnessError

Rows = tuple[NDArray[Any], NDArray[Any]]


class Data:
    """Data sets by the names they are served under, e.g. "mnist": pixels (n, …) of type uint8, labels (n,)."""

    def __init__(self, served: Mapping[str, str]) -> None:
        self._served = served

    def training(self, name: str) -> Rows:
        """Return what students train on."""
        return datasets.training(self._source(name))

    def testing(self, name: str) -> Rows:
        """Return what students see as test set."""
        return datasets.testing(self._source(name))

    def hidden(self, name: str) -> Rows:
        """Return what no kernel has ever seen."""
        return datasets.hidden(self._source(name))

    def _source(self, name: str) -> str:
        if name not in self._served:
            raise HarnessError(f"assignment.toml serves no data set {name!r}: it has {', '.join(self._served)}.")
        return self._served[name]
