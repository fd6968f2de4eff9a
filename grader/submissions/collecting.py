"""From what a command names to the submissions of a class: found, opened, chosen, matched and named."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.entries import Identity
from grader.errors import SubmissionError, UsageError
from grader.notebook.read import printable
from grader.submissions.choosing import choose, newest_zips, own_stem
from grader.submissions.finding import require_file
from grader.submissions.layouts import Layout
from grader.submissions.matching import Match, known_by, match
from grader.submissions.naming import ReportName, Submission, folder_name, report_names
from grader.submissions.opening import Opener
from grader.submissions.places import Looks, is_plain, odd_file
from grader.submissions.roster import Roster
from grader.submissions.sorting import Handed, sort_files, sort_out
from grader.submissions.stamps import STAMP


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A student whose work cannot be graded, and why; `name` is free for a report about it."""

    path: Path
    name: str
    student: str
    identity: Identity
    reason: str


@dataclass(frozen=True, kw_only=True)
class Unmatched:
    """Work of somebody the roster does not tell, and why."""

    path: Path
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What a command is to grade; `notes` are sentences about what was left out, `unreadable` folders among it."""

    submissions: tuple[Submission, ...]
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    unreadable: tuple[OSError, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    missing: tuple[Identity, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Work:
    """A piece of work on its way: with notebooks, or with the reason why it has none."""

    handed: Handed
    reason: str = ""
    match: Match | None = None  # None without a roster


def collect(paths: Sequence[Path], scratch: Path, roster: Roster | None = None, assignment: str = "") -> Collection:
    """Return the submissions at or below the paths: notebooks, folders of any layout, and zip files of them.

    Zip files are opened below `scratch`, which has to outlive the grading; of several notebooks of a student the one
    called like the assignment is preferred. Raises UsageError for a path that is not there or holds nothing to grade.
    """
    looks = Looks()
    opener = Opener(scratch, looks)
    work = [_opened(handed, opener) for handed in _once(_found(_different(paths), opener))]
    if looks.unreadable and not work:
        error = next(iter(looks.unreadable.values()))
        raise UsageError(f"{error.filename}: cannot be read ({error.strerror}).") from error
    chosen = choose([one.handed for one in work], looks, assignment)
    work = [replace(one, handed=handed) for one, handed in zip(work, chosen, strict=True)]
    if roster is not None:
        matches = match(chosen, roster)
        work = [replace(one, match=found) for one, found in zip(work, matches, strict=True)]
        _note_several(work, looks)
    return _collected(work, opener, roster)


# --- finding --------------------------------------------------------------------------------------------------------


def _different(paths: Iterable[Path]) -> list[Path]:
    """Return the paths that were typed, of those that lead to one place the first."""
    places: dict[str, Path] = {}
    for path in paths:
        places.setdefault(os.path.realpath(path), path)
    return list(places.values())


def _found(paths: Sequence[Path], opener: Opener) -> list[Handed]:
    """Return what the paths hold, in the order given."""
    places: dict[Path, list[Handed]] = {path: [] for path in paths}
    for handed in sort_files(require_file(path) for path in places if not path.is_dir()):
        is_archive = handed.layout is Layout.FLAT and handed.zips
        places[handed.place] += opener.download(handed, alone=len(places) == 1) if is_archive else [handed]
    for path, own in places.items():
        if path.is_dir():
            own += _below(path, opener)
    return [handed for own in places.values() for handed in own]


def _below(folder: Path, opener: Opener) -> list[Handed]:
    looks = opener.looks
    before = len(looks.unreadable)
    handed = sort_out(folder, looks)
    place = looks.into(folder)
    if len(handed) == 1 and handed[0].layout is Layout.FLAT and (*place.files, *place.folders) == handed[0].zips:
        return opener.download(handed[0], alone=False)  # a folder of its own around a download
    if not handed and len(looks.unreadable) == before:
        raise UsageError(f"{folder}: no notebooks (*.ipynb) in this folder.")
    return handed


def _once(work: Iterable[Handed]) -> list[Handed]:
    """Return the work with every file once, where a folder and what is in it were both named."""
    seen: set[str] = set()
    kept = []
    for handed in work:
        told = handed.notebooks or handed.zips or handed.strange  # what of it is looked at
        new = tuple(path for path in told if _unfollowed(path) not in seen)
        seen.update(map(_unfollowed, new))
        if handed.notebooks and new:
            kept.append(replace(handed, notebooks=new))
        elif new or not told:
            kept.append(replace(handed, zips=new) if handed.zips else replace(handed, strange=new))
    return kept


def _unfollowed(path: Path) -> str:
    """Return where a file or link lies, links to folders resolved."""
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118 - a text to compare


def _opened(handed: Handed, opener: Opener) -> _Work:
    """Return the work with zip files opened; what cannot be graded has the reason."""
    try:
        return _Work(handed=opener.open(newest_zips(handed)))
    except SubmissionError as error:
        return _Work(handed=handed, reason=printable(str(error)))


def _note_several(work: Sequence[_Work], looks: Looks) -> None:
    """Say which students of the roster handed in at several places."""
    places: dict[tuple[str, str], list[Path]] = {}
    for one in work:
        if one.match is not None and one.match.person is not None:
            places.setdefault((one.match.person.key, one.handed.assignment), []).append(one.handed.place)
    for (student, _), own in places.items():
        if len(own) > 1:
            those = ", ".join(f"{path.parent.name}/{path.name}" for path in own)
            looks.note(f"{student} handed in {len(own)} times, and each is graded under a report of its own: {those}.")


# --- naming ---------------------------------------------------------------------------------------------------------


def _collected(work: Sequence[_Work], opener: Opener, roster: Roster | None) -> Collection:
    """Return the work with names for its reports and its students."""
    pieces = [(one, path) for one in work for path in ([one.handed.place] if one.reason else one.handed.notebooks)]
    names = report_names([_wanted(one, path) for one, path in pieces])
    students = _Students(work, roster)
    submissions, refused, unmatched = [], [], []
    for (one, path), name in zip(pieces, names, strict=True):
        student, identity = students.key(one, name), _identity(one, path, opener)
        if one.reason:
            refused.append(Refused(path=path, name=name.name, student=student, identity=identity, reason=one.reason))
        else:
            files = _beside(one.handed, path, opener)
            submissions.append(Submission(path=path, name=name.name, student=student, identity=identity, files=files))
        if one.match is not None and one.match.person is None:
            unmatched.append(Unmatched(path=path, name=name.name, reason=one.match.reason))
    there = {one.match.person.key for one in work if one.match is not None and one.match.person is not None}
    people = roster.people if roster is not None else ()
    return Collection(
        submissions=tuple(submissions),
        refused=tuple(refused),
        notes=tuple(opener.looks.notes),
        unreadable=tuple(opener.looks.unreadable.values()),
        unmatched=tuple(unmatched),
        missing=tuple(person.identity for person in people if person.key not in there),
    )


def _wanted(one: _Work, path: Path) -> tuple[str, str]:
    """Return a short and a long name for the report of a notebook."""
    handed, label = one.handed, one.handed.owner.label
    if handed.layout is Layout.FLAT and len(handed.notebooks) < 2:
        return label, f"{folder_name(handed.place)}-{label}"
    if one.reason:
        return label, label
    stem = own_stem(handed, path)
    if len(handed.notebooks) > 1:
        return f"{label}-{stem}", f"{label}-{folder_name(path)}-{stem}"
    return label, f"{label}-{stem}"


class _Students:
    """Names the students so that no two of a class are mixed up."""

    def __init__(self, work: Sequence[_Work], roster: Roster | None) -> None:
        self._taken = {person.key.casefold() for person in roster.people} if roster is not None else set()
        owners = {(one.handed.root, one.handed.owner.key): one.handed for one in work}
        folders = Counter(one.owner.student for one in owners.values() if one.layout is Layout.FOLDERS)
        moodle = Counter((one.root, one.owner.student) for one in owners.values() if one.layout is Layout.MOODLE)
        self._shared = {student for student, count in folders.items() if count > 1}
        self._shared_in_moodle = {student for (_, student), count in moodle.items() if count > 1}

    def key(self, one: _Work, name: ReportName) -> str:
        """Return the roster's key for a student, else what the layout says where that is one student's alone."""
        if one.match is not None and one.match.person is not None:
            return one.match.person.key
        student = self._unmatched(one.handed, name)
        return f"{name.name} (not in the roster)" if student.casefold() in self._taken else student

    def _unmatched(self, handed: Handed, name: ReportName) -> str:
        owner = handed.owner
        if handed.layout is Layout.MOODLE and owner.student in self._shared_in_moodle:
            return owner.label
        if handed.layout is Layout.FLAT and len(handed.notebooks) < 2:
            return owner.student if name.alone else name.name
        return name.name if handed.layout is Layout.FOLDERS and owner.student in self._shared else owner.student


def _identity(one: _Work, path: Path, opener: Opener) -> Identity:
    """Return all that is known of whose a notebook is."""
    handed, identity = one.handed, one.handed.owner.identity
    if handed.layout in {Layout.CANVAS, Layout.MOODLE, Layout.NBGRADER}:
        identity = replace(identity, downloaded_as=opener.came_as(path, handed.root))
    return known_by(identity, one.match.person) if one.match is not None and one.match.person is not None else identity


def _beside(handed: Handed, notebook: Path, opener: Opener) -> tuple[Path, ...]:
    """Return what is certainly of the same student and belongs beside a notebook; links are left out."""
    if handed.layout is not Layout.FLAT and not handed.beside:
        return opener.gathered(handed, notebook)
    if not handed.beside:
        return ()
    place = opener.looks.into(notebook.parent)
    stamp = place.path / STAMP if handed.layout is Layout.NBGRADER else None
    files = [file for file in place.files if file not in {notebook, stamp} and is_plain(file)]
    folders = [folder for folder in place.folders if not _odd(folder, handed.owner.student, opener.looks)]
    return tuple(sorted([*files, *folders]))


def _odd(folder: Path, student: str, looks: Looks) -> bool:
    """Return whether something in a folder cannot be copied, and say so."""
    odd = odd_file(folder)
    if odd is not None:
        looks.note(f"{odd} is not an ordinary file, so the notebook of {student} is graded without {folder.name}/.")
    return odd is not None
