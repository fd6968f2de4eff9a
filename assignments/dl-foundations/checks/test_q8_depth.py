"""Question 8: clipping, residual connections, gradient norms by depth, and the plot of them."""

import itertools

import numpy as np
import pytest
from df_ask import RTOL, Form, attempted, call, find, first_that_holds, require, spelled
from df_depths import DEEP, best_plot, problems_of
from df_values import leaves

from grader.compare import compare_arrays, show
from grader.plots import as_evidence
from grader.results import Curves, Series, Text

BY_NORM = ("clip_by_norm", "clip_norm", "clip_gradient_norm", "clip_gradients_by_norm", "clip_grad_norm")
BY_VALUE = ("clip_by_value", "clip_value", "clip_gradients_by_value", "clip_grad_value", "clip_gradient_value")
BOTH_SIDES = Form(
    note="your `clip_by_value` takes both limits",
    send=lambda given: {"gradient": given["gradient"], "low": -given["limit"], "high": given["limit"]},
)
LISTED = Form(
    note="your function takes a list of gradients: it was given a list of one",
    send=lambda given: given | {"gradient": [given["gradient"]]},
)
NORMS_HINT = (
    "Forward, keeping every z; then from the last layer down: δ = ∂L/∂a ⊙ f′(z), ∂L/∂W = outer(input, δ), and "
    "∂L/∂a of the layer below is W δ."
)


@pytest.mark.check("q8", points=1, needs="clip_by_value", hint="Every entry by itself: np.clip does it.")
def test_clip_by_value(check, rng):
    """clip_by_value keeps every entry within the limits and leaves the others alone"""
    given = {"gradient": rng.normal(scale=2, size=(4, 3)), "limit": float(rng.uniform(0.8, 1.5))}
    require(check, BY_VALUE[0], given, others=BY_VALUE[1:], forms=(Form(), BOTH_SIDES, LISTED))


@pytest.mark.check("q8", points=1.2, needs="clip_by_norm", hint="Where ‖g‖ is larger than allowed: g · max_norm/‖g‖.")
@pytest.mark.parametrize("case", ["longer vector", "shorter vector", "longer matrix"])
def test_clip_by_norm(check, rng, case):
    """clip_by_norm shortens a gradient that is too long and leaves a short one alone"""
    gradient = rng.normal(size=(3, 4) if case.endswith("matrix") else 6)
    norm = float(np.linalg.norm(gradient))
    given = {"gradient": gradient, "max_norm": norm * (0.4 if case.startswith("longer") else 1.7)}
    require(check, BY_NORM[0], given, others=BY_NORM[1:], forms=(Form(), LISTED))


@pytest.mark.check("q8", points=1, needs="residual_block", hint="x + ReLU(x W1) W2: what comes in is added at the end.")
def test_residual_block(check, rng):
    """residual_block adds its input to what its two layers give"""
    given = {"x": rng.normal(size=(5, 4)), "W1": rng.normal(size=(4, 6)), "W2": rng.normal(size=(6, 4))}
    require(check, "residual_block", given, others=("residual", "res_block", "residual_forward"))


@pytest.mark.check("q8", points=1.8, needs="gradient_norms", hint=NORMS_HINT)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_gradient_norms(check, notebook, rng, activation):
    """gradient_norms gives the norm of the gradient of every layer's weights, first layer first"""
    attempted(notebook, "gradient_norms")
    sizes = (5, 7, 6, 6, 4)
    weights = [rng.normal(scale=1 / np.sqrt(a), size=(a, b)) for a, b in itertools.pairwise(sizes)]
    given = {"weights": weights, "x": rng.normal(size=5), "activation": activation}
    want = check.reference.gradient_norms(*given.values())
    function = find(check, "gradient_norms", "layer_gradient_norms", "grad_norms", "gradient_norm")

    def ask(form):
        got = call(check, function, form.send(given))
        found = [leaf.reshape(-1) for leaf in leaves(list(got.values()) if isinstance(got, dict) else got)]
        fitting = [leaf for leaf in found if leaf.size == len(want)]
        if not fitting:
            check.fail(
                f"`gradient_norms` has to return {len(want)} numbers for {len(want)} layers.",
                Text(title="What came back", text=show(got)),
            )
        if compare_arrays(fitting[0], want, rtol=RTOL) is None:
            return
        if compare_arrays(fitting[0][::-1], want, rtol=RTOL) is None:
            check.remark("your norms begin with the last layer")
            return
        fail(check, given, fitting[0], want)

    row = Form(note="your x is a batch of one row", send=lambda g: g | {"x": g["x"].reshape(1, -1)})
    first_that_holds(check, [(form.note, lambda form=form: ask(form)) for form in (Form(), row)])


def fail(check, given, got, want):
    """End the check with the norms by depth, and the misconception where there is one."""
    layers = tuple(float(n) for n in range(1, len(want) + 1))
    difference = compare_arrays(got, want, rtol=RTOL)
    check.fail(
        difference.reason,
        Text(title="What was asked", text=spelled("gradient_norms", given)),
        Text(title="What came back", text=show(got)),
        Curves(
            title="Norm of the gradient by layer",
            x_label="layer",
            y_label="norm",
            series=(
                Series(name="yours", x=layers, y=tuple(np.nan_to_num(got).tolist())),
                Series(name="the reference", x=layers, y=tuple(want.tolist())),
            ),
            description="the norms you gave beside the right ones",
            expected=True,
        ),
        diagnosis=check.reference.explain(
            "gradient_norms",
            tuple(given.values()),
            lambda variant: compare_arrays(got, np.asarray(variant), rtol=RTOL) is None,
        ),
    )


@pytest.mark.check(
    "q8",
    points=1,
    needs="gradient_norms",
    hint='One plt.plot per activation with label=…, then plt.yscale("log"), xlabel, ylabel and legend.',
)
def test_norms_by_depth(check, figures):
    """a plot shows the norms by layer with the sigmoid and with ReLU, on a logarithmic axis"""
    plot = best_plot(figures)
    if plot is None:
        check.fail(
            "No figure shows two lines of ten points: the norms of all ten layers, once with the sigmoid and once with "
            f"ReLU. {'Your notebook shows no figure.' if not figures else ''}".strip()
        )
    check.show_figure(plot.figure, "Your plot of the norms")
    for axes in plot.axes:
        check.show(as_evidence(axes, plot.figure, "The norms as drawn"))
    if plot.sigmoid <= max(DEEP, plot.relu):
        check.fail(
            f"With the sigmoid the largest norm in your plot is {plot.sigmoid:.3g} times the smallest, with ReLU "
            f"{plot.relu:.3g} times. Through ten layers the sigmoid's gradients shrink by far more: are these the "
            "norms of the layers' gradients?"
        )
    problems = problems_of(plot)
    if problems:
        check.score(0.5, f"The norms are there, but {' and '.join(problems)}.")
