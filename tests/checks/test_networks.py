"""Models of a notebook, as checks see them: found, described, measured on rows that were never in the kernel."""

import pytest
from graded import graded

pytestmark = pytest.mark.slow

SUBMISSION = (
    """
import keras, numpy as np
from keras import layers
keras.utils.set_random_seed(1)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x = x_train.reshape(-1, 784) / 255.0
""",
    """
model = keras.Sequential([keras.Input((784,)), layers.Dense(32, "relu"), layers.Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y_train, epochs=8, verbose=0)
""",
    """
wide = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(48, "relu"), layers.Dense(10)])
wide.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
wide.fit((x_train - x_train.mean()) / x_train.std(), y_train, epochs=8, verbose=0)
small = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
five = 5
""",
    """
liar = keras.models.clone_model(model)
liar.predict = lambda x, **_: np.eye(10)[np.zeros(len(x), int)]
odd = keras.Sequential([keras.Input((784,)), layers.Reshape((28, 28)), layers.GroupNormalization(4), layers.Flatten(),
                        layers.Dense(10, "softmax")])
""",
    "import matplotlib.pyplot as plt\nplt.plot(history.history['loss']); plt.show(); plt.plot([3, 1]); plt.show()",
)
HEAD = """
import numpy as np
from grader.models import Asked
from grader.plots import curve_of
"""
CHECKS = {
    "by its name": ("found = models.fitting(Asked(hidden=(32,)), 'model')\nassert found.label == '`model`'", "passed"),
    "the last that fits": ("assert models.fitting(Asked(hidden=(48,)), 'model').label == '`wide`'", "passed"),
    "none fits": ("models.fitting(Asked(hidden=(33,), outputs=10), 'model')", "failed"),
    "no model of that name": ("models.fitting(Asked(hidden=(33,)), 'nothing')", "failed"),
    "accuracy": (
        "got = models.measure(models.named('model'), 'mnist')\n"
        "assert got.scale.best == '0..1' and got.accuracy.value > 0.7, str(got.accuracy)",
        "passed",
    ),
    "standardized logits": (
        "got = models.measure(models.named('wide'), 'mnist')\n"
        "assert got.scale.best == 'standardized' and got.accuracy.value > 0.7, (got.scale.best, str(got.accuracy))\n"
        "np.testing.assert_allclose(got.probabilities.sum(axis=1), 1)",
        "passed",
    ),
    "as good as the reference": (
        "bar = trained('mnist', 'small').bar(models.measure(models.named('model'), 'mnist').right)\n"
        "assert bar.reaches and trained('mnist', 'small').accuracy > 0.7, str(bar)",
        "passed",
    ),
    "other images": ("models.measure(models.named('small'), 'mnist')", "failed"),
    "a lie": ("models.measure(models.named('liar'), 'mnist')", "failed"),
    "not to be recomputed": ("models.measure(models.named('odd'), 'mnist')", "needs_review"),
    "a figure": (
        "found = curve_of(figures, models.named('model').history.series['loss'])\ncheck.show_figure(found.figure)",
        "passed",
    ),
    "no such training": ("trained('mnist', 'huge')", "error"),
    "no such data": ("data.hidden('cifar10')", "error"),
}
TRAINING = """
SEEDS = 2
SPREAD = {"small": 0.02}

def train(x, y, x_new, seed):
    import numpy as np

    centres = np.array([x[y == k].mean(axis=0).ravel() for k in range(10)])  # (10, 784)
    distance = ((x_new.reshape(len(x_new), 1, -1) - centres) ** 2).sum(axis=2)
    return {"small": np.exp(-distance / distance.std())}

TRAINED = {"mnist": train}
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    (folder / "tiny_training.py").write_text(TRAINING)
    bodies, fixtures = [body for body, _ in CHECKS.values()], ("check", "models", "figures", "data", "trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        result = graded(folder, SUBMISSION, bodies, fixtures, head=HEAD, more='training = "tiny_training"')
    assert result.execution.status == "completed", result.execution
    return dict(zip(CHECKS, result.questions[0].checks, strict=True))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_of_models_ends_as_it_should(verdicts, name):
    verdict = verdicts[name]

    assert verdict.status == CHECKS[name][1], (verdict.message, verdict.detail)


def test_what_differs_is_said_with_the_layers_beside_it(verdicts):
    verdict = verdicts["none fits"]

    assert verdict.message.startswith("`model`: ")
    assert "33" in verdict.message
    assert ("dense", "Dense", "relu", "n × 32", "25,120") in verdict.evidence[0].rows


def test_another_model_that_was_taken_is_named(verdicts):
    assert "`wide`" in verdicts["the last that fits"].remarks[0]


def test_messages_name_model_and_reason(verdicts):
    assert "`small`" in verdicts["other images"].message
    assert "`predict` returned" in verdicts["a lie"].message
    assert "not verified" in verdicts["not to be recomputed"].message
    assert "'huge'" in verdicts["no such training"].detail


def test_the_figure_is_the_output_of_its_cell(verdicts):
    (picture,) = verdicts["a figure"].evidence

    assert (picture.kind, picture.cell, picture.output) == ("picture", 4, 0)


def test_in_a_bundle_a_model_is_measured_on_the_test_images(tmp_path):
    cells = ("import keras", "model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, 'softmax')])")
    body = "got = models.measure(models.named('model'), 'mnist')\nassert len(got.labels) == 100, len(got.labels)"
    check = graded(tmp_path, cells, [body], ("models",), recorded=True).questions[0].checks[0]

    assert (check.status, check.message) == ("passed", "")
    assert any("on images nobody has seen" in remark for remark in check.remarks)
