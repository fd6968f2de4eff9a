"""The checks of an assignment as pytest finds them: nothing runs but the head of their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import Assignment
from grader.checks.plugin import MARKER, place_and_reason, read_mark, title_of
from grader.checks.run import run_pytest
from grader.errors import AssignmentError


@dataclass(frozen=True, kw_only=True)
class Written:
    """A check as it is written down; one with parameters is as many, which share its points."""

    id: str
    function: str
    title: str
    docstring: str
    file: Path
    line: int
    question: str
    points: float
    hidden: bool
    needs: tuple[str, ...]
    hint: str
    offline: bool


class Collector:
    """A pytest plugin that keeps what was collected, and what could not be."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []
        self.problems: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marker known."""
        config.addinivalue_line("markers", MARKER)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Keep where and why a file cannot be collected."""
        report = yield
        if report.failed:
            call = getattr(report, "call", None)
            self.problems.append(place_and_reason(call.excinfo.value if call and call.excinfo else None, report))
        return report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the checks."""
        self.items = list(items)


def collect(assignment: Assignment) -> tuple[Written, ...]:
    """Return the checks of an assignment; AssignmentError when a file of theirs or a mark is broken."""
    collector = Collector()
    run_pytest(assignment, collector, "--collect-only")
    problems = collector.problems
    found: list[Written] = []
    for item in collector.items:
        try:
            found.append(_written(item, collector.items))
        except (TypeError, ValueError) as error:
            problems.append(f"{item.location[0]}:{(item.location[1] or 0) + 1}: {item.name}: {error}")
    if problems:
        raise AssignmentError("A check is broken.\n" + "\n".join(problems))
    return tuple(found)


def _written(item: pytest.Item, items: list[pytest.Item]) -> Written:
    mark = read_mark(item)
    function: Any = getattr(item, "function", None)
    family = Counter((other.parent, _name(other)) for other in items)
    return Written(
        id=item.name,
        function=_name(item),
        title=title_of(item),
        docstring=(getattr(function, "__doc__", None) or "").strip(),
        file=item.path,
        line=(item.location[1] or 0) + 1,
        question=mark.question,
        points=mark.points / family[item.parent, _name(item)],
        hidden=mark.hidden,
        needs=mark.needs,
        hint=mark.hint,
        offline=mark.offline,
    )


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name))
