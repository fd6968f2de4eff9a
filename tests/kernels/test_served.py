"""Data sets come from the store, under the names libraries know them by."""

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.config import Limits
from grader.kernels import Kernel


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A store with a small `mnist`."""
    folder = tmp_path_factory.mktemp("data")
    folder.chmod(0o755)  # as the grader's own store is
    images = np.arange(6 * 28 * 28, dtype=np.uint64).astype(np.uint8).reshape(6, 28, 28)
    labels = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint8)
    np.savez(folder / "mnist.npz", x_train=images[:4], y_train=labels[:4], x_test=images[4:], y_test=labels[4:])
    return folder


def run(sources, data=None):
    with Kernel(Limits(), seed=1, data=data) as kernel:
        return kernel.run(new_notebook(cells=[new_code_cell(source) for source in sources]))


def last(execution):
    return [cell.error or cell.outputs[-1].data for cell in execution.cells]


LOAD = "(x_train, y_train), (x_test, y_test) ="
SHOW = "print(x_train.shape, x_train.dtype, y_train.tolist(), y_test.tolist())"
SEEN = "(4, 28, 28) uint8 [3, 1, 4, 1] [5, 9]\n"


@pytest.mark.slow
def test_keras_loads_from_the_store(data):
    execution = run(
        [
            f"from keras.datasets import mnist\n{LOAD} mnist.load_data()\n{SHOW}",
            f"import keras\n{LOAD} keras.datasets.mnist.load_data(path='m.npz')\n{SHOW}",
            f"import tensorflow as tf\n{LOAD} tf.keras.datasets.mnist.load_data()\n{SHOW}",
            f"from tensorflow.keras.datasets.mnist import load_data\n{LOAD} load_data()\n{SHOW}",
            "keras.datasets.fashion_mnist.load_data()",
            "keras.datasets.cifar10.load_data()",
        ],
        data,
    )

    assert last(execution)[:4] == [SEEN] * 4
    errors = [cell.error for cell in execution.cells[4:]]
    assert [error.name for error in errors] == ["FileNotFoundError"] * 2
    assert errors[0].message == (
        "The data set 'fashion_mnist' is not here, and grading has no network. There are: mnist."
    )


@pytest.mark.slow
def test_openml_loads_from_the_store(data):
    execution = run(
        [
            "from sklearn.datasets import fetch_openml\n"
            "X, y = fetch_openml('mnist_784', version=1, return_X_y=True, as_frame=False)\n"
            "X.shape, str(X.dtype), list(y), str(y.dtype), int(X[1, 0]) == 784 % 256",
            "bunch = fetch_openml(name='MNIST_784', cache=True)\n"
            "bunch.data.shape, bunch.target.name, list(bunch.target), bunch.frame.shape, bunch.data.columns[-1]",
            "fetch_openml(data_id=554, as_frame=False).data.shape",
            "fetch_openml('titanic')",
        ],
        data,
    )

    assert last(execution)[:3] == [
        "((6, 784), 'int64', ['3', '1', '4', '1', '5', '9'], 'object', True)",
        "((6, 784), 'class', ['3', '1', '4', '1', '5', '9'], (6, 785), 'pixel784')",
        "(6, 784)",
    ]
    assert "'titanic' is not here" in execution.cells[3].error.message


TORCH = {
    "torch/__init__.py": """
int64 = "int64"
def from_numpy(array): return array
def manual_seed(seed): global seeded; seeded = seed
""",
    "torchvision/__init__.py": "",
    "torchvision/datasets/__init__.py": "from .mnist import MNIST, FashionMNIST\n",
    "torchvision/datasets/mnist.py": """
class MNIST:
    def __init__(self, root, train=True, download=False):
        self.train = train
        if self._check_legacy_exist(): raise RuntimeError
        if download: self.download()
        if not self._check_exists(): raise RuntimeError("Dataset not found")
        self.data, self.targets = self._load_data()
    def _check_legacy_exist(self): return True
    def _check_exists(self): return False
    def download(self): raise OSError("no network")
class FashionMNIST(MNIST): pass
""",
}


def test_torchvision_loads_from_the_store(data, tmp_path):
    """With a stand-in for torchvision, written as its own MNIST class is."""
    for name, text in TORCH.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    sources = [
        "from torchvision.datasets import MNIST, FashionMNIST\n"
        "test = MNIST('.', train=False, download=True)\ntest.data.shape, [int(y) for y in test.targets]",
        "import torch\ntorch.seeded",
        "FashionMNIST('.')",
    ]
    with Kernel(Limits(), seed=1, data=data, files=sorted(tmp_path.iterdir())) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(source) for source in sources]))

    assert last(execution)[:2] == ["((2, 28, 28), [5, 9])", "1"]
    assert "'fashion_mnist' is not here" in execution.cells[2].error.message


def test_without_a_store_nothing_is_there(tmp_path):
    (tmp_path / "keras" / "src" / "datasets").mkdir(parents=True)
    for folder in ("keras", "keras/src", "keras/src/datasets"):
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "keras" / "src" / "datasets" / "mnist.py").write_text("def load_data(): raise OSError('no network')")
    (tmp_path / "keras" / "__init__.py").write_text("class utils:\n  set_random_seed = int")
    source = "import keras.src.datasets.mnist as m\nm.load_data()"

    with Kernel(Limits(), seed=1, files=[tmp_path / "keras"]) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(source)]))

    assert execution.cells[0].error.message.endswith("There are: none.")
