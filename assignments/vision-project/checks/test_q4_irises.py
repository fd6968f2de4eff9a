"""Question 4: irises, split, scaled, trained, and measured on flowers the network never saw."""

import numpy as np
import pytest
import vp_iris
from vp_reading import accuracy_called

from grader.datasets import table
from grader.models import Asked, accuracy, count_right, was_trained

NAMES = ("iris_model", "model_iris", "model", "iris_net", "irismodel", "mlp", "final_model", "model2")
ASKED = Asked(
    hidden=(8,),
    activation="relu",
    outputs=3,
    probabilities=True,
    input_size=4,
    loss="crossentropy",
    optimizer="Adam",
)
ANY = Asked(outputs=3, input_size=4)
MARGIN = 0.03
ROUNDED = 0.0055
SCALER_HINT = (
    "X_train, X_test, … = train_test_split(X, …), then scaler.fit_transform(X_train), then scaler.transform(X_test)."
)


@pytest.mark.check(
    "q4",
    points=3,
    hint='Dense(8, activation="relu"), Dense(3, activation="softmax"); compile("adam", "categorical_crossentropy").',
)
def test_iris_network(check, models):
    """the network is 8 neurons with ReLU and 3 with softmax, with Adam and cross-entropy"""
    network = models.fitting(ASKED, *NAMES)
    check.show(network.summary())


@pytest.mark.check("q4", points=2, hint="train_test_split(X, y, test_size=0.2) splits measurements and species alike.")
def test_iris_split(check, models):
    """20 % of the flowers are set aside, and the network is not trained on them"""
    runs = vp_iris.fits(models)
    rows = [run.rows for run in runs if run.rows]
    testing, training = (vp_iris.parts(check, sizes) for sizes in (vp_iris.TEST, vp_iris.TRAINING))
    if not rows and not testing:
        check.fail("No `fit` of a network on four measurements per flower, and no test part of the flowers was found.")
    if rows and max(rows) > vp_iris.TRAINING[-1]:
        check.fail(f"`fit` was given {max(rows)} of the 150 flowers: none, or too few, are left to test the network.")
    if testing and not any(24 <= len(part.rows) <= 36 for part in testing):
        check.fail(f"`{testing[0].name}` has {len(testing[0].rows)} flowers; 20 % of 150 are 30.")
    for part in testing:
        for other in training:
            both = np.intersect1d(part.flowers, other.flowers)
            if len(both) > 2:  # two flowers of the table are twins
                check.fail(f"{len(both)} flowers are both in `{part.name}` and in `{other.name}`.")


@pytest.mark.check("q4", points=4, hint=SCALER_HINT)
def test_iris_scaler(check, models):
    """the scaler is fitted on the training flowers only"""
    if not vp_iris.fits(models) and not models.scalers():
        check.fail("No network was trained on four measurements per flower, and no scaler was fitted.")
    problem = vp_iris.scaling_problem(models)
    if problem is not None:
        check.fail(problem[0], diagnosis=problem[1])


@pytest.mark.check("q4", points=4, hint="model.fit(X, Y, epochs=50, batch_size=8, validation_split=0.2)")
@pytest.mark.parametrize(("epochs", "batch"), [(50, 8), (100, 5)], ids=["50 epochs", "100 epochs"])
def test_iris_training(check, models, epochs, batch):
    """the network is trained for so many epochs, in batches of 8 and then of 5, with 20 % for validation"""
    runs = vp_iris.fits(models)
    if not runs:
        check.fail("No call of `fit` with four measurements per flower was seen.")
    done = [run for run in runs if not run.error]
    if not done:
        check.fail(f"`fit` stopped with {runs[-1].error}")
    long = [run for run in done if run.epochs == epochs]
    if not long:
        asked = ", ".join(f"{run.epochs} with batches of {run.batch_size or 32}" for run in done)
        check.fail(f"No training of {epochs} epochs: `fit` was asked for {asked}.")
    right = [run for run in long if (run.batch_size or 32) == batch]
    if not right:
        check.fail(f"The training of {epochs} epochs has batches of {long[-1].batch_size or 32}; {batch} is asked for.")
    if not any(0.15 <= run.validation_split <= 0.25 or len(run.validation_prints) for run in right):
        check.fail(f"The training of {epochs} epochs keeps no 20 % for validation (validation_split=0.2).")


def measured(check, models, network):
    """Return the part of the flowers on which the network is right most often, and which it has right.

    The same test flowers may lie in the notebook scaled and unscaled: the ones it was made for are meant.
    """
    parts = as_lying_and_scaled(check, vp_iris.TEST)
    found = [(part, rights(models, network, part.rows, part.species)) for part in parts]
    if found:
        return max(found, key=lambda pair: pair[1].mean())
    rows, species = table("iris")
    ways = [rows, (rows - rows.mean(axis=0)) / rows.std(axis=0), (rows - rows.min(axis=0)) / np.ptp(rows, axis=0)]
    check.remark("your test flowers were not found in the notebook: the network was asked about all 150")
    return None, max((rights(models, network, way, species) for way in ways), key=np.mean)


def as_lying_and_scaled(check, sizes):
    """Return the parts of the flowers as they lie in the notebook, and as its scalers turn them."""
    parts = vp_iris.parts(check, sizes)
    return [*parts, *vp_iris.scaled(check, parts)]


def rights(models, network, rows, species):
    """Return which rows the network has right."""
    return count_right(models.outputs(network, rows.astype(np.float32)), species)


@pytest.mark.check(
    "q4",
    points=4,
    hidden=True,
    hint="Are labels and measurements split together? Does the network get scaled measurements? Does the loss fall?",
)
def test_iris_accuracy(check, models, trained):
    """the network names as many species right as the reference does"""
    network = models.fitting(ANY, *NAMES)
    training = was_trained(network.model)
    if training.trained is False:
        check.fail(f"{network.label} was not trained. {training.sentence}")
    _, right = measured(check, models, network)
    bar = trained("iris", "mlp").bar(right, margin=MARGIN)
    if not bar.reaches:
        check.fail(
            f"{network.label} has {accuracy(int(right.sum()), len(right))} right. A network like the one asked for, "
            "trained as asked, does clearly better."
        )


@pytest.mark.check("q4", points=3, needs="iris_accuracy", hint="Evaluate the final model on the scaled test part.")
def test_iris_accuracy_reported(check, models):
    """`iris_accuracy` is the accuracy of the final network on the test flowers"""
    reported = accuracy_called(check, "iris_accuracy", ("accuracy_iris", "iris_acc", "test_accuracy_iris"))
    network = models.fitting(ANY, *NAMES)
    part, right = measured(check, models, network)
    if abs(reported - right.mean()) <= (ROUNDED if part is not None else 0.15):
        return
    for other in as_lying_and_scaled(check, vp_iris.TRAINING):
        if abs(reported - rights(models, network, other.rows, other.species).mean()) <= ROUNDED:
            check.fail(
                f"`iris_accuracy` is {reported:.3f}, which is how {network.label} does on `{other.name}`: the flowers "
                f"it was trained on. On the test flowers it is {right.mean():.3f}."
            )
    check.fail(
        f"`iris_accuracy` is {reported:.3f}, but {network.label}, as it is at the end of your notebook, has "
        f"{accuracy(int(right.sum()), len(right))} of the test flowers right."
    )
