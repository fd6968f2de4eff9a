"""Bad input: models that are huge, broken, deleted, overwritten, or none at all end in a verdict with a reason."""

import pytest
from graded import graded

pytestmark = pytest.mark.slow

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


BODY = """
found = {find}
measured, steps = models.measure(found, "mnist"), found.model.steps
assert measured.accuracy.value > 0 and steps, f"{{measured.accuracy}}, {{steps}} steps"
"""


def body(asked):
    units, _, name = asked.partition(", ")
    fitting = f"models.fitting(Asked(hidden=({units},)), {name})"
    return BODY.format(find=f"models.named({asked[6:]!r})" if asked.startswith("named") else fitting)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    bodies = [body(asked) for asked, _, _ in CHECKS.values()]
    head = "from grader.models import Asked"
    return graded(tmp_path_factory.mktemp("one"), SUBMISSION, bodies, ["models"], head=head)


@pytest.mark.parametrize("name", CHECKS)
def test_a_bad_model_ends_in_a_verdict_with_a_reason(result, name):
    verdict = dict(zip(CHECKS, result.questions[0].checks, strict=True))[name]
    _, status, said = CHECKS[name]

    assert verdict.status == status, (verdict.message, verdict.detail)
    assert said in verdict.message


def test_a_data_set_that_is_not_there_names_the_way_out(result):
    error = result.execution.cells[6].error

    assert "grade data add" in error.message
