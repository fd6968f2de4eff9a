"""Is a reported accuracy the model's accuracy on the test images? Where it is not: what is it?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from mm_models import SERVED, SOME, Work

from grader.checks import Network
from grader.compare import show
from grader.compare.reading import as_array
from grader.models import mismatch, prints_of, shared_rows
from grader.results import Text

ROUNDED = 0.0051  # a figure with two digits
STANDARDIZED = 0.02  # who standardizes by other rows than ours gets slightly other predictions
SAME = 5e-4  # two figures with three digits
AROUND = 0.05  # of images we cannot look up, how far beyond the interval of ours the accuracy may lie


def require_reported(work: Work, network: Network, name: str) -> None:
    """Require that a variable holds a model's accuracy on the test images."""
    number = reported(work, network, name)
    measured = work.models.measure(network, SERVED)
    slack = STANDARDIZED if "standardized" in measured.scale.best else ROUNDED
    truth = work.accuracy_on(network, *work.data.testing(SERVED))
    if abs(number - truth) <= slack or _of_own_split(work, network, number, name):
        return
    for scale in measured.scale.ways:
        if scale != measured.scale.best:
            used = work.accuracy_on(network, *work.data.testing(SERVED), scale)
            sentence = mismatch(measured.scale, scale) if abs(number - used) <= ROUNDED else None
            if sentence is not None:
                work.check.fail(sentence)
    for sentence in _what_else(work, network, number, slack):
        work.check.fail(f"`{name}` is {number:.4g}: {sentence}")
    work.check.fail(
        f"`{name}` is {number:.4g}, but on the test images {network.label} is right for {truth:.1%}. Let the notebook "
        "compute the number, after the last training."
    )


def reported(work: Work, network: Network, name: str) -> float:
    """Return the number a variable holds, percentages as fractions; fails where it is none."""
    value = work.check.student.get(name)
    if not value and not isinstance(value, int | float | np.ndarray | np.generic):
        work.require_trained(network)
        work.check.fail(f"Your notebook does not define `{name}`, the accuracy of {network.label} on the test images.")
    said = as_array(value)
    if not isinstance(said, np.ndarray) or said.size != 1:
        many = isinstance(said, np.ndarray) and said.size > 1
        advice = "keep the accuracy alone, not all that `evaluate` returns" if many else "keep the number, not its text"
        work.check.fail(f"`{name}` is not a number: {advice}.", Text(title="What it is", text=show(value)))
    number = float(said.reshape(()))
    return number / 100 if number > 1 else number


def _of_own_split(work: Work, network: Network, number: float, name: str) -> bool:
    """Tell whether a number is the accuracy on images that the notebook itself kept back from training."""
    tests = prints_of(work.data.testing(SERVED)[0])
    for run in work.measurements(network):
        if shared_rows(tests, run) >= 1 - SOME or not work.is_unseen(network, run):
            continue
        rows = work.rows_of(run)
        if rows is None:
            usual = work.models.measure(network, SERVED).accuracy
            agrees = usual.low - AROUND <= number <= usual.high + AROUND
        else:
            agrees = abs(number - work.accuracy_on(network, *rows)) <= ROUNDED
        if agrees:
            work.check.remark(f"`{name}` is about {run.rows} images that your notebook itself kept back from training")
            return True
    return False


def _what_else(work: Work, network: Network, number: float, slack: float) -> Iterator[str]:
    """Yield what a number is that is not the accuracy on the test images, as the end of a sentence."""
    if abs(number - work.accuracy_on(network, *work.data.training(SERVED))) <= slack:
        yield (
            "that is the accuracy on the training images. Asked for is that on the test images, which the model has "
            "not seen."
        )
    for run in work.models.runs(kind="evaluate"):
        if run.model != network.number:
            if any(abs(number - value) <= SAME for key, value in run.values.items() if key != "loss"):
                yield f"that is what `evaluate` said of another model, not of {network.label}."
            continue
        if abs(number - run.values.get("loss", np.inf)) <= SAME:
            yield "that is the loss. `evaluate` returns the loss first, then the accuracy."
        if run.rows and any(abs(number - value) <= SAME for key, value in run.values.items() if key != "loss"):
            yield (
                f"that is what `evaluate` said of {run.rows} images. Give it all test images, prepared as for "
                "training, after the last training."
            )
    for history in network.histories:
        for key, series in history.series.items():
            what = "validation" if key.startswith("val_") else "training"
            if series and key.endswith(("acc", "accuracy")):
                if abs(number - series[-1]) <= SAME:
                    yield f"that is what `fit` showed for the {what} images. Asked for is the accuracy on the test images."
                if abs(number - np.mean(series)) <= SAME:
                    yield f"that is the mean of the {what} accuracy over the epochs. Evaluate the trained model."
