"""The dl-foundations solution against oracles that share no code with it: loops, long double, central differences."""

import itertools
import math

import numpy as np
import pytest

from reference import dl_foundations as df

RNG = np.random.default_rng(11)
STEP = 1e-6


def slopes(f, z):
    """Central differences of an elementwise function."""
    return (f(z + STEP) - f(z - STEP)) / (2 * STEP)


def gradient(f, x):
    """Central differences of a number by every entry of an array."""
    change = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += STEP
        down[place] -= STEP
        change[place] = (f(up) - f(down)) / (2 * STEP)
    return change


def test_the_public_face_is_sorted_and_there():
    assert sorted(df.__all__) == df.__all__
    assert all(hasattr(df, name) for name in df.__all__)


class TestPerceptron:
    def test_a_right_answer_changes_nothing(self):
        w, b = df.perceptron_step([1.0, -1.0], 0.5, [2.0, 0.0], 1)

        assert (w.tolist(), b) == ([1.0, -1.0], 0.5)

    @pytest.mark.parametrize(("label", "sign"), [(1, 1), (0, -1)])
    def test_a_mistake_moves_towards_the_label(self, label, sign):
        w, b = df.perceptron_step([sign * -1.0, 0.0], 0.0, [2.0, 3.0], label, 0.5)

        assert (w.tolist(), b) == ([sign * 0.0, sign * 1.5], sign * 0.5)

    def test_separates_what_a_line_separates_within_novikoffs_bound(self):
        X = RNG.normal(size=(200, 3))
        side = X @ [1.0, -2.0, 0.5] + 0.3
        X, y = X[np.abs(side) > 0.4], (side > 0)[np.abs(side) > 0.4]
        w, b = df.train_perceptron(X, y, 1000)

        assert np.array_equal(df.perceptron_predict(w, b, X), y)

    def test_ends_on_xor_too(self):
        w, b = df.train_perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], 50)

        assert not np.array_equal(df.perceptron_predict(w, b, [[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0])


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_convolution_is_four_loops(stride, padding):
    x, k = RNG.normal(size=(7, 6)), RNG.normal(size=(3, 2))
    padded = np.zeros((7 + 2 * padding, 6 + 2 * padding))
    padded[padding : padding + 7, padding : padding + 6] = x
    rows, columns = ((n - m) // stride + 1 for n, m in zip(padded.shape, k.shape, strict=True))
    slow = [
        [
            sum(padded[i * stride + u, j * stride + v] * k[u, v] for u in range(3) for v in range(2))
            for j in range(columns)
        ]
        for i in range(rows)
    ]

    np.testing.assert_allclose(df.conv2d(x, k, stride, padding), slow, rtol=1e-12)


def test_pooling_leaves_out_what_would_stick_out():
    x = np.arange(35.0).reshape(5, 7)

    assert df.max_pool(x).tolist() == [[8, 10, 12], [22, 24, 26]]
    assert df.average_pool(x, 3, 2).tolist() == [[8, 10, 12], [22, 24, 26]]


def test_gan_losses_are_smallest_for_a_perfect_player():
    discriminator, generator = df.gan_losses([0.9, 0.8], [0.3])

    assert discriminator == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2 - math.log(0.7))
    assert generator == pytest.approx(-math.log(0.3))
    assert df.gan_generator_minimax([0.3]) == pytest.approx(math.log(0.7))
    assert np.isfinite(df.gan_losses([0.0, 1.0], [0.0, 1.0])).all()


ELEMENTWISE = {
    "sigmoid": (),
    "tanh": (),
    "relu": (),
    "leaky_relu": (0.1,),
    "prelu": (0.3,),
    "elu": (1.7,),
    "swish": (),
    "linear": (),
}
FORMULAS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: max(z, 0),
    "leaky_relu": lambda z: z if z > 0 else np.longdouble("0.1") * z,
    "prelu": lambda z: z if z > 0 else np.longdouble("0.3") * z,
    "elu": lambda z: z if z > 0 else np.longdouble("1.7") * (np.exp(z) - 1),
    "swish": lambda z: z / (1 + np.exp(-z)),
    "linear": lambda z: z,
}


class TestActivations:
    @pytest.mark.parametrize("name", ELEMENTWISE)
    def test_agree_with_the_formula_in_long_double(self, name):
        z = np.linspace(-5, 5, 41)
        want = [float(FORMULAS[name](np.longdouble(t))) for t in z]

        np.testing.assert_allclose(getattr(df, name)(z, *ELEMENTWISE[name]), want, rtol=1e-12, atol=1e-15)

    @pytest.mark.parametrize("name", ELEMENTWISE)
    def test_derivatives_are_slopes(self, name):
        z = np.concatenate([np.linspace(-5, -0.1, 30), np.linspace(0.1, 5, 30)])
        more = ELEMENTWISE[name]
        want = slopes(lambda t: getattr(df, name)(t, *more), z)

        np.testing.assert_allclose(getattr(df, f"{name}_prime")(z, *more), want, rtol=1e-7, atol=1e-9)

    @pytest.mark.parametrize("name", ELEMENTWISE)
    def test_nothing_overflows(self, name):
        far = np.array([1000.0, -1000.0, 1e300, -1e300])
        with np.errstate(over="raise", invalid="raise"):
            values = [getattr(df, f"{name}{end}")(far, *ELEMENTWISE[name]) for end in ("", "_prime")]

        assert np.isfinite(values).all()

    def test_softmax_jacobian_is_its_slope(self):
        z = RNG.normal(size=5)
        want = np.stack([slopes(lambda t, e=e: df.softmax(z + t * e), 0.0) for e in np.eye(5)], axis=1)

        np.testing.assert_allclose(df.softmax_prime(z), want, atol=1e-9)
        assert df.softmax([1000.0, 0.0, -1000.0]).tolist() == [1, 0, 0]


class TestLosses:
    def test_huber_is_smooth_at_delta(self):
        e = np.array([0.7 - 1e-9, 0.7 + 1e-9])

        np.testing.assert_allclose(df.each_huber(e, 0 * e, 0.7), 0.245, rtol=1e-8)
        np.testing.assert_allclose(slopes(lambda t: df.each_huber(t, 0 * t, 0.7), e), 0.7, rtol=1e-6)

    @pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
    def test_the_best_constant_for_the_quantile_loss_is_the_quantile(self, q):
        y = np.arange(1000.0)
        costs = [df.quantile_loss(y, np.full(1000, c), q) for c in y]

        assert abs(int(np.argmin(costs)) - 1000 * q) <= 1

    def test_focal_without_focus_is_half_the_cross_entropy(self):
        y, p = RNG.integers(2, size=9), RNG.uniform(0.05, 0.95, size=9)

        assert df.focal_loss(y, p, 0.0, 0.5) == pytest.approx(df.binary_cross_entropy(y, p) / 2)

    def test_equal_weights_change_nothing(self):
        y, p = np.eye(3)[[0, 2, 1]], RNG.dirichlet(np.ones(3), size=3)

        assert df.weighted_cross_entropy(y, p, [2, 2, 2]) == pytest.approx(2 * df.categorical_cross_entropy(y, p))

    def test_certainty_is_finite(self):
        assert df.binary_cross_entropy([1, 0], [0, 1]) == pytest.approx(-math.log(1e-7), rel=1e-6)
        assert df.categorical_cross_entropy([[1, 0]], [[1, 0]]) == pytest.approx(0, abs=1e-6)


class TestSchedules:
    def test_step_decay_drops_every_few_epochs(self):
        assert [df.step_decay(e, 1.0, 0.5, 3) for e in range(7)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]

    def test_cosine_goes_from_initial_to_minimum(self):
        rates = [df.cosine_annealing(e, 0.1, 10, 0.01) for e in range(11)]

        assert (rates[0], rates[5], rates[10]) == (pytest.approx(0.1), pytest.approx(0.055), pytest.approx(0.01))
        assert all(a > b for a, b in itertools.pairwise(rates))

    def test_one_cycle_climbs_and_falls_in_straight_lines(self):
        rates = [df.one_cycle(e, 1.0, 10) for e in range(11)]

        np.testing.assert_allclose(rates, np.interp(range(11), [0, 5, 10], [0.1, 1.0, 0.1]), rtol=1e-12)

    def test_exponential_decay_halves_in_a_fixed_time(self):
        assert df.exponential_decay(math.log(2) / 0.07, 0.3, 0.07) == pytest.approx(0.15)


class TestGradients:
    def test_of_the_small_network_are_slopes(self):
        x, y = RNG.normal(size=3), 0.3
        shapes = ((3, 4), (4,), (4, 1), (1,))
        parameters = [RNG.normal(size=shape) for shape in shapes]

        def loss(place, value):
            changed = [value if i == place else p for i, p in enumerate(parameters)]
            return 0.5 * (df.forward(x, *changed)[0] - y) ** 2

        for place, got in enumerate(df.backward(x, y, *parameters)):
            want = gradient(lambda value, place=place: loss(place, value), parameters[place])
            np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-10)

    def test_of_batch_normalisation_are_slopes(self):
        x, gamma, beta, g = RNG.normal(size=(6, 3)), RNG.uniform(0.5, 2, 3), RNG.normal(size=3), RNG.normal(size=(6, 3))
        d_x, d_gamma, d_beta = df.batch_norm_backward(g, x, gamma)

        def loss(x=x, gamma=gamma, beta=beta):
            return float(np.sum(g * df.batch_norm_forward(x, gamma, beta)))

        np.testing.assert_allclose(d_x, gradient(lambda v: loss(x=v), x), atol=1e-8)
        np.testing.assert_allclose(d_gamma, gradient(lambda v: loss(gamma=v), gamma), atol=1e-8)
        np.testing.assert_allclose(d_beta, gradient(lambda v: loss(beta=v), beta), atol=1e-8)

    @pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
    def test_norms_by_depth_are_those_of_slopes(self, activation):
        x, weights = RNG.normal(size=3), [RNG.normal(size=shape) for shape in ((3, 4), (4, 4), (4, 2))]
        formula = FORMULAS[activation]

        def loss(place, value):
            a = x
            for i, w in enumerate(weights):
                a = np.array([float(formula(t)) for t in a @ (value if i == place else w)])
            return 0.5 * float(np.sum(a**2))

        want = [
            np.sqrt(np.sum(gradient(lambda v, place=place: loss(place, v), w) ** 2)) for place, w in enumerate(weights)
        ]

        np.testing.assert_allclose(df.gradient_norms(weights, x, activation), want, rtol=1e-6)


class TestWeights:
    @pytest.mark.parametrize(("draw", "variance"), [(df.xavier_init, 2 / 700), (df.he_init, 2 / 300)])
    def test_have_the_variance_asked_for(self, draw, variance):
        w = draw(300, 400, np.random.default_rng(5))

        assert w.shape == (300, 400)
        assert w.var() == pytest.approx(variance, rel=0.02)
        assert abs(w.mean()) < 5 * math.sqrt(variance / w.size)

    def test_the_network_has_7114_parameters(self):
        weights, biases = df.he_network((100, 64, 10), np.random.default_rng(5))

        assert sum(p.size for p in weights + biases) == df.count_parameters((100, 64, 10)) == 7114
        assert not any(b.any() for b in biases)

    def test_he_keeps_the_size_of_signals_through_relu(self):
        rng = np.random.default_rng(3)
        x = rng.normal(size=(2000, 256))
        for _ in range(10):
            x = df.relu(x @ df.he_init(256, 256, rng))

        assert 0.3 < np.mean(x**2) < 3


class TestClipping:
    def test_by_value(self):
        assert df.clip_by_value([[-3.0, 0.5], [2.0, -1.0]], 1.0).tolist() == [[-1, 0.5], [1, -1]]

    def test_by_norm_keeps_the_direction(self):
        g = RNG.normal(size=(3, 4))
        clipped = df.clip_by_norm(g, 0.5)

        assert np.sqrt(np.sum(clipped**2)) == pytest.approx(0.5)
        np.testing.assert_allclose(clipped / g, clipped[0, 0] / g[0, 0])
        np.testing.assert_array_equal(df.clip_by_norm(g, 100.0), g)


def test_a_residual_block_with_weights_zero_is_the_identity():
    x = RNG.normal(size=(4, 3))

    np.testing.assert_array_equal(df.residual_block(x, np.zeros((3, 5)), np.zeros((5, 3))), x)


def test_new_rows_come_from_the_clouds_of_the_given_ones():
    (given, given_y), (new, new_y) = df.given_rows(), df.new_rows(20_000)
    error = given.std(axis=0) / math.sqrt(len(given))

    for label in (0, 1):
        gap = np.abs(new[new_y == label].mean(axis=0) - given[given_y == label].mean(axis=0))
        assert np.all(gap < 6.5 * error)
    np.testing.assert_allclose(np.cov(new.T), np.cov(given.T), atol=0.25)
    assert not set(map(tuple, given)) & set(map(tuple, new))


def test_no_function_changes_its_arguments():
    w, g, s = np.array([0.5, -2.0]), np.array([1.5, -0.4]), np.array([0.3, 0.8])
    before = [a.copy() for a in (w, g, s)]
    df.momentum_step(w, g, s)
    df.rmsprop_step(w, g, s)
    df.adagrad_step(w, g, s)
    df.adam_step(w, g, s, s, 1)
    df.clip_by_norm(g, 0.1)
    df.linear(w)[0] = 7

    for now, then in zip((w, g, s), before, strict=True):
        np.testing.assert_array_equal(now, then)
