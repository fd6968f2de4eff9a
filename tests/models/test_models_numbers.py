"""Recomputing, training and scaling on models made by hand, and descriptions that lie."""

import copy
import itertools
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from models_made import dense, described, layer, model
from pydantic import ValidationError

from grader.config import Limits
from grader.errors import StudentError
from grader.models import (
    History,
    Model,
    NotVerified,
    describe,
    difference,
    expected_scale,
    find_models,
    fit_images,
    history_problems,
    mismatch,
    predict,
    recompute,
    scale_of,
    was_trained,
)
from grader.models.asked import Asked
from grader.models.convolution import convolve
from grader.models.statistics import count_right
from grader.models.structure import Layer, Weight, snake
from grader.models.unverified import Work

RNG = np.random.default_rng(11)


# --- convolution against its definition -----------------------------------------------------------------------------


def slow_convolution(x, kernel, strides, dilation, groups, padding):
    """Add up one product after the other; x (n, h, w, c), kernel (a, b, c / groups, filters)."""
    n_out, starts = [], []
    for length, k, s, d in zip(x.shape[1:3], kernel.shape[:2], strides, dilation, strict=True):
        reach = (k - 1) * d + 1
        out = -(-length // s) if padding == "same" else (length - reach) // s + 1
        missing = max((out - 1) * s + reach - length, 0) if padding == "same" else 0
        n_out.append(out)
        starts.append(-(missing // 2))
    filters_each = kernel.shape[3] // groups
    y = np.zeros((len(x), *n_out, kernel.shape[3]))
    places = itertools.product(*(range(n) for n in (*y.shape, *kernel.shape[:3])))
    for n, i, j, f, a, b, c in places:
        row, column = (starts[0] + i * strides[0] + a * dilation[0], starts[1] + j * strides[1] + b * dilation[1])
        if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
            y[n, i, j, f] += x[n, row, column, (f // filters_each) * kernel.shape[2] + c] * kernel[a, b, c, f]
    return y


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    groups=st.integers(1, 2),
    padding=st.sampled_from(["same", "valid"]),
    seed=st.integers(0, 99),
)
def test_a_convolution_is_the_sum_it_is_defined_as(size, strides, dilation, groups, padding, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 6, 5, 2 * groups))
    kernel = rng.normal(size=(*size, 2, 2 * groups))
    conv = Layer.model_validate(
        layer(
            *("Conv2D", "conv", {"kernel": kernel}),
            strides=list(strides),
            dilation_rate=list(dilation),
            groups=groups,
            padding=padding,
        )
    )

    np.testing.assert_allclose(
        convolve(conv, x, Work()), slow_convolution(x, kernel, strides, dilation, groups, padding), atol=1e-12
    )


# --- recomputing ----------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), scale=st.sampled_from([0.1, 1.0, 255.0]), n_hidden=st.integers(1, 40))
def test_single_precision_agrees_and_a_wrong_row_does_not(seed, scale, n_hidden):
    rng = np.random.default_rng(seed)
    W, V = rng.normal(size=(30, n_hidden)) / 5, rng.normal(size=(n_hidden, 4)) / 5
    net = model(dense(W, rng.normal(size=n_hidden), "relu"), dense(V, rng.normal(size=4), "softmax", "out"))
    x = (rng.random((20, 30)) * scale).astype(np.float32)
    single = predict(net, x[:, ::-1][:, ::-1], dtype=np.float32).values[0].astype(np.float32)
    wrong = single.copy()
    wrong[3] = wrong[3, [1, 2, 3, 0]] + np.float32(0.05) * np.array([1, -1, 0, 0], np.float32)

    assert recompute(net, x, single).agrees is True
    assert recompute(net, x, wrong).agrees is False


def test_nan_agrees_with_nan_in_the_same_places():
    net = model(dense([[np.nan, 1.0]], [0.0, 0.0]))
    x = np.ones((2, 1))

    assert recompute(net, x, np.array([[np.nan, 1.0]] * 2)).agrees is True
    assert recompute(net, x, np.array([[1.0, 1.0]] * 2)).agrees is False


def test_images_are_given_the_shape_the_model_takes():
    pictures = RNG.random((5, 28, 28))
    shapes = [
        fit_images(model(input_shape=shape), pictures).shape for shape in [(784,), (28, 28), (28, 28, 1), (None,)]
    ]

    assert shapes == [(5, 784), (5, 28, 28), (5, 28, 28, 1), (5, 784)]
    with pytest.raises(ValueError, match="do not fit an input of shape"):
        fit_images(model(input_shape=(64,)), pictures)


def test_a_network_on_pictures_is_recomputed_within_seconds():
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=shape) / 10 for shape in ((3, 3, 1, 32), (3, 3, 32, 64), (1600, 64), (64, 10))]
    conv = {"padding": "valid", "strides": [1, 1], "dilation_rate": [1, 1], "groups": 1, "data_format": "channels_last"}
    pool = {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}
    net = model(
        layer("Conv2D", "one", {"kernel": kernels[0], "bias": np.zeros(32)}, "relu", **conv),
        layer("MaxPooling2D", "pool", **pool),
        layer("Conv2D", "two", {"kernel": kernels[1], "bias": np.zeros(64)}, "relu", **conv),
        layer("MaxPooling2D", "pool", **pool),
        layer("Flatten", "flat"),
        dense(kernels[2], np.zeros(64), "relu"),
        dense(kernels[3], np.zeros(10), "softmax"),
    )
    began = time.perf_counter()
    values = predict(net, rng.random((300, 28, 28, 1)), dtype=np.float32).values[0]

    assert values.shape == (300, 10)
    assert time.perf_counter() - began < 20


# --- training -------------------------------------------------------------------------------------------------------


def kernel_of(edge, shape=(40, 30)):
    return RNG.uniform(-edge, edge, shape)


GLOROT = np.sqrt(6 / 70)


@pytest.mark.parametrize(
    ("layers", "trained"),
    [
        ([dense(kernel_of(GLOROT), np.zeros(30))], False),
        ([dense(kernel_of(GLOROT), np.full(30, 1e-6))], True),
        ([dense(kernel_of(1.2 * GLOROT), np.zeros(30))], True),
        ([layer("Dense", "bare", {"kernel": kernel_of(GLOROT)})], None),
        ([layer("Dense", "own", {"kernel": kernel_of(5.0)}, kernel_initializer="RandomNormal")], None),
        ([layer("Flatten", "flat")], False),
    ],
    ids=["untouched", "a bias moved", "beyond the edge", "no bias", "no edge", "no weights"],
)
def test_training_is_told_from_the_weights(layers, trained):
    assert was_trained(model(*layers)).trained is trained


def test_frozen_layers_say_nothing_about_training():
    frozen = {**dense(kernel_of(9.0), np.ones(30)), "trainable": False}

    assert was_trained(model(frozen, dense(kernel_of(GLOROT), np.zeros(30), name="top"))).trained is False


def history(**series):
    return History(path=(("item", "history"),), series=series)


@pytest.mark.parametrize(
    ("series", "sentence"),
    [
        ({"loss": [2.0, 1.0], "accuracy": [0.1, 0.5]}, None),
        ({"loss": [1.0]}, None),
        ({}, "has no losses"),
        ({"loss": [1.0, float("nan")]}, "NaN or infinite in epoch 2"),
        ({"loss": [1.0, 1.5]}, "did not fall: 1 in the first epoch, 1.5 in the last"),
        ({"loss": [2.0, 1.0], "val_loss": [1.0]}, "different lengths"),
        ({"loss": [2.0, 1.0], "accuracy": [0.1, 97.0]}, "accuracy outside 0..1"),
    ],
)
def test_what_fit_returned_is_looked_at(series, sentence):
    found = next(history_problems(history(**series)), None)

    assert found is None if sentence is None else sentence in found


# --- scaling --------------------------------------------------------------------------------------------------------


def bright_or_dark(edge):
    """Return a model that calls an image of one pixel bright when the pixel is above `edge`."""
    return model(dense([[0.0, 100.0]], [0.0, -100.0 * edge], "softmax"), input_shape=(1,))


@pytest.mark.parametrize(("edge", "scale"), [(0.5, "0..1"), (127.5, "0..255"), (-0.2, "-1..1")])
def test_the_scale_a_model_was_trained_on_is_found(edge, scale):
    pixels = RNG.integers(0, 256, (400, 1))
    labels = (pixels[:, 0] > {"0..1": 127.5, "0..255": 127.5, "-1..1": 102}[scale]).astype(int)
    found = expected_scale(bright_or_dark(edge), pixels, labels)

    assert found.best == scale
    assert found.right[scale].mean() > 0.95
    assert scale_of(found.images(pixels)) == scale
    for other in {"0..1", "0..255", "-1..1"} - {scale}:
        assert f"trained on pixels in {scale}" in mismatch(found, other)
    assert mismatch(found, scale) is None


def test_a_standardized_scale_can_be_tried_too():
    pixels = RNG.integers(0, 256, (400, 1))
    labels = (pixels[:, 0] > 180).astype(int)
    standardized = {"standardized": lambda x: (x - 100.0) / 40.0}

    assert expected_scale(bright_or_dark(2.0), pixels, labels, others=standardized).best == "standardized"


def test_data_on_no_scale_is_on_none():
    assert scale_of(np.array([-2.3, 4.0])) is None
    assert scale_of(np.array([0.0, 300.0])) is None


# --- descriptions that lie ------------------------------------------------------------------------------------------


class Says:
    """A kernel that answers whatever it was made with."""

    def __init__(self, reply, buffers=()):
        self.reply, self.buffers = reply, list(buffers)

    def ask(self, content, buffers=(), *, timeout_s):
        return self.reply, self.buffers


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=5) | st.just(np.zeros((2, 3))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["tensor", "plain", "list", "layer", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(value, path=()):
    """Yield the path to everything in a tree of dicts and lists."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


CONV = layer("Conv2D", "conv", {"kernel": np.ones((2, 2, 1, 2))}, "relu", strides=[1, 1], padding="same", groups=1)
GOOD = described(
    CONV,
    layer("MaxPooling2D", "pool", pool_size=[2, 2], strides=[2, 2], padding="valid"),
    layer("BatchNormalization", "norm", {"moving_mean": np.zeros(2), "moving_variance": np.ones(2)}, axis=-1),
    layer("Flatten", "flat"),
    dense(np.ones((8, 3)), np.zeros(3), "softmax"),
    input_shape=(4, 4, 1),
)
PLACES = [path for path in places(GOOD) if path]


def test_the_good_description_is_good():
    net = Model.model_validate(GOOD)

    np.testing.assert_allclose(predict(net, np.ones((2, 4, 4, 1))).values[0], np.full((2, 3), 1 / 3))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(PLACES), garbage=GARBAGE)
@example(path=("graph", "nodes", 2, "arguments"), garbage=[{"list": np.zeros((2, 3))}])
@example(path=("graph", "nodes", 2, "arguments"), garbage=[{"dict": [7]}])
def test_a_description_with_garbage_in_it_is_refused_or_not_verified(path, garbage):
    tree = copy.deepcopy(GOOD)
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = garbage
    try:
        net = Model.model_validate(tree)
    except ValidationError:
        return
    result = recompute(net, np.ones((2, 4, 4, 1)), np.full((2, 3), 1 / 3))

    assert result.agrees in (True, False, None)
    difference(net, Asked(hidden=(3,), activation="relu", outputs=3, probabilities=True, loss="crossentropy"))
    was_trained(net)


@settings(max_examples=100, deadline=None)
@given(value=GARBAGE)
def test_a_kernel_that_talks_nonsense_is_told_so(value):
    for reply in ({"ok": True, "value": value}, {"ok": False, "error": value}, {"ok": value}):
        for ask in (lambda k: find_models(k, Limits()), lambda k: describe(k, Limits(), (("item", "model"),))):
            with pytest.raises(StudentError):
                ask(Says(reply))


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (layer("ZeroPadding2D", "huge", padding=[[10**8, 0], [10**8, 0]], data_format="channels_last"), "arithmetic"),
        (layer("UpSampling2D", "huge", size=[10**6, 10**6], interpolation="nearest"), "arithmetic"),
        (layer("Conv2D", "huge", {"kernel": np.zeros((60, 60, 1, 20_000), np.float32)}, padding="same"), "arithmetic"),
        (layer("RepeatVector", "huge", n=10**12), "arithmetic"),
        (layer("MaxPooling2D", "huge", pool_size=[10**5, 10**5], strides=[1, 1], padding="same"), "arithmetic"),
        (layer("Conv2D", "huge", {"kernel": np.zeros((1, 1, 1, 1))}, padding="same", dilation_rate=[2**40] * 2), None),
        (layer("Reshape", "huge", target_shape=[-1, -1]), "does not fit"),
        (layer("Softmax", "huge", axis=9), "does not fit"),
        (layer("LSTM", "huge", {"recurrent_kernel": np.zeros((4, 16))}), "without steps"),
    ],
)
def test_a_layer_that_would_take_forever_is_not_computed(part, reason):
    net = model(part, input_shape=(28, 28, 1))
    began = time.perf_counter()
    try:
        predict(net, np.zeros((100, 28, 28, 1)))
        assert reason is None
    except NotVerified as error:
        assert error.layer == "huge"
        assert reason in str(error)

    assert time.perf_counter() - began < 10


def test_models_within_models_end():
    tree = described(dense([[1.0]], [0.0]))
    for _ in range(60):
        tree = described(
            {"class": "Sequential", "module": "keras.src.models.sequential", "name": "deep", "model": tree}
        )
    try:
        net = Model.model_validate(tree)
    except (ValidationError, RecursionError):
        return
    assert recompute(net, np.ones((1, 1)), np.ones((1, 1))).agrees is None


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"),
        ("LeakyReLU", "leaky_re_lu"),
        ("GELU", "gelu"),
        ("Relu6", "relu6"),
        ("LogSoftmax", "log_softmax"),
    ],
)
def test_class_names_become_function_names(name, wanted):
    assert snake(name) == wanted


def test_rows_are_counted_from_what_was_recomputed():
    net = model(dense([[5.0, 0.0], [0.0, 5.0]], [0.0, 0.0], "softmax"))
    result = recompute(net, np.eye(2), predict(net, np.eye(2)).values[0])

    assert count_right(result.probabilities, np.array([0, 1])).tolist() == [True, True]


def test_a_variable_without_numbers_was_not_sent():
    given = {"name": "kernel", "shape": [3, 2], "dtype": "float32", "trainable": True, "value": np.zeros(0)}

    assert Weight.model_validate(given).value is None
    assert Weight.model_validate({**given, "shape": [0]}).value.shape == (0,)
