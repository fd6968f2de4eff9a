"""Data sets that cannot be downloaded come from the bundle, and a line says so: with loaders of our own making."""

import subprocess
import sys

import numpy as np
import pytest
from live_bundle import make
from live_kernel import ROOT

pytestmark = pytest.mark.slow

BEFORE = "import keras.datasets\nkept = keras.datasets.mnist\n"
TRY = """
import sys
sys.path.insert(0, LOADERS)
BEFORE
from grader.selfcheck.live.served import Fallback
fallback = Fallback()
from keras.datasets import mnist, cifar10
(x, y), (x_test, y_test) = mnist.load_data()
print(x.shape, y.tolist(), x_test.shape)
for load in (cifar10.load_data, lambda: mnist.load_data(path="odd")):
    try:
        load()
    except Exception as error:
        print(type(error).__name__, error)
fallback.close()
try:
    mnist.load_data()
except Exception as error:
    print(type(error).__name__, error, fallback._finder in sys.meta_path)
"""
LOADER = """
def load_data(path=""):
    if path == "odd":
        raise ValueError("an odd path")
    raise Exception("URL fetch failure on NAME")
"""


@pytest.fixture
def loaders(tmp_path):
    """A package with Keras's names and no network."""
    source, offered = tmp_path / "loaders" / "keras" / "src" / "datasets", tmp_path / "loaders" / "keras" / "datasets"
    for folder in (source, offered):
        folder.mkdir(parents=True)
    for name in ("mnist", "cifar10"):
        (source / f"{name}.py").write_text(LOADER.replace("NAME", name))
        (offered / f"{name}.py").write_text(f"from keras.src.datasets.{name} import load_data")
    for folder in (source, source.parent, source.parents[1]):
        (folder / "__init__.py").touch()
    (offered / "__init__.py").write_text("from keras.datasets import mnist, cifar10")
    return tmp_path / "loaders"


@pytest.fixture
def bundle(tmp_path):
    folder = make(tmp_path / "hw")
    (folder / "selfcheck" / "data").mkdir()
    pixels, labels = np.zeros((3, 28, 28), np.uint8), np.arange(3)
    arrays = {"x_train": pixels, "y_train": labels, "x_test": pixels[:2], "y_test": labels[:2]}
    np.savez(folder / "selfcheck" / "data" / "mnist.npz", **arrays)
    return folder


def tried(folder, loaders, before=""):
    code = TRY.replace("LOADERS", repr(str(loaders))).replace("BEFORE", before)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("before", ["", BEFORE], ids=["imported later", "imported before"])
def test_what_cannot_be_downloaded_is_the_bundles_until_it_is_unloaded(bundle, loaders, before):
    assert tried(bundle / "selfcheck", loaders, before) == [
        "mnist could not be downloaded: here is the small data set of your bundle, with 3 rows to train on.",
        "(3, 28, 28) [0, 1, 2] (2, 28, 28)",
        "Exception URL fetch failure on cifar10",
        "ValueError an odd path",
        "Exception URL fetch failure on mnist False",
    ]


def test_without_a_bundle_the_loaders_say_what_they_always_said(loaders, tmp_path):
    with pytest.raises(AssertionError, match="URL fetch failure on mnist"):
        tried(tmp_path, loaders)
