"""Classes of students: notebooks varied right and wrong, all different, the same ones for the same seed.

    python bench/classes.py FOLDER [--only numpy|images|keras|tiny] [--students 100] [--seed 1]

writes them and says what kind each is. `keras` are submissions of the homework `backprop`, made from a right sample;
`numpy` are the NumPy homework of `notebooks.py`, `images` its small Keras homework; `tiny` do next to nothing. Of a
hundred students about 35 are right, 40 made one mistake or two, 15 left something out, 9 have a cell that raises, and
one has an endless loop. All write in their own way: other formulas for the same, other names for locals, other numbers
where any will do.

Beside each class stand checks that can be asked anywhere, in our kernels, in other graders, and as plain Python; the
homework `backprop` has its own besides, which only `grade` can ask.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from notebooks import HOMEWORKS, KERAS_CELLS, NUMPY_CELLS, Check

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "submissions" / "alice.ipynb"
ENDLESS_EVERY, ENDLESS_AT = 100, 49
KINDS = {"right": 35, "wrong": 40, "missing": 15, "raises": 10}  # per cent
NAMES = ("numpy", "images", "keras", "tiny")
LEFT_OUT = "# I did not get this far."
RAISES = ("print(results[0])", "1 / 0", "import my_helpers", "assert accuracy > 0.9, 'too low'")
ENDLESS = "error = 1.0\nwhile error > 0.5:\n    error = abs(error)\nprint(error)"

Cell = tuple[str, str]  # its type and source
Edit = tuple[str, str]  # what stands there, and what takes its place


@dataclass(frozen=True, kw_only=True)
class Homework:
    """A right notebook, and how students vary it; `missing` are what cells hold that may be left out together."""

    name: str
    title: str
    assignment: str
    cells: tuple[Cell, ...]
    right: tuple[Edit, ...]
    wrong: tuple[Edit, ...]
    missing: tuple[tuple[str, ...], ...]
    locals: tuple[tuple[str, dict[str, tuple[str, ...]]], ...]  # a cell with this text: names and other ones
    checks: tuple[Check, ...]
    imports: tuple[str, ...]
    cell_s: float = 10.0  # as long as a cell may take


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What a student handed in: `kind` is right, wrong, missing, raises or endless."""

    name: str
    kind: str
    cells: tuple[Cell, ...]

    @property
    def code(self) -> list[str]:
        """The sources of the code cells."""
        return [source for kind, source in self.cells if kind == "code"]

    def node(self) -> Any:
        """Return the notebook; every time the same."""
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
        cells = [make[kind](source, id=f"cell-{number}") for number, (kind, source) in enumerate(self.cells)]
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})


def students(homework: Homework, n: int, seed: int = 1) -> list[Handed]:
    """Return what a class of n students handed in."""
    return [_student(homework, number, _chance(homework, seed, number)) for number in range(n)]


def write(handed: Sequence[Handed], folder: Path) -> None:
    """Write a class into a folder, a notebook each."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in handed:
        nbformat.write(one.node(), folder / f"{one.name}.ipynb")


def _chance(homework: Homework, seed: int, number: int) -> random.Random:
    return random.Random(f"{homework.name} {seed} {number}")  # noqa: S311 - nothing secret


def _student(homework: Homework, number: int, chance: random.Random) -> Handed:
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    cells = homework.cells
    if kind == "wrong":
        for edit in chance.sample(homework.wrong, min(len(homework.wrong), chance.choice((1, 1, 2)))):
            cells = edited(cells, edit)
    if kind == "missing":
        cells = _without(cells, chance.choice(homework.missing))
    cells = _in_own_way(homework, cells, chance)
    if number % ENDLESS_EVERY == ENDLESS_AT:
        kind, cells = "endless", _with(cells, ENDLESS, chance)
    elif kind == "raises":
        cells = _with(cells, chance.choice(RAISES), chance)
    own: Cell = ("code", f"handed_in_by = {number + 1}\nlucky_number = {chance.randrange(10**9)}")
    return Handed(name=f"s{number + 1:05}", kind=kind, cells=(*cells, own))


def _in_own_way(homework: Homework, cells: tuple[Cell, ...], chance: random.Random) -> tuple[Cell, ...]:
    """Return cells that do the same; where a mistake took the place of a formula, there is no other one for it."""
    for edit in homework.right:
        if chance.random() < 0.5:
            cells = edited(cells, edit)
    for where, names in homework.locals:
        cells = _renamed(cells, where, {old: chance.choice((old, *new)) for old, new in names.items()})
    return cells


def edited(cells: tuple[Cell, ...], edit: Edit) -> tuple[Cell, ...]:
    """Return the cells with one text in the place of another, wherever it stands in code."""
    return tuple((kind, source.replace(*edit) if kind == "code" else source) for kind, source in cells)


def _without(cells: tuple[Cell, ...], texts: tuple[str, ...]) -> tuple[Cell, ...]:
    gone = [kind == "code" and any(text in source for text in texts) for kind, source in cells]
    return tuple((kind, LEFT_OUT if out else source) for (kind, source), out in zip(cells, gone, strict=True))


def _renamed(cells: tuple[Cell, ...], where: str, names: dict[str, str]) -> tuple[Cell, ...]:
    words = re.compile(rf"\b({'|'.join(names)})\b")

    def own(source: str) -> str:
        return words.sub(lambda word: names[word[0]], source) if where in source else source

    return tuple((kind, own(source) if kind == "code" else source) for kind, source in cells)


def _with(cells: tuple[Cell, ...], source: str, chance: random.Random) -> tuple[Cell, ...]:
    """Return the cells with one more in the later half."""
    place = chance.randrange(len(cells) // 2, len(cells))
    return (*cells[:place], ("code", source), *cells[place:])


# --- what can be asked of `backprop` anywhere -------------------------------------------------------------------------


def box_is_right(student: Any) -> None:
    """box_network gives a box"""
    import numpy as np

    x = np.array([-1.0, -0.01, 0.01, 0.4, 0.69, 0.71, 5.0])
    w1, b1, w2, b2, w3, w4, b3 = student.box_network(3.0, 0.7)
    found = w3 * (w1 * x + b1 > 0) + w4 * (w2 * x + b2 > 0) + b3
    assert np.allclose(found, [0, 0, 3, 3, 3, 0, 0])


def jacobian_is_right(student: Any) -> None:
    """softmax_jacobian is right, also for large logits"""
    import numpy as np

    for z in (np.random.default_rng(2).normal(size=6), np.array([1000.0, 0, -1000])):
        y = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        assert np.allclose(student.softmax_jacobian(z), np.diag(y) - np.outer(y, y))


def derivative_is_right(student: Any) -> None:
    """dsigmoid is the derivative of sigmoid"""
    import numpy as np

    z = np.random.default_rng(3).normal(size=50)
    slope = (student.sigmoid(z + 1e-5) - student.sigmoid(z - 1e-5)) / 2e-5
    assert np.allclose(student.dsigmoid(z), slope, atol=1e-8)


def probabilities_are_right(student: Any) -> None:
    """softmax agrees with its definition"""
    import numpy as np

    for z in np.random.default_rng(4).normal(scale=3, size=(5, 10)):
        assert np.allclose(student.softmax(z), np.exp(z) / np.exp(z).sum())


def loss_is_right(student: Any) -> None:
    """cross_entropy_loss is the negative logarithm of the label's probability"""
    import numpy as np

    for label, p in enumerate(np.random.default_rng(5).dirichlet(np.ones(10), 10)):
        assert np.isclose(student.cross_entropy_loss(student.integer_to_one_hot(label), p), -np.log(p[label]))


def start_is_right(student: Any) -> None:
    """weights have three matrices of the right sizes"""
    assert [w.shape for w in student.weights] == [(784, 32), (32, 32), (32, 10)]


def step_is_right(student: Any) -> None:
    """train_one_sample changes weights and biases by the gradient times the rate"""
    import numpy as np

    rng = np.random.default_rng(6)
    x, w = rng.uniform(size=784), [np.array(each) for each in student.weights]
    b = [np.array(each) for each in student.biases]
    student.train_one_sample(x, 3, 0.01)
    a1 = 1 / (1 + np.exp(-(x @ w[0] + b[0])))
    a2 = 1 / (1 + np.exp(-(a1 @ w[1] + b[1])))
    e = np.exp(a2 @ w[2] + b[2])
    d3 = e / e.sum() - (np.arange(10) == 3)
    d2 = (w[2] @ d3) * a2 * (1 - a2)
    d1 = (w[1] @ d2) * a1 * (1 - a1)
    for was, now, a, d in zip(w, student.weights, (x, a1, a2), (d1, d2, d3), strict=True):
        assert np.allclose(now - was, -0.01 * np.outer(a, d), atol=1e-9)
    for was, now, d in zip(b, student.biases, (d1, d2, d3), strict=True):
        assert np.allclose(now - was, -0.01 * d, atol=1e-9)


def network_is_right(student: Any) -> None:
    """the Keras model has the layers asked for, and gives what its weights come to"""
    import numpy as np

    x = np.random.default_rng(7).uniform(size=(32, 784))
    arrays, a = student.model.get_weights(), x
    assert [each.shape for each in arrays[::2]] == [(784, 256), (256, 128), (128, 64), (64, 10)]
    for w, b in zip(arrays[:-2:2], arrays[1:-2:2], strict=True):
        a = np.maximum(a @ w + b, 0)
    e = np.exp(a @ arrays[-2] + arrays[-1])
    assert np.allclose(student.model.predict(x, verbose=0), e / e.sum(axis=1, keepdims=True), atol=1e-4)


def network_has_learnt(student: Any) -> None:
    """the Keras model was trained for ten epochs, and is better than chance"""
    assert len(student.history.history["loss"]) == 10
    assert 0.5 < float(student.test_accuracy) <= 1


# --- the homeworks ----------------------------------------------------------------------------------------------------


def homework_of(name: str) -> Homework:
    """Return a homework by its name."""
    return {"numpy": _numpy, "images": _images, "keras": _keras, "tiny": _tiny}[name]()


def shared_data(homework: Homework) -> Homework:
    """Return a homework whose digits are the clothes: other graders cannot be served our digits by Keras's loader."""
    return replace(homework, cells=edited(homework.cells, ("import mnist", "import fashion_mnist as mnist")))


def _numpy() -> Homework:
    return Homework(
        name="numpy",
        title="NumPy: 13 cells, 6 checks",
        assignment="bench",
        cells=tuple(("code", source.strip()) for source in NUMPY_CELLS),
        right=(
            ("(x - x.mean(axis=0)) / x.std(axis=0)", "(x - np.mean(x, 0)) / np.sqrt(np.var(x, 0))"),
            ("e / e.sum(axis=1, keepdims=True)", "e / np.sum(e, 1)[:, None]"),
            ("np.eye(n_classes)[y]", "(np.asarray(y)[:, None] == np.arange(n_classes)).astype(float)"),
            ("np.maximum(z, 0)", "z * (z > 0)"),
            ("-np.mean(np.log(p[np.arange(len(y)), y]))", "-np.log(p[range(len(y)), y]).sum() / len(y)"),
            ("(w - dw, b - db)", "(w - 0.9 * dw, b - 0.9 * db)"),
        ),
        wrong=(
            ("z.max(axis=1, keepdims=True)", "z.max(axis=1, keepdims=True) / 2 - z"),
            ("e / e.sum(axis=1, keepdims=True)", "e / e.sum()"),
            ("/ x.std(axis=0)", "/ x.std()"),
            ("-np.mean(np.log(p", "np.mean(np.log(p"),
            ("np.eye(n_classes)[y]", "np.eye(n_classes)[y - 1]"),
            ("np.maximum(z, 0)", "np.abs(z)"),
            ("- one_hot(y, 3)) / len(y)", "- one_hot(y, 3))"),
        ),
        missing=(("def standardize",), ("def cross_entropy",), ("def gradients", "losses = []"), ("def one_hot",)),
        locals=(
            ("def gradients", {"d1": ("delta1", "dz1"), "d2": ("delta2", "dz2"), "a": ("hidden", "h")}),
            ("def softmax", {"e": ("exps", "t"), "z": ("logits", "scores")}),
            ("def make_points", {"angle": ("phi", "theta"), "radius": ("r",)}),
        ),
        checks=HOMEWORKS["numpy"].checks,
        imports=("numpy",),
    )


def _images() -> Homework:
    return Homework(
        name="images",
        title="Keras, small: 11 cells, 2 epochs on 2,000 images, 5 checks",
        assignment="bench",
        cells=tuple(("code", source.strip()) for source in KERAS_CELLS),
        right=(
            ("images.reshape(len(images), -1)", "images.reshape(-1, 784)"),
            ("keras.utils.to_categorical(y, 10)", "np.eye(10)[y]"),
            ("float(np.mean(p.argmax(axis=1) == y))", "(np.argmax(p, 1) == y).sum() / len(y)"),
            ('optimizer="adam"', "optimizer=keras.optimizers.Adam()"),
            ("set_random_seed(1)", "set_random_seed(7)"),
        ),
        wrong=(
            ('.astype("float32") / 255', '.astype("float32") / 256'),
            ("keras.utils.to_categorical(y, 10)", "keras.utils.to_categorical(y - 1, 10)"),
            ("p.argmax(axis=1) == y))", "p.argmax(axis=1) != y))"),
            ("(y, p.argmax(axis=1))", "(p.argmax(axis=1), y)"),
            ('Dense(128, activation="relu")', 'Dense(128, activation="tanh")'),
        ),
        missing=(("def accuracy", "p_test = "), ("def predict", "p_test = "), ("model.summary()",)),
        locals=(("def make_images", {"noise": ("blur", "grain"), "labels": ("kinds", "y")}),),
        checks=HOMEWORKS["keras"].checks,
        imports=("numpy", "tensorflow", "keras"),
    )


def _keras() -> Homework:
    node = nbformat.read(SAMPLE, 4)
    return Homework(
        name="keras",
        title="Keras: `backprop`, 18 code cells, one network trained by Keras and one by hand",
        assignment="backprop",
        cells=tuple((cell.cell_type, cell.source) for cell in node.cells),
        right=(
            ("np.diag(y) - np.outer(y, y)", "y[:, None] * (np.eye(len(y)) - y)"),
            ("1.0, 0.0, 1.0, -delta, h, -h, 0.0", "3.0, 0.0, 2.0, -2 * delta, h, -h, 0.0"),
            ("return s * (1 - s)", "return s - s**2"),
            ("    y = np.zeros(classes)\n    y[label] = 1\n    return y", "    return np.eye(classes)[label]"),
            (
                "np.random.normal(0, np.sqrt(1 / max(n_in, n_out)), size=",
                "max(n_in, n_out) ** -0.5 * np.random.normal(size=",
            ),
            ("np.outer(activations[layer], delta)", "activations[layer][:, None] * delta"),
            ('"adam"', "keras.optimizers.Adam()"),
            ("learning_rate=0.1)", "learning_rate=0.08)"),
        ),
        wrong=KERAS_WRONG,
        missing=(
            ("def box_network", "def box(", "def approximate"),
            ("def approximate",),
            ("def softmax_jacobian",),
            ("def train_one_sample", "by_formula", "train_one_epoch(x_train"),
            ("keras.Sequential", "model.evaluate", "model.predict"),
        ),
        locals=(
            (
                "def train_one_sample",
                {"delta": ("err", "dz"), "dW": ("grads", "gw"), "db": ("gb",), "layer": ("i", "k")},
            ),
            ("def forward(", {"zs": ("pre",), "activations": ("acts",), "layer": ("i", "n")}),
            ("def softmax_jacobian", {"e": ("ez",), "y": ("p", "s")}),
        ),
        checks=(
            *(box_is_right, jacobian_is_right, derivative_is_right, probabilities_are_right, loss_is_right),
            *(start_is_right, step_is_right, network_is_right, network_has_learnt),
        ),
        imports=("numpy", "matplotlib.pyplot", "tensorflow", "keras"),
        cell_s=30.0,
    )


KERAS_WRONG: tuple[Edit, ...] = (
    ("dsigmoid(zs[layer - 1])", "dsigmoid(activations[layer])"),  # the derivative at the activation
    ("delta = (weights[layer] @ delta) * dsigmoid(zs[layer - 1])", "delta = weights[layer] @ delta"),
    ("biases[layer] -= learning_rate * db[layer]", "biases[layer] -= learning_rate * db[layer] * 0"),
    ("learning_rate * dW[layer]", "0.003 * dW[layer]"),
    ("    for layer in range(3):\n        weights[layer] -=", "    for layer in (1, 2):\n        weights[layer] -="),
    ("np.log(y_hat", "np.log2(y_hat"),
    ("s = sigmoid(z)", "s = z"),
    ("np.diag(y) - np.outer(y, y)", "np.diag(y) + np.outer(y, y)"),
    ("z = np.asarray(z, dtype=float)\n    e = np.exp(z - z.max())", "e = np.exp(z)"),
    ("-delta, h, -h, 0.0", "-delta, h, h, 0.0"),
    ('keras.layers.Dense(10, activation="softmax")', "keras.layers.Dense(10)"),
    ('keras.layers.Dense(128, activation="relu")', 'keras.layers.Dense(64, activation="relu")'),
    ("epochs=10", "epochs=5"),
)


def _tiny() -> Homework:
    cells = ("import numpy as np", "def double(x):\n    return 2 * np.asarray(x)", "double([1, 2, 3])")
    return Homework(
        name="tiny",
        title="Tiny: 4 cells, 1 check",
        assignment="bench",
        cells=tuple(("code", source) for source in cells),
        right=(("2 * np.asarray(x)", "np.asarray(x) * 2"),),
        wrong=(("2 * np", "3 * np"),),
        missing=(("def double",),),
        locals=(),
        checks=(doubles,),
        imports=("numpy",),
    )


def doubles(student: Any) -> None:
    """double gives twice the numbers"""
    import numpy as np

    assert np.array_equal(student.double([1, 5]), [2, 10])


def main() -> None:
    """Write a class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=NAMES, default="keras")
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    handed = students(homework_of(options.only), options.students, options.seed)
    write(handed, options.folder)
    for one in handed:
        print(one.name, one.kind)


if __name__ == "__main__":
    main()
