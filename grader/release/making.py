"""`release`: from an assignment to the folder and the zip file that students get."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader import __version__
from grader.assignment import Assignment, load
from grader.authoring.collecting import collect
from grader.bundle import FILE, FOLDER, RECORD, SCHEMA, Bundle
from grader.errors import AssignmentError, UsageError
from grader.release.answers import Tell, record
from grader.release.contents import Contents, contents
from grader.release.handout import SHORT, extras_for, handed_out, readme
from grader.release.leaks import README, WHEEL, leaks
from grader.release.writing import require_free, write

SEED_DIGITS = 12  # hexadecimal: few enough for every reader of JSON


@dataclass(frozen=True, kw_only=True)
class Released:
    """Where a bundle was written, and what is in it."""

    folder: Path
    archive: Path
    bundle: Bundle
    checks: int  # that students get
    of: int  # all there are


def release(
    folder: Path, out: Path, *, wheel: Path | None = None, quick: bool = False, tell: Tell = lambda _: None
) -> Released:
    """Make the bundle of the assignment in a folder, below `out`; nothing is written unless all of it can be.

    Notebooks are run sealed where that is possible here, but one that is made from the reference.
    `quick`: look at one right notebook and at the master only, not at all samples.

    Raises AssignmentError where the assignment is broken, or holds what cannot be released, or gives something away;
    UsageError for a folder that cannot be written or holds something else, and for a wheel that is none.
    """
    assignment = load(folder)
    _require_reference(assignment)
    _require_wheel(wheel)
    require_free(out, assignment.name)
    tell(f"{assignment.name}: reading the checks")
    files, bundle, checks = _made(assignment, tell, quick=quick)
    front = _front(assignment, files, bundle, wheel)
    everything = front | {f"{FOLDER}/{name}": text for name, text in files.items()}
    tell(f"{assignment.name}: looking for what must not be in it")
    _require_clean(everything, assignment)
    place, archive = write(out, assignment.name, everything)
    return Released(folder=place, archive=archive, bundle=bundle, checks=checks, of=len(collect(assignment)))


def _made(assignment: Assignment, tell: Tell, *, quick: bool) -> tuple[dict[str, bytes], Bundle, int]:
    """Return the files below `selfcheck/`, what the bundle says of itself, and how many checks are in it."""
    made = contents(assignment)
    digest = _digest(made.files, assignment)
    notebook = handed_out(assignment, digest[:SHORT])
    files = {**made.files, assignment.notebook: notebook}
    seed = int(digest[-SEED_DIGITS:], 16)
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            path = Path(place, FOLDER, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        bundled = load(Path(place, FOLDER))
        _require_same(bundled, made.released)
        files[RECORD] = record(assignment, bundled, seed, tell, quick=quick).write()
    bundle = _description(assignment, made, files, seed)
    return {**files, FILE: (bundle.model_dump_json(indent=2) + "\n").encode()}, bundle, len(made.released)


def _require_clean(files: Mapping[str, bytes], assignment: Assignment) -> None:
    """Raise AssignmentError where something is in a bundle that only its author may read."""
    found = leaks(files, assignment)
    if found:
        listed = "\n".join(found)
        raise AssignmentError(f"{assignment.folder}: nothing is released, for students could read secrets.\n{listed}")


def _require_same(bundled: Assignment, released: frozenset[str]) -> None:
    """Raise AssignmentError unless the checks that were cut out are those that are to be released, and no others."""
    found = {check.id for check in collect(bundled)}
    if found != released:
        names = ", ".join(sorted(found ^ released)[:3])
        raise AssignmentError(
            f"{bundled.name}: these checks cannot be told apart from the others by reading: {names}. Write each as a "
            "function of its own at the top of a file."
        )


def _description(assignment: Assignment, made: Contents, files: Mapping[str, bytes], seed: int) -> Bundle:
    return Bundle(
        schema_version=SCHEMA,
        assignment=assignment.name,
        title=assignment.title,
        notebook=assignment.notebook,
        grader=__version__,
        seed=seed,
        extras=extras_for(assignment),
        points=dict(made.points),
        notes=made.notes,
        files={name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    ).sealed


def _digest(files: Mapping[str, bytes], assignment: Assignment) -> str:
    """Return what tells this release from others of the assignment: a change of any file changes it."""
    whole = hashlib.sha256(f"{__version__} {assignment.name}\n".encode())
    for name, content in sorted({**files, assignment.notebook: handed_out(assignment, "")}.items()):
        whole.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def _front(assignment: Assignment, files: Mapping[str, bytes], bundle: Bundle, wheel: Path | None) -> dict[str, bytes]:
    """Return what lies beside `selfcheck/`: the notebook, the files it reads, the page for students, a wheel."""
    titles = {question.id: question.title for question in assignment.questions}
    page = readme(bundle, titles, wheel.name if wheel is not None else None)
    attached = {name.partition("/")[2]: content for name, content in files.items() if name.startswith("files/")}
    front = {**attached, assignment.notebook: files[assignment.notebook], README: page.encode()}
    if len(front) < len(attached) + 2:
        raise AssignmentError(f"{assignment.folder}: a file in `files` has the name of the notebook or of {README}.")
    return front | ({wheel.name: wheel.read_bytes()} if wheel is not None else {})


def _require_reference(assignment: Assignment) -> None:
    if assignment.record is not None:
        raise UsageError(f"{assignment.folder}: this is what students get already. Release the assignment itself.")
    if assignment.reference is None and assignment.placed is not None:
        raise AssignmentError(
            f"{assignment.folder}: this was imported from {assignment.placed.tool} and has no reference whose answers "
            "could be recorded. Students have its public tests in their notebooks already. To release checks of your "
            "own beside them, write a reference, and name it in assignment.toml: docs/authoring.md."
        )
    if assignment.reference is None:
        raise AssignmentError(
            f"{assignment.folder}: no reference is named in assignment.toml, so there are no right answers to record. "
            "Write one, and name it: docs/authoring.md."
        )


def _require_wheel(wheel: Path | None) -> None:
    if wheel is not None and (wheel.suffix != WHEEL or not wheel.is_file()):
        raise UsageError(f"{wheel}: no wheel. Build one with: python -m build --wheel")
