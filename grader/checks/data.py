"""The `data` fixture: the rows of the assignment's data sets, those that students see and those they never do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from numpy.typing import NDArray

from grader import datasets
from grader.datasets.files import read_npz
from grader.errors import HarnessError

Rows = tuple[NDArray[Any], NDArray[Any]]


class Data:
    """Data sets by the names they are served under, e.g. "mnist": pixels (n, …) of type uint8, labels (n,).

    In a bundle they are files of a `folder`. Where checks have to do with what is in one, `withhold` refuses the rest.
    """

    def __init__(
        self,
        served: Mapping[str, str],
        folder: Path | None = None,
        withhold: Callable[[str], NoReturn] | None = None,
    ) -> None:
        self._served, self._folder, self._withhold = served, folder, withhold

    def training(self, name: str) -> Rows:
        """Return what students train on."""
        source = self._source(name)
        return datasets.training(source) if self._folder is None else self._kept(self._folder, name, "train")

    def testing(self, name: str) -> Rows:
        """Return what students see as test set."""
        source = self._source(name)
        return datasets.testing(source) if self._folder is None else self._kept(self._folder, name, "test")

    def hidden(self, name: str) -> Rows:
        """Return what no kernel has ever seen."""
        source = self._source(name)
        if self._withhold is not None:
            self._withhold(f"hidden rows of {name}")
        return datasets.hidden(source)

    @property
    def has_hidden(self) -> bool:
        """Whether there are rows that no kernel has seen."""
        return self._withhold is None

    def _source(self, name: str) -> str:
        if name not in self._served:
            raise HarnessError(f"assignment.toml serves no data set {name!r}: it has {', '.join(self._served)}.")
        return self._served[name]

    @staticmethod
    def _kept(folder: Path, name: str, part: str) -> Rows:
        path = folder / f"{name}.npz"
        try:
            rows = read_npz(path)
            return rows[f"x_{part}"], rows[f"y_{part}"].ravel()
        except (OSError, KeyError, ValueError) as error:
            raise HarnessError(f"{path}: cannot be read ({error}). Unpack the bundle again.") from error
