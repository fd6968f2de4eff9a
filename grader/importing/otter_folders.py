"""What lies where in an assignment of otter's: a folder, a zip file or a notebook, none of which is changed.

tests/q1.py …                a folder with a notebook beside it, or an unpacked autograder.zip
hw.ipynb                     with the tests in its metadata
autograder/ and student/     what `otter assign` writes, here or in dist/: the tests from the first, which has
                             the hidden ones, the notebook from the second, which has no solutions
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.errors import AssignmentError, SubmissionError, UsageError
from grader.importing.otter_assign import is_source, read_assign, settings_of, with_students_seed
from grader.importing.otter_manual import Manual, manual_questions
from grader.importing.otter_tests import Test, read_source, read_spec
from grader.notebook import read_notebook
from grader.submissions.unpacking import OWN, unpack

TESTS, CONFIG, FILES = "tests", "otter_config.json", "files"
ZIP, NOTEBOOK = ".zip", ".ipynb"
NOT_FILES = {TESTS, FILES, CONFIG, "autograder", "student", "dist", "environment.yml", "requirements.txt", "setup.sh"}
NOT_FILES |= {"run_autograder", "run_otter.py"}
MAX_NOTEBOOK_BYTES = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Source:
    """An assignment of otter's, read: `tests` by the name the notebook asks for them."""

    tests: Mapping[str, Test]
    notebook: Path
    node: NotebookNode
    config: Mapping[str, Any]
    files: tuple[Path, ...]
    manual: tuple[Manual, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Where to look: `graders` has tests and settings, `students` the notebook and the files beside it.

    `authors` may have the source that `otter assign` was run on.
    """

    graders: Path
    students: Path
    notebook: Path | None
    authors: tuple[Path, ...] = ()


@contextmanager
def opened(path: Path, notebook: Path | None = None) -> Iterator[Source]:
    """Read an assignment; its files can be copied while this is open.

    `notebook` is the one students get, where the path has none. Raises UsageError when something is not there,
    AssignmentError when it cannot be read.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder.")
    with tempfile.TemporaryDirectory(prefix="grader-otter-") as place:
        room = Path(place)
        try:
            source = _read(_places(path, notebook, room), room)
        except (UsageError, AssignmentError) as error:
            raise type(error)(re.sub(rf"{re.escape(place)}/\d+/", "", str(error))) from error  # in a zip file
        yield source


def _places(path: Path, notebook: Path | None, room: Path) -> _Places:
    if path.suffix == NOTEBOOK:
        return _Places(graders=path.parent, students=path.parent, notebook=notebook or path)
    if path.suffix == ZIP and path.is_file():
        return _places(_inside(_unpacked(path, room)), notebook, room)
    if not path.is_dir():
        raise UsageError(f"{path}: neither a folder, nor a zip file, nor a notebook.")
    dist = path / "dist" if (path / "dist" / "autograder").is_dir() else path
    if not (dist / "autograder").is_dir():
        return _Places(graders=_with_tests(path, room), students=path, notebook=notebook)
    if not (dist / "student").is_dir() and notebook is None:
        raise UsageError(f"{dist}: there is autograder/, and no student/ with the notebook that students get.")
    graders = _with_tests(dist / "autograder", room)
    return _Places(graders=graders, students=dist / "student", notebook=notebook, authors=(dist, dist.parent))


def _with_tests(folder: Path, room: Path) -> Path:
    """Return the folder that has tests/: this one, or its newest zip file that does, unpacked."""
    if (folder / TESTS).is_dir():
        return folder
    for archive in sorted(folder.glob(f"*{ZIP}"), key=lambda file: file.name, reverse=True):
        inside = _unpacked(archive, room)
        if (inside / TESTS).is_dir():
            return inside
    return folder


def _unpacked(archive: Path, room: Path) -> Path:
    try:
        return unpack(archive, room / str(len(list(room.iterdir()))) / archive.name, OWN).folder
    except SubmissionError as error:
        raise UsageError(f"{archive}: {error}") from error


def _inside(folder: Path) -> Path:
    """Return the one folder that a zip file of a folder holds, else what was unpacked itself."""
    entries = list(folder.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() and entries[0].name != TESTS else folder


def _read(places: _Places, room: Path) -> Source:
    path = places.notebook or _only_notebook(places.students)
    node = _notebook(path)
    if is_source(node):
        return _authored(path, room)
    tests = _tests_in_files(places.graders / TESTS) or _tests_in_notebook(_hidden_too(places, path, node))
    if not tests:
        raise UsageError(
            f"{places.graders}: no tests of otter's: neither a folder tests/ nor a notebook with tests in its metadata."
        )
    support = places.graders / FILES
    beside = _beside(support) if support.is_dir() else _beside(places.students) if places.students.is_dir() else ()
    return Source(
        tests=tests,
        notebook=path,
        node=node,
        config=_config(places.graders / CONFIG),
        files=beside,
        manual=_manual(places, path.name, tests),
    )


def _manual(places: _Places, name: str, tests: Mapping[str, Test]) -> tuple[Manual, ...]:
    """Return the questions a person marks that have no test, as the author's source beside dist/ names them."""
    source = next((folder / name for folder in places.authors if (folder / name).is_file()), None)
    if source is None:
        return ()
    return tuple(each for each in manual_questions(_notebook(source), source) if each.name not in tests)


def _only_notebook(folder: Path) -> Path:
    found = sorted(folder.glob(f"*{NOTEBOOK}"))
    if len(found) != 1:
        what = f"{len(found)} notebooks ({', '.join(path.name for path in found[:5])})" if found else "no notebook"
        raise UsageError(f"{folder}: has {what}. Name the one that students get with --notebook FILE.")
    return found[0]


def _notebook(path: Path) -> NotebookNode:
    try:
        return read_notebook(path, max_bytes=MAX_NOTEBOOK_BYTES).node
    except SubmissionError as error:
        raise AssignmentError(f"{path}: the notebook cannot be read. {error}") from error


def _hidden_too(places: _Places, path: Path, node: NotebookNode) -> tuple[Path, NotebookNode]:
    """Return the notebook with all tests: of what `otter assign` wrote, the graders' own."""
    same = places.graders / path.name
    if places.graders == places.students or not same.is_file():
        return path, node
    return same, _notebook(same)


# --- tests ----------------------------------------------------------------------------------------------------


def _tests_in_files(folder: Path) -> dict[str, Test]:
    """Return the tests of a folder by their files' names."""
    files = [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
    return {path.stem: read_source(_text(path), str(path)) for path in files}


def _tests_in_notebook(found: tuple[Path, NotebookNode]) -> dict[str, Test]:
    """Return the tests in a notebook's metadata."""
    path, node = found
    own = node.metadata.get("otter")
    tests = own.get("tests") if isinstance(own, dict) else None
    if not isinstance(tests, dict):
        return {}
    kind = own.get("OK_FORMAT")
    return {str(name): _in_metadata(spec, f"{path}, test {name}", kind) for name, spec in tests.items()}


def _in_metadata(spec: Any, place: str, kind: Any) -> Test:
    if isinstance(spec, str):
        return read_source(spec, place, ok_format=kind if isinstance(kind, bool) else None)
    return read_spec(spec, place)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise AssignmentError(f"{path}: is no UTF-8 text. Save it as UTF-8.") from error


# --- an author's source ---------------------------------------------------------------------------------------


def _authored(path: Path, room: Path) -> Source:
    """Read a source that `otter assign` has not seen; the outputs in it are what its doctests expect."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what nbformat mends in old notebooks
            node = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # whatever nbformat raises for what it does not know
        raise AssignmentError(f"{path}: the notebook cannot be read: {error}.") from error
    written = read_assign(node, str(path), path.name)
    with_students_seed(written.cells, written.config)
    node.cells, node.nbformat_minor = written.cells, 5
    for number, cell in enumerate(node.cells, start=1):
        cell["id"] = f"cell-{number}"
    return Source(
        tests=written.tests,
        notebook=path,
        node=node,
        config=settings_of(written.config),
        files=_listed(path, written.config, room / "files of the source"),
        manual=tuple(written.manual),
    )


def _listed(path: Path, config: Mapping[str, Any], room: Path) -> tuple[Path, ...]:
    """Copy the files a source lists, and nothing else that lies beside it, and return what is to be handed out."""
    room.mkdir()
    for name in [*(config.get("files") or ()), *(config.get("autograder_files") or ())]:
        file = path.parent / str(name)
        if not file.exists() or not file.resolve().is_relative_to(path.parent.resolve()):
            raise AssignmentError(f"{path}: `files`: {name!r} is not there, or not beside the notebook.")
        target = room / file.resolve().relative_to(path.parent.resolve())
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if file.is_dir() else shutil.copyfile)(file, target)
    return tuple(sorted(room.iterdir()))


# --- settings and files ---------------------------------------------------------------------------------------


def _config(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(_text(path))
    except ValueError as error:
        raise AssignmentError(f"{path}: no valid JSON: {error}.") from error
    if not isinstance(found, dict):
        raise AssignmentError(f"{path}: otter's settings are a JSON object.")
    return found


def _beside(folder: Path) -> tuple[Path, ...]:
    """Return what the notebook may read: everything beside it that is not otter's own."""
    return tuple(path for path in sorted(folder.iterdir()) if _is_support(path))


def _is_support(path: Path) -> bool:
    if path.is_symlink() or path.name.startswith((".", "__")) or path.name in NOT_FILES:
        return False
    return path.suffix not in (NOTEBOOK, ZIP, ".otter", ".pdf")
