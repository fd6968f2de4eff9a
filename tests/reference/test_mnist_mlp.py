"""The reference of mnist-mlp against central differences, and every wrong variant against the reference."""

import itertools

import numpy as np
import pytest

from reference import mnist_mlp, mnist_mlp_training
from reference.mnist_mlp_variants import VARIANTS

IN, HIDDEN, CLASSES = 5, 6, 4
STEP = 1e-6


def sample(seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=IN),
        np.eye(CLASSES)[rng.integers(CLASSES)],
        rng.normal(size=(HIDDEN, IN)),
        rng.normal(size=HIDDEN),
        rng.normal(size=(CLASSES, HIDDEN)),
        rng.normal(size=CLASSES),
    )


def loss(x, y, W_h, b_h, W_o, b_o):
    z = mnist_mlp.logits(mnist_mlp.hidden_layer(x, W_h, b_h), W_o, b_o)
    return mnist_mlp.cross_entropy(y, mnist_mlp.softmax(z))


def slope(function, parameter):
    """Return the central differences of a function of no arguments by every entry of an array it looks at."""
    found = np.zeros(parameter.shape)
    for place in np.ndindex(parameter.shape):
        before = parameter[place]
        parameter[place] = before + STEP
        above = function()
        parameter[place] = before - STEP
        found[place] = (above - function()) / (2 * STEP)
        parameter[place] = before
    return found


@pytest.mark.parametrize("place", range(4), ids=["W_h", "b_h", "W_o", "b_o"])
def test_gradients_are_those_of_central_differences(place):
    arguments = sample()

    want = slope(lambda: loss(*arguments), arguments[2 + place])

    np.testing.assert_allclose(mnist_mlp.gradients(*arguments)[place], want, rtol=1e-6, atol=1e-8)


def test_the_jacobian_is_that_of_central_differences():
    z = np.random.default_rng(1).normal(size=5)
    rows = [slope(lambda i=i: mnist_mlp.softmax(z)[i], z) for i in range(5)]

    np.testing.assert_allclose(mnist_mlp.softmax_jacobian(z), rows, atol=1e-9)


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_norms_are_those_of_central_differences(activation):
    rng = np.random.default_rng(2)
    weights, biases = mnist_mlp.deep_network((4, 5, 6, 3), rng, activation)
    x, y = np.abs(rng.normal(size=4)), np.eye(3)[1]

    def value():
        a = x
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            a = mnist_mlp._activated(W @ a + b, activation)[0]
        return mnist_mlp.cross_entropy(y, mnist_mlp.softmax(weights[-1] @ a + biases[-1]))

    want = [np.linalg.norm(slope(value, W)) for W in weights]

    np.testing.assert_allclose(mnist_mlp.gradient_norms(weights, biases, x, y, activation), want, rtol=1e-6)


def test_sigmoid_vanishes_and_relu_does_not():
    rng = np.random.default_rng(3)
    fallen = {}
    for activation in ("sigmoid", "relu"):
        weights, biases = mnist_mlp.deep_network((784, *[32] * 10, 10), rng, activation)
        norms = mnist_mlp.gradient_norms(weights, biases, rng.random(784), np.eye(10)[3], activation)
        fallen[activation] = norms[0] / norms[-1]

    assert fallen["sigmoid"] < 1e-4
    assert fallen["relu"] > 0.1


def test_softmax_of_large_logits():
    assert mnist_mlp.softmax([1000.0, 0.0, -1000.0]).tolist() == [1.0, 0.0, 0.0]


def questions():
    """Return a few lists of arguments for every function."""
    rng = np.random.default_rng(4)
    x, y, W_h, b_h, W_o, b_o = sample(5)
    h = mnist_mlp.hidden_layer(x, W_h, b_h)
    table = rng.dirichlet(np.ones(CLASSES), size=3)
    deep = [mnist_mlp.deep_network((4, 5, 6, 3), rng, kind) for kind in ("sigmoid", "relu")]
    deep = [(W, [rng.normal(size=len(one)) for one in b]) for W, b in deep]
    return {
        "hidden_layer": [(x, W_h, b_h)],
        "logits": [(h, W_o, b_o)],
        "softmax": [(rng.normal(size=5),), (np.array([1000.0, 0.0, -1000.0]),)],
        "cross_entropy": [(y, table[0])],
        "mean_loss": [(np.eye(CLASSES)[[0, 1, 1]], table)],
        "softmax_jacobian": [(rng.normal(size=5),)],
        "gradients": [sample(seed) for seed in range(3)],
        "gradient_norms": [
            (W, b, rng.random(4), np.eye(3)[0], kind) for (W, b), kind in zip(deep, ("sigmoid", "relu"), strict=True)
        ],
    }


def answers(function, name):
    """Return every answer as one vector."""
    given = [function(*arguments) for arguments in questions()[name]]
    return [np.concatenate([np.ravel(part) for part in (one if isinstance(one, tuple) else (one,))]) for one in given]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_is_wrong_in_its_own_way(name):
    right = answers(getattr(mnist_mlp, name), name)
    wrong = {variant.name: answers(variant.function, name) for variant in VARIANTS[name]}

    def same(one, other):
        return all(
            a.shape == b.shape and np.allclose(a, b, rtol=1e-6, equal_nan=True) for a, b in zip(one, other, strict=True)
        )

    assert [label for label, given in wrong.items() if same(given, right)] == []
    assert [pair for pair in itertools.combinations(wrong, 2) if same(wrong[pair[0]], wrong[pair[1]])] == []


@pytest.mark.slow
def test_the_networks_are_what_was_asked_and_learn():
    rng = np.random.default_rng(6)
    y = rng.integers(0, 10, 300)
    x = np.clip(rng.integers(0, 100, (300, 28, 28)) + 15 * y[:, None, None], 0, 255).astype(np.uint8)

    found = mnist_mlp_training.train_mnist(x, y, x[:50], seed=1)

    assert set(found) == set(mnist_mlp_training.SPREAD)
    for probabilities in found.values():
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
