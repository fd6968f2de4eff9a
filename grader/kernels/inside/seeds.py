"""Every source of chance starts from the same seed: Python, NumPy, Keras, TensorFlow, PyTorch.

Keras and the others are seeded when the notebook imports them, never before: they take seconds to import.
"""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import numpy
from numpy.random import bit_generator

if TYPE_CHECKING:
    from grader.kernels.inside.hooks import AfterImport

MAX_LEGACY_SEED = 2**32


class Seeds:
    """The seed of this kernel: `begin` fixes it, `reseed` starts everything again."""

    def __init__(self) -> None:
        self._seed: int | None = None
        self._entropy = random.Random(0)  # noqa: S311 - not for secrets

    def begin(self, seed: int) -> None:
        """Start every source of chance, also those that are imported later."""
        # NumPy asks here when a generator is made without a seed.
        bit_generator.randbits = lambda bits: self._entropy.getrandbits(bits)  # type: ignore[attr-defined]
        self.reseed(seed)

    def reseed(self, seed: int) -> None:
        """Seed whatever has been imported so far; what is imported later starts from this seed too."""
        self._seed = seed
        for name, start in STARTS.items():  # first: Keras seeds Python and NumPy, too, in its own way
            if name in sys.modules:
                start(sys.modules[name], seed)
        self._entropy.seed(seed)
        random.seed(seed)
        numpy.random.seed(seed % MAX_LEGACY_SEED)

    def watch(self, hooks: AfterImport) -> None:
        """Seed the libraries of `STARTS` as they are imported, and leave the state of the others alone."""
        for name in STARTS:
            hooks.add(name, self._start, around=undisturbed)

    def _start(self, module: ModuleType) -> None:
        if self._seed is not None:
            STARTS[module.__name__](module, self._seed)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Give Python's and NumPy's generators back the state they had, whatever an import draws from them."""
    python, legacy = random.getstate(), numpy.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        numpy.random.set_state(legacy)


def _start_keras(keras: ModuleType, seed: int) -> None:
    keras.utils.set_random_seed(seed % MAX_LEGACY_SEED)


def _start_tensorflow(tensorflow: ModuleType, seed: int) -> None:
    tensorflow.random.set_seed(seed % MAX_LEGACY_SEED)


def _start_torch(torch: ModuleType, seed: int) -> None:
    torch.manual_seed(seed)


STARTS = {"tensorflow": _start_tensorflow, "torch": _start_torch, "keras": _start_keras}
