"""Every variant is wrong, in a way of its own; its words are for students."""

import itertools

import numpy as np
import pytest

from reference import mlp_numpy as net
from reference.cnn import INPUT, NETWORKS, total
from reference.mlp_numpy_variants import VARIANTS

ALL = [(of, variant) for of, variants in VARIANTS.items() for variant in variants]


def arguments(of):
    """Return arguments under which the variants of a function come apart."""
    rng = np.random.default_rng(8)
    weights, _ = net.initialise((6, 5, 4, 3), "normal", rng)
    biases = [rng.normal(size=w.shape[1]) for w in weights]
    x, y = rng.normal(size=(8, 6)), np.arange(8) % 3
    p, q = rng.dirichlet(np.ones(4), 2)
    z = np.array([[1000.0, 999.0, -1000.0], [0.5, -0.5, 0.3], [-2000.0, -2001.0, -1999.0]])
    return {
        "step": [(weights, biases, x, y, name, 0.1) for name in ("tanh", "relu", "sigmoid", "linear")],
        "predict_proba": [(weights, biases, x, name) for name in ("tanh", "relu", "sigmoid", "linear")],
        "score": [(np.array([0, 1, 2, 1]), np.array([0, 2, 2, 1]))],
        "kl_divergence": [(p, q)],
        "cross_entropy": [(p, q)],
        "entropy": [(p,)],
        "cnn_parameters": [(name,) for name in NETWORKS],
        "cnn_multiplications": [(name,) for name in NETWORKS],
    }.get(of, [(z,), (z / 1000,)])


def right(of, args):
    """Return the right answer."""
    if of.startswith("cnn_"):
        return getattr(total(NETWORKS[args[0]], INPUT), of.removeprefix("cnn_"))
    return getattr(net, of)(*args)


def same(one, other):
    """Tell whether two answers are equal, but for rounding."""
    if isinstance(one, tuple):
        return all(same(a, b) for pair in zip(one, other, strict=True) for a, b in zip(*pair, strict=True))
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize(("of", "variant"), ALL, ids=[f"{of}-{variant.name}" for of, variant in ALL])
def test_a_variant_is_wrong(of, variant):
    assert any(not same(variant.function(*args), right(of, args)) for args in arguments(of))


@pytest.mark.parametrize("of", [of for of, variants in VARIANTS.items() if len(variants) > 1])
def test_variants_of_a_function_differ_somewhere(of):
    alike = [
        (one.name, other.name)
        for one, other in itertools.combinations(VARIANTS[of], 2)
        if all(same(one.function(*args), other.function(*args)) for args in arguments(of))
    ]

    assert [] == alike


@pytest.mark.parametrize(("of", "variant"), ALL, ids=[f"{of}-{variant.name}" for of, variant in ALL])
def test_a_variant_speaks_in_sentences(of, variant):
    assert variant.explanation.endswith((".", ".)"))
    assert variant.title
    assert "  " not in variant.explanation


def test_there_are_ten_named_mistakes_of_a_step():
    assert len({variant.name for variant in VARIANTS["step"]}) >= 10
