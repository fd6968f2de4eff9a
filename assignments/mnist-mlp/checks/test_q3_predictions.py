"""Question 3: what a model says of the first ten test images."""

import numpy as np
import pytest
from mm_models import CLASSES, NAMES, SERVED, SOME
from mm_reported import ROUNDED

from grader.checks import Disagreement, NeedsReview
from grader.compare import show
from grader.compare.reading import as_array
from grader.errors import StudentError
from grader.models import prints_of, shared_rows, was_trained
from grader.models.activations import softmax
from grader.models.recompute import looks_like_probabilities
from grader.probe import Missing, is_handle
from grader.results import Text

IMAGES = 10
NEAR = 0.1  # of pixels standardized by other rows than ours
HINT = "probabilities = baseline.predict(x_test[:10]), with images prepared as for training."


def probabilities_of(check):
    """Return `probabilities` of shape (10, 10); fails where they are something else."""
    value = check.student.get("probabilities")
    if isinstance(value, Missing):
        raise value.error()
    convert = (value.to_numpy or value.numpy) if is_handle(value) else None
    value = convert() if convert else value
    found = as_array(value) if value is not None and not isinstance(value, str) else None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "fiu":
        check.fail("`probabilities` is not an array of numbers.", Text(title="What it is", text=show(value)))
    if found.shape != (IMAGES, CLASSES):
        check.fail(f"`probabilities` has the shape {found.shape}; one row of ten for each of ten images is (10, 10).")
    return found.astype(float)


@pytest.mark.check("q3", points=3, needs="probabilities", hint=HINT)
def test_probabilities_are_probabilities(check):
    """probabilities has a row for each of ten images, and each row sums to one"""
    found = probabilities_of(check)
    if found.min() < 0 or np.abs(found.sum(axis=1) - 1).max() > ROUNDED:
        sums = ", ".join(f"{total:.3g}" for total in found.sum(axis=1)[:5])
        what = "Some entries are negative: these are logits." if found.min() < 0 else f"The rows sum to {sums}, …"
        check.fail(f"{what} Probabilities are not negative and sum to one in each row: apply softmax.")


@pytest.mark.check("q3", points=4, needs="probabilities", hint=HINT)
def test_probabilities_are_the_models(check, work):
    """probabilities are what one of the models says of the first ten test images"""
    found = probabilities_of(check)
    networks = answering(work)
    images = work.data.testing(SERVED)[0][:IMAGES]
    if any(says(work, network, images, found) for network in networks):
        return
    own = [rows for network in networks for rows in first_rows(work, network)]
    if any(rows is not None and says(work, network, rows, found) for network in networks for rows in own):
        check.remark("the ten images are the first ones of those that your notebook itself kept back from training")
        return
    for network in networks:
        for sentence in mistakes(work, network, found):
            check.fail(sentence)
    if any(rows is None for rows in own):
        raise NeedsReview("Are `probabilities` those of the first ten test images of the notebook's own split?")
    check.fail(
        "`probabilities` is not what any of your models says of the first ten test images. Is it computed after the "
        "last training, from x_test[:10]?"
    )


def answering(work):
    """Return the trained models with an output for each digit: the deeper one and the baseline first."""
    if not work.models.all():
        work.find("baseline")
    named = [work.models.named(*NAMES[which]) for which in ("deeper", "baseline")]
    order = [*filter(None, named), *reversed(work.models.all())]
    each = {network.number: network for network in order if could_answer(network)}
    return [each[number] for number in each if can_be_measured(work, each[number], last=number == [*each][-1])]


def could_answer(network):
    """Tell whether a model gives a number for each digit, and is not as it was drawn."""
    return network.model.output_shape[-1:] == (CLASSES,) and was_trained(network.model).trained is not False


def can_be_measured(work, network, last):
    """Tell whether a model's predictions can be recomputed; the last one's fault is told."""
    try:
        work.measure(network)
    except (Disagreement, NeedsReview, StudentError):
        if last:
            raise
        return False
    return True


def says(work, network, images, found, scale=None):
    """Tell whether these are a model's probabilities for images of bytes, or the logits of those."""
    slack = work.slack(network, ROUNDED, NEAR)
    for way in work.plausible_ways(network) if scale is None else (scale,):
        said = work.outputs(network, images, way)
        is_sure = looks_like_probabilities(said)
        meant = (said, softmax(found)) if found.min() < 0 else (said if is_sure else softmax(said), found)
        if np.abs(said - found).max() <= slack or np.abs(meant[0] - meant[1]).max() <= slack:
            return True
    return False


def first_rows(work, network):
    """Yield the first ten images the notebook itself kept back and asked a model about; None where they are unknown."""
    tests = prints_of(work.data.testing(SERVED)[0])
    for run in work.models.runs(network, "predict"):
        kept_back = shared_rows(tests, run) < 1 - SOME and work.is_unseen(network, run)
        if len(run.prints) >= IMAGES and kept_back:
            rows = work.rows_of(run)
            yield None if rows is None else rows[0][:IMAGES]


def mistakes(work, network, found):
    """Yield a sentence where a model says so of other images, of images on another scale, or where softmax is twice."""
    images, training = (rows[0][:IMAGES] for rows in (work.data.testing(SERVED), work.data.training(SERVED)))
    if says(work, network, training, found):
        yield f"`probabilities` is what {network.label} says of the first ten training images, not of the test images."
    said = work.outputs(network, images)
    if looks_like_probabilities(said) and np.abs(softmax(said) - found).max() <= ROUNDED:
        yield f"{network.label} gives probabilities already, and you put them through softmax once more: leave it out."
    best = work.measure(network).scale.best
    for scale in ("0..1", "0..255"):
        if scale != best and says(work, network, images, found, scale):
            yield f"{network.label} was fed pixels in {scale}; it was trained on {best}."


@pytest.mark.check("q3", points=3, needs="predicted_digits", hint="np.argmax(probabilities, axis=1)")
def test_digits_are_read_off(check):
    """predicted_digits are the most probable digits"""
    found = probabilities_of(check)
    digits = as_array(plain_digits(check.student.get("predicted_digits")))
    if not isinstance(digits, np.ndarray) or digits.size != IMAGES:
        check.fail("`predicted_digits` holds one digit for each of ten images.")
    wrong = np.flatnonzero(digits.ravel().astype(float) != found.argmax(axis=1))
    if wrong.size:
        check.fail(
            f"For image {wrong[0]} the most probable digit is {found.argmax(axis=1)[wrong[0]]}, not "
            f"{show(digits.ravel()[wrong[0]])}."
        )


def plain_digits(value):
    """Return digits as numbers, where they came as a text for each, or in a dictionary by image."""
    if isinstance(value, dict):
        numbered = all(isinstance(key, int) for key in value)
        value = [value[key] for key in (sorted(value) if numbered else value)]
    if isinstance(value, np.ndarray) and value.dtype.kind in "UO":
        value = value.ravel().tolist()
    if not isinstance(value, list | tuple):
        return value
    return [int(item) if isinstance(item, str) and item.strip().isdecimal() else item for item in value]
