"""Which models of a notebook are the baseline and the deeper one, and what is asked of both."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from grader.checks import Check, Data, Models, Network
from grader.compare.reading import as_array
from grader.models import Asked, Run, count_right, history_problems, mismatch, prints_of, shared_rows, was_trained
from grader.models.asked import EXTRAS
from grader.models.steps import network as steps_of

SERVED = "mnist"
CLASSES = 10
PARAMETERS = 203_530
RAW = 2.0  # pixels that are never negative and reach this far were not scaled
SOME = 0.05
ROUNDED = 0.0051  # a figure with two digits
STANDARDIZED = 0.02  # who standardizes by other rows than ours gets slightly other predictions
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
        """Return the baseline or the deeper model: by its name, else the last that is what was asked, else the nearest.

        Raises where the notebook has no model at all. Whether it is what was asked is for one check to say.
        """
        named = self.models.named(*NAMES[which][: -1 if which == "baseline" else None])
        return named or self._likely(which) or self.models.fitting(ASKED[which], NAMES[which][0])

    def _likely(self, which: str) -> Network | None:
        """Return the last model with so many layers; under another name, or only in what `fit` returned."""
        wanted = [network for network in self.models.all() if is_deep(network) == (which == "deeper")]
        if wanted:
            self.check.remark(f"{wanted[-1].label} was taken as your `{which}`")
        return wanted[-1] if wanted else None

    def fits(self, network: Network) -> tuple[Run, ...]:
        """Return the calls of `fit` on a model that trained for an epoch or more."""
        return tuple(run for run in self.models.runs(network, "fit") if run.epochs_done)

    def require_trained(self, network: Network) -> None:
        """Fail the check where a model was never trained, with what `fit` raised where it was called."""
        training = was_trained(network.model)
        if training.trained is not False and not training.broken:
            return
        raised = [run.error for run in self.models.runs(network, "fit") if run.error]
        if raised and not self.fits(network):
            advice = " Do loss and labels fit together (one-hot or not)?" if "hape" in raised[-1] else ""
            self.check.fail(f"`fit` on {network.label} stopped with {raised[-1].rstrip('.')}.{advice}")
        self.check.fail(f"{network.label}: {training.sentence}")

    def require_good_training(self, network: Network) -> None:
        """Fail the check where training went wrong: never ran, on raw pixels, or with a loss that did not fall."""
        self.require_trained(network)
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
            seen = shared_rows(run, prints_of(self.data.testing(SERVED)[0]))
            if seen > SOME and not self._is_own_split(network, run):
                self.check.fail(
                    f"{seen:.0%} of the test images were among the {run.rows} images that `fit` on {network.label} "
                    "was given. What it says of images it was trained on tells nothing about new ones."
                )

    def _is_own_split(self, network: Network, run: Run) -> bool:
        """Tell whether the notebook keeps back images of its own choice: OpenML's rows are not split."""
        others = [other for kind in ("evaluate", "predict") for other in self.models.runs(network, kind)]
        return any(len(other.prints) >= 50 and shared_rows(run, other) < SOME for other in others)

    def outputs(self, network: Network, pixels: np.ndarray, scale: str | None = None) -> np.ndarray:
        """Return what a model says of images of bytes, (n, classes), on the scale it is best on, or another."""
        measured = self.models.measure(network, SERVED)
        way = measured.scale.ways[scale or measured.scale.best]
        return self.models.outputs(network, shaped(network, way(pixels)))

    def accuracy_on(self, network: Network, part: str, scale: str | None = None) -> float:
        """Return a model's accuracy on the images that students train on, or test on."""
        x, y = self.data.training(SERVED) if part == "training" else self.data.testing(SERVED)
        return float(count_right(self.outputs(network, x, scale), y).mean())


def is_deep(network: Network) -> bool:
    """Tell whether a model has two hidden layers or more."""
    return len(steps_of(network.model).of("dense")) >= 3


def shaped(network: Network, images: np.ndarray) -> np.ndarray:
    """Return images in the shape a model takes."""
    wanted = network.model.input_shape[1:]
    flat = math.prod(images.shape[1:])
    sized = [flat if size is None and len(wanted) == 1 else size for size in wanted]
    return (images.reshape(len(images), *sized) if wanted and None not in sized else images).astype(np.float32)


def require_reported(work: Work, network: Network, name: str) -> None:
    """Require that a variable holds a model's accuracy on the test images."""
    check = work.check
    value = check.student.get(name)
    if not value and not isinstance(value, int | float | np.ndarray | np.generic):
        check.fail(f"Your notebook does not define `{name}`, the accuracy of {network.label} on the test images.")
    said = as_array(value)
    if not isinstance(said, np.ndarray) or said.size != 1:
        check.fail(f"`{name}` is not a number: keep the accuracy alone, not what `evaluate` returns as a whole.")
    number = float(said.reshape(()))
    number = number / 100 if number > 1 else number
    measured = work.models.measure(network, SERVED)
    slack = STANDARDIZED if "standardized" in measured.scale.best else ROUNDED
    truth = work.accuracy_on(network, "test")
    if abs(number - truth) <= slack or _from_own_split(work, network, number):
        return
    for scale in measured.scale.ways:
        if abs(number - work.accuracy_on(network, "test", scale)) <= ROUNDED and scale != measured.scale.best:
            sentence = mismatch(measured.scale, scale)
            if sentence is None:
                return
            check.fail(sentence)
    if abs(number - work.accuracy_on(network, "training")) <= slack:
        check.fail(
            f"`{name}` is {number:.1%}: that is the accuracy on the training images. Asked for is that on the test "
            "images, which the model has not seen."
        )
    check.fail(
        f"`{name}` is {number:.4g}, but on the test images {network.label} is right for {truth:.1%}. Let the notebook "
        "compute the number, after the last training."
    )


def _from_own_split(work: Work, network: Network, number: float) -> bool:
    """Tell whether `evaluate` said so of images of the notebook's own choice that `fit` never got."""
    fits = work.models.runs(network, "fit")
    right = work.models.measure(network, SERVED).accuracy
    for run in work.models.runs(network, "evaluate"):
        unseen = len(run.prints) >= 50 and all(shared_rows(fit, run) < SOME for fit in fits)
        own = shared_rows(prints_of(work.data.testing(SERVED)[0]), run) < 1 - SOME
        close = any(abs(number - value) <= ROUNDED for key, value in run.values.items() if key != "loss")
        if unseen and own and close and right.low - 0.1 <= number <= right.high + 0.1:
            return True
    return False
