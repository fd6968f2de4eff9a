"""Ten kinds of colour pictures, 32×32×3: drawn by rules and chance, for where CIFAR-10 is not at hand.

The kinds have the names of CIFAR-10's. Each is a few outlines with random corners, in random colours and textures,
before a random sky, sea, road or meadow, turned, scaled and moved, with noise. Colours and backgrounds say a little
about the kind, as they do in photographs; outlines say most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.datasets.drawing import (
    FINE,
    UNIT,
    Chance,
    Integers,
    Mask,
    Placing,
    Points,
    as_bytes,
    blotches,
    box,
    inside,
    oval,
    shrunk,
    texture,
)

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIZE = 32
SEED = 20_090_408
BATCH = 25  # pictures drawn at once: what they take fits a processor's cache
NOISE = 8  # standard deviation, in steps of 256
SKY, SEA, ROAD, MEADOW, WOOD = (150, 190, 230), (50, 100, 140), (125, 120, 120), (95, 140, 70), (110, 95, 70)


class Scene:
    """n pictures of one kind being drawn: `colours` (n, 64, 64, 3)."""

    def __init__(self, chance: Chance, n: int, grounds: Sequence[tuple[int, int, int]]) -> None:
        self.chance, self.n = chance, n
        self.placing = Placing(chance, n, SIZE, loose=50)
        side = FINE * SIZE
        upper, lower = self._ground((SKY, WOOD, MEADOW)), self._ground((*grounds, *grounds, MEADOW, ROAD))
        horizon = chance.between(side // 5, side * 4 // 5, n)[:, None, None] + blotches(chance, n, SIZE) * 5 // UNIT
        below = np.arange(side)[:, None] > horizon  # (n, 64, 64)
        self.colours = np.where(below[..., None], lower, upper)
        self.main, self.second = self._paint(), self._paint()
        self.dark = chance.between(10, 70, n)[:, None, None, None] + np.zeros_like(self.main)

    def fill(self, points: Points | Integers, paint: Integers, *, wobble: int = 45, where: Mask | None = None) -> None:
        """Fill an outline with a paint, in all pictures or in those of `where` (n,)."""
        mask = inside(self.placing.shape(points, wobble=wobble), SIZE)
        if where is not None:
            mask &= where[:, None, None]
        np.copyto(self.colours, paint, where=mask[..., None])

    def images(self) -> NDArray[np.uint8]:
        """Return (n, 32, 32, 3), each in a light of its own, with noise."""
        light = self.chance.between(750, 1200, self.n)[:, None, None, None]
        tint = self.chance.between(-12, 12, self.n, 1, 1, 3)
        pixels = shrunk(self.colours) * light // UNIT + tint
        grey = self.chance.noise(NOISE, self.n, SIZE, SIZE, 1)
        return as_bytes(pixels + grey + self.chance.noise(NOISE // 2, *pixels.shape))

    def _ground(self, choices: Sequence[tuple[int, int, int]]) -> Integers:
        """Return (n, 64, 64, 3): one of the colours, more or less, clouded or patterned."""
        which = self.chance.between(0, len(choices) - 1, self.n)
        colour = np.array(choices)[which] + self.chance.between(-30, 30, self.n, 3)
        depth = self.chance.between(5, 30, self.n)[:, None, None]
        return colour[:, None, None, :] + (blotches(self.chance, self.n, SIZE) * depth // UNIT)[..., None]

    def _paint(self) -> Integers:
        """Return (n, 64, 64, 3): any colour, with a texture."""
        colour = self.chance.between(20, 240, self.n, 1) + self.chance.between(-50, 50, self.n, 3)
        depth = self.chance.between(5, 45, self.n)[:, None, None]
        return colour[:, None, None, :] + (texture(self.chance, self.n, SIZE) * depth // UNIT)[..., None]


def draw(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images (n, 32, 32, 3) of the kinds in `labels` (n,)."""
    images = np.zeros((len(labels), SIZE, SIZE, 3), dtype=np.uint8)
    for kind, (painter, grounds) in enumerate(PAINTERS):
        chance = Chance(SEED + 1 + kind)
        rows = np.flatnonzero(labels == kind)
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            scene = Scene(chance, len(batch), grounds)
            painter(scene)
            images[batch] = scene.images()
    return images


# --- things that drive, fly and swim ----------------------------------------------------------------------------------


def _airplane(scene: Scene) -> None:
    scene.fill([(-900, -60), (-500, -140), (700, -120), (950, 0), (700, 120), (-800, 90)], scene.main)
    scene.fill([(-900, -60), (-980, -480), (-800, -480), (-560, -100)], scene.second)
    scene.fill([(180, 0), (-330, 620), (-120, 640), (460, 30)], scene.second)
    scene.fill([(150, -90), (-150, -430), (0, -440), (400, -90)], scene.second, where=scene.chance.happens(50, scene.n))


def _wheels(scene: Scene, *places: int, radius: int = 190) -> None:
    for place in places:
        scene.fill(oval(place, 430, radius, radius), scene.dark, wobble=15)
        scene.fill(oval(place, 430, radius // 2, radius // 2), scene.second, wobble=10)


def _automobile(scene: Scene) -> None:
    scene.fill([(-520, 0), (-330, -390), (330, -390), (600, 0)], scene.main)
    scene.fill([(-410, -20), (-280, -310), (0, -310), (0, -20)], scene.dark, wobble=25)
    scene.fill([(70, -20), (70, -310), (290, -310), (470, -20)], scene.dark, wobble=25)
    scene.fill([(-930, 380), (-900, 20), (850, -10), (950, 380)], scene.main)
    _wheels(scene, -520, 540)


def _truck(scene: Scene) -> None:
    scene.fill(box(-950, -560, 330, 370), scene.main)
    scene.fill([(380, 370), (380, -330), (700, -330), (940, 20), (940, 370)], scene.second)
    scene.fill([(480, -10), (480, -250), (660, -250), (820, -10)], scene.dark, wobble=25)
    _wheels(scene, -640, -230, 640, radius=165)


def _ship(scene: Scene) -> None:
    scene.fill([(-960, 80), (960, 30), (700, 500), (-720, 500)], scene.main)
    scene.fill(box(-560, -210, 370, 80), scene.second)
    scene.fill(box(-180, -560, 30, -200), scene.main, where=scene.chance.happens(70, scene.n))
    scene.fill(box(180, -820, 230, -200), scene.dark, wobble=20)
    for place in (-420, -160, 110):
        scene.fill(oval(place, -70, 70, 70), scene.dark, wobble=10)


# --- things that live -------------------------------------------------------------------------------------------------


def _bird(scene: Scene) -> None:
    scene.fill([(-980, 60), (-420, -60), (-380, 170), (-950, 260)], scene.second)
    scene.fill(oval(-50, 80, 500, 330), scene.main)
    scene.fill(oval(430, -300, 240, 220), scene.main)
    scene.fill([(620, -370), (950, -270), (630, -210)], scene.second, wobble=25)
    scene.fill([(200, 0), (-330, -50), (-430, 330), (-50, 260)], scene.second, wobble=80)
    scene.fill(oval(500, -350, 50, 50), scene.dark, wobble=5)
    for place in (-60, 90):
        scene.fill(box(place, 370, place + 50, 800), scene.dark, wobble=15)


def _legs(scene: Scene, top: int, bottom: int, width: int, *places: int) -> None:
    for place in places:
        scene.fill(box(place, top, place + width, bottom), scene.main, wobble=50)


def _cat(scene: Scene) -> None:
    scene.fill([(-330, 500), (-850, 300), (-930, -280), (-800, -300), (-700, 180), (-300, 300)], scene.main)
    scene.fill(oval(-60, 450, 430, 480), scene.main)
    scene.fill(oval(120, -230, 390, 350), scene.main)
    for side in (1, -1):
        scene.fill([(120 + side * 90, -480), (120 + side * 400, -860), (120 + side * 380, -300)], scene.main)
        scene.fill(oval(120 + side * 150, -280, 75, 60), scene.dark, wobble=10)
    scene.fill([(60, -130), (180, -130), (120, -50)], scene.second, wobble=15)


def _dog(scene: Scene) -> None:
    scene.fill([(-680, -60), (-960, -420), (-870, -480), (-560, -150)], scene.main)
    scene.fill(oval(-180, 110, 560, 290), scene.main)
    _legs(scene, 150, 850, 130, -650, -430, 40, 240)
    scene.fill(oval(480, -290, 300, 270), scene.main)
    scene.fill([(620, -330), (950, -230), (930, -60), (600, -80)], scene.main)
    scene.fill([(330, -500), (480, -470), (400, 60), (230, 10)], scene.second, wobble=50)
    scene.fill(oval(900, -210, 70, 60), scene.dark, wobble=10)


def _deer(scene: Scene) -> None:
    scene.fill(oval(-200, 80, 520, 240), scene.main)
    _legs(scene, 120, 930, 75, -640, -480, 50, 200)
    scene.fill([(90, 40), (370, -480), (560, -420), (330, 180)], scene.main)
    scene.fill([(330, -480), (480, -600), (850, -390), (820, -290), (500, -330)], scene.main)
    for lean in (-160, 40, 240):
        where = scene.chance.happens(85, scene.n)
        scene.fill([(420, -560), (420 + lean, -960), (480 + lean, -960), (480, -560)], scene.second, where=where)
    for place in (-450, -200, 40):
        scene.fill(oval(place, 0, 55, 55), scene.second, where=scene.chance.happens(40, scene.n))


def _horse(scene: Scene) -> None:
    scene.fill([(-680, -120), (-930, 0), (-950, 600), (-820, 560), (-620, 100)], scene.second)
    scene.fill(oval(-160, 30, 570, 290), scene.main)
    _legs(scene, 100, 930, 105, -640, -440, 100, 280)
    scene.fill([(100, -60), (350, -700), (620, -640), (410, 200)], scene.main)
    scene.fill([(380, -720), (560, -760), (930, -330), (800, -220), (480, -460)], scene.main)
    scene.fill([(80, -160), (300, -760), (430, -760), (240, -160)], scene.second)


def _frog(scene: Scene) -> None:
    scene.fill([(-960, 620), (-620, 60), (-180, 60), (-330, 560), (-200, 640)], scene.second)
    scene.fill([(-760, 430), (-520, -80), (0, -330), (620, -320), (830, -60), (560, 300), (0, 560)], scene.main)
    for place in (180, 560):
        scene.fill(oval(place, -400, 150, 150), scene.main, wobble=20)
        scene.fill(oval(place, -410, 75, 75), scene.dark, wobble=8)
    scene.fill([(300, 180), (470, 140), (560, 660), (250, 700)], scene.second)
    scene.fill([(280, -60), (800, -110), (790, -50), (290, 10)], scene.dark, wobble=20)


PAINTERS: tuple[tuple[Callable[[Scene], None], Sequence[tuple[int, int, int]]], ...] = (
    (_airplane, (SKY, SKY)),
    (_automobile, (ROAD, MEADOW)),
    (_bird, (SKY, WOOD)),
    (_cat, (WOOD, ROAD)),
    (_deer, (MEADOW, WOOD)),
    (_dog, (WOOD, MEADOW)),
    (_frog, (MEADOW, SEA)),
    (_horse, (MEADOW, MEADOW)),
    (_ship, (SEA, SEA)),
    (_truck, (ROAD, ROAD)),
)
