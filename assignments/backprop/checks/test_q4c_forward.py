"""Question 4, the forward pass, with known weights put in place of the student's."""

import numpy as np
import pytest
from network import image, random_layers
from reading import CLASSES, as_floats, numbers_in, numbers_printed, parts_of

from grader.compare import show
from grader.results import Text

IMAGES = 24
LOSS_HINT = "a = x; twice a = σ(W a + b); then softmax. The loss is −log of the true class's probability."


def require_loss(check, network, rng, *, raw):
    """Require the loss of one random image under random parameters."""
    layers = random_layers(check, rng)
    sample, label = image(rng, raw=raw)
    answer = network.settle(layers, sample, label)
    known = network.fill(layers)
    arguments = (known.weights, known.biases, network.seen(sample), label)
    want, _ = check.reference.feed_forward_sample(*arguments)
    if answer.loss is None:
        check.fail(
            "`feed_forward_sample(sample, y)` has to return the loss, a number, and the guess.",
            Text(title="What came back", text=show(answer.value)),
        )

    def same_loss(variant):
        return bool(np.isclose(answer.loss, variant[0], rtol=network.loss_rtol, atol=1e-9))

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
        answer = network.forward(sample, label)
        arguments = (known.weights, known.biases, network.seen(sample), label)
        _, guess = check.reference.feed_forward_sample(*arguments)
        diagnosis = check.reference.explain("feed_forward_sample", arguments, gives(answer))
        if answer.written != "one-hot":
            check.fail(
                "`feed_forward_sample` has to return the guess too: a one-hot vector of ten numbers.",
                Text(title="What came back", text=show(answer.value)),
                diagnosis=diagnosis,
            )
        if answer.guess != int(np.argmax(guess)):
            check.fail("The guess is not the class with the largest probability.", diagnosis=diagnosis)


def gives(answer):
    """Return what tells whether an answer holds the loss and the guess of a variant."""

    def matches(variant):
        loss, guess = variant
        vectors = [part for part in map(as_floats, parts_of(answer.value)) if np.size(part) == CLASSES]
        alike = any(np.allclose(np.ravel(part), guess, rtol=1e-5, atol=1e-9) for part in vectors)
        return alike and answer.loss is not None and bool(np.isclose(answer.loss, loss, rtol=1e-5))

    return matches


@pytest.mark.check(
    "q4",
    points=3,
    needs="feed_forward_dataset",
    hint="Add the losses up and divide by the number of samples; the accuracy is the share of right guesses.",
)
def test_dataset_loss_and_accuracy(check, network, rng):
    """feed_forward_dataset prints (or returns) the average loss and the accuracy"""
    network.settle(random_layers(check, rng), *image(rng))
    layers = random_layers(check, rng)
    known = network.fill(layers)
    samples = np.array([image(rng)[0] for _ in range(IMAGES)])
    seen = network.seen(samples)
    classes = check.reference.feed_forward(layers.weights, layers.biases, samples).argmax(axis=1)
    labels = np.where(rng.random(IMAGES) < 0.4, classes, (classes + rng.integers(1, CLASSES, IMAGES)) % CLASSES)
    network.foresee("feed_forward_dataset", layers, samples, labels)
    loss, accuracy = check.reference.feed_forward_dataset(known.weights, known.biases, seen, labels)
    call = network.call_on_data("feed_forward_dataset", samples, labels)
    numbers = [*numbers_printed(call.stdout), *numbers_in(call.value)]
    missing = missing_in(numbers, loss, accuracy)
    if missing:
        check.fail(
            f"What `feed_forward_dataset(x, y)` printed for 24 images does not hold the right {' and '.join(missing)}.",
            Text(title="What was printed", text=call.stdout.strip()[:1000] or "nothing"),
            Text(title="Average loss and accuracy", text=f"{loss:.4f} and {accuracy:.4f}", expected=True),
            diagnosis=check.reference.explain(
                "feed_forward_dataset",
                (known.weights, known.biases, seen, labels),
                lambda variant: not missing_in(numbers, *variant),
            ),
        )


def missing_in(numbers, loss, accuracy):
    """Return which of both is not among the numbers that were printed or returned."""
    holds = {
        "average loss": any(close(number, loss) for number in numbers),
        "accuracy": any(close(number, accuracy) for number in numbers) or as_percent_or_count(numbers, accuracy),
    }
    return [what for what, there in holds.items() if not there]


def close(number, wanted):
    """Allow for rounding to two digits."""
    return abs(number - wanted) <= max(0.006 * abs(wanted), 0.006)


def as_percent_or_count(numbers, accuracy):
    """Tell whether the accuracy is there in percent, perhaps whole ones, or as "9 of 24"."""
    percent, count = 100 * accuracy, round(accuracy * IMAGES)
    whole = any(number.is_integer() and abs(number - percent) <= 0.5 for number in numbers)
    return whole or any(close(number, percent) for number in numbers) or {count, IMAGES} <= set(numbers)
