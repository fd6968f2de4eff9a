"""Opening zip files from strangers: nothing is written outside one folder, and never more than the bounds allow."""

from __future__ import annotations

import errno
import lzma
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from grader.errors import OutputError, SubmissionError
from grader.notebook.read import in_units, printable
from grader.submissions.entrynames import LeftOut, is_litter, place_of, written_name

CHUNK_BYTES = 1 << 16
ENCRYPTED_FLAG = 0x1
ENTRY_BYTES = 1000  # in a zip file's list of contents, more than an entry with a long name needs
SPARE_BYTES = 100_000_000  # stay free on the disk for reports
FULL = {errno.ENOSPC, errno.EDQUOT}
MAKE_ROOM = "Make room there, or let TMPDIR name a folder on a larger disk, and grade again."
BROKEN = (BadZipFile, EOFError, OSError, ValueError, OverflowError, struct.error, zlib.error, lzma.LZMAError)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much a zip file may hold; `ratio` of its own size is only looked at above `small_bytes`."""

    files: int
    total_bytes: int
    ratio: int = 100  # notebooks shrink to a tenth, pictures not at all, an array of zeros to a thousandth
    small_bytes: int = 20_000_000

    def allowed_bytes(self, packed: int) -> int:
        """Return how many bytes may come out of a zip file of so many."""
        return min(self.total_bytes, max(self.small_bytes, self.ratio * packed))


DOWNLOAD = Bounds(files=200_000, total_bytes=50_000_000_000)  # of a class
OWN = Bounds(files=2_000, total_bytes=500_000_000)  # a student's


class NoRoom(OutputError):
    """The disk is too full to unpack a zip file."""


@dataclass(kw_only=True)
class Spent:
    """What came out of a student's zip files so far: those that broke on the way count too."""

    files: int = 0
    total_bytes: int = 0

    def left(self, bounds: Bounds) -> Bounds:
        """Return the bounds for the next zip file."""
        files, total_bytes = bounds.files - self.files, bounds.total_bytes - self.total_bytes
        return replace(bounds, files=max(0, files), total_bytes=max(0, total_bytes))


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What came out of a zip file; `renamed` has the names that could not be kept, `left_out` sentences."""

    folder: Path
    left_out: tuple[str, ...] = ()
    renamed: tuple[tuple[Path, str], ...] = ()


def unpack(path: Path, folder: Path, bounds: Bounds, spent: Spent | None = None) -> Unpacked:
    """Unpack a zip file into a new folder, without what is hidden or would not stay inside it.

    What was `spent` before is taken off the bounds, and what comes out is added to it. Raises SubmissionError when
    the zip file is locked, broken or too large, and leaves nothing behind then; NoRoom when the disk is too full,
    OutputError when the folder cannot be written.
    """
    spent = spent or Spent()
    left_out: list[str] = []
    renamed: list[tuple[Path, str]] = []
    try:
        folder.mkdir(parents=True)
        with _opened(path, bounds, spent) as archive:
            room = _Room(archive, path, spent.left(bounds), spent)
            room.require(archive, folder)
            for info in archive.infolist():
                name = written_name(info)
                if not _counts(name):
                    continue
                try:
                    target = _write(archive, info, folder, room)
                except LeftOut as reason:
                    left_out.append(f"{printable(name)!r} was left out: {reason}.")
                else:
                    renamed += [(target, name)] * (target.relative_to(folder).as_posix() != name)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            message = f"{printable(path.name)} cannot be unpacked into {folder}: {error.strerror or error}."
            if error.errno in FULL:
                raise NoRoom(f"{message} {MAKE_ROOM}") from error
            raise OutputError(message) from error
        raise
    return Unpacked(folder=folder, left_out=tuple(left_out), renamed=tuple(renamed))


def names_in(path: Path, bounds: Bounds) -> list[str]:
    """Return the names of the files in a zip file, hidden ones left out; SubmissionError when it cannot be opened."""
    with _opened(path, bounds, Spent()) as archive:
        return [name for name in map(written_name, archive.infolist()) if _counts(name)]


def _counts(name: str) -> bool:
    """Return whether an entry is a file a student meant to hand in."""
    return not name.endswith("/") and not any(map(is_litter, name.split("/")))


class _Room:
    """Counts what comes out of a zip file and stops it at its bound."""

    def __init__(self, archive: ZipFile, path: Path, bounds: Bounds, spent: Spent) -> None:
        self._name, self._left = printable(path.name), bounds.allowed_bytes(path.stat().st_size)
        self._spent = spent
        spent.files += len(archive.infolist())

    def require(self, archive: ZipFile, folder: Path) -> None:
        """Raise SubmissionError when a zip file says it is too large, NoRoom when the disk is too full for it."""
        claimed = sum(info.file_size for info in archive.infolist())
        if claimed > self._left:
            raise self._too_large()
        free = shutil.disk_usage(folder).free - SPARE_BYTES
        if claimed > free:
            there = f"{folder} has {in_units(max(free, 0))}"
            raise NoRoom(f"{self._name} needs {in_units(claimed)} when unpacked, and {there}. {MAKE_ROOM}")

    def take(self, size: int) -> None:
        """Count so many bytes more; raises SubmissionError when they are too many."""
        self._left -= size
        self._spent.total_bytes += size
        if self._left < 0:
            raise self._too_large()

    def _too_large(self) -> SubmissionError:
        return SubmissionError(
            f"{self._name} would grow far too large when it is unpacked, so it was not. "
            "Hand in the notebook itself, or a zip file of the notebook and the few files it reads."
        )


@contextmanager
def _opened(path: Path, bounds: Bounds, spent: Spent) -> Iterator[ZipFile]:
    """Give a zip file whose list of contents has been looked over."""
    name, files = printable(path.name), spent.left(bounds).files
    with _readable(name):
        if path.exists() and not path.is_file():
            raise BadZipFile("not an ordinary file")  # a pipe would keep the reader waiting
        file = path.open("rb")
    with file:
        if _list_bytes(file) > files * ENTRY_BYTES:
            raise _too_many(name, bounds, spent)
        with _readable(name):
            archive = ZipFile(file)
        with archive:
            if len(archive.infolist()) > files:
                raise _too_many(name, bounds, spent)
            if any(info.flag_bits & ENCRYPTED_FLAG for info in archive.infolist()):
                raise SubmissionError(f"{name} is locked with a password. Hand it in again without one.")
            yield archive


def _too_many(name: str, bounds: Bounds, spent: Spent) -> SubmissionError:
    together = ", with the student's other zip files," if spent.files else ""
    return SubmissionError(f"{name}{together} holds more than {bounds.files:,} files, so it was not unpacked.")


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Say of a zip file that cannot be read what it is."""
    try:
        yield
    except (*BROKEN, RuntimeError) as error:  # RuntimeError: a way of packing that Python does not know
        why = printable(str(error)) or "it ends too early"
        message = f"{name} cannot be unpacked: it is broken, or no zip file ({why}). Download or hand it in again."
        raise SubmissionError(message) from error


def _write(archive: ZipFile, info: ZipInfo, folder: Path, room: _Room) -> Path:
    """Write one file and return where it is; LeftOut when its place is taken."""
    target = folder / place_of(info)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise LeftOut("something of this name was there before") from error
    with file:
        for chunk in _chunks(archive, info):
            room.take(len(chunk))
            file.write(chunk)
    return target


def _chunks(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    name = printable(Path(archive.filename or info.filename).name)
    with _readable(name):
        source = archive.open(info)
    with source:
        while True:
            with _readable(name):
                chunk = source.read(CHUNK_BYTES)
            if not chunk:
                return
            yield chunk


def _list_bytes(file: IO[bytes]) -> int:
    """Return how long a zip file says its list of contents is, before Python reads it all; 0 when it has none."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - 65_557 - 76))  # the longest comment, and what a large zip file has before it
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        return 0
    size: int = struct.unpack_from("<I", tail, end + 12)[0]
    large = end - 76
    if large >= 0 and tail[large : large + 4] == b"PK\6\6":
        size = struct.unpack_from("<Q", tail, large + 40)[0]
    file.seek(0)
    return size
