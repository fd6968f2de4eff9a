"""Fingerprints of the files a notebook reads, without reading more than a check has time for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

MAX_FILES = 1000
MAX_BYTES = 500_000_000  # of all that are read
LARGE = 50_000_000  # bytes; of a larger file size and time stand for what is in it


class _TooMuch(Exception):
    """There is more than can be looked at."""


def contents(tops: Iterable[Path]) -> str | None:
    """Return a fingerprint of files and all in folders; None where that is more than can be looked at."""
    digest, read = hashlib.sha256(), 0
    try:
        for file in _files(tops):
            found, size = _print(file)
            digest.update(f"{file}\0{found}\0".encode("utf-8", "surrogatepass"))
            read += size
            if read > MAX_BYTES:
                return None
    except _TooMuch:
        return None
    return digest.hexdigest()


def _files(tops: Iterable[Path]) -> Iterator[Path]:
    """Yield files and folders, those in folders too; links to folders are not followed."""
    count = 0
    for top in tops:
        for file in _below(top):
            count += 1
            if count > MAX_FILES:
                raise _TooMuch
            yield file


def _below(top: Path) -> Iterator[Path]:
    yield top
    for place, folders, names in os.walk(top):  # nothing where it is a file, or may not be looked into
        if any(Path(place, name).is_symlink() for name in folders):
            raise _TooMuch  # it may lead anywhere
        folders.sort()
        yield from (Path(place, name) for name in sorted([*folders, *names]))


def _print(file: Path) -> tuple[str, int]:
    """Return what stands for a file, and how much was read for it."""
    try:
        about = file.stat()
        stamp = f"{about.st_mode} {about.st_size} {about.st_mtime_ns}"
        if not file.is_file():
            return f"{about.st_mode}", 0
        if about.st_size > LARGE:
            return stamp, 0
        return hashlib.sha256(file.read_bytes()).hexdigest(), about.st_size
    except OSError as error:
        return f"not readable: {error.errno}", 0
