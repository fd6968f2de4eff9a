"""Zip files that are the same byte for byte whenever they are made of the same files."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip file can hold
UNIX = 3


def packed(files: Mapping[str, bytes], programs: frozenset[str] = frozenset()) -> bytes:
    """Return a zip file with the contents by name; `programs` may be run. Raises ValueError for a name that leads out.

    Names are as in the archive: relative, their parts separated by "/".
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            if not is_inside(name):
                raise ValueError(f"{name!r} is no name for a file in an archive")
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if name in programs else 0o644)) << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return file.getvalue()


def is_inside(name: str) -> bool:
    """Tell whether a name stays below the folder it is unpacked in, on every system."""
    parts = name.split("/")
    plain = all(char.isprintable() and char not in '\\:*?"<>|' for char in name)
    return plain and not any(part in ("", ".", "..") or part != part.strip() for part in parts)
