"""What the kernel keeps of the figures a notebook shows, in every way they can be shown."""

import json

import numpy as np
import pytest
from notebooks import notebook

from grader.config import SPAWNED, Limits
from grader.kernels import Kernel
from grader.kernels.inside.wire import Decoder
from grader.plots import curve_of, figures
from grader.probe import Student

START = "import numpy as np, matplotlib.pyplot as plt\nfrom IPython.display import display\n"

# Each cell shows one figure; its line is y = 1, 4, 9.
WAYS = {
    "end of the cell": "plt.plot([1, 4, 9])",
    "plt.show": "plt.plot([1, 4, 9]); plt.show()",
    "display": "figure, axes = plt.subplots(); axes.plot([1, 4, 9]); plt.close(figure); display(figure)",
    "value": "figure = plt.figure(); figure.add_subplot().plot([1, 4, 9]); plt.close(figure)\nfigure",
    "figure.show": "figure, axes = plt.subplots(); axes.plot([1, 4, 9]); figure.show()",
    "pandas": "import pandas\n_ = pandas.DataFrame({'a': [1, 4, 9]}).plot()",
    "broken pyplot": "plt.xlabel = 'class'; plt.show = plt.legend = None; _ = plt.plot([1, 4, 9])",
    "objects": "from matplotlib.figure import Figure\nfigure = Figure(); _ = figure.subplots().plot([1, 4, 9])\nfigure",
    "svg": "%config InlineBackend.figure_format = 'svg'\nplt.plot([1, 4, 9]); print('drawn')",
}


@pytest.fixture(scope="module")
def ways():
    with Kernel(Limits(), seed=1) as kernel:
        execution = kernel.run(notebook(START, *WAYS.values()))
        return execution, figures(Student(kernel, Limits())), figures(kernel)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_show_a_figure_is_seen_once(ways, way):
    execution, shown, _ = ways
    index = 1 + list(WAYS).index(way)

    mine = [figure for figure in shown if figure.cell == index]

    assert [curve.y for figure in mine for axes in figure.axes for curve in axes.lines] == [(1.0, 4.0, 9.0)]
    assert [output.mime for output in execution.cells[index].outputs if output.mime.startswith("image/")] != []
    assert execution.cells[index].error is None


def test_the_student_and_the_kernel_tell_the_same(ways):
    _, from_student, from_kernel = ways

    assert len(WAYS) == len(from_student)
    assert from_student == from_kernel


def run(*cells, **options):
    with Kernel(Limits(), seed=1, **options) as kernel:
        execution = kernel.run(notebook(START, *cells))
        reply, buffers = kernel.ask({"op": "figures", "max_bytes": 64_000_000}, timeout_s=20.0)
        return execution, Decoder(buffers).decode(reply["value"]), figures(kernel)


CONTENT = """
figure, (left, right) = plt.subplots(1, 2)
left.plot([1, 2], [3, np.nan], "g--o", label="up"); left.axhline(2); left.plot([], [], label="empty")
left.plot([1, 2], [5, 6], visible=False)
left.set_xlabel("Épocas"); left.set_ylabel("损失"); left.set_title("here"); left.set_yscale("log"); left.legend()
left.text(1, 3, "a note"); left.set_xlim(4, 1)
right.bar(["cat", "dog"], [0.25, 0.75], color=["red", "blue"], label="animals"); right.scatter([0, 1], [1, 2])
right.fill_between([0, 1], [1, 1])
figure.suptitle("Both")
""", """
figure, axes = plt.subplots(2, 2)
picture = axes[0, 0].imshow(np.arange(12).reshape(3, 4), cmap="gray"); plt.colorbar(picture, ax=axes[0, 0])
axes[0, 1].imshow(np.full((2, 2, 3), 7, dtype=np.uint8))
axes[1, 0].pcolormesh(np.eye(3)); axes[1, 0].axis("off"); axes[1, 0].set_xlabel("unseen")
axes[1, 1].barh([2, 0, 1], [0.5, 0.2, 0.3]); axes[1, 1].hist(np.arange(100), bins=4)
axes[1, 1].stairs([1, 2], [0, 1, 3])
figure.supxlabel("below all")
"""  # fmt: skip


@pytest.fixture(scope="module")
def content():
    execution, _, shown = run(*CONTENT)
    assert [cell.error for cell in execution.cells] == [None] * 3
    return shown


def test_lines_and_texts_are_read(content):
    left, right = content[0].axes

    assert (content[0].title, left.title, left.xlabel, left.ylabel) == ("Both", "here", "Épocas", "损失")
    assert (left.xscale, left.yscale, left.xlim) == ("linear", "log", (4.0, 1.0))
    assert [(line.label, line.colour, line.style, line.marker) for line in left.lines] == [("up", "#008000", "--", "o")]
    np.testing.assert_equal(left.lines[0].y, (3.0, np.nan))
    assert [(entry.text, entry.colour) for entry in left.legend] == [("up", "#008000"), ("empty", "#1f77b4")]
    assert left.texts == ("a note",)
    assert content[0].legend_of(right) == ()


def test_bars_and_dots_are_read(content):
    right = content[0].axes[1]

    assert [(bars.label, bars.heights, bars.colours) for bars in right.bars] == [
        ("animals", (0.25, 0.75), ("#ff0000", "#0000ff"))
    ]
    assert right.xticks == ((0.0, "cat"), (1.0, "dog"))
    assert [dots.y for dots in right.scatters] == [(1.0, 2.0)]
    assert right.n_collections == 1


def test_images_are_read(content):
    figure = content[1]
    gray, colour, mesh, _, bar = figure.axes

    np.testing.assert_array_equal(gray.images[0].array, np.arange(12).reshape(3, 4))
    assert (gray.images[0].low, gray.images[0].high, gray.images[0].colours) == (0.0, 11.0, "gray")
    assert colour.images[0].shape == (2, 2, 3)
    assert set(colour.images[0].pixels) == {7.0}
    assert mesh.images[0].mesh
    np.testing.assert_array_equal(mesh.images[0].array, np.eye(3))
    assert (mesh.xlabel, figure.label_of(gray, "x")) == ("", "below all")
    assert bar.kind == "colorbar"
    assert bar not in figure.plots


def test_lying_bars_and_histograms_are_read(content):
    lying, histogram, stairs = content[1].axes[3].bars

    assert lying.horizontal
    assert not lying.touching
    assert lying.in_order().tolist() == [0.2, 0.3, 0.5]
    assert histogram.heights == (25.0,) * 4
    assert (stairs.heights, stairs.positions, stairs.widths) == ((1.0, 2.0), (0.5, 2.0), (1.0, 2.0))
    assert content[1].axes[3].histograms == (histogram, stairs)


def test_what_is_huge_is_thinned():
    execution, _, shown = run(
        "y = np.arange(1e6) ** 2\nplt.plot(y)",
        "plt.imshow(np.linspace(0, 9, 1500 * 1000 * 3).reshape(1500, 1000, 3) / 9)",
        "figure, axes = plt.subplots()\nfor _ in range(400): axes.plot([1, 2])\naxes.set_title('t' * 1_000)",
    )
    line = shown[0].axes[0].lines[0]
    image = shown[1].axes[0].images[0]

    assert (line.n, line.step, len(line.y)) == (1_000_000, 500, 2_000)
    assert curve_of(shown, np.arange(1e6) ** 2).curve == line
    assert curve_of(shown, np.arange(1e6)) is None
    assert (image.shape, image.step, image.array.shape) == ((1500, 1000, 3), 24, (63, 42, 3))
    assert (image.low, image.high) == (0.0, 1.0)
    assert (len(shown[2].axes[0].lines), len(shown[2].axes[0].title)) == (300, 300)
    assert [cell.error for cell in execution.cells] == [None] * 4


def test_of_too_many_figures_the_other_cells_lose_none():
    many = "for number in range(150):\n    figure = plt.figure(figsize=(0.1, 0.1)); figure.suptitle(str(number))\n"
    _, told, shown = run("plt.plot([1, 4, 9])", many + "    display(figure); plt.close(figure)", "plt.plot([1, 2])")

    assert [figure.cell for figure in shown] == [1, *[2] * 118, 3]
    assert (shown[1].title, shown[118].title) == ("32", "149")
    assert told["n_dropped"] == 32


def test_a_figure_shown_twice_in_a_cell_counts_as_it_was_last():
    _, _, shown = run(
        "figure, axes = plt.subplots(); axes.plot([1, 2]); display(figure); axes.set_xlabel('x')", "display(figure)"
    )

    assert [(figure.cell, figure.axes[0].xlabel) for figure in shown] == [(1, "x"), (2, "x")]


def test_what_cannot_be_read_is_shown_all_the_same():
    execution, told, shown = run(
        "import matplotlib.axes, matplotlib.lines\n"
        "class Odd(matplotlib.lines.Line2D):\n    def get_marker(self): raise SystemError('odd')\n"
        "_, axes = plt.subplots(); axes.plot([1, 2]); axes.add_line(Odd([1, 2], [3, 4])); axes.plot([5, 6]); print()",
        "plt.plot([1, 2]); plt.gcf().get_suptitle = 'odd'; print()",
        "matplotlib.axes.Axes.get_title = 'odd'; plt.plot([1, 2]); print()",
    )

    assert [line.y for line in shown[0].axes[0].lines] == [(1.0, 2.0), (5.0, 6.0)]
    assert (len(shown), shown[1].axes, told["n_dropped"]) == (2, (), 1)
    assert [[output.mime for output in cell.outputs] for cell in execution.cells[1:]] == [
        ["text/plain", "image/png"]
    ] * 3


def test_a_kernel_that_was_not_forked_keeps_figures_too():
    _, _, shown = run("plt.plot([1, 4, 9])", provisioner=SPAWNED)

    assert [line.y for line in shown[0].axes[0].lines] == [(1.0, 4.0, 9.0)]


def test_nothing_shown_is_no_figure():
    _, told, shown = run("figure = plt.figure(); plt.plot([1, 2]); plt.close()")

    assert told == {"figures": [], "n_dropped": 0}
    assert shown == ()


def test_what_a_call_shows_is_forgotten_by_the_next_check():
    with Kernel(Limits(), seed=1) as kernel:
        kernel.run(notebook(START, "plt.plot([1, 2])", "def draw():\n    plt.plot([3, 4]); plt.show()"))
        student = Student(kernel, Limits())
        student.begin(1)
        student.draw()
        during = [figure.cell for figure in figures(student)]
        student.begin(2)

        assert during == [1, None]
        assert [figure.cell for figure in figures(student)] == [1]


def test_ticks_that_were_given_names_are_read():
    _, _, shown = run(
        "plt.plot([1, 2]); plt.xticks([0, 1], ['a', 'b']); plt.gca().set_yticks([1, 2], labels=[0, 1])",
        "plt.plot([1, 2]); plt.xticks([0, 1]); plt.gca().xaxis.set_major_formatter(lambda x, place: 1 / 0)\n"
        "plt.gca().xaxis.draw = lambda *_: None; plt.gca().get_tightbbox = lambda *_, **__: None",
    )

    assert [(axes.xticks, axes.yticks) for figure in shown for axes in figure.axes] == [
        (((0.0, "a"), (1.0, "b")), ((1.0, "0"), (2.0, "1"))),
        ((), ()),
    ]


# --- Plotly -----------------------------------------------------------------------------------------------------

PLOTLY = {
    "data": [
        {"type": "scatter", "y": [3, 2.5, 2], "name": "train", "line": {"color": "#636efa"}},
        {"type": "scatter", "x": [1, 2, 3], "y": {"dtype": "f8", "bdata": "AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhA"}},
        {"type": "scatter", "mode": "markers", "x": ["a", "b"], "y": [1, None]},
        {"type": "bar", "orientation": "h", "y": ["p", "q"], "x": [1, 2], "xaxis": "x2", "yaxis": "y2"},
        {"type": "heatmap", "z": [[1, 2], [3, 4]], "xaxis": "x3", "yaxis": "y3"},
        {"type": "pie", "values": [1, 2]},
        {"type": "scatter", "y": {"dtype": "O", "bdata": "AAAA"}},
        {"type": "scatter", "y": [1, 2], "visible": "legendonly"},
    ],
    "layout": {
        "title": {"text": "Loss"},
        "xaxis": {"title": {"text": "epoch"}, "domain": [0, 0.4]},
        "yaxis": {"title": "loss", "type": "log", "range": [0, 1]},
        "annotations": [{"text": "a note"}],
    },
}


def test_plotly_figures_are_read_from_their_json():
    data = {"application/vnd.plotly.v1+json": PLOTLY, "text/plain": "a figure"}
    _, told, shown = run(
        f"import json\ndata = json.loads({json.dumps(data)!r})\ndisplay(data, raw=True)",
        "display({'application/vnd.plotly.v1+json': 5}, raw=True)",
        "display({'application/vnd.plotly.v1+json': {'data': [{'y': list(range(9_999))}]}}, raw=True)",
    )
    first, second, third = shown[0].axes

    assert (shown[0].library, shown[0].cell, shown[0].title, shown[0].texts) == ("plotly", 1, "Loss", ("a note",))
    assert (first.xlabel, first.ylabel, first.yscale, first.ylim) == ("epoch", "loss", "log", (1.0, 10.0))
    assert [(line.label, line.x, line.y) for line in first.lines] == [
        ("train", (0.0, 1.0, 2.0), (3.0, 2.5, 2.0)),
        ("", (1.0, 2.0, 3.0), (1.0, 2.0, 3.0)),
    ]
    np.testing.assert_equal(first.scatters[0].y, (1.0, np.nan))
    assert first.xticks == ((0.0, "a"), (1.0, "b"))
    assert first.n_collections == 2
    assert (second.bars[0].horizontal, second.bars[0].heights, second.yticks[1]) == (True, (1.0, 2.0), (1.0, "q"))
    np.testing.assert_array_equal(third.images[0].array, [[1, 2], [3, 4]])
    assert [entry.text for entry in shown[0].legend] == ["train"]
    assert (shown[1].axes[0].lines[0].n, len(shown[1].axes[0].lines[0].y)) == (9_999, 2_000)
    assert told["n_dropped"] == 1


RENDERERS = """
class Renderers(dict):
    default = "colab"
renderers = Renderers(colab="page", notebook="page", svg="picture", plotly_mimetype="json")
"""


def test_plotly_shows_json_where_it_would_show_a_page():
    execution, _, _ = run(
        "from pathlib import Path\nPath('plotly/io').mkdir(parents=True)\n"
        f"Path('plotly/io/_renderers.py').write_text({RENDERERS!r})",
        "from plotly.io._renderers import renderers\nprint(renderers.default, renderers['colab'], renderers['svg'])",
    )

    assert [output.data for output in execution.cells[2].outputs] == ["plotly_mimetype json picture\n"]
