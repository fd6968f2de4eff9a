"""Files: writing one so that it is either there and whole, or not there, and which of a folder others are given."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from grader.errors import OutputError

NOT_GIVEN = re.compile(r"\..*|__pycache__|.*\.pyc|.*\.ipynb")  # in a folder: what programs keep there, and notebooks


def atomic_write(path: Path, content: str | bytes) -> None:
    """Write content to path by way of a temporary name beside it; make the folder when it is missing.

    Raises OutputError with the reason when that is not possible. Whatever interrupts it, a file that was there
    before is untouched and no part of the new one is left.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(part, data)
            part.replace(path)
        except BaseException:  # Ctrl-C too must not leave half a report behind
            part.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"Cannot write {path}: {reason}. Choose another folder with --out."
        raise OutputError(message) from error


def given(place: Path) -> Iterator[Path]:
    """Yield a file itself; of a folder the files at any depth that others are given: no links, nothing NOT_GIVEN."""
    if place.is_symlink():
        return
    if not place.is_dir():
        yield place
        return
    for inner in sorted(place.iterdir()):
        if not NOT_GIVEN.fullmatch(inner.name):
            yield from given(inner)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # a full disk may speak up only here
