"""Question 1, the activations and their gradients, as functions of the pre-activation."""

import numpy as np
import pytest
from mn_functions import Functions
from mn_making import Settings

from grader.checks import Disagreement
from grader.compare import align, compare_arrays, show
from grader.errors import StudentError
from grader.probe import Place
from grader.results import Table, Text

KINDS = ("relu", "sigmoid", "linear", "tanh", "softmax")
STEP = 1e-5


def functions_of(check, network, kind):
    """Return the student's functions, with the methods of a network of this activation where one can be made."""
    net = None
    try:
        net = network.instance(Settings(sizes=(6, 5, 4, 3), activation=kind, batch=8))
    except StudentError:
        check.remark("your class could not be made for this check: functions outside it were looked at")
    return Functions(check.student, network.inside, net)


def numbers(rng, shape=(4, 3)):
    """Return numbers of either sign, none close to 0, where ReLU has no derivative."""
    return rng.uniform(0.2, 2.5, shape) * rng.choice([-1, 1], shape)


def difference(got, want):
    """Return how an answer differs; None where it does not. A single number stands for an array of it."""
    if isinstance(got, int | float | np.number):
        got = np.full(np.shape(want), got)
    aligned = align(got, np.shape(want), allow=("column", "row", "batch", "tuple"))
    return compare_arrays(aligned.value, want, rtol=1e-6, atol=1e-8)


def require_activation(check, network, kind, z):
    """Require that one of the student's functions for an activation gives the reference's numbers."""
    want = getattr(check.reference, kind)(z)
    first = None
    for ask in functions_of(check, network, kind).activations(kind):
        try:
            got = ask(check.student, z)
        except StudentError as error:
            first = first or error
            continue
        found = difference(got, want)
        if found is None or (kind == "softmax" and by_columns(check, network, ask, z, [want])):
            return
        first = first if isinstance(first, Disagreement) else wrong(check, ask, kind, z, got, want, found)
    raise first or StudentError(f"Your notebook has no function or method `{kind}`.")


def by_columns(check, network, ask, z, wanted):
    """Tell whether a softmax is right for samples as columns, in a network that takes them so."""
    try:
        turned = network.known.form.turned
        got = np.transpose(ask(check.student, z.T.copy()))
    except (StudentError, ValueError):
        return False
    if not turned or all(difference(got, want) is not None for want in wanted):
        return False
    check.remark("your softmax takes samples as columns")
    return True


def wrong(check, ask, name, z, got, want, found):
    """Return the disagreement to raise where no other way of asking is right."""
    diagnosis = check.reference.explain(name, (z,), lambda answer: difference(got, answer) is None)
    evidence = (
        Text(title="What was asked", text=f"{ask.label} of {show(z)}"),
        Text(title="What came back", text=show(got)),
        Text(title="What was expected", text=show(want), expected=True),
        *found.evidence,
    )
    return Disagreement(f"{ask.label}: {found.reason}", evidence, diagnosis)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.check("q1", points=5, hint="Each activation works on a whole array; softmax on every row by itself.")
def test_activation(check, network, rng, kind):
    """activations give the right numbers for an array of pre-activations"""
    require_activation(check, network, kind, numbers(rng))


@pytest.mark.check(
    "q1",
    points=1,
    hidden=True,
    hint="e^z overflows beyond 709: take each row's own maximum off before you exponentiate.",
)
def test_softmax_of_large_numbers(check, network):
    """softmax does not overflow, in one row or in a batch of unequal rows"""
    z = np.array([[1000.0, 999.0, -1000.0], [0.5, -0.5, 0.0], [-2000.0, -2001.0, -1999.0]])
    require_activation(check, network, "softmax", z)


@pytest.mark.parametrize("kind", ("sigmoid", "tanh"))
@pytest.mark.check(
    "q1", points=1, hidden=True, hint="∞/∞ is NaN: write it so that only one e^z is large, or use `np.tanh`."
)
def test_large_numbers(check, network, kind):
    """sigmoid and tanh of large numbers are 0, 1 or −1, not NaN"""
    require_activation(check, network, kind, np.array([[1000.0, -1000.0, 0.5], [-800.0, -900.0, -0.7]]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.check(
    "q1",
    points=5,
    hint="Compare with (f(z + h) − f(z − h)) / 2h for a small h. For softmax, yᵢ(1 − yᵢ) or the whole Jacobian.",
)
def test_gradient(check, network, rng, kind):
    """gradients of the activations are right, and leave their argument alone"""
    z = numbers(rng)
    functions = functions_of(check, network, kind)
    wanted, activations = answers(check, kind, z), getattr(check.reference, kind)(z)
    first = None
    for ask in functions.gradients(kind):
        try:
            got = asked_in_place(check, ask, z)
        except StudentError as error:
            first = first or error
            continue
        found = [difference(got, want) for want in wanted]
        if None in found or taken_at_activation(check, ask, kind, activations, wanted):
            return
        if kind == "softmax" and by_columns(check, network, ask, z, wanted[:1]):
            return
        first = (
            first
            if isinstance(first, Disagreement)
            else wrong(check, ask, f"{kind}_grad", z, got, *pair(wanted, found))
        )
    if isinstance(first, Disagreement):
        central_differences(check, functions, kind, z, wanted[0])
    raise first or StudentError(f"Your notebook has no function or method for the gradient of {kind}: `{kind}_grad`.")


def pair(wanted, found):
    """Return the answer that was wanted first, and how it differs."""
    return wanted[0], found[0]


def answers(check, kind, z):
    """Return the arrays that are a right gradient: for softmax the diagonal, or the Jacobians."""
    gradient = getattr(check.reference, f"{kind}_grad")(z)
    return [gradient] if kind != "softmax" else [np.einsum("nii->ni", gradient), gradient]


def asked_in_place(check, ask, z):
    """Return a gradient; fail where it changed its argument."""
    check.student.set(mn_z=z)
    got = ask(check.student, Place((("item", "mn_z"),)), z.shape)
    after = check.student.get("mn_z")
    if not np.array_equal(after, z):
        check.fail(
            f"{ask.label} changes the array it is given: whoever calls it twice gets two answers.",
            Text(title="The argument before", text=show(z)),
            Text(title="The argument afterwards", text=show(after)),
        )
    return got


def taken_at_activation(check, ask, kind, activations, wanted):
    """Tell whether the gradient is a right one of the activation: σ′ = a(1 − a) with a = σ(z)."""
    if kind not in ("sigmoid", "tanh", "softmax"):
        return False
    try:
        got = ask(check.student, activations)
    except StudentError:
        return False
    if all(difference(got, want) is not None for want in wanted):
        return False
    check.remark(f"{ask.label} takes the activation, not the pre-activation: so it was asked")
    return True


def central_differences(check, functions, kind, z, want):
    """Show beside the right gradient that of the student's own activation."""
    for ask in functions.activations(kind):
        try:
            above, below = (np.asarray(ask(check.student, z + h), dtype=float) for h in (STEP, -STEP))
        except (StudentError, TypeError, ValueError):
            continue
        if above.shape == z.shape and kind != "softmax":
            slopes = (above - below) / (2 * STEP)
            rows = [
                (f"{at:.4g}", f"{own:.5g}", f"{right:.5g}")
                for at, own, right in zip(*map(np.ravel, (z, slopes, want)), strict=True)
            ]
            columns = ("z", f"(f(z + h) − f(z − h)) / 2h of your {kind}", "derivative")
            check.show(Table(title="Central differences", columns=columns, rows=tuple(rows), expected=True))
        return
