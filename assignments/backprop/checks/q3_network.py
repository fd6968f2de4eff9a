"""Question 3: which of a notebook's models is meant, and what its training was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from grader.checks import Check, Data, Models, Network
from grader.models import Asked, History, Run, difference, prints_of, shared_rows, was_trained
from grader.models.asked import EXTRAS

SERVED = "fashion_mnist"
CLASSES = 10
EPOCHS = 10
BATCH = 128
VALIDATION = 0.2
SOME = 0.05  # a random row of garments has the print of another one in a hundred times at most
ANYTHING = frozenset(EXTRAS)

HIDDEN = Asked(hidden=(256, 128, 64), activation="relu", input_size=784)
OUTPUT = Asked(outputs=CLASSES, probabilities=True, allowed=ANYTHING, branches=True)
COMPILED = Asked(loss="crossentropy", optimizer="Adam", allowed=ANYTHING, branches=True)
PARTS = (HIDDEN, OUTPUT, COMPILED)
NEVER_FITTED = "was never trained: no call of `fit` on it came to its end"


@dataclass
class Work:
    """The model a notebook answers question 3 with, and the calls of `fit` on it that came to their end."""

    check: Check
    models: Models
    data: Data
    network: Network = field(init=False)

    def __post_init__(self) -> None:
        """Choose the model; raises where there is none (see `Models.fitting`)."""
        self.network = choose(self.models)
        if len(self.models.all()) > 1:
            self.check.remark(f"of your models {self.network.label} was looked at")

    @property
    def label(self) -> str:
        """What the student calls the model."""
        return self.network.label

    @property
    def tried(self) -> tuple[Run, ...]:
        """Every call of `fit`, also those that raised."""
        return self.models.runs(self.network, "fit")

    @property
    def fits(self) -> tuple[Run, ...]:
        """The calls of `fit` that trained for an epoch or more."""
        return tuple(run for run in self.tried if run.epochs_done or not run.error)

    @property
    def test_prints(self) -> np.ndarray:
        """The prints of the test images, shape (n,)."""
        return prints_of(self.data.testing(SERVED)[0])

    def require_training(self) -> None:
        """Fail the check where the model was never trained: what it says is then chance."""
        training = was_trained(self.network.model)
        if training.trained is False and self.fits:
            self.check.fail(f"{self.label}: {training.sentence}")
        if training.trained is False or not (training.trained or self.fits or self.histories()):
            self.fail_untrained()

    def fail_untrained(self) -> NoReturn:
        """Fail the check because `fit` never ran, with the error it stopped with where there was one."""
        raised = [run for run in self.tried if run.error]
        if not raised:
            self.check.fail(f"{self.label} {NEVER_FITTED}.")
        stopped = f"`fit` on {self.label} stopped with {raised[-1].error.rstrip('.')}."
        self.check.fail(f"{stopped}{_labels_advice(self.network, raised[-1])}")

    def histories(self) -> list[History]:
        """Return what `fit` returned for this model, the last one last."""
        return [history for history in self.network.histories if history.series.get("loss")]

    def curves(self) -> list[dict[str, tuple[float, ...]]]:
        """Return the series to be plotted: of every history, and of a training that called `fit` epoch by epoch."""
        found = [dict(history.series) for history in self.histories()]
        if len(self.fits) > 1:
            names = set.intersection(*(set(run.values) for run in self.fits))
            found.append({name: tuple(run.values[name] for run in self.fits) for name in names})
        return found

    def is_own_split(self, run: Run) -> bool:
        """Tell whether the notebook keeps back test images of its own choice, which a call of `fit` did not see.

        OpenML has no test images of its own: who splits its rows at random trains on some of those that Keras calls so.
        """
        others = [other for kind in ("evaluate", "predict") for other in self.models.runs(self.network, kind)]
        return any((other.rows or 0) >= 50 and shared_rows(run, other) < SOME for other in others if len(other.prints))


def choose(models: Models) -> Network:
    """Return the model that has most of what is asked for; of equals a trained one, one called `model`, the last."""
    networks = models.all()
    if not networks:
        return models.fitting(Asked(allowed=ANYTHING, branches=True), "model")

    def merit(place: int) -> tuple[int, bool, bool, int]:
        network = networks[place]
        met = sum(difference(network.model, part) is None for part in PARTS)
        trained = any(run.epochs_done for run in models.runs(network, "fit"))
        return met, trained, network.label == "`model`", place

    return networks[max(range(len(networks)), key=merit)]


def _labels_advice(network: Network, run: Run) -> str:
    """Return what to do where labels and loss do not fit together, as a further sentence."""
    losses = network.model.compiled.losses if network.model.compiled is not None else ()
    flat = len(run.label_shape) == 1 or run.label_shape[1:] == (1,)
    if "categorical_crossentropy" in losses and flat:
        return (
            " Your labels are numbers from 0 to 9, and this loss wants a row of ten for each: take "
            "`sparse_categorical_crossentropy`, or make them one-hot with `keras.utils.to_categorical`."
        )
    if "sparse_categorical_crossentropy" in losses and not flat:
        return " Your labels are one-hot, and this loss wants numbers: take `categorical_crossentropy`."
    return ""
