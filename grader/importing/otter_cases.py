"""The test cells of an author's source, as a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import NotebookNode

from grader.errors import AssignmentError
from grader.importing.otter_tests import Test, read_source, read_spec
from grader.importing.otter_yaml import NotUnderstood, read_yaml

CONFIG = re.compile(
    r"\s*(?:\w+\s*=\s*)?\"\"\"\s*#\s*BEGIN\s+TEST\s+CONFIG[^\n]*\n(?P<said>.*?)^\s*\"\"\"\s*#\s*END\s+TEST\s+CONFIG[^\n]*\n?",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
HIDDEN = re.compile(r"\s*#[^\n]*\bhidden\b[^\n]*\n?", re.IGNORECASE)
ARGUMENTS = ("points", "hidden", "success_message", "failure_message")


def test_of(about: Mapping[str, Any], cells: Sequence[NotebookNode], place: str, *, ok_format: bool) -> Test:
    """Return the test of a question with these test cells; AssignmentError names the place and the reason."""
    points = about.get("points")
    if isinstance(points, dict):
        points = points.get("each", 1) * len(cells)
    name, together = str(about["name"]), bool(about.get("all_or_nothing"))
    cases = [_case(cell, f"{place}, question {name}, test cell {number}") for number, cell in enumerate(cells, start=1)]
    if ok_format:
        suite = {
            "cases": [{**said, "code": _doctest(code, cell)} for (said, code), cell in zip(cases, cells, strict=True)]
        }
        return read_spec({"name": name, "points": points, "all_or_nothing": together, "suites": [suite]}, place)
    head = f"OK_FORMAT = False\nname = {name!r}\npoints = {points!r}\nall_or_nothing = {together!r}"
    functions = [_function(said, code, place) for said, code in cases]
    return read_source("\n\n\n".join(["from otter.test_files import test_case", head, *functions]) + "\n", place)


test_of.__test__ = False  # type: ignore[attr-defined] # pytest takes the name for one of its own


def _case(cell: NotebookNode, place: str) -> tuple[dict[str, Any], str]:
    """Return what a cell says of its case, and its code without that."""
    source = cell.source
    said: dict[str, Any] = {"hidden": False}
    if match := CONFIG.match(source):
        source = source[match.end() :]
        said |= _said(match["said"], place)
    elif match := HIDDEN.match(source):
        source, said = source[match.end() :], {"hidden": True}
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise AssignmentError(f"{place}: no Python: {error.msg}.") from error
    return said, source.strip("\n")


def _said(text: str, place: str) -> dict[str, Any]:
    try:
        found = read_yaml(text)
    except NotUnderstood as error:
        raise AssignmentError(f"{place}: `{error}` is not understood.") from error
    return {name: found[name] for name in ARGUMENTS if name in found} if isinstance(found, dict) else {}


def _doctest(code: str, cell: NotebookNode) -> str:
    """Return a cell's statements and what it showed as a doctest."""
    lines: list[str] = []
    for node in ast.parse(code).body:
        first, *more = ast.unparse(node).split("\n")
        lines += [f">>> {first}", *(f"... {line}" for line in more)]
    return "\n".join([*lines, _shown(cell)]).rstrip("\n")


def _shown(cell: NotebookNode) -> str:
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", ())]
    lines = "".join("".join(text) for text in texts).rstrip("\n").split("\n")
    return "\n".join(line or "<BLANKLINE>" for line in lines) if any(lines) else ""


def _function(said: Mapping[str, Any], code: str, place: str) -> str:
    """Return a cell's function as a case of a test file; a call of it after it is for the author alone."""
    body = ast.parse(code).body
    if not body or len(body) > 2 or not isinstance(body[0], ast.FunctionDef):
        raise AssignmentError(f"{place}: a test cell holds a function, and after it nothing but a call of it.")
    arguments = ", ".join(f"{name}={value!r}" for name, value in said.items())
    return f"@test_case({arguments})\n{ast.unparse(body[0])}"
