"""Comparisons and winners are read in every form in which students give them; so is what `fit` was watched on."""

import sys

import numpy as np
import pandas as pd
import pytest
from mn_notebooks import ACTIVATIONS, ROOT

sys.path.append(str(ROOT / "assignments" / "mlp-numpy" / "checks"))

from mn_kernel_tables import cells_of
from mn_tables import claim_in, comparisons, sentences_of
from mn_watched import watched_on_test

MINE = dict(zip(ACTIVATIONS, (0.8, 0.7, 0.75, 0.82), strict=True))
THEIRS = dict(zip(ACTIVATIONS, (0.81, 0.71, 0.76, 0.83), strict=True))
WANTED = {("mine", name): n for name, n in MINE.items()} | {("sklearn", name): n for name, n in THEIRS.items()}
ROWS = [(name, MINE[name], THEIRS[name]) for name in ACTIVATIONS]
CALLED = ("ReLU", "Sigmoid", "Linear", "Tanh")
SKLEARNS = {"relu": "relu", "sigmoid": "logistic", "linear": "identity", "tanh": "tanh"}

VARIABLES = {
    "dict of dicts": {"comparison": {name: {"mine": a, "sklearn": b} for name, a, b in ROWS}},
    "dict by owner": {"results": {"MyNeuralNetwork": MINE, "MLPClassifier": THEIRS}},
    "two dicts": {"my_acc": MINE, "sk_acc": THEIRS},
    "scikit-learn's names": {"mine": MINE, "sk": {SKLEARNS[name]: n for name, n in THEIRS.items()}},
    "tuples": {"results": ROWS},
    "keys of two": {"results": {(name, owner): n for (owner, name), n in WANTED.items()}},
    "percent": {"comparison": {name: {"mine": 100 * a, "sklearn": 100 * b} for name, a, b in ROWS}},
    "percent as text": {"comparison": {name: {"mine": f"{a:.0%}", "sklearn": f"{b:.0%}"} for name, a, b in ROWS}},
    "with losses": {
        "res": {"mine": {name: {"acc": a, "loss": 0.3} for name, a, _ in ROWS},
                "sklearn": {name: {"acc": b, "loss": 0.6} for name, _, b in ROWS}}
    },
    "frame": {"df": pd.DataFrame(ROWS, columns=["activation", "MyNN", "sklearn"])},
    "frame with an index": {"df": pd.DataFrame({"My accuracy": MINE, "Sklearn accuracy": THEIRS})},
    "frame, turned": {"df": pd.DataFrame({"Mine": MINE, "Sklearn": THEIRS}).T},
    "frame, long": {"df": pd.DataFrame([{"model": "custom" if owner == "mine" else "MLPClassifier", "activation": name,
                                         "test_accuracy": n} for (owner, name), n in WANTED.items()])},
    "frame, named nicely": {"df": pd.DataFrame({"Activation": CALLED, "Custom NN Accuracy": MINE.values(),
                                                "Sklearn MLP Accuracy": THEIRS.values()})},
    "frame with validation": {"df": pd.DataFrame([{"act": name, "own val": 0.5, "own test": a, "sklearn val": 0.4,
                                                   "sklearn test": b} for name, a, b in ROWS])},
}  # fmt: skip
TEXTS = {
    "a line each": "\n".join(f"{name}: mine {a:.4f} sklearn {b:.4f}" for name, a, b in ROWS),
    "percent": "\n".join(f"Activation = {n}, my accuracy = {a:.2%}, sklearn accuracy = {b:.2%}" for n, a, b in ROWS),
    "one below the other": "\n".join(
        [*(f"My NN {name} test accuracy: {a}" for name, a, _ in ROWS), *(f"sklearn {name}: {b}" for name, _, b in ROWS)]
    ),
    "headings": "\n".join(["My network", *(f"{name}: {a}" for name, a, _ in ROWS), "MLPClassifier",
                           *(f"{name}: {b}" for name, _, b in ROWS)]),
    "a title that names one": "Comparison with sklearn\n" + "\n".join(f"{n}: mine {a} sklearn {b}" for n, a, b in ROWS),
    "columns": "activation   mine   sklearn\n" + "\n".join(f"{name:10s} {a:.3f}  {b:.3f}" for name, a, b in ROWS),
    "Markdown": "| Activation | MyNeuralNetwork | MLPClassifier |\n|---|---|---|\n"
    + "\n".join(f"| {name} | {a} | **{b}** |" for name, a, b in ROWS),
    "Markdown, turned": "| Model | ReLU | Sigmoid | Linear | Tanh |\n|---|---|---|---|---|\n| Own | 0.80 | 0.70 | 0.75 "
    "| 0.82 |\n| sklearn | 0.81 | 0.71 | 0.76 | 0.83 |",
    "epochs beside": "\n".join(f"{name} (100 epochs): mine {a}, sklearn {b}" for name, a, b in ROWS),
    "printed dicts": f"Mine: {MINE}\nSklearn: {THEIRS}",
}  # fmt: skip
CLAIMS = [
    ("The best model is sklearn with tanh.", "sklearn", "tanh"),
    ("tanh from MLPClassifier wins with 83 %.", "sklearn", "tanh"),
    ("My own network with tanh gets the highest accuracy (0.82).", "mine", "tanh"),
    ("Best: MLPClassifier (tanh)", "sklearn", "tanh"),
    ("sklearn's tanh model outperforms all others", "sklearn", "tanh"),
    ("Among all, relu of sklearn has the best accuracy, and sigmoid the worst", "sklearn", "relu"),
    ("The best activation is tanh for both.", None, "tanh"),
    ("We conclude that tanh is better than relu.", None, "tanh"),
    ("Am besten ist tanh von sklearn", "sklearn", "tanh"),
    ("relu is not the best; tanh of sklearn is the best", "sklearn", "tanh"),
    ("With an accuracy of 0.83 the sklearn tanh model was best", "sklearn", "tanh"),
    ("The best comes from MLPClassifier with tanh, while sigmoid is the worst for my network.", "sklearn", "tanh"),
    ("The highest accuracy is reached by ReLU (sklearn).", "sklearn", "relu"),
]
NAMED = [
    ("sklearn tanh", "sklearn", "tanh"),
    ("MLPClassifier(activation='tanh')", "sklearn", "tanh"),
    ("ReLU", None, "relu"),
    ("My NN - Sigmoid", "mine", "sigmoid"),
    ("MyNeuralNetwork_relu", "mine", "relu"),
]


@pytest.mark.parametrize("form", VARIABLES)
def test_a_comparison_in_variables_is_read(form):
    tables = [[name, cells_of(value, ())] for name, value in VARIABLES[form].items()]

    assert WANTED == pytest.approx(comparisons(tables, []).values)


@pytest.mark.parametrize("form", TEXTS)
def test_a_comparison_in_a_text_is_read(form):
    assert WANTED == pytest.approx(comparisons([], [("a cell", TEXTS[form])]).values)


@pytest.mark.parametrize(("sentence", "owner", "activation"), CLAIMS)
def test_the_winner_is_read_from_a_sentence(sentence, owner, activation):
    claim = claim_in([], sentences_of(sentence), "")

    assert (owner, activation) == (claim.owner, claim.activation)


@pytest.mark.parametrize(("text", "owner", "activation"), NAMED)
def test_the_winner_is_read_from_a_variable(text, owner, activation):
    claim = claim_in([("best_model", text)], [], "")

    assert (owner, activation) == (claim.owner, claim.activation)


def test_numbers_that_are_no_comparison_are_none():
    assert {} == comparisons([["x", cells_of(np.arange(8), ())]], [("a cell", "It took 3 seconds.")]).values


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("net.fit(X_train, y_train, X_test, y_test)\nprint(net.score(X_test, y_test))", "X_test"),
        ("net.fit(a, b, validation_data=(x_test, y_test))\nnet.predict(x_test)", "x_test"),
        ("net.fit(X_train, y_train, X_val, y_val)\nnet.score(X_test, y_test)", None),
        ("net.fit(X_train, y_train)\nnet.score(X_test, y_test)", None),
        ("net.fit(X_train, y_train, X_test, y_test)\nnet.score(X_final, y_final)", None),
        ("net.fit(X_train,", None),
    ],
)
def test_test_images_to_watch_on_are_noticed(source, name):
    assert name == watched_on_test([source])
