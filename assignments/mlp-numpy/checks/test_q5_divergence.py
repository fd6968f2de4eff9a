"""Question 5: entropy, cross-entropy and the Kullback-Leibler divergence as functions."""

import numpy as np
import pytest

from grader.compare import align, compare_arrays, show
from grader.probe import parameters_of
from grader.results import Text

OTHERS = {
    "entropy": ("Entropy", "shannon_entropy", "H", "calc_entropy", "entropy_p", "H_p"),
    "cross_entropy": ("crossentropy", "cross_entropy_loss", "crossEntropy", "H_pq", "calc_cross_entropy", "ce"),
    "kl_divergence": (
        "kl_div",
        "KL_divergence",
        "kl",
        "KL",
        "kullback_leibler",
        "kullback_leibler_divergence",
        "D_KL",
        "kld",
        "relative_entropy",
    ),
}
HINT = "Sums over all events of p times a logarithm; look at the sign, and at which of the two is in front of it."


def distributions(rng, n=5):
    """Return two distributions over n events, none of them impossible."""
    p, q = rng.dirichlet(np.ones(n), 2) * 0.9 + 0.1 / n
    return p, q


def asked(check, name, *values):
    """Return what the student's function gives for distributions, handed over by the names of its arguments."""
    function = check.student.function(name, *OTHERS[name])
    names = [str(p[0]).lower().strip("_") for p in parameters_of(function) or ()]
    if len(values) == 2 and names[:2] in (
        ["q", "p"],
        ["y_pred", "y_true"],
        ["pred", "true"],
        ["yhat", "y"],
        ["y_hat", "y"],
    ):
        check.remark(f"the arguments of your `{name}` come in another order")
        values = values[::-1]
    return check.student.call(function, *values).value


def require(check, name, *values, **options):
    """Require what the reference gives; logarithms to base 2 count too."""
    want = getattr(check.reference, name)(*values)
    got = align(asked(check, name, *values), np.shape(want), allow=("column", "row", "batch", "tuple")).value
    found = compare_arrays(got, want, rtol=1e-6, atol=options.get("atol", 1e-9))
    if found is None:
        return
    if compare_arrays(got, want / np.log(2), rtol=1e-6, atol=options.get("atol", 1e-9)) is None:
        check.remark(f"your `{name}` uses logarithms to base 2")
        return
    diagnosis = check.reference.explain(
        name, values, lambda answer: compare_arrays(got, answer, rtol=1e-6, atol=1e-9) is None
    )
    check.fail(
        f"`{name}`: {found.reason}",
        Text(title="What was asked", text=f"{name}({', '.join(show(value) for value in values)})"),
        Text(title="What came back", text=show(got)),
        Text(title="What was expected", text=show(want), expected=True),
        diagnosis=diagnosis,
    )


@pytest.mark.check("q5", points=1, needs="entropy", hint=HINT)
def test_entropy(check, rng):
    """entropy gives −Σ p log p"""
    require(check, "entropy", distributions(rng)[0])


@pytest.mark.check("q5", points=2, needs="cross_entropy", hint=HINT)
def test_cross_entropy(check, rng):
    """cross_entropy gives −Σ p log q"""
    require(check, "cross_entropy", *distributions(rng))


@pytest.mark.check("q5", points=2, needs="kl_divergence", hint=HINT)
def test_kl_divergence(check, rng):
    """kl_divergence gives Σ p log(p/q), which is 0 for equal distributions"""
    p, q = distributions(rng)
    require(check, "kl_divergence", p, q)
    require(check, "kl_divergence", p, p, atol=1e-7)


@pytest.mark.check(
    "q5",
    points=1,
    needs=("entropy", "cross_entropy", "kl_divergence"),
    hint="It has to hold for your own three functions.",
)
def test_identity(check, rng):
    """your own functions fulfil H(P, Q) = D(P‖Q) + H(P), whatever P and Q are"""
    for n in (2, 5, 20):
        p, q = distributions(rng, n)
        try:
            cross, divergence, own = (
                float(np.squeeze(asked(check, name, *values)))
                for name, values in (("cross_entropy", (p, q)), ("kl_divergence", (p, q)), ("entropy", (p,)))
            )
        except (TypeError, ValueError):
            check.fail("Your three functions have to return numbers.")
        if not np.isclose(cross, divergence + own, rtol=1e-6, atol=1e-7):
            check.fail(f"For {n} events H(P, Q) = {cross:.5g}, but D(P‖Q) + H(P) = {divergence:.5g} + {own:.5g}.")
        if divergence < -1e-9:
            check.fail(f"Your divergence is {divergence:.5g}: it is never negative.")


@pytest.mark.check(
    "q5",
    points=1,
    hidden=True,
    needs=("cross_entropy", "kl_divergence"),
    hint="0 · log 0 counts as 0: leave the events out that P rules out. For one-hot P both are −log q of the class.",
)
def test_one_hot(check, rng):
    """for one-hot P cross-entropy and divergence are equal, and no NaN comes from events with p = 0"""
    q = distributions(rng)[1]
    p = np.eye(5)[int(rng.integers(5))]
    for name in ("cross_entropy", "kl_divergence"):
        require(check, name, p, q, atol=1e-7)
