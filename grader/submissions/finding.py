"""Finding notebooks in the folders people have."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from grader.errors import UsageError
from grader.notebook.read import leads_nowhere


def find_notebooks(paths: Iterable[Path], skip: Callable[[OSError], None] = lambda error: None) -> list[Path]:
    """Return the notebooks named or below the folders named, each once, those of a folder sorted.

    Hidden files and folders (and with them `.ipynb_checkpoints`) are left out; `skip` hears of folders that cannot
    be read. Raises UsageError for a path that is not there, for a folder without notebooks, and when nothing can be
    read at all.
    """
    found: dict[str, Path] = {}
    unreadable: list[OSError] = []
    for path in paths:
        for notebook in _below(path, unreadable) if path.is_dir() else [require_file(path)]:
            found.setdefault(os.path.realpath(notebook), notebook)  # Path.resolve() raises for a link to itself
    if unreadable and not found:
        raise UsageError(f"{unreadable[0].filename}: cannot be read ({unreadable[0].strerror}).") from unreadable[0]
    for error in unreadable:
        skip(error)
    return list(found.values())


def require_file(path: Path) -> Path:
    """Return the path of a file; UsageError when there is none."""
    if path.is_file():
        return path
    if path.exists():
        raise UsageError(f"{path} is neither a file nor a folder.")
    raise UsageError(f"{path} {leads_nowhere(path) or 'does not exist'}.")


def _below(folder: Path, unreadable: list[OSError]) -> list[Path]:
    before = len(unreadable)
    found = sorted(_walk(folder, unreadable.append))
    if not found and len(unreadable) == before:
        raise UsageError(f"{folder}: no notebooks (*.ipynb) in this folder.")
    return found


def _walk(folder: Path, skip: Callable[[OSError], None]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=skip):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.lower().endswith(".ipynb") and not name.startswith("."):
                yield Path(place, name)
