"""The homework that everybody is measured on: two notebooks with their checks, and how to run them as plain Python.

A check is a function of `student`, from which it takes the student's functions: the proxy of `grader.probe`, or, where
checks run inside the kernel, the notebook's own names. It calls them with random arrays and compares with NumPy.

    python bench/notebooks.py numpy|keras same|fork

is the process that `kernels.py` takes the floor from: it has imported everything, and for every line on standard
input it runs the notebook and its checks, either itself ("same") or in a fork of itself ("fork"), and says in a line
of JSON how long that took. A measurement of one's own process needs no such program.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import inspect
import io
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat

Check = Callable[[Any], None]

NUMPY_CELLS = (
    """
import numpy as np

rng = np.random.default_rng(1)
""",
    """
def make_points(n, rng):
    angle = rng.uniform(0, 2 * np.pi, n)
    label = np.arange(n) % 3
    radius = 1.0 + label + rng.normal(0, 0.1, n)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]), label

points, labels = make_points(600, rng)
points.shape
""",
    """
def standardize(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)

points = standardize(points)
""",
    """
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
""",
    """
def one_hot(y, n_classes):
    return np.eye(n_classes)[y]

one_hot(labels[:4], 3)
""",
    """
def cross_entropy(p, y):
    return -np.mean(np.log(p[np.arange(len(y)), y]))
""",
    """
def relu(z):
    return np.maximum(z, 0)
""",
    """
def start(sizes, rng):
    return [(rng.normal(0, np.sqrt(2 / a), (a, b)), np.zeros(b)) for a, b in zip(sizes, sizes[1:])]

network = start([2, 32, 3], rng)
""",
    """
def forward(x, network):
    (w1, b1), (w2, b2) = network
    return softmax(relu(x @ w1 + b1) @ w2 + b2)
""",
    """
def gradients(x, y, network):
    (w1, b1), (w2, b2) = network
    z = x @ w1 + b1
    a = relu(z)
    d2 = (softmax(a @ w2 + b2) - one_hot(y, 3)) / len(y)
    d1 = (d2 @ w2.T) * (z > 0)
    return [(x.T @ d1, d1.sum(axis=0)), (a.T @ d2, d2.sum(axis=0))]
""",
    """
losses = []
for step in range(300):
    losses.append(cross_entropy(forward(points, network), labels))
    network = [(w - dw, b - db) for (w, b), (dw, db) in zip(network, gradients(points, labels, network))]
    if step % 50 == 0:
        print(step, losses[-1])
""",
    """
print("loss", losses[-1], "accuracy", np.mean(forward(points, network).argmax(axis=1) == labels))
""",
)


def standardizes(student: Any) -> None:
    """standardize gives every column mean 0 and deviation 1"""
    import numpy as np

    x = np.random.default_rng(2).normal(3, 5, (200, 4))
    assert np.allclose(student.standardize(x), (x - x.mean(axis=0)) / x.std(axis=0))


def softmax_is_right(student: Any) -> None:
    """softmax agrees with its definition, row by row"""
    import numpy as np

    z = np.random.default_rng(3).normal(size=(100, 10))
    assert np.allclose(student.softmax(z), np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))


def one_hot_is_right(student: Any) -> None:
    """one_hot has a single 1, in the column of the class"""
    import numpy as np

    y = np.random.default_rng(4).integers(0, 7, 100)
    assert np.array_equal(student.one_hot(y, 7), (y[:, None] == np.arange(7)).astype(float))


def cross_entropy_is_right(student: Any) -> None:
    """cross_entropy is the mean of the negative logarithms"""
    import numpy as np

    rng = np.random.default_rng(5)
    p, y = rng.dirichlet(np.ones(5), 100), rng.integers(0, 5, 100)
    assert np.isclose(student.cross_entropy(p, y), -np.log(np.take_along_axis(p, y[:, None], 1)).mean())


def forward_is_right(student: Any) -> None:
    """forward gives the probabilities of a network of two layers"""
    import numpy as np

    rng = np.random.default_rng(6)
    x, w1, b1 = rng.normal(size=(50, 2)), rng.normal(size=(2, 8)), rng.normal(size=8)
    w2, b2 = rng.normal(size=(8, 3)), rng.normal(size=3)
    e = np.exp(np.where(x @ w1 + b1 > 0, x @ w1 + b1, 0) @ w2 + b2)
    assert np.allclose(student.forward(x, [(w1, b1), (w2, b2)]), e / e.sum(axis=1, keepdims=True))


def gradient_is_right(student: Any) -> None:
    """gradients agree with differences of the loss"""
    import numpy as np

    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(20, 2)), rng.integers(0, 3, 20)
    network = [(rng.normal(size=(2, 6)), rng.normal(size=6)), (rng.normal(size=(6, 3)), rng.normal(size=3))]
    found, step, losses = student.gradients(x, y, network)[1][1], 1e-5, []
    for sign in (1, -1):
        for k in range(3):
            last = (network[1][0], network[1][1] + sign * step * np.eye(3)[k])
            (w1, b1), (w2, b2) = network[0], last
            e = np.exp(np.maximum(x @ w1 + b1, 0) @ w2 + b2)
            losses.append(-np.log(e[np.arange(20), y] / e.sum(axis=1)).mean())
    assert np.allclose(found, (np.array(losses[:3]) - np.array(losses[3:])) / (2 * step), atol=1e-7)


KERAS_CELLS = (
    """
import numpy as np
import keras

keras.utils.set_random_seed(1)
""",
    """
rng = np.random.default_rng(1)
patterns = rng.uniform(0, 255, (10, 28, 28))  # one image per class, and noise on it

def make_images(n):
    labels = rng.integers(0, 10, n)
    noise = rng.uniform(0, 255, (n, 28, 28))
    return (0.5 * patterns[labels] + 0.5 * noise).astype("uint8"), labels

x_train, y_train = make_images(2000)
x_test, y_test = make_images(500)
x_train.shape, x_test.shape
""",
    """
def normalize(images):
    return images.reshape(len(images), -1).astype("float32") / 255
""",
    """
def one_hot(y):
    return keras.utils.to_categorical(y, 10)

one_hot(y_train[:3])
""",
    """
model = keras.Sequential([
    keras.Input((784,)),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
""",
    """
model.summary()
""",
    """
history = model.fit(normalize(x_train), one_hot(y_train), epochs=2, batch_size=32, verbose=2)
""",
    """
def predict(images):
    return model.predict(normalize(images), verbose=0)

def weights():
    return model.get_weights()
""",
    """
def accuracy(y, p):
    return float(np.mean(p.argmax(axis=1) == y))

def confusion(y, p):
    table = np.zeros((10, 10), dtype=int)
    np.add.at(table, (y, p.argmax(axis=1)), 1)
    return table
""",
    """
p_test = predict(x_test)
print("accuracy", accuracy(y_test, p_test))
print(confusion(y_test, p_test))
""",
)


def normalizes(student: Any) -> None:
    """normalize flattens images and brings them to the range from 0 to 1"""
    import numpy as np

    images = np.random.default_rng(2).integers(0, 256, (30, 28, 28)).astype("uint8")
    assert np.allclose(student.normalize(images), images.reshape(30, 784) / 255, atol=1e-6)


def labels_are_one_hot(student: Any) -> None:
    """one_hot has a single 1, in the column of the class"""
    import numpy as np

    y = np.random.default_rng(3).integers(0, 10, 100)
    assert np.array_equal(student.one_hot(y), (y[:, None] == np.arange(10)).astype(float))


def predicts(student: Any) -> None:
    """predict gives what the weights of the model come to"""
    import numpy as np

    images = np.random.default_rng(4).integers(0, 256, (64, 28, 28)).astype("uint8")
    w1, b1, w2, b2 = student.weights()
    e = np.exp(np.maximum(images.reshape(64, 784) / 255 @ w1 + b1, 0) @ w2 + b2)
    assert np.allclose(student.predict(images), e / e.sum(axis=1, keepdims=True), atol=1e-4)


def accuracy_is_right(student: Any) -> None:
    """accuracy is the share of right answers"""
    import numpy as np

    rng = np.random.default_rng(5)
    y, p = rng.integers(0, 10, 300), rng.uniform(size=(300, 10))
    assert np.isclose(student.accuracy(y, p), (p.argmax(axis=1) == y).mean())


def confusion_is_right(student: Any) -> None:
    """confusion counts answers by class"""
    import numpy as np

    rng = np.random.default_rng(6)
    y, p = rng.integers(0, 10, 300), rng.uniform(size=(300, 10))
    expected = np.bincount(10 * y + p.argmax(axis=1), minlength=100).reshape(10, 10)
    assert np.array_equal(student.confusion(y, p), expected)


@dataclass(frozen=True, kw_only=True)
class Homework:
    """A notebook that is right, and the checks that find it so."""

    name: str
    title: str
    cells: tuple[str, ...]
    checks: tuple[Check, ...]
    imports: tuple[str, ...]

    def node(self, *, asking: bool = False) -> Any:
        """Return the notebook; with its checks as the last cells when they are to be asked inside the kernel."""
        sources = [*self.cells, *(map(as_cell, self.checks) if asking else ())]
        cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
        return nbformat.v4.new_notebook(cells=cells)


def as_cell(check: Check) -> str:
    """Return a check as the source of a cell that takes the student's functions from its own names."""
    call = f"{check.__name__}(types.SimpleNamespace(**globals()))"
    return f"import types\nfrom typing import Any\n\n{inspect.getsource(check)}\n{call}"


HOMEWORKS = {
    "numpy": Homework(
        name="numpy",
        title="NumPy: 12 cells, 6 checks",
        cells=NUMPY_CELLS,
        checks=(
            standardizes,
            softmax_is_right,
            one_hot_is_right,
            cross_entropy_is_right,
            forward_is_right,
            gradient_is_right,
        ),
        imports=("numpy",),
    ),
    "keras": Homework(
        name="keras",
        title="Keras: 10 cells, 2 epochs on 2,000 images of 28 × 28, 5 checks",
        cells=KERAS_CELLS,
        checks=(normalizes, labels_are_one_hot, predicts, accuracy_is_right, confusion_is_right),
        imports=("numpy", "tensorflow", "keras"),
    ),
}


def memory_of(process: int | str = "self") -> dict[str, float]:
    """Return the megabytes of a process: its proportional set size, and what it shares with nobody; {} off Linux."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return {"pss": kib["Pss"] / 1024, "own": (kib["Private_Clean"] + kib["Private_Dirty"]) / 1024}


def run_plainly(homework: Homework) -> dict[str, float]:
    """Run the cells in a fresh dict and ask the checks; return the seconds of that and the memory in between."""
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        for number, source in enumerate(homework.cells):
            exec(compile(source, f"<cell {number}>", "exec"), names)  # noqa: S102 - our own notebook
        cells_s = time.perf_counter() - began
        memory = memory_of()
        began = time.perf_counter()
        for check in homework.checks:
            check(SimpleNamespace(**names))
        checks_s = time.perf_counter() - began
    return {"seconds": cells_s + checks_s, **memory}


def run_in_fork(homework: Homework) -> dict[str, float]:
    """Run the notebook in a child that ends with it; the seconds are those from the fork to its end."""
    told, tell = os.pipe()
    began = time.perf_counter()
    child = os.fork()
    if not child:
        try:
            os.write(tell, json.dumps(run_plainly(homework)).encode())
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(told) as file:
        found = json.load(file)
    os.waitpid(child, 0)
    return {**found, "seconds": time.perf_counter() - began}


def main() -> None:
    """Answer every line of input with the measurement of one run."""
    homework = HOMEWORKS[sys.argv[1]]
    run = run_in_fork if sys.argv[2] == "fork" else run_plainly
    for name in homework.imports:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    for _ in sys.stdin:
        print(json.dumps(run(homework)), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
