"""Layouts of submissions made for a test, and zip files of them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from grader.submissions import Collection, Roster, collect

NOTEBOOK = "{}"


def lay(folder: Path, *names: str, **texts: str) -> Path:
    """Write files of these names below a folder and return it."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get(name, NOTEBOOK))
    return folder


def zipped(path: Path, files: Iterable[str] | Mapping[str, str | bytes]) -> Path:
    """Write a zip file of these files and return its path."""
    texts = files if isinstance(files, Mapping) else dict.fromkeys(files, NOTEBOOK)
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(ZipInfo(name), text, ZIP_DEFLATED)
    return path


def zip_bytes(files: Iterable[str] | Mapping[str, str | bytes]) -> bytes:
    """Return a zip file of these files."""
    texts = files if isinstance(files, Mapping) else dict.fromkeys(files, NOTEBOOK)
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return file.getvalue()


def locked(path: Path) -> Path:
    """Mark the files of a zip file as encrypted, as a password does."""
    raw = bytearray(path.read_bytes())
    place = raw.find(b"PK\1\2")
    while place >= 0:
        (flags,) = struct.unpack_from("<H", raw, place + 8)
        struct.pack_into("<H", raw, place + 8, flags | 1)
        place = raw.find(b"PK\1\2", place + 4)
    path.write_bytes(raw)
    return path


def collected(*paths: Path, roster: str | None = None) -> Collection:
    """Collect paths with a roster of this text; the scratch folder lies beside the first path."""
    scratch = paths[0].parent / "scratch"
    people = None
    if roster is not None:
        table = paths[0].parent / "roster.csv"
        table.write_text(roster, encoding="utf-8")
        people = Roster.read(table)
    return collect(list(paths), scratch, people)


def people(collection: Collection) -> dict[str, str]:
    """Return who each report is about."""
    return {one.name: one.student for one in collection.submissions}


def reasons(collection: Collection) -> dict[str, str]:
    """Return why students cannot be graded."""
    return {one.student: one.reason for one in collection.refused}
