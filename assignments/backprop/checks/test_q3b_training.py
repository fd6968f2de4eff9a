"""Question 3, the training: what `fit` was given, and what the network is worth on images nobody has seen."""

import math

import pytest
from q3_network import BATCH, EPOCHS, SERVED, SOME, VALIDATION, Work

from grader.models import history_problems, shared_rows, was_trained
from grader.models.steps import network as steps_of
from grader.results import Text

RAW = 2.0  # pixels that are never negative and reach this far were not scaled
# The bar allows for student and reference having been measured on different images. They stand before the same ones, so
# it may be higher by this much: it then lies at 72 to 73 %, below each of 122 right trainings (73.4 % to 82.1 %) and
# above those on raw pixels (70 to 71 %) and without activations (70 to 73 %).
MARGIN = -0.015
BARS = {
    "-1..1": "mlp_around_zero",
    "standardized": "mlp_standardized",
    "standardized pixel by pixel": "mlp_standardized_by_pixel",
}


@pytest.mark.check("q3", points=1, hint="history = model.fit(images, labels, …), and the loss falls.")
def test_training_ran(check, models, data):
    """the network was trained, and its loss fell"""
    work = Work(check, models, data)
    training = was_trained(work.network.model)
    work.require_training()
    if training.broken:
        check.fail(f"{work.label}: {training.sentence} Is the learning rate too large?")
    for history in work.histories()[-1:]:
        for problem in history_problems(history):
            check.fail(problem)


@pytest.mark.check("q3", points=1, hint="model.fit(…, epochs=10, batch_size=128): 32 is what Keras takes unasked.")
def test_epochs_and_batches(check, models, data):
    """the network was trained for 10 epochs with batches of 128"""
    work = Work(check, models, data)
    if not work.fits:
        work.fail_untrained()
    epochs = [run.epochs if run.epochs is not None else run.epochs_done for run in work.fits]
    if sum(epochs) != EPOCHS:
        times = f"{' + '.join(map(str, epochs))} epochs" if len(epochs) > 1 else f"{epochs[0]} epochs"
        goes_on = " A second `fit` goes on where the first one ended." if len(epochs) > 1 else ""
        check.fail(f"{work.label} was trained for {times}; {EPOCHS} are asked for.{goes_on}")
    wrong = [size for run in work.fits if (size := batch_of(work, run)) != BATCH]
    if wrong:
        check.fail(f"{work.label} was trained with batches of {wrong[0]}; {BATCH} are asked for.")


def batch_of(work, run):
    """Return the size of the batches; of data that comes in batches already, found by their number."""
    if run.batch_size is not None:
        return run.batch_size
    if run.rows is not None:
        return 32
    n, steps = training_rows(work), steps_of_an_epoch(work)
    sizes = [size for size in (BATCH, 16, 32, 64, 256, 512) if steps in (n // size, math.ceil(n / size))]
    return sizes[0] if sizes else round(n / max(steps, 1))


def training_rows(work):
    """Return how many rows are left to train on."""
    return round((1 - VALIDATION) * len(work.data.training(SERVED)[0]))


def steps_of_an_epoch(work):
    """Return how many batches an epoch had, as `fit` says itself; 0 where it is not known."""
    steps = [history.settings.get("steps") for history in work.histories()]
    return int(steps[-1]) if steps and isinstance(steps[-1], int | float) else 0


@pytest.mark.check("q3", points=1, hint="model.fit(…, validation_split=0.2), or train_test_split and validation_data.")
def test_validation_share(check, models, data):
    """20 % of the training images were set aside for validation"""
    work = Work(check, models, data)
    if not work.fits:
        work.fail_untrained()
    run = work.fits[-1]
    held_back = run.validation_prints
    if run.validation_split > 0:
        share = run.validation_split
    elif len(held_back):
        if shared_rows(work.test_prints, held_back) > 0.5:
            check.fail(
                "You validated on the test images. They are for the end: whoever looks at them while training chooses "
                "by them. Set 20 % of the training images aside."
            )
        if shared_rows(run, held_back) > 0.5:
            check.fail("You validated on images the network was trained on: it knows them by heart.")
        share = len(held_back) / (len(held_back) + (run.rows or 0))
    elif "val_loss" not in run.values:
        check.fail("No images were set aside for validation: `fit` got neither validation_split nor validation_data.")
    else:  # data that cannot be looked at without using it up
        share = VALIDATION if batch_of(work, run) == BATCH else 0.0
    if abs(share - VALIDATION) > 0.015:
        check.fail(f"{share:.0%} of the images were set aside for validation; 20 % are asked for.")


@pytest.mark.check("q3", points=1, hint="Divide the pixels by 255, those of the test images too.")
def test_pixels_scaled(check, models, data):
    """the images were scaled before training"""
    work = Work(check, models, data)
    known = [run for run in (work.fits or work.tried) if run.high is not None and run.low is not None]
    if not known and not work.tried:
        work.fail_untrained()
    if steps_of(work.network.model).of("scaling"):
        return
    if known:
        low, high = known[-1].low, known[-1].high
        raw = low >= 0 and high > RAW
    else:
        low, high = 0, 255
        raw = models.measure(work.network, SERVED).scale.best == "0..255"
    if raw:
        check.fail(f"{work.label} was trained on pixels from {low:g} to {high:g}. Scaled to 0..1 it learns faster.")


@pytest.mark.check("q3", points=1, hidden=True, hint="fit gets the training images only.")
def test_test_images_unseen(check, models, data):
    """the network was not trained on test images"""
    work = Work(check, models, data)
    if not work.tried:
        work.fail_untrained()
    for run in work.tried:
        seen = shared_rows(run, work.test_prints)
        if seen > SOME and not work.is_own_split(run):
            check.fail(
                f"{seen:.0%} of the test images were among the {run.rows} images you called `fit` with. What the "
                "network says of images it was trained on tells nothing about new ones."
            )


@pytest.mark.check(
    "q3", points=3, hidden=True, hint="Are images and labels in the same order, and the pixels scaled? Did fit end?"
)
def test_accuracy_on_new_images(check, models, data, trained):
    """the network is as good on new images as the same network of ours"""
    work = Work(check, models, data)
    work.require_training()
    measured = models.measure(work.network, SERVED)
    check.show(Text(title="Right on images the network never saw", text=str(measured.accuracy)))
    ours = trained(SERVED, BARS.get(measured.scale.best, "mlp"))
    bar = ours.bar(measured.right, margin=MARGIN)
    if bar.reaches:
        return
    raw = measured.scale.best == "0..255" and not steps_of(work.network.model).of("scaling")
    why = " It expects pixels in 0..255: trained on 0..1 it would have learnt more." if raw else ""
    check.fail(
        f"On {len(measured.right):,} images it never saw, {work.label} is right for {measured.accuracy.value:.1%}. "
        f"Trained as asked it does clearly better.{why}",
        Text(title="The bar", text=f"{bar.value:.1%}; ours has {ours.accuracy:.1%}", expected=True),
    )
