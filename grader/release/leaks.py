"""Looking for secrets in a bundle: every file in it, and whatever is packed in those."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.assignment import Assignment
from grader.release.secrets import Secret, hidden_rows, is_in, secret_lines, secret_words, squeezed

SHOWN = 60  # characters of a secret in a message
WHEEL = ".whl"
ZIP = b"PK\x03\x04"
NPY = b"\x93NUMPY"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A file of a bundle, or a file in such a file; `place` says which."""

    place: str
    content: bytes

    @property
    def texts(self) -> list[str]:
        """What can be read in it: its text, and the texts in it where it is JSON."""
        text = self.content.decode("utf-8", "replace")
        return [text, *_said(self.content)]

    @property
    def array(self) -> NDArray[Any] | None:
        """The array it is, None where it is none."""
        if not self.content.startswith(NPY):
            return None
        found: NDArray[Any] = np.load(io.BytesIO(self.content), allow_pickle=False)
        return found


def pieces(files: Mapping[str, bytes]) -> Iterator[Piece]:
    """Yield every file, and all that is packed in it, however deep."""
    for name, content in files.items():
        if content.startswith(ZIP):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from pieces({f"{name}/{inside}": archive.read(inside) for inside in archive.namelist()})
        else:
            yield Piece(place=name, content=content)


def leaks(files: Mapping[str, bytes], assignment: Assignment) -> list[str]:
    """Return a sentence for each place in a bundle that holds what nobody but the author may read."""
    lines, words, rows = secret_lines(assignment), secret_words(assignment), hidden_rows(assignment)
    found: list[str] = []
    for piece in pieces(files):
        if WHEEL in piece.place:  # the grader itself, which is nobody's secret
            found += [f"{piece.place}: the solution is in the wheel"] if _is_solution(piece, assignment) else []
            continue
        array = piece.array
        if array is not None and _has_row(array, rows):
            found.append(f"{piece.place}: has rows of a data set that students never see")
        if array is None or array.dtype.kind in "US":
            found += [_sentence(piece, secret) for secret in _secrets_in(piece, lines, words)]
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their place in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _secrets_in(piece: Piece, lines: list[Secret], words: list[Secret]) -> Iterator[Secret]:
    texts = piece.texts
    plain = squeezed("\n".join(texts))
    yield from (secret for secret in lines if squeezed(secret.text) in plain)
    yield from (secret for secret in words if any(is_in(secret.text, text) for text in texts))


def _said(content: bytes) -> Iterator[str]:
    """Yield the texts in JSON, where special letters are spelled out and lines are texts of their own."""
    try:
        value = json.loads(content)
    except ValueError:
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


def _is_solution(piece: Piece, assignment: Assignment) -> bool:
    inside = piece.place.partition(f"{WHEEL}/")[2]
    return bool(assignment.package) and inside.startswith(f"{assignment.package}/")


def _sentence(piece: Piece, secret: Secret) -> str:
    text = secret.text.strip()
    return f"{piece.place}: has {text[:SHOWN]!r} of {secret.source}"
