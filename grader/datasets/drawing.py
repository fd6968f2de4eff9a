"""Drawing with integers: shapes, textures and noise whose bytes are the same on every machine and in every NumPy.

Chance comes from the raw output of PCG64, which NumPy keeps the same for ever (its distributions it does not).
Places are in 1/256 of a pixel. n pictures are drawn at once, and every number of a shape may differ among them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PIXEL = 256  # the width of a pixel, in units of place
FINE = 2  # samples along a pixel's side: edges get three or more shades
UNIT = 1000  # what 1 is in matrices and in the coordinates of templates

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Points = Sequence[tuple[int, int]]


class Chance:
    """Uniform integers from a seed."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def between(self, low: int, high: int, *shape: int) -> Integers:
        """Return integers in low..high, both included."""
        raw = np.asarray(self._bits.random_raw(shape or (1,)))  # (...), 64 bits each
        span = np.uint64(high - low + 1)
        scaled: Integers = (((raw >> np.uint64(32)) * span) >> np.uint64(32)).astype(np.int64)
        return scaled + low

    def happens(self, percent: int, n: int) -> Mask:
        """Return n truth values of which about this many in a hundred are true."""
        happened: Mask = self.between(0, 99, n) < percent
        return happened

    def noise(self, width: int, *shape: int) -> Integers:
        """Return bell-shaped integers around 0 with a standard deviation of `width` (a sum of four uniform ones)."""
        raw = np.asarray(self._bits.random_raw(shape))
        total = sum(((raw >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.int64) for shift in (0, 16, 32, 48))
        return np.asarray((np.asarray(total) - 131_070) * width // 37_837, dtype=np.int64)

    def shuffled(self, values: Integers) -> Integers:
        """Return the values in another order."""
        keys = np.asarray(self._bits.random_raw(len(values)))
        return values[np.argsort(keys, kind="stable")]


# --- where ------------------------------------------------------------------------------------------------------------


class Placing:
    """How n templates lie in their pictures: turned, sheared, scaled, mirrored and moved."""

    def __init__(self, chance: Chance, n: int, size: int, *, loose: int = 100) -> None:
        """Draw it; `loose` says in per cent how much it varies."""

        def by(amount: int) -> Integers:
            return chance.between(-amount * loose // 100, amount * loose // 100, n)

        turn, shear = by(130), by(90)
        scale = 860 + by(120)
        wide, high = scale + by(70), scale + by(70)
        self._matrix = np.stack([wide, turn + shear, -turn, high], axis=-1)  # (n, 4), rows of 2×2 in 1 / UNIT
        self._mirror = np.where(chance.happens(50, n), -1, 1)  # (n,)
        self._middle = np.stack([by(9 * PIXEL * size // 112), by(9 * PIXEL * size // 112)], axis=-1) + size * PIXEL // 2
        self._half = size * PIXEL * 44 // 100  # what UNIT is in a picture before scaling
        self._chance, self.n, self.size = chance, n, size

    def shape(self, points: Points | Integers, *, wobble: int = 40, mirrored: bool = True) -> Integers:
        """Return the corners (n, k, 2) in places; `points` lie in -UNIT..UNIT, y downwards, and differ by `wobble`."""
        template = np.asarray(points, dtype=np.int64)  # (k, 2) or (n, k, 2)
        corners = np.broadcast_to(template, (self.n, *template.shape[-2:]))
        corners = corners + self._chance.between(-wobble, wobble, *corners.shape)
        x, y = corners[..., 0], corners[..., 1]
        if mirrored:
            x = x * self._mirror[:, None]
        a, b, c, d = (self._matrix[:, i, None] for i in range(4))
        moved = np.stack([a * x + b * y, c * x + d * y], axis=-1) * self._half
        return np.asarray(moved // (UNIT * UNIT) + self._middle[:, None, :], dtype=np.int64)


def mirrored(right: Points) -> list[tuple[int, int]]:
    """Return a closed outline from its right half, which runs from top to bottom."""
    return [*right, *((-x, y) for x, y in reversed(right))]


def oval(x: int, y: int, width: int, height: int) -> list[tuple[int, int]]:
    """Return a twelve-sided oval with half axes `width` and `height` around (x, y)."""
    circle = ((1000, 0), (866, 500), (500, 866), (0, 1000), (-500, 866), (-866, 500))
    return [(x + s * a * width // 1000, y + s * b * height // 1000) for s in (1, -1) for a, b in circle]


def box(left: int, top: int, right: int, bottom: int) -> list[tuple[int, int]]:
    """Return a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def inside(corners: Integers, size: int) -> Mask:
    """Return (n, FINE·size, FINE·size): which samples lie in the outlines (n, k, 2), by the even-odd rule."""
    places = np.arange(FINE * size, dtype=np.int64) * (PIXEL // FINE) + PIXEL // FINE // 2
    result = np.zeros((len(corners), len(places), len(places)), dtype=bool)
    for i in range(corners.shape[1]):
        (x1, y1), (x2, y2) = (corners[:, j].T[..., None] for j in (i - 1, i))  # each (n, 1)
        crossed = (y1 > places) != (y2 > places)  # (n, rows)
        rise = np.where(y1 == y2, 1, y2 - y1)
        at = x1 + (x2 - x1) * (places - y1) // rise  # (n, rows): where the edge is
        result ^= crossed[:, :, None] & (places < np.where(crossed, at, 0)[:, :, None])
    return result


# --- with what --------------------------------------------------------------------------------------------------------


@functools.cache
def _grid(size: int) -> tuple[Integers, Integers]:
    rows, columns = np.indices((FINE * size, FINE * size), dtype=np.int64)
    return rows, columns


def stripes(chance: Chance, n: int, size: int, *, period: tuple[int, int] = (3, 9)) -> Mask:
    """Return (n, FINE·size, FINE·size): stripes in a random direction; `period` bounds their width, in samples."""
    rows, columns = _grid(size)
    a, b, width, start = (chance.between(*bounds, n)[:, None, None] for bounds in ((-4, 4), (1, 4), period, (0, 99)))
    result: Mask = ((a * columns + b * rows + 1000) // (3 * width) + start) % 2 == 0
    return result


def checks(chance: Chance, n: int, size: int) -> Mask:
    """Return (n, FINE·size, FINE·size): squares like those of a chessboard."""
    rows, columns = _grid(size)
    width, x, y = (chance.between(*bounds, n)[:, None, None] for bounds in ((3, 8), (0, 9), (0, 9)))
    result: Mask = ((columns + x) // width + (rows + y) // width) % 2 == 0
    return result


def blotches(chance: Chance, n: int, size: int, *, cells: int = 7) -> Integers:
    """Return (n, FINE·size, FINE·size) in -UNIT..UNIT: smooth random clouds, by bilinear interpolation."""
    knots = chance.between(-UNIT, UNIT, n, cells + 1, cells + 1)
    places = np.arange(FINE * size, dtype=np.int64) * cells * 256 // (FINE * size)
    cell, part = places // 256, places % 256
    across = knots[:, :, cell] * (256 - part) + knots[:, :, cell + 1] * part  # (n, cells + 1, samples)
    down = across[:, cell] * (256 - part)[:, None] + across[:, cell + 1] * part[:, None]
    return np.asarray(down // 65_536, dtype=np.int64)


def texture(chance: Chance, n: int, size: int) -> Integers:
    """Return (n, FINE·size, FINE·size) in -UNIT..UNIT: plain, striped, checked or blotched, by chance."""
    kind = chance.between(0, 3, n)[:, None, None]
    signs = [np.where(mask, UNIT, -UNIT) for mask in (stripes(chance, n, size), checks(chance, n, size))]
    clouds = blotches(chance, n, size)
    result: Integers = np.select([kind == 0, kind == 1, kind == 2], [*signs, clouds], 0)
    return result


def shrunk(samples: Integers) -> Integers:
    """Return (n, size, size, ...): the mean of the FINE × FINE samples of every pixel."""
    n, side = samples.shape[:2]
    blocks = samples.reshape(n, side // FINE, FINE, side // FINE, FINE, *samples.shape[3:])
    return np.asarray(blocks.sum(axis=(2, 4)) // FINE**2, dtype=np.int64)


def as_bytes(values: Integers) -> NDArray[np.uint8]:
    """Return the values, held within 0..255, as bytes."""
    return np.clip(values, 0, 255).astype(np.uint8)
