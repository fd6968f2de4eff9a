"""Looking into folders: what lies there, as far as it counts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from grader.notebook.read import printable
from grader.submissions.entrynames import is_litter

BUNDLE, MANIFEST = "selfcheck", "bundle.json"  # grader/bundle.py says so: layers above cannot be imported here


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder's own files and folders, sorted, without hidden ones and what a Mac adds."""

    path: Path
    files: tuple[Path, ...]
    folders: tuple[Path, ...]


@dataclass(frozen=True)
class Looks:
    """Looks into folders and keeps what there is to say about it: `notes` for a person, `unreadable` folders."""

    notes: dict[str, None] = field(default_factory=dict)  # in order, each once
    unreadable: dict[str, OSError] = field(default_factory=dict)

    def note(self, sentence: str) -> None:
        """Keep a sentence for whoever gave the command."""
        self.notes.setdefault(printable(sentence))

    def into(self, folder: Path) -> Place:
        """Return what lies in a folder; links to folders are not followed, a folder that cannot be read is empty."""
        files, folders = [], []
        try:
            with os.scandir(folder) as entries:
                kept = [entry for entry in entries if not is_litter(entry.name)]
        except OSError as error:
            self.unreadable.setdefault(str(folder), error)
            return Place(path=folder, files=(), folders=())
        for entry in kept:
            path = folder / entry.name
            if not os.path.isdir(path):  # noqa: PTH112 - the others raise for what cannot be reached
                files.append(path)
            elif entry.name == BUNDLE and os.path.isfile(path / MANIFEST):  # noqa: PTH113 - as above
                self.note(f"{path} is what a homework's bundle checks itself with, so it was left out.")
            elif entry.is_symlink():
                self.note(f"{path} is a link to a folder and was not followed. Name the folder itself to grade it.")
            else:
                folders.append(path)
        return Place(path=folder, files=tuple(sorted(files)), folders=tuple(sorted(folders)))

    def below(self, folder: Path) -> list[Path]:
        """Return all files below a folder, sorted."""
        found: list[Path] = []
        folders = [folder]
        while folders:
            place = self.into(folders.pop())
            found += place.files
            folders += place.folders
        return sorted(found)


def odd_file(folder: Path) -> Path | None:
    """Return a pipe, socket or device below a folder, hidden ones too; None where there are files and links only."""
    files = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return next((file for file in files if not file.is_symlink() and not is_plain(file)), None)


def why_not_plain(path: Path) -> str:
    """Return what is wrong with a notebook or zip file that is no file of its own, in a sentence; else empty."""
    if is_plain(path):
        return ""
    what = "is a link and was not followed" if path.is_symlink() else "is not an ordinary file and was not opened"
    return f"{printable(path.name)} {what}. Hand in the {'zip file' if is_zip(path) else 'notebook'} itself."


def is_notebook(path: Path) -> bool:
    """Return whether a file is called like a notebook."""
    return path.name.lower().endswith(".ipynb")


def is_zip(path: Path) -> bool:
    """Return whether a file is called like a zip file."""
    return path.name.lower().endswith(".zip")


def is_plain(path: Path) -> bool:
    """Return whether there is a file of its own: no link, and no pipe, where reading would wait forever."""
    return os.path.isfile(path) and not path.is_symlink()  # noqa: PTH113 - the other raises for what cannot be reached
