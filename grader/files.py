"""Writing a file so that it is either there and whole, or not there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from grader.errors import OutputError


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


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # a full disk may speak up only here
