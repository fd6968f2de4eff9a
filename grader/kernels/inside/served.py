"""Data sets come from the grader's own store: `load_data()` and its like answer from `<folder>/<name>.npz`.

Nothing is downloaded. The files hold `x_train`, `y_train`, `x_test`, `y_test` as Keras gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from grader.kernels.inside.hooks import AfterImport

Split = tuple[tuple[Any, Any], tuple[Any, Any]]

KERAS_NAMES = ("mnist", "fashion_mnist", "cifar10")
KERAS_PACKAGES = ("keras.src.datasets", "tf_keras.src.datasets")
OPENML_NAMES = {
    "mnist_784": "mnist",
    "fashion-mnist": "fashion_mnist",
    "cifar_10": "cifar10",
    554: "mnist",
    40996: "fashion_mnist",
    40927: "cifar10",
}
TORCH_NAMES = {"MNIST": "mnist", "FashionMNIST": "fashion_mnist"}


class Store:
    """The data sets of this assignment: `folder` is where they are, "" where there are none."""

    folder = ""

    def load(self, name: str) -> Split:
        """Return ((x_train, y_train), (x_test, y_test)), or say which data sets there are."""
        known = sorted(file.stem for file in Path(self.folder).glob("*.npz")) if self.folder else []
        if name not in known:
            message = f"The data set {name!r} is not here, and grading has no network. There are: "
            raise FileNotFoundError(message + (", ".join(known) or "none") + ".")
        with numpy.load(Path(self.folder, f"{name}.npz"), allow_pickle=False) as kept:
            return (kept["x_train"], kept["y_train"]), (kept["x_test"], kept["y_test"])


def watch(hooks: AfterImport, store: Store) -> None:
    """Replace the loaders of Keras, scikit-learn and torchvision as they are imported."""
    for package in KERAS_PACKAGES:
        for name in KERAS_NAMES:
            hooks.add(f"{package}.{name}", _replace("load_data", _keras_loader(store, name)))
    hooks.add("sklearn.datasets._openml", _replace("fetch_openml", _openml_loader(store)))
    hooks.add("torchvision.datasets.mnist", lambda module: _serve_torchvision(module, store))


def _replace(attribute: str, function: Any) -> Callable[[ModuleType], None]:
    return lambda module: setattr(module, attribute, function)


def _keras_loader(store: Store, name: str) -> Callable[..., Split]:
    def load_data(path: str = "") -> Split:
        """Return ((x_train, y_train), (x_test, y_test))."""
        return store.load(name)

    return load_data


def _openml_loader(store: Store) -> Callable[..., Any]:
    def fetch_openml(
        name: str | None = None,
        *,
        data_id: int | None = None,
        return_X_y: bool = False,
        as_frame: bool | str = "auto",
        **_: Any,
    ) -> Any:
        """Return all rows, flattened, with the labels as strings."""
        asked = str(name).lower() if name is not None else data_id
        kept = OPENML_NAMES.get(asked) if isinstance(asked, str | int) else None
        (x_train, y_train), (x_test, y_test) = store.load(kept or str(asked))
        x = numpy.concatenate([x_train, x_test])
        labels = numpy.concatenate([y_train, y_test]).ravel().astype(str).astype(object)
        flat = x.reshape(len(x), -1).astype(numpy.int64)
        return _bunch(flat, labels, as_frame=as_frame is not False, return_X_y=return_X_y)

    return fetch_openml


def _bunch(flat: Any, labels: Any, *, as_frame: bool, return_X_y: bool) -> Any:
    from sklearn.utils import Bunch

    columns = [f"pixel{number}" for number in range(1, flat.shape[1] + 1)]
    frame, data, target = None, flat, labels
    if as_frame:
        import pandas  # type: ignore[import-untyped]

        data = pandas.DataFrame(flat, columns=columns)
        target = pandas.Series(pandas.Categorical(labels), name="class")
        frame = data.assign(**{"class": target})
    if return_X_y:
        return data, target
    return Bunch(data=data, target=target, frame=frame, feature_names=columns, target_names=["class"], DESCR="", url="")


def _serve_torchvision(module: ModuleType, store: Store) -> None:
    import torch  # type: ignore[import-not-found]

    def load(self: Any) -> Any:
        train, test = store.load(TORCH_NAMES.get(type(self).__name__, type(self).__name__))
        x, y = train if self.train else test
        return torch.from_numpy(x), torch.from_numpy(y.astype(numpy.int64))

    module.MNIST.download = lambda _: None
    module.MNIST._check_legacy_exist = lambda _: False
    module.MNIST._check_exists = lambda _: True
    module.MNIST._load_data = load
