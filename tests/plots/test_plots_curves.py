"""What is said about plots of training and validation loss: drawn by Matplotlib in a kernel, and put together here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebooks import notebook
from plots_drawn import COLOURS, figure, line, plot

from grader.config import Limits
from grader.kernels import Kernel
from grader.plots import Axes, Curve, Entry, as_evidence, curve_of, figures, label_of, loss_curves, loss_plot, shows
from grader.plots.words import EPOCH, LOSS, TRAINING, VALIDATION, mentions

HISTORY = {
    "accuracy": [0.5, 0.7, 0.8, 0.85],
    "loss": [2.0, 1.1, 0.7, 0.55],
    "val_accuracy": [0.45, 0.6, 0.66, 0.67],
    "val_loss": [2.1, 1.4, 1.2, 1.3],
}
START = f"""
import pandas as pd, matplotlib.pyplot as plt
h = {HISTORY!r}
n = range(1, 5)
"""
LABELLED = "\nplt.xlabel('Epochs'); plt.ylabel('Loss')\n"
LEGEND = "plt.legend()"
LINES = "plt.plot(h['loss']); plt.plot(h['val_loss'])\n"
NAMED = "plt.plot(h['loss'], label='train'); plt.plot(h['val_loss'], label='val')\n"
BOTH = NAMED + LABELLED
HALVES = "_, (a, b) = plt.subplots(1, 2); "
PAIR = "{0}.plot(h['loss'], label='loss'); {0}.plot(h['val_loss'], label='val_loss'); "

RIGHT = {
    "plain": BOTH + LEGEND,
    "dots and a line of one colour": "plt.plot(n, h['loss'], 'bo', label='Training loss')\n"
    "plt.plot(n, h['val_loss'], 'b', label='Validation loss')" + LABELLED + LEGEND,
    "legend afterwards": LINES + LABELLED + "plt.legend(['Train', 'Test'])",
    "german": "plt.plot(n, h['loss'], label='Trainingsverlust')\n"
    "plt.plot(n, h['val_loss'], label='Validierungsverlust')\n"
    "plt.xlabel('Epoche'); plt.ylabel('Kreuzentropie'); plt.legend()",
    "chinese": "plt.plot(h['loss'], label='训练'); plt.plot(h['val_loss'], label='验证')\n"
    "plt.xlabel('轮'); plt.ylabel('损失'); plt.legend()",
    "unknown words": "plt.plot(h['loss'], label='A'); plt.plot(h['val_loss'], label='B')\n"
    "plt.xlabel('kierros'); plt.ylabel('hukka'); plt.legend()",
    "pandas": "pd.DataFrame(h)[['loss', 'val_loss']].plot(xlabel='epoch', ylabel='loss')",
    "everything in one": "pd.DataFrame(h).plot(); plt.xlabel('epoch'); plt.ylabel('value')",
    "beside accuracy": HALVES + "a.plot(h['accuracy'])\n" + PAIR.format("b") + "b.legend()\n"
    "b.set(xlabel='epoch', ylabel='loss')",
    "shared axis": "f, (a, b) = plt.subplots(2, sharex=True); b.plot(h['accuracy']); b.set_xlabel('epoch')\n"
    + PAIR.format("a") + "a.set_ylabel('loss'); f.legend()",
    "twins": "f, a = plt.subplots(); b = a.twinx(); a.plot(h['loss'], 'r', label='loss')\n"
    "b.plot(h['val_loss'], 'b', label='val_loss'); a.set(xlabel='epoch', ylabel='loss'); f.legend()",
    "log": BOTH + "plt.yscale('log'); plt.legend()",
    "dots": "plt.scatter(n, h['loss'], label='t'); plt.scatter(n, h['val_loss'], label='v')" + LABELLED + LEGEND,
    "names as numbers": "k = list('1234'); plt.plot(k, h['loss'], label='t'); plt.plot(k, h['val_loss'], label='v')"
    + LABELLED + LEGEND,
    "after a worse one": LINES + "plt.show()\n" + BOTH + LEGEND,
}  # fmt: skip
NO_X, NO_Y, NO_LABELS = "The horizontal axis has no label", "The vertical axis has no label", "The axes have no labels"
NO_LEGEND, NO_TRAINING, NO_VALIDATION = (
    "There is no legend", "No line shows the training loss `loss`", "No line shows the validation loss `val_loss`"
)  # fmt: skip
WRONG = {
    "no figure": ("print(h['loss'])", ["Your notebook shows no figure."]),
    "no line": ("plt.bar(n, h['loss'])", ["None of your figures shows a line."]),
    "no labels": (NAMED + LEGEND, [NO_LABELS]),
    "no x label": (BOTH + "plt.xlabel(' '); plt.legend()", [NO_X]),
    "no y label": (BOTH + "plt.ylabel(''); plt.legend()", [NO_Y]),
    "axis off": (BOTH + "plt.legend(); plt.axis('off')", [NO_LABELS]),
    "no legend": (BOTH, [NO_LEGEND]),
    "empty legend": (LINES + LABELLED + LEGEND, [NO_LEGEND]),
    "half a legend": (LINES + LABELLED + "plt.legend(['loss'])", ["names only one line ('loss')"]),
    "broken pyplot": ("plt.xlabel = 'epoch'\n" + LINES + "plt.ylabel('loss')", [NO_X, NO_LEGEND]),
    "labels swapped": (BOTH + "plt.xlabel('loss'); plt.ylabel('epochs'); plt.legend()", ["axes are swapped: 'loss'"]),
    "legend swapped": (
        LINES + LABELLED + "plt.legend(['val', 'train'])",
        ["The legend is swapped: 'val' stands at the training loss"],
    ),
    "only training": ("plt.plot(h['loss'])" + LABELLED, [NO_VALIDATION + " of the training you ran last."]),
    "accuracy": (
        "plt.plot(h['accuracy']); plt.plot(h['val_accuracy'])" + LABELLED,
        [NO_TRAINING + " of the training you ran last; there is one that shows `accuracy`.", NO_VALIDATION],
    ),
    "two plots": ("plt.plot(h['loss']); plt.show(); plt.plot(h['val_loss'])", ["are in different plots"]),
    "two halves": (HALVES + "a.plot(h['loss']); b.plot(h['val_loss'])", ["are in different plots"]),
    "on its side": (
        "plt.plot(h['loss'], n); plt.plot(h['val_loss'], n)",
        ["training loss lies on its side", "validation loss lies on its side"],
    ),
    "not epochs": (
        "k = [0, 100, 200, 300]; plt.plot(k, h['loss'], label='t'); plt.plot(k, h['val_loss'], label='v')"
        + LABELLED
        + LEGEND,
        ["does not count epochs: your points lie at 0, 100, 200, …"],
    ),
    "epochs left out": (
        "plt.plot(h['loss'][1:]); plt.plot(h['val_loss'])" + LABELLED,
        ["training loss shows 3 of 4 epochs, from number 2 on"],
    ),
    "against each other": ("plt.plot(h['loss'], h['val_loss'])", [NO_TRAINING]),
    "other numbers": ("plt.plot([3, 2, 1, 0]); plt.plot(h['val_loss'])" + LABELLED, [NO_TRAINING]),
    "rounded": ("plt.plot([round(l) for l in h['loss']]); plt.plot(h['val_loss'])" + LABELLED, [NO_TRAINING]),
    "hidden": ("plt.plot(h['loss'], visible=False); plt.plot(h['val_loss'])", [NO_TRAINING]),
    "closed": (LINES + "plt.close()", ["Your notebook shows no figure."]),
}


@pytest.fixture(scope="module")
def drawn():
    """The figures of every sample, by name; samples that break pyplot come last."""
    samples = RIGHT | {name: source for name, (source, _) in WRONG.items()}
    names = sorted(samples, key=lambda name: name == "broken pyplot")
    with Kernel(Limits(), seed=1) as kernel:
        execution = kernel.run(notebook(START, *(samples[name] for name in names)))
        assert [cell.error for cell in execution.cells] == [None] * (1 + len(names))
        shown = figures(kernel)
    return {name: [one for one in shown if one.cell == number] for number, name in enumerate(names, 1)}


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_missing(drawn, name):
    assert loss_curves(drawn[name], HISTORY) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_missing_is_said(drawn, name):
    said = loss_curves(drawn[name], HISTORY)

    assert len(said) == len(WRONG[name][1])
    assert [part in sentence for part, sentence in zip(WRONG[name][1], said, strict=True)] == [True] * len(said)


def test_among_many_figures_the_best_counts(drawn):
    everything = [figure for shown in drawn.values() for figure in shown]

    assert loss_curves(everything, HISTORY) == []
    assert loss_curves(everything, HISTORY, training="accuracy", validation="val_accuracy") == []


def test_the_curves_are_named_and_handed_to_the_report(drawn):
    training, validation = loss_plot(drawn["legend afterwards"], HISTORY)

    assert (label_of(training), label_of(validation)) == ("Train", "Test")
    evidence = as_evidence(training.axes, training.figure, "Your plot")
    assert (evidence.x_label, evidence.y_label) == ("Epochs", "Loss")
    assert [(one.name, one.x, one.y) for one in evidence.series] == [
        ("Train", (0.0, 1.0, 2.0, 3.0), tuple(HISTORY["loss"])),
        ("Test", (0.0, 1.0, 2.0, 3.0), tuple(HISTORY["val_loss"])),
    ]
    assert loss_plot(drawn["only training"], HISTORY) is None


# --- without a kernel ---------------------------------------------------------------------------------------------


def test_a_loss_that_became_nan_is_recognised():
    history = {"loss": [2.0, np.nan, np.nan], "val_loss": [np.inf, np.nan, np.nan]}
    lines = [line(history["loss"], label="train"), line(history["val_loss"], label="val", colour=COLOURS[1])]

    assert loss_curves([figure(plot(*lines))], history) == []
    assert as_evidence(plot(*lines), figure(plot(*lines)), "x").series[0].y == (2.0,)


def test_one_line_cannot_be_both():
    history = {"loss": [2.0, 1.0], "val_loss": [2.0, 1.0]}
    one = line([2.0, 1.0], label="train")

    assert loss_curves([figure(plot(one))], history) == [
        "Training and validation loss are in different plots: draw both into one, so that they compare."
    ]


def test_legends_tell_lines_apart_by_style_where_the_colours_are_one():
    first = line([2.0, 1.0]).model_copy(update={"style": "-"})
    second = line([3.0, 2.0]).model_copy(update={"style": "--"})
    entries = (Entry(text="val", colour=COLOURS[0], style="-"), Entry(text="train", colour=COLOURS[0], style="--"))
    axes = Axes(lines=(first, second), xlabel="epoch", ylabel="loss", legend=entries)

    assert loss_curves([figure(axes)], {"loss": [2.0, 1.0], "val_loss": [3.0, 2.0]}) == [
        "The legend is swapped: 'val' stands at the training loss."
    ]


FLOATS = st.floats(allow_nan=True, allow_infinity=False, width=32)


@given(st.lists(FLOATS, min_size=1, max_size=30), st.data())
def test_a_curve_shows_its_values_and_no_others(values, data):
    curve = line(values)
    index = data.draw(st.integers(0, len(values) - 1))
    changed = list(values)
    changed[index] = 1.0 if np.isnan(values[index]) else values[index] + 1e-3 * (1 + np.nanmax(np.abs(values)))

    assert shows(curve, values)
    assert not shows(curve, changed)
    assert not shows(curve, [*values, 0.0])
    assert not shows(curve, [])


@given(st.integers(2_001, 9_999), st.integers(0, 9_998))
def test_a_thinned_curve_is_compared_where_it_was_kept(n, index):
    values = np.sqrt(np.arange(n))
    step = -(-n // 2_000)
    curve = Curve(x=np.arange(0.0, n, step), y=values[::step], n=n, step=step)
    changed = values + (np.arange(n) == index % n)

    assert shows(curve, values)
    assert shows(curve, changed) == (index % n % step != 0)
    assert not shows(curve, values[:-1])
    assert curve_of([figure(Axes(lines=(curve,)))], values).curve == curve


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Épocas", EPOCH, True),
        ("EPOCHEN", EPOCH, True),
        ("エポック", EPOCH, True),
        ("number of epochs", EPOCH, True),
        ("Loss", LOSS, True),
        ("glossary", LOSS, False),
        ("交叉熵损失", LOSS, True),
        ("Fonction de coût", LOSS, True),
        ("perte d'entraînement", TRAINING, True),
        ("val_loss", VALIDATION, True),
        ("trainLoss", LOSS, True),
        ("интервал", VALIDATION, False),
        ("interval", VALIDATION, False),
    ],
)
def test_known_words_are_found(text, words, found):
    assert mentions(text, words) is found
