"""Question 5: the norms of the gradients of a deep network."""

import itertools

import numpy as np
import pytest

from grader.compare import show
from grader.compare.reading import as_array
from grader.plots import curve_of
from grader.probe import Missing
from grader.results import Text

SIZES = {"shallow": (5, 6, 4), "deep": (5, 8, 8, 8, 8, 3)}
LAYERS = 11
SINGLE = 1e-3  # relative: TensorFlow computes in single precision, and a mistake shows by far more
VANISHED = 1e-3  # of the last layer's norm: σ′ is at most 1/4 in each of ten layers, so 1e-4 and less is usual


@pytest.mark.check(
    "q5",
    points=4,
    needs="gradient_norms",
    hint="Keep every layer's input on the way up; on the way down, δ of a layer is Wᵀδ of the next one, times f′.",
)
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_gradient_norms(check, rng, activation):
    """gradient_norms gives the norm of every layer's gradient, the first layer first"""
    for sizes in SIZES.values():
        shapes = list(itertools.pairwise(sizes))
        weights = [rng.normal(size=(n_out, n_in)) * np.sqrt(2 / n_in) for n_in, n_out in shapes]
        biases = [rng.normal(size=n_out) * 0.3 for _, n_out in shapes]
        label = np.eye(sizes[-1])[rng.integers(sizes[-1])]
        arguments = (weights, biases, np.abs(rng.normal(size=sizes[0])), label, activation)
        value = check.student.call("gradient_norms", *arguments).value
        check.agree(
            list(value.values()) if isinstance(value, dict) else value,
            check.reference.gradient_norms(*arguments),
            asked=f"gradient_norms of a network with layers of {', '.join(map(str, sizes))} and {activation}",
            explain=("gradient_norms", arguments),
            rtol=SINGLE,
        )


def norms(check, name):
    """Return eleven norms from the notebook; fails where there are none."""
    value = check.student.get(name)
    if isinstance(value, Missing):
        raise value.error()
    found = as_array(list(value.values()) if isinstance(value, dict) else value) if value is not None else None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "fiu" or found.size != LAYERS:
        check.fail(f"`{name}` holds eleven numbers: one for each layer.", Text(title="What it is", text=show(value)))
    found = found.ravel().astype(float)
    if not np.isfinite(found).all() or found.min() < 0 or found.max() == 0:
        check.fail(f"`{name}` holds numbers that are no norms.", Text(title="What it is", text=show(found)))
    return found


@pytest.mark.check(
    "q5", points=3, needs=("norms_sigmoid", "norms_relu"), hint="Sigmoid: variance 2/(n_in + n_out); ReLU: 2/n_in."
)
def test_sigmoid_vanishes_and_relu_does_not(check):
    """with sigmoid the first layer's gradient vanishes, with ReLU it does not"""
    sigmoid, relu = norms(check, "norms_sigmoid"), norms(check, "norms_relu")
    fallen, kept = (values[0] / max(values[-1], 1e-300) for values in (sigmoid, relu))
    if fallen > VANISHED and 1 / max(fallen, 1e-300) < VANISHED:
        check.fail("The first number of `norms_sigmoid` is far larger than the last: is the first layer's norm first?")
    if fallen > VANISHED:
        check.fail(
            f"With sigmoid, your first layer's gradient is {fallen:.2g} times the last one's: ten layers should leave "
            "far less of it. Are there ten hidden layers of 32 units, is σ′ in each step down, and do the weights have "
            "the variance 2/(n_in + n_out) rather than 1?"
        )
    if kept < 10 * fallen or kept < 1e-2:
        check.fail(
            f"With ReLU, your first layer's gradient is {kept:.2g} times the last one's: with weights of variance "
            "2/n_in it stays of the same order."
        )


@pytest.mark.check(
    "q5", points=2, needs=("norms_sigmoid", "norms_relu"), hint="plt.semilogy(norms, label=…), xlabel, ylabel, legend."
)
def test_norms_are_plotted(check, figures):
    """both are plotted against the depth, on a logarithmic axis, with labels and a legend"""
    found = [drawn(figures, norms(check, name)) for name in ("norms_sigmoid", "norms_relu")]
    missing = [name for name, one in zip(("norms_sigmoid", "norms_relu"), found, strict=True) if one is None]
    if missing:
        check.fail(f"No line of your figures shows `{missing[0]}`.")
    plot = found[-1]
    check.show_figure(plot.figure, "Your plot of the norms")
    if found[0].axes is not plot.axes:
        check.fail("The two lines are in different plots: draw both into one, so that they compare.")
    said = []
    if plot.axes.yscale != "log" and min(plot.curve.y) >= 0:
        said.append("The vertical axis is not logarithmic: plt.semilogy, or plt.yscale('log').")
    for letter, axis in (("x", "horizontal"), ("y", "vertical")):
        if not plot.figure.label_of(plot.axes, letter):
            said.append(f"The {axis} axis has no label.")
    if len(plot.figure.legend_of(plot.axes)) < 2:
        said.append("There is no legend that tells the two lines apart.")
    if said:
        check.fail(" ".join(said))


def drawn(figures, values):
    """Return the last line that shows values, or their logarithms."""
    logarithms = [np.log10(values), np.log(values)] if values.min() > 0 else []
    found = [curve_of(figures, one) for one in (values, *logarithms)]
    return next(filter(None, found), None)
