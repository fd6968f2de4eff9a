"""Is a reported accuracy the model's accuracy on the test images? Where it is not: what is it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from mm_models import SERVED, SOME, Work, trained_rows

from grader.checks import Network
from grader.compare import show
from grader.compare.reading import as_array
from grader.models import Run, mismatch, prints_of, shared_rows, was_trained
from grader.models.scaling import SCALES
from grader.results import Text

ROUNDED = 0.0051  # a figure with two digits
STANDARDIZED = 0.02  # who standardizes by other rows than ours gets slightly other predictions
SAME = 5e-4  # two figures with three digits
OF_TRAINING = (
    "that is the accuracy on the training images. Asked for is that on the test images, which the model has not seen."
)
PLAIN = (int, float, str, list, tuple, dict, np.ndarray, np.generic)
MOST = 0.5
AROUND = 0.05  # of images we cannot look up, how far beyond the interval of ours the accuracy may lie


def require_reported(work: Work, network: Network, name: str) -> None:
    """Require that a variable holds a model's accuracy on the test images."""
    if was_trained(network.model).broken:
        work.require_trained(network)
    number = reported(work, network, name)
    slack = work.slack(network, ROUNDED, STANDARDIZED)
    if _is_of_training(work, network, number):
        work.check.fail(f"`{name}` is {number:.4g}: {OF_TRAINING}")
    if any(abs(number - each) <= slack for each in _on_tests(work, network, work.plausible_ways(network))):
        return
    if _of_own_split(work, network, number, name):
        return
    for sentence in _what_else(work, network, number, slack):
        work.check.fail(f"`{name}` is {number:.4g}: {sentence}")
    truth = work.accuracy_on(network, *work.data.testing(SERVED))
    work.check.fail(
        f"`{name}` is {number:.4g}, but on the test images {network.label} is right for {truth:.1%}. Let the notebook "
        "compute the number, after the last training."
    )


def reported(work: Work, network: Network, name: str) -> float:
    """Return the number a variable holds, percentages as fractions; fails where it is none."""
    value = work.check.student.get(name)
    if not isinstance(value, PLAIN):
        work.require_trained(network)
        work.check.fail(f"Your notebook does not define `{name}`, the accuracy of {network.label} on the test images.")
    said = as_array(value)
    if not isinstance(said, np.ndarray) or said.size != 1:
        many = isinstance(said, np.ndarray) and said.size > 1
        many = many or isinstance(value, dict)
        advice = "keep the accuracy alone, not all that `evaluate` returns" if many else "keep the number, not its text"
        work.check.fail(f"`{name}` is not a number: {advice}.", Text(title="What it is", text=show(value)))
    number = float(said.reshape(()))
    if number > 1:
        work.check.remark(f"`{name}` was read as per cent; asked for is a number between 0 and 1")
    return number / 100 if number > 1 else number


def _is_of_training(work: Work, network: Network, number: float) -> bool:
    """Tell whether `evaluate` said so of training images, and the model was never asked about any others.

    On few images the accuracies on training and test images may agree by chance.
    """
    fits = work.models.runs(network, "fit")
    of_training = (
        any(abs(number - value) <= ROUNDED for key, value in run.values.items() if key != "loss")
        and any(shared_rows(trained_rows(fit), run) > MOST for fit in fits)
        for run in work.models.runs(network, "evaluate")
    )
    return any(of_training) and not any(work.is_unseen(network, run) for run in work.measurements(network))


def _on_tests(work: Work, network: Network, ways: Iterable[str]) -> list[float]:
    """Return a model's accuracy on the test images, prepared in several ways."""
    return [work.accuracy_on(network, *work.data.testing(SERVED), way) for way in ways]


def _of_own_split(work: Work, network: Network, number: float, name: str) -> bool:
    """Tell whether a number is the accuracy on images that the notebook itself kept back from training."""
    tests = prints_of(work.data.testing(SERVED)[0])
    for run in work.measurements(network):
        if shared_rows(tests, run) >= 1 - SOME or not work.is_unseen(network, run):
            continue
        rows = work.rows_of(run)
        if rows is None:
            usual = work.measure(network).accuracy
            agrees = usual.low - AROUND <= number <= usual.high + AROUND
        else:
            agrees = abs(number - work.accuracy_on(network, *rows)) <= ROUNDED
        if agrees:
            work.check.remark(f"`{name}` is about {run.rows} images of your own choice, kept back from training")
            return True
    return False


def _what_else(work: Work, network: Network, number: float, slack: float) -> Iterator[str]:
    """Yield what a number is that is not the accuracy on the test images, as the end of a sentence."""
    if abs(number - work.accuracy_on(network, *work.data.training(SERVED))) <= slack:
        yield OF_TRAINING
    scale = work.measure(network).scale
    for way, used in zip(SCALES, _on_tests(work, network, SCALES), strict=True):
        sentence = mismatch(scale, way) if abs(number - used) <= ROUNDED else None
        if sentence is not None:
            yield sentence[:1].lower() + sentence[1:]
    for run in work.models.runs(kind="evaluate"):
        yield from _evaluated(network, run, number)
    for history in network.histories:
        for key, series in history.series.items():
            if series and key.endswith(("acc", "accuracy")):
                yield from _shown_by_fit(key, series, number)


def _evaluated(network: Network, run: Run, number: float) -> Iterator[str]:
    """Yield what a number is that a call of `evaluate` returned."""
    is_accuracy = any(abs(number - value) <= SAME for key, value in run.values.items() if key != "loss")
    if run.model != network.number:
        if is_accuracy:
            yield f"that is what `evaluate` said of another model, not of {network.label}."
    elif abs(number - run.values.get("loss", np.inf)) <= SAME:
        yield "that is the loss. `evaluate` returns the loss first, then the accuracy."
    elif is_accuracy:
        yield (
            f"that is what `evaluate` said of {run.rows or 'other'} images. Give it all test images, prepared as for "
            "training, after the last training."
        )


def _shown_by_fit(key: str, series: Sequence[float], number: float) -> Iterator[str]:
    """Yield what a number is that `fit` returned."""
    what = "validation" if key.startswith("val_") else "training"
    if abs(number - series[-1]) <= SAME:
        yield f"that is what `fit` showed for the {what} images. Asked for is the accuracy on the test images."
    elif abs(number - np.mean(series)) <= SAME:
        yield f"that is the mean of the {what} accuracy over the epochs. Evaluate the trained model."
