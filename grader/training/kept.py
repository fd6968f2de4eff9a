"""What the reference's models predict for hidden rows, trained when it is first asked for and kept in the cache."""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader import datasets
from grader.datasets.files import kept, made, write_npz
from grader.errors import AssignmentError, HarnessError
from grader.models import Bar, count_right, reaches
from grader.sources import sources

LIBRARIES = ("keras", "numpy", "scikit-learn", "tensorflow")
QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
LIMIT_S = 3_600
MAX_SAID = 2_000

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Training:
    """One model of the reference on one data set: what it predicts, by seed, and how its accuracy spreads."""

    probabilities: tuple[Array, ...]
    labels: Array
    spread: float

    @cached_property
    def right(self) -> Array:
        """Which rows the training that is the middle one of all has right, shape (n,)."""
        each = sorted((count_right(p, self.labels) for p in self.probabilities), key=lambda right: int(right.sum()))
        return each[len(each) // 2]

    @cached_property
    def accuracy(self) -> float:
        """The mean over the seeds."""
        return float(np.mean([count_right(p, self.labels).mean() for p in self.probabilities]))

    def bar(self, right: Array, margin: float = 0.0) -> Bar:
        """Tell whether a model that has `right` of the same rows is as good, see `grader.models.reaches`."""
        reference = (round(self.accuracy * len(self.labels)), len(self.labels))
        return reaches(int(np.sum(right)), len(right), reference, margin=margin, seed_spread=self.spread)


class Trainings:
    """The trainings of an assignment: `module` by its dotted name, `served` as in its assignment.toml."""

    def __init__(self, module: str, served: Mapping[str, str]) -> None:
        self._name, self._served = module, served
        self._read: dict[str, dict[str, Training]] = {}

    @cached_property
    def _module(self) -> ModuleType:
        try:
            return importlib.import_module(self._name)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise AssignmentError(f"`training`: the module {self._name!r} cannot be imported: {reason}.") from error

    def missing(self) -> list[str]:
        """Return the data sets whose models are still to be trained."""
        names: list[str] = [*self._module.TRAINED]
        return [name for name in names if kept(self._folder(name)) is None]

    def of(self, name: str, model: str) -> Training:
        """Return a model trained on a data set, trained now where that was never done.

        Raises HarnessError when training fails or there is no such model.
        """
        if name not in self._read:
            self._read[name] = self._load(name)
        found = self._read[name]
        if model not in found:
            raise HarnessError(f"{self._name} trains no {model!r} on {name!r}; there are: {', '.join(found)}.")
        return found[model]

    def prepare(self, say: Callable[[str], None]) -> None:
        """Train what was never trained, and `say` so first: it may take a minute."""
        for name in self.missing():
            say(f"Training the reference on {name}, this once …")
            self._load(name)

    def rows(self, name: str) -> dict[str, Array]:
        """Return x and y to train on, x_new and labels to be measured on; a table has all its rows in both.

        The module may have rows of its own: `ROWS = {name: function that returns them}`.
        """
        own: Mapping[str, Callable[[], dict[str, Array]]] = getattr(self._module, "ROWS", {})
        if name in own:
            return own[name]()
        if name not in self._served:
            rows, classes = datasets.table(name)
            return {"x": rows, "y": classes, "x_new": rows, "labels": classes}
        x, y = datasets.training(self._served[name])
        x_new, labels = datasets.hidden(self._served[name])
        return {"x": x, "y": y, "x_new": x_new, "labels": labels}

    def _load(self, name: str) -> dict[str, Training]:
        folder = made(self._folder(name), lambda draft: self._train(name, draft))
        labels, seeds = self.rows(name)["labels"], range(self._module.SEEDS)
        models = sorted({path.stem.rpartition("-")[0] for path in folder.glob("*-*.npy")})
        return {
            model: Training(
                probabilities=tuple(np.load(folder / f"{model}-{seed}.npy", allow_pickle=False) for seed in seeds),
                labels=labels,
                spread=self._module.SPREAD[model],
            )
            for model in models
        }

    def _train(self, name: str, draft: Path) -> None:
        rows = self.rows(name)
        write_npz(draft / "rows.npz", {part: rows[part] for part in ("x", "y", "x_new")})
        command = [sys.executable, "-m", "grader.training", self._name, name, str(draft)]
        environment = {**os.environ, **QUIET, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
        done = subprocess.run(  # noqa: S603 - our own program
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S
        )
        if done.returncode:
            said = done.stderr.strip()[-MAX_SAID:]
            raise HarnessError(f"The reference could not be trained: {' '.join(command[1:])} ended with\n{said}")
        (draft / "rows.npz").unlink()

    def _folder(self, name: str) -> str:
        """Return the name of the folder with a training's results: it changes with whatever they depend on."""
        digest = hashlib.sha256()
        for path in sorted(sources(self._name)):
            digest.update(path.read_bytes())
        for part, rows in sorted(self.rows(name).items()):
            digest.update(f"{part} {rows.dtype} {rows.shape}".encode() + np.ascontiguousarray(rows).tobytes())
        versions = [(library, _version(library)) for library in LIBRARIES]
        digest.update(repr((name, sys.version_info[:2], versions)).encode())
        return f"trained-{digest.hexdigest()[:16]}"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
