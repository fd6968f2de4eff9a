"""Question 4, the start: how weights and biases are initialised.

A trained network no longer shows how it started, so the statements that made the weights are run again.
"""

import itertools

import numpy as np
import pytest
from finding import SIZES
from network import image, random_layers

from grader.compare import compare_mean, compare_variance, looks_normal
from grader.errors import CallTimedOut, StudentError
from grader.results import Text

FALSE_ALARM = 1e-7  # of one test; nine of them together stay below 1e-6
DRAWS = 8
ALIKE = (0.12, 0.25, 0.7)  # in spread, mean and tails: three standard deviations of a layer of 320 weights
DIVIDED_BY_FEWER = "The variance is one divided by the smaller of the two layers, not by the larger."


@pytest.fixture
def initial(check, notebook, network, rng):
    """`initial(draws)` returns fresh initialisations, without those that are the same draws again."""
    if len(network.weights) > 1 or len(network.biases) > 1:
        look_closer(check, network, rng)

    def initial(draws):
        names = sorted({thing.name for holder in (*network.weights, *network.biases) for thing in holder.slots})
        source = notebook.statements(names)
        if not source:
            check.fail("We could not find the statements that make your weights.")
        starts = [network.pick(check.student.rerun(source, names)) for _ in range(draws)]
        return [start for i, start in enumerate(starts) if not any(same(start, other) for other in starts[:i])]

    return initial


def look_closer(check, network, rng):
    """Where parameters may stand in several places, find out which of them the forward pass reads."""
    try:
        network.settle(random_layers(check, rng), *image(rng))
    except CallTimedOut:
        raise
    except StudentError:
        return  # without a forward pass the first place is as good as any


def same(start, other):
    """Tell whether two starts are the same draws: an initialiser that seeds itself always gives these."""
    return all(np.array_equal(a, b) for a, b in zip(start.weights, other.weights, strict=True))


@pytest.mark.check("q4", points=3, hint="np.random.normal takes the standard deviation: the root of the variance.")
def test_initial_weights(check, initial):
    """the weights start as N(0, 1/max(n_in, n_out))"""
    check.reference.compared("initialise", (SIZES, np.random.default_rng(0)), {})
    starts = initial(DRAWS)
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(SIZES)):
        sample = np.concatenate([start.weights[layer].ravel() for start in starts])
        variance, name = 1 / max(n_in, n_out), f"W{layer + 1}"
        difference = (
            compare_variance(sample, variance, alpha=FALSE_ALARM, name=name, confusions={DIVIDED_BY_FEWER: 1 / n_out})
            or compare_mean(sample, 0.0, variance, alpha=FALSE_ALARM, name=name)
            or looks_normal(sample, variance, alpha=FALSE_ALARM, name=name)
        )
        if difference is not None:
            check.fail(
                difference.reason,
                Text(
                    title=f"{name} over {len(starts)} fresh starts",
                    text=f"variance {sample.var():.3g}, mean {sample.mean():.2g}, from {sample.size:,} weights",
                ),
                Text(title="Asked for", text=f"variance 1/{max(n_in, n_out)} = {variance:.3g}, mean 0"),
                *difference.evidence,
                diagnosis=named_start(check, starts),
            )


def named_start(check, starts):
    """Return the misconception that draws weights like these: of the same mean, spread and shape in every layer."""
    drawn = [np.concatenate([start.weights[layer].ravel() for start in starts]) for layer in range(len(SIZES) - 1)]

    def alike(variant):
        pairs = zip((form(sample) for sample in drawn), map(form, variant[0]), strict=True)
        return all(np.all(np.abs(np.subtract(one, other)) <= ALIKE) for one, other in pairs)

    return check.reference.explain("initialise", (SIZES, np.random.default_rng(0)), alike)


def form(sample):
    """Return the logarithm of the spread of a sample, its mean in such units, and how heavy its tails are."""
    spread = np.std(sample)
    if spread == 0:
        return 0.0, 0.0, 0.0
    centred = (np.ravel(sample) - np.mean(sample)) / spread
    return float(np.log(spread)), float(np.mean(sample) / spread), float(np.mean(centred**4))


@pytest.mark.check("q4", points=1, hint="np.zeros(n) for every layer.")
def test_initial_biases(check, network, initial):
    """the biases start at zero"""
    check.reference.compared("initialise", (SIZES, np.random.default_rng(0)), {})
    if not network.biases:
        check.fail("Among your variables there are no three biases, of 32, 32 and 10 numbers.")
    if any(np.any(bias != 0) for bias in initial(1)[0].biases):
        check.fail(
            "Some of your biases do not start at zero.",
            diagnosis=check.reference.explain(
                "initialise", (SIZES, np.random.default_rng(0)), lambda variant: any(map(np.any, variant[1]))
            ),
        )


@pytest.mark.check("q4", points=1, hint="Draw every entry of every layer afresh.")
def test_initial_weights_differ(check, initial):
    """every weight is drawn on its own"""
    for layer, weights in enumerate(initial(1)[0].weights, 1):
        if np.unique(weights).size < 0.99 * weights.size:
            check.fail(f"Many entries of W{layer} are the same number.")
