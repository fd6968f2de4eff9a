"""Trained weights, where somebody has put them: `grade data add vgg16 path/to/FILE.h5`.

What `VGG16(weights="imagenet")` would download is an HDF5 file. `add_weights` takes the convolutions out of it, looks
at their shapes, and keeps them as arrays; kernels are shown these, and never the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.datasets.files import is_ours, made, read_npz, remove, roots, write_npz
from grader.errors import UsageError

FOLDER = "weights"  # in the store
FORMAT = 1  # count up when what is kept changes
MAX_BYTES = 700_000_000  # VGG19 with its top has 575 MB
WIDTHS = (64, 128, 256, 512, 512)
BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}  # convolutions of each block
CALLED = {"vgg16": "VGG16", "vgg19": "VGG19"}  # by Keras

Arrays = dict[str, NDArray[np.float32]]
Found = Mapping[str, Any]


def layers(name: str) -> dict[str, tuple[int, ...]]:
    """Return the shape of every kernel, by the name of its layer, in order."""
    shapes: dict[str, tuple[int, ...]] = {}
    channels = 3
    for block, (count, filters) in enumerate(zip(BLOCKS[name], WIDTHS, strict=True), 1):
        for number in range(1, count + 1):
            shapes[f"block{block}_conv{number}"] = (3, 3, channels, filters)
            channels = filters
    return shapes


def add_weights(name: str, file: Path) -> str:
    """Check a file and keep its convolutions in the user's cache, in the place of those that were there.

    Returns the file's SHA-256. UsageError says what is wrong with the file, OutputError that nothing can be kept.
    """
    import h5py  # type: ignore[import-untyped]

    try:
        if file.stat().st_size > MAX_BYTES:
            raise UsageError(f"{file}: more than {MAX_BYTES:,} bytes are no file of {CALLED[name]}'s weights.")
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        with h5py.File(io.BytesIO(content), "r") as opened:
            arrays = _arrays(_data_sets(opened), file, name)
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        raise UsageError(f"{file}: cannot be read as an HDF5 file: {reason}.") from error
    folder = made(f"weights-{name}-{FORMAT}-{digest[:16]}", lambda draft: write_npz(draft / "weights.npz", arrays))
    for other in _folders(name):
        if other != folder:
            remove(other)
    return digest


def weights(name: str) -> Arrays | None:
    """Return kernels and biases as "block1_conv1/kernel", "block1_conv1/bias", … if they were added."""
    file = kept_weights().get(name)
    return None if file is None else read_npz(file)


def kept_weights() -> dict[str, Path]:
    """Return the files of the weights that were added, by name."""
    found = {name: next(iter(_folders(name)), None) for name in BLOCKS}
    return {name: folder / "weights.npz" for name, folder in found.items() if folder is not None}


def _folders(name: str) -> list[Path]:
    """Return the folders of added weights, the newest first."""
    found: list[Path] = []
    for root in roots():
        with contextlib.suppress(OSError):
            found += [folder for folder in root.glob(f"weights-{name}-{FORMAT}-*") if is_ours(folder)]
    return sorted(found, key=lambda folder: folder.stat().st_mtime_ns, reverse=True)


# --- reading what others wrote ----------------------------------------------------------------------------------------


def _data_sets(opened: Any) -> Found:
    """Return the data sets of a file by their paths, those of optimizers left out; nothing is loaded yet."""
    found: dict[str, Any] = {}

    def visit(path: str, item: Any) -> None:
        if hasattr(item, "shape") and not path.startswith("optimizer"):
            found[path] = item

    opened.visititems(visit)
    return found


def _arrays(found: Found, file: Path, name: str) -> Arrays:
    """Return kernel and bias of every convolution; UsageError says what is missing."""
    arrays: Arrays = {}
    kernels = sorted((path for path, item in found.items() if item.ndim == 4), key=_natural)
    for number, (layer, shape) in enumerate(layers(name).items()):
        own = [path for path in kernels if layer in path.split("/")] or kernels[number : number + 1]
        if not own or tuple(found[own[0]].shape) != shape:
            there = f"has the shape {tuple(found[own[0]].shape)}" if own else "is missing"
            raise UsageError(f"{file}: {CALLED[name]}'s {layer} has a kernel of shape {shape}, which {there} here.")
        group = own[0].rpartition("/")[0]
        biases = [p for p, item in found.items() if p.rpartition("/")[0] == group and item.shape == shape[-1:]]
        if not biases:
            raise UsageError(f"{file}: {layer} has no bias of shape {shape[-1:]} beside its kernel.")
        arrays[f"{layer}/kernel"] = _numbers(found[own[0]], file, layer)
        arrays[f"{layer}/bias"] = _numbers(found[biases[0]], file, layer)
    return arrays


def _numbers(item: Any, file: Path, layer: str) -> NDArray[np.float32]:
    """Return a data set as numbers that a network can have."""
    if item.dtype.kind != "f":
        raise UsageError(f"{file}: the weights of {layer} are {item.dtype}, not floating-point numbers.")
    numbers: NDArray[np.float32] = np.asarray(item[()], dtype=np.float32)
    if not np.isfinite(numbers).all():
        raise UsageError(f"{file}: the weights of {layer} are not all finite.")
    return numbers


def _natural(path: str) -> list[tuple[int, str]]:
    """Sort conv2d, conv2d_1, …, conv2d_10 by their numbers."""
    return [(int(part) if part.isdigit() else -1, part) for part in re.split(r"(\d+)", path)]
