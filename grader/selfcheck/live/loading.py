"""Loading the modules of sealed kernels (grader/kernels/inside) into this process.

They import each other by bare names, because a sealed kernel starts in their folder. Here these names belong to the
student, who may have a `models.py` too: they stand for ours only while ours are being loaded.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from grader import kernels

PACKAGE = "grader.kernels.inside"
FOLDER = Path(kernels.__file__).parent / "inside"
NAMES = frozenset(file.stem for file in FOLDER.glob("*.py")) - {"__init__", "__main__"}


class _Ours:
    """Finds modules of the folder by their bare names, as what they are called here."""

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the names of the folder alone."""
        return ModuleSpec(name, self) if path is None and name in NAMES else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module by its full name, loaded if it was not."""
        module = importlib.import_module(f"{PACKAGE}.{spec.name}")
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing, it has run; give it back what it said of itself."""
        module.__spec__ = self._specs[module.__name__.rpartition(".")[2]]


@contextlib.contextmanager
def _bare_names() -> Iterator[None]:
    aside = {name: sys.modules.pop(name) for name in NAMES & set(sys.modules)}
    finder: Any = _Ours()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in NAMES & set(sys.modules):
            del sys.modules[name]
        sys.modules.update(aside)


def loaded(name: str) -> ModuleType:
    """Return a module of the folder, with all it imports."""
    with _bare_names():
        return importlib.import_module(f"{PACKAGE}.{name}")
