import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from grader import datasets
from grader.datasets.digits import raw_digits
from grader.errors import AssignmentError, UsageError

PINNED = "53619acc741f3b4465b66f560f56822c9ca1d0a9a626d36e19542ec02f651f2b"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep these tests out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / "cache" / name))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path


def load(folder, name="mnist"):
    with np.load(folder / f"{name}.npz", allow_pickle=False) as kept:
        return {key: kept[key] for key in kept}


def test_store_looks_like_mnist():
    arrays = load(datasets.store({"mnist": "digits"}))

    assert {name: array.shape for name, array in arrays.items()} == {
        "x_train": (1200, 28, 28),
        "y_train": (1200,),
        "x_test": (300, 28, 28),
        "y_test": (300,),
    }
    assert {np.dtype("uint8")} == {array.dtype for array in arrays.values()}
    assert arrays["x_train"].min() == 0
    assert arrays["x_train"].max() == 255
    assert 0.1 < (arrays["x_train"] > 0).mean() < 0.3  # MNIST: 0.19
    assert not arrays["x_train"][:, :4].any()


def test_every_label_has_its_share_of_every_part():
    arrays = load(datasets.store({"mnist": "digits"}))
    _, hidden = datasets.hidden("digits")
    counts = [np.bincount(labels, minlength=10) for labels in (arrays["y_train"], arrays["y_test"], hidden)]

    total = np.sum(counts, axis=0)

    for part, n_rows in zip(counts, (1200, 300, 297), strict=True):
        assert n_rows == part.sum()
        assert np.abs(part - total * n_rows / 1797).max() <= 1


def test_parts_are_all_the_digits_and_hidden_ones_are_not_served():
    from sklearn.datasets import load_digits

    arrays = load(datasets.store({"mnist": "digits"}))
    hidden, labels = datasets.hidden("digits")
    served = {image.tobytes() for name in ("x_train", "x_test") for image in arrays[name]}

    assert not served & {image.tobytes() for image in hidden}
    everything = np.concatenate([arrays["y_train"], arrays["y_test"], labels])
    assert sorted(load_digits().target) == sorted(everything)


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    pixels, labels = raw_digits()

    assert np.array_equal(load_digits().images, pixels)
    assert np.array_equal(load_digits().target, labels)


def test_labels_fit_the_images():
    """The mean image of each label in the training part recognises most of the hidden rows."""
    arrays = load(datasets.store({"mnist": "digits"}))
    means = np.array([arrays["x_train"][arrays["y_train"] == digit].mean(axis=0).ravel() for digit in range(10)])
    images, labels = datasets.hidden("digits")

    distance = ((images.reshape(-1, 1, 784).astype(float) - means) ** 2).sum(axis=2)

    assert (distance.argmin(axis=1) == labels).mean() > 0.8


def test_files_are_the_same_bytes_every_time(cache, monkeypatch):
    first = datasets.store({"mnist": "digits", "fashion_mnist": "digits"})
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda _: str(cache / "elsewhere"))
    second = datasets.store({"fashion_mnist": "digits", "mnist": "digits"})

    assert first != second
    assert first.name == second.name
    assert sorted(file.name for file in second.iterdir()) == ["fashion_mnist.npz", "mnist.npz"]
    assert [file.read_bytes() for file in sorted(first.iterdir())] == [
        file.read_bytes() for file in sorted(second.iterdir())
    ]


def test_content_is_pinned():
    """A change of any byte must come with a new VERSION, or old caches would give other marks."""
    import hashlib

    content = (datasets.store({"mnist": "digits"}) / "mnist.npz").read_bytes()

    assert (datasets.VERSION, hashlib.sha256(content).hexdigest()) == (1, PINNED)


def test_store_is_read_only_and_made_once():
    folder = datasets.store({"mnist": "digits"})
    made = (folder / "mnist.npz").stat().st_mtime_ns

    assert folder == datasets.store({"mnist": "digits"})
    assert made == (folder / "mnist.npz").stat().st_mtime_ns
    assert {0o444} == {file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o555


def test_many_at_once_build_one_folder(cache):
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: datasets.store({"mnist": "digits"}), range(16)))

    assert len(folders) == 1
    assert [folders.pop().name, "digits-1"] == sorted(
        file.name for file in (cache / "cache" / "homework-grader").iterdir()
    )


def test_without_a_cache_the_temporary_folder_is_used(cache, monkeypatch):
    (cache / "file").write_text("in the way")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda _: str(cache / "file" / "cache"))

    folder = datasets.store({"mnist": "digits"})

    assert cache / "tmp" in folder.parents
    assert load(folder)["x_train"].shape == (1200, 28, 28)


@pytest.mark.parametrize("ask", [lambda: datasets.store({"mnist": "digit"}), lambda: datasets.hidden("digit")])
def test_unknown_data_set_names_the_known_ones(ask):
    with pytest.raises(AssignmentError, match=r"'digit'\. Did you mean 'digits'\? There are: digits, garments"):
        ask()


@pytest.mark.parametrize(
    ("served", "why"),
    [
        ({"mnist": "iris"}, "load_iris\\(\\) works in a kernel"),
        ({"mnist": "pictures"}, "its images are \\(32, 32, 3\\), not \\(28, 28\\)"),
        ({"cifar10": "digits"}, "its images are \\(28, 28\\), not"),
        ({"../mnist": "digits"}, "cannot be served as '../mnist'"),
        ({"mnist": "digits[:0]"}, "no rows at all"),
        ({"mnist": "digits[5:9]"}, "is no data set"),
        ({"mnist": "mnist"}, "grade data add mnist path/to/mnist.npz"),
    ],
    ids=["a table", "colours for grey", "grey for colours", "a path", "no rows", "other rows", "not added"],
)
def test_what_cannot_be_served_is_said(served, why):
    with pytest.raises(AssignmentError, match=why):
        datasets.store(served)


def test_an_assignment_chooses_rows():
    every = load(datasets.store({"mnist": "digits"}))

    some = load(datasets.store({"mnist": "digits[:800]"}))
    fewer = load(datasets.store({"mnist": "digits[:50, :20]"}))

    assert [800, 800, 300, 300] == [len(some[name]) for name in ("x_train", "y_train", "x_test", "y_test")]
    assert [50, 50, 20, 20] == [len(fewer[name]) for name in ("x_train", "y_train", "x_test", "y_test")]
    assert np.array_equal(every["x_train"][:800], some["x_train"])
    assert np.array_equal(every["y_test"][:20], fewer["y_test"])
    assert np.array_equal(some["x_train"], datasets.training("digits[:800]")[0])
    assert np.array_equal(every["x_test"], datasets.testing("digits")[0])


def test_full_names_the_first_that_is_missing():
    with pytest.raises(UsageError, match=r"'cifar10' is not in the store\..* grade data add cifar10"):
        datasets.full({"cifar10": "pictures[:100]"})
    assert datasets.full({}) == {}


def test_scikit_learn_is_not_imported():
    use = "from grader import datasets; datasets.hidden('digits')"
    program = f"import sys; {use}; sys.exit('sklearn' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
