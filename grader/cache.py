"""What was once worked out, kept in a folder by key; losing any of it costs only time.

Entries are files named after their keys, written whole or not at all, compressed, with a checksum: one that is
damaged is as good as missing. What was not used for longest goes first when the folder grows too large.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from grader.errors import OutputError
from grader.files import atomic_write

VARIABLE = "GRADE_CACHE"  # names another folder; "off" keeps nothing
MAX_BYTES = 4 * 2**30
SPARED = 0.8  # of the bytes, when something has to go


class Cache:
    """Bytes by key (hexadecimal); `folder` None keeps nothing."""

    def __init__(self, folder: Path | None, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder, self._max_bytes = folder, max_bytes

    @classmethod
    def of_user(cls) -> Cache:
        """Return this user's cache, or the one the environment names."""
        wanted = os.environ.get(VARIABLE, "")
        if wanted == "off":
            return cls(None)
        return cls(Path(wanted or platformdirs.user_cache_dir("homework-grader")) / "results")

    def get(self, key: str) -> bytes | None:
        """Return what was kept under a key, None when there is nothing (any more)."""
        path = self._path(key)
        if path is None:
            return None
        try:
            content = zlib.decompress(path.read_bytes())
            os.utime(path)
        except (OSError, zlib.error):
            return None
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key, if there is room for them."""
        path = self._path(key)
        if path is not None:
            with contextlib.suppress(OutputError):
                atomic_write(path, zlib.compress(content))

    def prune(self) -> None:
        """When there is more than `max_bytes`, remove what was not used for longest."""
        kept = sorted(_files(self._folder), reverse=True) if self._folder is not None else []
        total = sum(size for _, size, _ in kept)
        room = self._max_bytes * SPARED if total > self._max_bytes else total
        while total > room:
            _, size, path = kept.pop()
            with contextlib.suppress(OSError):  # somebody else's
                path.unlink(missing_ok=True)
            total -= size

    def _path(self, key: str) -> Path | None:
        return None if self._folder is None else self._folder / key[:2] / key[2:]


def _files(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Yield when each file was last used, its bytes and its path."""
    for path in folder.glob("??/*"):
        with contextlib.suppress(OSError):  # another grader removed it
            about = path.stat()
            yield about.st_mtime_ns, about.st_size, path
