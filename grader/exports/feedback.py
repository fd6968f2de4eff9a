"""Reports on their way back to the students: a zip file whose names Canvas or Moodle understands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.entries import Entry, Identity
from grader.exports.archive import is_inside, packed
from grader.results import Result

CANVAS = re.compile(r"(?:[^_/\\]+_)?(?:LATE_)?\d+_\d+_.+")  # as downloaded: user and file are the first two numbers
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|_]')


def differs(result: Result, entry: Entry) -> str:
    """Return what a result is of, when that is not what the entry is of; empty when it is the entry's own.

    Reports are found by name, and another assignment, or another student, may have written one of the same name since.
    """
    ours = (entry.assignment, entry.student, entry.submission)
    theirs = (result.assignment, result.student, result.submission)
    for kind, own, other in zip(("assignment", "student", "notebook"), ours, theirs, strict=True):
        if own != other and not (kind == "assignment" and _fits_none(result, entry)):
            return f"is of the {kind} {other!r}, not of {own!r}" if other else f"is of no {kind}, not of {own!r}"
    return ""


def _fits_none(result: Result, entry: Entry) -> bool:
    """Tell whether the result only says why the entry's notebook could not be graded: it names no assignment."""
    return not result.assignment and not entry.graded and result.error == entry.error


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """The zip file, and the names of the reports in it that neither Canvas nor Moodle can give to anybody."""

    content: bytes
    names: tuple[str, ...]
    unaddressed: tuple[str, ...]


def feedback_zip(reports: Iterable[tuple[Entry, str]]) -> Feedback:
    """Return the students' reports (HTML, one per entry) in a zip file for uploading."""
    files: dict[str, bytes] = {}
    unaddressed = []
    for entry, page in reports:
        name = next((name for name in _names(entry) if name not in files and is_inside(name)), None)
        if name is None:
            raise ValueError(f"{entry.name!r} is no name for a report")
        files[name] = page.encode("utf-8", "replace")
        if name not in _addressed(entry.identity):
            unaddressed.append(name)
    return Feedback(content=packed(files), names=tuple(files), unaddressed=tuple(unaddressed))


def _names(entry: Entry) -> Iterator[str]:
    """Yield names for a report, the best first."""
    yield from _addressed(entry.identity)
    yield f"{entry.name}.html"
    yield from (f"{entry.name}-{number}.html" for number in range(2, 1000))


def _addressed(whose: Identity) -> list[str]:
    """Return the name that says whose report it is: what Canvas downloaded, or a folder of Moodle's."""
    downloaded = PurePosixPath(whose.downloaded_as.replace("\\", "/")).name
    if whose.canvas_user and CANVAS.fullmatch(downloaded):
        return [str(PurePosixPath(downloaded).with_suffix(".html"))]
    if whose.moodle_participant.isdecimal():
        name = "".join(char if char.isprintable() else " " for char in FORBIDDEN.sub(" ", whose.name))
        name = name.strip(" .") or "Participant"
        return [f"{name}_{whose.moodle_participant}_assignsubmission_file_/report.html"]
    return []
