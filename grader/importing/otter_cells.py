"""Test cells for what an otter assignment asks: one for each case, run in the student's kernel at its place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from grader.importing.otter_tests import Case, Test
from grader.notebook.placed import TestCell, TestCheck

CALL = '__import__("otter.test_files").test_files'  # the stand-in: grader/kernels/inside/otter_standin
NOT_IN_IDS = re.compile(r"[^\w .:()\[\]#/+-]+")
MAX_ID = 80


def seeding(seed: int, variable: str | None) -> TestCell:
    """Return the cell that seeds every cell after it."""
    return TestCell(id="otter seeds", source=f"{CALL}.seed_cells({seed}, {variable!r})", shown="", otherwise="start")


def cells_and_checks(
    tests: Mapping[str, Test], questions: Mapping[str, str]
) -> tuple[tuple[TestCell, ...], tuple[TestCheck, ...]]:
    """Return a test cell and a check for each case; `questions` has the question's id for each test.

    Tests that no cell asks for are run at the end in the order of their names, as otter does; checks stand in the
    order of the questions.
    """
    made: dict[str, list[tuple[TestCell, TestCheck]]] = {}
    taken: set[str] = set()
    for key in questions:
        made[key] = list(_of_test(key, tests[key], questions[key], taken))
    cells = tuple(cell for key in sorted(made) for cell, _ in made[key])
    return cells, tuple(check for pairs in made.values() for _, check in pairs)


def _of_test(key: str, test: Test, question: str, taken: set[str]) -> Iterator[tuple[TestCell, TestCheck]]:
    together = key if test.all_or_nothing and len(test.cases) > 1 else ""
    for number, (case, points) in enumerate(zip(test.cases, evened(test), strict=True), start=1):
        plain = f"{test.name} - {number}"
        title = plain if case.hidden else case.name  # what a hidden case is called may tell what it asks
        check = _free(f"{key} - {number}" if title == plain else f"{key} {title}", taken)
        yield (
            TestCell(
                id=f"cell of {check}",
                source=_source(test, case),
                shown="" if case.hidden else None,
                after=(f"check:{key}",),
                question=question,
            ),
            TestCheck(
                id=check,
                question=question,
                title=title,
                points=points,
                hidden=case.hidden,
                cell=f"cell of {check}",
                together=together,
                praise=case.success,
                blame=case.failure,
            ),
        )


def evened(test: Test) -> list[float]:
    """Return the points of the cases, with six digits: what rounding leaves goes to the last that is worth any."""
    points = [round(case.points, 6) for case in test.cases]
    worth = [number for number, each in enumerate(points) if each > 0]
    if worth:
        rest = round(test.points, 6) - sum(points)
        points[worth[-1]] = round(points[worth[-1]] + rest, 6)
    return points


def _free(name: str, taken: set[str]) -> str:
    """Return an id that reads like the name and that no other check has."""
    plain = " ".join(NOT_IN_IDS.sub(" ", name).split())[:MAX_ID] or "case"
    number, found = 1, plain
    while found in taken:
        number += 1
        found = f"{plain} ({number})"
    taken.add(found)
    return found


# --- sources --------------------------------------------------------------------------------------------------


def _source(test: Test, case: Case) -> str:
    comment = f"  # {' '.join(case.name.split())}"
    if not test.source:
        return f"{CALL}.doctest_case({comment}\n{_literal(case.code)})"
    return f"{CALL}.function_case({comment}\n{_literal(_alone(test, case))},\n    {case.code!r})"


def _literal(text: str) -> str:
    """Return a text as Python, a line for each of its lines: as it stands, IPython would strip its prompts."""
    lines = text.splitlines(keepends=True) or [""]
    return "\n".join(f"    {line!a}" for line in lines)


def _alone(test: Test, case: Case) -> str:
    """Return the file without the other cases: what a public one is run with, students could read."""
    functions = _functions(test)
    lines = test.source.split("\n")
    for name, node in functions.items():
        if name != case.code:
            first, last = _span(node)
            lines[first - 1 : last] = [""] * (last - first + 1)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _functions(test: Test) -> dict[str, ast.FunctionDef]:
    cases = {case.code for case in test.cases}
    tree = ast.parse(test.source)
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in cases}


def _span(node: ast.FunctionDef) -> tuple[int, int]:
    """Return the first and last line of a function with its decorators."""
    return min([node.lineno, *(each.lineno for each in node.decorator_list)]), node.end_lineno or node.lineno


def order_of(tests: Mapping[str, Test], calls: Sequence[str]) -> list[str]:
    """Return the names of the tests as a reader meets them: as the notebook asks for them, then by name and number."""
    rest = sorted((key for key in tests if key not in calls), key=_natural)
    return [*dict.fromkeys(key for key in calls if key in tests), *rest]


def _natural(key: str) -> list[tuple[bool, int, str]]:
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", key)]
