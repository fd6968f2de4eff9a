"""Where an entry of a zip file belongs below a folder, whatever name it carries."""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
from pathlib import Path, PurePosixPath
from zipfile import ZipInfo

NAME_BYTES = 200  # of one name: some file systems take 255, and reports add to it
DEPTH = 30  # folders inside each other
PATH_BYTES = 1000  # systems take 4,096, and the folder it is unpacked into comes before it
UTF8_FLAG = 0x800
DRIVE = re.compile(r"[A-Za-z]:/")
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')  # on Windows; Canvas and Moodle leave none of them in
DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\..*)?", re.IGNORECASE)


class LeftOut(Exception):
    """An entry that is not written; the message says why."""


def is_litter(name: str) -> bool:
    """Return whether a name is hidden or what a Mac adds: nothing a student meant to hand in."""
    return name == "__MACOSX" or (name.startswith(".") and name not in {".", ".."})


def written_name(info: ZipInfo) -> str:
    """Return the name of an entry as its student wrote it, with `/` between folders.

    Zip files of many programs carry UTF-8 without saying so, those of Windows may carry backslashes.
    """
    name = info.orig_filename
    if not info.flag_bits & UTF8_FLAG:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.orig_filename
    return unicodedata.normalize("NFC", name).replace("\\", "/")


def place_of(info: ZipInfo) -> Path:
    """Return the path of an entry relative to the folder it is unpacked into: it never leads out of it.

    Raises LeftOut for what no folder of homework needs: absolute paths, `..`, links, and devices.
    """
    name = written_name(info)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise LeftOut("it is a link" if kind == stat.S_IFLNK else "it is not an ordinary file")
    if name.startswith("/") or DRIVE.match(name):
        raise LeftOut("its path does not start in the folder")
    parts = [part for part in PurePosixPath(name).parts if part != "."]
    _refuse_escapes(parts)
    if not parts or len(parts) > DEPTH:
        raise LeftOut(f"it lies more than {DEPTH} folders deep" if parts else "it has no name")
    place = Path(*map(_kept, parts))
    if len(str(place).encode()) > PATH_BYTES:
        raise LeftOut("its path is too long")
    return place


def _refuse_escapes(parts: list[str]) -> None:
    if ".." in parts:
        raise LeftOut("its path leads out of the folder")
    if any(DEVICES.fullmatch(part) for part in parts):
        raise LeftOut("it is named like a device")


def _kept(part: str) -> str:
    """Return a name every file system takes: a long one is cut before its extension and marked."""
    name = FORBIDDEN.sub("_", part)
    if len(name.encode()) <= NAME_BYTES:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    ending = Path(name).suffix if len(Path(name).suffix.encode()) <= 20 else ""
    room = NAME_BYTES - len(mark) - len(ending.encode()) - 1
    return f"{name.encode()[:room].decode('utf-8', 'ignore')}-{mark}{ending}"
