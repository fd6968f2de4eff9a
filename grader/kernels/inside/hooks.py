"""Doing something right after a module was imported, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

Hook = Callable[[ModuleType], None]


class AfterImport:
    """A finder that lets the others find a module and calls the hooks of its name once its code has run."""

    def __init__(self) -> None:
        self._hooks: dict[str, list[Hook]] = {}

    def add(self, name: str, hook: Hook) -> None:
        """Call `hook(module)` after the first import of `name`."""
        self._hooks.setdefault(name, []).append(hook)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer only for names with hooks."""
        if name not in self._hooks:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_call(module: ModuleType) -> None:
            execute(module)
            for hook in self._hooks.get(name, ()):
                hook(module)

        spec.loader.exec_module = execute_and_call  # type: ignore[method-assign]
        return spec


def install() -> AfterImport:
    """Put a new finder in front of the others and return it."""
    finder = AfterImport()
    sys.meta_path.insert(0, finder)
    return finder
