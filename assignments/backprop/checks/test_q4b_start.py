"""Question 4, the start: how weights and biases are initialised.

A trained network no longer shows how it started, so the statements that made the weights are run again.
"""

import itertools

import numpy as np
import pytest
from network import SIZES

from grader.compare import compare_mean, compare_variance, looks_normal
from grader.results import Text

FALSE_ALARM = 1e-7  # of one test; nine of them together stay below 1e-6
DRAWS = 8
DIVIDED_BY_FEWER = "The variance is one divided by the smaller of the two layers, not by the larger."


def initial(check, notebook, network, draws):
    """Return `draws` fresh initialisations."""
    names = sorted({thing.name for holder in (*network.weights, *network.biases) for thing in holder.slots})
    source = notebook.statements(names)
    if not source:
        check.fail("We could not find the statements that make your weights.")
    return [network.pick(check.student.rerun(source, names)) for _ in range(draws)]


@pytest.mark.check("q4", points=3, hint="np.random.normal takes the standard deviation: the root of the variance.")
def test_initial_weights(check, notebook, network):
    """the weights start as N(0, 1/max(n_in, n_out))"""
    starts = initial(check, notebook, network, DRAWS)
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
                    title=f"{name} over {DRAWS} fresh starts",
                    text=f"variance {sample.var():.3g}, mean {sample.mean():.2g}, from {sample.size:,} weights",
                ),
                Text(title="Asked for", text=f"variance 1/{max(n_in, n_out)} = {variance:.3g}, mean 0"),
                *difference.evidence,
            )


@pytest.mark.check("q4", points=1, hint="np.zeros(n) for every layer.")
def test_initial_biases(check, notebook, network):
    """the biases start at zero"""
    if any(np.any(bias != 0) for bias in initial(check, notebook, network, 1)[0].biases):
        check.fail("Some of your biases do not start at zero.")


@pytest.mark.check("q4", points=1, hint="Draw every entry of every layer afresh.")
def test_initial_weights_differ(check, notebook, network):
    """every weight is drawn on its own"""
    for layer, weights in enumerate(initial(check, notebook, network, 1)[0].weights, 1):
        if np.unique(weights).size < 0.99 * weights.size:
            check.fail(f"Many entries of W{layer} are the same number.")
