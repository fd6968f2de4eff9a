"""The handwritten digits that come with scikit-learn, made to look like MNIST.

1,797 digits of 8×8 pixels are enlarged to 20×20 and centred in 28×28, as bytes 0..255. Everything is integer
arithmetic, so the bytes are the same on every machine.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.extras import require

DEPTH = 16  # the darkest pixel of the 8×8 digits
UNIT = 1024  # the weight 1 of the enlargement, in integers
FAINT, FULL = 0.3, 0.75  # what becomes 0 and 255: strokes as crisp as MNIST's


def digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images (1797, 28, 28) and labels (1797,), in scikit-learn's order."""
    pixels, labels = raw_digits()
    return _enlarged(pixels), labels.astype(np.uint8)


def raw_digits() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Read scikit-learn's file of digits: pixels (1797, 8, 8) in 0..16, and labels.

    Importing scikit-learn takes more than a second, so its own loader is asked only where the file moved.
    """
    package = importlib.util.find_spec("sklearn")
    file = Path(str(package.origin)).parent / "datasets" / "data" / "digits.csv.gz" if package else Path()
    if file.is_file():
        table = np.loadtxt(file, delimiter=",", dtype=np.int64)
        return table[:, :64].reshape(-1, 8, 8), table[:, 64]
    require("sklearn", "The data set of digits")
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype(np.int64), digits.target.astype(np.int64)


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
