"""Question 5, four optimizers on CIFAR-10: the network, the trainings, their curves and who won."""

import numpy as np
import pytest
from df_ask import has
from df_histories import best_by, histories, label_names, optimizer_in

from grader.checks import NeedsReview
from grader.errors import NotDefined
from grader.models import Asked, difference
from grader.plots import all_curves, as_evidence, label_of, shows
from grader.results import Table

ASKED = Asked(
    convolutions=(32, 64, 64),
    hidden=(64,),
    activation="relu",
    outputs=10,
    probabilities=True,
    input_size=3072,
    min_pooling=2,
    loss="crossentropy",
    allowed=frozenset({"dropout", "normalization"}),
)
TABLE = Asked(input_size=20)  # a model of question 4, or of the search
SHOWN = ("val_accuracy", "val_loss", "val_acc", "val_sparse_categorical_accuracy", "val_categorical_accuracy")


def need_attempt(check, models):
    """End the check as not attempted where there is no network but the one of question 4."""
    if not has(check, "histories") and all(difference(one.model, TABLE) is None for one in models.all()):
        nothing = NotDefined("Your notebook does not define `histories`.")
        nothing.name = "histories"
        raise nothing


def four(check, models):
    """Return the trainings of at least four optimizers, each at least two epochs long."""
    need_attempt(check, models)
    found = {name: one for name, one in histories(check, models).items() if max(map(len, one.values()), default=0) >= 2}
    different = {optimizer_in(name) for name in found}
    if len(different) < 4:
        check.fail(
            f"We found the trainings of {len(different)} optimizers ({', '.join(found) or 'none'}), each at least two "
            "epochs long; four are asked for. Keep what `fit` returns in the dictionary `histories`, by optimizer."
        )
    return found


@pytest.mark.check("q5", points=1, needs="histories", hint="Conv2D 32, 64, 64; Dense 64; Dense 10 with softmax.")
def test_cifar_network(check, models):
    """the CNN is the one that was asked for"""
    need_attempt(check, models)
    pictures = [one for one in models.all() if difference(one.model, TABLE) is not None]
    fitting = [one for one in pictures if difference(one.model, ASKED) is None]
    if pictures and not fitting:
        check.fail(f"{pictures[-1].label}: {difference(pictures[-1].model, ASKED)}", pictures[-1].summary())
    check.show((fitting[-1] if fitting else models.fitting(ASKED)).summary())


@pytest.mark.check(
    "q5", points=1, needs="histories", hint="A fresh network for every optimizer, with validation_split."
)
def test_four_trainings(check, models):
    """four optimizers were trained, each from a fresh start, with a validation part"""
    found = four(check, models)
    without = [name for name, one in found.items() if not any(key.startswith("val_") for key in one)]
    if without:
        check.fail(f"The training with {without[0]} has no validation part: give `fit` a validation_split.")
    lengths = {name: len(next(iter(one.values()))) for name, one in found.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {n}" for name, n in lengths.items())
        check.fail(f"The trainings differ in length ({said} epochs): to compare them, give all the same.")
    check.show(as_table(found))
    seen(check, models, found)
    start = {name: one["loss"][0] for name, one in found.items() if "loss" in one}
    if len(start) == len(found) and not any(one["loss"][-1] < one["loss"][0] for one in found.values()):
        check.fail("The training loss of no optimizer fell: are the pixels scaled to 0..1?")


def seen(check, models, found):
    """Require that every training ended as one of the calls of `fit` that were seen while the notebook ran."""
    runs = [run for run in models.runs(kind="fit") if run.epochs_done and np.prod(run.shape[1:]) in {1, 3072}]
    if not runs:
        raise NeedsReview("No call of `fit` on images was seen: a person looks at how the four were trained.")
    for name, series in found.items():
        if not any(ended_like(run.values, series) for run in runs):
            check.fail(
                f"The figures of {name} in `histories` are those of no training we saw while your notebook ran.",
                as_table(found),
            )


def ended_like(values, series):
    """Tell whether the last epoch that was seen is the last of a history, as far as both know the same metrics."""
    shared = [key for key in series if key in values]
    return not shared or all(np.isclose(values[key], series[key][-1], rtol=1e-4, atol=1e-6) for key in shared)


@pytest.mark.check(
    "q5",
    points=1.5,
    needs="histories",
    hint="One plt.plot per optimizer with label=name, then xlabel, ylabel and legend, all before plt.show.",
)
def test_cifar_curves(check, models, figures):
    """one plot shows the validation curves of the four optimizers, with legend and labelled axes"""
    found = four(check, models)
    plot, key, curves = best_plot(found, figures)
    if plot is None or len(curves) < 4:
        missing = [name for name in found if name not in curves]
        check.fail(
            "No plot shows the validation curves of all four optimizers, equal to what `fit` returned. "
            f"{'Missing in the plot of ' + key + ': ' + ', '.join(missing) + '.' if curves else ''}".strip()
        )
    figure, axes = plot
    check.show_figure(figure, "Your curves")
    check.show(as_evidence(axes, figure, f"The curves of {key} as drawn"))
    problems = [
        f"the {word} axis has no label"
        for word, letter in (("horizontal", "x"), ("vertical", "y"))
        if not figure.label_of(axes, letter)
    ]
    wrong = [name for name, labels in curves.items() if not any(label_names(label, name) for label in labels)]
    if not figure.legend_of(axes):
        problems.append("there is no legend")
    elif wrong:
        problems.append(f"the legend does not tell which curve is that of {wrong[0]}")
    if problems:
        check.score(0.5, f"The four curves are there, but {' and '.join(problems)}.")


def best_plot(found, figures):
    """Return ((figure, axes), series, {optimizer: labels}) of the plot with the most of the curves.

    A curve may have several labels: after few epochs two optimizers can have the same accuracies.
    """
    best = (None, "", {})
    for key in SHOWN:
        series = {name: one[key] for name, one in found.items() if key in one}
        by_axes = {}
        for curve in all_curves(figures):
            for name, values in series.items():
                if shows(curve.curve, values, 1e-5):
                    by_axes.setdefault(id(curve.axes), (curve, {}))[1].setdefault(name, []).append(label_of(curve))
        for curve, labels in by_axes.values():
            if len(labels) > len(best[2]):
                best = ((curve.figure, curve.axes), key, labels)
    return best


@pytest.mark.check("q5", points=1, needs="best_optimizer", hint="max over the last validation accuracies.")
def test_best_optimizer(check, models):
    """best_optimizer is the one that your own trainings show to be best"""
    found = four(check, models)
    said = check.student.get("best_optimizer")
    if not isinstance(said, str):
        check.fail("`best_optimizer` has to be the name of the optimizer that did best, a string.")
    measures = {how: names for how, names in best_by(found).items() if "val" in how}
    agreeing = [how for how, names in measures.items() if optimizer_in(said) in map(optimizer_in, names.split(" or "))]
    check.show(as_table(found))
    if not agreeing:
        winners = ", ".join(sorted(set(measures.values())))
        check.fail(
            f"You name {said!r}, but by none of your own figures it is the best: by validation accuracy or loss, after "
            f"the last epoch or at their best, that is {winners}."
        )
    check.remark(f"{said} is best by {agreeing[0]}")


def as_table(found):
    """Return the last figures of every training."""
    keys = [
        key for key in ("loss", "accuracy", "val_loss", "val_accuracy") if all(key in one for one in found.values())
    ]
    rows = tuple((name, *(f"{one[key][-1]:.3f}" for key in keys)) for name, one in found.items())
    return Table(title="Your trainings after the last epoch", columns=("optimizer", *keys), rows=rows)
