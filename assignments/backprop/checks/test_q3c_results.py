"""Question 3, the results: are accuracy and loss on the test images those of the model?"""

import pytest
from q3_network import SERVED, Work
from q3_reported import FITTED, HELD_BACK, TEST, TRAINING, WRONG_ROWS, Results, fractions, reported

from grader.models import mismatch
from grader.results import Text

HINT = "test_loss, test_accuracy = model.evaluate(test_images, test_labels), with images scaled as for training."


def results_of(check, models, data):
    """Return the model's true figures; fails where it was never trained."""
    work = Work(check, models, data)
    work.require_training()
    return work, Results(work, models.measure(work.network, SERVED))


def require_reported(work, found, kind):
    """Require that a figure was reported."""
    if not found:
        work.check.fail(
            f"Your notebook does not show the {kind} on the test images: keep it as `test_{kind}`, print it."
        )


@pytest.mark.check("q3", points=2, hint=HINT)
def test_reported_accuracy(check, models, data, notebook):
    """the accuracy on the test images is reported, and is the model's"""
    work, results = results_of(check, models, data)
    found = reported(work, notebook, results, "accuracy")
    require_reported(work, found, "accuracy")
    said = [fraction for each in found for fraction in fractions(each)]

    def is_said(rows=TEST, scale=None):
        truth = results.truth(rows, scale).accuracy
        return next((each for each in said if each.near(truth, results.slack)), None)

    if is_said() or believable(results, said) or holds_on_another_scale(check, results, is_said):
        return
    for rows in (TRAINING, FITTED, HELD_BACK):
        if same := is_said(rows):
            check.fail(
                f"{same.where[0].upper()}{same.where[1:]}, {same.value:.1%}, is the accuracy {WRONG_ROWS[rows]}. Asked "
                "for is that on the test images, which the network has not seen."
            )
    named = found[0].where.startswith("`")
    what = f"{found[0].where} is {found[0].value:.4g}, but" if named else "No number you printed is the one asked for:"
    check.fail(
        f"{what} on the test images {work.label} is right for {results.truth().accuracy:.1%}. Let the notebook compute "
        "the figure it shows."
    )


def believable(results, said):
    """Tell whether `evaluate` came to one of these figures on images the training did not see.

    That is the kernel's word, so the hidden images must not speak against it.
    """
    tests = [(len(run.prints), value) for run in results.tests for name, value in run.values.items() if name != "loss"]
    return any(
        each.near(value, 0.0051) and results.plausible(value, n) and "standardized" in results.measured.scale.best
        for each in said
        for n, value in tests
    )


def holds_on_another_scale(check, results, is_said):
    """Tell whether a figure is right for images scaled otherwise; fails where the model is clearly worse on these."""
    for scale in results.measured.scale.ways:
        if scale != results.measured.scale.best and is_said(scale=scale):
            sentence = mismatch(results.measured.scale, scale)
            if sentence is not None:
                check.fail(sentence)
            return True
    return False


@pytest.mark.check("q3", points=1, hint=HINT)
def test_reported_loss(check, models, data, notebook):
    """the loss on the test images is reported, and is the model's"""
    work, results = results_of(check, models, data)
    found = reported(work, notebook, results, "loss")
    require_reported(work, found, "loss")

    def is_said(rows=TEST, scale=None):
        slack = 5 * results.slack if "standardized" in results.measured.scale.best else results.slack
        truths = results.truth(rows, scale).losses
        return next((each for each in found for truth in truths if each.near(truth, slack + 0.002 * truth)), None)

    tests = [run for run in results.tests if "loss" in run.values and results.fed_as_trained(run)]
    evaluated = [run.values["loss"] for run in tests]  # whatever a loss of the notebook's own, or a penalty, adds up to
    if is_said() or any(each.near(value, 0.0051) for each in found for value in evaluated):
        return
    if holds_on_another_scale(check, results, is_said):
        return
    for rows in (TRAINING, FITTED, HELD_BACK):
        if same := is_said(rows):
            check.fail(
                f"{same.where[0].upper()}{same.where[1:]}, {same.value:.4g}, is the loss {WRONG_ROWS[rows]}. Asked for "
                "is that on the test images."
            )
    named = found[0].where.startswith("`")
    what = f"{found[0].where} is {found[0].value:.4g}, but" if named else "No number you printed is the one asked for:"
    check.fail(
        f"{what} on the test images {work.label} has another loss. Let the notebook compute the figure it shows.",
        Text(title="The loss on the test images", text=f"{results.truth().losses[0]:.4f}"),
    )
