"""The scratch folder of one kernel: where it works, and all it may write to."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("work", "ipc")
LONG = 60  # characters; the address of a socket below may have no more than 107 bytes


@dataclass(frozen=True)
class Scratch:
    """A fresh folder with `work/` (the notebook's own), `home/`, `tmp/`, and `ipc/` (the sockets)."""

    root: Path

    @classmethod
    def make(cls, files: Sequence[Path] = ()) -> Scratch:
        """Create one, with copies of the files handed in beside the notebook; links are left out."""
        scratch = cls(Path(tempfile.mkdtemp(prefix="hwg-", dir=_short_folder())))
        try:
            for name in FOLDERS:
                (scratch.root / name).mkdir()
            for file in files:
                if not file.is_symlink():
                    _copy(file, scratch.work / file.name)
        except BaseException:
            scratch.remove()
            raise
        return scratch

    @property
    def work(self) -> Path:
        """The folder the notebook runs in."""
        return self.root / "work"

    def remove(self) -> None:
        """Delete everything, also what a notebook made hard to delete."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self.root.exists():
            with contextlib.suppress(OSError):
                _open_up(self.root)
            shutil.rmtree(self.root, ignore_errors=True)


def _short_folder() -> str | None:
    """Return where to put it: the system's place for temporary files unless its name is long."""
    return "/tmp" if len(tempfile.gettempdir()) > LONG and Path("/tmp").is_dir() and os.name == "posix" else None  # noqa: S108


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder; links in it stay links."""
    with contextlib.suppress(PermissionError):  # the notebook cannot read it either
        if source.is_dir() and not source.is_symlink():
            target.mkdir()
            for entry in source.iterdir():
                _copy(entry, target / entry.name)
        elif source.is_file() or source.is_symlink():
            shutil.copyfile(source, target, follow_symlinks=False)


def _open_up(folder: Path) -> None:
    """Give back the right to delete below `folder`, without following links."""
    folder.chmod(stat.S_IRWXU)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            _open_up(entry)
