"""Gradescope's autograder: one zip file with the grader's source, one assignment, and the programs that run them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grader
from grader.assignment import Assignment
from grader.errors import UsageError
from grader.exports.archive import is_inside, packed
from grader.exports.gradescope import Shown

PROGRAMS = frozenset({"setup.sh", "run_autograder"})
SOURCE = ("grader", "reference", "pyproject.toml", "constraints.txt", "README.md", "LICENSE")
LEFT_OUT = frozenset({"__pycache__", "node_modules"})
NO_SOURCE = (
    "{root}: there is no {name} here. The autograder is made from the grader's source: "
    "clone it, install it with `pip install -e '.[all]'`, and run this command again."
)


@dataclass(frozen=True, kw_only=True)
class Autograder:
    """What an autograder is made for: an assignment, and how Gradescope runs it."""

    assignment: Assignment
    minutes: int = 10  # Gradescope's time limit; what is set there
    hidden: Shown = Shown.HIDDEN
    sealed_only: bool = False  # rather no grade than one without a sandbox

    def content(self) -> bytes:
        """Return the zip file, with setup.sh and run_autograder at its root; it is the same for the same files."""
        files = dict(_read(list(self._files())))
        files["settings.json"] = (json.dumps(self._settings, indent=2, ensure_ascii=False) + "\n").encode()
        return packed(files, PROGRAMS)

    @property
    def _settings(self) -> dict[str, object]:
        return {
            "assignment": self.assignment.folder.name,
            "notebook": Path(self.assignment.notebook).name,
            "minutes": self.minutes,
            "hidden": self.hidden.value,
            "sealed_only": self.sealed_only,
        }

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Yield every file by its name in the archive."""
        here, root = Path(__file__).parent / "upload", Path(grader.__file__).parents[1]
        yield from ((name, here / name) for name in (*sorted(PROGRAMS), "autograder.py"))
        for name in SOURCE:
            if not (root / name).exists():
                raise UsageError(NO_SOURCE.format(root=root, name=name))
            yield from _below(root / name, f"project/{name}")
        folder, solutions = self.assignment.folder, self.assignment.solutions
        yield from _below(folder, f"course/assignments/{folder.name}")
        if solutions is not None and solutions.resolve() != (root / "reference").resolve():
            yield from _below(solutions, f"course/{solutions.name}")


def _below(path: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Yield a file, or what is in a folder: no links, nothing hidden, nothing that Python made."""
    if path.is_symlink():
        return
    if path.is_file():
        yield name, path
        return
    for entry in sorted(path.iterdir()):
        if not entry.name.startswith(".") and entry.name not in LEFT_OUT:
            yield from _below(entry, f"{name}/{entry.name}")


def _read(files: list[tuple[str, Path]]) -> Iterator[tuple[str, bytes]]:
    for name, path in files:
        if not is_inside(name):
            raise UsageError(f"{path}: this name does not work on every system. Give the file another one.")
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error.strerror}).") from error
