"""The `models` fixture: the notebook's Keras models, found, described, measured on rows it never saw.

Nothing a model says of itself counts: predictions are recomputed from its weights before anything is counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.checks.check import Check, NeedsReview
from grader.checks.data import Data
from grader.errors import NotDefined, StudentError
from grader.models import (
    Accuracy,
    Asked,
    History,
    Inventory,
    Layer,
    Ledger,
    Model,
    NotVerified,
    Recomputed,
    Run,
    Scale,
    Scaler,
    accuracy,
    count_right,
    describe,
    difference,
    expected_scale,
    find_models,
    find_runs,
    fit_images,
    recompute,
    scale_between,
)
from grader.models.structure import Array, Path
from grader.results import Table

NO_MODEL = "Your notebook has no Keras model"
ON_TEST_ROWS = "measured on the test images here; when the homework is graded, on images nobody has seen"
BATCH = 256
MAX_LISTED = 40

Ways = Mapping[str, Callable[[Array], Array]]


@dataclass(frozen=True, kw_only=True)
class Network:
    """A model of the notebook: what the student calls it, its description with all weights, what `fit` returned."""

    label: str
    number: int
    path: Path
    model: Model
    histories: tuple[History, ...] = ()

    @property
    def history(self) -> History | None:
        """What the last `fit` that is still there returned."""
        return self.histories[-1] if self.histories else None

    def summary(self) -> Table:
        """Return the layers as evidence."""
        columns = ("layer", "class", "activation", "output shape", "parameters")
        rows = tuple(_row(layer) for layer in list(self.model.all_layers())[:MAX_LISTED])
        return Table(title=f"The layers of {self.label.strip('`')}", columns=columns, rows=rows)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A model on hidden rows: which it has `right` (n,), its `probabilities` (n, classes) and the scale it expects."""

    right: Array
    probabilities: Array
    labels: Array
    scale: Scale

    @property
    def accuracy(self) -> Accuracy:
        """How many are right, with the interval that holds the true accuracy with a confidence of 95 %."""
        return accuracy(int(self.right.sum()), len(self.right))


@dataclass
class Memo:
    """What the checks of one notebook found out about its models."""

    networks: list[Network] | None = None
    ledger: Ledger | None = None
    outputs: dict[tuple[Path, bytes], Array] = field(default_factory=dict)
    measured: dict[tuple[Path, str], Measured] = field(default_factory=dict)


class Models:
    """The models of one notebook; `memo` lives as long as its checks, so that each is described and measured once."""

    def __init__(self, check: Check, data: Data, memo: Memo) -> None:
        self._check, self._data, self._memo = check, data, memo

    def all(self) -> list[Network]:
        """Return every model that can be described, in the order they were defined."""
        if self._memo.networks is None:
            inventory = self._inventory()
            described = [self._network(number, inventory) for number in range(len(inventory.models))]
            self._memo.networks = [network for network in described if network is not None]
        return self._memo.networks

    def named(self, *names: str) -> Network | None:
        """Return the first model that a variable called so holds, perhaps in a list or an object."""
        for name in names:
            for network in self.all():
                if name in (network.label.strip("`"), str(network.path[0][1])):
                    return network
        return None

    def fitting(self, asked: Asked, *names: str) -> Network:
        """Return the model called by one of the names where it is what is asked for, else the last that is.

        Fails the check with what differs where none is. A notebook without a model has not attempted it, or its cell
        did not run to its end: which of the two is said by the names.
        """
        networks = self.all()
        first = self.named(*names)
        if first is not None and difference(first.model, asked) is None:
            return first
        last = next((network for network in reversed(networks) if difference(network.model, asked) is None), None)
        if last is not None:
            if names:
                self._check.remark(f"{last.label} was taken: it is the last of your models that is what was asked for")
            return last
        nearest = first or self._nearest(names)
        self._check.fail(f"{nearest.label}: {difference(nearest.model, asked)}", nearest.summary())

    def measure(self, network: Network, name: str, others: Ways | None = None) -> Measured:
        """Return how a model does on the hidden rows of a data set (in a bundle: the test rows), on its best scale.

        Pixels are tried in 0..1, 0..255 and -1..1, standardized as the training rows are, and in `others`. The check
        fails where `predict` returns something else than the weights give; where they cannot be recomputed a person
        decides.
        """
        key = (network.path, name)
        if key not in self._memo.measured:
            ways = {**self._standardized(name), **(others or {})}
            self._memo.measured[key] = self._measure(network, name, ways)
        return self._memo.measured[key]

    def outputs(self, network: Network, x: Array) -> Array:
        """Return what a model predicts for x, (n, …) as the model takes it: (n, classes), verified, logits as
        probabilities."""
        key = (network.path, hashlib.sha256(np.ascontiguousarray(x).tobytes()).digest())
        if key not in self._memo.outputs:
            recomputed = recompute(network.model, x, self._predict(network, x))
            self._memo.outputs[key] = self._verified(network, recomputed)
        return self._memo.outputs[key]

    def runs(self, network: Network | None = None, kind: str | None = None) -> tuple[Run, ...]:
        """Return the calls of `fit`, `evaluate` and `predict` in the notebook's cells, of one model, of one kind."""
        return tuple(
            run
            for run in self._ledger().runs
            if (network is None or run.model == network.number) and kind in (None, run.kind)
        )

    def scalers(self) -> tuple[Scaler, ...]:
        """Return the fits of scikit-learn's scalers in the notebook's cells."""
        return self._ledger().scalers

    # --- asking -----------------------------------------------------------------------------------------------

    def _ledger(self) -> Ledger:
        if self._memo.ledger is None:
            self._memo.ledger = find_runs(self._check.student, self._check.student.limits)
        return self._memo.ledger

    def _inventory(self) -> Inventory:
        return find_models(self._check.student, self._check.student.limits)

    def _network(self, number: int, inventory: Inventory) -> Network | None:
        found = inventory.models[number]
        try:
            model = describe(self._check.student, self._check.student.limits, found.path)
        except StudentError as error:
            self._check.remark(f"`{found.label}` could not be looked at: {error}")
            return None
        histories = inventory.histories_of(found)
        return Network(label=f"`{found.label}`", number=number, path=found.path, model=model, histories=histories)

    def _nearest(self, names: Sequence[str]) -> Network:
        """Return the last model; raise where one of the names is something else, or there is no model at all."""
        for name in names:
            if name in self._check.student:
                raise StudentError(f"`{name}` is not a Keras model.")
        if self.all():
            return self.all()[-1]
        error = NotDefined(f"{NO_MODEL}{f' called `{names[0]}`' if names else ''}.")
        error.name = names[0] if names else ""
        raise error

    def _predict(self, network: Network, x: Array) -> Any:
        model = self._check.student.read(network.path)
        return model.predict(x, batch_size=BATCH, verbose=0)

    def _measure(self, network: Network, name: str, others: Ways) -> Measured:
        pixels, labels = self._unseen(name)
        images = self._fitting(network, pixels / 255.0)
        try:
            known = self._trained_on(network)
            scale = expected_scale(network.model, pixels, labels, others=others, known=known)
        except NotVerified as error:
            self._predict(network, images)  # what it raises is the student's to hear
            raise NeedsReview(f"{network.label}: {error} A person looks at it.") from error
        probabilities = self.outputs(network, self._fitting(network, scale.images(pixels)))
        right = count_right(probabilities, labels)
        return Measured(right=right, probabilities=probabilities, labels=labels, scale=scale)

    def _unseen(self, name: str) -> tuple[Array, Array]:
        """Return the rows to measure a model on; the test rows where students check themselves, without hidden ones."""
        if self._data.has_hidden:
            return self._data.hidden(name)
        self._check.remark(ON_TEST_ROWS)
        return self._data.testing(name)

    def _trained_on(self, network: Network) -> str | None:
        """Return the scale of the images a model was last trained on; None where it is not known, or standardized."""
        fits = [run for run in self.runs(network, "fit") if run.epochs_done]
        if not fits or fits[-1].low is None or fits[-1].high is None:
            return None
        return scale_between(fits[-1].low, fits[-1].high)

    def _fitting(self, network: Network, images: Array) -> Array:
        try:
            return fit_images(network.model, images).astype(np.float32)
        except ValueError as error:
            self._check.fail(f"{network.label} cannot take these images: {error}.")

    def _standardized(self, name: str) -> Ways:
        """Return the ways to standardize pixels by the training rows: all pixels alike, and each by itself."""
        x, _ = self._data.training(name)
        mean, deviation = float(x.mean()), float(x.std())
        means, deviations = x.mean(axis=0), x.std(axis=0)
        deviations = np.where(deviations > 0, deviations, 1.0)
        return {
            "standardized": lambda pixels: (pixels - mean) / deviation,
            "standardized pixel by pixel": lambda pixels: (pixels - means) / deviations,
        }

    def _verified(self, network: Network, recomputed: Recomputed) -> Array:
        if recomputed.agrees is None or recomputed.probabilities is None:
            raise NeedsReview(f"{network.label}: {recomputed.sentence} A person looks at it.")
        if not recomputed.agrees:
            self._check.fail(f"{network.label}: {recomputed.sentence}")
        return recomputed.probabilities


def _row(layer: Layer) -> tuple[str, ...]:
    activation = (layer.activation or "your own") if layer.activations else ""
    shape = " × ".join("n" if n is None else str(n) for n in layer.output_shape)
    return (layer.name, layer.kind, activation, shape, f"{layer.parameters:,}")
