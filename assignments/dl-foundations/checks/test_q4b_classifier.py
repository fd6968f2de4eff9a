"""Question 4, the Keras classifier: what it is made of, its training, how it does on new rows, and its report."""

import numpy as np
import pytest
from df_reports import COLUMNS, ROUNDED, computed, reports
from df_values import number_array

from grader.checks import NeedsReview
from grader.compare import show
from grader.models import Asked, accuracy, count_right, prints_of, shared_rows, was_trained
from grader.results import Table, Text

NAMES = ("classifier", "clf", "binary_classifier", "model_bin", "model")
ASKED = Asked(
    hidden=(64, 32),
    activation="relu",
    outputs=1,
    probabilities=True,
    input_size=20,
    loss="binary_crossentropy",
    optimizer="adam",
    learning_rate=0.001,
)
EPOCHS = 20
ENOUGH, TOO_MANY = 500, 850  # rows to train on: 800, or less where a validation part was set aside before
MOST = 4  # so many arrays are tried as the test part
MARGIN = 0.03  # another split, fewer epochs: as good is as good


def trained_classifier(check, models):
    """Return the classifier, or fail where it is as it was made."""
    network = models.fitting(Asked(input_size=20, outputs=1), *NAMES)
    training = was_trained(network.model)
    if training.trained is False or training.broken:
        check.fail(f"{network.label}: {training.sentence}", network.summary())
    return network


@pytest.mark.check(
    "q4", points=1, needs="classifier", hint="20 inputs, 64 and 32 with ReLU, one sigmoid output; Adam with 0.001."
)
def test_classifier_network(check, models):
    """the classifier is the network that was asked for"""
    check.show(models.fitting(ASKED, *NAMES).summary())


@pytest.mark.check(
    "q4",
    points=1.5,
    needs="classifier",
    hint="Split first; then classifier.fit(X_train, y_train, epochs=20), with the training part alone.",
)
def test_classifier_training(check, models):
    """the classifier is trained for 20 epochs, on the training part alone"""
    network = trained_classifier(check, models)
    runs = [run for run in models.runs(network, "fit") if run.epochs_done]
    if not runs:
        raise NeedsReview("No call of `fit` of the classifier was seen: a person looks at how it was trained.")
    rows = max(run.rows or 0 for run in runs)
    if rows > TOO_MANY:
        check.fail(f"`fit` was given {rows} of the 1,000 rows: the test part was among them, so it tests nothing.")
    if 0 < rows < ENOUGH:
        check.fail(f"`fit` was given {rows} rows; 80 % of 1,000 are 800.")
    epochs = sum(run.epochs or 0 for run in runs)
    if epochs < EPOCHS:
        check.fail(f"`fit` was asked for {epochs} epoch{'s' if epochs > 1 else ''}; {EPOCHS} are asked for.")
    if epochs > EPOCHS:
        check.remark(f"you train for {epochs} epochs; {EPOCHS} are asked for")


@pytest.mark.check(
    "q4",
    points=2.5,
    offline=False,  # measured on rows nobody sees, against a trained reference
    needs="classifier",
    hint="Standardise the features with the mean and deviation of the training part, and train for 20 epochs.",
)
def test_classifier_on_new_rows(check, models, trained):
    """the classifier does as well on rows it never saw as the reference"""
    network = trained_classifier(check, models)
    reference = trained("clouds", "classifier")
    n = len(reference.labels)
    x, labels = check.reference.new_rows(n)
    given, _ = check.reference.given_rows()
    ways = {
        "standardised features": (x - given.mean(axis=0)) / given.std(axis=0),
        "features as they are": x,
        "features in 0..1": (x - given.min(axis=0)) / np.ptp(given, axis=0),
    }
    outputs = np.split(models.outputs(network, np.concatenate(list(ways.values())).astype(np.float32)), len(ways))
    right = {way: count_right(rows, labels) for way, rows in zip(ways, outputs, strict=True)}
    way = max(right, key=lambda each: right[each].sum())
    check.remark(f"{network.label} did best on {way}: {accuracy(int(right[way].sum()), n)}")
    bar = reference.bar(right[way], margin=MARGIN)
    if not bar.reaches:
        check.fail(
            f"On {n:,} new rows of the same kind your classifier is right on {bar.student}; the network that was asked "
            f"for reaches about {bar.reference.value:.0%} after 20 epochs."
        )


@pytest.mark.check(
    "q4",
    points=2,
    needs="classifier",
    hint="Turn probabilities into classes with > 0.5, then print(classification_report(y_test, classes)).",
)
def test_classification_report(check, models, notebook):
    """the classification report is there, and it is that of your classifier on rows it was not trained on"""
    found = list(reports(check, notebook))
    if not found:
        check.fail(
            "Your notebook shows no classification report. scikit-learn's `classification_report(y_true, y_pred)` "
            "returns it as text: print it."
        )
    report = found[0]
    if not 100 <= report.n <= 400:
        check.fail(f"The report in {report.where} is about {report.n} rows; the test part has 20 % of 1,000.")
    parts = list(possible_parts(check, report.n))
    if not parts:
        consistent(check, report)
        return
    network = trained_classifier(check, models)
    truths = []
    for x, labels in parts:
        guesses = models.outputs(network, x.astype(np.float32)).reshape(len(x), -1)[:, -1] > 0.5
        truths.append(computed(labels, guesses.astype(int)))
        if any(np.allclose(each.table, truths[-1], atol=ROUNDED, rtol=0) for each in found):
            check.show(as_table("Recomputed from the weights of your classifier", truths[-1]))
            not_trained_on(check, models, network, x)
            return
    check.fail(
        f"The report in {report.where} is not that of your classifier on the test part as it is now. Was the model "
        "trained again, or the split drawn anew, after it was printed? Or is it the report of other rows?",
        as_table("Your report", report.table),
        as_table("Recomputed from the weights of your classifier", truths[0]),
    )


def not_trained_on(check, models, network, x):
    """Require that the rows of the report are not among those the classifier was trained on."""
    for run in models.runs(network, "fit"):
        trained = run.prints[: len(run.prints) - (run.validation_rows or 0)]
        if shared_rows(trained, prints_of(x)) > 0.5:
            check.fail(
                "The report is about rows that the classifier was trained on: it says how well they were learnt by "
                "heart. Split the data first, and train on the training part only."
            )


def possible_parts(check, n):
    """Yield (rows as a model may take them, labels) for all arrays of the notebook that may be the test part."""
    arrays = {thing.name: thing.shape for thing in check.student.things() if thing.kind == "array"}
    rows = [name for name, shape in arrays.items() if shape == (n, 20)]
    columns = [name for name, shape in arrays.items() if shape in {(n,), (n, 1)} and "pred" not in name.lower()]
    labels = [y for name in sorted(columns, key=by_name) if is_labels(y := number_array(check.student.get(name)))]
    for name in sorted(rows, key=by_name)[:MOST]:
        x = number_array(check.student.get(name))
        known, ways = among_given(check, x)
        for each in [x, *ways]:
            yield from ((each, y.reshape(-1)) for y in [*known, *labels[:MOST]])


def by_name(name):
    """Sort names that say "test" first."""
    return ("test" not in name.lower() and "te" not in name.lower(), name)


def is_labels(y):
    """Tell whether an array holds labels 0 and 1."""
    return y is not None and set(np.unique(y)) == {0.0, 1.0}


def among_given(check, x):
    """Return ([labels], [rows as they are standardised by the others]) where all rows are given ones, else nothing."""
    given, labels = check.reference.given_rows()
    place = {row.tobytes(): i for i, row in enumerate(given)}
    places = [place.get(row.tobytes()) for row in np.ascontiguousarray(x)]
    if None in places:
        return [], []
    others = np.delete(given, places, axis=0)
    return [labels[places]], [(x - rows.mean(axis=0)) / rows.std(axis=0) for rows in (others, given)]


def consistent(check, report):
    """Require that a report whose test part is not there agrees with itself."""
    check.remark("the test part is not there to recompute the report: only its own numbers were compared")
    precision, recall, f1 = report.table[:, 0], report.table[:, 1], report.table[:, 2]
    mean = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    if np.any(np.abs(mean - f1) > 3 * ROUNDED):
        check.fail(
            "The report does not agree with itself: F1 is 2PR/(P + R).",
            Text(title=f"The report in {report.where}", text=show(report.table)),
        )


def as_table(title, table):
    """Return a report as evidence."""
    rows = tuple(
        (str(k), *(f"{value:.2f}" for value in row[:3]), f"{row[3]:.0f}") for k, row in enumerate(table.tolist())
    )
    return Table(title=title, columns=("class", *COLUMNS), rows=rows)
