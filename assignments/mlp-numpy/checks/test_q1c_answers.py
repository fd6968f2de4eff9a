"""Question 1, what a network answers, with known weights in place of its own."""

import numpy as np
import pytest
from mn_making import CLASSES, Settings
from mn_network import random_layers

from grader.compare import compare_arrays, show
from grader.errors import CallTimedOut, StudentError
from grader.probe import is_handle
from grader.results import Text

SIZES = (6, 5, 4, CLASSES)
ROWS = 25


def filled(check, network, rng, activation="tanh"):
    """Return a network with known weights, the weights, and rows to ask about."""
    layers = random_layers(check, SIZES, rng)
    net, known = network.ready(Settings(sizes=SIZES, activation=activation, batch=8), layers)
    x = rng.normal(size=(ROWS, SIZES[0])) * 1.5
    network.foresee("predict_proba", layers, x, activation)
    return net, known, x


@pytest.mark.parametrize("activation", ("relu", "sigmoid", "linear", "tanh"))
@pytest.mark.check(
    "q1", points=4, hint="a = x; in every hidden layer a = f(a W + b); at the output softmax, row by row."
)
def test_probabilities(check, network, rng, activation):
    """predict_proba gives the probabilities of the network's weights, and rows sum to one"""
    net, known, x = filled(check, network, rng, activation)
    got = network.proba(net, x, CLASSES)
    want = check.reference.predict_proba(known.weights, known.biases, x, activation)
    rtol = max(1e-6, 1000 * known.eps)
    found = compare_arrays(got, want, rtol=rtol, atol=rtol)
    if found is None:
        return
    arguments = (known.weights, known.biases, x, activation)
    diagnosis = check.reference.explain(
        "predict_proba", arguments, lambda answer: compare_arrays(got, answer, rtol=rtol, atol=rtol) is None
    )
    sums = np.sum(got, axis=1)
    message = (
        "The probabilities are not those of the network with the weights and biases we put in place."
        if np.allclose(sums, 1, atol=1e-6)
        else f"The rows do not sum to one: the first sums to {sums[0]:.4g}."
    )
    check.fail(
        message,
        Text(title="What came back", text=show(got)),
        Text(title="What was expected", text=show(want), expected=True),
        *found.evidence,
        diagnosis=diagnosis,
    )


@pytest.mark.check("q1", points=2, hint="predict is the argmax of predict_proba, row by row.")
def test_predictions(check, network, rng):
    """predict gives the most probable class of every row"""
    net, _, x = filled(check, network, rng)
    probabilities = network.proba(net, x, CLASSES)
    guesses = network.guesses(net, x, CLASSES)
    if not np.array_equal(guesses, probabilities.argmax(axis=1)):
        wrong = int(np.flatnonzero(guesses != probabilities.argmax(axis=1))[0])
        check.fail(
            "`predict` is not the class with the largest probability of `predict_proba`.",
            Text(title=f"predict_proba of row {wrong}", text=show(probabilities[wrong])),
            Text(title=f"predict of row {wrong}", text=str(guesses[wrong])),
        )


@pytest.mark.check(
    "q1", points=3, hint="The accuracy is the share of rows with predict(X) == y; both flat, labels, not one-hot."
)
def test_score(check, network, rng):
    """score is the accuracy, counted again from what predict says"""
    net, _, x = filled(check, network, rng)
    guesses = network.guesses(net, x, CLASSES)
    right = rng.permutation(ROWS) < 15
    labels = np.where(right, guesses, (guesses + rng.integers(1, CLASSES, ROWS)) % CLASSES)
    want = float(right.mean())
    check.reference.compared("score", (guesses, labels), {})
    answers = list(scores(check, network, net, x, labels, guesses))
    if not answers:
        check.fail("`score(X, y)` has to return the accuracy, a number.")
    if any(matches(answer, want) for answer in answers):
        return
    diagnosis = check.reference.explain(
        "score", (guesses, labels), lambda answer: any(matches(each, answer) for each in answers)
    )
    check.fail(
        f"Of {ROWS} rows your `predict` is right on {right.sum()}, but `score` returns {answers[0]:.4g}.",
        diagnosis=diagnosis,
    )


def matches(number, share):
    """Tell whether a number is a share, or the same in percent."""
    return abs(number - share) < 1e-6 or abs(number - 100 * share) < 1e-3


def scores(check, network, net, x, labels, guesses):
    """Yield the numbers `score` returns, asked in every form of labels that it takes."""
    method = net.score or net.accuracy or net.evaluate
    if not is_handle(method):
        raise StudentError(f"Your class `{network.name}` has no method `score`.")
    names = [str(p[0]).lower() for p in network.inside.parameters(method)]
    guessed = [any(word in name for word in ("pred", "hat", "guess")) for name in names[:2]]
    error, some = None, False
    for pair in arguments(network, names, guessed, x, labels, guesses):
        try:
            number = as_number(check.student.call(method, *pair).value)
        except CallTimedOut:
            raise
        except StudentError as raised:
            error = error or raised
            continue
        if number is not None:
            yield number
            some = True
    if error is not None and not some:
        raise error


def arguments(network, names, guessed, x, labels, guesses):
    """Yield what to call `score` with: rows or guesses, and labels in every form, first in that of `fit`."""
    form = network.known.form
    for label in dict.fromkeys((form.label, "number", "one-hot", "column")):
        way = type(form)(turned=form.turned, label=label, packed="")
        truth = way.y(labels, CLASSES)
        if any(guessed):  # it takes what was predicted, not the rows
            pair = (way.y(guesses, CLASSES), truth)
            yield pair if guessed[0] else pair[::-1]
        elif form.packed and len(names) == 1:
            yield (form.both(x, labels, CLASSES),)
        else:
            yield (form.x(x), truth)


def as_number(value):
    """Return the number an answer is, or the last of several that is no loss: the accuracy lies in 0..100."""
    if isinstance(value, tuple | list):
        numbers = [number for part in value if (number := as_number(part)) is not None]
        return numbers[-1] if numbers else None
    array = np.asarray(value) if isinstance(value, int | float | np.ndarray | np.generic) else None
    return float(array.ravel()[0]) if array is not None and array.size == 1 and array.dtype.kind in "iuf" else None
