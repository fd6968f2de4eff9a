"""Everything that can be read in a file: what is packed in it, however deep, and its text in every usual spelling."""

from __future__ import annotations

import base64
import bz2
import io
import json
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, groupby
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

NPY, ZIP, TAR, TAR_AT = b"\x93NUMPY", b"PK\x03\x04", b"ustar", 257
GZIP = 31  # what zlib calls a header of gzip's
COMPRESSED: dict[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=GZIP),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}
ZLIB = [bytes([size << 4 | 8]) for size in range(8)]  # the first byte says how far back it looks
MOST = 1 << 30  # bytes in one compressed file
LOCAL, LENGTHS = 30, 26  # bytes of a member's header in a zip, and where in it the lengths of name and extra stand
NUMBERS = "biufcmM"  # kinds of arrays without text
SHORTEST = 16  # letters of base64, but for a last line
MANY = 8  # words of one length: lines of one file
BASE64, BASE64_FOR_ADDRESSES = (
    re.compile(f"{letter}{{{SHORTEST},}}(?:\\s+{letter}{{{SHORTEST},}})*(?:\\s+{letter}{{1,{SHORTEST - 1}}})?")
    for letter in (r"[A-Za-z0-9+/]", r"[A-Za-z0-9_-]")
)
FOR_ADDRESSES = str.maketrans("-_", "+/")
FAULTS = (
    *(OSError, EOFError, ValueError, RuntimeError, OverflowError, MemoryError, struct.error),
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
)
Packed = tuple[str, bytes]  # a file's name, empty for what has none, and what is in it


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
        inside, piece = _of_array(place, content) if content.startswith(NPY) else _unpacked(place, content)
    except FAULTS as error:
        yield Piece(place=place, content=content, fault=str(error) or type(error).__name__)
        return
    for name, inner in inside:
        if name or inner:
            yield from opened(f"{place}/{name}" if name else place, inner)
    yield piece
    for run in _runs(piece.texts):
        # what looks like base64 may be a long word, so that it cannot be opened says nothing
        yield from (replace(each, fault="") for each in opened(place, _decoded(run)))


def _unpacked(place: str, content: bytes) -> tuple[list[Packed], Piece]:
    """Return what is packed in a file, by name, and what else is in it: names, comments, what stands before."""
    inside, rest = [], content
    start = next((start for start in COMPRESSED if content.startswith(start)), None)
    if content.startswith(TAR, TAR_AT) and not content.startswith(ZIP):  # the last file in it may be a zip
        inside = _of_tar(content)
    elif start is not None:
        inside = _of_streams(content, start)
    elif zipfile.is_zipfile(io.BytesIO(content)) or content.startswith(ZIP):
        inside, rest = _of_zip(content)
    elif _begins_like_zlib(content):
        inside = _of_zlib(content)
    return inside, Piece(place=place, content=rest)


def _of_zip(content: bytes) -> tuple[list[Packed], bytes]:
    rest, at = b"", 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = sorted(archive.infolist(), key=lambda info: info.header_offset)
        inside = [(info.filename, archive.read(info)) for info in files]
        before = content[: files[0].header_offset] if files else b""
        for info in files:
            lengths = struct.unpack_from("<HH", content, info.header_offset + LENGTHS)
            start = info.header_offset + LOCAL + sum(lengths)
            rest += content[at:start]
            at = start + info.compress_size
    return [("", before), *inside], rest + content[at:]


def _of_tar(content: bytes) -> list[Packed]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = [(member.name, archive.extractfile(member)) for member in archive if member.isreg()]
        inside = [(name, file.read()) for name, file in files if file is not None]
        return [*inside, ("", content[archive.offset :].lstrip(b"\0"))]


def _of_streams(content: bytes, start: bytes) -> list[Packed]:
    """Return what is in compressed files, one behind the other, and what stands behind them."""
    found: list[bytes] = []
    while content.startswith(start):
        stream = COMPRESSED[start]()
        found.append(stream.decompress(content, MOST))
        if not stream.eof:
            raise EOFError(f"its end is missing, or there are more than {MOST} bytes in it")
        content = stream.unused_data
    return [("", b"".join(found)), ("", content)]


def _begins_like_zlib(content: bytes) -> bool:
    """Tell whether two bytes may be the header of zlib; some texts begin like that."""
    return content[:1] in ZLIB and int.from_bytes(content[:2], "big") % 31 == 0


def _of_zlib(content: bytes) -> list[Packed]:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(content, MOST)
    except zlib.error:
        return []
    if len(found) == MOST:
        raise OverflowError(f"there are {MOST} bytes in it, or more")
    return [("", found), ("", stream.unused_data)]


def _of_array(place: str, content: bytes) -> tuple[list[Packed], Piece]:
    """Return what stands behind an array, and the array with what can be read of it."""
    file = io.BytesIO(content)
    array: NDArray[Any] = np.load(file, allow_pickle=False)
    end = file.tell()
    header, text = content[: end - array.nbytes], content[end - array.nbytes : end]
    if array.dtype.kind in NUMBERS:
        text = b""
    elif array.dtype.kind == "U":
        text = "\n".join(array.ravel().tolist()).encode("utf-8", "replace")
    return [("", content[end:])], Piece(place=place, content=header + text, array=array)


def _runs(texts: Sequence[str]) -> dict[str, None]:
    """Return what may be base64: all long words that follow each other, those of one length, and each by itself."""
    plain = (run for text in texts for run in BASE64.findall(text))
    for_addresses = (run for text in texts for run in BASE64_FOR_ADDRESSES.findall(text) if "_" in run or "-" in run)
    found: dict[str, None] = {}
    for run in chain(plain, for_addresses):
        lines = [list(several) for _, several in groupby(run.split(), len)]
        last = [each[:1] for each in lines[1:]]  # the last line of a file is shorter than the others
        several = map(add, lines, [*last, []])
        alone = ([word] for each in lines if len(each) < MANY for word in each if len(word) >= SHORTEST)
        found |= dict.fromkeys(map("".join, chain([run.split()], several, alone)))
    return found


def _decoded(run: str) -> bytes:
    """Return what a run of letters is in base64, whether its end is filled up or not."""
    plain = run[: len(run) - (len(run) % 4 == 1)].translate(FOR_ADDRESSES)
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
