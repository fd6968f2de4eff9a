"""Otter's test files, read as data: nothing of them is run here.

A file says `OK_FORMAT = True` and has its cases as doctests in a literal `test = {...}`, or it says
`OK_FORMAT = False` and has them as functions under `@test_case(...)`. Notebooks may carry either in their metadata.
"""

from __future__ import annotations

import ast
import doctest
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Any, NoReturn

from grader.errors import AssignmentError
from grader.importing.otter_literals import NotWrittenDown, value_of
from grader.importing.otter_points import resolve

DECORATOR = "test_case"
ARGUMENTS = ("name", "points", "hidden", "success_message", "failure_message")
SUITE = ("setup", "teardown")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case: `code` is its doctest, or the name of its function in the file's source."""

    name: str
    code: str
    hidden: bool
    points: float
    success: str = ""
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Test:
    """One test of otter's, which is one question: `source` is the file where its cases are functions, else empty."""

    name: str
    cases: tuple[Case, ...]
    all_or_nothing: bool
    source: str = ""

    @property
    def points(self) -> float:
        """What the question is worth."""
        return sum(case.points for case in self.cases)


class Trouble:
    """Where we are reading, for errors that say so."""

    def __init__(self, place: str) -> None:
        self.place = place

    def stop(self, why: str, line: int = 0, cause: BaseException | None = None) -> NoReturn:
        """Raise AssignmentError with file, line and reason."""
        where = f"{self.place}:{line}" if line else self.place
        raise AssignmentError(f"{where}: {why}.") from cause

    def value(self, node: ast.expr, names: Mapping[str, Any]) -> Any:
        """Return what an expression comes to, AssignmentError where it would have to be run."""
        try:
            return value_of(node, names)
        except NotWrittenDown as error:
            self.stop(f"{error}: write the value itself there", error.line, error)
        except RecursionError as error:
            self.stop("this is nested too deeply to be read", node.lineno, error)


def read_source(source: str, place: str, *, ok_format: bool | None = None) -> Test:
    """Read a test file; `ok_format` says which kind it is where the file need not.

    Raises AssignmentError with `place`, the line and the reason for what cannot be read.
    """
    trouble = Trouble(place)
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    tree = _parse(source, trouble)
    names, lines = _names(tree, trouble)
    kind = names.get("OK_FORMAT", ok_format if ok_format is not None else "test" in lines or None)
    if kind is None:
        trouble.stop("says neither `OK_FORMAT = True` nor `OK_FORMAT = False`, so this is no test of otter's")
    if not kind:
        return _with_functions(tree, source, names, trouble)
    if "test" not in names:
        _why_no_test(tree, lines, trouble)
    return read_spec(names["test"], place)


def read_spec(spec: Any, place: str) -> Test:
    """Read a test whose cases are doctests; AssignmentError names the place and the reason."""
    trouble = Trouble(place)
    if not isinstance(spec, dict) or not isinstance(spec.get("name"), str) or not spec["name"].strip():
        trouble.stop("a test is a dictionary with a `name`")
    cases = [_doctest(case, number, spec["name"], trouble) for number, case in enumerate(_cases(spec, trouble), 1)]
    given = [case[1] for case in cases]
    return _test(spec["name"], [case[0] for case in cases], (spec.get("points"), given), spec, trouble)


def _test(
    name: str,
    cases: Sequence[Case],
    points: tuple[Any, Sequence[Any]],
    about: Mapping[str, Any],
    trouble: Trouble,
    source: str = "",
) -> Test:
    """Return the test, its points shared among its cases."""
    try:
        shared = resolve(*points)
    except ValueError as error:
        trouble.stop(f"{name}: {error}", cause=error)
    return Test(
        name=name,
        cases=tuple(replace(case, points=each) for case, each in zip(cases, shared, strict=True)),
        all_or_nothing=bool(about.get("all_or_nothing", False)),
        source=source,
    )


# --- doctests -------------------------------------------------------------------------------------------------


def _cases(spec: Mapping[str, Any], trouble: Trouble) -> list[Any]:
    suites = spec.get("suites")
    if not isinstance(suites, list | tuple) or len(suites) != 1 or not isinstance(suites[0], dict):
        trouble.stop("a test has exactly one suite in `suites`")
    suite = suites[0]
    if suite.get("type", "doctest") != "doctest":
        trouble.stop(f"a suite of the type {suite['type']!r} is not known: otter itself runs only 'doctest'")
    for word in SUITE:
        if suite.get(word):
            trouble.stop(f"`{word}` is not run, by otter neither: put these lines into the cases")
    if not isinstance(suite.get("cases"), list | tuple) or not suite["cases"]:
        trouble.stop("there are no `cases`")
    return list(suite["cases"])


def _doctest(case: Any, number: int, test: str, trouble: Trouble) -> tuple[Case, Any]:
    if not isinstance(case, dict) or not isinstance(case.get("code"), str):
        trouble.stop(f"case {number} has no `code`, which is a text")
    _require_doctest(dedent(case["code"]), number, trouble)
    name = case.get("name") or f"{test} - {number}"
    made = Case(
        name=str(name),
        code=dedent(case["code"]),
        hidden=bool(case.get("hidden", True)),
        points=0.0,
        success=_words(case.get("success_message")),
        failure=_words(case.get("failure_message")),
    )
    return made, case.get("points")


def _require_doctest(code: str, number: int, trouble: Trouble) -> None:
    try:
        examples = doctest.DocTestParser().get_examples(code)
    except ValueError as error:
        trouble.stop(f"case {number} is no doctest: {error}", cause=error)
    if not examples:
        trouble.stop(f"case {number} has no line that begins with `>>> `")


def _words(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


# --- functions ------------------------------------------------------------------------------------------------


def _with_functions(tree: ast.Module, source: str, names: Mapping[str, Any], trouble: Trouble) -> Test:
    name = names.get("name")
    if not isinstance(name, str) or not name.strip():
        trouble.stop('there is no `name = "…"` that can be read without running the file')
    wrappers = _wrappers(tree)
    found: dict[str, tuple[Case, Any]] = {}
    for node in tree.body:
        call = _decoration(node, wrappers, trouble)
        if call is not None:
            found[node.name] = _function(node.name, call, names, trouble)  # type: ignore[attr-defined]
        elif (name_of := _rebound(node)) in found:
            del found[name_of]
    if not found:
        trouble.stop("no function stands under `@test_case(...)`")
    cases = [
        replace(case, name=case.name or f"{name} - {number}")
        for number, (case, _) in enumerate(found.values(), start=1)
    ]
    given = [points for _, points in found.values()]
    return _test(name, cases, (names.get("points"), given), names, trouble, source)


def _wrappers(tree: ast.Module) -> set[str]:
    """Return what `test_case` is called in this file."""
    found = {DECORATOR}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("otter"):
            found |= {alias.asname for alias in node.names if alias.name == DECORATOR and alias.asname}
    return found


def _decoration(node: ast.stmt, wrappers: set[str], trouble: Trouble) -> ast.Call | None:
    """Return the call of `test_case` a function stands under; AssignmentError where it is used in another way."""
    used = [each for each in ast.walk(node) if _is_wrapper(each, wrappers)]
    if not used or isinstance(node, ast.Import | ast.ImportFrom):
        return None
    first = node.decorator_list[0] if isinstance(node, ast.FunctionDef) and node.decorator_list else None
    if len(used) > 1 or not isinstance(first, ast.Call) or not _is_wrapper(first.func, wrappers):
        trouble.stop("`test_case(...)` is read only as the first decorator of a function, with brackets", node.lineno)
    return first


def _is_wrapper(node: ast.AST, wrappers: set[str]) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == DECORATOR
    return isinstance(node, ast.Name) and node.id in wrappers


def _function(function: str, call: ast.Call, names: Mapping[str, Any], trouble: Trouble) -> tuple[Case, Any]:
    if len(call.args) > len(ARGUMENTS) or any(isinstance(each, ast.Starred) for each in call.args):
        trouble.stop("`test_case` takes name, points, hidden, success_message and failure_message", call.lineno)
    given: dict[str, Any] = {key: trouble.value(value, names) for key, value in zip(ARGUMENTS, call.args, strict=False)}
    for keyword in call.keywords:
        if keyword.arg not in ARGUMENTS:
            trouble.stop(f"`test_case` has no argument `{keyword.arg or '**'}`", call.lineno)
        given[keyword.arg] = trouble.value(keyword.value, names)
    made = Case(
        name=_words(given.get("name")),
        code=function,
        hidden=bool(given.get("hidden", False)),
        points=0.0,
        success=_words(given.get("success_message")),
        failure=_words(given.get("failure_message")),
    )
    return made, given.get("points")


def _rebound(node: ast.stmt) -> str:
    """Return the name a plain function or a class takes; one that was a case before is one no more."""
    return node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ""


# --- the file -------------------------------------------------------------------------------------------------


def _parse(source: str, trouble: Trouble) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as an unknown escape in a text
            return ast.parse(source)
    except SyntaxError as error:
        trouble.stop(f"no Python: {error.msg}", error.lineno or 0, error)
    except (ValueError, RecursionError, MemoryError) as error:
        trouble.stop(f"cannot be read: {error}", cause=error)


def _names(tree: ast.Module, trouble: Trouble) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the values of the file's names that are written down, and the line where each name got its last one.

    A name that anything but an assignment changes afterwards is none of them.
    """
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for node in tree.body:
        name, value = _assignment(node)
        if name and value is not None:
            lines[name] = node.lineno
            values.pop(name, None)
            try:
                values[name] = value_of(value, values)
            except (NotWrittenDown, RecursionError):
                _must_be_known(name, value, values, trouble)
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef):
            for changed in _changed(node, values):
                lines[changed] = node.lineno
                del values[changed]
    return values, lines


def _must_be_known(name: str, node: ast.expr, values: Mapping[str, Any], trouble: Trouble) -> None:
    """Raise AssignmentError where a name that is needed has no value that can be read."""
    if name in ("test", "OK_FORMAT", "name", "points", "all_or_nothing"):
        trouble.value(node, values)


def _changed(node: ast.stmt, values: Mapping[str, Any]) -> set[str]:
    """Return the names a statement may change: it binds them, or mentions a dictionary or a list."""
    named = [each for each in ast.walk(node) if isinstance(each, ast.Name) and each.id in values]
    return {each.id for each in named if not isinstance(each.ctx, ast.Load) or isinstance(values[each.id], dict | list)}


def _assignment(node: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    return "", None


def _why_no_test(tree: ast.Module, lines: Mapping[str, int], trouble: Trouble) -> NoReturn:
    if "test" in lines:
        trouble.stop(
            "`test` is changed here, and nothing of this file is run: write it down in one piece", lines["test"]
        )
    functions = any(_is_wrapper(node, _wrappers(tree)) for node in ast.walk(tree))
    hint = ": its cases are functions, so it has to say `OK_FORMAT = False`" if functions else ""
    trouble.stop(f"says `OK_FORMAT = True` and has no `test = {{...}}`{hint}")
