"""What the kernel writes down of trainings, and what it caps, seen from outside."""

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
model.fit(source, steps_per_epoch=4, verbose=0)
rest = len(list(source))
model.fit(tf.data.Dataset.from_tensor_slices((x, y_train)).batch(40), verbose=0)
untouched = batches()
try:
    model.fit(untouched, y_train, verbose=0)
except Exception:
    print(rest > 0, np.array_equal(next(untouched)[0], x[:20]))
""",
    """
from sklearn.preprocessing import StandardScaler, MinMaxScaler, RobustScaler
frame = pd.DataFrame(np.arange(60.0).reshape(20, 3), columns=list("abc"))
small = network(3)
small.fit(frame, pd.Series(np.zeros(20)), verbose=0)
scaled = StandardScaler().fit_transform(frame)
MinMaxScaler().fit(frame.to_numpy()[:15]); RobustScaler().fit(X=frame)
""",
    "model.fit(x, batch_size=50, unknown=3)",
    "lost = network(); lost.fit(x[:20], y_train[:20], verbose=0); del lost",
    """
two = keras.Input((784,)), keras.Input((784,))
pair = keras.Model(two, layers.Dense(10, "softmax")(layers.concatenate(two)))
pair.compile("sgd", "sparse_categorical_crossentropy")
pair.fit([x, x], y_train, verbose=0)
pair.predict([x[:5], x[:5]], verbose=0)
model.predict(tf.constant(x[:7]), verbose=0)
""",
    """
class Stop(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.predict(x[:3], verbose=0)
        if epoch == 1:
            raise RuntimeError("enough")
model.fit(x, y_train, epochs=5, callbacks=[Stop()], verbose=0)
""",
    """
import inspect
print(inspect.signature(model.fit))
print(inspect.signature(keras.Model.evaluate), keras.Model.evaluate.__qualname__)
print(inspect.getdoc(model.fit)[:18], inspect.getsource(model.predict).count("def predict("))
""",
    "standard = StandardScaler().fit_transform(np.concatenate([x, x_test.reshape(-1, 784)]))",
    """
mean, deviation = x_train.mean(), x_train.std()
model.evaluate((x_train.reshape(-1, 784)[:50].astype("float32") - mean) / deviation, y_train[:50], verbose=0)
model.evaluate((x_test.reshape(-1, 784) - mean) / deviation, y_test, verbose=0, return_dict=True)
""",
)


def run(cells, budget=None, limits=LIMITS, **options):
    kernel = Kernel(limits, seed=1, data=datasets.store({"mnist": "digits[:400, :100]"}), budget=budget, **options)
    with kernel:
        execution = kernel.run(notebook(*cells))
        return execution, find_runs(kernel, LIMITS), find_models(kernel, LIMITS)


@pytest.fixture(scope="module", params=[FORKED, pytest.param(SPAWNED, marks=pytest.mark.thorough)])
def told(request):
    return run(CELLS, provisioner=request.param)


def of(told, cell):
    return [one for one in told[1].runs if one.cell == cell]


def test_a_fit_is_written_down(told):
    (fit,) = of(told, 1)

    assert (fit.kind, fit.rows, fit.shape, fit.low, fit.high) == ("fit", 400, (400, 784), 0.0, 1.0)
    assert (fit.epochs, fit.epochs_done, fit.batch_size, fit.validation_split) == (2, 2, 50, 0.2)
    assert set(fit.values) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert (fit.label_shape, fit.validation_rows, len(fit.validation_prints)) == ((400,), 80, 0)
    assert told[2].models[fit.model].label == "model"


def test_evaluate_and_predict_are_written_down(told):
    (evaluate,), (predict,) = of(told, 2), of(told, 3)

    assert (evaluate.kind, evaluate.rows) == ("evaluate", 100)
    assert (list(evaluate.values), evaluate.batch_size, evaluate.epochs) == (["loss", "accuracy"], 32, None)
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
    assert (fit.validation_rows, len(fit.validation_prints)) == (100, 100)
    assert shared_rows(of(told, 2)[0], fit.validation_prints) == 1.0


def test_what_a_fit_raised_is_written_down_and_raised(told):
    (fit,) = of(told, 5)
    error = told[0].cells[5].error

    assert fit.error.startswith(error.name)
    assert fit.epochs_done == 0
    assert "ledger.py" not in error.traceback


def test_what_is_read_once_is_left_alone(told):
    generator, dataset, refused = of(told, 6)
    shown = "".join(output.data for output in told[0].cells[6].outputs)

    assert (generator.rows, dataset.rows, len(generator.prints)) == (None, None, 0)
    assert (generator.epochs_done, dataset.epochs_done, refused.epochs_done) == (1, 1, 0)
    assert "True True" in shown


def test_frames_and_scalers(told):
    (fit,), (standard, shortened, robust, everything) = of(told, 7), told[1].scalers

    assert (fit.shape, fit.label_shape, fit.means) == ((20, 3), (20,), (28.5, 29.5, 30.5))
    assert (standard.name, standard.rows, standard.features, standard.means) == ("StandardScaler", 20, 3, fit.means)
    assert (shortened.name, shortened.rows, robust.name, robust.rows) == ("MinMaxScaler", 15, "RobustScaler", 20)
    assert (everything.rows, everything.features, everything.means) == (500, 784, ())


def test_wrong_arguments_are_keras_own_affair(told):
    assert of(told, 8) == []
    assert "unknown" in told[0].cells[8].error.message


def test_a_model_that_is_gone_has_no_number(told):
    (fit,) = of(told, 9)

    assert fit.model is None


def test_several_inputs_and_tensors(told):
    fit, several, tensor = of(told, 10)

    assert (fit.rows, fit.label_shape, fit.epochs_done, several.rows) == (None, (400,), 1, None)
    assert (tensor.rows, shared_rows(of(told, 1)[0], tensor)) == (7, 1.0)


def test_a_fit_that_was_broken_off_says_how_far_it_came(told):
    (fit,) = of(told, 11)

    assert (fit.error, fit.epochs, fit.epochs_done) == ("RuntimeError: enough", 5, 1)
    assert told[0].cells[11].error.name == "RuntimeError"


def test_methods_look_as_they_are_documented(told):
    signature, evaluate, source = told[0].cells[12].outputs[-1].data.splitlines()

    assert signature.startswith("(x=None, y=None, batch_size=None, epochs=1, verbose='auto'")
    assert evaluate.endswith("TensorFlowTrainer.evaluate")
    assert source == "Trains the model f 1"


def test_training_rows_are_told_from_test_rows(told):
    (fit,), (on_training, on_test) = of(told, 1), of(told, 14)

    assert (shared_rows(fit, on_training), shared_rows(fit, on_test)) == (1.0, 0.0)
    assert on_test.low < 0
    assert list(on_test.values) == ["accuracy", "loss"]


@pytest.mark.thorough
def test_of_many_calls_the_rare_ones_are_kept_and_equal_prints_sent_once():
    many = "for i in range(300):\n    model.fit(x[:9], y_train[:9], verbose=0)"
    more = "for i in range(250):\n    model.predict(x[i:i + 1], verbose=0)"
    cells = (START, "model.evaluate(x, y_train, verbose=0)", many, more)
    execution, ledger, _ = run(cells, limits=Limits(cell_s=300, notebook_s=900))
    places = [(one.cell, one.kind) for one in ledger.runs]

    assert execution.status == "completed"
    assert (len(places), ledger.n_dropped) == (500, 51)
    assert [places.count(place) for place in ((1, "evaluate"), (2, "fit"), (3, "predict"))] == [1, 249, 250]
    assert len({id(one.prints) for one in ledger.runs if one.cell == 2}) == 1


CAPPED = (
    START,
    "history = model.fit(x, y_train, epochs=50, validation_split=0.2, verbose=0)\n"
    "print(len(history.epoch), model.optimizer.iterations.numpy())",
    "short = model.fit(x[:60], y_train[:60], epochs=2, verbose=0)",
    "_ = model.fit(tf.data.Dataset.from_tensor_slices((x, y_train)).batch(40).prefetch(1), epochs=2, verbose=0)\n"
    "print(model.optimizer.iterations.numpy())",
    "late = network().fit(pd.DataFrame(x), pd.Series(y_train), epochs=np.int64(9), initial_epoch=5, verbose=0)\n"
    "print(late.epoch)",
    "stop = keras.callbacks.EarlyStopping('loss', patience=0, min_delta=1e9)\n"
    "print(len(model.fit(x, y_train, epochs=9, callbacks=[stop], verbose=0).epoch))",
    """
def batches():
    while True:
        yield x[:20], y_train[:20]
_ = model.fit(batches(), epochs=9, steps_per_epoch=10, verbose=0)
_ = model.fit(tf.data.Dataset.from_generator(batches, (tf.float32, tf.int32), ((20, 784), (20,))), verbose=0,
              steps_per_epoch=2)
""",
    "_ = model.fit(tf.constant(x), tf.constant(y_train), sample_weight=np.ones(400), verbose=0)\n"
    "_ = model.fit(x, y_train, batch_size=10, steps_per_epoch=30, verbose=0)\n"
    "_ = model.evaluate(x, y_train, verbose=0)",
    "model.fit(x, y_train[:90], verbose=0)",
)


def test_a_budget_caps_fit_and_says_so():
    execution, ledger, _ = run(CAPPED, Budget(epochs=3, rows=120), provisioner=SPAWNED)
    long, short, batches, late, stopped, endless, generated, tensors, steps, evaluated, unequal = ledger.runs
    printed = [output.data.strip() for cell in execution.cells for output in cell.outputs if len(output.data) < 20]

    assert (long.rows, long.validation_rows, long.epochs, long.epochs_done) == (120, 24, 50, 3)
    assert long.capped == (
        "`fit` ran 3 of the 50 epochs you asked for, on the first 120 of 400 rows: this assignment caps the training"
    )
    assert (short.capped, short.rows, batches.epochs_done) == ("", 60, 2)
    assert batches.capped == "`fit` ran with 3 of 10 batches in each epoch: this assignment caps the training"
    assert (late.rows, late.epochs_done, stopped.epochs_done) == (120, 3, 2)
    assert (endless.capped.count("batches"), endless.epochs_done) == (0, 3)
    assert generated.capped == ""
    assert (tensors.rows, tensors.error, evaluated.rows) == (120, "", 400)
    assert "with 12 of 30 batches" in steps.capped
    assert "400" in unequal.error
    assert "90" in unequal.error
    assert printed == ["3 9", "19", "[5, 6, 7]", "2"]  # 3 epochs of 3 steps for 96 rows; 2 of 2 and 2 of 3
    assert [note.split(":")[0] for note in execution.notes] == [f"cell {number}" for number in (2, 4, 5, 6, 7, 8, 8)]


def test_a_call_of_a_check_is_capped_and_not_written_down():
    data = datasets.store({"mnist": "digits[:400, :100]"})
    with Kernel(LIMITS, seed=1, data=data, budget=Budget(epochs=2)) as kernel:
        train = "def train():\n    return len(model.fit(x[:50], y_train[:50], epochs=3, verbose=0).epoch)"
        kernel.run(notebook(START, train))
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
