"""Every wrong variant is wrong, and can be told from every other one by its answers."""

from itertools import combinations

import numpy as np
import pytest

from reference import dl_foundations as df
from reference.dl_foundations_variants import VARIANTS


def inputs():
    """A few questions for every function that has variants; lists of arguments."""
    rng = np.random.default_rng(2)
    z, far = rng.normal(size=6) * 2, np.array([1000.0, -1000.0, 0.5, -0.5])
    cell = [rng.normal(size=shape) for shape in ((3,), (4,), (3, 4), (4, 4), (4,))]
    lstm = [rng.normal(size=shape) for shape in ((3,), (4,), (4,), (3, 16), (4, 16), (16,))]
    image = rng.normal(size=(7, 7)) - 2
    pools = [(image, 2), (image, 3, 1)]
    y, e = rng.normal(size=7), np.array([0.2, -0.3, 0.6, 2.5, -3.0, -1.9, 0.1])
    labels, p = np.array([0, 1, 1, 0, 1.0]), rng.uniform(0.1, 0.9, size=5)
    hot, probabilities = np.eye(3)[[0, 2, 1, 1]], rng.dirichlet(np.ones(3), size=4)
    w, g = rng.normal(size=4), rng.uniform(0.3, 2, size=4)
    v, s = rng.normal(size=4), rng.uniform(0.5, 2, size=4)
    epochs = (1, 5, 6, 11, 12, 23)
    losses = np.array([1.0, 0.8, 0.85, 0.9, 0.82, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.6])
    network = [rng.normal(size=shape) for shape in ((3, 4), (4,), (4, 1), (1,))]
    x, batch = rng.normal(size=3), rng.normal(size=(8, 3)) * 2 + 1
    gamma, beta = rng.uniform(0.5, 2, size=3), rng.normal(size=3)
    block = (rng.normal(size=(5, 4)), rng.normal(size=(4, 6)), rng.normal(size=(6, 4)))
    matrices = [rng.normal(size=shape) / 2 for shape in ((3, 4), (4, 4), (4, 2))]
    activations = {
        f"{name}{end}": [(z, *more), (far, *more)]
        for name, more in (
            ("sigmoid", ()),
            ("tanh", ()),
            ("relu", ()),
            ("leaky_relu", (0.01,)),
            ("prelu", (0.3,)),
            ("elu", (1.0,)),
            ("swish", ()),
            ("softmax", ()),
            ("linear", ()),
        )
        for end in ("", "_prime")
    }
    return activations | {
        "perceptron_step": [(w, b, v, label, 0.3) for b in (5.0, -5.0) for label in (0, 1)],
        "conv2d": [(image, rng.normal(size=(3, 3)), 2, 1), (image, rng.normal(size=(2, 2)))],
        "max_pool": pools,
        "average_pool": pools,
        "rnn_step": [tuple(cell)],
        "lstm_step": [tuple(lstm)],
        "gan_losses": [(rng.uniform(0.5, 0.9, size=4), rng.uniform(0.1, 0.6, size=4))],
        "each_mse": [(y, y - e)],
        "each_mae": [(y, y - e)],
        "each_binary_cross_entropy": [(labels, p)],
        "each_categorical_cross_entropy": [(hot, probabilities)],
        "each_huber": [(y, y - e, 1.2)],
        "each_quantile_loss": [(y, y - e, 0.8)],
        "each_weighted_cross_entropy": [(hot, probabilities, np.array([0.5, 2.0, 1.5]))],
        "each_focal_loss": [(labels, p, 1.7, 0.3)],
        "sgd_step": [(w, g, 0.05)],
        "momentum_step": [(w, g, v, 0.05, 0.8)],
        "rmsprop_step": [(w, g, s, 0.02, 0.85, 1e-8)],
        "adagrad_step": [(w, g, s, 0.1, 1e-8)],
        "adam_step": [(w, g, v, s, 3, 0.02, 0.85, 0.97, 1e-8)],
        "step_decay": [(epoch, 0.2, 0.4, 6) for epoch in epochs],
        "exponential_decay": [(epoch, 0.3, 0.07) for epoch in epochs],
        "cosine_annealing": [(epoch, 0.1, 24, 0.004) for epoch in epochs],
        "one_cycle": [(epoch, 0.08, 24) for epoch in (*epochs, 18)],
        "reduce_on_plateau": [(losses, 0.1, 0.5, patience) for patience in (2, 3)],
        "forward": [(x, *network)],
        "backward": [(x, 0.4, *network)],
        "xavier_variance": [(300, 200), (120, 480)],
        "he_variance": [(300, 200), (120, 480)],
        "batch_norm_forward": [(batch, gamma, beta)],
        "batch_norm_backward": [(rng.normal(size=batch.shape), batch, gamma)],
        "clip_by_value": [(z, 1.0)],
        "clip_by_norm": [(image, 2.0), (z, 100.0)],
        "residual_block": [block],
        "gradient_norms": [(matrices, x, name) for name in ("sigmoid", "tanh", "relu")],
    }


INPUTS = inputs()


def answer(function, args):
    """What a function answers, as one list of float arrays."""
    value = function(*args)
    parts = value if isinstance(value, tuple) else (value,)
    return [np.asarray(part, dtype=np.float64) for part in parts]


def same(ones, others):
    """Whether two answers agree as a check would see it: each array to a millionth of its largest entry."""
    return len(ones) == len(others) and all(
        a.shape == b.shape
        and np.allclose(a, b, rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(b), initial=0.0), equal_nan=True)
        for a, b in zip(ones, others, strict=True)
    )


@pytest.fixture(scope="module")
def answers():
    """Answers of the solution ("") and of every variant to every question, by function."""
    return {
        name: {
            label: [answer(function, args) for args in INPUTS[name]]
            for label, function in (
                ("", getattr(df, name)),
                *((variant.name, variant.function) for variant in VARIANTS[name]),
            )
        }
        for name in VARIANTS
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_every_two_answers_can_be_told_apart(name, answers):
    alike = [
        (one, other)
        for one, other in combinations(answers[name], 2)
        if all(map(same, answers[name][one], answers[name][other]))
    ]

    assert alike == []


@pytest.mark.parametrize("variant", [each for group in VARIANTS.values() for each in group], ids=lambda v: v.name)
def test_a_variant_stands_in_for_a_function_and_speaks_to_the_student(variant):
    assert callable(getattr(df, variant.of))
    assert variant.name == variant.name.lower().replace(" ", "-")
    assert variant.explanation.endswith((".", ".)"))
    assert "`" not in variant.title
    assert len(variant.title) <= 70


def test_every_part_has_at_least_two():
    parts = {
        1: ["perceptron_step"],
        2: ["conv2d", "max_pool", "average_pool", "rnn_step", "lstm_step", "gan_losses"],
        3: [name for name in VARIANTS if name.removesuffix("_prime") in df.__all__ and f"{name}_prime" in df.__all__],
        4: [name for name in VARIANTS if name.startswith("each_")],
        5: [name for name in VARIANTS if name.endswith(("_step", "_decay", "_cycle", "_plateau", "_annealing"))],
        6: ["forward", "backward"],
        7: ["xavier_variance", "he_variance", "batch_norm_forward", "batch_norm_backward"],
        8: ["clip_by_value", "clip_by_norm", "residual_block", "gradient_norms"],
    }

    assert all(sum(len(VARIANTS[name]) for name in names) >= 2 for names in parts.values())
