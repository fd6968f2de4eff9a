"""What a kernel tells about figures is read with care: whatever it says, figures come out or nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plots_drawn import chart, figure, line, picture, plot

from grader.config import Limits
from grader.errors import StudentError
from grader.kernels.inside.room import MAX_NUMBERS, MAX_POINTS, Room
from grader.plots import Figure, figures, read_figures
from grader.probe import Student

WHOLE = figure(plot(line([1, 2]), legend=["a"]), chart([0.5, 0.5]), picture(np.eye(3)), cell=2).model_dump(
    exclude={"number"}
)


class Says:
    """A kernel that answers with one value, whatever it is asked."""

    def __init__(self, content):
        self.content = content

    def ask(self, content, buffers=(), *, timeout_s):
        assert content["op"] == "figures"
        return self.content, []


def places(value, path=()):
    """Yield the path of everything in a nest of dicts and tuples."""
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if type(value) is tuple else ():
        yield from places(child, (*path, key))


def changed(value, path, new):
    if not path:
        return new
    if isinstance(value, dict):
        return value | {path[0]: changed(value[path[0]], path[1:], new)}
    return [changed(item, path[1:], new) if index == path[0] else item for index, item in enumerate(value)]


ODD = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.just("x" * 500),
    st.just([0.0] * 5_000),
    st.just(np.zeros((2, 2))),
    st.just(np.array([1j])),
    st.just(np.array(["a", None], dtype=object)),
    st.just({1: 2}),
    st.lists(st.integers(0, 5), max_size=3),
)


def test_a_well_formed_figure_is_read():
    read = read_figures({"figures": [WHOLE, WHOLE | {"cell": 7}, WHOLE], "n_dropped": 0})

    assert [one.model_dump(exclude={"number"}) for one in read] == [WHOLE, WHOLE | {"cell": 7}, WHOLE]
    assert [one.number for one in read] == [0, 0, 1]


@given(st.sampled_from(list(places(WHOLE))), ODD)
def test_an_odd_figure_never_stops_the_others(path, odd):
    read = read_figures({"figures": [WHOLE, changed(WHOLE, path, odd), WHOLE]})

    assert all(isinstance(one, Figure) for one in read)
    assert [one.model_dump(exclude={"number"}) for one in (read[0], read[-1])] == [WHOLE, WHOLE]
    assert len(read) in {2, 3}


@given(st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)))
def test_garbage_holds_no_figures(value):
    assert all(one == Figure() for one in read_figures({"figures": [value]}))
    assert read_figures(value) == ()


@pytest.mark.parametrize(
    "curve",
    [
        {"x": [1.0], "y": [1.0, 2.0], "n": 2},
        {"x": [1.0], "y": [1.0], "n": 2},
        {"x": [1.0], "y": [1.0], "n": 10, "step": 10},
        {"x": [1.0] * 2_001, "y": [1.0] * 2_001, "n": 2_001},
        {"x": [], "y": [], "n": -1},
        {"x": [], "y": [], "n": 2**60},
    ],
)
def test_a_curve_that_contradicts_itself_is_none(curve):
    assert read_figures({"figures": [{"axes": [{"lines": [curve]}]}]}) == ()


def test_bars_that_contradict_themselves_are_none():
    bars = {"n": 2, "positions": [0, 1], "heights": [1], "bases": [0, 0], "widths": [1, 1]}

    assert read_figures({"figures": [{"axes": [{"bars": [bars]}]}]}) == ()


@pytest.mark.parametrize(
    "image",
    [
        {"shape": [2, 2], "pixels": [1.0] * 3},
        {"shape": [3], "pixels": [1.0] * 3},
        {"shape": [2, 2, 2, 2], "pixels": [1.0] * 16},
        {"shape": [200, 200], "pixels": np.zeros(40_000)},
    ],
)
def test_an_image_that_contradicts_itself_is_none(image):
    assert read_figures({"figures": [{"axes": [{"images": [{"low": 0, "high": 1, **image}]}]}]}) == ()


def test_more_than_there_is_room_for_is_not_read():
    many = {"figures": [WHOLE] * 1_000}
    heavy = {"figures": [WHOLE, {"texts": np.zeros(4_000_000, dtype=np.uint8)}, WHOLE]}

    assert len(read_figures(many)) == 200
    assert len(read_figures(heavy)) == 1


def test_a_kernel_that_answers_nonsense():
    assert figures(Says({"ok": True, "value": 5})) == ()
    assert figures(Says({"ok": False})) == ()
    with pytest.raises(StudentError, match="could not be read"):
        figures(Says({"ok": True, "value": {"t": "array"}}))
    with pytest.raises(StudentError, match="could not be read"):
        figures(Student(Says({"ok": True, "value": {"t": "array"}}), Limits()))


# --- thinning -----------------------------------------------------------------------------------------------------


@given(st.integers(0, 100_000))
def test_points_are_thinned_evenly(n):
    points = np.arange(n, dtype=float)

    kept = Room().points(points, 2 * points)

    assert len(kept["x"]) <= MAX_POINTS
    assert kept["n"] == n
    np.testing.assert_array_equal(kept["x"], points[:: kept["step"]])
    np.testing.assert_array_equal(kept["y"], 2 * kept["x"])
    assert read_figures({"figures": [{"axes": [{"lines": [kept]}]}]}) != ()


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([(), (1,), (3,), (4,)]), st.booleans())
@settings(max_examples=50)
def test_images_are_thinned_evenly(rows, columns, channels, as_bytes):
    pixels = np.random.default_rng(rows).integers(0, 256, (rows, columns, *channels), dtype=np.uint8)
    image = pixels if as_bytes else np.ma.masked_equal(pixels / 2, 0)

    kept = Room().pixels(image)
    (read,) = read_figures({"figures": [{"axes": [{"images": [kept]}]}]})[0].axes[0].images

    assert max(read.array.shape[:2]) <= 64
    assert read.shape == pixels.shape
    thinned = pixels[:: read.step, :: read.step]
    np.testing.assert_array_equal(read.array, thinned if as_bytes else np.where(thinned == 0, np.nan, thinned / 2))


@given(st.lists(st.integers(0, 5_000), min_size=200, max_size=400))
@settings(max_examples=20)
def test_a_figure_takes_no_more_than_its_room(sizes):
    room = Room()

    kept = sum(2 * len(room.points(np.zeros(size), np.zeros(size))["x"]) for size in sizes)

    assert kept == room.used <= MAX_NUMBERS
    assert room.full == (sum(2 * len(Room().points(np.zeros(n), np.zeros(n))["x"]) for n in sizes) > MAX_NUMBERS)
