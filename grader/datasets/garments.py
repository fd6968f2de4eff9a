"""Ten kinds of garments in grey, 28×28: drawn by rules and chance, for where Fashion-MNIST is not at hand.

An outline with random corners is filled with a random shade and texture, gets the details of its kind, is turned,
scaled and moved, and noise is added. Kinds differ by outline and details, never by shade, texture or place.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from grader.datasets.drawing import (
    UNIT,
    Chance,
    Integers,
    Mask,
    Placing,
    Points,
    as_bytes,
    box,
    inside,
    mirrored,
    oval,
    shrunk,
    texture,
)

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SIZE = 28
SEED = 20_170_828
BATCH = 50  # garments drawn at once: what they take fits a processor's cache
NOISE = 14  # standard deviation, in steps of 256


class Cloth:
    """n garments of one kind being drawn: `shades` (n, 56, 56) on black."""

    def __init__(self, chance: Chance, n: int) -> None:
        self.chance, self.n = chance, n
        self.placing = Placing(chance, n, SIZE, loose=115)
        shade, contrast = (chance.between(*bounds, n)[:, None, None] for bounds in ((70, 220), (8, 60)))
        self.shades = np.zeros((n, 2 * SIZE, 2 * SIZE), dtype=np.int64)
        self._cloth = np.clip(shade + contrast * texture(chance, n, SIZE) // UNIT, 25, 255)
        self._trim = np.where(shade > 140, shade - chance.between(60, 110, n)[:, None, None], shade + 80)

    def cover(self, points: Points | Integers, *, wobble: int = 40, where: Mask | None = None) -> None:
        """Fill an outline with the cloth, in all pictures or in those of `where` (n,)."""
        self._fill(points, self._cloth, wobble, where)

    def trim(self, points: Points | Integers, *, wobble: int = 25, where: Mask | None = None) -> None:
        """Fill an outline with a shade that stands out."""
        self._fill(points, self._trim, wobble, where)

    def cut(self, points: Points | Integers, *, wobble: int = 25, where: Mask | None = None) -> None:
        """Make an outline black again."""
        self._fill(points, np.zeros_like(self._trim), wobble, where)

    def _fill(self, points: Points | Integers, shades: Integers, wobble: int, where: Mask | None) -> None:
        mask = inside(self.placing.shape(points, wobble=wobble), SIZE)
        if where is not None:
            mask &= where[:, None, None]
        np.copyto(self.shades, shades, where=mask)

    def images(self) -> NDArray[np.uint8]:
        """Return (n, 28, 28) with noise, the darkest of which is cut off as in a photograph of a black backdrop."""
        pixels = shrunk(self.shades)
        noisy = pixels + self.chance.noise(NOISE, *pixels.shape) * (pixels + 60) // 160
        return as_bytes(np.where(noisy < 12, 0, noisy))


def draw(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images (n, 28, 28) of the kinds in `labels` (n,)."""
    images = np.zeros((len(labels), SIZE, SIZE), dtype=np.uint8)
    for kind, tailor in enumerate(TAILORS):
        chance = Chance(SEED + 1 + kind)
        rows = np.flatnonzero(labels == kind)
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            cloth = Cloth(chance, len(batch))
            tailor(cloth)
            images[batch] = cloth.images()
    return images


# --- above the waist --------------------------------------------------------------------------------------------------


def _top(cloth: Cloth, *, length: int, waist: int = 430, hem: int = 470) -> None:
    """A body with shoulders, without sleeves."""
    cloth.cover(mirrored([(170, -820), (460, -720), (430, -250), (waist, 150), (hem, length)]))


def _sleeves(cloth: Cloth, *, short: Mask) -> None:
    """Sleeves from the shoulders: short and slanted, or long and hanging."""
    for side in (1, -1):
        upper = [(side * 300, -780), (side * 470, -730), (side * 860, -330), (side * 640, -120), (side * 380, -420)]
        lower = [(side * 300, -780), (side * 500, -720), (side * 840, 560), (side * 620, 640), (side * 400, -300)]
        cloth.cover(upper, where=short)
        cloth.cover(lower, where=~short)


def _t_shirt(cloth: Cloth) -> None:
    _top(cloth, length=760)
    _sleeves(cloth, short=~cloth.chance.happens(4, cloth.n))
    cloth.cut(oval(0, -850, 190, 130))
    cloth.trim(box(-180, -250, 180, 100), wobble=90, where=cloth.chance.happens(25, cloth.n))


def _pullover(cloth: Cloth) -> None:
    _top(cloth, length=700)
    _sleeves(cloth, short=cloth.chance.happens(4, cloth.n))
    cloth.trim(box(-470, 610, 470, 720), where=cloth.chance.happens(60, cloth.n))
    cloth.trim(oval(0, -800, 210, 110))
    cloth.cut(oval(0, -840, 160, 90))


def _coat(cloth: Cloth) -> None:
    _top(cloth, length=930, hem=540)
    _sleeves(cloth, short=cloth.chance.happens(2, cloth.n))
    cloth.cut([(-20, -500), (20, -500), (45, 950), (-45, 950)], wobble=12)
    cloth.trim([(0, -450), (-210, -830), (-90, -870), (0, -620), (90, -870), (210, -830)])
    for side in (1, -1):
        cloth.trim(box(side * 290 - 110, 280, side * 290 + 110, 350), where=cloth.chance.happens(60, cloth.n))


def _shirt(cloth: Cloth) -> None:
    _top(cloth, length=800)
    _sleeves(cloth, short=cloth.chance.happens(35, cloth.n))
    cloth.trim([(-200, -860), (0, -720), (200, -860), (140, -600), (0, -700), (-140, -600)])
    cloth.trim(box(-22, -680, 22, 780), wobble=8, where=cloth.chance.happens(40, cloth.n))
    for place in range(-560, 760, 290):
        cloth.trim(oval(0, place, 60, 60), wobble=6)


def _dress(cloth: Cloth) -> None:
    _top(cloth, length=960, waist=270, hem=600)
    _sleeves(cloth, short=np.ones(cloth.n, dtype=bool))
    bare = cloth.chance.happens(60, cloth.n)
    for side in (1, -1):
        cloth.cut([(side * 390, -900), (side * 960, -900), (side * 960, 60), (side * 400, -60)], where=bare)
    cloth.cut([(-190, -900), (190, -900), (0, -560)])
    cloth.trim(box(-290, 110, 290, 190), where=cloth.chance.happens(40, cloth.n))


# --- below it -------------------------------------------------------------------------------------------------------


def _trouser(cloth: Cloth) -> None:
    spread = cloth.chance.between(30, 190, cloth.n)
    outline = np.array(mirrored([(330, -900), (390, -400), (420, 950), (200, 950), (40, -250)]))
    corners = np.broadcast_to(outline, (cloth.n, *outline.shape)).copy()
    low = outline[:, 1] > 0
    corners[:, low, 0] += np.sign(outline[low, 0]) * (spread[:, None] - 60)
    cloth.cover(corners)
    cloth.trim(box(-340, -900, 340, -800), where=cloth.chance.happens(60, cloth.n))


def _sole(cloth: Cloth, top: int, heel: int = 0) -> None:
    cloth.trim([(-930, 480 + top), (930, 480 + top), (900, 640), (-880, 640)], wobble=30)
    high = cloth.chance.happens(heel, cloth.n)
    cloth.trim([(480, 560), (900, 540), (860, 850), (640, 850)], where=high)


def _sandal(cloth: Cloth) -> None:
    lift = cloth.chance.between(0, 350, cloth.n)
    sole = np.array([(-930, 420), (-300, 470), (880, 250), (900, 400), (-250, 640), (-920, 580)])
    corners = np.broadcast_to(sole, (cloth.n, *sole.shape)).copy()
    corners[:, 2:4, 1] -= lift[:, None]
    cloth.cover(corners)
    for place in (-650, -250, 450):
        strap = [(place, 480), (place + 120, 470), (place + 330, 0), (place + 210, -20)]
        cloth.cover(strap, wobble=90, where=cloth.chance.happens(80, cloth.n))
    cloth.cover([(-520, 20), (700, -160), (720, -60), (-480, 130)], wobble=90)
    cloth.trim([(700, 300), (880, 280), (820, 760), (700, 760)], where=lift > 180)


def _sneaker(cloth: Cloth) -> None:
    cloth.cover([(-930, 520), (-880, 230), (-420, 60), (60, -240), (330, -200), (620, -130), (900, -220), (930, 520)])
    cloth.cut(oval(480, -230, 260, 110), wobble=20)
    for place in (-330, -160, 10):
        cloth.trim([(place, 0), (place + 60, -40), (place + 150, 190), (place + 90, 200)], wobble=30)
    _sole(cloth, 0)


def _boot(cloth: Cloth) -> None:
    cloth.cover([(-930, 520), (-890, 250), (-420, 80), (-60, -120), (20, -780), (780, -800), (860, 100), (930, 520)])
    cloth.trim([(80, -770), (780, -790), (790, -690), (80, -660)], where=cloth.chance.happens(50, cloth.n))
    for place in (-500, -300, -100):
        where = cloth.chance.happens(50, cloth.n)
        cloth.trim([(0, place), (240, place - 20), (250, place + 40), (-20, place + 60)], where=where)
    _sole(cloth, 20, heel=50)


def _bag(cloth: Cloth) -> None:
    cloth.cover(mirrored([(560, -950), (620, -100), (500, -100), (430, -840)]))  # an arch: the handle
    cloth.cut(box(-440, -950, 440, -300), where=cloth.chance.happens(25, cloth.n))
    cloth.cover(mirrored([(700, -260), (860, 680)]), wobble=110)
    cloth.trim(box(-740, -10, 740, 70), where=cloth.chance.happens(50, cloth.n))
    cloth.trim(box(-110, -50, 110, 190), where=cloth.chance.happens(60, cloth.n))


TAILORS: tuple[Callable[[Cloth], None], ...] = (
    _t_shirt,
    _trouser,
    _pullover,
    _dress,
    _coat,
    _sandal,
    _shirt,
    _sneaker,
    _bag,
    _boot,
)
