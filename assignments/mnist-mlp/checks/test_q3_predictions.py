"""Question 3: what a model says of the first ten test images."""

import numpy as np
import pytest
from mm_models import CLASSES, ROUNDED, SERVED

from grader.compare import show
from grader.compare.reading import as_array
from grader.results import Text

IMAGES = 10
HINT = "probabilities = baseline.predict(x_test[:10]), with images prepared as for training."


def probabilities_of(check):
    """Return `probabilities` of shape (10, 10); fails where they are something else."""
    value = check.student.get("probabilities")
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
    if not work.models.all():
        work.find("baseline")
    images = work.data.testing(SERVED)[0]
    for network in reversed(work.models.all()):
        if network.model.output_shape[-1:] != (CLASSES,):
            continue
        measured = work.models.measure(network, SERVED)
        slack = 0.1 if "standardized" in measured.scale.best else ROUNDED
        for scale in (measured.scale.best, "0..1", "0..255"):
            said = work.outputs(network, images, scale)
            if np.abs(said[:IMAGES] - found).max() <= slack:
                if scale != measured.scale.best and not np.allclose(said, work.outputs(network, images), atol=slack):
                    check.fail(f"{network.label} was fed pixels in {scale}; it was trained on {measured.scale.best}.")
                return
    check.fail("`probabilities` is not what any of your models says of the first ten test images.")


@pytest.mark.check("q3", points=3, needs="predicted_digits", hint="np.argmax(probabilities, axis=1)")
def test_digits_are_read_off(check):
    """predicted_digits are the most probable digits"""
    found = probabilities_of(check)
    digits = as_array(check.student.get("predicted_digits"))
    if not isinstance(digits, np.ndarray) or digits.size != IMAGES:
        check.fail("`predicted_digits` holds one digit for each of ten images.")
    wrong = np.flatnonzero(digits.ravel().astype(float) != found.argmax(axis=1))
    if wrong.size:
        check.fail(
            f"For image {wrong[0]} the most probable digit is {found.argmax(axis=1)[wrong[0]]}, not "
            f"{show(digits.ravel()[wrong[0]])}."
        )
