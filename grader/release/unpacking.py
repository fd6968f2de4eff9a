"""Everything that can be read in a file: what is packed in it, however deep, and its text in every usual spelling."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

NPY, ZIP, TAR, TAR_AT = b"\x93NUMPY", b"PK\x03\x04", b"ustar", 257
COMPRESSED: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
}
LOCAL, LENGTHS = 30, 26  # bytes of a member's header in a zip, and where in it the lengths of name and extra stand
NUMBERS = "biufcmM"  # kinds of arrays without text
BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}(?:\s+[A-Za-z0-9+/]{16,})*(?:\s+[A-Za-z0-9+/]{1,15})?")
FAULTS = (
    *(OSError, EOFError, ValueError, RuntimeError, OverflowError, MemoryError, struct.error),
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A file, or a part of one; `place` says which, `fault` why it could not be opened."""

    place: str
    content: bytes = b""
    array: NDArray[Any] | None = None
    fault: str = ""

    @cached_property
    def texts(self) -> list[str]:
        """What can be read in it: its text, with the letters of two bytes too, and the texts in it where it is JSON."""
        found = [self.content.decode("utf-8", "replace")]
        if "\ufffd" in found[0]:
            found.append(self.content.decode("latin-1"))
        if b"\0" in self.content:
            found += [self.content.decode(code, "replace") for code in ("utf-16-le", "utf-16-be")]
            found.append(self.content.replace(b"\0", b"").decode("utf-8", "replace"))
        return [*found, *_said(self.content)]


def opened(place: str, content: bytes) -> Iterator[Piece]:
    """Yield the pieces of a file: what is packed in it first, then what is left of itself."""
    try:
        if content.startswith(NPY):
            yield _array(place, content)
            return
        inside, rest = _unpacked(content)
    except FAULTS as error:
        yield Piece(place=place, content=content, fault=str(error) or type(error).__name__)
        return
    for name, inner in inside:
        yield from opened(f"{place}/{name}" if name else place, inner)
    piece = Piece(place=place, content=rest)
    yield piece
    for text in piece.texts:
        for run in BASE64.findall(text):
            # what looks like base64 may be a long word, so that it cannot be opened says nothing
            yield from (each for each in opened(place, _decoded(run)) if not each.fault)


def _unpacked(content: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    """Return what is packed in a file, by name, and what else is in it: names, comments, what stands before."""
    if content.startswith(ZIP) or zipfile.is_zipfile(io.BytesIO(content)):
        return _of_zip(content)
    if content[TAR_AT:].startswith(TAR):
        return _of_tar(content), content
    for start, unpack in COMPRESSED.items():
        if content.startswith(start):
            return [("", unpack(content))], content
    return [], content


def _of_zip(content: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    rest, at = b"", 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = [(info.filename, archive.read(info)) for info in archive.infolist()]
        for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
            lengths = struct.unpack_from("<HH", content, info.header_offset + LENGTHS)
            start = info.header_offset + LOCAL + sum(lengths)
            rest += content[at:start]
            at = start + info.compress_size
    return inside, rest + content[at:]


def _of_tar(content: bytes) -> list[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive if member.isreg()]
        return [(name, file.read()) for name, file in files if file is not None]


def _array(place: str, content: bytes) -> Piece:
    array: NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.kind in NUMBERS:
        content = b""
    elif array.dtype.kind == "U":
        content = "\n".join(array.ravel().tolist()).encode("utf-8", "replace")
    return Piece(place=place, content=content, array=array)


def _decoded(run: str) -> bytes:
    """Return what a run of letters is in base64, whether its end is filled up or not."""
    plain = "".join(run.split())
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    return base64.b64decode(plain + "=" * (-len(plain) % 4))


def _said(content: bytes) -> Iterator[str]:
    """Yield the texts in JSON, where special letters are spelled out and lines are texts of their own."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            yield "".join(each for each in part if isinstance(each, str))
            waiting += part
