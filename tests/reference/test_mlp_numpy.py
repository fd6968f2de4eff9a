"""The reference network against definitions, central differences, scikit-learn and Keras."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from grader.compare import central_differences
from reference import kl
from reference import mlp_numpy as net

HIDDEN = ("relu", "sigmoid", "linear", "tanh", "softmax")


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def problem(rng):
    """Return weights, biases, rows (8, 6) and labels (8,)."""
    weights, _ = net.initialise((6, 5, 4, 3), "normal", rng)
    biases = [rng.normal(size=w.shape[1]) for w in weights]
    return weights, biases, rng.normal(size=(8, 6)), np.arange(8) % 3


@pytest.mark.parametrize("name", ("relu", "sigmoid", "linear", "tanh"))
def test_gradients_of_activations_are_central_differences(name, rng):
    z = rng.uniform(0.1, 3, 10) * rng.choice([-1, 1], 10)
    slopes, _ = central_differences(lambda x: float(net.ACTIVATIONS[name](x).sum()), z)

    assert np.allclose(slopes, net.GRADIENTS[name](z), rtol=1e-7)


def test_jacobian_of_softmax_is_central_differences(rng):
    z = rng.normal(size=4)
    rows = [central_differences(lambda x, i=i: float(net.softmax(x)[i]), z)[0] for i in range(4)]

    assert np.allclose(rows, net.softmax_grad(z), atol=1e-8)
    assert (2, 3, 3) == net.softmax_grad(np.ones((2, 3))).shape


@pytest.mark.parametrize("name", HIDDEN)
def test_large_numbers_do_not_overflow(name):
    z = np.array([[1e3, -1e3, 0.0], [-2e3, -2.001e3, -1.999e3]])
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(net.ACTIVATIONS[name](z)).all()
        assert np.isfinite(net.GRADIENTS[name](z)).all()


@pytest.mark.parametrize("name", HIDDEN)
def test_gradients_of_the_loss_are_central_differences(name, problem):
    weights, biases, x, y = problem
    d_weights, d_biases = net.gradients(weights, biases, x, y, name)
    for layer in range(3):
        for parameters, got in ((weights, d_weights), (biases, d_biases)):

            def loss(values, parameters=parameters, layer=layer):
                changed = [values if i == layer else p for i, p in enumerate(parameters)]
                both = (changed, biases) if parameters is weights else (weights, changed)
                return net.loss(*both, x, y, name)

            want, _ = central_differences(loss, parameters[layer])

            assert np.allclose(want, got[layer], rtol=1e-6, atol=1e-9)


def test_a_step_and_an_epoch_follow_the_gradient(problem):
    weights, biases, x, y = problem
    d_weights, _ = net.gradients(weights, biases, x[:4], y[:4], "tanh")
    stepped, offsets = net.step(weights, biases, x[:4], y[:4], "tanh", 0.5)

    assert np.allclose(weights[0] - 0.5 * d_weights[0], stepped[0])
    again, _ = net.step(stepped, offsets, x[4:], y[4:], "tanh", 0.5)
    whole, _ = net.epoch(weights, biases, x, y, "tanh", 0.5, [range(4), range(4, 8)])
    assert np.array_equal(again[2], whole[2])


def test_one_epoch_is_that_of_scikit_learn(problem):
    weights, biases, x, y = problem
    theirs = MLPClassifier((5, 4), activation="tanh", solver="sgd", alpha=0.0, learning_rate_init=0.1, momentum=0.0,
                           batch_size=8, shuffle=False, max_iter=1)  # fmt: skip
    theirs.partial_fit(x, y, classes=[0, 1, 2])
    theirs.coefs_, theirs.intercepts_ = [w.copy() for w in weights], [b.copy() for b in biases]
    theirs._optimizer.params = theirs.coefs_ + theirs.intercepts_
    theirs.partial_fit(x, y)
    ours, _ = net.step(weights, biases, x, y, "tanh", 0.1)

    assert all(np.allclose(a, b) for a, b in zip(theirs.coefs_, ours, strict=True))


def test_probabilities_are_those_of_keras(problem):
    keras = pytest.importorskip("keras")
    weights, biases, x, _ = problem
    layers = [keras.layers.Dense(5, "relu"), keras.layers.Dense(4, "relu"), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((6,)), *layers])
    model.set_weights([p for pair in zip(weights, biases, strict=True) for p in pair])

    assert np.allclose(model.predict(x, verbose=0), net.predict_proba(weights, biases, x, "relu"), atol=1e-6)


@pytest.mark.parametrize(("how", "kurtosis"), [("random", 1.8), ("normal", 3.0)])
def test_initial_weights_have_the_variance_they_should(how, kurtosis, rng):
    (weights,), (biases,) = net.initialise((300, 200), how, rng)
    z = weights.ravel() / weights.std()

    assert np.isclose(weights.var(), 2 / 500, rtol=0.02)
    assert np.isclose(np.mean(z**4), kurtosis, rtol=0.05)
    assert not biases.any()
    assert not net.initialise((3, 2), "zero", rng)[0][0].any()


@pytest.mark.parametrize("activation", ("relu", "sigmoid", "linear", "tanh"))
def test_the_class_learns(activation, rng):
    y = np.arange(90) % 3
    x = 2 * np.eye(3)[y] + rng.normal(size=(90, 3)) * 0.3
    network = net.MyNeuralNetwork(3, [3, 8, 3], activation, num_epochs=60, batch_size=10).fit(x, y)

    assert network.score(x, y) > 0.95
    assert network.losses[-1] < network.losses[0] / 3
    assert np.allclose(network.predict_proba(x).sum(axis=1), 1)


def test_as_many_layers_as_sizes():
    with pytest.raises(ValueError, match="2 layers, but 3 sizes"):
        net.MyNeuralNetwork(2, [3, 4, 5])


def test_divergence_and_cross_entropy_add_up(rng):
    p, q = rng.dirichlet(np.ones(6), 4), rng.dirichlet(np.ones(6), 4)

    assert np.allclose(kl.cross_entropy(p, q), kl.kl_divergence(p, q) + kl.entropy(p))
    assert (kl.kl_divergence(p, q) > 0).all()
    assert np.allclose(0, kl.kl_divergence(p, p))


def test_divergence_is_that_of_scipy(rng):
    stats = pytest.importorskip("scipy.stats")
    p, q = rng.dirichlet(np.ones(6), 2)

    assert np.isclose(stats.entropy(p, q), kl.kl_divergence(p, q))
    assert np.isclose(stats.entropy(p), kl.entropy(p))


def test_impossible_events():
    one_hot, q = [0.0, 1.0, 0.0], [0.2, 0.5, 0.3]

    assert 0 == kl.entropy(one_hot)
    assert kl.cross_entropy(one_hot, q) == kl.kl_divergence(one_hot, q) == -np.log(0.5)
    assert np.inf == kl.kl_divergence(q, one_hot)
