"""What kernels are served, and what they never see.

A *source* is an embedded data set or a full one that was added. Its rows are in two files of the user's cache,
`public.npz` and `hidden.npz`; a *store* is a folder with the public ones under the names an assignment gives them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.datasets.embedded import EMBEDDED, Rows
from grader.datasets.files import link, made, read_npz, write_npz
from grader.datasets.originals import ORIGINALS, find
from grader.datasets.tables import TABLES
from grader.datasets.weights import CALLED, FOLDER, kept_weights
from grader.errors import AssignmentError, UsageError, did_you_mean

VERSION = 1  # part of the folders' names: count up when the content of any embedded data set changes
NAMES = tuple(EMBEDDED)
REQUEST = re.compile(r"(?P<name>[\w-]+)(\[:(?P<train>\d+)(, *:(?P<test>\d+))?\])?", re.ASCII)
SERVED = re.compile(r"[a-z0-9_-]{1,60}", re.ASCII | re.IGNORECASE)
LOADERS = {"mnist": (28, 28), "fashion_mnist": (28, 28), "cifar10": (32, 32, 3)}  # and the images they promise


@dataclass(frozen=True)
class Request:
    """A source, and how many of its first training and test rows are served: None for all."""

    name: str
    train: int | None = None
    test: int | None = None

    @classmethod
    def read(cls, text: str) -> Request:
        """Return what "garments", "garments[:800]" or "garments[:800, :200]" asks for; AssignmentError else."""
        found = REQUEST.fullmatch(text)
        if found is None:
            message = f"{text!r} is no data set: write its name, or with rows, as in 'digits[:800, :200]'."
            raise AssignmentError(message)
        train, test = (int(found[part]) if found[part] else None for part in ("train", "test"))
        if train == 0 or test == 0:
            raise AssignmentError(f"{text!r} asks for no rows at all.")
        _require(found["name"])
        return cls(found["name"], train, test)


def store(served: Mapping[str, str]) -> Path:
    """Return a read-only folder with `<name>.npz` for every served name, e.g. `{"mnist": "digits[:800]"}`.

    A file holds x_train, y_train, x_test, y_test; beside them are the trained weights that were added. The folder is
    made once, in the user's cache or, where that cannot be written, in a temporary folder; the same request gives the
    same bytes everywhere. Raises AssignmentError for a data set that is not there or does not fit its name, OutputError
    when nothing can be kept.
    """
    wanted = {name: Request.read(text) for name, text in sorted(served.items())}
    for name, request in wanted.items():
        _require_fit(name, request)
    kept = {name: _kept(request.name) for name, request in wanted.items()}
    contents = [(name, request, kept[name].name) for name, request in wanted.items()]
    trained = kept_weights()
    content = (VERSION, contents, *sorted(file.parent.name for file in trained.values()))
    key = hashlib.sha256(repr(content).encode()).hexdigest()[:16]

    def fill(draft: Path) -> None:
        for name, request in wanted.items():
            _serve(kept[name] / "public.npz", draft / f"{name}.npz", request)
        if trained:
            (draft / FOLDER).mkdir()
        for name, file in trained.items():
            link(file, draft / FOLDER / f"{CALLED[name]}.npz")

    return made(f"data-{key}", fill)


def hidden(name: str) -> Rows:
    """Return images (n, height, width) or (n, height, width, 3) and labels (n,) that no kernel has ever seen."""
    rows = read_npz(_kept(Request.read(name).name) / "hidden.npz")
    return rows["x"], rows["y"].ravel()


def training(name: str) -> Rows:
    """Return the images and labels (n,) that students train on: of "garments[:800]", the first 800."""
    return _public(Request.read(name), "train")


def testing(name: str) -> Rows:
    """Return the images and labels (n,) that students see as test set."""
    return _public(Request.read(name), "test")


def full(served: Mapping[str, str]) -> dict[str, str]:
    """Return the same names with the full data sets in the place of the embedded ones, and all their rows.

    UsageError names the first one that is not in the store.
    """
    wanted = {name: _original(Request.read(text).name) for name, text in served.items()}
    for name in wanted.values():
        if find(name) is None:
            raise UsageError(_missing(name))
    return wanted


# --- sources ----------------------------------------------------------------------------------------------------------


def _require(name: str) -> None:
    if name in TABLES:
        message = f"{name!r} comes with scikit-learn: load_{name}() works in a kernel, and needs no line in `data`."
        raise AssignmentError(message)
    if name not in EMBEDDED and name not in ORIGINALS:
        known = [*EMBEDDED, *ORIGINALS]
        message = f"No data set is called {name!r}.{did_you_mean(name, known)} There are: {', '.join(known)}."
        raise AssignmentError(message)


def _require_fit(served: str, request: Request) -> None:
    """Raise AssignmentError for a name that is no name, or that promises images of another shape."""
    if SERVED.fullmatch(served) is None:
        raise AssignmentError(f"A data set cannot be served as {served!r}: letters, digits, _ and - only.")
    promised, given = LOADERS.get(served), _shape(request.name)
    if promised is not None and promised != given:
        message = f"{request.name!r} cannot be served as {served!r}: its images are {given}, not {promised}."
        raise AssignmentError(message)


def _shape(name: str) -> tuple[int, ...]:
    return EMBEDDED[name].shape if name in EMBEDDED else ORIGINALS[name].shape


def _original(name: str) -> str:
    return EMBEDDED[name].original if name in EMBEDDED else name


def _missing(name: str) -> str:
    return (
        f"The full data set {name!r} is not in the store. Get {name}.npz and add it: "
        f"grade data add {name} path/to/{name}.npz"
    )


def _kept(name: str) -> Path:
    """Return the folder with the rows of a source; an embedded one is made when it is not there yet."""
    if name in EMBEDDED:
        return made(f"{name}-{VERSION}", lambda draft: _make(draft, name))
    added = find(name)
    if added is None:
        raise AssignmentError(_missing(name))
    return added.folder


def _make(draft: Path, name: str) -> None:
    source = EMBEDDED[name]
    (x_train, y_train), (x_test, y_test), (x, y) = source.parts(source.sizes)
    labels = ORIGINALS[source.original].label_shape
    public = {
        "x_train": x_train,
        "y_train": y_train.reshape(-1, *labels),
        "x_test": x_test,
        "y_test": y_test.reshape(-1, *labels),
    }
    write_npz(draft / "public.npz", public)
    write_npz(draft / "hidden.npz", {"x": x, "y": y})


def _serve(public: Path, target: Path, request: Request) -> None:
    if request.train is None and request.test is None:
        link(public, target)
        return
    write_npz(target, {name: array[: _length(request, name)] for name, array in read_npz(public).items()})


def _public(request: Request, part: str) -> Rows:
    rows: dict[str, NDArray[Any]] = read_npz(_kept(request.name) / "public.npz")
    n = _length(request, part)
    x: NDArray[np.uint8] = rows[f"x_{part}"][:n]
    return x, rows[f"y_{part}"][:n].ravel()


def _length(request: Request, array: str) -> int | None:
    return request.train if array.endswith("train") else request.test
