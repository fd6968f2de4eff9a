"""Question 1, the start: three initialisations, and what the constructor does with what it is given."""

import numpy as np
import pytest
from mn_making import Settings
from mn_network import small_problem

from grader.compare import show
from grader.probe import Place
from grader.results import Table, Text

SIZES = (40, 30, 20, 10)
LARGE = 0.75  # unscaled N(0, 1) has 1; with 784 inputs every unit is saturated
Z_MOMENT = 6.0  # standard errors: a false alarm in 5e8


def drawn(check, network, how, seed=1):
    """Return the weights of a fresh network, of one that learnt with almost no rate where they are made by `fit`."""
    wanted = Settings(sizes=SIZES, init=how, batch=40, epochs=1)
    known = network.known
    if not known.fills:
        x, y = np.random.default_rng(0).normal(size=(40, SIZES[0])), np.arange(40) % SIZES[-1]
        return network.run(wanted, x, y, seed=seed)[0]
    network.student.begin(seed)
    layers = network.weights(network.make(wanted), SIZES)
    if layers is None:
        check.fail(f"A network of the layer sizes {list(SIZES)} has no weight matrices of these sizes.")
    return layers


def table(layers):
    """Return the statistics of the weights as evidence."""
    rows = [
        (f"W{i}", *(f"{value:.4g}" for value in (w.mean(), w.std(), w.min(), w.max())))
        for i, w in enumerate(layers.weights, 1)
    ]
    return Table(title="Your weights", columns=("layer", "mean", "deviation", "least", "largest"), rows=tuple(rows))


@pytest.mark.parametrize("how", ("zero", "random", "normal"))
@pytest.mark.check("q1", points=3, hint="Draw small numbers: a deviation of 1/√n_in, or a hundredth.")
def test_initial_weights(check, network, how):
    """weights start as the chosen initialisation says"""
    layers = drawn(check, network, how)
    check.show(table(layers))
    for i, w in enumerate(layers.weights, 1):
        problem = all_zero(w) if how == "zero" else all_drawn(w) or (normal(w) if how == "normal" else "")
        if problem:
            check.fail(f'With the initialisation "{how}" W{i} {problem}')


def all_zero(w):
    """Say what is wrong with weights that are to be 0."""
    return "" if np.abs(w).max() < 1e-6 else "is not 0 everywhere."


def all_drawn(w):
    """Say what is wrong with weights that are to be drawn, each by itself, and small."""
    if not np.isfinite(w).all():
        return "is not finite."
    if np.unique(w).size < 0.9 * w.size:
        return "has many entries that are the same number: draw each by itself."
    if w.std() > LARGE:
        return f"has a deviation of {w.std():.2g}: unscaled numbers saturate the units of a layer with many inputs."
    return ""


def normal(w):
    """Say what is wrong with weights that are to be normal: mean, symmetry and tails, whatever their scale."""
    z, n = w.ravel() / w.std(), w.size
    if abs(z.mean()) > Z_MOMENT / np.sqrt(n):
        return f"has a mean of {w.mean():.3g}: the normal distribution is to be centred at 0."
    kurtosis = float(np.mean((z - z.mean()) ** 4))
    if abs(kurtosis - 3) > Z_MOMENT * np.sqrt(24 / n):
        return "is not normally distributed: " + ("it looks uniform." if kurtosis < 2.3 else "its tails are wrong.")
    return ""


@pytest.mark.check(
    "q1",
    points=1,
    hint="With all weights 0 every hidden unit gets the same gradient: nothing breaks, but little is learnt.",
)
def test_zero_weights_stay_symmetric(check, network):
    """from zero weights training runs, and hidden units stay equal to each other"""
    _, x, y, _ = small_problem(check)
    wanted = Settings(sizes=(6, 5, 4, 3), init="zero", batch=4, epochs=3, activation="sigmoid")
    _, after = network.run(wanted, x, y)
    first = after.weights[0]
    if not np.isfinite(first).all():
        check.fail("Starting from zero weights, training gives NaN or infinity.")
    if np.ptp(first, axis=1).max() > 1e-9:
        check.fail(
            "Starting from zero weights, the units of the first layer become different from each other. By symmetry "
            "they get the same gradients: are the weights really 0?",
            Text(title="W1 after training", text=show(first)),
        )


@pytest.mark.check("q1", points=1, hint="Copy the list (`list(layer_sizes)`) before you change it.")
def test_sizes_are_left_alone(check, network):
    """the list of layer sizes is still the same after a network was made and trained, and serves a second one"""
    wanted, x, y, _ = small_problem(check)
    sizes = "hidden" if any_hidden(network) else "sizes"
    given = list(wanted.sizes[1:-1]) if network.known.making.hidden or sizes == "hidden" else list(wanted.sizes)
    for _ in range(2):
        if _ == 0:
            check.student.set(mn_sizes=given)
        net = network.make(wanted, sizes=Place((("item", "mn_sizes"),)), hidden=Place((("item", "mn_sizes"),)))
        network.fit(net, x, y, wanted)
        after = check.student.get("mn_sizes")
        if list(after) != given:
            check.fail(
                f"Your class changes the list of layer sizes it is given: from {given} to {list(after)}. A second "
                "network made with the same list is another one."
            )


def any_hidden(network):
    """Tell whether the constructor has an argument for the hidden layers' sizes."""
    from mn_making import role_of

    return any(role_of(p[0]) == "hidden" for p in network.parameters)


@pytest.mark.check(
    "q1", points=1, hint="`learning_rate`, `batch_size` and `num_epochs` are arguments: use them, not fixed numbers."
)
def test_settings_are_used(check, network):
    """learning rate and number of epochs change what is learnt"""
    wanted, x, y, start = small_problem(check)
    one = change(network, wanted, x, y, start)
    if not one > 0:
        check.fail("After one epoch of `fit` no weight has changed.")
    faster = change(network, wanted.__class__(**vars(wanted) | {"rate": 0.2}), x, y, start)
    if not 1.5 < faster / one < 2.6:
        check.fail("Twice the learning rate does not make the first step twice as long: is the argument used?")
    longer = change(network, wanted.__class__(**vars(wanted) | {"epochs": 5}), x, y, start)
    if not longer > 1.5 * one:
        check.fail("Five epochs change the weights no more than one: is the number of epochs used?")


def change(network, wanted, x, y, start):
    """Return how far training moves the weights."""
    before, after = network.run(wanted, x, y, start)
    return float(np.sqrt(sum(np.sum((a - b) ** 2) for a, b in zip(before.weights, after.weights, strict=True))))
