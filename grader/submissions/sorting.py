"""Which files are whose: the layout of each folder is recognised by the names in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.entries import Identity
from grader.notebook.read import printable
from grader.submissions.layouts import Layout, Owner, canvas, folder_owner, moodle, text_of
from grader.submissions.places import Looks, Place, is_notebook, is_plain, is_zip
from grader.submissions.stamps import STAMP, read_stamp

SUBMITTED = "submitted"
NESTED = 3  # folders around a download
DEEPEST = 10  # folders inside each other that may have a layout; what lies deeper is taken for notebooks side by side
COURSE = {"source", "release", "autograded", "feedback", "nbgrader_config.py", "gradebook.db"}


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What one student handed in, for one assignment as far as the layout tells."""

    layout: Layout
    owner: Owner
    root: Path  # the folder of that layout
    place: Path  # of the student in it: a folder or a file
    notebooks: tuple[Path, ...] = ()
    zips: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    strange: tuple[Path, ...] = ()  # links and pipes called like notebooks or zip files, never opened
    beside: bool = False  # what lies beside a notebook is certainly the same student's
    assignment: str = ""

    @property
    def population(self) -> tuple[Path, str, bool]:
        """What is the same for the work of a whole class on one assignment."""
        return self.root, self.assignment, self.layout is Layout.FLAT and self.beside


def sort_out(folder: Path, looks: Looks) -> list[Handed]:
    """Return what students handed in at or below a folder, ordered by path; links and pipes are set apart."""
    handed = _inside_nbgrader(folder, looks) or _sorted(looks.into(folder), looks)
    return sorted(map(_without_strange, handed), key=lambda one: one.place)


def _without_strange(handed: Handed) -> Handed:
    strange = tuple(path for path in (*handed.notebooks, *handed.zips) if not is_plain(path))
    return replace(
        handed,
        notebooks=tuple(path for path in handed.notebooks if path not in strange),
        zips=tuple(path for path in handed.zips if path not in strange),
        strange=strange,
    )


def sort_files(files: Iterable[Path]) -> list[Handed]:
    """Return what students handed in, of files named one by one: those of a folder are seen together."""
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    handed = []
    for folder, own in folders.items():
        place = Place(path=folder, files=tuple(own), folders=())
        downloaded, rest = _downloaded(place)
        handed += [*downloaded, *(_single(file, folder) for file in rest.files)]
    return handed


def _sorted(place: Place, looks: Looks, depth: int = 0) -> list[Handed]:
    """Return what is in a folder whose names may be those of a download."""
    course = _nbgrader_course(place)
    if course is not None:
        looks.note(f"{place.path} is a course of nbgrader: only what is in {course.name}/ is graded.")
        place = looks.into(course)
    if students := _nbgrader(place, looks):
        return [*students, *_flat(place.files, place.path)]
    downloaded, rest = _downloaded(place, looks)
    flat = _flat(rest.files, place.path)
    return [*downloaded, *flat, *_folders(rest, looks, depth, alone=not flat and not downloaded)]


def _undownloaded(place: Place, looks: Looks, depth: int) -> list[Handed]:
    """Return what is in a folder that a student may have filled, so that names like a download's say nothing."""
    flat = _flat(place.files, place.path)
    return [*flat, *_folders(place, looks, depth, alone=not flat, believes=False)]


def _flat(files: Iterable[Path], root: Path) -> list[Handed]:
    return [_single(file, root) for file in files if is_notebook(file) or is_zip(file)]


def _single(file: Path, root: Path) -> Handed:
    """Return a file of a flat folder as handed in by a student of its name."""
    stem = printable(file.stem)
    owner = Owner(key=file.name, label=stem, student=stem, identity=Identity())
    zipped = is_zip(file)
    notebooks, zips = ((), (file,)) if zipped else ((file,), ())
    return Handed(layout=Layout.FLAT, owner=owner, root=root, place=file, notebooks=notebooks, zips=zips, beside=zipped)


# --- downloads ------------------------------------------------------------------------------------------------------


def _downloaded(place: Place, looks: Looks | None = None) -> tuple[list[Handed], Place]:
    """Return what is there by the names Canvas or Moodle gave it, and what else there is."""
    owners = moodle([path.name for path in (*place.files, *place.folders)])
    layout = Layout.MOODLE
    if not owners:
        attachments = canvas([path.name for path in place.files])
        owners = {name: one.owner for name, one in attachments.items()}
        layout = Layout.CANVAS
    groups: dict[str, list[Path]] = {}
    for path in (*place.files, *place.folders):
        if path.name in owners:
            groups.setdefault(owners[path.name].key, []).append(path)
    handed = [_group(layout, place.path, paths, owners, looks) for paths in groups.values()]
    files = tuple(path for path in place.files if path.name not in owners)
    folders = tuple(path for path in place.folders if path.name not in owners)
    return handed, replace(place, files=files, folders=folders)


def _group(layout: Layout, root: Path, paths: Sequence[Path], owners: dict[str, Owner], looks: Looks | None) -> Handed:
    """Return what lies under the names of one student."""
    owner = owners[paths[0].name]
    late = any(owners[path.name].identity.late for path in paths)
    owner = replace(owner, identity=replace(owner.identity, late=late))
    folders = [path for path in paths if looks is not None and path.is_dir()]
    files = [path for path in paths if path not in folders]
    below = [file for folder in folders if looks is not None for file in looks.below(folder)]
    handed = Handed(layout=layout, owner=owner, root=root, place=paths[0], beside=bool(folders) and not files)
    return with_files(handed, [*files, *below])


def with_files(handed: Handed, files: Iterable[Path]) -> Handed:
    """Return a student's work with these files, told apart by what they are."""
    files = list(files)
    return replace(
        handed,
        notebooks=tuple(filter(is_notebook, files)),
        zips=tuple(filter(is_zip, files)),
        others=tuple(file for file in files if not is_notebook(file) and not is_zip(file)),
    )


# --- nbgrader -------------------------------------------------------------------------------------------------------


def _nbgrader_course(place: Place) -> Path | None:
    """Return the folder `submitted` of a course of nbgrader, None where it is no such course."""
    submitted = next((folder for folder in place.folders if folder.name == SUBMITTED), None)
    names = {path.name for path in (*place.folders, *place.files)}
    return submitted if not any(map(is_notebook, place.files)) and names & COURSE else None


def _nbgrader(place: Place, looks: Looks) -> list[Handed]:
    """Return the work in submitted/STUDENT/ASSIGNMENT, nothing where a folder is laid out in another way."""
    if not place.folders or any(map(is_notebook, place.files)):
        return []
    students = [looks.into(folder) for folder in place.folders]
    works = [(student.path, folder) for student in students for folder in student.folders]
    stamped = sum((folder / STAMP).is_file() for _, folder in works)
    loose = any(is_notebook(file) or is_zip(file) for student in students for file in student.files)
    if not works or loose or (place.path.name != SUBMITTED and 2 * stamped <= len(works)):
        return []
    return [_nbgrader_work(place.path, student, folder, looks) for student, folder in works]


def _inside_nbgrader(folder: Path, looks: Looks) -> list[Handed]:
    """Return the work in submitted/STUDENT or submitted/STUDENT/ASSIGNMENT, nothing for any other folder."""
    student = folder if folder.parent.name == SUBMITTED else folder.parent
    if student.parent.name != SUBMITTED:
        return []
    work = _nbgrader(Place(path=student.parent, files=(), folders=(student,)), looks)
    return [one for one in work if folder in {student, one.place}]


def _nbgrader_work(root: Path, student: Path, folder: Path, looks: Looks) -> Handed:
    who, work = text_of(student.name), text_of(folder.name)
    identity = Identity(id=who, submitted=read_stamp(folder / STAMP, looks.note))
    owner = Owner(key=who, label=f"{who}-{work}", student=who, identity=identity)
    handed = Handed(layout=Layout.NBGRADER, owner=owner, root=root, place=folder, beside=True, assignment=work)
    return with_files(handed, (file for file in looks.below(folder) if file != folder / STAMP))


# --- folders --------------------------------------------------------------------------------------------------------


def _folders(place: Place, looks: Looks, depth: int, *, alone: bool, believes: bool = True) -> list[Handed]:
    """Return what is in the folders of a folder: a student's each, or whatever the layout of each is.

    They are downloads where most of them are laid out so: one student's file names change nobody else's. They are
    students' where nothing else is beside them and most of them hold one notebook, or notebooks of the same names. A
    folder that groups students holds notebooks of many names, or one name many times.
    """
    inside = {folder: looks.below(folder) for folder in place.folders}
    used = _used(inside)
    if depth > DEEPEST:
        return [one for files in used.values() for one in _flat(files, place.path)]
    downloads = believes and _most_are_downloads(used)
    if downloads or not (alone and len(used) > 1 and _are_students(list(used.values()))):
        way = _sorted if downloads else _undownloaded
        return [one for folder in used for one in way(looks.into(folder), looks, depth + 1)]
    for folder in place.folders:
        if folder not in used:
            looks.note(f"{folder}: no notebook (*.ipynb) in this folder, so it was left out.")
    return [_student_folder(place.path, folder, files) for folder, files in used.items()]


def _used(inside: Mapping[Path, Sequence[Path]]) -> dict[Path, Sequence[Path]]:
    """Return the folders with something to grade."""
    return {folder: files for folder, files in inside.items() if any(is_notebook(f) or is_zip(f) for f in files)}


def _are_students(folders: Sequence[Sequence[Path]]) -> bool:
    stems = [[file.stem.casefold() for file in files if is_notebook(file)] for files in folders]
    single = sum(len(own) <= 1 for own in stems)
    seen = Counter(stem for own in stems for stem in set(own))
    shared = max(seen.values(), default=0)
    repeated = sum(len(set(own)) < len(own) for own in stems)
    return 2 * single > len(folders) or (2 * shared > len(folders) and 2 * repeated < len(folders))


def _most_are_downloads(folders: Iterable[Path], depth: int = 0) -> bool:
    """Return whether most of the folders are laid out as downloads, or hold such folders only."""
    are = [_is_download(folder, depth) for folder in folders]
    return 2 * sum(are) > len(are)


def _is_download(folder: Path, depth: int) -> bool:
    looks = Looks()  # of its own, since what is found here may count for nothing
    place = looks.into(folder)
    if _nbgrader_course(place) or _nbgrader(place, looks) or _downloaded(place, looks)[0]:
        return True
    if depth >= NESTED or any(is_notebook(file) or is_zip(file) for file in place.files):
        return False
    return _most_are_downloads(_used({below: looks.below(below) for below in place.folders}), depth + 1)


def _student_folder(root: Path, folder: Path, files: Sequence[Path]) -> Handed:
    owner = folder_owner(folder.name)
    return with_files(Handed(layout=Layout.FOLDERS, owner=owner, root=root, place=folder, beside=True), files)
