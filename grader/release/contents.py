"""The files of a bundle's folder `selfcheck`, all but the record and the bundle's own description."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import datasets
from grader.assignment import FILE, Assignment
from grader.authoring.collecting import Written, collect
from grader.bundle import DATA, RECORD, Points
from grader.checks.proofs import FOLDER as PROOFS
from grader.errors import AssignmentError
from grader.files import given
from grader.release.cutting import cut
from grader.release.handout import text_of
from grader.release.reach import Reached, reach
from grader.release.sources import read_modules
from grader.release.tables import toml
from grader.release.worlds import bare_world

ATTACHED = "files"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Files by their place below `selfcheck/`, and what to say about them."""

    files: Mapping[str, bytes]
    points: Mapping[str, Points]
    notes: tuple[str, ...]
    released: frozenset[str]  # the ids of the checks that go out


def contents(assignment: Assignment) -> Contents:
    """Return what an assignment's bundle holds; AssignmentError where it cannot be told, or would give too much."""
    written = collect(assignment)
    public = [check for check in written if is_released(check)]
    _require_some(assignment, written, public)
    reached = reach(read_modules(assignment.checks), _by_file(public))
    _require_fixture(reached, assignment)
    worlds = dict(_worlds(assignment, reached))
    bare = {name: bare_world(text, text_of(assignment)) for name, text in worlds.items()}
    return Contents(
        files={
            FILE: toml(_table(assignment)).encode(),
            **{f"checks/{name}": text.encode() for name, text in _checks(reached, assignment.checks).items()},
            **{f"{PROOFS}/{name}.toml": text.encode() for name, (text, _) in bare.items()},
            **dict(_data(assignment)),
            **dict(_attached(assignment)),
        },
        points=_points(assignment, public),
        notes=tuple(dict.fromkeys(note for _, notes in bare.values() for note in notes)),
        released=frozenset(check.id for check in public),
    )


def is_released(check: Written) -> bool:
    """Tell whether students get a check: a public one that can be answered without the solution."""
    return check.offline and not check.hidden


def _by_file(checks: Sequence[Written]) -> dict[Path, set[str]]:
    found: dict[Path, set[str]] = {}
    for check in checks:
        found.setdefault(check.file, set()).add(check.function)
    return found


def _require_some(assignment: Assignment, written: Sequence[Written], public: Sequence[Written]) -> None:
    """Raise AssignmentError where nothing is public, or one function is both a public and a hidden check."""
    if not public:
        raise AssignmentError(f"{assignment.checks}: no check is public and offline, so there is nothing to release.")
    names = _by_file(public)
    for check in written:
        if not is_released(check) and check.function in names.get(check.file, ()):
            raise AssignmentError(
                f"{check.file}:{check.line}: {check.function} is public for some parameters and not for others. "
                "Make it two functions."
            )


def _require_fixture(reached: Reached, assignment: Assignment) -> None:
    """Raise AssignmentError where what is released imports a solution, or rows that nobody is to see."""
    for unit in reached.imported.keys() | reached.units:
        for node in (inner for top in unit.nodes for inner in ast.walk(top)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names = _names_kept(node, reached.imported.get(unit)) if isinstance(node, ast.ImportFrom) else set()
            if any(module.partition(".")[0] == assignment.package for module in modules):
                raise AssignmentError(
                    f"{unit.place}: a public check imports the solution, which students do not get. Ask the fixture "
                    "`reference` for it, or put offline=False into the marker of the checks that need it."
                )
            if "hidden" in names and modules == ["grader.datasets"]:
                raise AssignmentError(f"{unit.place}: a public check uses hidden rows, which no bundle has.")


def _names_kept(node: ast.ImportFrom, kept: set[str] | None) -> set[str]:
    """Return what an import takes from its module, as it is called there; `kept` are the names that stay, None: all."""
    return {alias.name for alias in node.names if kept is None or (alias.asname or alias.name) in kept}


def _checks(reached: Reached, folder: Path) -> dict[str, str]:
    found = {}
    for module in reached.modules.values():
        if module.path in reached.whole:
            found[module.path] = module.source
        elif reached.module(module):
            found[module.path] = cut(module, reached)
    for path in reached.whole - found.keys():
        found[path] = path.read_text(encoding="utf-8")
    return {path.relative_to(folder).as_posix(): text for path, text in sorted(found.items())}


def _worlds(assignment: Assignment, reached: Reached) -> Iterator[tuple[str, str]]:
    """Yield the worlds of derivations whose names stand in modules where a released check judges one."""
    asking = {unit.module for unit in reached.units if "proof" in unit.fixtures}
    said = {
        node.value
        for unit in reached.units
        if unit.module in asking
        for top in unit.nodes
        for node in ast.walk(top)
        if isinstance(node, ast.Constant)
    }
    for path in sorted((assignment.folder / PROOFS).glob("*.toml")):
        if path.stem in said:
            yield path.stem, path.read_text(encoding="utf-8")


def _data(assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    if assignment.data:
        store = datasets.store(assignment.data)
        for name in sorted(assignment.data):
            yield f"{DATA}/{name}.npz", (store / f"{name}.npz").read_bytes()


def _attached(assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    for attached in assignment.attached:
        for file in [attached] if attached.is_file() else given(attached):
            yield f"{ATTACHED}/{file.relative_to(attached.parent).as_posix()}", file.read_bytes()


def _points(assignment: Assignment, public: Sequence[Written]) -> dict[str, Points]:
    return {
        question.id: Points(
            public=round(sum(check.points for check in public if check.question == question.id), 6),
            total=question.points,
        )
        for question in assignment.questions
    }


def _table(assignment: Assignment) -> dict[str, Any]:
    """Return `assignment.toml` as students get it: nothing that tells what an answer should say."""
    given = tomllib.loads((assignment.folder / FILE).read_text(encoding="utf-8-sig"))
    kept: dict[str, Any] = {name: given[name] for name in ("data", "limits", "budget") if name in given}
    files = [f"{ATTACHED}/{file.name}" for file in assignment.attached]
    return {
        "name": assignment.name,
        "title": assignment.title,
        "notebook": assignment.notebook,
        "record": RECORD,
        **({"files": files} if files else {}),
        **kept,
        "questions": [_question(question.model_dump()) for question in assignment.questions],
    }


def _question(question: Mapping[str, Any]) -> dict[str, Any]:
    reviews = [{name: review[name] for name in ("id", "title", "points")} for review in question["reviews"]]
    kept = {name: question[name] for name in ("id", "title", "points")}
    return kept | ({"reviews": reviews} if reviews else {})
