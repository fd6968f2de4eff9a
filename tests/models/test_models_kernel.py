"""The way of a homework: a notebook trains models, the grader finds, reads, judges and recomputes them."""

import numpy as np
import pytest
from notebooks import notebook

from grader.config import Limits
from grader.errors import StudentError
from grader.kernels import Kernel
from grader.models import (
    Asked,
    describe,
    difference,
    expected_scale,
    find_models,
    fit_images,
    history_agrees,
    history_problems,
    mismatch,
    predict,
    recompute,
    was_trained,
)
from grader.models.statistics import count_right
from grader.probe import Student

pytestmark = pytest.mark.slow

LIMITS = Limits()
ASKED = Asked(hidden=(16,), activation="relu", outputs=4, probabilities=True, loss="crossentropy", optimizer="adam")

CELLS = (
    """
import numpy as np, keras, tensorflow as tf
from keras import layers
rng = np.random.default_rng(0)
centres = rng.integers(0, 256, (4, 8, 8))
def draw(n):
    labels = rng.integers(0, 4, n)
    return np.clip(centres[labels] + rng.normal(0, 60, (n, 8, 8)), 0, 255).astype("uint8"), labels
x_train, y_train = draw(400)
x = x_train / 255.0
""",
    """
model = keras.Sequential([keras.Input((8, 8)), layers.Flatten(), layers.Dense(16, activation="relu"),
                          layers.Dense(4, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y_train, epochs=25, validation_split=0.2, verbose=0)
""",
    """
untouched = keras.Sequential([keras.Input((64,)), layers.Dense(16, activation="relu"), layers.BatchNormalization(),
                              layers.Dense(4, activation="softmax")])
untouched.compile(keras.optimizers.SGD(0.05, momentum=0.9), keras.losses.CategoricalCrossentropy(), metrics=["acc"])
i = keras.Input((64,))
functional = keras.Model(i, layers.Dense(4)(layers.Activation("relu")(layers.Dense(16)(i))))
functional.compile(optimizer=keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)),
                   loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
runs = {"functional": functional.fit(x.reshape(-1, 64), y_train, epochs=2, verbose=0).history}
raw = keras.models.clone_model(model); raw.compile("adam", "sparse_categorical_crossentropy")
raw.fit(x_train.astype("float32"), y_train, epochs=20, verbose=0)
""",
    """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.pool = layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D()
        self.flat = layers.Flatten()
        self.out = layers.Dense(4, activation="softmax")
    def call(self, x):
        return self.out(self.flat(self.pool(self.conv(x))))
net = Net(); net.compile("adam", "sparse_categorical_crossentropy"); net.fit(x[..., None], y_train, epochs=1, verbose=0)
kept = net.fit(x[..., None], y_train, epochs=1, verbose=0); del net
class Wrapper:
    def __init__(self): self.network = keras.Sequential([layers.Dense(2)])
numbers = [[[0] * 200] * 200] * 200; numbers[5] = [[[1] * 200 for _ in range(200)] for _ in range(200)]
wrapper = Wrapper(); shelf = [wrapper.network, 3, keras.Sequential]
later = keras.Sequential([layers.Dense(3)])
nothing = 5
""",
    """
class Liar(keras.Sequential):
    def predict(self, x, **_):
        return np.eye(4)[np.arange(len(x)) % 4]
liar = Liar([keras.Input((64,)), layers.Dense(4, activation="softmax")])
liar.compile("adam", "sparse_categorical_crossentropy")
exploded = keras.models.clone_model(model); exploded.compile(keras.optimizers.SGD(1e30), "mse")
exploded_history = exploded.fit(x, np.eye(4)[y_train] * 1e30, epochs=2, verbose=0)
half = keras.Sequential([keras.Input((64,)), layers.Dense(16, activation="relu", dtype="mixed_float16"),
                         layers.Dense(4, activation="softmax", dtype="mixed_float16")])
class Broken(keras.Model):
    def call(self, x): raise ValueError("no")
    def get_config(self): raise RuntimeError("no")
    @property
    def name(self): raise RuntimeError("no")
broken = Broken.__new__(Broken)
class Moody(layers.Layer):
    tired = False
    def call(self, x):
        if Moody.tired: raise ValueError("not again")
        return x
moody = keras.Sequential([Moody(name="moods"), layers.Dense(2)]); moody(np.ones((1, 3))); Moody.tired = True
i = keras.Input((64,)); two = keras.Model(i, [layers.Dense(4)(i), layers.Dense(1, activation="sigmoid")(i)])
""",
)


@pytest.fixture(scope="module")
def kernel():
    with Kernel(LIMITS, seed=1) as kernel:
        execution = kernel.run(notebook(*CELLS))

        assert [(cell.index, cell.error) for cell in execution.cells if cell.error] == []
        yield kernel


@pytest.fixture(scope="module")
def found(kernel):
    return find_models(kernel, LIMITS)


@pytest.fixture(scope="module")
def student(kernel):
    student = Student(kernel, LIMITS)
    student.begin(1)
    return student


def model_of(kernel, *path, **options):
    return describe(kernel, LIMITS, tuple(("item", step) for step in path), **options)


# --- finding --------------------------------------------------------------------------------------------------------


def test_every_model_is_found_once_under_its_shortest_name(found):
    labels = [model.label for model in found.models]

    assert labels[:4] == ["model", "untouched", "functional", "raw"]
    assert {"kept.model", "wrapper.network", "later", "liar"} <= set(labels)
    assert len(labels) == len(set(labels))


def test_a_model_knows_its_other_names(found):
    (wrapped,) = [model for model in found.models if model.label == "wrapper.network"]

    assert (("item", "shelf"), ("item", 0)) in wrapped.also


def test_a_deleted_model_is_found_through_its_history(kernel, found):
    (deleted,) = [model for model in found.models if model.label == "kept.model"]

    assert deleted.kind == "subclassed"
    assert [layer.kind for layer in describe(kernel, LIMITS, deleted.path).all_layers()] == [
        *("Conv2D", "MaxPooling2D", "Flatten", "Dense"),
    ]


def test_a_model_that_raises_when_it_is_looked_at_hides_no_other(kernel, found):
    (broken,) = [model for model in found.models if model.label == "broken"]

    assert (broken.class_name, broken.kind) == ("Broken", "broken")
    with pytest.raises(StudentError, match="`broken` could not be looked at"):
        describe(kernel, LIMITS, broken.path)


def test_histories_belong_to_their_models(found):
    histories = {history.label: history for history in found.histories}

    assert found.models[histories["history"].model].label == "model"
    assert sorted(histories["history"].series) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert [len(series) for series in histories["history"].series.values()] == [25] * 4
    assert [one.label for one in found.histories_of(found.models[0])] == ["history"]


def test_a_history_that_was_kept_as_a_dict_is_found(found):
    (functional,) = [
        one for one in found.histories if (("item", "runs"), ("item", "functional")) in (one.path, *one.also)
    ]

    assert found.models[functional.model].label == "functional"


# --- structure ------------------------------------------------------------------------------------------------------


def test_a_sequential_model_is_described(kernel):
    model = model_of(kernel, "model")
    hidden = list(model.all_layers())[1]

    assert (model.kind, model.parameters, model.trainable) == ("sequential", 64 * 16 + 16 + 16 * 4 + 4, 1108)
    assert (model.input_shape, model.output_shape) == ((None, 8, 8), (None, 4))
    assert (hidden.kind, hidden.number("units"), hidden.activation, hidden.parameters) == ("Dense", 16, "relu", 1040)
    assert hidden.output_shape == (None, 16)
    assert hidden.weight("kernel").shape == (64, 16)
    assert hidden.trainable


def test_how_a_model_was_compiled_is_described(kernel):
    adam, sgd, scheduled = (model_of(kernel, name).compiled for name in ("model", "untouched", "functional"))

    assert (adam.optimizer, adam.losses, adam.from_logits) == ("Adam", ("sparse_categorical_crossentropy",), False)
    assert adam.learning_rate == pytest.approx(0.001)
    assert adam.metrics == ["accuracy"]
    assert adam.steps == 25 * 10
    assert (sgd.optimizer, sgd.losses, sgd.settings["momentum"]) == ("SGD", ("categorical_crossentropy",), 0.9)
    assert sgd.learning_rate == pytest.approx(0.05)
    assert scheduled.from_logits


def test_a_convolution_in_a_subclass_is_described(kernel):
    layers = {layer.kind: layer for layer in describe(kernel, LIMITS, (("item", "kept"),)).all_layers()}

    assert layers["Conv2D"].pair("kernel_size") == (3, 3)
    assert layers["MaxPooling2D"].pair("pool_size") == (2, 2)
    assert layers["Conv2D"].number("filters") == 4
    assert layers["Conv2D"].settings["padding"] == "valid"


def test_a_model_that_was_never_built_is_described(kernel):
    model = model_of(kernel, "later")

    assert not model.built
    assert model.compiled is None
    assert [layer.number("units") for layer in model.all_layers()] == [3]
    assert "came without its weight" in recompute(model, np.ones((2, 3)), np.ones((2, 3))).sentence


def test_what_is_no_model_is_said_to_be_none(kernel):
    with pytest.raises(StudentError, match=r"`nothing` is not a Keras model: it is a builtins\.int"):
        model_of(kernel, "nothing")


def test_what_is_not_there_is_said_to_be_missing(kernel):
    with pytest.raises(StudentError, match="does not define `missing`"):
        model_of(kernel, "missing")


def test_weights_beyond_the_limit_stay_in_the_kernel(kernel):
    model = describe(kernel, Limits(value_bytes=4_002_000), (("item", "model"),))

    assert not model.weights_known
    assert model.parameters == 1108
    assert list(model.all_layers())[1].weights[0].shape == (64, 16)
    assert recompute(model, np.ones((2, 8, 8)), np.ones((2, 4))).agrees is None
    assert was_trained(model).trained is None


def test_describing_leaves_a_subclass_as_it_was(kernel, student):
    for _ in range(2):
        describe(kernel, LIMITS, (("item", "kept"),))
    layers = student.read((("item", "kept"), ("attr", "model"), ("attr", "layers")))

    assert [len(layer._inbound_nodes) for layer in layers] == [0] * 4


# --- judging --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["model", "functional"])
def test_both_ways_to_write_the_model_are_what_was_asked(kernel, name):
    assert difference(model_of(kernel, name), ASKED) is None


def test_training_shows_in_the_weights(kernel):
    assert was_trained(model_of(kernel, "model")).trained is True
    assert was_trained(model_of(kernel, "functional")).trained is True
    assert was_trained(model_of(kernel, "untouched")).trained is False
    assert "was `fit` called" in was_trained(model_of(kernel, "untouched")).sentence


def test_a_model_with_nan_weights_is_named(kernel, found):
    training = was_trained(model_of(kernel, "exploded"))
    (history,) = [one for one in found.histories if one.label == "exploded_history"]

    assert training.broken
    assert "NaN" in training.sentence
    assert "NaN or infinite in epoch" in next(history_problems(history))


def test_a_good_history_has_no_problems(found):
    assert list(history_problems(found.histories[0])) == []


# --- recomputing ----------------------------------------------------------------------------------------------------


def hidden_images(student, n=200):
    pixels, labels = student.draw(n)
    return pixels, labels


def test_predictions_are_believed_when_the_weights_give_them(kernel, student):
    pixels, labels = hidden_images(student)
    model = model_of(kernel, "model")
    result = recompute(model, pixels / 255, student.model.predict(pixels / 255, verbose=0))

    assert result.agrees is True
    assert result.difference <= 1e-5
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)
    assert count_right(result.probabilities, labels).mean() > 0.9


def test_logits_become_probabilities(kernel, student):
    pixels, _ = hidden_images(student)
    x = fit_images(model_of(kernel, "functional"), pixels / 255)
    result = recompute(model_of(kernel, "functional"), x, student.functional.predict(x, verbose=0))

    assert result.agrees is True
    assert np.abs(result.outputs.sum(axis=1) - 1).max() > 0.1
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)


def test_a_deleted_subclass_is_recomputed(kernel, student):
    pixels, _ = hidden_images(student)
    x = pixels[..., None] / 255
    result = recompute(describe(kernel, LIMITS, (("item", "kept"),)), x, student.kept.model.predict(x, verbose=0))

    assert result.agrees is True


def test_unscaled_pixels_do_not_widen_the_tolerance_beyond_reason(kernel, student):
    pixels, _ = hidden_images(student)
    result = recompute(model_of(kernel, "model"), pixels, student.model.predict(pixels, verbose=0))

    assert result.agrees is True
    assert result.tolerance < 0.01


def test_a_predict_that_lies_is_found(kernel, student):
    pixels, _ = hidden_images(student)
    x = pixels.reshape(-1, 64) / 255
    lie = student.liar.predict(x)

    assert lie.shape == (200, 4)
    assert recompute(model_of(kernel, "liar"), x, lie).agrees is None  # a class of the notebook's own may do that


def test_predictions_of_another_model_do_not_agree(kernel, student):
    pixels, _ = hidden_images(student)
    x = pixels / 255
    result = recompute(model_of(kernel, "model"), x, student.raw.predict(x, verbose=0))

    assert result.agrees is False
    assert "not what the model's weights give" in result.sentence


@pytest.mark.parametrize("returned", ["text", None, np.ones((3, 4)), [[1.0], [2.0, 3.0]], np.full((200, 4), np.nan)])
def test_returned_nonsense_does_not_agree(kernel, student, returned):
    pixels, _ = hidden_images(student)
    result = recompute(model_of(kernel, "model"), pixels / 255, returned)

    assert result.agrees is False
    assert result.sentence


def test_several_outputs_must_all_agree(kernel, student):
    x = np.linspace(0, 1, 640).reshape(10, 64)
    first, second = student.two.predict(x, verbose=0)

    assert recompute(model_of(kernel, "two"), x, [first, second]).agrees is True
    assert recompute(model_of(kernel, "two"), x, [first, 1 - second]).agrees is False
    assert recompute(model_of(kernel, "two"), x, first).agrees is False


def test_a_layer_of_ones_own_that_raises_is_described_and_not_verified(kernel):
    model = model_of(kernel, "moody")
    result = recompute(model, np.ones((2, 3)), np.ones((2, 2)))

    assert [layer.kind for layer in model.all_layers()] == ["Moody", "Dense"]
    assert (result.agrees, result.layer) == (None, "moods")


def test_half_precision_is_allowed_its_errors(kernel, student):
    pixels, _ = hidden_images(student)
    x = pixels.reshape(-1, 64) / 255
    result = recompute(model_of(kernel, "half"), x, student.half.predict(x, verbose=0))

    assert result.agrees is True
    assert result.difference > 1e-5


def test_a_model_that_is_fed_another_scale_is_named(kernel, student):
    pixels, labels = hidden_images(student, 300)
    scaled, raw = (expected_scale(model_of(kernel, name), pixels, labels) for name in ("model", "raw"))

    assert scaled.best in {"0..1", "0..255"}  # one ReLU layer without large biases: nearly the same on both
    assert mismatch(raw, "-1..1") is None or "is fed pixels in -1..1" in mismatch(raw, "-1..1")
    assert mismatch(scaled, scaled.best) is None


def test_a_reported_accuracy_agrees_with_the_counted_one(kernel, student, found):
    pixels, labels = hidden_images(student, 300)
    right = count_right(predict(model_of(kernel, "model"), pixels / 255).values[0], labels)

    assert history_agrees(found.histories[0], int(right.sum()), 300, n_reported=80)
    assert not history_agrees(found.histories[0], 75, 300, n_reported=80)
