"""Notebooks whose functions are a reference's, or wrong variants of them, run in the kernel."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import nbformat
from notebooks import notebook

ROOT = Path(__file__).parents[2]
SOURCES = ("*.py", "backprop_variants/*.py")
REFERENCES = {name: f"reference.{name.replace('-', '_')}" for name in ("mnist-mlp", "backprop", "vision-project")}
NUMBERS = ("forward_multiplications", "backward_multiplications")
PLAIN = {
    "mnist-mlp": None,
    "vision-project": None,
    "backprop": (
        "box_network",
        "approximate",
        "softmax",
        "softmax_jacobian",
        "sigmoid",
        "dsigmoid",
        "cross_entropy_loss",
        "integer_to_one_hot",
    ),
}

PREAMBLE = """
import json, sys
from pathlib import Path

import numpy as np

for name, text in json.loads({sources!r}).items():
    place = Path("solution") / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
sys.path.insert(0, str(Path("solution").resolve()))

import {module} as right
from {module}_variants import VARIANTS

def answers(function, number):
    return getattr(right, function) if number is None else VARIANTS[function][number].function
"""
NETWORK = """
rng = np.random.default_rng()
weights, biases = answers("initialise", {initialise})((784, 32, 32, 10), rng)

def feed_forward_sample(sample, y):
    return answers("feed_forward_sample", {feed_forward_sample})(weights, biases, sample, y)

def feed_forward_dataset(x, y):
    print(*answers("feed_forward_dataset", {feed_forward_dataset})(weights, biases, x, y))

def keep(new):
    for old, now in zip(weights + biases, new[0] + new[1]):
        old[:] = now

def train_one_sample(sample, y, learning_rate=0.003):
    keep(answers("train_one_sample", {train_one_sample})(weights, biases, sample, y, learning_rate))
"""
EPOCH = """
def train_one_epoch(x, y, learning_rate=0.003):
    keep(answers("train_one_epoch", {train_one_epoch})(weights, biases, x, y, learning_rate))
"""
OF_NETWORK = ("initialise", "feed_forward_sample", "feed_forward_dataset", "train_one_sample", "train_one_epoch")


def variants_of(name: str) -> dict[str, tuple]:
    """Return the variants of an assignment by function."""
    return importlib.import_module(f"{REFERENCES[name]}_variants").VARIANTS


@cache
def preamble(name: str) -> str:
    """Return a cell that brings the solution and its variants along."""
    folder = ROOT / "reference"
    files = sorted(path for pattern in SOURCES for path in folder.glob(pattern))
    texts = {f"reference/{path.relative_to(folder)}": path.read_text("utf-8") for path in files}
    return PREAMBLE.format(sources=json.dumps(texts), module=REFERENCES[name])


def wrapper(name: str, function: str, number: int | None) -> str:
    """Return the source of what the assignment asks for, answered by the solution or by a variant of it."""
    if function in NUMBERS:
        return f"{function} = answers({function!r}, {number})((784, 32, 32, 10))"
    signature = inspect.signature(getattr(importlib.import_module(REFERENCES[name]), function))
    given = ", ".join(signature.parameters)
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    header = str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return f"def {function}{header}:\n    return answers({function!r}, {number})({given})"


def of_variants(name: str, wrong: Mapping[str, int]) -> nbformat.NotebookNode:
    """Return a notebook that is right but for the functions in `wrong`, each of which is that variant."""
    functions = PLAIN[name] or tuple(variants_of(name))
    cells = [wrapper(name, function, wrong.get(function)) for function in functions]
    if name == "backprop":
        of_network = {function: wrong.get(function) for function in OF_NETWORK}
        cells.append(NETWORK.format(**of_network))
        cells += [EPOCH.format(**of_network)] if "train_one_epoch" in wrong else []  # it takes long
    return notebook(preamble(name), *cells)
