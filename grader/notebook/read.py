"""From a path to a valid notebook; every refusal says what the file is and what its student can do."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from grader.errors import SubmissionError, UsageError, did_you_mean
from grader.notebook.decode import parse_json, read_text
from grader.notebook.repair import mend


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """A notebook that can be run: valid nbformat 4.5, every cell with an id of its own, no stored outputs."""

    node: NotebookNode
    repairs: tuple[str, ...]
    digest: str  # sha256 of the file as it was handed in


def read_notebook(path: Path, *, max_bytes: int) -> Notebook:
    """Return the notebook in `path`, mended where it can be, with every mend named.

    Raises SubmissionError where the file is no notebook for Python or too damaged, UsageError where there is
    no file.
    """
    name = printable(path.name)
    raw = _read_bytes(path, max_bytes)
    text, decoding = read_text(raw, name)
    value, mending = parse_json(text, name)
    node, repairs = mend(value, name, file_bytes=len(raw))
    return Notebook(node=node, repairs=(*decoding, *mending, *repairs), digest=hashlib.sha256(raw).hexdigest())


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    try:
        status = path.stat()
        _refuse_what_is_no_file(path, status.st_mode)
        _refuse_large(path, status.st_size, max_bytes)
        with path.open("rb") as file:
            raw = file.read(max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as exc:
        raise _no_such_file(path) from exc
    except PermissionError as exc:
        message = f"{printable(path.name)} cannot be read: the permission is missing. Make it readable (chmod u+r)."
        raise SubmissionError(message) from exc
    except OSError as exc:
        message = f"{printable(path.name)} cannot be read ({exc.strerror or exc}). Copy or download it again."
        raise SubmissionError(message) from exc
    _refuse_large(path, len(raw), max_bytes)
    return raw


def _refuse_what_is_no_file(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        message = f"{printable(path.name)} is a folder, not a notebook. Hand in the .ipynb file that is in it."
        raise SubmissionError(message)
    if not stat.S_ISREG(mode):
        message = f"{printable(path.name)} is not an ordinary file. Hand in the .ipynb file itself."
        raise SubmissionError(message)


def _refuse_large(path: Path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        message = (
            f"{printable(path.name)} has {in_units(size)}, more than the {in_units(max_bytes)} that are read. "
            "Clear its outputs in Jupyter (Edit, Clear Outputs of All Cells), save it and hand it in again."
        )
        raise SubmissionError(message)


def in_units(size: int) -> str:
    """Return a number of bytes as people say it: 512 bytes, 12 kB, 3.5 MB."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.3g} kB" if size < 1_000_000 else f"{size / 1_000_000:.4g} MB"


def printable(text: str) -> str:
    """Return a file's name as text: bytes that are none, which Python carries along, become question marks."""
    return text.encode("utf-8", "replace").decode()


def leads_nowhere(path: Path) -> str:
    """Return 'is a link to ..., which is not there' for such a link, else an empty text."""
    try:
        whole = not path.is_symlink() or path.exists()
        return "" if whole else f"is a link to {str(path.readlink())!r}, which does not lead to anything"
    except OSError:
        return ""


def _no_such_file(path: Path) -> UsageError:
    try:
        if nowhere := leads_nowhere(path):
            return UsageError(f"{printable(str(path))} {nowhere}.")
        near = did_you_mean(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    except (OSError, ValueError):
        return UsageError(f"There is no folder {str(path.parent)!r}, so no notebook {path.name!r} in it.")
    return UsageError(f"There is no notebook {path.name!r} in {str(path.parent)!r}.{near}")
