"""Question 4, the network: how it starts, what it computes, and whether it learns by the exact gradient.

Accuracy never decides that a gradient is right: several wrong ones learn faster on these images. Each parameter's
change is compared with the reference, on pixels in 0..1 and on raw 0..255.
"""

import re

import numpy as np
import pytest
from network import CLASSES, DEFAULT_RATE, PIXELS, SIZES, Layers, random_layers

from grader.compare import (
    at_least,
    compare_gradients,
    compare_mean,
    compare_variance,
    looks_normal,
)
from grader.datasets import hidden
from grader.probe import parameters_of
from grader.results import Curves, Series, Text

FALSE_ALARM = 1e-7  # per test; at most nine tests: below 1e-6 together
EPS = np.finfo(float).eps


def image(rng, raw=False):
    """Return one random image of shape (784,), four fifths of it dark, in 0..1 or raw 0..255, and its label."""
    pixels = np.where(rng.random(PIXELS) < 0.8, 0, rng.integers(1, 256, PIXELS))
    return (pixels.astype(float) if raw else pixels / 255), int(rng.integers(CLASSES))


# --- the start --------------------------------------------------------------------------------------------------


def initial(check, notebook, network, draws):
    """Return `draws` fresh initialisations, by running the statements that make the weights again."""
    names = sorted({t.name for h in (*network.weights, *network.biases) for t in h.slots})
    source = notebook.statements(names)
    if not source:
        check.fail("We could not find the statements that make your weights.")
    return [network.pick(check.student.rerun(source, names)) for _ in range(draws)]


@pytest.mark.check("q4", points=3, hint="np.random.normal wants the standard deviation: the root of the variance.")
def test_initial_weights(check, notebook, network, reference, rng):
    """the weights start as N(0, 1/max(n_in, n_out))"""
    starts = initial(check, notebook, network, 8)
    for layer, (n_in, n_out) in enumerate(zip(SIZES, SIZES[1:], strict=False)):
        sample = np.concatenate([start.weights[layer].ravel() for start in starts[: 1 if layer == 0 else 8]])
        variance = 1 / max(n_in, n_out)
        for difference in (
            compare_variance(sample, variance, alpha=FALSE_ALARM, name=f"W{layer + 1}"),
            compare_mean(sample, 0.0, variance, alpha=FALSE_ALARM, name=f"W{layer + 1}"),
            looks_normal(sample, variance, alpha=FALSE_ALARM, name=f"W{layer + 1}"),
        ):
            if difference is not None:
                got = f"variance {sample.var():.3g}, mean {sample.mean():.2g}, from {sample.size:,} weights"
                check.fail(
                    difference.reason,
                    Text(title=f"Your W{layer + 1}", text=got),
                    Text(title="Asked for", text=f"variance 1/{max(n_in, n_out)} = {variance:.3g}, mean 0"),
                    *difference.evidence,
                )


@pytest.mark.check("q4", points=1, hint="np.zeros(n) for every layer.")
def test_initial_biases(check, notebook, network):
    """the biases start at zero"""
    biases = initial(check, notebook, network, 1)[0].biases
    if any(np.any(np.asarray(b) != 0) for b in biases):
        check.fail("Some of your biases do not start at zero.")


@pytest.mark.check("q4", points=1, hint="Draw every layer afresh: a copy of another layer, or one number, is no random start.")
def test_initial_weights_differ(check, notebook, network):
    """every weight is drawn on its own"""
    start = initial(check, notebook, network, 1)[0]
    for layer, weights in enumerate(start.weights, 1):
        if np.unique(weights).size < 0.99 * weights.size:
            check.fail(f"Many entries of W{layer} are the same number.")


# --- the forward pass -------------------------------------------------------------------------------------------


def require_forward(check, network, reference, rng, raw):
    layers = random_layers(check, rng)
    sample, label = image(rng, raw=raw)
    known = network.fill(layers)
    answer = network.settle(layers, sample, label)
    want, _ = reference.feed_forward_sample(known.weights, known.biases, sample, label)
    if answer.loss is None:
        check.fail(
            "`feed_forward_sample(sample, y)` has to return the loss, a number, and the guess.",
            Text(title="What came back", text=repr(answer.value)[:300] if isinstance(answer.value, float) else str(type(answer.value).__name__)),
        )
    check.agree(
        answer.loss,
        want,
        asked="feed_forward_sample(sample, y) with known weights and biases",
        explain=("feed_forward_sample", (known.weights, known.biases, sample, label)),
        rtol=1e-5 if raw else 1e-6,
        atol=1e-9,
    )
    return answer, known, sample


@pytest.mark.check("q4", points=3, needs="feed_forward_sample", hint="a = x; then a = σ(W a + b) twice, then softmax; the loss is −log of the true class's probability.")
def test_loss_of_one_sample(check, network, reference, rng):
    """feed_forward_sample returns the loss of a sample"""
    require_forward(check, network, reference, rng, raw=False)


@pytest.mark.check("q4", points=1, hidden=True, needs="feed_forward_sample", hint="Raw pixels make large pre-activations: nothing may overflow.")
def test_loss_of_one_raw_sample(check, network, reference, rng):
    """feed_forward_sample also returns the loss of an image with pixels 0..255"""
    require_forward(check, network, reference, rng, raw=True)


@pytest.mark.check("q4", points=2, hidden=True, needs="feed_forward_sample", hint="The guess is the class with the largest probability, as a one-hot vector.")
def test_guess_of_one_sample(check, network, reference, rng):
    """feed_forward_sample returns the most probable class as a one-hot vector"""
    layers = random_layers(check, rng)
    network.settle(layers, *image(rng))
    for _ in range(5):
        layers = random_layers(check, rng)
        sample, label = image(rng)
        known = network.fill(layers)
        guess = network.forward(sample, label).guess
        want = int(np.argmax(reference.feed_forward(known.weights, known.biases, sample[None])[0]))
        if guess is None:
            check.fail("`feed_forward_sample` has to return the guess too, a one-hot vector of ten numbers.")
        if guess != want:
            check.fail("The guess is not the class with the largest probability.")


@pytest.mark.check("q4", points=3, needs="feed_forward_dataset", hint="Add the losses up and divide by the number of samples; accuracy is the share of right guesses.")
def test_dataset_loss_and_accuracy(check, network, reference, rng):
    """feed_forward_dataset prints (or returns) the average loss and the accuracy"""
    layers = random_layers(check, rng)
    network.settle(layers, *image(rng))
    samples = np.array([image(rng)[0] for _ in range(24)])
    known = network.fill(layers)
    classes = reference.feed_forward(known.weights, known.biases, samples).argmax(axis=1)
    labels = np.where(rng.random(24) < 0.4, classes, (classes + 1 + rng.integers(0, 9, 24)) % CLASSES)  # some right
    loss, accuracy = reference.feed_forward_dataset(known.weights, known.biases, samples, labels)
    call = network.call_on_data("feed_forward_dataset", samples, labels)
    numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", call.stdout)]
    numbers += [float(n) for n in np.ravel(call.value if call.value is not None else []) if isinstance(n, int | float)]
    missing = [
        what
        for what, values in (("average loss", [loss]), ("accuracy", [accuracy, 100 * accuracy]))
        if not any(abs(n - v) <= max(0.006 * abs(v), 5e-3) for n in numbers for v in values)
    ]
    if missing:
        shown = call.stdout.strip() or "(nothing was printed)"
        check.fail(
            f"In what `feed_forward_dataset(x, y)` prints, the {' and the '.join(missing)} of 24 images are not right.",
            Text(title="What was printed", text=shown[:1000]),
            Text(title="Average loss and accuracy", text=f"{loss:.4f} and {accuracy:.4f}", expected=True),
        )


# --- learning ---------------------------------------------------------------------------------------------------


def gradients(before: Layers, after: Layers, rate: float):
    """Recover the gradient from what one step changed: (before − after)/rate."""
    return {name: (old - after.named()[name]) / rate for name, old in before.named().items()}


def require_gradient(check, network, reference, rng, *, raw, rate=0.05):
    layers = random_layers(check, rng)
    network.settle(layers, *image(rng, raw=raw))
    sample, label = image(rng, raw=raw)
    rate = rate if network.takes_rate() else DEFAULT_RATE
    before = network.fill(layers)
    got = gradients(before, network.step(layers, sample, label, rate), rate)
    dW, db = reference.gradients(before.weights, before.biases, sample, label)
    want = dict(zip(got, [*dW, *db], strict=True))
    noise = 8 * EPS / rate * max(np.abs(w).max() for w in before.weights + before.biases)
    difference = compare_gradients(got, want, rtol=1e-6, noise=noise)
    if difference is None:
        return

    def matches(new):
        variant = gradients(before, Layers(weights=list(new[0]), biases=list(new[1])), rate)
        return compare_gradients(got, variant, rtol=1e-6, noise=noise) is None

    arguments = (before.weights, before.biases, sample, label, rate)
    check.fail(
        difference.reason,
        Text(title="What was asked", text=f"train_one_sample(sample, {label}, learning_rate={rate:g}) from known weights"),
        Text(title="Where the gradients differ", text=difference.detail, expected=True),
        *difference.evidence,
        diagnosis=reference.explain("train_one_sample", arguments, matches),
    )


GRADIENT_HINT = (
    "Start at the output: ∂L/∂z₃ = ŷ − y. Then, layer by layer, ∂L/∂W = (input of the layer) times (∂L/∂z), ∂L/∂b = ∂L/∂z, "
    "and the error passed on is Wᵀ ∂L/∂z, times σ′ at the pre-activation below."
)


@pytest.mark.check("q4", points=6, needs="train_one_sample", hint=GRADIENT_HINT)
def test_gradient_on_scaled_pixels(check, network, reference, rng):
    """train_one_sample follows the exact gradient, pixels in 0..1"""
    require_gradient(check, network, reference, rng, raw=False)


@pytest.mark.check("q4", points=4, hidden=True, needs="train_one_sample", hint=GRADIENT_HINT)
def test_gradient_at_other_weights(check, network, reference, rng):
    """train_one_sample follows the exact gradient at other weights and images"""
    for _ in range(3):
        require_gradient(check, network, reference, rng, raw=False)


@pytest.mark.check("q4", points=4, hidden=True, needs="train_one_sample", hint=GRADIENT_HINT)
def test_gradient_on_raw_pixels(check, network, reference, rng):
    """train_one_sample follows the exact gradient, raw pixels 0..255"""
    require_gradient(check, network, reference, rng, raw=True)


@pytest.mark.check("q4", points=2, needs="train_one_sample", hint="Multiply the gradient with the argument learning_rate, and with nothing else.")
def test_learning_rate(check, network, rng):
    """twice the learning rate makes a step twice as long"""
    if not network.takes_rate():
        check.fail("`train_one_sample(sample, y, learning_rate=0.003)` has no third argument for the learning rate.")
    layers = random_layers(check, rng)
    sample, label = image(rng)
    network.settle(layers, sample, label)
    before = network.fill(layers)
    steps = [gradients(before, network.step(layers, sample, label, rate), rate) for rate in (0.01, 0.02)]
    if not any(np.any(change) for change in steps[0].values()):
        check.fail("`train_one_sample` changed nothing.")
    if compare_gradients(steps[0], steps[1], rtol=1e-4) is not None:
        check.fail("The step does not grow in proportion to `learning_rate`: is the argument used?")


def train(check, network, reference, layers, x, y, rate, epochs):
    """Train the student's network and the reference from the same start; return both layers."""
    known = network.fill(layers)
    weights, biases = known.weights, known.biases
    for _ in range(epochs):
        network.call_on_data("train_one_epoch", x, y, rate)
        weights, biases = reference.train_one_epoch(weights, biases, x, y, rate)
    return network.layers(), Layers(weights=list(weights), biases=list(biases))


@pytest.mark.check("q4", points=2, needs=("train_one_sample", "train_one_epoch"), hint="One pass over all samples, train_one_sample on each.")
def test_one_epoch(check, network, reference, rng):
    """train_one_epoch trains on every sample once"""
    layers = random_layers(check, rng)
    network.settle(layers, *image(rng))
    x, y = (np.array(part) for part in zip(*(image(rng) for _ in range(40)), strict=True))
    known = network.fill(layers)
    got, want = train(check, network, reference, layers, x, y, 0.05, epochs=1)
    losses = [reference.feed_forward_dataset(p.weights, p.biases, x, y)[0] for p in (known, got, want)]
    fall, wanted_fall = losses[0] - losses[1], losses[0] - losses[2]
    if not fall > 0.5 * wanted_fall:
        check.fail(
            "After one epoch over 40 images the loss on them fell much less than it should.",
            Text(title="Loss before and after", text=f"{losses[0]:.4f}, then {losses[1]:.4f}"),
            Text(title="With the reference", text=f"{losses[0]:.4f}, then {losses[2]:.4f}", expected=True),
        )


@pytest.mark.check("q4", points=3, needs=("train_one_sample", "train_one_epoch"), hint="If the gradient is right, look at train_one_epoch and at what the forward pass reads.")
def test_accuracy_after_three_epochs(check, network, reference, rng):
    """three epochs raise the accuracy as far as the reference's"""
    x, y = hidden("digits")
    x = x.reshape(len(x), -1) / 255
    train_x, train_y, test_x, test_y = x[:200], y[:200], x[200:], y[200:]
    layers = random_layers(check, rng)
    network.settle(layers, train_x[0], int(train_y[0]))
    network.fill(layers)
    rate, accuracies = 0.1, []
    known = network.fill(layers)
    weights, biases = known.weights, known.biases
    curves = [[share_right(network, test_x, test_y)], [share_right_reference(reference, weights, biases, test_x, test_y)]]
    for _ in range(3):
        network.call_on_data("train_one_epoch", train_x, train_y, rate)
        weights, biases = reference.train_one_epoch(weights, biases, train_x, train_y, rate)
        curves[0].append(share_right(network, test_x, test_y))
        curves[1].append(share_right_reference(reference, weights, biases, test_x, test_y))
    check.show(
        Curves(
            title="Accuracy on images your network never saw",
            x_label="epoch",
            y_label="accuracy",
            series=(
                Series(name="yours", x=(0, 1, 2, 3), y=tuple(curves[0])),
                Series(name="the reference", x=(0, 1, 2, 3), y=tuple(curves[1])),
            ),
            description=f"yours ends at {curves[0][-1]:.0%}, the reference at {curves[1][-1]:.0%}",
        )
    )
    if not at_least(round(curves[0][-1] * len(test_y)), len(test_y), curves[1][-1], alpha=1e-6):
        check.fail(f"After three epochs your network is right on {curves[0][-1]:.0%} of new images, the reference on {curves[1][-1]:.0%}.")
