"""Full data sets: what `add` takes, what it refuses, and what becomes of it."""

import io
import json
import struct
import zipfile
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import datasets
from grader.cli.commands import commands
from grader.cli.lookup import Lookup
from grader.cli.order import Order
from grader.config import Limits
from grader.datasets import originals
from grader.errors import AssignmentError, UsageError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep these tests out of the user's cache, and the data sets small: 300 training and 100 test rows."""
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / "cache" / name))
    monkeypatch.setattr(originals, "N_HIDDEN", 40)
    for name, original in originals.ORIGINALS.items():
        monkeypatch.setitem(originals.ORIGINALS, name, replace(original, n_train=300, n_test=100))
    return tmp_path


def arrays(name="mnist", seed=0):
    """Return what a file of that data set holds, at random."""
    rng = np.random.default_rng(seed)
    made = {
        key: rng.integers(0, 256 if key.startswith("x") else 10, shape, dtype=np.uint8)
        for key, shape in originals.ORIGINALS[name].arrays().items()
    }
    return made


def written(folder, content, *, save=np.savez):
    file = folder / "given.npz"
    save(file, **content)
    return file


def grade(*words):
    done = CliRunner().invoke(commands, [str(word) for word in words], prog_name="grade", catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_an_added_data_set_is_served_without_its_hidden_rows(cache, name, save):
    given = arrays(name)

    added = datasets.add(name, written(cache, given, save=save))

    assert added.verified is False
    assert added == datasets.find(name)
    folder = datasets.store(datasets.full({name: {"mnist": "digits"}.get(name, name)}))
    with np.load(folder / f"{name}.npz", allow_pickle=False) as kept:
        served = {key: kept[key] for key in kept}
    hidden, labels = datasets.hidden(name)
    assert np.array_equal(given["x_train"], served["x_train"])
    assert np.array_equal(given["y_train"], served["y_train"])
    assert (60, 40) == (len(served["x_test"]), len(hidden))
    assert served["y_test"].shape == (60, *originals.ORIGINALS[name].label_shape)
    together = {image.tobytes() for image in served["x_test"]} | {image.tobytes() for image in hidden}
    assert together == {image.tobytes() for image in given["x_test"]}
    where = {image.tobytes(): label for image, label in zip(given["x_test"], given["y_test"].ravel(), strict=True)}
    assert [where[image.tobytes()] for image in hidden] == labels.tolist()
    assert (
        np.abs(np.bincount(labels, minlength=10) - np.bincount(given["y_test"].ravel(), minlength=10) * 0.4).max() <= 1
    )


def test_what_is_kept_can_be_read_by_all_and_written_by_nobody(cache):
    added = datasets.add("mnist", written(cache, arrays()))
    store = datasets.store({"mnist": "mnist"})

    assert {added.folder.stat().st_mode & 0o777, store.stat().st_mode & 0o777} == {0o555}
    assert {file.stat().st_mode & 0o777 for file in (*added.folder.iterdir(), *store.iterdir())} == {0o444}


def test_a_second_file_takes_the_place_of_the_first(cache):
    first = datasets.add("mnist", written(cache, arrays(seed=1)))
    store = datasets.store({"mnist": "mnist"})
    second = datasets.add("mnist", written(cache, arrays(seed=2)))

    assert datasets.find("mnist") == second
    assert not first.folder.exists()
    assert datasets.store({"mnist": "mnist"}) != store
    assert np.array_equal(arrays(seed=2)["x_train"], datasets.training("mnist")[0])
    assert (store / "mnist.npz").is_file()  # a run that uses the first still has it


def test_a_known_hash_is_recognised(cache, monkeypatch):
    file = written(cache, arrays())
    digest = datasets.add("mnist", file).sha256
    known = replace(originals.ORIGINALS["mnist"], hashes=frozenset({digest}))
    monkeypatch.setitem(originals.ORIGINALS, "mnist", known)
    (cache / "cache").rename(cache / "elsewhere")

    code, _, err = grade("data", "add", "mnist", file)

    assert code == 0
    assert "its hash is that of the original" in err


def test_the_hash_of_mnist_is_the_one_keras_asks_for():
    import importlib.util
    from pathlib import Path

    source = Path(importlib.util.find_spec("keras").origin).parent / "src" / "datasets" / "mnist.py"

    assert originals.KERAS_MNIST in source.read_text()


# --- what is refused --------------------------------------------------------------------------------------------------


def changed(**others):
    return {**arrays(), **others}


REFUSED = {
    "a missing array": (lambda: {k: v for k, v in arrays().items() if k != "y_test"}, "it must hold x_train"),
    "another name": (lambda: changed(extra=np.zeros(3)), "and holds extra"),
    "another shape": (lambda: changed(x_test=np.zeros((100, 28, 29), np.uint8)), r"x_test must be \(100, 28, 28\)"),
    "flat images": (lambda: changed(x_train=arrays()["x_train"].reshape(300, -1)), r"is \(300, 784\) of uint8"),
    "another type": (lambda: changed(y_test=arrays()["y_test"].astype(np.int8)), "is .* of int8"),
    "objects": (lambda: changed(y_test=np.array([None] * 100)), "pickled objects, which are never loaded"),
    "a label too many": (lambda: changed(y_train=np.full(300, 10, np.uint8)), r"labels 0\.\.9.* holds 10\.\.10"),
    "one label only": (lambda: changed(y_train=np.zeros(300, np.uint8)), r"labels 0\.\.9"),
    "pixels in 0..1": (lambda: changed(x_train=arrays()["x_train"] // 200), r"pixels in 0\.\.255, and holds 0\.\.1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(cache, case):
    make, why = REFUSED[case]

    with pytest.raises(UsageError, match=why):
        datasets.add("mnist", written(cache, make()))
    assert datasets.find("mnist") is None


def header_only(shape, dtype="|u1", content=b""):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue() + content


def packed(folder, first, **others):
    """Write a zip file in which x_test has these bytes."""
    file = folder / "packed.npz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays().items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            archive.writestr(f"{name}.npy", first if name == "x_test" else buffer.getvalue())
        for name, content in others.items():
            archive.writestr(name, content)
    return file


BOMBS = {
    "a header of terabytes": (lambda: header_only((10**6, 10**6)), "x_test must be"),
    "more than the header says": (
        lambda: header_only((100, 28, 28), content=bytes(2 * 10**7)),
        "more or fewer numbers",
    ),
    "less than the header says": (lambda: header_only((100, 28, 28), content=b"abc"), "more or fewer numbers"),
    "objects of nothing": (lambda: header_only((100, 28, 28), dtype="|O"), "pickled objects"),
    "no array": (lambda: b"cos\nsystem\n(S'true'\ntR.", "not an array in NumPy's format"),
    "a header of its own": (lambda: b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65_535, "not an array in NumPy's format"),
    "an unknown version": (lambda: b"\x93NUMPY\x09\x00\x00\x00", "not an array in NumPy's format"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_is_refused_before_it_unfolds(cache, case):
    make, why = BOMBS[case]
    file = packed(cache, make())
    assert file.stat().st_size < 1_000_000

    with pytest.raises(UsageError, match=why):
        datasets.add("mnist", file)


def test_a_file_that_is_too_large_is_not_read(cache):
    file = cache / "large.npz"
    with file.open("wb") as stream:
        stream.truncate(10**12)

    with pytest.raises(UsageError, match=r"1,000,000,000,000 bytes are more"):
        datasets.add("mnist", file)


def test_a_table_of_contents_of_a_million_lines_is_not_read(cache):
    file = cache / "many.npz"
    file.write_bytes(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65_535, 65_535, 2**32 - 1, 0, 0))

    with pytest.raises(UsageError, match="table of contents is far longer"):
        datasets.add("mnist", file)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda file: None, "No such file or directory"),
        (lambda file: file.mkdir(), "Is a directory"),
        (lambda file: file.write_bytes(b""), "not an .npz file"),
        (lambda file: file.write_bytes(b"\x80\x04K\x01."), "not an .npz file"),
    ],
    ids=["nothing", "a folder", "an empty file", "a pickle"],
)
def test_what_is_no_npz_file_is_said(cache, make, why):
    make(cache / "mnist.npz")

    code, out, err = grade("data", "add", "mnist", cache / "mnist.npz")

    assert (code, out) == (2, "")
    assert why in err
    assert "Traceback" not in err


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400), place=st.floats(0, 1), noise=st.binary(min_size=1, max_size=40))
def test_a_broken_file_is_refused_or_whole(cache, cut, place, noise):
    """Whatever bytes are changed: a UsageError, or a file that still says the same."""
    content = written(cache, arrays()).read_bytes()
    at = int(place * len(content))
    broken = cache / "broken.npz"
    broken.write_bytes((content[:at] + noise + content[at + len(noise) :])[: len(content) - cut or None])
    try:
        datasets.add("mnist", broken)
    except UsageError as error:
        assert "broken.npz: " in str(error)
    else:
        assert datasets.training("mnist")[0].shape == (300, 28, 28)


def test_an_unknown_name_names_the_nearest(cache):
    code, _, err = grade("data", "add", "fashion-mnist", cache / "x.npz")

    assert code == 2
    assert "No full data set is called 'fashion-mnist'. Did you mean 'fashion_mnist'?" in err


# --- the command ------------------------------------------------------------------------------------------------------


def test_list_says_what_there_is(cache):
    file = written(cache, arrays())
    before = grade("data", "list")[1]
    added = grade("data", "add", "mnist", file)
    after = grade("data", "list")[1]

    names = ["NAME", *datasets.NAMES, *datasets.ORIGINALS, *datasets.TABLES, *datasets.WEIGHTS]
    assert names == [line.split()[0] for line in before.splitlines()]
    assert "full; not here: grade data add mnist path/to/mnist.npz" in before
    assert added[0] == 0
    assert "unknown hash, shapes are right" in added[2]
    assert "full; added, its hash is unknown" in after


def test_data_alone_is_answered_with_its_help():
    code, out, err = grade("data")

    assert code == 2
    assert "list" in out + err
    assert "add" in out + err


def assignment(folder, line):
    """Write an assignment with one check and this line."""
    home = folder / "assignments" / "one"
    (home / "checks").mkdir(parents=True)
    (home / "checks" / "test_one.py").touch()
    nbformat.write(nbformat.v4.new_notebook(), home / "one.ipynb")
    question = '[[questions]]\nid = "q1"\ntitle = "One"\npoints = 1\n'
    head = 'name = "one"\ntitle = "One"\nnotebook = "one.ipynb"\nreference = "one"\n'
    (home / "assignment.toml").write_text(f"{head}{line}\n{question}")
    return home


def ordered(folder, size):
    order = Order(
        paths=(folder / "a.ipynb",), out=folder, assignment="one", assignments=folder / "assignments", data=size
    )
    return Lookup(order=order).assignment(folder / "a.ipynb")


def test_full_data_takes_the_place_of_the_small(cache):
    assignment(cache, 'data = { mnist = "digits[:800]" }')

    with pytest.raises(UsageError, match=r"grade data add mnist path/to/mnist\.npz"):
        ordered(cache, "full")
    datasets.add("mnist", written(cache, arrays()))

    assert ordered(cache, "small").data == {"mnist": "digits[:800]"}
    assert ordered(cache, "full").data == {"mnist": "mnist"}
    assert ordered(cache, "full").limits.cell_s == 30 * Limits().cell_s
    assert ordered(cache, "full").limits.memory_bytes == Limits().memory_bytes


def test_a_full_run_without_its_data_ends_before_anything_is_graded(cache):
    assignment(cache, 'data = { mnist = "digits" }')
    (cache / "class").mkdir()
    for name in "ab":
        (cache / "class" / f"{name}.ipynb").write_text(
            '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        )
    where = ("--assignments", cache / "assignments", "--assignment", "one", "--out", cache / "reports")

    code, out, err = grade(cache / "class", "--data", "full", *where)

    assert (code, out) == (2, "")
    assert err.count("'mnist' is not in the store") == 1
    assert not (cache / "reports").exists()


def test_a_data_set_that_is_not_there_is_the_authors_mistake(cache):
    home = assignment(cache, 'data = { mnist = "mnist" }')
    from grader.assignment import load

    with pytest.raises(AssignmentError, match="grade data add mnist"):
        datasets.store(load(home).data)


def test_what_was_tampered_with_is_not_found(cache):
    added = datasets.add("mnist", written(cache, arrays()))
    added.folder.chmod(0o755)
    (added.folder / "about.json").chmod(0o644)
    (added.folder / "about.json").write_text(json.dumps([1]))

    assert datasets.find("mnist") is None


# --- files beside the notebook ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ('["data/none.csv"]', "is not in the assignment's folder"),
        ('["../other.csv"]', "outside the assignment's folder"),
        ('["."]', "outside the assignment's folder"),
        ('["checks/test_one.py"]', "would show the checks"),
        ('["link.csv"]', "is a link"),
        ('["data/x.csv", "x.csv"]', "two are called 'x.csv'"),
    ],
)
def test_files_that_cannot_be_handed_out(cache, files, why):
    from grader.assignment import load

    home = assignment(cache, f"files = {files}")
    (home / "data").mkdir()
    for file in (home / "data" / "x.csv", home / "x.csv", home.parent / "other.csv"):
        file.write_text("1\n")
    (home / "link.csv").symlink_to(home / "x.csv")

    with pytest.raises(AssignmentError, match=why):
        load(home)
