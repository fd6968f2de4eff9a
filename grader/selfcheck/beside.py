"""The files a notebook names that lie beside it: it finds them when it is checked, and they have to be handed in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.notebook.pieces import pieces

MAX_NAME = 200


def named_files(node: NotebookNode, folder: Path, assignment: Assignment) -> tuple[Path, ...]:
    """Return the files (or folders) beside a notebook that its code names and that were not handed out.

    One that is named with its folder, as in "pictures/one.png", brings that folder along.
    """
    given = {file.name for file in assignment.attached} | {"selfcheck", assignment.notebook}
    tops = {PurePosixPath(text).parts[0] for text in _texts(node) if _is_file(folder, text)}
    found = (folder / name for name in sorted(tops - given))
    return tuple(path for path in found if not path.is_symlink() and path.suffix != ".ipynb")


def _texts(node: NotebookNode) -> Iterator[str]:
    """Yield the strings in a notebook's code that could be a file's name, with slashes; and the modules it imports."""
    for cell in node.cells:
        for piece in pieces(cell.source) if cell.cell_type == "code" else ():
            for each in ast.walk(piece.tree) if piece.tree is not None else ():
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value.replace("\\", "/").removeprefix("./")
                elif isinstance(each, ast.Import):
                    yield from (f"{alias.name.partition('.')[0]}.py" for alias in each.names)
                elif isinstance(each, ast.ImportFrom) and each.module and not each.level:
                    yield f"{each.module.partition('.')[0]}.py"


def _is_file(folder: Path, text: str) -> bool:
    parts = PurePosixPath(text).parts
    if not parts or len(text) > MAX_NAME or not text.isprintable() or PurePosixPath(text).is_absolute():
        return False
    if ".." in parts or ":" in parts[0]:
        return False
    try:
        return (folder / text).is_file()
    except (OSError, ValueError):
        return False


def elsewhere(node: NotebookNode) -> list[str]:
    """Return the files that a notebook's code names by their place on this computer, or outside their folder."""
    found = []
    for text in dict.fromkeys(_texts(node)):
        is_outside = text.startswith("../") or Path(text).is_absolute() or text.startswith("~/")
        if is_outside and len(text) <= MAX_NAME and text.isprintable() and _exists(text):
            found.append(text)
    return found


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):
        return False
