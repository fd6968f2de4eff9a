"""Question 4, learning: does every parameter follow the exact gradient?

The gradient is recovered from what one step changed, and compared parameter by parameter, on pixels in 0..1 and on
raw 0..255. Accuracy never decides that a gradient is right: several wrong ones learn faster on these images.
"""

import itertools

import numpy as np
import pytest
from finding import Layers
from network import DEFAULT_RATE, image, random_layers

from grader.compare import at_least, compare_gradients
from grader.datasets import hidden, training
from grader.results import Curves, Series, Text

SATURATED = np.exp(-30)  # many clip z at ±30 before they exponentiate, so that σ′ is this much off further out
RATE = 0.07  # a gradient of twice or ten times its size is no step at a rate that students fix, such as 0.1
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


def noise_of(network, before, seen, rate):
    """Return by parameter how far off a gradient may be: from rounding, and from a sigmoid that is clipped."""
    rounding = 8 * network.eps / rate * max(np.abs(w).max() for w in before.weights + before.biases)
    return {name: rounding + SATURATED * (max(1.0, seen.max()) if name == "W1" else 1.0) for name in before.named()}


def require_gradient(check, network, rng, *, raw):
    """Train one step on a random image from random parameters and require the exact gradient."""
    layers = random_layers(check, rng)
    sample, label = image(rng, raw=raw)
    network.settle(layers, sample, label)
    network.foresee("gradients", layers, sample, label)
    rate = RATE if network.takes_rate() else DEFAULT_RATE
    before = network.fill(layers)
    got = gradient(before, network.step(layers, sample, label, rate), rate)
    seen = network.seen(sample)
    d_weights, d_biases = check.reference.gradients(before.weights, before.biases, seen, label)
    want = Layers(weights=d_weights, biases=d_biases).named()
    options = {"rtol": max(1e-6, 1000 * network.eps), "noise": noise_of(network, before, seen, rate)}
    arguments = (before.weights, before.biases, seen, label, rate)
    check.reference.compared("train_one_sample", arguments, {})
    difference = compare_gradients(got, want, **options)
    if difference is None:
        return

    def same_step(variant):
        weights, biases = variant
        step = gradient(before, Layers(weights=list(weights), biases=list(biases)), rate)
        return compare_gradients(got, step, **options) is None

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
        check.fail("`train_one_sample(sample, y, learning_rate=0.003)` has no argument for the learning rate.")
    layers = random_layers(check, rng)
    sample, label = image(rng)
    network.settle(layers, sample, label)
    before = network.fill(layers)
    short, long = (gradient(before, network.step(layers, sample, label, rate), rate) for rate in (0.01, 0.02))
    if not any(np.any(change) for change in short.values()):
        check.fail("`train_one_sample` changed no weight and no bias.")
    rtol, atol = max(1e-5, 1000 * network.eps), max(1e-12, noise_of(network, before, sample, 0.01)["b1"])

    def grows(name):
        clear = np.abs(long[name]).max() > 100 * atol
        return clear and np.allclose(long[name], short[name], rtol=rtol, atol=atol)

    # the output layer will do: where an error is passed on wrongly, the layers below need not grow in proportion
    if not grows("W3"):
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
    rate = RATE if network.takes_rate("train_one_epoch") else None
    for _ in range(2):
        x, y = (np.array(part) for part in zip(*(image(rng) for _ in range(3)), strict=True))
        before = network.fill(layers)
        after = network.epoch(x, y, rate)
        diagnosis = named_epoch(check, network, before, after, (x, y, rate or DEFAULT_RATE))
        if distance(before, after) == 0:
            check.fail("`train_one_epoch` changed no weight and no bias.", diagnosis=diagnosis)
        if not any(
            distance(network.steps(layers, [(x[i], int(y[i])) for i in order], rate), after)
            <= 1e-4 * distance(before, after)
            for order in itertools.permutations(range(3))
        ):
            check.fail(
                "After one epoch over three images your weights are not what three calls of your own "
                "`train_one_sample`, one per image, make of them, in whatever order. Is every image used, and only "
                "once? Is the learning rate passed on?",
                diagnosis=diagnosis,
            )


def named_epoch(check, network, before, after, given):
    """Return the misconception under which an epoch ends at these parameters; the steps themselves have to be right."""
    x, y, rate = given

    def same(variant):
        weights, biases = variant
        near = 1e-4 * max(distance(before, after), 1e-9)
        return distance(Layers(weights=weights, biases=biases), after) <= near

    return check.reference.explain("train_one_epoch", (before.weights, before.biases, network.seen(x), y, rate), same)


def distance(layers, other):
    """Return how far apart two sets of parameters are, of all entries the largest difference."""
    pairs = zip(layers.named().values(), other.named().values(), strict=True)
    return max(float(np.max(np.abs(a - b))) for a, b in pairs)


@pytest.mark.check(
    "q4",
    points=3,
    offline=False,  # counted on images nobody has seen
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
    shown_x, shown_new_x = x / network.scale, new_x / network.scale  # so that the student's formulas see 0..1
    rate = EPOCH_RATE if network.takes_rate("train_one_epoch") else DEFAULT_RATE
    yours, ours = [], []
    for epoch in range(4):
        if epoch > 0:
            known = network.epoch(shown_x, y, rate)
            weights, biases = check.reference.train_one_epoch(weights, biases, x, y, rate)
        # Guesses that are not those of the weights do not count, however they were come by.
        recomputed = check.reference.feed_forward_dataset(known.weights, known.biases, new_x, new_y)[1]
        yours.append(min(network.accuracy(shown_new_x, new_y), recomputed))
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
