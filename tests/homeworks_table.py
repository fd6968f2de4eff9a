"""The tables of `docs/homeworks.md`: who asks for what, what it is worth, and which samples show it.

The first two columns are written by hand, the others follow from the checks and from the files beside the samples:

    python tests/homeworks_table.py     writes them
"""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from grader.assignment import Assignment, load  # noqa: E402 - found by the line above, where this is run as a script
from grader.authoring.collecting import Written, collect  # noqa: E402

PAGE = ROOT / "docs" / "homeworks.md"
HOMEWORKS = ("mnist-mlp", "backprop", "mlp-numpy", "dl-foundations", "vision-project")
A_PERSON = "a person"
FAILED, PASSED = "failed", "passed"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What the file beside a sample says."""

    name: str
    score: float
    verdicts: dict[str, str]
    diagnoses: frozenset[str]

    def came_to(self, check: str, status: str) -> bool:
        """Tell whether a check came to a status; where the file does not name it, it passed."""
        return self.verdicts.get(check, PASSED) == status


@dataclass(frozen=True, kw_only=True)
class Homework:
    """An assignment, its checks and its samples."""

    assignment: Assignment
    checks: tuple[Written, ...]
    samples: tuple[Sample, ...]

    @property
    def reviews(self) -> dict[str, float]:
        """What a person marks, with its points."""
        return {review.id: review.points for question in self.assignment.questions for review in question.reviews}

    def named(self, function: str) -> list[Written]:
        """Return a check, one for each of its parameters."""
        return [check for check in self.checks if check.function == function]

    def showing(self, check: str, status: str) -> list[str]:
        """Return the samples in which a check came to a status."""
        return [sample.name for sample in self.samples if sample.came_to(check, status)]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a homework: what is asked, and the checks and reviews that look at it."""

    homework: str
    asked: str
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Count:
    """One line of the figures."""

    homework: str
    text: str


@cache
def homework(name: str) -> Homework:
    """Return one of the five."""
    assignment = load(ROOT / "assignments" / name)
    files = sorted((ROOT / "submissions").glob("*.toml"))
    samples = [(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in files]
    return Homework(
        assignment=assignment,
        checks=collect(assignment),
        samples=tuple(_sample(stem, plain) for stem, plain in samples if plain["assignment"] == name),
    )


def _sample(name: str, plain: dict[str, Any]) -> Sample:
    diagnoses = frozenset(plain["diagnoses"].values())
    return Sample(name=name, score=plain["score"], verdicts=plain["checks"], diagnoses=diagnoses)


def rows() -> Iterator[Row]:
    """Yield the lines of the tables in the page."""
    current = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            current = line.removeprefix("## ").strip()
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("| ") else []
        names = tuple(re.findall(r"`([\w]+)`", cells[1])) if current in HOMEWORKS and len(cells) > 1 else ()
        if names:
            yield Row(homework=current, asked=cells[0], names=names, text=line)


def counts() -> Iterator[Count]:
    """Yield the lines of the figures."""
    for line in PAGE.read_text("utf-8").split("\n## Figures\n")[-1].splitlines():
        name = line.strip("|").split(" | ")[0].strip()
        if name in HOMEWORKS:
            yield Count(homework=name, text=line)


def variants_of(name: str) -> list[Any]:
    """Return the named wrong variants of a homework's reference."""
    module = homework(name).assignment.variants
    table = importlib.import_module(module).VARIANTS if module else {}
    return [variant for group in table.values() for variant in group]


def written(line: Row | Count) -> str:
    """Return a line as it has to be."""
    return _figures(line) if isinstance(line, Count) else _row(line)


def _figures(line: Count) -> str:
    of = homework(line.homework)
    functions = len({check.function for check in of.checks})
    numbers = (functions, len(of.checks), len(of.reviews), len(variants_of(line.homework)), len(of.samples))
    return f"| {line.homework} | {' | '.join(map(str, numbers))} |"


def _row(row: Row) -> str:
    of = homework(row.homework)
    checks = [check for name in row.names for check in of.named(name)]
    points = sum(check.points for check in checks) + sum(of.reviews.get(name, 0) for name in row.names)
    passing, failing = (_fewest(of, checks, status) for status in (PASSED, FAILED)) if checks else (A_PERSON, A_PERSON)
    names = ", ".join(f"`{name}`" for name in row.names)
    return f"| {row.asked} | {names} | {points:.4g} | {passing} | {failing} |"


def _fewest(of: Homework, checks: Iterable[Written], status: str) -> str:
    """Return the fewest samples in which all checks, with any of their parameters, came to a status.

    Of several, the one with most points is named: it shows a mistake best that makes few others.
    """
    families: dict[str, set[str]] = {}
    for check in checks:
        families.setdefault(check.function, set()).update(of.showing(check.id, status))
    left, chosen = set(families), []
    while left:
        shown = {s.name: {name for name in left if s.name in families[name]} for s in of.samples}
        scores = {sample.name: sample.score for sample in of.samples}
        best = max(shown, key=lambda name: (len(shown[name]), scores[name]))
        if not shown[best]:
            return "none"
        chosen.append(best)
        left -= shown[best]
    return ", ".join(chosen)


def main() -> None:
    """Write points and samples into the page."""
    page = PAGE.read_text("utf-8")
    for line in (*rows(), *counts()):
        page = page.replace(line.text + "\n", written(line) + "\n")
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
