"""Looking for secrets in a bundle: the name of every file, what is in it, and whatever is packed in that.

The one file that is not searched is the grader's wheel, which README.md tells students to install.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.assignment import Assignment
from grader.release.secrets import Secret, hidden_rows, is_in, secret_lines, secret_words, squeezed
from grader.release.unpacking import Piece, opened

SHOWN = 60  # characters of a secret in a message
README, WHEEL = "README.md", ".whl"


@dataclass(frozen=True, kw_only=True)
class Hunted:
    """What is looked for: lines by their text without blanks, words, and rows by their number of pixels."""

    lines: Mapping[str, Secret]
    words: tuple[Secret, ...]
    rows: Mapping[int, frozenset[bytes]]

    def found_in(self, piece: Piece) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with a piece: what tells it from other faults of the same file, and a sentence."""
        if piece.fault:
            yield piece.place, f"{piece.place}: cannot be opened, so nobody knows what is in it: {piece.fault}"
        if piece.array is not None and _has_row(piece.array, self.rows):
            yield piece.place, f"{piece.place}: has rows of a data set that students never see"
        texts = [piece.place, *piece.texts]
        plain = squeezed("\n".join(texts))
        secrets = [secret for text, secret in self.lines.items() if text in plain]
        secrets += [secret for secret in self.words if any(is_in(secret.text, text) for text in texts)]
        yield from ((secret.text, _sentence(piece, secret)) for secret in secrets)


def leaks(files: Mapping[str, bytes], assignment: Assignment) -> list[str]:
    """Return a sentence for each secret in each file of a bundle that nobody but the author may read.

    What cannot be opened gets a sentence too.
    """
    hunted = Hunted(
        lines={squeezed(secret.text): secret for secret in secret_lines(assignment)},
        words=tuple(secret_words(assignment)),
        rows=hidden_rows(assignment),
    )
    found: list[str] = []
    for name, content in files.items():
        if _is_own_wheel(name, files):
            found += [f"{name}/{each}: the solution is in the wheel" for each in _solutions(content, assignment)]
            continue
        told: dict[str, str] = {}
        for piece in opened(name, content):
            for what, sentence in hunted.found_in(piece):
                told.setdefault(what, sentence)
        found += told.values()
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their place in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _is_own_wheel(name: str, files: Mapping[str, bytes]) -> bool:
    """Tell whether a file is the wheel beside the notebook that the page for students names."""
    return name.endswith(WHEEL) and "/" not in name and f'"./{name}'.encode() in files.get(README, b"")


def _solutions(wheel: bytes, assignment: Assignment) -> list[str]:
    """Return the files in a wheel that lie in a folder of the solution's name."""
    if not zipfile.is_zipfile(io.BytesIO(wheel)):
        return []
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = archive.namelist()
    return [name for name in names if assignment.package in PurePosixPath(name).parts[:-1]]


def _has_row(array: NDArray[Any], rows: Mapping[int, frozenset[bytes]]) -> bool:
    """Tell whether an array holds a hidden image, as bytes or as numbers up to 255 or 1."""
    if array.dtype.kind not in "uif" or not array.size:
        return False
    for size, hidden in rows.items():
        if array.size % size == 0:
            numbers = np.nan_to_num(array.reshape(-1, size).astype(float))
            scaled = numbers * 255 if np.abs(numbers).max() <= 1 else numbers
            if any(row.tobytes() in hidden for row in np.rint(scaled).clip(0, 255).astype(np.uint8)):
                return True
    return False


def _sentence(piece: Piece, secret: Secret) -> str:
    text = secret.text.strip()
    return f"{piece.place}: has {text[:SHOWN]!r} of {secret.source}"
