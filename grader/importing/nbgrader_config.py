"""What an nbgrader course changes of nbgrader's own words, read from its `nbgrader_config.py` without running it.

Only plain assignments are understood, such as `c.ClearSolutions.text_stub = "Write here"`; nothing else of such a file
matters for an import, apart from what is computed there, which is named as not read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError

FILE = "nbgrader_config.py"
FIELDS = {
    "ClearSolutions.begin_solution_delimeter": "begin_solution",
    "ClearSolutions.end_solution_delimeter": "end_solution",
    "ClearSolutions.code_stub": "code_stub",
    "ClearSolutions.text_stub": "text_stub",
    "ClearHiddenTests.begin_test_delimeter": "begin_hidden",
    "ClearHiddenTests.end_test_delimeter": "end_hidden",
    "ClearMarkScheme.begin_mark_scheme_delimeter": "begin_scheme",
    "ClearMarkScheme.end_mark_scheme_delimeter": "end_scheme",
    "CourseDirectory.source_directory": "source",
    "CourseDirectory.release_directory": "release",
}
TIMEOUTS = ("Execute.timeout", "ExecutePreprocessor.timeout")


@dataclass(frozen=True, kw_only=True)
class Words:
    """Delimiters, stubs and folders; a delimiter counts wherever it is in a line."""

    begin_solution: str = "BEGIN SOLUTION"
    end_solution: str = "END SOLUTION"
    begin_hidden: str = "BEGIN HIDDEN TESTS"
    end_hidden: str = "END HIDDEN TESTS"
    begin_scheme: str = "BEGIN MARK SCHEME"
    end_scheme: str = "END MARK SCHEME"
    code_stub: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    text_stub: str = "YOUR ANSWER HERE"
    source: str = "source"
    release: str = "release"
    cell_s: float | None = None
    unread: tuple[str, ...] = ()  # settings that are computed, with their lines


def read_words(course: Path) -> Words:
    """Return the words of a course: nbgrader's own where it has no settings."""
    path = course / FILE
    if not path.is_file():
        return Words()
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (OSError, SyntaxError, ValueError) as error:
        raise AssignmentError(f"{path}: cannot be read ({error}). Mend it, or move it away: it is optional.") from error
    words = Words()
    for name, value, line in _settings(tree):
        words = _with(words, name, value, line)
    return words


def _settings(tree: ast.Module) -> Iterator[tuple[str, ast.expr, int]]:
    """Yield "Class.name", value and line of every `c.Class.name = value`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            match target:
                case ast.Attribute(value=ast.Attribute(value=ast.Name(), attr=owner), attr=name):
                    yield f"{owner}.{name}", node.value, node.lineno


def _with(words: Words, name: str, value: ast.expr, line: int) -> Words:
    if name not in FIELDS and name not in TIMEOUTS:
        return words
    try:
        given: Any = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        given = None
    if name in TIMEOUTS and isinstance(given, int | float) and given > 0:
        return replace(words, cell_s=float(given))
    if name == "ClearSolutions.code_stub" and isinstance(given, Mapping):
        given = given.get("python")
    if name in TIMEOUTS or not isinstance(given, str) or not given:
        return replace(words, unread=(*words.unread, f"{name} (line {line})"))
    changed: dict[str, Any] = {FIELDS[name]: given}
    return replace(words, **changed)
