"""Question 2: the deeper model, and whether it is better."""

import math

import pytest
from mm_models import DEEPER, PARAMETERS, SERVED, asked_of
from mm_reported import require_reported
from test_q1_baseline import require_as_good

from grader.models import Claim, compare, difference
from grader.results import Table

TOLERATED = 0.03  # other sizes than ours, other optimizers
LUCK = math.hypot(0.005, 0.012)  # of baseline and deeper model: what the accuracy varies by from seed to seed
RATE_HINT = "A smaller learning rate, more epochs, dropout: change what keeps the deeper model from learning."


@pytest.mark.check("q2", points=4, needs="deeper", hint="For example Dense 256, 512, 512 with ReLU, then Dense(10).")
def test_deeper_layers(work):
    """the deeper model has two hidden layers or more, more parameters, and gives ten probabilities"""
    network = work.find("deeper")
    sentence = difference(network.model, asked_of(network, DEEPER))
    if sentence is None and network.model.parameters <= PARAMETERS:
        sentence = f"It has {network.model.parameters:,} parameters, no more than the baseline's {PARAMETERS:,}."
    if sentence is None and "linear" in activations(network):
        sentence = "A hidden layer has no activation: two such layers are no more than one."
    if sentence is not None:
        work.check.fail(f"{network.label}: {sentence}", network.summary())
    work.check.show(network.summary())


def activations(network):
    """Return the activations of the hidden layers."""
    from grader.models.steps import network as steps_of

    return {step.activations[-1] if step.activations else "linear" for step in steps_of(network.model).of("dense")[:-1]}


@pytest.mark.check("q2", points=3, needs="deeper", hint="compile with cross-entropy, then fit on the scaled images.")
def test_deeper_training(work):
    """the deeper model was trained with cross-entropy on the scaled training images alone"""
    network = work.find("deeper")
    work.require_crossentropy(network)
    work.require_good_training(network)
    work.require_scaled(network)
    work.require_unseen(network)
    work.remark_few(network)


@pytest.mark.check("q2", points=3, needs="deeper", hidden=True, hint=RATE_HINT)
def test_deeper_accuracy(work, trained):
    """the deeper model has learnt as much as a deeper model of ours"""
    require_as_good(work, work.find("deeper"), trained(SERVED, "deeper"), margin=TOLERATED)


@pytest.mark.check("q2", points=4, needs="deeper", hint=RATE_HINT)
def test_deeper_is_not_worse(work):
    """on images neither has seen, the deeper model is not worse than the baseline"""
    baseline, deeper = work.find("baseline"), work.find("deeper")
    for network in (baseline, deeper):
        work.require_trained(network, "There are no two trained models to compare. ")
    ours, theirs = (work.measure(network) for network in (deeper, baseline))
    found = compare(ours.right, theirs.right, seed_spread=LUCK)
    rows = (
        (deeper.label, f"{ours.accuracy.value:.1%}", str(found.only_a)),
        (baseline.label, f"{theirs.accuracy.value:.1%}", str(found.only_b)),
    )
    work.check.show(Table(title=f"On {len(ours.right)} new images", columns=("model", "right", "it alone"), rows=rows))
    if found.claim is Claim.REFUTED:
        work.check.fail(
            f"Your deeper model is worse than the baseline, not better: {deeper.label} is right for "
            f"{ours.accuracy.value:.1%} of {len(ours.right)} images that neither has seen, {baseline.label} for "
            f"{theirs.accuracy.value:.1%}."
        )
    if found.claim is Claim.OPEN:
        lower = found.only_a < found.only_b
        what = "your deeper model scores lower than the baseline" if lower else "your deeper model does not score lower"
        work.check.remark(f"{what}; which of the two is better, {len(ours.right)} images cannot decide")


@pytest.mark.check("q2", points=3, needs="deeper_accuracy", hint="loss, deeper_accuracy = deeper.evaluate(…)")
def test_deeper_accuracy_reported(work):
    """deeper_accuracy is the model's accuracy on the test images"""
    require_reported(work, work.find("deeper"), "deeper_accuracy")
