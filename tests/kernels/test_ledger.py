"""What the kernel writes down of trainings, and what it caps, seen from outside."""

import numpy as np
import pytest
from notebooks import notebook

from grader import datasets
from grader.config import FORKED, SPAWNED, Budget, Limits
from grader.kernels import Kernel
from grader.models import find_models, find_runs, prints_of, shared_rows

pytestmark = pytest.mark.slow

LIMITS = Limits()
START = """
import keras, numpy as np, pandas as pd, tensorflow as tf
from keras import layers
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x = x_train.reshape(-1, 784) / 255.0
def network(inputs=784):
    net = keras.Sequential([keras.Input((inputs,)), layers.Dense(10, "softmax")])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
model = network()
"""
CELLS = (
    START,
    "history = model.fit(x, y_train, epochs=2, batch_size=50, validation_split=0.2, verbose=0)",
    "loss, accuracy = model.evaluate(x_test.reshape(-1, 784) / 255.0, y_test, verbose=0)",
    "p = model.predict(x_train[:10].reshape(-1, 784), verbose=0)",
    """
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(10, "softmax")
    def call(self, x):
        return self.out(x)
    def fit(self, *args, **kwargs):
        return super().fit(*args, **{**kwargs, "verbose": 0})
own = Own(); own.compile("sgd", "categorical_crossentropy")
own.fit(x, keras.utils.to_categorical(y_train), epochs=3, validation_data=(x_test.reshape(-1, 784) / 255.0,
        keras.utils.to_categorical(y_test)))
""",
    "model.fit(x, keras.utils.to_categorical(y_train), verbose=0)",
    """
def batches():
    for start in range(0, 200, 20):
        yield x[start:start + 20], y_train[start:start + 20]
source = batches()
model.fit(source, verbose=0)
rest = len(list(source))
model.fit(tf.data.Dataset.from_tensor_slices((x, y_train)).batch(40), verbose=0)
""",
    """
frame = pd.DataFrame(np.arange(60.0).reshape(20, 3), columns=list("abc"))
small = network(3)
small.fit(frame, np.zeros(20), verbose=0)
""",
    """
from sklearn.preprocessing import StandardScaler
scaler = StandardScaler()
scaled = scaler.fit_transform(frame)
""",
    "model.fit(x, batch_size=50, unknown=3)",
    "lost = network(); lost.fit(x[:20], y_train[:20], verbose=0); del lost",
    "def train():\n    return len(model.fit(x[:50], y_train[:50], epochs=3, verbose=0).epoch)",
)


def run(cells, budget=None, **options):
    kernel = Kernel(LIMITS, seed=1, data=datasets.store({"mnist": "digits[:400, :100]"}), budget=budget, **options)
    with kernel:
        execution = kernel.run(notebook(*cells))
        return execution, find_runs(kernel, LIMITS), find_models(kernel, LIMITS)


@pytest.fixture(scope="module", params=[FORKED, SPAWNED])
def told(request):
    return run(CELLS, provisioner=request.param)


def of(told, cell):
    return [one for one in told[1].runs if one.cell == cell]


def test_a_fit_is_written_down(told):
    (fit,) = of(told, 1)

    assert (fit.kind, fit.rows, fit.shape, fit.low, fit.high) == ("fit", 400, (400, 784), 0.0, 1.0)
    assert (fit.epochs, fit.epochs_done, fit.batch_size, fit.validation_split) == (2, 2, 50, 0.2)
    assert set(fit.values) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert fit.label_shape == (400,)
    assert told[2].models[fit.model].label == "model"


def test_evaluate_and_predict_are_written_down(told):
    (evaluate,), (predict,) = of(told, 2), of(told, 3)

    assert (evaluate.kind, evaluate.rows) == ("evaluate", 100)
    assert list(evaluate.values) == ["loss", "1"]
    assert (predict.kind, predict.rows, predict.high) == ("predict", 10, 255.0)


def test_rows_are_known_again_however_they_were_scaled(told):
    (fit,), (evaluate,), (predict,) = of(told, 1), of(told, 2), of(told, 3)
    x_test, _ = datasets.testing("digits[:400, :100]")

    assert shared_rows(fit, predict) == 1.0
    assert shared_rows(predict, fit) == pytest.approx(10 / 400)
    assert shared_rows(fit, evaluate) == 0.0
    assert shared_rows(evaluate, prints_of(x_test)) == 1.0


def test_a_class_of_the_notebooks_own_is_written_down_once(told):
    (fit,) = of(told, 4)

    assert (fit.epochs, fit.epochs_done, fit.label_shape) == (3, 3, (400, 10))
    assert told[2].models[fit.model].label == "own"
    assert len(fit.validation_prints) == 100


def test_what_a_fit_raised_is_written_down_and_raised(told):
    (fit,) = of(told, 5)
    error = told[0].cells[5].error

    assert fit.error.startswith(error.name)
    assert fit.epochs_done == 0
    assert "ledger.py" not in error.traceback


def test_what_is_read_once_is_left_alone(told):
    generator, dataset = of(told, 6)

    assert (generator.rows, dataset.rows, len(generator.prints)) == (None, None, 0)
    assert (generator.epochs_done, dataset.epochs_done) == (1, 1)
    assert told[0].cells[6].error is None


def test_frames_and_scalers(told):
    (fit,), (scaler,) = of(told, 7), told[1].scalers

    assert (fit.shape, fit.means) == ((20, 3), (28.5, 29.5, 30.5))
    assert (scaler.name, scaler.rows, scaler.features, scaler.means) == ("StandardScaler", 20, 3, fit.means)


def test_wrong_arguments_are_keras_own_affair(told):
    assert of(told, 9) == []
    assert "unknown" in told[0].cells[9].error.message


def test_a_model_that_is_gone_has_no_number(told):
    (fit,) = of(told, 10)

    assert fit.model is None


CAPPED = (
    START,
    "history = model.fit(x, y_train, epochs=50, validation_split=0.2, verbose=0); print(len(history.epoch))",
    "short = model.fit(x[:60], y_train[:60], epochs=2, verbose=0)",
    "_ = model.fit(tf.data.Dataset.from_tensor_slices((x, y_train)).batch(40), epochs=2, verbose=0)",
    "late = model.fit(pd.DataFrame(x), y_train, epochs=9, initial_epoch=5, verbose=0); print(late.epoch)",
    "stop = keras.callbacks.EarlyStopping('loss', patience=0, min_delta=1e9)\n"
    "print(len(model.fit(x, y_train, epochs=9, callbacks=[stop], verbose=0).epoch))",
)


def test_a_budget_caps_fit_and_says_so():
    execution, ledger, _ = run(CAPPED, Budget(epochs=3, rows=120))
    long, short, batches, late, stopped = ledger.runs
    outputs = [output for cell in execution.cells for output in cell.outputs]
    printed = [output.data.strip() for output in outputs if output.mime == "text/plain"]

    assert execution.status == "completed"
    assert (long.rows, long.epochs, long.epochs_done) == (120, 50, 3)
    assert long.capped == (
        "`fit` ran with 3 of 50 epochs and the first 120 of 400 rows: this assignment caps the training"
    )
    assert (short.capped, short.rows, batches.epochs_done) == ("", 60, 2)
    assert "3 batches an epoch" in batches.capped
    assert late.epochs_done == 3
    assert stopped.epochs_done == 2
    assert printed == ["3", "[5, 6, 7]", "2"]
    assert [note.split(":")[0] for note in execution.notes] == ["cell 2", "cell 4", "cell 5", "cell 6"]


def test_a_call_of_a_check_is_capped_and_not_written_down():
    data = datasets.store({"mnist": "digits[:400, :100]"})
    with Kernel(LIMITS, seed=1, data=data, budget=Budget(epochs=2)) as kernel:
        kernel.run(notebook(START, CELLS[-1]))
        reply, _ = kernel.ask(
            {
                "op": "call",
                "root": None,
                "path": [["item", "train"]],
                "args": [],
                "kwargs": [],
                "each": False,
                "max_bytes": 1_000,
            },
            timeout_s=60.0,
        )

        assert reply["value"] == 2
        assert find_runs(kernel, LIMITS).runs == ()


@pytest.mark.parametrize("shape", [(5, 784), (5, 16), (5, 17), (5, 4), (0, 20), (5, 2, 9)])
def test_prints_do_not_change_with_the_scale_nor_collide(shape):
    x = np.random.default_rng(1).integers(0, 256, shape)
    prints = prints_of(x)

    assert prints.shape == (len(x),)
    assert len(set(prints)) == len(x)
    if x[0:1].size >= 16:
        np.testing.assert_array_equal(prints, prints_of((x / 255.0).astype(np.float32)))
        np.testing.assert_array_equal(prints, prints_of((x - 33.3) / 78.5))
    else:
        np.testing.assert_array_equal(prints, prints_of(x * 1.0))
