"""Question 1: the network with one hidden layer."""

import math

import pytest
from mm_models import BASELINE, PARAMETERS, SERVED, asked_of
from mm_reported import require_reported

from grader.models import difference
from grader.results import Text

EPOCHS, BATCH, KERAS_BATCH = 10, 128, 32
FULL = 0.9
RATE = 0.001  # of Adam, where nothing else is said


@pytest.mark.check(
    "q1", points=5, needs="baseline", hint="Dense(256, activation='relu'), then Dense(10, activation='softmax')."
)
def test_baseline_layers(work):
    """the baseline has one hidden layer of 256 units with ReLU, and ten probabilities come out"""
    network = work.find("baseline")
    sentence = difference(network.model, asked_of(network, BASELINE))
    if sentence is not None:
        work.check.fail(f"{network.label}: {sentence}", network.summary())
    work.check.show(network.summary())


@pytest.mark.check("q1", points=2, needs="baseline", hint="784·256 + 256 weights and biases, then 256·10 + 10.")
def test_baseline_parameters(work):
    """the baseline has 203,530 parameters"""
    network = work.find("baseline")
    if network.model.parameters != PARAMETERS:
        work.check.fail(f"{network.label} has {network.model.parameters:,} parameters.", network.summary())


@pytest.mark.check(
    "q1",
    points=2,
    needs="baseline",
    hint="'sparse_categorical_crossentropy' for labels 0 to 9, 'categorical_crossentropy' for one-hot ones.",
)
def test_baseline_loss(work):
    """the baseline is compiled with cross-entropy"""
    work.require_crossentropy(work.find("baseline"))


@pytest.mark.check("q1", points=2, needs="baseline", hint="fit(x, y, epochs=10, batch_size=128); 32 is Keras's own.")
def test_baseline_training(work):
    """the baseline was trained for 10 epochs with batches of 128, and its loss fell"""
    network = work.find("baseline")
    work.require_good_training(network)
    fits = work.fits(network)
    asked, done = (sum(getattr(run, which) or 0 for run in fits) for which in ("epochs", "epochs_done"))
    if fits and EPOCHS not in (asked, done):
        epochs = asked if any(run.capped for run in fits) else done
        again = " A second `fit` goes on where the first one ended." if len(fits) > 1 else ""
        work.check.fail(f"{network.label} was trained for {epochs} epochs; {EPOCHS} are asked for.{again}")
    for run in fits:
        size = run.batch_size or (KERAS_BATCH if run.rows is not None else BATCH)
        if size != BATCH:
            work.check.fail(f"{network.label} was trained with batches of {size}; {BATCH} are asked for.")
    work.remark_few(network)


@pytest.mark.check("q1", points=2, needs="baseline", hint="Divide the pixels by 255, those of the test images too.")
def test_baseline_pixels(work):
    """the baseline was trained on pixels in 0..1"""
    network = work.find("baseline")
    work.require_trained(network)
    work.require_scaled(network)


@pytest.mark.check("q1", points=2, needs="baseline", hidden=True, hint="fit gets the training images only.")
def test_baseline_unseen(work):
    """the baseline was not trained on test images"""
    network = work.find("baseline")
    work.require_trained(network)
    work.require_unseen(network)


@pytest.mark.check(
    "q1", points=6, needs="baseline", hidden=True, hint="Are images and labels in the same order, and pixels scaled?"
)
def test_baseline_accuracy(work, trained):
    """the baseline is as good on new images as the same network of ours"""
    require_as_good(work, work.find("baseline"), trained(SERVED, "baseline"), margin=0.0)


@pytest.mark.check("q1", points=4, needs="baseline_accuracy", hint="loss, baseline_accuracy = baseline.evaluate(…)")
def test_baseline_accuracy_reported(work):
    """baseline_accuracy is the model's accuracy on the test images"""
    require_reported(work, work.find("baseline"), "baseline_accuracy")


def require_as_good(work, network, ours, margin):
    """Require that a model is not clearly worse on hidden images than ours."""
    work.require_trained(network)
    measured = work.measure(network)
    bar = ours.bar(measured.right, margin=margin)
    if not bar.reaches:
        work.check.fail(
            f"On {len(measured.right)} images it never saw, {network.label} is right for "
            f"{measured.accuracy.value:.1%}. Trained as asked it does clearly better.{cause(work, network)}",
            Text(title="The bar", text=f"{bar.value:.1%}; ours has {ours.accuracy:.1%}", expected=True),
        )


def cause(work, network):
    """Return a sentence about what may keep a model from learning: small pixels, or an optimizer other than Adam."""
    highest = max((run.high for run in work.fits(network) if run.high is not None and run.low == 0), default=1.0)
    if highest < FULL:
        return f" Its pixels reach only to {highest:.2g}: divide by 255, no more."
    compiled = network.model.compiled
    if compiled is None or compiled.learning_rate is None:
        return ""
    usual = compiled.optimizer.lower() == "adam" and math.isclose(compiled.learning_rate, RATE, rel_tol=0.01)
    found = f"{compiled.optimizer} with a learning rate of {compiled.learning_rate:.3g}"
    return "" if usual else f" Its optimizer is {found}: try Adam with {RATE}."
