"""What of an assignment nobody but its authors may read, and which of its lines tell something.

A line tells when, blanks aside, it has at least LONG characters, is no import and no lone word or bracket, and does not
stand where students read it anyway: in what is public of the checks, or in the notebook as it is handed out.

What is a secret is told by the same reading as in a release: marks of checks (`is_released`), what public ones reach
(`reach`), regions of the notebook (`solution_lines`), the formulas of a world (`shown`). So a mistake in those is not
found by the search. Independent of a release are the lines of the reference, rubrics, variants and hidden rows, and the
search itself: it reads the bytes that students get, so it finds whatever cutting, stripping, recording or an attached
file let through.
"""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader import datasets
from grader.assignment import Assignment
from grader.authoring.collecting import Written, collect
from grader.checks.proofs import FOLDER as PROOFS
from grader.notebook.solutions import solution_lines
from grader.release.contents import is_released
from grader.release.handout import text_of
from grader.release.reach import reach
from grader.release.sources import Unit, read_modules
from grader.release.worlds import shown, states
from grader.withheld import IMPORT, LONG

_CODE = re.compile(r"[=+*/@<>]|\w\(|\w \w+ \w")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A line or a word that must not be in a bundle, and where it comes from."""

    text: str
    source: str


def squeezed(text: str) -> str:
    """Return a text without its blanks: layout tells nothing."""
    return "".join(text.split())


def tells(line: str) -> bool:
    """Tell whether a line says enough to be a secret."""
    plain = line.strip()
    return len(squeezed(plain)) >= LONG and not IMPORT.match(plain) and bool(_CODE.search(plain))


def secret_lines(assignment: Assignment) -> list[Secret]:
    """Return the lines that tell: of the reference, of what is not released of the checks, of regions of the notebook,
    of rubrics, and the formulas of derivations that are steps or results.
    """
    written = collect(assignment)
    known = squeezed("\n".join([text_of(assignment), *_public_lines(assignment, written), *_diagnoses(assignment)]))
    found = {
        squeezed(secret.text): secret
        for secret in (*_of_reference(assignment), *_of_checks(assignment, written), *_of_author(assignment))
        if tells(secret.text)
    }
    return [secret for text, secret in found.items() if text.strip("\"',") not in known]


def secret_words(assignment: Assignment) -> list[Secret]:
    """Return the names of the wrong variants, but those that students read anyway."""
    public = _public_lines(assignment, collect(assignment))
    known = "\n".join([text_of(assignment), *public, *_diagnoses(assignment)])
    names = {variant.name for variant in _variants(assignment)}
    return [Secret(text=name, source="the variants") for name in sorted(names) if not is_in(name, known)]


def is_in(word: str, text: str) -> bool:
    """Tell whether a word stands in a text, and not as a part of another."""
    return word in text and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def hidden_rows(assignment: Assignment) -> Mapping[int, frozenset[bytes]]:
    """Return the images no student sees, by their number of pixels, as bytes; none that is also among the public."""
    found: dict[int, set[bytes]] = {}
    for source in set(assignment.data.values()):
        public = {row.tobytes() for part in (datasets.training, datasets.testing) for row in part(source)[0]}
        rows = {row.astype(np.uint8).tobytes() for row in datasets.hidden(source)[0]} - public
        for row in rows:
            found.setdefault(len(row), set()).add(row)
    return {size: frozenset(rows) for size, rows in found.items()}


def _of_reference(assignment: Assignment) -> Iterator[Secret]:
    for path in _solution_files(assignment):
        yield from (Secret(text=line, source=str(path)) for line in path.read_text(encoding="utf-8").splitlines())


def _solution_files(assignment: Assignment) -> list[Path]:
    """Return the files of the reference: beside `assignments/`, else wherever its module or package is found."""
    if assignment.solutions is not None:
        return sorted(assignment.solutions.rglob("*.py"))
    spec = importlib.util.find_spec(assignment.package) if assignment.package else None
    if spec is None:
        return []
    folders = map(Path, spec.submodule_search_locations or ())
    alone = [Path(spec.origin)] if spec.origin and spec.origin.endswith(".py") else []
    return sorted({*alone, *(path for folder in folders for path in folder.rglob("*.py"))})


def _of_checks(assignment: Assignment, written: Iterable[Written]) -> Iterator[Secret]:
    """Yield the lines of hidden checks, and of those that are not released for another reason."""
    for path, units in _withheld(assignment, written).items():
        for unit in units:
            yield from (Secret(text=line, source=str(path)) for line in unit.text.splitlines())


def _public_lines(assignment: Assignment, written: Iterable[Written]) -> Iterator[str]:
    """Yield what stands in files of checks outside of those that are not released."""
    withheld = _withheld(assignment, written)
    for module in read_modules(assignment.checks).values():
        places = {(unit.first, unit.last) for unit in withheld.get(module.path, ())}
        for unit in module.units:
            if (unit.first, unit.last) not in places:
                yield unit.text


def _withheld(assignment: Assignment, written: Iterable[Written]) -> dict[Path, list[Unit]]:
    """Return by file the checks that are not released, told by their marks, and what nothing reaches without them."""
    modules = {module.path: module for module in read_modules(assignment.checks).values()}
    found: dict[Path, list[Unit]] = {path: [] for path in modules}
    public: dict[Path, set[str]] = {}
    for check in written:
        if is_released(check):
            public.setdefault(check.file, set()).add(check.function)
    reached = reach({module.name: module for module in modules.values()}, public)
    hidden = {(check.file, check.function) for check in written if not is_released(check)}
    for path, module in modules.items():
        for unit in module.units:
            is_check = any((path, name) in hidden for name in unit.names)
            if is_check or not (unit.is_import or unit in reached.units or path in reached.whole):
                found[path].append(unit)
    return found


def _variants(assignment: Assignment) -> list[Any]:
    if assignment.variants is None:
        return []
    catalogue = getattr(importlib.import_module(assignment.variants), "VARIANTS", {})
    return [variant for variants in catalogue.values() for variant in variants]


def _diagnoses(assignment: Assignment) -> Iterator[str]:
    """Yield what students read about their misconceptions: it is in the record, so that they read it offline too."""
    for variant in _variants(assignment):
        for text in (variant.title, variant.explanation):
            yield from (text, json.dumps(text), json.dumps(text, ensure_ascii=False))


def _of_author(assignment: Assignment) -> Iterator[Secret]:
    """Yield what the author wrote about answers: regions of the notebook, rubrics, steps and results."""
    notebook = assignment.folder / assignment.notebook
    for line in solution_lines(assignment.solved, str(notebook)):
        yield Secret(text=line, source=str(notebook))
    for review in (review for question in assignment.questions for review in question.reviews):
        told = [review.answer, *(each.name for each in review.ideas), *(each.because for each in review.mistakes)]
        for text in told:
            yield Secret(text=text, source=f"the rubric of {review.id}")
    for path in sorted((assignment.folder / PROOFS).glob("*.toml")):
        world = tomllib.loads(path.read_text(encoding="utf-8"))
        said = text_of(assignment)
        yield from (Secret(text=each, source=str(path)) for each in shown(world) if not states(said, each, world))
