"""The drawn data sets: what they look like, that they are the same everywhere, and that they can be learnt."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import datasets
from grader.datasets.drawing import FINE, PIXEL, Chance, Placing, box, inside, shrunk

DRAWN = {"garments": (28, 28), "pictures": (32, 32, 3)}
PINNED = {  # of the first 20 training images, the last 20 hidden ones, and the training labels
    "digits": ("2dfec57ab195c928", "d5d57bbb545066af", "f3715fcc4da100a4"),
    "garments": ("fced874b9ad8a0ec", "634c33cc1cdeec0c", "302e6e2b0281c761"),
    "pictures": ("f3f13ea810f88a71", "295ee6b8b77b0173", "cd6497fb4b2e5fcd"),
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Keep these tests out of the user's cache, and draw once for all of them."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setattr("platformdirs.user_cache_dir", lambda name: str(folder / name))
        yield


def short_hash(array):
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]


@pytest.mark.slow
@pytest.mark.parametrize("name", PINNED)
def test_the_same_bytes_everywhere(name):
    """A change of any byte must come with a new VERSION, or old caches would give other marks."""
    x, y = datasets.training(name)
    new, _ = datasets.hidden(name)

    assert PINNED[name] == (short_hash(x[:20]), short_hash(new[-20:]), short_hash(y))


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_shapes_types_ranges_and_balance(name):
    parts = [datasets.training(name), datasets.testing(name), datasets.hidden(name)]

    assert datasets.EMBEDDED[name].sizes == tuple(len(x) for x, _ in parts)
    assert len(datasets.EMBEDDED[name].classes) == 10
    for x, y in parts:
        assert (x.shape[1:], x.dtype, y.dtype, y.shape) == (DRAWN[name], np.uint8, np.uint8, (len(x),))
        assert (x.min(), x.max()) == (0, 255)
        assert set(np.bincount(y).tolist()) == {len(y) // 10}
    labels = parts[0][1]
    assert set(labels[:100].tolist()) == set(range(10))  # in no order: the first rows hold every class


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "served", "labels"), [("garments", "fashion_mnist", ()), ("pictures", "cifar10", (1,))]
)
def test_the_store_has_the_original_shapes_and_no_hidden_row(name, served, labels):
    with np.load(datasets.store({served: name}) / f"{served}.npz", allow_pickle=False) as kept:
        arrays = {key: kept[key] for key in kept}
    n_train, n_test, _ = datasets.EMBEDDED[name].sizes

    assert (n_train, *DRAWN[name]) == arrays["x_train"].shape
    assert (n_train, *labels) == arrays["y_train"].shape
    assert (n_test, *labels) == arrays["y_test"].shape
    seen = {image.tobytes() for part in ("x_train", "x_test") for image in arrays[part]}
    assert len(seen) == n_train + n_test
    assert not seen & {image.tobytes() for image in datasets.hidden(name)[0]}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "low", "high"), [("garments", 0.62, 0.82), ("pictures", 0.45, 0.68)])
def test_a_linear_model_learns_something_but_not_all(name, low, high):
    """What the table in docs/datasets.md says of the linear model, by least squares on the labels."""
    (x, y), (new_x, new_y) = (
        (part[0].reshape(len(part[0]), -1) / 255 - 0.5, part[1])
        for part in (datasets.training(name), datasets.hidden(name))
    )
    gram = x.T @ x + 300 * np.eye(x.shape[1])

    weights = np.linalg.solve(gram, x.T @ (np.eye(10)[y] - 0.1))

    assert low < ((new_x @ weights).argmax(axis=1) == new_y).mean() < high


# --- drawing ----------------------------------------------------------------------------------------------------------


@given(st.integers(-500, 500), st.integers(0, 1000), st.integers(0, 2**32))
def test_chance_stays_within_its_bounds(low, width, seed):
    drawn = Chance(seed).between(low, low + width, 50)

    assert drawn.dtype == np.int64
    assert low <= drawn.min() <= drawn.max() <= low + width


def test_chance_is_even_and_noise_has_its_width():
    chance = Chance(1)

    assert np.abs(np.bincount(chance.between(0, 9, 100_000)) / 10_000 - 1).max() < 0.05
    noise = chance.noise(20, 100_000)
    assert abs(noise.mean()) < 1
    assert abs(noise.std() - 20) < 1


def test_chance_is_what_numpy_promises_to_keep():
    """The raw output of PCG64, which NumPy's policy for random numbers keeps the same."""
    expected = np.random.PCG64(7).random_raw(3) >> np.uint64(32)

    assert [int(value) * 1000 >> 32 for value in expected] == Chance(7).between(0, 999, 3).tolist()


@given(st.lists(st.tuples(st.integers(0, 10 * PIXEL), st.integers(0, 10 * PIXEL)), min_size=3, max_size=7))
def test_inside_agrees_with_a_plain_even_odd_count(corners):
    """Sample by sample, with exact fractions."""
    from fractions import Fraction

    mask = inside(np.array([corners]), 10)[0]
    step = PIXEL // FINE
    for row, column in [(0, 0), (3, 7), (9, 9), (12, 4), (19, 19), (10, 15)]:
        x, y = column * step + step // 2, row * step + step // 2
        crossings = 0
        for (x1, y1), (x2, y2) in zip(corners[-1:] + corners[:-1], corners, strict=True):
            if (y1 > y) != (y2 > y):
                at = x1 + Fraction((x2 - x1) * (y - y1), y2 - y1)
                crossings += x < at.__floor__()
        assert mask[row, column] == (crossings % 2 == 1)


def test_a_box_covers_its_share_of_the_picture():
    corners = np.array([box(2 * PIXEL, 3 * PIXEL, 7 * PIXEL, 9 * PIXEL)])

    covered = shrunk(inside(corners, 10).astype(np.int64) * 255)[0]

    assert covered.sum() == 255 * 5 * 6
    assert covered[3:9, 2:7].min() == 255


def test_shapes_stay_near_the_picture():
    placed = Placing(Chance(2), 500, 28).shape(box(-900, -900, 900, 900))

    assert placed.shape == (500, 4, 2)
    assert abs(placed.mean() - 14 * PIXEL) < PIXEL
    assert -6 * PIXEL < placed.min() < placed.max() < 34 * PIXEL
