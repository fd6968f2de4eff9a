"""The asking code of sealed kernels (grader/kernels/inside), at work on the names of this kernel.

Its modules import each other by bare names, because a sealed kernel starts in their folder. Here these names belong to
the student, who may have a `models.py` too: they stand for ours only while ours are being loaded.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from grader import kernels
from grader.kernels.inside.memory import Memory

PACKAGE = "grader.kernels.inside"
FOLDER = Path(kernels.__file__).parent / "inside"
NAMES = frozenset(file.stem for file in FOLDER.glob("*.py")) - {"__init__", "__main__"}
MAX_FRAMES, MAX_SOURCE = 20, 200
MAX_LEGACY_SEED = 2**32


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


if TYPE_CHECKING:
    from grader.kernels.inside import agent, guard, journal
else:
    with _bare_names():
        agent, guard, journal = (importlib.import_module(f"{PACKAGE}.{name}") for name in ("agent", "guard", "journal"))


class Nothing:
    """Stands where a sealed kernel has its album of figures and its ledger of trainings: here there is neither."""

    def forget_calls(self) -> None:
        """Have nothing to forget."""


class LiveAgent(agent.Agent):
    """Answers about the names of a running notebook; what it remembers of them also holds the private ones."""

    def __init__(self, shell: Any, memory: Memory) -> None:
        nothing: Any = Nothing()
        super().__init__(shell, reseed, guard.Guard().restore, nothing, nothing)
        self._shell = shell
        self._given = dict(shell.user_ns_hidden)
        self._memory = memory

    def _reset(self, content: agent.Content, _: list[bytes]) -> agent.Content:
        self._handles.clear()
        self._memory.restore(self._names, list(self._names))
        self._reseed(content["seed"])
        return {}

    def _report(self, error: BaseException) -> agent.Content:
        return {**super()._report(error), "frames": list(self._frames(error.__traceback__))[-MAX_FRAMES:]}

    def _frames(self, traceback: TracebackType | None) -> Iterator[agent.Content]:
        """Yield the frames that lie in cells, numbered as in `In [ ]`."""
        while traceback is not None:
            code = traceback.tb_frame.f_code
            number = self._number_of(code.co_filename)
            if number is not None:
                line = traceback.tb_lineno
                source = agent._getline(code.co_filename, line).strip()[:MAX_SOURCE]
                cell = f"<cell {number - 1}>"  # whose number is shown counted from 1
                yield {"cell": cell, "line": line, "function": code.co_name[:80], "source": source}
            traceback = traceback.tb_next

    def _number_of(self, filename: str) -> int | None:
        known = getattr(self._shell.compile, "_filename_map", {})
        return known.get(filename) if isinstance(known, dict) else None


def reseed(seed: int) -> None:
    """Seed Python's and NumPy's generators, whose states can be put back; Keras's and TensorFlow's cannot be."""
    random.seed(seed)
    np.random.seed(seed % MAX_LEGACY_SEED)
