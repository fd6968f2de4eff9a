"""Real data without a network: the handwritten digits that come with scikit-learn, made to look like MNIST.

1,797 digits of 8×8 pixels are enlarged to 20×20 and centred in 28×28, as bytes 0..255. They are split once
and for all into 1,200 to train on, 300 that students see as test set, and 297 `hidden` ones that never enter
a kernel. Everything is integer arithmetic, so the bytes are the same on every machine.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from grader.errors import AssignmentError, OutputError, did_you_mean

VERSION = 1  # part of the folder's name: count up when the content of any data set changes
N_TRAIN, N_TEST = 1_200, 300
NAMES = ("digits",)

DEPTH = 16  # the darkest pixel of the 8×8 digits
UNIT = 1024  # the weight 1 of the enlargement, in integers
FAINT, FULL = 0.3, 0.75  # what becomes 0 and 255: strokes as crisp as MNIST's
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip file can hold

Arrays = dict[str, NDArray[np.uint8]]


def store(served: Mapping[str, str]) -> Path:
    """Return a read-only folder with `<name>.npz` for every served name, e.g. `{"mnist": "digits"}`.

    A file holds x_train, y_train, x_test, y_test. The folder is made once, in the user's cache or, where that
    cannot be written, in a temporary folder; the same request gives the same bytes everywhere.
    """
    for source in served.values():
        _check(source)
    wanted = sorted(served.items())
    key = hashlib.sha256(repr((VERSION, wanted)).encode()).hexdigest()[:16]
    user = getattr(os, "getuid", int)()
    for root in (
        Path(platformdirs.user_cache_dir("homework-grader")),
        Path(tempfile.gettempdir()) / f"homework-grader-{user}",
    ):
        folder = root / f"data-{key}"
        with contextlib.suppress(OSError):
            if not folder.is_dir():
                _build(folder, wanted)
            if folder.stat().st_uid == user:  # not somebody else's, in a folder everybody can write to
                return folder
    message = f"The data sets cannot be stored: neither {root} nor the user's cache folder can be written."
    raise OutputError(message)


def hidden(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images of shape (n, 28, 28) and labels (n,) that no kernel has ever seen."""
    _check(name)
    images, labels = _digits()
    return images[N_TRAIN + N_TEST :].copy(), labels[N_TRAIN + N_TEST :].copy()


def training(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images (n, 28, 28) and labels (n,) that students train on."""
    _check(name)
    arrays = _public_digits()
    return arrays["x_train"].copy(), arrays["y_train"].copy()


def _check(name: str) -> None:
    if name not in NAMES:
        message = f"No data set is called {name!r}.{did_you_mean(name, NAMES)} There are: {', '.join(NAMES)}."
        raise AssignmentError(message)


# --- files -----------------------------------------------------------------------------------------------


def _build(folder: Path, wanted: Sequence[tuple[str, str]]) -> None:
    """Make the folder under another name and rename it; whoever comes second throws theirs away."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=folder.parent))
    try:
        for name, _ in wanted:
            file = draft / f"{name}.npz"
            file.write_bytes(_npz(_public_digits()))
            file.chmod(0o444)
        draft.chmod(0o555)
        with contextlib.suppress(OSError):
            draft.rename(folder)
    finally:
        if draft.exists():
            draft.chmod(0o755)
            shutil.rmtree(draft)
    folder.stat()


def _npz(arrays: Arrays) -> bytes:
    """Return an uncompressed `.npz` file without the time it was made."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in sorted(arrays.items()):
            content = io.BytesIO()
            np.save(content, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), content.getvalue())
    return file.getvalue()


# --- digits ----------------------------------------------------------------------------------------------


def _public_digits() -> Arrays:
    images, labels = _digits()
    train, test = slice(N_TRAIN), slice(N_TRAIN, N_TRAIN + N_TEST)
    return {
        "x_train": images[train],
        "y_train": labels[train],
        "x_test": images[test],
        "y_test": labels[test],
    }


@functools.cache
def _digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return all images (1797, 28, 28) and labels (1797,): those to train on first, the hidden ones last."""
    pixels, labels = _raw_digits()
    order = _stratified(labels)
    return _enlarged(pixels)[order], labels.astype(np.uint8)[order]


def _raw_digits() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read scikit-learn's file of digits: pixels (1797, 8, 8) in 0..16, and labels.

    Importing scikit-learn takes more than a second, so its own loader is asked only where the file moved.
    """
    package = importlib.util.find_spec("sklearn")
    file = Path(str(package.origin)).parent / "datasets" / "data" / "digits.csv.gz" if package else Path()
    if file.is_file():
        table = np.loadtxt(file, delimiter=",", dtype=np.int64)
        return table[:, :64].reshape(-1, 8, 8), table[:, 64]
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype(np.int64), digits.target.astype(np.int64)


def _stratified(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a fixed shuffled order in which any three consecutive parts hold the labels in equal shares."""
    shuffled = sorted(range(len(labels)), key=lambda row: hashlib.sha256(f"digit {row}".encode()).digest())
    counts, seen = np.bincount(labels), np.zeros(10, dtype=int)
    share = {}
    for row in shuffled:
        share[row] = (seen[labels[row]] + 0.5) / counts[labels[row]]
        seen[labels[row]] += 1
    by_share = sorted(shuffled, key=lambda row: share[row])
    parts = by_share[:N_TRAIN], by_share[N_TRAIN : N_TRAIN + N_TEST], by_share[N_TRAIN + N_TEST :]
    rank = {row: place for place, row in enumerate(shuffled)}
    return np.array([row for part in parts for row in sorted(part, key=rank.__getitem__)])


def _enlarged(pixels: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Enlarge (n, 8, 8) to (n, 20, 20) by cubic interpolation, sharpen, and centre in (n, 28, 28)."""
    weights = _cubic_weights(20, 8)  # (20, 8)
    smooth = weights @ pixels @ weights.T  # (n, 20, 20), in 0..DEPTH * UNIT²
    low, high = (round(level * DEPTH * UNIT**2) for level in (FAINT, FULL))
    crisp = np.clip((smooth - low) * 255 // (high - low), 0, 255).astype(np.uint8)
    return np.pad(crisp, ((0, 0), (4, 4), (4, 4)))


def _cubic_weights(n_out: int, n_in: int) -> NDArray[np.int64]:
    """Return Catmull-Rom weights (n_out, n_in) in units of 1 / UNIT; outside the picture is black."""
    places = (np.arange(n_out) + 0.5) * n_in / n_out - 0.5
    distance = np.abs(places[:, None] - np.arange(n_in))
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance <= 1, near, np.where(distance < 2, far, 0))
    in_units: NDArray[np.int64] = np.rint(UNIT * weights).astype(np.int64)
    return in_units
