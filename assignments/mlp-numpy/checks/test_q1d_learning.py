"""Question 1, learning: does `fit` follow the gradient, on shuffled batches, and does it get anywhere?

The gradient is recovered from what one step changed. Accuracy alone decides nothing: wrong gradients learn, too.
"""

import itertools

import numpy as np
import pytest
from mn_holding import Layers
from mn_making import Settings
from mn_network import random_layers

from grader.compare import at_least, compare_gradients
from grader.datasets import hidden, training
from grader.results import Text

RATE = 0.1
SIZES = (6, 5, 4, 3)
HINT = (
    "At the output ∂L/∂z = (ŷ − y) / n. In every layer ∂L/∂W = aᵀ ∂L/∂z and ∂L/∂b is the sum of ∂L/∂z over the batch; "
    "what is passed on is (∂L/∂z Wᵀ) ⊙ f′(z), with the weights from before the step."
)


def problem(check, rng, n=8):
    """Return rows, labels, and weights to start from."""
    return rng.normal(size=(n, SIZES[0])), rng.permutation(np.arange(n) % SIZES[-1]), random_layers(check, SIZES, rng)


def gradient(before, after, rate, *, biases):
    """Return the gradient a step followed, by parameter."""
    later = after.named(biases=biases)
    return {name: (old - later[name]) / rate for name, old in before.named(biases=biases).items()}


@pytest.mark.parametrize("activation", ("relu", "sigmoid", "linear", "tanh"))
@pytest.mark.check("q1", points=8, hint=HINT)
def test_one_step(check, network, rng, activation):
    """one step of fit on a batch follows the exact gradient of the cross-entropy, in every layer"""
    x, y, start = problem(check, rng)
    biases = bool(network.known.holder.biases)
    if not biases:
        check.remark("your network has no biases")
        start = Layers(weights=start.weights, biases=[b * 0 for b in start.biases])
    wanted = Settings(sizes=SIZES, activation=activation, rate=RATE, batch=len(x), epochs=1)
    before, after = network.run(wanted, x, y, start)
    network.foresee("gradients", start, x, y, activation)
    arguments = (before.weights, before.biases, x, y, activation, RATE)
    check.reference.compared("step", arguments, {})
    d_weights, d_biases = check.reference.gradients(before.weights, before.biases, x, y, activation)
    want = Layers(d_weights, d_biases).named(biases=biases)
    largest = max(np.abs(w).max() for w in before.weights + before.biases)
    options = {"rtol": max(1e-6, 1000 * before.eps), "noise": 1e-9 + 16 * before.eps / RATE * largest}
    got = gradient(before, after, RATE, biases=biases)
    found = compare_gradients(got, want, **options)
    if found is None:
        return

    def same_step(variant):
        step = gradient(before, Layers(*variant), RATE, biases=biases)
        return compare_gradients(got, step, **options) is None

    check.fail(
        found.reason,
        Text(
            title="What was asked", text=f"`fit` with {activation}, one epoch, one batch of {len(x)} rows, rate {RATE}"
        ),
        *found.evidence,
        diagnosis=check.reference.explain("step", arguments, same_step),
    )


@pytest.mark.check(
    "q1",
    points=3,
    offline=False,  # the epochs are followed with your own step, right or wrong
    hint="In every epoch draw a permutation of the rows, and go through it batch by batch.",
)
def test_batches_are_shuffled(check, network, rng):
    """an epoch goes through all rows once, in batches of the wanted size, in random order"""
    x, y, start = problem(check, rng, 6)
    wanted = Settings(sizes=SIZES, activation="tanh", rate=0.5, batch=2, epochs=1)
    orders, step = batches_of(range(6)), own_step(check, network, rng)
    seen = set()
    for seed in range(1, 6):
        before, after = network.run(wanted, x, y, start, seed)
        same = same_epoch(step, before, after, x, y, biases=bool(network.known.holder.biases))
        fits = [i for i, batches in enumerate(orders) if same(batches)]
        if not fits:
            explain_epoch(check, same)
        seen.add(fits[0])
    if seen == {0}:
        check.fail(
            "Every epoch goes through the rows in the order they came in, five times out of five: shuffle them. "
            "Neighbouring rows are often alike, and so are then the steps."
        )


def batches_of(rows):
    """Return the ways to deal six rows into three batches of two, in order; first the unshuffled one."""
    rows = tuple(rows)
    if not rows:
        return [()]
    return [
        (pair, *rest)
        for pair in itertools.combinations(rows, 2)
        for rest in batches_of([row for row in rows if row not in pair])
    ]


def own_step(check, network, rng):
    """Return the step your network takes, right or wrong in a known way, so that its epochs can be followed."""
    x, y, start = problem(check, rng)
    before, after = network.run(Settings(sizes=SIZES, activation="tanh", rate=0.5, batch=len(x)), x, y, start)
    for step in (check.reference.step, *check.reference.variants("step")):
        weights, _ = step(before.weights, before.biases, x, y, "tanh", 0.5)
        if np.any(weights[-1] != before.weights[-1]) and close(weights, before, after):
            return step
    return check.fail("The epochs cannot be followed before a single step is right: see above.")


def close(weights, before, after):
    """Tell whether weights are those afterwards, but for rounding."""
    moved = max(np.abs(a - b).max() for a, b in zip(before.weights, after.weights, strict=True))
    allowed = max(1e-5, 1000 * before.eps) * moved
    return moved > 0 and all(np.abs(w - a).max() <= allowed for w, a in zip(weights, after.weights, strict=True))


def same_epoch(step, before, after, x, y, *, biases):
    """Return what tells whether some batches, in their order, lead from the weights before to those afterwards."""

    def same(batches):
        weights, offsets = before.weights, before.biases
        for rows in batches:
            weights, new = step(weights, offsets, x[list(rows)], y[list(rows)], "tanh", 0.5)
            offsets = new if biases else offsets
        return close(weights, before, after)

    return same


def explain_epoch(check, same):
    """Fail, and say what was done instead of three steps on two rows each, where that can be seen."""
    ways = {
        "all rows in one batch: the batch size is not used": [tuple(range(6))],
        "one row at a time: the batch size is not used": [(i,) for i in range(6)],
        "the first batch only": [(0, 1)],
        "the first two of three batches: the last one is left out": [(0, 1), (2, 3)],
    }
    for what, batches in ways.items():
        if same(batches):
            check.fail(f"An epoch over six rows with a batch size of 2 trains on {what}.")
    check.fail(
        "An epoch over six rows with a batch size of 2 does not end where three steps on two rows each end, in any "
        "order. If a single step is right (see above): is every row used exactly once, and do labels keep to their "
        "rows when these are shuffled?"
    )


@pytest.mark.check(
    "q1",
    points=2,
    offline=False,  # the loss is that of your own weights
    hint="If a single step is right, look at the loops over epochs and batches.",
)
def test_loss_falls(check, network, rng):
    """training on three clear clusters brings the loss down"""
    centres = rng.permutation(np.array([[2.0, 0, 0, 0, 0, 0], [0, 2, 0, 0, 0, 0], [0, 0, 2, 0, 0, 0]]))
    y = rng.permutation(np.arange(90) % 3)
    x = centres[y] + rng.normal(size=(90, 6)) * 0.4
    sizes = (6, 8, 3)
    weights, biases = check.reference.initialise(sizes, "normal", rng)
    wanted = Settings(sizes=sizes, activation="tanh", rate=0.1, batch=15, epochs=40)
    before, after = network.run(wanted, x, y, Layers(weights, biases))
    losses = [check.reference.loss(each.weights, each.biases, x, y, "tanh") for each in (before, after)]
    if not losses[1] < 0.6 * losses[0]:
        check.fail(
            f"Over 40 epochs on 90 rows in three clear clusters the loss goes from {losses[0]:.3g} to {losses[1]:.3g}; "
            "a network that learns ends below a fifth of where it began."
        )


@pytest.mark.check(
    "q1", points=2, hidden=True, hint="Everything above has to work together: look at the checks that failed there."
)
def test_accuracy_on_new_garments(check, network, rng):
    """trained by us on Fashion-MNIST, your network is as good as the reference on images it never saw"""
    (x, y), (new_x, new_y) = (
        (images.reshape(len(images), -1) / 255, labels) for images, labels in (training("garments"), hidden("garments"))
    )
    x, y, new_x, new_y = x[:600], y[:600], new_x[:500], new_y[:500]
    sizes = (784, 32, 10)
    weights, biases = check.reference.initialise(sizes, "normal", rng)
    wanted = Settings(sizes=sizes, activation="relu", rate=0.1, batch=32, epochs=8)
    _, after = network.run(wanted, x, y, Layers(weights, biases))
    order = rng.permutation(len(x))
    batches = [order[i : i + 32] for i in range(0, len(x), 32)]
    for _ in range(wanted.epochs):
        weights, biases = check.reference.epoch(weights, biases, x, y, "relu", 0.1, batches)
    yours, ours = (
        float(np.mean(check.reference.predict_proba(w, b, new_x, "relu").argmax(axis=1) == new_y))
        for w, b in ((after.weights, after.biases), (weights, biases))
    )
    if not at_least(round(yours * len(new_y)), len(new_y), ours - 0.04, alpha=1e-6):
        check.fail(
            f"After eight epochs your network is right on {yours:.0%} of {len(new_y)} new images, the reference, "
            f"trained in the same way, on {ours:.0%}."
        )
