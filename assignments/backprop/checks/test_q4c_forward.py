"""Question 4, the forward pass, with known weights put in place of the student's."""

import re

import numpy as np
import pytest
from network import CLASSES, image, random_layers

from grader.compare import show
from grader.results import Text

NUMBER = re.compile(r"-?\d+\.?\d*(?:[eE][+-]?\d+)?")
LOSS_HINT = "a = x; twice a = σ(W a + b); then softmax. The loss is −log of the true class's probability."


def require_loss(check, network, rng, *, raw):
    """Require the loss of one random image under random parameters."""
    layers = random_layers(check, rng)
    sample, label = image(rng, raw=raw)
    answer = network.settle(layers, sample, label)
    known = network.fill(layers)
    arguments = (known.weights, known.biases, sample, label)
    want, _ = check.reference.feed_forward_sample(*arguments)
    if answer.loss is None:
        check.fail(
            "`feed_forward_sample(sample, y)` has to return the loss, a number, and the guess.",
            Text(title="What came back", text=show(answer.value)),
        )

    def same_loss(variant):
        return bool(np.isclose(answer.loss, variant[0], rtol=1e-5, atol=1e-9))

    if not same_loss((want,)):
        check.fail(
            "The loss is not that of the network with the weights and biases we put in place.",
            Text(title="What was asked", text=f"feed_forward_sample(sample, {label}), with known weights and biases"),
            Text(title="What came back", text=show(answer.value)),
            Text(title="The loss", text=show(want), expected=True),
            diagnosis=check.reference.explain("feed_forward_sample", arguments, same_loss),
        )


@pytest.mark.check("q4", points=3, needs="feed_forward_sample", hint=LOSS_HINT)
def test_loss_of_one_sample(check, network, rng):
    """feed_forward_sample returns the loss of a sample"""
    require_loss(check, network, rng, raw=False)


@pytest.mark.check(
    "q4",
    points=1,
    hidden=True,
    needs="feed_forward_sample",
    hint="Raw pixels make large pre-activations; images are bytes: turn them into floats first.",
)
def test_loss_of_one_raw_sample(check, network, rng):
    """feed_forward_sample also returns the loss of an image with pixels 0..255"""
    require_loss(check, network, rng, raw=True)


@pytest.mark.check(
    "q4",
    points=2,
    hidden=True,
    needs="feed_forward_sample",
    hint="The guess is the class with the largest probability, as a one-hot vector.",
)
def test_guess_of_one_sample(check, network, rng):
    """feed_forward_sample returns the most probable class as a one-hot vector"""
    network.settle(random_layers(check, rng), *image(rng))
    for _ in range(5):
        known = network.fill(random_layers(check, rng))
        sample, label = image(rng)
        guess = network.forward(sample, label).guess
        if guess is None:
            check.fail("`feed_forward_sample` has to return the guess too: a one-hot vector of ten numbers.")
        if guess != int(np.argmax(check.reference.feed_forward(known.weights, known.biases, sample[None])[0])):
            check.fail("The guess is not the class with the largest probability.")


@pytest.mark.check(
    "q4",
    points=3,
    needs="feed_forward_dataset",
    hint="Add the losses up and divide by the number of samples; the accuracy is the share of right guesses.",
)
def test_dataset_loss_and_accuracy(check, network, rng):
    """feed_forward_dataset prints (or returns) the average loss and the accuracy"""
    network.settle(random_layers(check, rng), *image(rng))
    known = network.fill(random_layers(check, rng))
    samples = np.array([image(rng)[0] for _ in range(24)])
    classes = check.reference.feed_forward(known.weights, known.biases, samples).argmax(axis=1)
    labels = np.where(rng.random(24) < 0.4, classes, (classes + rng.integers(1, CLASSES, 24)) % CLASSES)
    loss, accuracy = check.reference.feed_forward_dataset(known.weights, known.biases, samples, labels)
    call = network.call_on_data("feed_forward_dataset", samples, labels)
    numbers = [float(number) for number in NUMBER.findall(call.stdout)] + list(numbers_in(call.value))
    wanted = {"average loss": [loss], "accuracy": [accuracy, 100 * accuracy]}
    missing = [what for what, values in wanted.items() if not any(close(n, v) for n in numbers for v in values)]
    if missing:
        check.fail(
            f"What `feed_forward_dataset(x, y)` printed for 24 images does not hold the right {' and '.join(missing)}.",
            Text(title="What was printed", text=call.stdout.strip()[:1000] or "nothing"),
            Text(title="Average loss and accuracy", text=f"{loss:.4f} and {accuracy:.4f}", expected=True),
        )


def numbers_in(value):
    """Yield the numbers of what a function returned."""
    for item in value if isinstance(value, tuple | list) else [value]:
        if isinstance(item, int | float | np.number) or (isinstance(item, np.ndarray) and item.size == 1):
            yield float(np.reshape(item, ()))


def close(number, wanted):
    """Allow for rounding to two digits or to a whole percent."""
    return abs(number - wanted) <= max(0.006 * abs(wanted), 0.006)
