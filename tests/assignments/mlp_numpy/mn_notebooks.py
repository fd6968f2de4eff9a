"""Notebooks of `mlp-numpy` whose functions are the reference's, or wrong variants of them, run in the kernel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import nbformat
from notebooks import notebook

from reference.mlp_numpy_variants import VARIANTS

ROOT = Path(__file__).parents[3]
SOURCES = ("__init__.py", "variants.py", "kl.py", "cnn.py", "mlp_numpy.py", "mlp_numpy_variants/*.py")
ACTIVATIONS = ("relu", "sigmoid", "linear", "tanh")
Slot = tuple[str, str]  # a function of the reference, and for which activation or network it is asked

PREAMBLE = """
import json, sys
from pathlib import Path

import numpy as np

for name, text in json.loads({sources!r}).items():
    place = Path("solution") / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
sys.path.insert(0, str(Path("solution").resolve()))

from reference import mlp_numpy as right
from reference.cnn import INPUT, NETWORKS, total
from reference.mlp_numpy_variants import VARIANTS

_WRONG = {{tuple(slot): number for slot, number in {wrong!r}}}

def answers(function, asked=""):
    number = _WRONG.get((function, asked))
    if number is not None:
        return VARIANTS[function][number].function
    if function.startswith("cnn_"):
        return lambda network: getattr(total(NETWORKS[network], INPUT), function[4:])
    return getattr(right, function)
"""

CLASS = """
class MyNeuralNetwork:
    def __init__(self, n_layers, layer_sizes, activation="relu", learning_rate=0.1, weight_init="normal",
                 batch_size=32, num_epochs=100):
        self.activation, self.learning_rate = activation, learning_rate
        self.batch_size, self.num_epochs = batch_size, num_epochs
        rng = np.random.default_rng(np.random.randint(10**6))
        self.weights, self.biases = right.initialise(layer_sizes, weight_init, rng)

    def fit(self, X, y):
        step = answers("step", self.activation)
        for _ in range(self.num_epochs):
            order = np.random.permutation(len(X))
            for start in range(0, len(X), self.batch_size):
                rows = order[start:start + self.batch_size]
                self.weights, self.biases = step(
                    self.weights, self.biases, X[rows], y[rows], self.activation, self.learning_rate)
        return self

    def predict_proba(self, X):
        return answers("predict_proba", self.activation)(self.weights, self.biases, X, self.activation)

    def predict(self, X):
        return right.predict_proba(self.weights, self.biases, X, self.activation).argmax(axis=1)

    def score(self, X, y):
        return float(answers("score")(self.predict(X), y))
"""

OTHERS = """
def relu(z): return answers("relu")(z)
def sigmoid(z): return answers("sigmoid")(z)
def linear(z): return answers("linear")(z)
def tanh(z): return answers("tanh")(z)
def softmax(z): return answers("softmax")(z)
def relu_grad(z): return answers("relu_grad")(z)
def sigmoid_grad(z): return answers("sigmoid_grad")(z)
def linear_grad(z): return answers("linear_grad")(z)
def tanh_grad(z): return answers("tanh_grad")(z)
def softmax_grad(z): return answers("softmax_grad")(z)

def entropy(p): return answers("entropy")(p)
def cross_entropy(p, q): return answers("cross_entropy")(p, q)
def kl_divergence(p, q): return answers("kl_divergence")(p, q)

cnn_answers = {
    network: {
        "parameters": int(answers("cnn_parameters", network)(network)),
        "output": (28, 28, 32),
        "multiplications": int(answers("cnn_multiplications", network)(network)),
    }
    for network in ("network 1", "network 2")
}
"""


@cache
def sources() -> str:
    """Return the files of the solution and its variants."""
    folder = ROOT / "reference"
    files = [path for pattern in SOURCES for path in sorted(folder.glob(pattern))]
    return json.dumps({f"reference/{path.relative_to(folder)}": path.read_text("utf-8") for path in files})


def of_variants(wrong: Mapping[Slot, int]) -> nbformat.NotebookNode:
    """Return a notebook that is right but for the slots in `wrong`, each of which is that variant."""
    listed = [(list(slot), number) for slot, number in wrong.items()]
    return notebook(PREAMBLE.format(sources=sources(), wrong=listed), CLASS, OTHERS)


def variant_name(slot: Slot, number: int) -> str:
    """Return what the misconception is called."""
    return VARIANTS[slot[0]][number].name
