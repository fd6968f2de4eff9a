"""Question 4, the loss functions: mean, sum or one number per sample are all accepted, and named."""

import numpy as np
import pytest
from df_ask import RTOL, attempted, call, find, first_that_holds, has, names_tell, spelled
from df_classes import class_called, made, method_of
from df_values import leaves, number_array

from grader.compare import compare_arrays, show
from grader.errors import CallTimedOut, StudentError
from grader.results import Text

OTHERS = {
    "mse": ("mean_squared_error", "mse_loss", "squared_error"),
    "mae": ("mean_absolute_error", "mae_loss", "l1_loss"),
    "binary_cross_entropy": ("bce", "binary_crossentropy", "bce_loss", "log_loss", "binary_cross_entropy_loss"),
    "categorical_cross_entropy": ("cce", "categorical_crossentropy", "cross_entropy", "cross_entropy_loss"),
    "huber": ("huber_loss",),
    "quantile_loss": ("pinball_loss", "quantile", "pinball"),
    "weighted_cross_entropy": ("weighted_crossentropy", "weighted_ce", "wce", "weighted_cross_entropy_loss"),
    "focal_loss": ("focal", "binary_focal_loss"),
}
CLASSES = {"categorical_cross_entropy", "weighted_cross_entropy"}
LOGARITHMS = CLASSES | {"binary_cross_entropy", "focal_loss"}
SWAPPABLE = LOGARITHMS  # the logarithm of a label makes no sense
SMALL = 2e-4  # an ε in the logarithm must not matter
SWAPPED = "your function takes the predictions first"
OBJECTS = {
    "mse": ("MSE", "MSELoss", "MeanSquaredError"),
    "mae": ("MAE", "MAELoss", "L1Loss", "MeanAbsoluteError"),
    "binary_cross_entropy": ("BinaryCrossEntropy", "BinaryCrossentropy", "BCE", "BCELoss"),
    "categorical_cross_entropy": ("CategoricalCrossEntropy", "CategoricalCrossentropy", "CrossEntropy", "CCE"),
    "huber": ("Huber", "HuberLoss"),
    "quantile_loss": ("QuantileLoss", "Quantile", "PinballLoss"),
    "weighted_cross_entropy": ("WeightedCrossEntropy", "WeightedCE"),
    "focal_loss": ("FocalLoss", "Focal"),
}
METHODS = ("forward", "loss", "compute", "calculate", "value", "compute_loss", "calculate_loss", "call")


def given_for(name, rng):
    """Return the arguments of a loss: seven samples, or five of three classes."""
    if name in CLASSES:
        p = rng.dirichlet(np.full(3, 2.0), size=5) * 0.97 + 0.01
        given = {"y_true": np.eye(3)[rng.permutation([0, 1, 2, 1, 0])], "y_pred": p}
        return given | ({"class_weights": rng.uniform(0.5, 3, size=3)} if name == "weighted_cross_entropy" else {})
    if name in {"binary_cross_entropy", "focal_loss"}:
        given = {"y_true": rng.permutation([0.0, 1, 0, 1, 1, 0, 0]), "y_pred": rng.uniform(0.05, 0.95, size=7)}
        more = {"focus": float(rng.uniform(1, 3)), "balance": float(rng.uniform(0.2, 0.4))}
        return given | (more if name == "focal_loss" else {})
    e = rng.permutation([0.2, -0.3, 0.6, 2.5, -3.0, -1.9, 0.1]) * rng.uniform(0.8, 1.2)
    y = rng.normal(size=7)
    more = {"huber": {"delta": float(rng.uniform(0.9, 1.4))}, "quantile_loss": {"q": float(rng.uniform(0.7, 0.9))}}
    return {"y_true": y, "y_pred": y - e} | more.get(name, {})


def conventions(check, name, given):
    """Return the right answers: {how the samples are put together: number or array}."""
    each = getattr(check.reference, f"each_{name}")(*given.values())
    answers = {"": each.mean(), "the sum over the samples": each.sum(), "one number per sample": each}
    if name == "weighted_cross_entropy":
        answers["the mean weighted with the classes' weights"] = each.sum() / (
            np.sum(given["y_true"] @ given["class_weights"])
        )
    return answers


def convention_of(got, answers, rtol=RTOL):
    """Return how a student puts the samples together, None where the answer is wrong in any way."""
    for how, want in answers.items():
        if any(leaf.size == want.size and compare_arrays(leaf.reshape(want.shape), want, rtol=rtol) is None
               for leaf in leaves(got)):  # fmt: skip
            return how
    return None


def swapped(given):
    """Return the arguments with the predictions first."""
    return {"y_pred": given["y_pred"], **given}


def columns(given):
    """Return the arguments with targets and predictions as columns (n, 1)."""
    return {role: value.reshape(-1, 1) if np.ndim(value) == 1 else value for role, value in given.items()}


def numbered(given):
    """Return the arguments with the number of the true class instead of one-hot rows."""
    return given | {"y_true": given["y_true"].argmax(axis=1)}


def function_for(check, name, given):
    """Return the student's loss: a function, or the method of a class that answers."""
    plain = (name, *OTHERS[name])
    if not any(has(check, each) for each in plain):
        klass = class_called(check, OBJECTS[name], METHODS)
        if klass is not None:
            settings = {role: value for role, value in given.items() if role not in {"y_true", "y_pred"}}
            return method_of(check, made(check, klass, settings), klass, METHODS)
    return find(check, *plain)


def one_by_one(check, function, given):
    """Return the losses of single samples, for a function that takes no arrays."""
    more = [value for role, value in given.items() if role not in {"y_true", "y_pred"}]
    pairs = zip(given["y_true"].tolist(), given["y_pred"].tolist(), strict=True)
    answers = number_array(check.student.call_each(function, [(*pair, *more) for pair in pairs]))
    return answers


SHAPES = {
    True: [
        ("your function takes the number of the true class", lambda check, f, given: call(check, f, numbered(given))),
    ],
    False: [
        ("your function takes columns", lambda check, f, given: call(check, f, columns(given))),
        ("your function takes single numbers: it was called once for each sample", one_by_one),
    ],
}


@pytest.mark.check(
    "q4",
    points=6,
    hint="Write down what one sample costs, then take the mean. Targets come first, predictions second.",
)
@pytest.mark.parametrize("name", OTHERS)
def test_loss(check, notebook, rng, name):
    """the loss is right; mean, sum and one number per sample are all accepted"""
    attempted(notebook, name)
    given = given_for(name, rng)
    answers = conventions(check, name, given)
    function = function_for(check, name, given)

    def judged(got):
        how = convention_of(got, answers, tolerance(name))
        if how is None:
            fail(check, name, given, got)
        if how:
            check.remark(f"your `{name}` returns {how}; usual is the mean")

    attempts = [("", lambda: judged(call(check, function, given)))]
    if name in SWAPPABLE and not names_tell(function, given):
        attempts.append((SWAPPED, lambda: judged(check.student.call(function, *swapped(given).values()).value)))
    if raises(check, function, given):
        attempts += [
            (note, lambda ask=ask: judged(ask(check, function, given))) for note, ask in SHAPES[name in CLASSES]
        ]
    first_that_holds(check, attempts)


def raises(check, function, given):
    """Tell whether a function cannot take the arrays as they are; a wrong answer is one, and stays one."""
    try:
        call(check, function, given)
    except CallTimedOut:
        raise
    except StudentError:
        return True
    return False


def tolerance(name):
    """Return the relative tolerance of a loss."""
    return SMALL if name in LOGARITHMS else RTOL


def fail(check, name, given, got):
    """End the check with the misconception, where the answer, put together in any way, is that of one."""

    def same(variant):
        ways = {"mean": np.mean(variant), "sum": np.sum(variant), "each": np.asarray(variant)}
        return convention_of(got, ways, tolerance(name))

    check.fail(
        "The loss is not right, whether mean, sum or one number per sample is meant.",
        Text(title="What was asked", text=spelled(name, given)),
        Text(title="What came back", text=show(got)),
        Text(title="The mean", text=show(float(conventions(check, name, given)[""])), expected=True),
        diagnosis=check.reference.explain(f"each_{name}", tuple(given.values()), lambda v: same(v) is not None),
    )


@pytest.mark.check(
    "q4",
    points=1,
    hidden=True,
    hint="log 0 is −∞, and 0 · log 0 is not a number: keep probabilities away from 0 and 1, with np.clip by 1e-7, say.",
)
@pytest.mark.parametrize("name", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_certain_predictions(check, notebook, name):
    """cross-entropy stays finite where a probability is exactly 0 or 1"""
    attempted(notebook, name)
    function = function_for(check, name, {})
    if name in CLASSES:
        cases = {"right": ([[0.0, 1, 0]], [[0.0, 1, 0]]), "wrong": ([[1.0, 0, 0]], [[0.0, 1, 0]])}
    else:
        cases = {"right": ([1.0, 0], [1.0, 0]), "wrong": ([1.0, 0], [0.0, 1])}
    costs = {}
    for case, (y, p) in cases.items():
        got = certain(check, function, {"y_true": np.array(y), "y_pred": np.array(p)})
        costs[case] = [float(number) for leaf in leaves(got) for number in leaf.reshape(-1)]
        if not costs[case] or not np.all(np.isfinite(costs[case])):
            check.fail(
                f"For a certain prediction that is {case} the loss is not a finite number.",
                Text(title="What was asked", text=spelled(name, {"y_true": np.array(y), "y_pred": np.array(p)})),
                Text(title="What came back", text=show(got)),
            )
    if max(map(abs, costs["right"])) > 0.1 or min(costs["wrong"]) < 3:
        check.fail("A certain and right prediction has to cost about 0, a certain and wrong one a lot.")


def certain(check, function, given):
    """Return a loss, also of a function that takes the number of the true class."""
    try:
        return call(check, function, given)
    except CallTimedOut:
        raise
    except StudentError:
        if given["y_true"].ndim == 1:
            raise
        return call(check, function, numbered(given))
