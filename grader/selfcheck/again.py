"""Checking a notebook again: what a small edit cannot have changed stands, and only the rest is run.

Kept from the last time are the result, what every check asked the notebook, and fingerprints of that. A cell is run
again when it or something it is run on has changed, or when a check that is asked again needs what it makes. When
anything then turns out to depend on a cell that was left out, all is run.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nbformat import NotebookNode
from pydantic import BaseModel, ValidationError

import grader
from grader.cache import Cache
from grader.checks import Ears, Heard
from grader.errors import SubmissionError
from grader.grading import grade
from grader.results import Cell, CheckResult, ExecutionStatus, Result, Status
from grader.selfcheck.beside import named_elsewhere, named_files
from grader.selfcheck.contents import contents
from grader.selfcheck.desk import Desk, OnStep, cache_of_user, nothing
from grader.selfcheck.sheet import Sheet

LASTING = (Status.PASSED, Status.FAILED, Status.NOT_ATTEMPTED, Status.NEEDS_REVIEW)
WHOLE = (ExecutionStatus.COMPLETED, ExecutionStatus.ERRORS)
LACKING = (
    "FileNotFoundError",
    "NameError",
    "UnboundLocalError",
    "ImportError",
    "ModuleNotFoundError",
    "AttributeError",
    "KeyError",
)
MAX_LISTED = 12
LIBRARIES = ("numpy", "ipykernel", "keras", "tensorflow", "scikit-learn", "matplotlib", "pandas", "scipy")


class Memory(BaseModel):
    """What is kept of a check of a notebook."""

    result: Result
    heard: dict[str, Heard]
    asked: dict[str, str]  # by check: the fingerprint of what it asked for
    prints: tuple[str, ...]  # of the cells
    whole: str

    def standing(self, sheet: Sheet) -> dict[str, CheckResult]:
        """Return the verdicts that still stand."""
        return {
            check.id: check
            for check in self.result.checks
            if check.id in self.asked and self.asked[check.id] == sheet.of_check(self.heard[check.id])
        }


@dataclass(frozen=True, kw_only=True)
class Again:
    """What is run again: checks whose verdicts are not `known`, and cells that are not `kept`."""

    known: Mapping[str, CheckResult] = field(default_factory=dict)
    kept: Mapping[int, Cell] = field(default_factory=dict)
    heard: Mapping[str, Heard] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # on what was left out or mended in the cells that are kept

    @classmethod
    def after(cls, before: Memory | None, sheet: Sheet) -> Again:
        """Return what is to be run now, after `before`."""
        if before is None:
            return cls()
        known = before.standing(sheet)
        old = dict(enumerate(before.prints))
        changed = {i for i in sheet.code if old.get(i) != sheet.prints[i]}
        open_checks = [heard for name, heard in before.heard.items() if name not in known]
        names = {name for heard in open_checks for name in heard.names}
        needed = sheet.cells_with(changed | (sheet.cells_for(names) if names else set()))
        if any(heard.needs_all for heard in open_checks):
            needed = sheet.code
        cells = {cell.index: cell for cell in before.result.execution.cells}
        kept = {i: cells[i] for i in sheet.code - needed if i in cells}
        about = tuple(f"cell {i + 1}: " for i in kept)
        if not kept:  # all is run anyway, so all is asked
            return cls()
        notes = tuple(note for note in before.result.execution.notes if note.startswith(about))
        return cls(known=known, kept=kept, heard=before.heard, notes=notes)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A result, and a line that says what of it was found out just now."""

    result: Result
    summary: str


def check(desk: Desk, path: Path, *, fresh: bool = False, on_step: OnStep = nothing) -> Checked:
    """Check a notebook; with `fresh` nothing stands from before."""
    try:
        notebook = desk.read(path)
    except SubmissionError:
        result = grade(path, desk.assignment, desk.options, on_step)
        return Checked(result=desk.told(result), summary="The notebook could not be read.")
    sheet = Sheet.of(notebook.node, desk.assignment)
    files, read = _files(desk, path, notebook.node)
    key = _key(desk, path, read)
    cache = cache_of_user()
    before = None if fresh or not key else _recalled(cache, key)
    if before is not None and before.whole == sheet.whole and _all_stand(before, before.standing(sheet)):
        count = len(before.result.checks)
        said = f"Nothing has changed since the last check: {_all(count)} stand. (--fresh runs everything again.)"
        return Checked(result=desk.told(before.result, _since()), summary=said)
    again = Again.after(before, sheet)
    result, ears = _run(desk, path, again, files, on_step)
    if again.kept and not _is_whole(result, ears, sheet, again):
        again = Again()
        result, ears = _run(desk, path, again, files, on_step)
    if key and desk.read_digest(path) == notebook.digest and _files(desk, path, notebook.node) == (files, read):
        _keep(cache, key, result, {**again.heard, **ears.asked}, sheet)
    left_out = [_left_out(again.kept)] if again.kept else []
    return Checked(result=desk.told(result, *left_out), summary=_summary(result, again, sheet, before))


def _run(desk: Desk, path: Path, again: Again, files: tuple[Path, ...], on_step: OnStep) -> tuple[Result, Ears]:
    ears = Ears()
    result = grade(
        path, desk.assignment, desk.options, on_step, files=files, known=again.known, kept=again.kept, ears=ears
    )
    notes = tuple(dict.fromkeys([*again.notes, *result.execution.notes]))
    execution = result.execution.model_copy(update={"notes": notes})
    return result.model_copy(update={"execution": execution}), ears


def _is_whole(result: Result, ears: Ears, sheet: Sheet, again: Again) -> bool:
    """Whether nothing that was found out just now can depend on a cell that was left out."""
    if result.execution.status not in WHOLE:
        return False
    ran = sheet.code - set(again.kept)
    for cell in result.execution.cells:
        if cell.index in ran and cell.error is not None and cell.error.name in LACKING:
            return False
    return all(not heard.needs_all and sheet.cells_for(heard.names) <= ran for heard in ears.asked.values())


# --- what is kept -----------------------------------------------------------------------------------------------


def _files(desk: Desk, path: Path, node: NotebookNode) -> tuple[tuple[Path, ...], str | None]:
    """Return the files a notebook takes along, and a fingerprint of all it reads; None where that is too much."""
    folder = path.absolute().parent
    files = named_files(node, folder, desk.assignment)
    return files, contents((*files, *named_elsewhere(node, folder, files).values()))


def _key(desk: Desk, path: Path, read: str | None) -> str:
    """Return under what a check is kept: whatever else it depends on besides the notebook's text.

    "" where what it has `read` is too much to be read at every check.
    """
    if read is None:
        return ""
    text = f"self-check {desk.digest} {_software()} {path.absolute()} {read}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _software() -> str:
    """Return the versions that decide, and when each of our files was written last."""
    folder = Path(grader.__file__).parent
    stamps = [f"{path.name} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in sorted(folder.rglob("*.py"))]
    return " ".join([sys.version, sys.executable, *map(_version, LIBRARIES), *stamps])


def _version(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return f"no {library}"


def _recalled(cache: Cache, key: str) -> Memory | None:
    content = cache.get(key)
    try:
        return None if content is None else Memory.model_validate_json(content)
    except ValidationError:  # of another version
        return None


def _keep(cache: Cache, key: str, result: Result, heard: dict[str, Heard], sheet: Sheet) -> None:
    if result.execution.status not in WHOLE:
        return
    lasting = {
        check.id for check in result.checks if check.status in LASTING and check.id in heard and heard[check.id].lasts
    }
    asked = {name: sheet.of_check(heard[name]) for name in lasting}
    memory = Memory(result=result, heard=heard, asked=asked, prints=sheet.prints, whole=sheet.whole)
    cache.put(key, memory.model_dump_json().encode())
    cache.prune()


def _all_stand(before: Memory, standing: Mapping[str, CheckResult]) -> bool:
    return len(standing) == len(before.result.checks)


# --- what is said -----------------------------------------------------------------------------------------------


def _summary(result: Result, again: Again, sheet: Sheet, before: Memory | None) -> str:
    """Say in a line what was run."""
    total, stands = len(result.checks), len(again.known)
    if before is not None and sheet.depends is None and not again.kept:
        return f"Everything was run again, since {sheet.why} in the notebook may reach anything."
    if not stands:
        return f"{_checks(total)} run, and all cells." if not again.kept else f"{_checks(total)} again."
    where = [each.id for each in result.questions if any(check.id not in again.known for check in each.checks)]
    ran = len(sheet.code) - len(again.kept)
    what = f"{', '.join(where)} changed: {_checks(total - stands)} again" if where else "No check is asked again"
    return f"{what}, {stands} stand; {ran} of {len(sheet.code)} cells run."


def _left_out(kept: Mapping[int, Cell]) -> str:
    numbers = _ranges(sorted(index + 1 for index in kept))
    return f"Not run again, since nothing they depend on has changed: cells {numbers}. --fresh runs everything."


def _since() -> str:
    return "Nothing has changed since the last check, so nothing was run again. --fresh runs everything."


def _ranges(numbers: list[int]) -> str:
    """Return 1-3, 5 for 1, 2, 3 and 5."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return ", ".join(shown[:MAX_LISTED]) + (", …" if len(shown) > MAX_LISTED else "")


def _checks(count: int) -> str:
    return f"{count} check{'' if count == 1 else 's'}"


def _all(count: int) -> str:
    return f"all {count} verdicts" if count > 1 else "the verdict"
