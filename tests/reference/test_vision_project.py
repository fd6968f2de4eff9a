"""The vision-project solution against oracles that share no code with it, and its wrong variants against it."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import vision_project as vp
from reference.vision_project_training import FOLDS, SEEDS, SPREAD, TRAINED, train_iris
from reference.vision_project_variants import VARIANTS

SIZES = (784, 32, 32, 10)
numbers = st.floats(-3, 3)


def irises():
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)


# --- the learning rate ---------------------------------------------------------------------------------------------


def test_a_learning_rate_can_be_too_small_good_and_too_large():
    x, y = irises()
    x = ((x - x.mean(axis=0)) / x.std(axis=0))[:, :2]  # the sepals alone do not tell the species apart

    small, good, large = (vp.losses_of_rate(x, y, rate, 40, 3) for rate in (1e-3, 1.0, 100.0))

    assert small[-1] == pytest.approx(math.log(3), rel=0.05)
    assert good[-1] < 0.6
    assert large[-1] > 2 * good[-1]
    assert (len(small), len(good), len(large)) == (40, 40, 40)


def test_one_step_from_zero_is_the_mean_of_the_examples():
    x, y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0, 1])
    rate = 0.3
    errors = np.array([[-0.5, 0.5], [0.5, -0.5]])  # softmax(0) − y
    weights = -rate * sum(np.outer(row, error) for row, error in zip(x, errors, strict=True)) / 2
    scores = x @ weights

    wanted = np.mean([math.log(np.exp(s).sum()) - s[k] for s, k in zip(scores, y, strict=True)])

    assert wanted == pytest.approx(vp.losses_of_rate(x, y, rate, 1, 2)[0])


# --- the chain -----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(numbers, numbers, st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_chain_gradients_are_those_of_the_cost(w, b, rows):
    a_prev, y = (np.array(column) for column in zip(*rows, strict=True))
    h = 1e-6

    dw, db, da_prev = vp.chain_gradients(w, b, a_prev, y)

    slope_w = (vp.chain_cost(w + h, b, a_prev, y) - vp.chain_cost(w - h, b, a_prev, y)) / (2 * h)
    slope_b = (vp.chain_cost(w, b + h, a_prev, y) - vp.chain_cost(w, b - h, a_prev, y)) / (2 * h)
    slopes = [
        (vp.chain_cost(w, b, a + h, t) - vp.chain_cost(w, b, a - h, t)) / (2 * h)
        for a, t in zip(a_prev, y, strict=True)
    ]
    assert dw == pytest.approx(slope_w, abs=1e-7)
    assert db == pytest.approx(slope_b, abs=1e-7)
    np.testing.assert_allclose(da_prev, slopes, atol=1e-7)


def test_chain_gradients_of_one_example_are_numbers():
    assert [np.shape(part) for part in vp.chain_gradients(0.5, 0.1, 0.3, 1.0)] == [(), (), ()]


def test_chain_gradients_survive_saturated_neurons():
    assert all(np.isfinite(part) for part in vp.chain_gradients(1000.0, 0.0, 1.0, 0.0))


# --- counting ------------------------------------------------------------------------------------------------------


def counted(sizes, *, to_inputs):
    """Multiplications of a pass, one by one: (forward, backward)."""
    forward = backward = 0
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        for _ in range(n_in):
            for _ in range(n_out):
                forward += 1
                backward += 1  # a gradient of a weight
                backward += layer > 0 or to_inputs  # an error on its way back
    return forward, backward


@pytest.mark.parametrize("sizes", [(3, 2), (4, 3, 2), (5, 4, 4, 3)])
@pytest.mark.parametrize("to_inputs", [False, True])
def test_counts_are_those_of_the_loops(sizes, to_inputs):
    found = (vp.forward_multiplications(sizes), vp.backward_multiplications(sizes, to_inputs=to_inputs))

    assert counted(sizes, to_inputs=to_inputs) == found


def test_counts_of_the_network_in_the_homework():
    assert vp.forward_multiplications(SIZES) == 25_088 + 1_024 + 320
    assert vp.backward_multiplications(SIZES) == 27_776
    assert vp.backward_multiplications(SIZES, to_inputs=True) == 2 * 26_432
    assert vp.backward_multiplications(SIZES, elementwise=1) == 27_776 + 64


# --- irises --------------------------------------------------------------------------------------------------------


def test_column_statistics_are_those_of_the_standard_scaler():
    from sklearn.preprocessing import StandardScaler

    x, _ = irises()
    scaler = StandardScaler().fit(x)

    mean, deviation = vp.column_statistics(x)

    np.testing.assert_allclose(mean, scaler.mean_)
    np.testing.assert_allclose(deviation, scaler.scale_)


def test_gradients_of_the_mlp_are_those_of_its_loss():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(6, 4)), np.eye(3)[rng.integers(3, size=6)]
    parameters = tuple(p + rng.normal(scale=0.1, size=p.shape) for p in vp.initial_mlp((4, 8, 3), rng))

    def loss(values):
        return float(np.mean(-np.sum(y * np.log(vp.mlp_probabilities(values, x)), axis=1)))

    for number, gradient in enumerate(vp.mlp_gradients(parameters, x, y)):
        for place in np.ndindex(gradient.shape):
            up, down = ([p.copy() for p in parameters] for _ in range(2))
            up[number][place] += 1e-6
            down[number][place] -= 1e-6

            assert gradient[place] == pytest.approx((loss(up) - loss(down)) / 2e-6, abs=1e-7)


def test_the_first_step_of_adam_is_as_long_as_the_learning_rate():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 4)), np.eye(3)[[0, 1, 2, 0, 1]]
    before = vp.initial_mlp((4, 8, 3), rng)

    after = vp.adam_steps(before, x, y, iter([np.arange(5)]), rate=0.01)

    gradient = vp.mlp_gradients(before, x, y)[2]
    np.testing.assert_allclose(after[2] - before[2], -0.01 * np.sign(gradient), atol=1e-4)


@pytest.mark.slow
def test_steps_of_adam_are_those_of_keras():
    import keras

    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 4)), np.eye(3)[rng.integers(3, size=20)]
    start = vp.initial_mlp((4, 8, 3), rng)
    layers = [keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation="softmax")]
    model = keras.Sequential([keras.layers.Input((4,)), *layers])
    model.set_weights(start)
    model.compile("adam", "categorical_crossentropy")
    model.fit(x, y, epochs=30, batch_size=20, shuffle=False, verbose=0)

    ours = vp.adam_steps(start, x, y, itertools.repeat(np.arange(20), 30))

    for own, theirs in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(own, theirs, atol=2e-5)


def test_the_iris_network_learns():
    x, y = irises()
    rows = (x - x.mean(axis=0)) / x.std(axis=0)
    order = np.random.default_rng(0).permutation(150)

    trained = vp.train_mlp(rows[order], y[order], np.random.default_rng(1))

    assert np.mean(vp.mlp_probabilities(trained, rows).argmax(axis=1) == y) > 0.93


def test_nothing_changes_its_arguments():
    x, y = irises()
    rows, labels = x.copy(), y.copy()
    vp.train_mlp(rows, labels, np.random.default_rng(0), schedule=((2, 50),))
    vp.losses_of_rate(rows, labels, 0.1, 2, 3)

    np.testing.assert_array_equal(rows, x)
    np.testing.assert_array_equal(labels, y)


# --- convolutions --------------------------------------------------------------------------------------------------


def slow_map(image, kernel, bias):
    """One map of one image by loops; image (rows, columns, channels), kernel (height, width, channels)."""
    height, width, _ = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    return np.array(
        [[np.sum(image[i : i + height, j : j + width] * kernel) + bias for j in range(columns)] for i in range(rows)]
    )


def test_feature_maps_are_those_of_the_loops():
    rng = np.random.default_rng(4)
    images, kernel, bias = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)

    maps = vp.feature_maps(images, kernel, bias)

    for n, filter_ in itertools.product(range(2), range(4)):
        wanted = slow_map(images[n], kernel[..., filter_], bias[filter_])
        np.testing.assert_allclose(wanted, maps[n, :, :, filter_])


@pytest.mark.slow
@pytest.mark.parametrize(("size", "padding"), [((3, 3), "valid"), ((5, 5), "same"), ((2, 4), "same")])
def test_feature_maps_and_shapes_are_those_of_keras(size, padding):
    import keras

    images = np.random.default_rng(5).normal(size=(2, 9, 8, 2)).astype(np.float32)
    layer = keras.layers.Conv2D(3, size, padding=padding, bias_initializer="random_normal")
    wanted = np.array(layer(images))

    same = padding == "same"
    np.testing.assert_allclose(wanted, vp.feature_maps(images, *layer.get_weights(), same=same), atol=1e-5)
    assert (wanted.shape[1:], layer.count_params()) == vp.convolution_shape((9, 8, 2), size, 3, same=same)


# --- what students are measured against ----------------------------------------------------------------------------


def test_every_iris_is_predicted_once_and_well():
    x, y = irises()

    probabilities = train_iris(x, y, x, 0)["mlp"]

    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert np.mean(probabilities.argmax(axis=1) == y) > 0.9
    np.testing.assert_array_equal(probabilities, train_iris(x, y, x, 0)["mlp"])


def test_the_training_module_says_what_the_grader_needs():
    assert SEEDS % 2 == 1
    assert set(TRAINED) == {"mnist", "iris"}
    assert set(SPREAD) == {"cnn", "mlp"}


@pytest.mark.slow
@pytest.mark.thorough
def test_the_spread_of_the_iris_network_is_as_noted():
    x, y = irises()
    found = [np.mean(train_iris(x, y, x, seed)["mlp"].argmax(axis=1) == y) for seed in range(30)]

    assert np.std(found, ddof=1) * math.sqrt(FOLDS) == pytest.approx(SPREAD["mlp"], rel=0.4)


# --- wrong variants ------------------------------------------------------------------------------------------------

CHAINS = [
    (1.3, -0.4, 0.6, 1.0),
    (-1.7, 0.5, np.array([0.1, 0.7, 0.4, 0.9]), np.array([0.0, 1.0, 1.0, 0.0])),
]
QUESTIONS = {
    "chain_gradients": CHAINS,
    "forward_multiplications": [(SIZES,)],
    "backward_multiplications": [(SIZES,)],
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_variant_is_wrong_and_differs_from_the_others(name):
    answers = {
        label: [parts(function(*args)) for args in asked]
        for label, function, asked in (
            ("", getattr(vp, name), QUESTIONS[name]),
            *((each.name, each.function, QUESTIONS[name]) for each in VARIANTS[name]),
        )
    }

    alike = [(one, other) for one, other in itertools.combinations(answers, 2) if same(answers[one], answers[other])]

    assert alike == []


def parts(answer):
    return [np.asarray(part, float) for part in (answer if isinstance(answer, tuple) else (answer,))]


def same(one, other):
    pairs = [pair for a, b in zip(one, other, strict=True) for pair in zip(a, b, strict=True)]
    return all(a.shape == b.shape and np.allclose(a, b, rtol=1e-6) for a, b in pairs)


@pytest.mark.parametrize("variant", [each for group in VARIANTS.values() for each in group], ids=lambda v: v.name)
def test_a_variant_stands_in_for_a_function_and_speaks_to_the_student(variant):
    assert callable(getattr(vp, variant.of))
    assert variant.explanation.rstrip(")").endswith(".")
    assert "`" not in variant.title
    assert len(variant.title) <= 70
