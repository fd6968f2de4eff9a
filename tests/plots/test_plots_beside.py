"""Bar charts, and pictures beside them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from notebooks import notebook
from plots_drawn import chart, figure, picture

from grader.config import Limits
from grader.kernels import Kernel
from grader.plots import Image, bar_charts, figures, images_beside_bars, row_shown

START = """
import numpy as np, matplotlib.pyplot as plt
rng = np.random.default_rng(7)
x = (rng.random((5, 28, 28)) * 255).astype(np.uint8)
p = rng.dirichlet(np.ones(10), size=5).astype(np.float32)
c = range(10)
names = list("abcdefghij")
"""
GRID = "_, a = plt.subplots(3, 2)\nfor i in range(3): a[i, 0].imshow(x[i]); "
EACH = "for i in range(3):\n    f, a = plt.subplots(1, 2); a[0].imshow(x[i], cmap='gray'); "
IN_A_ROW = "for i in range(3):\n    plt.subplot(1, 6, 2 * i + 1); {}; plt.subplot(1, 6, 2 * i + 2); {}"
GALLERY = "_, a = plt.subplots(1, 3)\nfor i in range(3): a[i].imshow(x[i])\n"
RIGHT = {
    "two columns": GRID + "a[i, 1].bar(c, p[i])",
    "two rows": "_, a = plt.subplots(2, 3)\nfor i in range(3): a[0, i].imshow(x[i] / 255); a[1, i].bar(names, p[i])",
    "in a row": IN_A_ROW.format("plt.imshow(x[i])", "plt.bar(c, p[i])"),
    "bars first": IN_A_ROW.format("plt.bar(c, p[i])", "plt.imshow(x[i])"),
    "a figure each": EACH + "a[1].barh(names, p[i]); plt.show()",
    "figures in turn": "for i in range(3):\n    plt.imshow(x[i]); plt.show(); plt.bar(c, p[i]); plt.show()",
    "bright and dark": EACH + "a[0].clear(); a[0].imshow(255 - x[i], cmap='binary'); a[1].bar(c, p[i])",
    "with a colour scale": EACH + "f.colorbar(a[0].images[0], ax=a[0]); a[1].bar(c, p[i])",
    "one call a bar": EACH + "_ = [a[1].bar(k, p[i, k]) for k in c]",
    "with a mark": EACH + "a[1].bar(c, p[i]); a[1].bar([3], [1], alpha=.2)",
    "backwards": EACH + "a[1].bar(c[::-1], p[i, ::-1])",
    "per cent": EACH + "a[1].bar(c, 100 * p[i])",
    "after a gallery": GALLERY + "plt.show()\n" + GRID + "a[i, 1].bar(c, p[i])",
}
NO_BARS = "Your notebook shows no bar chart with 10 bars where 3 are asked for."
WRONG = {
    "no figure": ("1", ["Your notebook shows no figure."]),
    "only pictures": (GALLERY, [NO_BARS]),
    "two": (
        "_, a = plt.subplots(2, 2)\nfor i in range(2): a[i, 0].imshow(x[i]); a[i, 1].bar(c, p[i])",
        ["only 2 pictures where 3", "only 2 bar charts with 10 bars where 3"],
    ),
    "nine bars": (GRID + "a[i, 1].bar(c[:9], p[i, :9])", [NO_BARS, "There are bar charts with 9 bars."]),
    "logits": (GRID + "a[i, 1].bar(c, p[i] * 5)", ["3 of your bar charts sum to 5, not to one."]),
    "apart": (
        GALLERY + "_, a = plt.subplots(1, 3)\nfor i in range(3): a[i].bar(c, p[i])",
        ["Only 0 of 3 pictures stand beside a bar chart"],
    ),
    "histograms": (GRID + "a[i, 1].hist(p[i], bins=10, weights=np.full(10, .1))", [NO_BARS]),
}


@pytest.fixture(scope="module")
def drawn():
    samples = RIGHT | {name: source for name, (source, _) in WRONG.items()}
    with Kernel(Limits(), seed=1) as kernel:
        execution = kernel.run(notebook(START, *samples.values()))
        assert [cell.error for cell in execution.cells] == [None] * (1 + len(samples))
        shown = figures(kernel)
    return {name: [one for one in shown if one.cell == number] for number, name in enumerate(samples, 1)}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(7)
    x = (rng.random((5, 28, 28)) * 255).astype(np.uint8)
    return x, rng.dirichlet(np.ones(10), size=5)


@pytest.mark.parametrize("name", RIGHT)
def test_pictures_stand_beside_their_bars(drawn, data, name):
    x, p = data

    found = images_beside_bars(drawn[name], 3, 10)

    assert found.missing == ()
    assert [row_shown(pair.picture.image, x) for pair in found.pairs] == [0, 1, 2]
    np.testing.assert_allclose([pair.probabilities for pair in found.pairs], p[:3], atol=1e-6)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_missing_is_said(drawn, name):
    said = images_beside_bars(drawn[name], 3, 10).missing

    assert len(said) == len(WRONG[name][1])
    assert [part in sentence for part, sentence in zip(WRONG[name][1], said, strict=True)] == [True] * len(said)


def test_names_of_bars_are_told_in_order(drawn):
    upright, lying = drawn["two rows"], drawn["a figure each"]

    assert {found.names for found in bar_charts([*upright, *lying], 10)} == {tuple("abcdefghij")}
    assert [found.names for found in bar_charts(drawn["two columns"], 10)] == [()] * 3


def test_bars_at_one_position_are_no_joined_chart():
    stacked = chart([0.5], positions=[0]).bars + chart([0.5], positions=[0]).bars

    assert bar_charts([figure(chart([1]).model_copy(update={"bars": stacked}))], 2) == []


PIXELS = arrays(np.float64, (4, 6, 5), elements=st.floats(0, 1, width=16), unique=True)


@given(PIXELS, st.integers(0, 3), st.floats(0.1, 255), st.floats(-100, 100))
def test_a_row_is_recognised_at_any_brightness(rows, index, contrast, brightness):
    pixels = rows[index] * contrast + brightness
    image = picture(pixels).images[0]
    negative = picture(-pixels).images[0]
    strange = Image(shape=(6, 4), low=0, high=1, pixels=np.linspace(0, 1, 24))

    found = row_shown(image, rows.reshape(4, 30))
    assert found is not None
    assert np.ptp(rows[found]) == 0 or np.max(np.abs(stretched(rows[found]) - stretched(pixels))) <= 2e-3
    assert row_shown(negative, rows) is not None
    assert row_shown(strange, rows) is None
    assert row_shown(image, rows[:0]) is None


def stretched(pixels):
    return (pixels - pixels.min()) / np.ptp(pixels)


def test_a_large_picture_is_recognised_by_what_was_kept():
    rows = np.random.default_rng(1).random((3, 100, 90, 3))
    image = Image(shape=(100, 90, 3), low=0, high=1, step=2, pixels=rows[1, ::2, ::2].ravel())

    assert row_shown(image, rows) == 1
