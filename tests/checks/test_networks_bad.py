"""Bad input: models that are huge, broken, deleted, overwritten, or none at all end in a verdict with a reason."""

import nbformat
import pytest
from notebooks import notebook

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade

pytestmark = pytest.mark.slow

ASSIGNMENT = """
name = "one"
title = "Models"
notebook = "one.ipynb"
reference = "tiny_reference"
data = { mnist = "digits[:200, :100]" }
questions = [{ id = "q1", title = "The question", points = 10 }]
"""
SUBMISSION = (
    """
import keras, numpy as np
from keras import layers
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x = x_train.reshape(-1, 784) / 255.0
def network(*hidden, inputs=784):
    return keras.Sequential([keras.Input((inputs,)), *[layers.Dense(n, "relu") for n in hidden],
                             layers.Dense(10, "softmax")])
""",
    """
model = network(31)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x, y_train, verbose=0)
history = model.history
del model
""",
    "model = network(33)\nmodel = network(34)",
    """
nan = network(35)
nan.compile("sgd", "sparse_categorical_crossentropy")
nan.layers[0].set_weights([np.full((784, 35), np.nan), np.zeros(35)])
nan.fit(x, y_train, verbose=0)
""",
    """
class Raises(layers.Layer):
    def call(self, x, training=False):
        if self.ready:
            raise RuntimeError("my layer is broken")
        return x
    ready = False
broken = keras.Sequential([keras.Input((784,)), Raises(), layers.Dense(36, "relu"), layers.Dense(10, "softmax")])
Raises.ready = True
""",
    """
labels = network(37)
labels.compile("adam", "categorical_crossentropy")
labels.fit(x, y_train, verbose=0)
""",
    "nothing = 'a text'\nfrom keras.datasets import cifar10\ncifar10.load_data()",
    "huge = keras.Sequential([keras.Input((784,)), layers.Dense(680_000, kernel_initializer='zeros')])",
)
CHECKS = {
    "deleted": ("31", "passed", ""),
    "overwritten": ("33, 'model'", "failed", "34"),
    "NaN weights": ("35", "failed", "0.0%"),
    "a layer that raises": ("named broken", "failed", "my layer is broken"),
    "labels of the wrong shape": ("37", "failed", "0 steps"),
    "no model": ("38, 'nothing'", "failed", "`nothing` is not a Keras model"),
    "never defined": ("39, 'nowhere'", "failed", "Asked for"),
    "too large to send": ("named huge", "failed", "ResourceExhaustedError"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    (folder / "checks").mkdir()
    (folder / "assignment.toml").write_text(ASSIGNMENT)
    nbformat.write(notebook("pass"), folder / "one.ipynb")
    body = "import pytest\nfrom grader.models import Asked\n\n"
    for number, (asked, _, _) in enumerate(CHECKS.values()):
        units, _, name = asked.partition(", ")
        find = f"models.fitting(Asked(hidden=({units},)), {name})"
        if asked.startswith("named"):
            find = f"models.named({asked.split()[1]!r})"
        body += f'@pytest.mark.check("q1", points={10 / len(CHECKS)})\ndef test_{number}(check, models):\n'
        body += f"    found = {find}\n    measured = models.measure(found, 'mnist')\n"
        body += "    steps = found.model.steps\n"
        body += "    assert measured.accuracy.value > 0 and steps, f'{measured.accuracy}, {steps} steps'\n\n"
    (folder / "checks" / "test_one.py").write_text(body)
    submission = folder / "sub" / "ada.ipynb"
    submission.parent.mkdir()
    nbformat.write(notebook(*SUBMISSION), submission)
    return grade(submission, load(folder), GradeOptions(seed=1))


@pytest.mark.parametrize("name", CHECKS)
def test_a_bad_model_ends_in_a_verdict_with_a_reason(graded, name):
    verdict = dict(zip(CHECKS, graded.questions[0].checks, strict=True))[name]
    _, status, said = CHECKS[name]

    assert verdict.status == status, (verdict.message, verdict.detail)
    assert said in verdict.message


def test_a_data_set_that_is_not_there_names_the_way_out(graded):
    error = graded.execution.cells[6].error

    assert "grade data add" in error.message
