"""Question 4, learning: does every parameter follow the exact gradient?

The gradient is recovered from what one step changed, and compared parameter by parameter, on pixels in 0..1 and on
raw 0..255. Accuracy never decides that a gradient is right: several wrong ones learn faster on these images.
"""

import numpy as np
import pytest
from network import DEFAULT_RATE, Layers, image, random_layers

from grader.compare import at_least, compare_gradients
from grader.datasets import hidden, training
from grader.results import Curves, Series, Text

EPS = np.finfo(float).eps
RATE = 0.05
EPOCH_RATE = 0.1  # three epochs over 1,200 digits end at 89 to 94 % (10 seeds); at 0.003 they would end at 20 %
GRADIENT_HINT = (
    "Start at the output with ∂L/∂z = ŷ − y. In every layer ∂L/∂W is the layer's input times ∂L/∂z, and ∂L/∂b is "
    "∂L/∂z. What is passed on is Wᵀ ∂L/∂z, with the weights from before the step, times σ′ at the pre-activation below."
)


def flat(images, labels):
    """Return images as (n, 784) in 0..1, and their labels."""
    return images.reshape(len(images), -1) / 255, labels


def gradient(before, after, rate):
    """Return the gradient a step followed: (before − after)/rate, by parameter."""
    return {name: (old - after.named()[name]) / rate for name, old in before.named().items()}


def require_gradient(check, network, rng, *, raw):
    """Train one step on a random image from random parameters and require the exact gradient."""
    layers = random_layers(check, rng)
    sample, label = image(rng, raw=raw)
    network.settle(layers, sample, label)
    rate = RATE if network.takes_rate() else DEFAULT_RATE
    before = network.fill(layers)
    got = gradient(before, network.step(layers, sample, label, rate), rate)
    d_weights, d_biases = check.reference.gradients(before.weights, before.biases, sample, label)
    want = Layers(weights=d_weights, biases=d_biases).named()
    noise = 8 * EPS / rate * max(np.abs(w).max() for w in before.weights + before.biases)
    difference = compare_gradients(got, want, rtol=1e-6, noise=noise)
    if difference is None:
        return

    def same_step(variant):
        weights, biases = variant
        step = gradient(before, Layers(weights=list(weights), biases=list(biases)), rate)
        return compare_gradients(got, step, rtol=1e-6, noise=noise) is None

    arguments = (before.weights, before.biases, sample, label, rate)
    asked = f"train_one_sample(sample, {label}, learning_rate={rate:g}), starting from known weights and biases"
    check.fail(
        difference.reason,
        Text(title="What was asked", text=asked),
        *difference.evidence,
        diagnosis=check.reference.explain("train_one_sample", arguments, same_step),
    )


@pytest.mark.check("q4", points=6, needs="train_one_sample", hint=GRADIENT_HINT)
def test_gradient_on_scaled_pixels(check, network, rng):
    """train_one_sample follows the exact gradient, pixels in 0..1"""
    require_gradient(check, network, rng, raw=False)


@pytest.mark.check("q4", points=4, hidden=True, needs="train_one_sample", hint=GRADIENT_HINT)
def test_gradient_at_other_weights(check, network, rng):
    """train_one_sample follows the exact gradient at other weights and images"""
    for _ in range(3):
        require_gradient(check, network, rng, raw=False)


@pytest.mark.check("q4", points=4, hidden=True, needs="train_one_sample", hint=GRADIENT_HINT)
def test_gradient_on_raw_pixels(check, network, rng):
    """train_one_sample follows the exact gradient, raw pixels 0..255"""
    require_gradient(check, network, rng, raw=True)


@pytest.mark.check(
    "q4", points=2, needs="train_one_sample", hint="Multiply the gradient with learning_rate, and with nothing else."
)
def test_learning_rate(check, network, rng):
    """twice the learning rate makes a step twice as long"""
    if not network.takes_rate():
        check.fail("`train_one_sample(sample, y, learning_rate=0.003)` has no third argument for the learning rate.")
    layers = random_layers(check, rng)
    sample, label = image(rng)
    network.settle(layers, sample, label)
    before = network.fill(layers)
    short, long = (gradient(before, network.step(layers, sample, label, rate), rate) for rate in (0.01, 0.02))
    if not any(np.any(change) for change in short.values()):
        check.fail("`train_one_sample` changed no weight and no bias.")
    # one parameter will do: where the gradient itself is wrong, others need not grow in proportion
    if not any(np.any(long[name]) and np.allclose(long[name], short[name], rtol=1e-5, atol=1e-12) for name in long):
        check.fail("The step does not grow in proportion to `learning_rate`: is the argument used?")


@pytest.mark.check(
    "q4",
    points=2,
    needs=("train_one_sample", "train_one_epoch"),
    hint="One pass over all samples, with train_one_sample on each.",
)
def test_one_epoch(check, network, rng):
    """train_one_epoch trains on every sample once"""
    layers = random_layers(check, rng)
    network.settle(layers, *image(rng))
    known = network.fill(layers)
    x, y = (np.array(part) for part in zip(*(image(rng) for _ in range(40)), strict=True))
    network.call_on_data("train_one_epoch", x, y, RATE)
    after = (network.layers(), Layers(*check.reference.train_one_epoch(known.weights, known.biases, x, y, RATE)))
    before, got, want = (
        check.reference.feed_forward_dataset(layers.weights, layers.biases, x, y)[0] for layers in (known, *after)
    )
    if not 0.5 < (before - got) / (before - want) < 2:
        check.fail(
            "After one epoch over 40 images the loss on them has not fallen as far as one pass over them takes it.",
            Text(title="Your loss before and after", text=f"{before:.4f}, then {got:.4f}"),
            Text(title="The loss after one pass", text=f"{want:.4f}", expected=True),
        )


@pytest.mark.check(
    "q4",
    points=3,
    needs=("train_one_sample", "train_one_epoch", "feed_forward_sample"),
    hint="If the gradient is right, look at train_one_epoch, and at which weights the forward pass reads.",
)
def test_accuracy_after_three_epochs(check, network, rng):
    """three epochs raise the accuracy as far as the reference's"""
    (x, y), (new_x, new_y) = (flat(*digits) for digits in (training("digits"), hidden("digits")))
    layers = random_layers(check, rng)
    network.settle(layers, x[0], int(y[0]))
    known = network.fill(layers)
    weights, biases = known.weights, known.biases
    yours, ours = [], []
    for epoch in range(4):
        if epoch > 0:
            network.call_on_data("train_one_epoch", x, y, EPOCH_RATE)
            weights, biases = check.reference.train_one_epoch(weights, biases, x, y, EPOCH_RATE)
        yours.append(network.accuracy(new_x, new_y))
        ours.append(check.reference.feed_forward_dataset(weights, biases, new_x, new_y)[1])
    check.show(
        Curves(
            title="Accuracy on images your network never saw",
            x_label="epoch",
            y_label="accuracy",
            series=tuple(
                Series(name=name, x=(0.0, 1.0, 2.0, 3.0), y=tuple(values))
                for name, values in (("yours", yours), ("the reference", ours))
            ),
            description=f"yours ends at {yours[-1]:.0%}, the reference at {ours[-1]:.0%}",
        )
    )
    if not at_least(round(yours[-1] * len(new_y)), len(new_y), ours[-1], alpha=1e-6):
        check.fail(
            f"After three epochs your network is right on {yours[-1]:.0%} of {len(new_y)} new images, the reference, "
            f"from the same start and on the same images, on {ours[-1]:.0%}."
        )
