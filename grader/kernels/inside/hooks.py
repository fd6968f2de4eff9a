"""Import hooks: doing something right after a module was imported, and standing in for packages that are not here."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

Hook = Callable[[ModuleType], None]
Around = Callable[[], AbstractContextManager[None]]


class AfterImport:
    """A finder that lets the others find a module and calls the hooks of its name once its code has run."""

    def __init__(self) -> None:
        self._hooks: dict[str, list[tuple[Hook, Around]]] = {}

    def add(self, name: str, hook: Hook, around: Around = contextlib.nullcontext) -> None:
        """Call `hook(module)` after the first import of `name`; both happen inside the context `around()`."""
        self._hooks.setdefault(name, []).append((hook, around))

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
            with contextlib.ExitStack() as stack:
                for _, around in self._hooks[name]:
                    stack.enter_context(around())
                execute(module)
                for hook, _ in self._hooks[name]:
                    hook(module)

        spec.loader.exec_module = execute_and_call  # type: ignore[method-assign]
        return spec


class StandInFinder:
    """Finds a package and everything below it; `make` returns the module of a name, which has no code to be run."""

    def __init__(self, root: str, make: Callable[[str], ModuleType]) -> None:
        self._root = root
        self._make = make

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the package alone."""
        if name == self._root or name.startswith(self._root + "."):
            return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the stand-in."""
        return self._make(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing: a stand-in has no code."""


def install() -> AfterImport:
    """Put a new finder in front of the others and return it."""
    finder = AfterImport()
    sys.meta_path.insert(0, finder)
    return finder
