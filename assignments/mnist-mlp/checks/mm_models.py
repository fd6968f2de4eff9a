"""Which models of a notebook are the baseline and the deeper one, and what is asked of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from grader.checks import Check, Data, Measured, Models, NeedsReview, Network
from grader.errors import NotDefined
from grader.models import (
    Asked,
    Run,
    count_right,
    difference,
    fit_images,
    history_problems,
    mismatch,
    prints_of,
    shared_rows,
    was_trained,
)
from grader.models.asked import EXTRAS
from grader.models.steps import network as steps_of

SERVED = "mnist"
CLASSES = 10
PARAMETERS = 203_530
RAW = 2.0  # pixels that are never negative and reach this far were not scaled
SOME = 0.05
HALF = 0.5
WHITE = 255.0
PREPARED = {True: ("centred", "standardized"), False: ("divided",)}  # by whether pixels become negative
ENOUGH = 50  # so many images that an accuracy on them says something
HELPFUL = frozenset({"dropout", "normalization"})
ANYTHING = frozenset(EXTRAS)

BASELINE = Asked(hidden=(256,), activation="relu", outputs=CLASSES, probabilities=True)
DEEPER = Asked(min_hidden=2, outputs=CLASSES, probabilities=True, allowed=HELPFUL)
COMPILED = Asked(loss="crossentropy", allowed=ANYTHING, branches=True)
NAMES = {
    "baseline": ("baseline", "baseline_model", "model_baseline", "base_model", "model1", "model_1", "model"),
    "deeper": ("deeper", "deeper_model", "model_deeper", "deep_model", "deep", "model2", "model_2"),
}
ASKED = {"baseline": BASELINE, "deeper": DEEPER}


@dataclass(frozen=True)
class Work:
    """The notebook's models with what checks need of them."""

    check: Check
    models: Models
    data: Data

    def find(self, which: str) -> Network:
        """Return the baseline or the deeper model: by its name, else the likeliest of so many layers.

        Raises where the notebook has no such model at all. Whether it is what was asked is for one check to say.
        """
        found = self.models.named(*NAMES[which][: -1 if which == "baseline" else None]) or self._likely(which)
        if which == "deeper":
            self._require_another(found)
        if found is None and len(self.models.all()) == 1:
            self._fail_without(which, self.models.all()[0])
        return found or self.models.fitting(ASKED[which], NAMES[which][0])

    def _require_another(self, deeper: Network | None) -> None:
        """Fail the check where `deeper` is only a second name of the baseline, which then is the only model."""
        baseline = self.models.named("baseline")
        if deeper is None and baseline is not None and "deeper" in self.check.student:
            self.check.fail(
                "`deeper` is no model of its own. Where it is a second name of `baseline`, what is done to one is done "
                "to the other: build a second model, with layers of its own."
            )

    def _fail_without(self, which: str, only: Network) -> NoReturn:
        """Fail the check where the only model is the other one: this one was never made, or was overwritten by it."""
        if only.label.strip("`") in NAMES:
            error = NotDefined(f"Your notebook has no Keras model called `{which}`.")
            error.name = which
            raise error
        self.check.fail(
            f"The only model your notebook still has, {only.label}, is not the {which} one. Where one was overwritten "
            "by the other, keep them under two names, `baseline` and `deeper`."
        )

    def _likely(self, which: str) -> Network | None:
        """Return a model with so many layers, under another name, or only in what `fit` returned.

        Of several, one that was trained and is what was asked for goes before the others, and a later one before an
        earlier one.
        """
        deep = which == "deeper"
        wanted = [network for network in self.models.all() if is_deep(network) == deep]
        if not wanted:
            return None

        def likelihood(place: int) -> tuple[bool, bool, int]:
            model = wanted[place].model
            return was_trained(model).trained is not False, difference(model, ASKED[which]) is None, place

        found = wanted[max(range(len(wanted)), key=likelihood)]
        self.check.remark(f"{found.label} was taken as your `{which}`")
        return found

    def fits(self, network: Network) -> tuple[Run, ...]:
        """Return the calls of `fit` that trained a model for an epoch or more; of a loaded model those of the saved."""
        found = tuple(run for run in self.models.runs(network, "fit") if run.epochs_done)
        saved = (other for other in self.models.all() if other is not network and have_same_weights(other, network))
        return found or next(filter(None, (self.models.runs(other, "fit") for other in saved)), ())

    def require_trained(self, network: Network, before: str = "") -> None:
        """Fail the check where a model was never trained, with what `fit` raised where it was called."""
        training = was_trained(network.model)
        if training.trained is not False and not training.broken:
            return
        raised = [run.error for run in self.models.runs(network, "fit") if run.error]
        if raised and not self.fits(network):
            advice = " Do loss and labels fit together (one-hot or not)?" if "hape" in raised[-1] else ""
            self.check.fail(f"{before}`fit` on {network.label} stopped with {raised[-1].rstrip('.')}.{advice}")
        self.check.fail(f"{before}{network.label}: {training.sentence}")

    def require_crossentropy(self, network: Network) -> None:
        """Fail the check where a model has another loss; one that was trained without `compile` does not say which."""
        if network.model.compiled is None and was_trained(network.model).trained:
            raise NeedsReview(f"{network.label} was trained without `compile`: with which loss?")
        sentence = difference(network.model, COMPILED)
        if sentence is not None:
            self.check.fail(f"{network.label}: {sentence}")

    def require_fit(self, network: Network) -> None:
        """Leave a model that no `fit` trained to a person: its weights may come from a loop of its own, or a file."""
        if not self.fits(network):
            raise NeedsReview(f"{network.label} has weights that no `fit` gave it: how were they trained?")

    def require_good_training(self, network: Network) -> None:
        """Fail the check where training went wrong: never ran, on raw pixels, or with a loss that did not fall."""
        self.require_trained(network)
        self.require_fit(network)
        for history in network.histories[-1:]:
            for problem in history_problems(history):
                self.check.fail(problem)

    def require_scaled(self, network: Network) -> None:
        """Fail the check where a model was trained on raw pixels and does not scale them itself."""
        known = [run for run in self.fits(network) if run.high is not None and run.low is not None]
        raw = [run for run in known if run.low >= 0 and run.high > RAW]
        if raw and not steps_of(network.model).of("scaling"):
            low, high = raw[-1].low, raw[-1].high
            self.check.fail(
                f"{network.label} was trained on pixels from {low:g} to {high:g}. Bring them to 0..1 first."
            )

    def require_unseen(self, network: Network) -> None:
        """Fail the check where test images were among those a model was trained on."""
        for run in self.models.runs(network, "fit"):
            seen = shared_rows(trained_rows(run), prints_of(self.data.testing(SERVED)[0]))
            if seen > SOME and not self._is_own_split(network, run):
                self.check.fail(
                    f"{seen:.0%} of the test images are among the images that {network.label} was trained on. What it "
                    "says of those tells nothing about new ones."
                )

    def remark_few(self, network: Network) -> None:
        """Say so where a model was trained on a small part of the training images: that is its own choice."""
        served = len(self.data.training(SERVED)[0])
        known = [len(trained_rows(run)) for run in self.fits(network) if len(run.prints)]
        if known and max(known) < HALF * served:
            self.check.remark(f"{network.label} was trained on {max(known):,} of {served:,} training images")

    def _is_own_split(self, network: Network, run: Run) -> bool:
        """Tell whether the notebook keeps back images of its own choice: OpenML's rows are not split."""
        return any(shared_rows(trained_rows(run), other) < SOME for other in self.measurements(network))

    def measurements(self, network: Network) -> list[Run]:
        """Return the calls in which a model was asked about enough images to count what is right."""
        calls = [*self.models.runs(network, "evaluate"), *self.models.runs(network, "predict")]
        return [run for run in calls if len(run.prints) >= ENOUGH]

    def is_unseen(self, network: Network, run: Run) -> bool:
        """Tell whether a call was about images that the model was not trained on."""
        return all(shared_rows(trained_rows(fit), run) < SOME for fit in self.models.runs(network, "fit"))

    def rows_of(self, run: Run) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the images of bytes that a call was given, and their labels; None where some are not known."""
        parts = (self.data.training(SERVED), self.data.testing(SERVED))
        x, y = (np.concatenate(part) for part in zip(*parts, strict=True))
        place_of = {int(one): place for place, one in enumerate(prints_of(x))}
        places = [place_of.get(int(one)) for one in run.prints]
        return (x[places], y[places]) if places and None not in places else None

    def measure(self, network: Network) -> Measured:
        """Return how a model does on hidden images, prepared in whatever way it is best with."""
        return self.models.measure(network, SERVED, others=self._ways())

    def _ways(self) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
        """Return more ways to prepare pixels (n, 28, 28): less their mean, or divided by their length."""
        x, _ = self.data.training(SERVED)
        mean, means = x.mean() / WHITE, x.mean(axis=0) / WHITE
        return {
            "centred": lambda pixels: pixels / WHITE - mean,
            "centred pixel by pixel": lambda pixels: pixels / WHITE - means,
            "divided by each image's length": lambda pixels: pixels / length(pixels, (1, 2)),
            "divided by each column's length": lambda pixels: pixels / length(pixels, 1),
            "divided by each row's length": lambda pixels: pixels / length(pixels, 2),
        }

    def plausible_ways(self, network: Network) -> list[str]:
        """Return the way a model is best with, and others that look like what it was trained on and hardly differ."""
        scale, fits = self.measure(network).scale, self.fits(network)
        low = fits[-1].low if fits else None
        ways = [way for way in scale.ways if low is None or way.startswith(PREPARED[low < 0])]
        return [scale.best, *(way for way in ways if way != scale.best and mismatch(scale, way) is None)]

    def slack(self, network: Network, exact: float, rough: float) -> float:
        """Return the tolerance for a model: `rough` where preparing pixels depends on the rows it was done with."""
        way = self.measure(network).scale.best
        return rough if way.startswith(PREPARED[True]) else exact

    def outputs(self, network: Network, pixels: np.ndarray, scale: str | None = None) -> np.ndarray:
        """Return what a model says of images of bytes, (n, classes), on the scale it is best on, or another."""
        measured = self.measure(network)
        way = measured.scale.ways[scale or measured.scale.best]
        return self.models.outputs(network, fit_images(network.model, way(pixels)).astype(np.float32))

    def accuracy_on(self, network: Network, x: np.ndarray, y: np.ndarray, scale: str | None = None) -> float:
        """Return a model's accuracy on images of bytes."""
        return float(count_right(self.outputs(network, x, scale), y).mean())


def have_same_weights(one: Network, other: Network) -> bool:
    """Tell whether two models have the same trained weights, to the last bit: one was saved, and loaded again."""
    mine, theirs = (
        [weight.value for layer in network.model.all_layers() for weight in layer.weights] for network in (one, other)
    )
    return len(mine) == len(theirs) > 0 and all(
        a is not None and np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True)
    )


def length(images: np.ndarray, axis: int | tuple[int, int]) -> np.ndarray:
    """Return the Euclidean length along axes, 1 where it is zero."""
    found = np.sqrt(np.sum(np.square(images, dtype=float), axis=axis, keepdims=True))
    return np.where(found > 0, found, 1.0)


def trained_rows(run: Run) -> np.ndarray:
    """Return the prints of the images that `fit` trained on, without those it kept back for validation."""
    prints: np.ndarray = run.prints
    return prints[: len(prints) - (run.validation_rows or 0)]


def asked_of(network: Network, asked: Asked) -> Asked:
    """Return what is asked of a model's layers; one trained without `compile` has no loss that could know of logits."""
    output = steps_of(network.model).output
    gives_logits = output is not None and output.activation == "linear"
    if network.model.compiled is None and gives_logits and was_trained(network.model).trained:
        return asked.model_copy(update={"probabilities": None})
    return asked


def is_deep(network: Network) -> bool:
    """Tell whether a model has two hidden layers or more."""
    return len(steps_of(network.model).of("dense")) >= 3
