"""The full data sets, where somebody has put them: `grade data add mnist path/to/mnist.npz`.

A file is looked at before it is believed: its size, its table of contents, the header of every array, and only then
the numbers. Nothing in it is ever unpickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from grader.datasets.files import is_ours, made, remove, roots, write_npz
from grader.datasets.splits import stratified
from grader.errors import UsageError, did_you_mean

N_HIDDEN = 2_000  # of the 10,000 test rows: accuracy is known to ±1.3 points (95 %) at 90 %
FORMAT = 1  # count up when what is kept changes
MAX_HEADER = 1_000  # bytes
MAX_DIRECTORY = 10_000  # bytes of a zip file's table of contents; four names take some 250
END, LOCATOR = b"PK\x05\x06", b"PK\x06\x07"  # the end record of a zip file, and what announces a larger one


@dataclass(frozen=True, kw_only=True)
class Original:
    """What a file must hold: bytes 0..255, labels 0..9; and the SHA-256 of files that are known to be right."""

    shape: tuple[int, ...]
    n_train: int
    label_shape: tuple[int, ...] = ()
    hashes: frozenset[str] = frozenset()
    n_test: int = 10_000

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Return the numbers of training, test and hidden rows."""
        return self.n_train, self.n_test - N_HIDDEN, N_HIDDEN

    def arrays(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every array, by name."""
        return {
            f"{letter}_{part}": (n, *shape)
            for part, n in (("train", self.n_train), ("test", self.n_test))
            for letter, shape in (("x", self.shape), ("y", self.label_shape))
        }


KERAS_MNIST = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"  # Keras itself asks for this one
ORIGINALS = {
    "mnist": Original(shape=(28, 28), n_train=60_000, hashes=frozenset({KERAS_MNIST})),
    "fashion_mnist": Original(shape=(28, 28), n_train=60_000),
    "cifar10": Original(shape=(32, 32, 3), n_train=50_000, label_shape=(1,)),
}


@dataclass(frozen=True, kw_only=True)
class Added:
    """A full data set in the store: where it is, its file's SHA-256, and whether that is a known one."""

    folder: Path
    sha256: str
    verified: bool


def add(name: str, file: Path) -> Added:
    """Check a file and keep its rows in the user's cache, in the place of those that were there.

    UsageError says what is wrong with the name or the file, OutputError that nothing can be kept.
    """
    if name not in ORIGINALS:
        message = f"No full data set is called {name!r}.{did_you_mean(name, ORIGINALS)} There are: "
        raise UsageError(message + f"{', '.join(ORIGINALS)}.")
    original = ORIGINALS[name]
    try:
        with file.open("rb") as stream:
            digest = _digest(stream, file, original)
            arrays = _arrays(stream, file, original)
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UsageError(f"{file}: cannot be read as an .npz file: {reason}.") from error
    about = {"sha256": digest, "verified": digest in original.hashes}
    folder = made(f"full-{name}-{FORMAT}-{digest[:16]}", lambda draft: _keep(draft, name, arrays, about))
    for other in _folders(name):
        if other != folder:
            remove(other)
    return Added(folder=folder, sha256=digest, verified=digest in original.hashes)


def find(name: str) -> Added | None:
    """Return the full data set of that name if it was added."""
    for folder in _folders(name):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
            return Added(folder=folder, sha256=str(about["sha256"]), verified=about["verified"] is True)
    return None


def _folders(name: str) -> list[Path]:
    """Return the folders of a full data set, the newest first."""
    found = [folder for root in roots() for folder in root.glob(f"full-{name}-{FORMAT}-*")]
    return sorted(filter(is_ours, found), key=lambda folder: folder.stat().st_mtime_ns, reverse=True)


def _keep(draft: Path, name: str, arrays: dict[str, NDArray[np.uint8]], about: dict[str, Any]) -> None:
    """Write what students may see and what they may not into two files; rows keep their order."""
    x, y = arrays["x_test"], arrays["y_test"]
    shown, hidden = stratified(y.ravel(), (len(y) - N_HIDDEN, N_HIDDEN), f"{name} test")
    shown, hidden = np.sort(shown), np.sort(hidden)
    write_npz(draft / "public.npz", {**arrays, "x_test": x[shown], "y_test": y[shown]})
    write_npz(draft / "hidden.npz", {"x": x[hidden], "y": y[hidden]})
    (draft / "about.json").write_text(json.dumps(about), encoding="utf-8")
    (draft / "about.json").chmod(0o444)


# --- reading what a stranger may have made ----------------------------------------------------------------------------


def _digest(stream: IO[bytes], file: Path, original: Original) -> str:
    """Return the file's SHA-256 once its size and its table of contents are believable."""
    size = stream.seek(0, io.SEEK_END)
    most = sum(prod(shape) for shape in original.arrays().values()) + MAX_DIRECTORY + 4 * MAX_HEADER
    if size > most:
        raise UsageError(f"{file}: {size:,} bytes are more than this data set can have ({most:,}).")
    stream.seek(max(0, size - 22 - 65_535))
    tail = stream.read()
    end = tail.rfind(END)
    if end < 0 or len(tail) - end < 22:
        raise UsageError(f"{file}: this is not an .npz file (a zip file of arrays).")
    entries, length = struct.unpack_from("<HI", tail, end + 10)
    if tail[max(0, end - 20) :].startswith(LOCATOR) or entries > 100 or length > MAX_DIRECTORY:
        raise UsageError(f"{file}: its table of contents is far longer than that of four arrays.")
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _arrays(stream: IO[bytes], file: Path, original: Original) -> dict[str, NDArray[np.uint8]]:
    """Return the arrays of a file, each looked at before it is loaded; UsageError says what is not as it must be."""
    wanted = original.arrays()
    with zipfile.ZipFile(stream) as archive:
        names = sorted(archive.namelist())
        if names != sorted(f"{name}.npy" for name in wanted):
            found = ", ".join(name.removesuffix(".npy")[:40] for name in names[:8]) or "nothing"
            raise UsageError(f"{file}: it must hold {', '.join(wanted)}, and holds {found}.")
        return {name: _array(archive, file, name, shape) for name, shape in wanted.items()}


def _array(archive: zipfile.ZipFile, file: Path, name: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    size = prod(shape)
    with archive.open(f"{name}.npy") as member:
        got, fortran, dtype = _header(member, file, name)
        if dtype.hasobject:
            raise UsageError(f"{file}: {name} holds pickled objects, which are never loaded.")
        if got != shape or dtype != np.uint8:
            raise UsageError(f"{file}: {name} must be {shape} of uint8, and is {got} of {dtype}.")
        content = member.read(size + 1)  # never more, whatever it would unfold to
    if len(content) != size:
        raise UsageError(f"{file}: {name} holds more or fewer numbers than its header says.")
    array = np.frombuffer(content, dtype=np.uint8).reshape(shape, order="F" if fortran else "C")
    _require_range(array, file, name)
    return array


def _header(member: IO[bytes], file: Path, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order and type of an array from its header."""
    try:
        version = np.lib.format.read_magic(member)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        header: tuple[tuple[int, ...], bool, np.dtype[Any]] = read(member, max_header_size=MAX_HEADER)
    except (ValueError, KeyError) as error:
        raise UsageError(f"{file}: {name} is not an array in NumPy's format.") from error
    return header


def _require_range(array: NDArray[np.uint8], file: Path, name: str) -> None:
    low, high = int(array.min()), int(array.max())
    if name.startswith("y") and set(np.unique(array).tolist()) != set(range(10)):
        raise UsageError(f"{file}: {name} must hold the labels 0..9, each at least once, and holds {low}..{high}.")
    if name.startswith("x") and (low > 50 or high < 200):
        raise UsageError(f"{file}: {name} must hold pixels in 0..255, and holds {low}..{high}.")
