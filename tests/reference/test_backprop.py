"""The backprop solution against oracles that share no code with it."""

import math
import os
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import backprop

RNG = np.random.default_rng(20)
SMALL = (6, 5, 4, 3)


def network(seed=0, sizes=backprop.SIZES):
    """Weights and biases in the middle of training: no bias is 0."""
    rng = np.random.default_rng(seed)
    weights, biases = backprop.initialise(sizes, rng)
    return weights, [rng.normal(0, 0.3, size=b.shape) for b in biases]


def images(kind, n=3, pixels=784):
    rng = np.random.default_rng(5)
    return {
        "0..1": rng.random((n, pixels)),
        "bytes": rng.integers(0, 256, size=(n, pixels)).astype(np.uint8),
        "raw floats": rng.integers(0, 256, size=(n, pixels)).astype(np.float64),
    }[kind]


def slow_softmax(z):
    e = [np.exp(np.longdouble(v) - np.longdouble(max(z))) for v in z]
    return np.array([float(v / sum(e)) for v in e])


def slow_loss(weights, biases, sample, label):
    """The loss by loops over single neurons, in extended precision."""
    a = [np.longdouble(v) for v in sample]
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(a[i] * w[i, j] for i in range(len(a))) for j in range(len(b))]
        a = z if layer == len(weights) - 1 else [1 / (1 + np.exp(-v)) for v in z]
    top = max(a)
    return top + np.log(sum(np.exp(v - top) for v in a)) - a[label]


class TestBoxes:
    @pytest.mark.parametrize("h", [1.0, -2.5, 0.3])
    @pytest.mark.parametrize("delta", [0.1, 1.0, 7.0])
    def test_box_is_h_between_its_edges_and_0_elsewhere(self, h, delta):
        x = np.array([-9.0, -1e-9, 0.0, 1e-9, delta / 2, delta * (1 - 1e-9), delta, delta + 1e-9, 99.0])
        value = backprop.box_value(backprop.box_network(h, delta), x)

        assert value.tolist() == [0, 0, 0, h, h, h, 0, 0, 0]

    def test_step_is_0_at_0(self):
        assert backprop.step([-1.0, 0.0, 1e-300]).tolist() == [0, 0, 1]

    @pytest.mark.parametrize("f", [math.sin, math.exp, abs, lambda x: 3.0], ids=["sin", "exp", "abs", "constant"])
    def test_error_is_at_most_the_change_over_half_a_box(self, f):
        B, x = 2.0, np.linspace(-2.0, 2.0, 997)
        steepest = math.exp(B)
        errors = {n: np.abs(backprop.approximate(f, B, n)(x) - [f(v) for v in x]).max() for n in (1, 10, 100)}

        assert all(error <= steepest * B / n + 1e-12 for n, error in errors.items())

    def test_approximation_takes_a_number(self):
        assert backprop.approximate(math.sin, 1.0, 400)(0.5) == pytest.approx(math.sin(0.5), abs=3e-3)


class TestSoftmax:
    @given(st.lists(st.floats(-700, 700), min_size=1, max_size=12))
    @settings(max_examples=60)
    def test_agrees_with_the_definition_in_extended_precision(self, z):
        np.testing.assert_allclose(backprop.softmax(z), slow_softmax(z), rtol=1e-12, atol=1e-300)

    def test_rows_are_independent(self):
        z = RNG.normal(size=(4, 3)) * 100

        assert np.array_equal(backprop.softmax(z), np.stack([backprop.softmax(row) for row in z]))

    def test_huge_inputs(self):
        assert backprop.softmax([1000.0, 0.0, -1000.0]).tolist() == [1.0, 0.0, 0.0]

    def test_jacobian_agrees_with_central_differences(self):
        z, step = RNG.normal(size=7), 1e-6
        differences = [(slow_softmax(z + step * e) - slow_softmax(z - step * e)) / (2 * step) for e in np.eye(7)]

        np.testing.assert_allclose(backprop.softmax_jacobian(z), np.stack(differences, axis=1), atol=1e-9)


class TestSigmoid:
    @given(st.floats(-1e4, 1e4))
    @settings(max_examples=60)
    def test_agrees_with_extended_precision(self, z):
        e = np.exp(-np.longdouble(z))

        assert float(backprop.sigmoid(z)) == pytest.approx(float(1 / (1 + e)), rel=1e-14, abs=1e-307)

    def test_derivative_agrees_with_central_differences(self):
        z = np.linspace(-8, 8, 33)
        slope = (backprop.sigmoid(z + 1e-5) - backprop.sigmoid(z - 1e-5)) / 2e-5

        np.testing.assert_allclose(backprop.dsigmoid(z), slope, atol=1e-10)

    def test_derivative_of_a_saturated_unit_is_small_and_not_0(self):
        expected = [math.exp(-100.0)] * 2

        assert backprop.dsigmoid([100.0, -100.0]) == pytest.approx(expected, rel=1e-12)


class TestLoss:
    def test_is_minus_the_logarithm_of_the_labels_probability(self):
        assert backprop.cross_entropy_loss([0, 1, 0], [0.2, 0.5, 0.3]) == pytest.approx(math.log(2))

    def test_of_rows_is_the_mean(self):
        y, y_hat = np.eye(3)[[0, 2]], np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])

        assert backprop.cross_entropy_loss(y, y_hat) == pytest.approx(-(math.log(0.5) + math.log(0.8)) / 2)

    def test_of_a_wrong_certainty_is_finite(self):
        assert 700 < backprop.cross_entropy_loss([1, 0], [0.0, 1.0]) < 710

    def test_one_hot(self):
        assert backprop.integer_to_one_hot(np.uint8(2), 4).tolist() == [0, 0, 1, 0]


class TestNetwork:
    def test_initial_weights_have_the_variance_asked_for(self):
        weights, biases = backprop.initialise(backprop.SIZES, np.random.default_rng(1))
        pairs = list(pairwise(backprop.SIZES))

        assert [w.shape for w in weights] == pairs
        assert [float(w.var() * max(pair)) for w, pair in zip(weights, pairs, strict=True)] == pytest.approx(
            [1, 1, 1], rel=0.25
        )
        assert not any(b.any() for b in biases)

    def test_loss_agrees_with_loops_over_single_neurons(self):
        weights, biases = network(sizes=SMALL)
        sample = RNG.normal(size=6)
        loss, guess = backprop.feed_forward_sample(weights, biases, sample, 2)

        assert loss == pytest.approx(float(slow_loss(weights, biases, sample, 2)), rel=1e-13)
        assert guess.argmax() == min(range(3), key=lambda c: slow_loss(weights, biases, sample, c))

    @pytest.mark.parametrize("kind", ["0..1", "bytes", "raw floats"])
    def test_one_sample_and_many_agree(self, kind):
        weights, biases = network()
        x, labels = images(kind), np.array([3, 0, 9], dtype=np.uint8)
        each = [
            backprop.feed_forward_sample(weights, biases, v.reshape(28, 28), k) for v, k in zip(x, labels, strict=True)
        ]
        loss, accuracy = backprop.feed_forward_dataset(weights, biases, x.reshape(-1, 28, 28), labels)

        assert loss == pytest.approx(np.mean([one for one, _ in each]))
        assert accuracy == np.mean([g.argmax() == k for (_, g), k in zip(each, labels, strict=True)])
        assert np.array_equal(backprop.feed_forward(weights, biases, x).argmax(1), [g.argmax() for _, g in each])

    def test_accuracy_and_loss_survive_certain_mistakes(self):
        weights, biases = network(sizes=SMALL)
        weights[-1] *= 1e6
        loss, _ = backprop.feed_forward_dataset(weights, biases, RNG.normal(size=(9, 6)), np.arange(9) % 3)

        assert 1e3 < loss < 1e8


class TestGradients:
    @pytest.mark.parametrize("label", range(3))
    def test_agree_with_central_differences_of_the_slow_loss(self, label):
        weights, biases = network(sizes=SMALL)
        sample, step = RNG.normal(size=6), np.longdouble(1e-5)
        d_weights, d_biases = backprop.gradients(weights, biases, sample, label)
        parameters = [p.astype(np.longdouble) for p in (*weights, *biases)]

        for parameter, got in zip(parameters, (*d_weights, *d_biases), strict=True):
            want = np.empty(parameter.shape)
            for index, value in np.ndenumerate(parameter):
                losses = []
                for parameter[index] in (value + step, value - step):
                    losses.append(slow_loss(parameters[:3], parameters[3:], sample, label))
                parameter[index] = value
                want[index] = (losses[0] - losses[1]) / (2 * step)
            np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-10)

    @pytest.mark.parametrize("kind", ["0..1", "bytes", "raw floats"])
    def test_along_a_random_direction_the_loss_changes_as_they_say(self, kind):
        weights, biases = network()
        sample = images(kind)[0]
        directions = [RNG.normal(size=p.shape) / (1 + 5e3 * (p.size > 1e4)) for p in (*weights, *biases)]
        grads = [part for parts in backprop.gradients(weights, biases, sample, 4) for part in parts]

        def loss(t):
            moved = [p + t * d for p, d in zip((*weights, *biases), directions, strict=True)]
            return backprop.feed_forward_sample(moved[:3], moved[3:], sample, 4)[0]

        slope = sum(float(np.sum(g * d)) for g, d in zip(grads, directions, strict=True))

        assert (loss(1e-5) - loss(-1e-5)) / 2e-5 == pytest.approx(slope, rel=1e-6)

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["0..1", "bytes"])
    def test_agree_with_tensorflow(self, kind):
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        import tensorflow as tf

        weights, biases = network()
        sample = images(kind)[1]
        ws, bs = [[tf.Variable(p, dtype=tf.float64) for p in group] for group in (weights, biases)]
        with tf.GradientTape() as tape:
            a = tf.constant(sample[None].astype(np.float64))
            for w, b in zip(ws[:-1], bs[:-1], strict=True):
                a = tf.sigmoid(a @ w + b)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits([7], a @ ws[-1] + bs[-1])[0]
        want = [g.numpy() for g in tape.gradient(loss, [*ws, *bs])]
        d_weights, d_biases = backprop.gradients(weights, biases, sample, 7)

        assert loss.numpy() == pytest.approx(backprop.feed_forward_sample(weights, biases, sample, 7)[0])
        for got, wanted in zip((*d_weights, *d_biases), want, strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-8, atol=1e-12 * np.abs(wanted).max())


class TestTraining:
    def test_a_step_is_the_rate_times_the_gradient_and_leaves_its_arguments_alone(self):
        weights, biases = network()
        before = [p.copy() for p in (*weights, *biases)]
        sample = images("bytes")[0]
        new_weights, new_biases = backprop.train_one_sample(weights, biases, sample, 1, learning_rate=0.25)
        d_weights, d_biases = backprop.gradients(weights, biases, sample, 1)

        for new, old, d in zip((*new_weights, *new_biases), before, (*d_weights, *d_biases), strict=True):
            np.testing.assert_allclose(new, old - 0.25 * d, rtol=1e-13)
        for now, old in zip((*weights, *biases), before, strict=True):
            np.testing.assert_array_equal(now, old)

    def test_an_epoch_is_one_step_after_the_other(self):
        weights, biases = network()
        x, labels = images("0..1", n=4), [1, 1, 8, 0]
        expected = weights, biases
        for sample, label in zip(x, labels, strict=True):
            expected = backprop.train_one_sample(*expected, sample, label, 0.1)
        actual = backprop.train_one_epoch(weights, biases, x, labels, 0.1)

        for got, want in zip((*actual[0], *actual[1]), (*expected[0], *expected[1]), strict=True):
            np.testing.assert_array_equal(got, want)

    @pytest.mark.slow
    def test_three_epochs_learn_to_read_digits(self):
        from sklearn.datasets import load_digits

        digits = load_digits()
        x = np.kron(digits.images[:1200] / 16, np.ones((3, 3)))  # (1200, 24, 24)
        x, labels = x.reshape(1200, -1), digits.target[:1200]
        parameters = backprop.initialise((576, 32, 32, 10), np.random.default_rng(0))
        accuracy = [backprop.feed_forward_dataset(*parameters, x, labels)[1]]
        for _ in range(3):
            parameters = backprop.train_one_epoch(*parameters, x, labels, 0.1)
            accuracy.append(backprop.feed_forward_dataset(*parameters, x, labels)[1])

        assert accuracy[0] < 0.25
        assert accuracy[-1] > 0.8
