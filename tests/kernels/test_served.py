"""Data sets come from the store, under the names libraries know them by."""

import hashlib

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import datasets
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
        "The data set 'fashion_mnist' is not here, and grading has no network. There are: mnist. "
        "Whoever grades can serve others: see `grade data list` and `grade data add`."
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


@pytest.mark.slow
def test_what_no_store_has_is_said_at_once(data):
    """In a sentence that names the way to add it, not after a minute of looking for a network."""
    asked = {
        "cifar100": "import keras\nkeras.datasets.cifar100.load_data(label_mode='fine')",
        "imdb": "from tensorflow.keras.datasets import imdb\nimdb.load_data(num_words=10000)",
        "boston_housing": "from keras.datasets import boston_housing\nboston_housing.load_data()",
        "california_housing": "from sklearn.datasets import fetch_california_housing\nfetch_california_housing()",
        "20newsgroups": "import sklearn.datasets\nsklearn.datasets.fetch_20newsgroups(subset='train')",
        "olivetti_faces": "import sklearn.datasets\nsklearn.datasets.fetch_olivetti_faces()",
    }

    execution = run(list(asked.values()), data)

    for name, cell in zip(asked, execution.cells, strict=True):
        assert cell.error.name == "FileNotFoundError"
        assert cell.error.message.startswith(f"The data set {name!r} is not here, and grading has no network.")
        assert cell.error.message.endswith("`grade data add`.")


SAME = """
import hashlib
def told(*arrays): return [(a.shape, str(a.dtype), hashlib.sha256(a.tobytes()).hexdigest()[:16]) for a in arrays]
told()
"""


@pytest.mark.slow
def test_the_stores_own_data_sets_arrive_as_they_are():
    """Every array, byte by byte, through a sealed kernel; each call gives arrays of its own, that can be written to."""
    served = {"mnist": "digits", "fashion_mnist": "garments", "cifar10": "pictures[:1000, :100]"}
    folder = datasets.store(served)
    sources = [
        SAME,
        *(
            f"import keras\n(a, b), (c, d) = keras.datasets.{name}.load_data()\nprint(told(a, b, c, d))"
            for name in served
        ),
        "a[:] = 0\n(e, _), _ = keras.datasets.cifar10.load_data()\nint(e.max())",
        "from sklearn.datasets import fetch_openml\nX, y = fetch_openml('CIFAR_10', as_frame=False, return_X_y=True)\n"
        "bool((X.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)[:1000] == e).all()), X.shape, sorted(set(y))[:2]",
        "fetch_openml('Fashion-MNIST').data.columns[0], fetch_openml('CIFAR_10').data.columns[0]",
    ]

    execution = run(sources, folder)

    for name, cell in zip(served, execution.cells[1:], strict=False):
        with np.load(folder / f"{name}.npz", allow_pickle=False) as kept:
            arrays = [kept[key] for key in ("x_train", "y_train", "x_test", "y_test")]
        hashes = [(a.shape, str(a.dtype), hashlib.sha256(a.tobytes()).hexdigest()[:16]) for a in arrays]
        assert f"{hashes}\n" == cell.outputs[-1].data
    assert last(execution)[4:] == [
        "255",
        "(True, (1100, 3072), ['0', '1'])",
        "('pixel1', 'a0')",
    ]


@pytest.mark.slow
def test_a_kernel_cannot_change_the_store_nor_reach_hidden_rows():
    folder = datasets.store({"mnist": "digits"})
    before = (folder / "mnist.npz").read_bytes()
    sources = [
        "import os\nprint(sorted(os.listdir('/scratch/data')))",
        "open('/scratch/data/mnist.npz', 'ab').write(b'x')",
        "os.remove('/scratch/data/mnist.npz')",
        f"os.listdir({str(folder.parent)!r})",
    ]

    execution = run(sources, folder)

    assert execution.cells[0].outputs[-1].data == "['mnist.npz']\n"
    assert all("Error" in cell.error.name for cell in execution.cells[1:])
    assert (folder / "mnist.npz").read_bytes() == before


def test_files_an_assignment_names_lie_beside_the_notebook(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("a,b\n1,2\n")
    source = "print(open('x.csv').read(), open('data/x.csv').read())"

    with Kernel(Limits(), seed=1, files=[tmp_path / "data" / "x.csv", tmp_path / "data"]) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(source)]))

    assert last(execution) == ["a,b\n1,2\n a,b\n1,2\n\n"]


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

    assert "There are: none. Whoever grades" in execution.cells[0].error.message


RESHAPED = """
import numpy as np
from keras.datasets import mnist
(x, y), (x_test, y_test) = mnist.load_data()
shapes = [x.reshape(60000, 784).shape, x.reshape((60000, 28, 28, 1)).shape, np.reshape(x_test, (10000, -1)).shape,
          x_test.reshape(10000, -1).shape, x.reshape([60000, 28 * 28]).shape]
print(shapes, np.zeros(10000).reshape(100, 100).shape)
"""


@pytest.mark.slow
def test_the_original_number_of_rows_means_all_rows():
    execution = run([RESHAPED], datasets.store({"mnist": "digits[:400, :100]"}))

    assert execution.cells[0].error is None, execution.cells[0].error
    assert execution.cells[0].outputs[-1].data.strip() == (
        "[(400, 784), (400, 28, 28, 1), (100, 784), (100, 784), (400, 784)] (100, 100)"
    )
    assert execution.notes == (
        "cell 1: `reshape(60000, …)` was taken for all rows: fewer are served here",
        "cell 1: `reshape(10000, …)` was taken for all rows: fewer are served here",
    )


@pytest.mark.slow
def test_the_original_number_of_rows_stays_where_no_data_is_served():
    source = "import numpy as np\nprint(np.zeros(60000).reshape(60000, 1).shape)"

    assert run([source], None).cells[0].outputs[-1].data.strip() == "(60000, 1)"
