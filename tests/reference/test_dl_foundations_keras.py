"""The dl-foundations solution against Keras: optimizers over several steps, cells, losses, layers, callbacks."""

import os

import numpy as np
import pytest

from reference import dl_foundations as df
from reference.dl_foundations import training

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

RNG = np.random.default_rng(12)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


def gradients(n=6):
    """Gradients of several steps, away from 0, where it would matter where ε stands."""
    return RNG.uniform(0.3, 2, size=(n, 4)) * RNG.choice([-1, 1], size=(n, 4))


OPTIMIZERS = {
    "sgd": (0, lambda keras: keras.optimizers.SGD(0.05), {"learning_rate": 0.05}),
    "momentum": (1, lambda keras: keras.optimizers.SGD(0.05, momentum=0.8), {"learning_rate": 0.05, "beta": 0.8}),
    "rmsprop": (
        1,
        lambda keras: keras.optimizers.RMSprop(0.02, rho=0.85, epsilon=1e-8),
        {"learning_rate": 0.02, "rho": 0.85},
    ),
    "adagrad": (
        1,
        lambda keras: keras.optimizers.Adagrad(0.1, initial_accumulator_value=0.0, epsilon=1e-8),
        {"learning_rate": 0.1},
    ),
    "adam": (
        2,
        lambda keras: keras.optimizers.Adam(0.02, beta_1=0.85, beta_2=0.97, epsilon=1e-8),
        {"learning_rate": 0.02, "beta1": 0.85, "beta2": 0.97},
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_take_the_same_six_steps(keras, name):
    states, make, settings = OPTIMIZERS[name]
    start = RNG.normal(size=4)
    variable, optimizer = keras.Variable(start.astype("float32")), make(keras)
    w, state = start, [np.zeros(4) for _ in range(states)]
    for number, g in enumerate(gradients(), 1):
        optimizer.apply([keras.ops.convert_to_tensor(g.astype("float32"))], [variable])
        step = [number] if name == "adam" else []
        answer = getattr(df, f"{name}_step")(w, g, *state, *step, **settings)
        w, *state = answer if isinstance(answer, tuple) else (answer,)

        np.testing.assert_allclose(w, variable.numpy(), rtol=3e-5, atol=3e-6)


def test_rnn_and_lstm_cells(keras):
    x, h, c = (RNG.normal(size=(1, n)).astype("float32") for n in (3, 4, 4))
    rnn, lstm = keras.layers.SimpleRNNCell(4), keras.layers.LSTMCell(4)
    for cell, columns in ((rnn, 4), (lstm, 16)):
        cell.build((1, 3))
        cell.set_weights([RNG.normal(size=shape) for shape in ((3, columns), (4, columns), (columns,))])
    _, (rnn_h,) = rnn(x, [h])
    _, (lstm_h, lstm_c) = lstm(x, [h, c])
    got_h, got_c = df.lstm_step(x[0], h[0], c[0], *lstm.get_weights())

    np.testing.assert_allclose(df.rnn_step(x[0], h[0], *rnn.get_weights()), np.ravel(rnn_h), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got_h, np.ravel(lstm_h), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got_c, np.ravel(lstm_c), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_and_pooling(keras, stride):
    x, k = RNG.normal(size=(8, 7)), RNG.normal(size=(3, 3))
    image = x[None, :, :, None].astype("float32")
    conv = keras.ops.conv(image, k[:, :, None, None].astype("float32"), strides=stride, padding="valid")

    np.testing.assert_allclose(df.conv2d(x, k, stride), np.asarray(conv)[0, :, :, 0], rtol=1e-4, atol=1e-5)
    for ours, theirs in ((df.max_pool, keras.ops.max_pool), (df.average_pool, keras.ops.average_pool)):
        want = np.asarray(theirs(image, 3, strides=stride, padding="valid"))[0, :, :, 0]
        np.testing.assert_allclose(ours(x, 3, stride), want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "theirs", "more"),
    [
        ("sigmoid", "sigmoid", ()),
        ("tanh", "tanh", ()),
        ("relu", "relu", ()),
        ("leaky_relu", "leaky_relu", (0.2,)),
        ("elu", "elu", (1.3,)),
        ("swish", "silu", ()),
        ("softmax", "softmax", ()),
    ],
)
def test_activations(keras, name, theirs, more):
    z = np.linspace(-6, 6, 25)
    want = getattr(keras.ops, theirs)(z.astype("float32"), *more)

    np.testing.assert_allclose(getattr(df, name)(z, *more), np.asarray(want), rtol=2e-5, atol=1e-6)


def test_losses(keras):
    y, y_hat = RNG.normal(size=9), RNG.normal(size=9)
    labels, p = RNG.integers(2, size=9).astype(float), RNG.uniform(0.05, 0.95, size=9)
    hot, probabilities = np.eye(4)[RNG.integers(4, size=9)], RNG.dirichlet(np.ones(4), size=9)
    losses = keras.losses
    pairs = [
        (df.mse(y, y_hat), losses.MeanSquaredError()(y, y_hat)),
        (df.mae(y, y_hat), losses.MeanAbsoluteError()(y, y_hat)),
        (df.huber(y, y_hat, 0.7), losses.Huber(delta=0.7)(y, y_hat)),
        (df.binary_cross_entropy(labels, p), losses.BinaryCrossentropy()(labels[:, None], p[:, None])),
        (df.categorical_cross_entropy(hot, probabilities), losses.CategoricalCrossentropy()(hot, probabilities)),
        (
            df.focal_loss(labels, p, 1.5, 0.3),
            losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5)(
                labels[:, None], p[:, None]
            ),
        ),
    ]
    for ours, theirs in pairs:
        assert ours == pytest.approx(float(theirs), rel=2e-5)


def test_batch_normalisation_in_training(keras):
    x = RNG.normal(size=(16, 3)) * 2 + 1
    layer = keras.layers.BatchNormalization(epsilon=1e-5)
    layer.build((None, 3))
    _, _, *rest = layer.get_weights()
    gamma, beta = np.array([1.5, 2.0, 0.7]), np.array([0.1, 0.2, 0.3])
    layer.set_weights([gamma, beta, *rest])

    np.testing.assert_allclose(
        df.batch_norm_forward(x, gamma, beta), np.asarray(layer(x.astype("float32"), training=True)), atol=1e-5
    )


@pytest.mark.parametrize("patience", [1, 2, 4])
def test_reduce_on_plateau_is_the_callback(keras, patience):
    losses = np.round(RNG.uniform(0.5, 1.0, size=30), 2)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    callback = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=patience, min_delta=0.0)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(float(np.asarray(model.optimizer.learning_rate)))

    np.testing.assert_allclose(df.reduce_on_plateau(losses, 0.1, 0.5, patience), rates, rtol=1e-5)


def test_cosine_and_exponential_schedules(keras):
    cosine = keras.optimizers.schedules.CosineDecay(0.1, 20, alpha=0.05)
    falling = keras.optimizers.schedules.ExponentialDecay(0.1, 1, np.exp(-0.07))
    for epoch in (0, 3, 10, 20):
        assert df.cosine_annealing(epoch, 0.1, 20, 0.005) == pytest.approx(float(cosine(epoch)), rel=1e-5)
        assert df.exponential_decay(epoch, 0.1, 0.07) == pytest.approx(float(falling(epoch)), rel=1e-4)


def test_the_classifier_does_as_well_on_new_rows_as_is_written_down():
    rows = training.clouds()

    probabilities = training.train_classifier(rows["x"], rows["y"], rows["x_new"], 3)["classifier"]

    guesses = probabilities[:, 0] > 0.5
    assert np.mean(guesses == rows["labels"]) == pytest.approx(0.8346, abs=5 * training.SPREAD["classifier"])
