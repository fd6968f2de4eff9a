"""Question 1: the perceptron, one step of its rule and training until it makes no mistake."""

import itertools

import numpy as np
import pytest
from df_ask import Form, call, find, first_that_holds, has, judge, spelled
from df_classes import class_called, made, method_of
from df_values import leaves, number_array

from grader.checks import Check
from grader.errors import StudentError
from grader.probe import is_handle
from grader.results import Text

RULE = "ŷ = 1 where w·x + b ≥ 0, else 0; then w ← w + η(y − ŷ)x and b ← b + η(y − ŷ)."
TRAIN = ("train_perceptron", "perceptron_train", "perceptron_fit", "fit_perceptron", "perceptron_training")
OBJECTS = ("Perceptron", "PerceptronClassifier", "SimplePerceptron", "MyPerceptron")
METHODS = ("fit", "train", "learn")
EPOCHS = 1000


def columns(given):
    """Return the arguments of a step with w and x as columns."""
    return given | {"w": given["w"].reshape(-1, 1), "x": given["x"].reshape(-1, 1)}


def separable(check: Check, rng: np.random.Generator, n: int, features: int, away: float = 0.0):
    """Return (X, y) that a plane separates and for which the reference needs at most 25 passes."""
    while True:
        X, y = drawn(rng, n, features, away)
        w, b = check.reference.train_perceptron(X, y, 25)
        if np.array_equal(check.reference.perceptron_predict(w, b, X), y):
            return X, y


def drawn(rng: np.random.Generator, n: int, features: int, away: float, margin: float = 0.4):
    """Return points on both sides of a plane that is `away` from the origin, both labels equally often."""
    w = rng.normal(size=features)
    w /= np.linalg.norm(w)
    X = rng.normal(scale=1.5, size=(20 * n, features))
    distance = X @ w + rng.uniform(-0.5, 0.5)
    clear = np.abs(distance) > margin
    X, y = X[clear], (distance[clear] > 0).astype(int)
    rows = np.concatenate([np.flatnonzero(y == label)[: n // 2] for label in (0, 1)])
    rows = rng.permutation(rows)
    return X[rows] + away * w, y[rows]


def folded(given, first, augmented):
    """Return the arguments with the bias as a weight of its own, in front or behind; `augmented`: x has its 1."""
    x = joined(1.0, given["x"], first) if augmented else given["x"]
    return {"w": joined(given["b"], given["w"], first), "x": x} | {r: given[r] for r in ("label", "learning_rate")}


def joined(number, array, first):
    """Return an array with one number more, in front or behind."""
    return np.concatenate([[number], array] if first else [array, [number]])


def unfolded(got, first):
    """Return (w, b) of the array that has both."""
    whole = next((leaf.reshape(-1) for leaf in leaves(got) if leaf.size > 1), None)
    if whole is None:
        return got
    return (whole[1:], whole[0]) if first else (whole[:-1], whole[-1])


def bias_inside(first, augmented):
    """Return the form of a step whose weights have the bias among them."""
    return Form(
        note="your `perceptron_step` has the bias among the weights",
        send=lambda given: folded(given, first, augmented),
        read=lambda got: unfolded(got, first),
    )


STEP_FORMS = (
    Form(),
    Form(note="your `perceptron_step` takes columns", send=columns),
    *(bias_inside(first, augmented) for first in (False, True) for augmented in (True, False)),
)


@pytest.mark.check("q1", points=2, needs="perceptron_step", hint=RULE)
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("case", ["right", "mistake"])
def test_perceptron_step(check, rng, case, label):
    """one step of the perceptron rule: a mistake moves w and b, a right answer does not"""
    w, b = rng.normal(size=4), float(rng.normal())
    x = rng.normal(size=4)
    while abs(x @ w + b) < 0.2:
        x = rng.normal(size=4)
    if (x @ w + b >= 0) == (label if case == "mistake" else 1 - label):
        w, b = -w, -b
    given = {"w": w, "b": b, "x": x, "label": label, "learning_rate": 0.3}
    want = check.reference.perceptron_step(*given.values())
    function = find(check, "perceptron_step", "perceptron_update", "update_perceptron", "perceptron_rule")

    def ask(form):
        got = form.read(call(check, function, form.send(given)))
        explain = ("perceptron_step", tuple(given.values()))
        judge(check, together(got), together(want), asked=spelled("perceptron_step", given), explain=explain)

    first_that_holds(check, [(form.note, lambda form=form: ask(form)) for form in STEP_FORMS])


def together(value):
    """Return (w, b) as a tuple of two arrays; one array of both, b first or last, is left as it is."""
    if isinstance(value, dict):
        value = list(value.values())
    return tuple(np.asarray(v, dtype=float) for v in value) if _is_pair(value) else value


def _is_pair(value):
    return isinstance(value, list | tuple) and len(value) == 2 and all(number_array(v) is not None for v in value)


@pytest.mark.check("q1", points=2, needs="train_perceptron", hint=RULE + " Repeat until a pass makes no mistake.")
def test_perceptron_converges(check, rng):
    """train_perceptron separates points in the plane that a line can separate"""
    require_separation(check, *separable(check, rng, 60, 2))


@pytest.mark.check("q1", points=1, hidden=True, needs="train_perceptron", hint=RULE)
def test_perceptron_converges_off_the_origin(check, rng):
    """train_perceptron separates points of more features, also where the plane is far from the origin"""
    require_separation(check, *separable(check, rng, 80, 5, away=2.0))


def require_separation(check: Check, X: np.ndarray, y: np.ndarray) -> None:
    """Train and require that every training point is on its side."""
    answers = trained(check, X, y)
    if not answers:
        check.fail("`train_perceptron(X, y)` has to return the weights and the bias, as (w, b).")
    best = max(answers, key=lambda answer: np.mean(answer == y))
    if np.mean(best == y) < 1:
        check.fail(
            f"After training, {int(np.sum(best != y))} of {len(y)} points are on the wrong side, although a plane "
            "separates them. On such data the perceptron rule always ends without a mistake.",
            Text(title="What was asked", text=f"train_perceptron(X, y), X {X.shape}, labels 0 and 1"),
        )


def trained(check: Check, X: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return the labels that the trained perceptron gives X, one array per way to read what came back."""
    klass = None if any(has(check, name) for name in TRAIN) else class_called(check, OBJECTS, METHODS)
    if klass is not None:
        value = made(check, klass, {"n_features": X.shape[1], "epochs": EPOCHS})
        call(check, method_of(check, value, klass, METHODS), {"X": X, "labels": y, "epochs": EPOCHS})
    else:
        value = call(check, find(check, *TRAIN), {"X": X, "labels": y, "epochs": EPOCHS})
    if is_handle(value):
        return from_object(check, value, X)
    return [(X @ w + b >= 0).astype(int) for w, b in pairs(value, X.shape[1])]


def from_object(check: Check, value, X: np.ndarray) -> list[np.ndarray]:
    """Return what an object with `predict` says."""
    try:
        answer = number_array(value.predict(X))
    except StudentError:
        rows = [value.predict(x) for x in X]
        answer = number_array(rows)
    if answer is None or answer.size != len(X):
        check.fail("The perceptron you return has no `predict(X)` that gives a label for every row.")
    return [(answer.reshape(-1) > 0).astype(int)]


def pairs(value, features: int):
    """Yield (w, b) for every way to read an answer: separate, or in one array with the bias first or last."""
    found = list(leaves(value if not isinstance(value, tuple) else list(value)))
    whole = number_array(value)
    vectors = [leaf.reshape(-1) for leaf in found if leaf.size == features and leaf.ndim]
    numbers = [float(leaf.reshape(-1)[0]) for leaf in found if leaf.size == 1]
    yield from itertools.product(vectors, numbers)
    for leaf in [*found, *([whole] if whole is not None else [])]:
        if leaf.size == features + 1:
            flat = leaf.reshape(-1)
            yield flat[:-1], flat[-1]
            yield flat[1:], flat[0]
