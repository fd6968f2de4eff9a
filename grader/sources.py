"""The files a module is made of: its own, and those of what it imports of the same package."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path


def sources(module: str) -> set[Path]:
    """Return the files of a module, of the packages it is in, and of what it imports of its own package.

    What those import is followed, too. SyntaxError names a file that is no Python.
    """
    found: dict[str, Path] = {}
    waiting = [module]
    own = module.partition(".")[0]
    while waiting:
        name = waiting.pop()
        origin = _origin(name) if name not in found else None
        if origin is not None:
            found[name] = Path(origin)
            package = name if Path(origin).stem == "__init__" else name.rpartition(".")[0]
            waiting += [other for other in imports(found[name], package) if other.partition(".")[0] == own]
        if "." in name:
            waiting.append(name.rpartition(".")[0])
    return set(found.values())


def imports(path: Path, package: str = "") -> Iterator[str]:
    """Yield the dotted names that a file imports, and of `from a import b` also a.b, which may be a module."""
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (start, *(f"{start}.{alias.name}" for alias in node.names))


def _origin(name: str) -> str | None:
    """Return the file of a module, None for a name in a module or a module that is not there."""
    try:
        spec = importlib.util.find_spec(name)
    except (ModuleNotFoundError, ValueError):
        return None
    return spec.origin if spec is not None else None
