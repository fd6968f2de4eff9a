"""The files a module is made of: its own, and those of what it imports of the same package."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path


def sources(module: str) -> set[Path]:
    """Return the files of a module and of what it imports, directly or not, of its own package."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        origin = _origin(name) if name not in found else None
        if origin is not None:
            found[name] = Path(origin)
            waiting += [other for other in _imports(found[name]) if other.startswith(module.partition(".")[0] + ".")]
    return set(found.values())


def _origin(name: str) -> str | None:
    """Return the file of a module, None for a name in a module or a module that is not there."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return spec.origin if spec is not None else None


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
