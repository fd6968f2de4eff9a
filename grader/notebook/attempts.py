"""Whether a name an assignment asks for was written, left as handed out, or never defined.

Reads syntax trees only: nothing of the student's runs.
"""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from nbformat import NotebookNode

from grader.notebook.magics import without_comments, without_magics
from grader.notebook.pieces import parse, pieces

_TEXT_DEFINITION = re.compile(r"(?:(?:async[ \t]+)?def|class)[ \t]+([^\W\d]\w*)|([^\W\d]\w*)[ \t]*(?::[^=\n]*)?=(?!=)")
_PLACEHOLDER = re.compile(r"_{2,}|YOUR_CODE(?:_HERE)?|TODO", re.IGNORECASE)
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_FILLS = frozenset({"add", "append", "extend", "fill", "insert", "setdefault", "update"})


class Attempt(enum.StrEnum):
    """What became of a name."""

    MISSING = "missing"
    UNTOUCHED = "untouched"  # as handed out, or an empty stub
    WRITTEN = "written"


@dataclass(frozen=True, kw_only=True)
class _Definition:
    """A statement that binds `name`, in a form that comments, docstrings and layout do not change."""

    name: str
    code: str
    stub: bool


def attempt_of(name: str, node: NotebookNode, master: NotebookNode) -> Attempt:
    """Return what became of `name`, judged by its last definition and the master's code for it."""
    found = [each for each in _definitions(node) if each.name == name]
    if not found:
        return Attempt.WRITTEN if _set_by_a_function(name, node) else Attempt.MISSING
    last = found[-1]
    if not last.stub and last.code not in {each.code for each in _definitions(master) if each.name == name}:
        return Attempt.WRITTEN
    if _changes(name, node) - _changes(name, master):
        return Attempt.WRITTEN
    return Attempt.UNTOUCHED


def _set_by_a_function(name: str, node: NotebookNode) -> bool:
    return any(name in names for names in names_set_by_functions(node).values())


def defined_names(node: NotebookNode) -> tuple[str, ...]:
    """Return every name the code cells define at their top level, in the order of appearance."""
    return tuple(dict.fromkeys(each.name for each in _definitions(node)))


def unparsable_cells(node: NotebookNode) -> dict[int, str]:
    """Return for each code cell that is no Python, magics aside, one sentence with line and reason."""
    parsed = {
        index: parse(without_magics(cell.source)) for index, cell in enumerate(node.cells) if cell.cell_type == "code"
    }
    return {index: reason for index, reason in parsed.items() if isinstance(reason, str)}


def _definitions(node: NotebookNode) -> Iterator[_Definition]:
    for source in _code(node):
        yield from _definitions_in(source)


@lru_cache(maxsize=1024)  # every name of an assignment is looked up in the same cells
def _definitions_in(source: str) -> tuple[_Definition, ...]:
    found: list[_Definition] = []
    for piece in pieces(source):
        if piece.tree is not None:
            for statement in top_level(piece.tree.body):
                found.extend(_defined_by(statement, piece.text))
        elif text := _TEXT_DEFINITION.match(piece.text):
            found.append(_Definition(name=text[1] or text[2], code=_squeezed(piece.text), stub=False))
    return tuple(found)


def _code(node: NotebookNode) -> Iterator[str]:
    return (cell.source for cell in node.cells if cell.cell_type == "code")


def _squeezed(text: str) -> str:
    return "".join(without_comments(text).split())


def top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Walk the statements outside functions and classes in order, into if, for, while, try, with, match."""
    waiting = list(body)[::-1]
    while waiting:
        statement = waiting.pop()
        yield statement
        if not isinstance(statement, _Scope):
            waiting.extend(reversed(list(_blocks_of(statement))))


def _blocks_of(statement: ast.stmt) -> Iterator[ast.stmt]:
    for part in ("body", "handlers", "cases", "orelse", "finalbody"):
        for inner in getattr(statement, part, []):
            if isinstance(inner, ast.ExceptHandler | ast.match_case):
                yield from inner.body
            else:
                yield inner


def _defined_by(statement: ast.stmt, source: str) -> Iterator[_Definition]:
    names = tuple(names_of(statement))
    if not names:
        return
    stub = _is_stub(statement)
    code = _normal(statement, source)
    for name in names:
        yield _Definition(name=name, code=code, stub=stub)


def names_of(statement: ast.stmt) -> Iterator[str]:
    """Return the names a statement binds by itself, not by the statements inside it."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from _targets(targets)
        case ast.AnnAssign(target=target) | ast.For(target=target) | ast.AsyncFor(target=target):
            yield from _targets([target])
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield from _targets([item.optional_vars for item in items if item.optional_vars])
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name.split(".")[0] for alias in aliases if alias.name != "*")


def _targets(targets: Iterable[ast.expr]) -> Iterator[str]:
    for target in targets:
        match target:
            case ast.Name(id=name):
                yield name
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                yield from _targets(parts)
            case ast.Starred(value=value):
                yield from _targets([value])


def _normal(statement: ast.stmt, source: str) -> str:
    """Return the same text for code that differs only in comments, docstrings and layout.

    A loop or a `with` stands for its head alone, or else changing its body would change what it binds.
    """
    try:
        for inner in ast.walk(statement):
            if isinstance(inner, _Scope):
                inner.body = _without_docstring(inner.body)
        match statement:
            case ast.For(target=target, iter=source_of) | ast.AsyncFor(target=target, iter=source_of):
                return f"for {ast.dump(target)} in {ast.dump(source_of)}"
            case ast.With(items=items) | ast.AsyncWith(items=items):
                return f"with {[ast.dump(item) for item in items]}"
        return ast.dump(statement)
    except RecursionError:
        return _squeezed(source)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    rest = [each for each in body if not (isinstance(each, ast.Expr) and _is_text(each.value))]
    return rest or [ast.Pass()]


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_stub(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            return _is_empty(body)
        case ast.ClassDef(body=body):
            return all(_is_stub(each) or _says_nothing(each) for each in body)
        case ast.Assign(value=value):
            return _is_blank(value)
        case ast.AnnAssign(value=value):
            return value is None or _is_blank(value)
    return False


def _is_empty(body: list[ast.stmt]) -> bool:
    """Say whether a body only passes, raises NotImplementedError, or returns names it left blank."""
    blank: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _is_stub(statement):
            blank.update(names_of(statement))
        elif isinstance(statement, ast.Return):
            if statement.value is not None and not _is_blank(statement.value, blank):
                return False
        elif not _says_nothing(statement):
            return False
    return True


def _says_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Global() | ast.Nonlocal() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id=name)) | ast.Raise(exc=ast.Call(func=ast.Name(id=name))):
            return name in ("NotImplementedError", "NotImplemented")
    return False


def _is_blank(value: ast.expr, blank: Iterable[str] = ()) -> bool:
    match value:
        case ast.Constant(value=constant):
            return constant is None or constant is ...
        case ast.Name(id=name):
            return name in blank or _PLACEHOLDER.fullmatch(name) is not None
        case ast.Tuple(elts=parts) if parts:
            return all(_is_blank(part, blank) for part in parts)
    return False


def _changes(name: str, node: NotebookNode) -> set[str]:
    """Return the top-level statements that change what `name` stands for, functions with `global` too."""
    return {code for source in _code(node) for changed, code in _changes_in(source) if changed == name}


@lru_cache(maxsize=1024)
def _changes_in(source: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        (name, _normal(statement, piece.text))
        for piece in pieces(source)
        if piece.tree is not None
        for statement in top_level(piece.tree.body)
        for name in changed_by(statement)
    )


def changed_by(statement: ast.stmt) -> Iterator[str]:
    """Return the names whose object a statement changes in place, or declares `global` in a function."""
    for expression in _changed_expressions(statement):
        inner = expression
        while isinstance(inner, ast.Subscript | ast.Attribute):
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield inner.id
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _globals_of(statement)


def _changed_expressions(statement: ast.stmt) -> list[ast.expr]:
    match statement:
        case ast.Assign(targets=targets):
            return [target for target in targets if isinstance(target, ast.Subscript | ast.Attribute)]
        case ast.AugAssign(target=target):
            return [target]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr=method))) if method in _FILLS:
            return [value]
    return []


def names_set_by_functions(node: NotebookNode) -> dict[str, set[str]]:
    """Return for each top-level function the globals it may set: declared `global`, or filled in place."""
    return {name: set(names) for source in _code(node) for name, names in _set_by_functions_in(source)}


@lru_cache(maxsize=1024)
def _set_by_functions_in(source: str) -> tuple[tuple[str, frozenset[str]], ...]:
    found: list[tuple[str, frozenset[str]]] = []
    for piece in pieces(source):
        for statement in top_level(piece.tree.body if piece.tree else ()):
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                filled = {name for inner in top_level(statement.body) for name in changed_by(inner)}
                found.append((statement.name, frozenset(_globals_of(statement) | (filled - _locals_of(statement)))))
    return tuple(found)


def _locals_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return {each.arg for each in arguments} | {name for each in top_level(function.body) for name in names_of(each)}


def _globals_of(function: ast.stmt) -> set[str]:
    return {name for inner in ast.walk(function) if isinstance(inner, ast.Global) for name in inner.names}
