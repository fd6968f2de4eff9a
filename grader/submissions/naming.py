"""Naming the reports of submissions: safe for every file system, and no two alike."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.entries import Identity
from grader.notebook.read import printable

NAME_BYTES = 100  # with a folder's name before it and ".html" behind it, still far below a file system's 255
RESERVED_NAMES = frozenset({"index"})  # index.html is the batch's own


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A notebook to be graded: `name` is that of its reports, `student` who is meant.

    `files` are what its student handed in beside it: files, and folders with all that is in them.
    """

    path: Path
    name: str
    student: str
    identity: Identity = field(default_factory=Identity)
    files: tuple[Path, ...] = ()


def named(paths: Sequence[Path]) -> list[Submission]:
    """Return the submissions with names for their reports: safe for every file system, and no two alike.

    The student is the notebook's name. Notebooks of the same name are told apart by their folders, then by a number
    in the order given, and so are their students.
    """
    names = report_names([(path.stem, f"{folder_name(path)}-{path.stem}") for path in paths])
    return [
        Submission(path=path, name=name.name, student=printable(path.stem) if name.alone else name.name)
        for path, name in zip(paths, names, strict=True)
    ]


@dataclass(frozen=True, kw_only=True)
class ReportName:
    """The name of a submission's reports; `alone` when no other submission is called alike."""

    name: str
    alone: bool


def report_names(wanted: Sequence[tuple[str, str]]) -> list[ReportName]:
    """Return names for reports, of a short and a long one wanted for each: the long one where the short is not alone.

    They are safe for every file system, and no two alike.
    """
    counts = Counter(_key(safe_name(short)) for short, _ in wanted)
    names: list[ReportName] = []
    taken: set[str] = set()
    for short, long in wanted:
        alone = counts[_key(safe_name(short))] == 1
        name = _free(safe_name(short if alone else long), taken)
        taken.add(_key(name))
        names.append(ReportName(name=name, alone=alone))
    return names


def folder_name(path: Path) -> str:
    """Return the name of the folder a notebook is in."""
    return Path(os.path.realpath(path)).parent.name


def safe_name(stem: str) -> str:
    """Return a file's name without its extension, of letters, marks, digits, `.`, `_` and `-` only and not too long."""
    plain = unicodedata.normalize("NFC", stem)
    kept = "".join(char if char in "-._" or unicodedata.category(char)[0] in "LMN" else " " for char in plain)
    name = "_".join(kept.split()).strip("-._") or "notebook"
    if len(name.encode()) > NAME_BYTES:
        mark = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        name = f"{name.encode()[: NAME_BYTES - 9].decode('utf-8', 'ignore')}-{mark}"
    return f"{name}-notebook" if name.casefold() in RESERVED_NAMES else name


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it where the name is taken."""
    candidate, number = name, 1
    while _key(candidate) in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _key(name: str) -> str:
    """What two names share when a file system takes them for the same."""
    return unicodedata.normalize("NFC", name.casefold())
