"""`grade release`, carried out: one assignment after the other, each said in a line."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grader import bundle
from grader.assignment import Assignment, find, load
from grader.cli.authoring import assignment_folders
from grader.cli.places import assignments_root, require_folder
from grader.cli.speak import Output, in_line, say, visible
from grader.errors import UsageError
from grader.notebook.read import in_units
from grader.release import Released, prove, release
from grader.release.answers import Tell

OUT = Path("dist")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    paths: tuple[str, ...]
    out: Path | None
    wheel: Path | None
    check: bool
    quick: bool
    assignments: Path | None


def release_all(wanted: Wanted) -> int:
    """Release what is named, or prove that it is as it should be; return the exit code."""
    require_folder()
    output = Output()
    found: list[str] = []
    with Console(stderr=True).status("") as status:  # shows nothing where stderr is not a terminal

        def tell(text: str) -> None:
            status.update(in_line(text))

        for word in wanted.paths:
            if _is_bundle(word):
                found += _checked(Path(word), wanted, tell)
                continue
            for folder in assignment_folders(word):
                found += _released(folder, wanted, output, tell)
    for sentence in found:
        output.put(visible(sentence))
    output.require_taken()
    return int(bool(found))


def _is_bundle(word: str) -> bool:
    return bool(word) and (Path(word) / bundle.FOLDER / bundle.FILE).is_file()


def _released(folder: Path, wanted: Wanted, output: Output, tell: Tell) -> Sequence[str]:
    """Release an assignment, and check the bundle where that is wanted."""
    if wanted.check and wanted.out is None:
        with tempfile.TemporaryDirectory() as place:
            made = release(folder, Path(place), wheel=wanted.wheel, quick=wanted.quick, tell=tell)
            return _proved(made.folder, load(folder), wanted, tell)
    made = release(folder, wanted.out or OUT, wheel=wanted.wheel, quick=wanted.quick, tell=tell)
    output.put(visible(str(made.folder)))
    output.put(visible(str(made.archive)))
    say(_summary(made))
    return _proved(made.folder, load(folder), wanted, tell) if wanted.check else ()


def _checked(folder: Path, wanted: Wanted, tell: Tell) -> Sequence[str]:
    if not wanted.check:
        raise UsageError(f"{folder}: is a bundle already. To look whether it is as it should be: --check")
    name = bundle.read(folder).assignment
    root = wanted.assignments or assignments_root(Path(os.path.realpath(folder)))
    return _proved(folder, find(root, name=name), wanted, tell)


def _proved(folder: Path, assignment: Assignment, wanted: Wanted, tell: Tell) -> Sequence[str]:
    found = prove(folder, assignment, tell, quick=wanted.quick)
    if not found:
        say(f"{assignment.name}: works without the solution, and gives nothing away.")
    return found


def _summary(made: Released) -> str:
    """Say what is in a bundle."""
    public = sum(each.public for each in made.bundle.points.values())
    total = sum(each.total for each in made.bundle.points.values())
    size = in_units(made.archive.stat().st_size)
    return (
        f"{made.bundle.assignment}: {made.checks} of {made.of} checks, {public:g} of {total:g} points, {size}. "
        f"Students start with {made.folder.name}/README.md."
    )
