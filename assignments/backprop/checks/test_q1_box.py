"""Question 1: boxes out of step neurons. Any parameters that make the box are right: there are infinitely many."""

from collections.abc import Sequence

import numpy as np
import pytest
from reading import as_floats, as_number

from grader.checks import Check
from grader.compare import show
from grader.errors import CallTimedOut, StudentError
from grader.probe import Code, Handle, is_handle
from grader.results import Curves, Series, Text

BOX_HINT = (
    "One neuron switches on at 0, the other at δ. Let the output add the first and take the second away, both times h."
)
HALF_WIDTH = 2.0


def read_box(check: Check, h: float, delta: float) -> list[float]:
    """Ask for the seven parameters and read them from a tuple, a list, an array or a dict."""
    value = check.student.call("box_network", h, delta).value
    names = ("w1", "b1", "w2", "b2", "w3", "w4", "b3")
    if isinstance(value, dict):
        lower = {str(key).lower(): item for key, item in value.items()}
        value = [lower.get(name) for name in names]
    items = value if isinstance(value, list | tuple) or np.ndim(as_floats(value)) == 1 else []
    numbers = [number for item in items if (number := as_number(item)) is not None and np.isfinite(number)]
    if len(numbers) != len(names) or len(items) != len(names):
        check.fail(
            "`box_network(h, delta)` has to return the seven numbers (w1, b1, w2, b2, w3, w4, b3).",
            Text(title="What came back", text=show(value)),
        )
    return numbers


def box_value(parameters: Sequence[float], x: np.ndarray) -> np.ndarray:
    """Return f(x) = w3 H(w1 x + b1) + w4 H(w2 x + b2) + b3, the network of the question, for x of shape (n,)."""
    w1, b1, w2, b2, w3, w4, b3 = parameters
    return w3 * (w1 * x + b1 > 0) + w4 * (w2 * x + b2 > 0) + b3


def require_box(check: Check, h: float, delta: float, rng: np.random.Generator) -> None:
    """Evaluate the network on a grid, with both sides of each edge, and require the box."""
    edges = np.array([-1e-6, 1e-6, delta - 1e-6, delta + 1e-6])
    x = np.sort(np.concatenate([rng.uniform(-2 * delta, 3 * delta, 400), edges]))
    x = x[np.minimum(np.abs(x), np.abs(x - delta)) > 5e-7]
    want = np.where((x > 0) & (x < delta), h, 0.0)
    parameters = read_box(check, h, delta)
    check.reference.compared("box_network", (h, delta), {})
    got = box_value(parameters, x)
    wrong = ~(np.abs(got - want) <= 1e-9 * max(1.0, abs(h)))  # not a number is wrong too
    if not wrong.any():
        return

    def same_box(answer: object) -> bool:
        return np.allclose(box_value(answer, x), got, atol=1e-9)

    check.fail(
        f"Your network is not the box: it is right at {np.mean(~wrong):.0%} of the points we looked at and first "
        f"differs at x = {x[wrong][0]:.3g}, where it gives {got[wrong][0]:.3g}.",
        Text(title="What was asked", text=f"box_network({h:.4g}, {delta:.4g})"),
        Text(title="What came back", text=show(parameters)),
        Curves(
            title="Your network and the box",
            x_label="x",
            y_label="f(x)",
            series=(
                Series(name="your network", x=tuple(x), y=tuple(got)),
                Series(name="the box asked for", x=tuple(x), y=tuple(want)),
            ),
            description="your network's output over x beside the box it should be",
            expected=True,
        ),
        diagnosis=check.reference.explain("box_network", (h, delta), same_box),
    )


@pytest.mark.check("q1", points=3, needs="box_network", hint=BOX_HINT)
def test_box_of_height_two(check, rng):
    """box_network(2, 1) is 2 between 0 and 1, and 0 elsewhere"""
    require_box(check, 2.0, 1.0, rng)


@pytest.mark.check("q1", points=5, hidden=True, needs="box_network", hint=BOX_HINT)
def test_boxes_of_other_sizes(check, rng):
    """box_network makes boxes of any height and width"""
    for _ in range(4):
        require_box(check, rng.uniform(0.5, 5) * rng.choice([-1, 1]), rng.uniform(0.1, 4), rng)


@pytest.mark.check(
    "q1",
    points=4,
    needs="approximate",
    hint="Cut [−B, B] into n pieces of width 2B/n and put on each a box as high as f at its middle.",
)
def test_more_boxes_come_closer(check, rng):
    """approximate(f, B, n) comes closer to f as n grows"""
    x = np.sort(rng.uniform(-HALF_WIDTH, HALF_WIDTH, 200))
    a, b = rng.uniform(2, 4), rng.uniform(0.3, 0.8)
    slope = a + b  # |f′| is no larger anywhere
    f = Code(f"lambda x: np.sin({a} * x) + {b} * x")
    counts = (20, 80, 320)
    answers = [values(check, f, n, x) for n in counts]
    errors = [float(np.max(np.abs(answer - (np.sin(a * x) + b * x)))) for answer in answers]
    check.show(
        Curves(
            title="Largest error against the number of boxes",
            x_label="boxes n",
            y_label="largest error",
            series=(Series(name="your approximation", x=counts, y=tuple(errors)),),
            description=f"errors {', '.join(f'{e:.3g}' for e in errors)} for n = 20, 80, 320",
        )
    )
    bound = 2 * slope * 2 * HALF_WIDTH / counts[-1]
    if not errors[-1] <= bound:

        def same_values(variant):
            return np.allclose(variant(x), answers[-1], rtol=1e-6, atol=1e-9)

        arguments = (lambda t: np.sin(a * t) + b * t, HALF_WIDTH, counts[-1])
        check.fail(
            f"With 320 boxes your approximation of sin({a:.2f}x) + {b:.2f}x is still off by {errors[-1]:.3g} somewhere "
            f"on [−2, 2]. A staircase of 320 steps cannot be further away than about {bound:.2g}.",
            diagnosis=check.reference.explain("approximate", arguments, same_values),
        )
    if not errors[-1] < errors[0] / 4:
        check.fail("The error does not fall as n grows: 16 times as many boxes must make it clearly smaller.")
    heights = 1 + int(np.sum(np.diff(np.sort(answers[0])) > 1e-9))
    if heights > 2 * counts[0] + 2:
        check.fail(
            f"With 20 boxes your approximation takes {heights} different values at 200 points. A sum of 20 boxes is a "
            "staircase: flat on every box."
        )


def values(check: Check, f: Code, n: int, x: np.ndarray) -> np.ndarray:
    """Evaluate the student's approximation, at once where it takes arrays, else point by point."""
    g = check.student.call("approximate", f, HALF_WIDTH, n).value
    if not is_handle(g):
        check.fail("`approximate(f, B, n)` has to return a function of x.", Text(title="What came back", text=show(g)))
    try:
        answer = as_floats(g(x))
    except CallTimedOut:
        raise
    except StudentError:
        answer = None
    if answer is None or answer.size != x.size:
        answer = np.array([value_at(check, g, float(t)) for t in x])
    return answer.reshape(-1)


def value_at(check: Check, g: Handle, x: float) -> float:
    """Return g(x), which has to be a number."""
    value = g(x)
    number = as_number(value)
    if number is None:
        check.fail(
            "The function that `approximate(f, B, n)` returns has to give a number for a number.",
            Text(title=f"What it gave at x = {x:.3g}", text=show(value)),
        )
    return number
