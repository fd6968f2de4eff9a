"""Which names of its module a piece of Python uses: those it reads and does not bind itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def free_names(node: ast.AST) -> set[str]:
    """Return the names a statement or expression may look up in its module; built-in ones are among them."""
    match node:
        case ast.Name(id=name, ctx=context):
            return set() if isinstance(context, ast.Store) else {name}
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _of_function(node)
        case ast.Lambda(args=given, body=body):
            return _of_all(_outside(given)) | (free_names(body) - _parameters(given))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _of_all(ast.iter_child_nodes(node)) - _bound([each.target for each in node.generators])
    return _of_all(ast.iter_child_nodes(node))


def spelled_annotations(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the annotations that are written as texts, read."""
    for inner in ast.walk(node):
        given = getattr(inner, "annotation", None), getattr(inner, "returns", None)
        for each in filter(None, given):
            for part in ast.walk(each):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    try:
                        yield ast.parse(part.value, mode="eval").body
                    except SyntaxError:
                        continue  # a text in Literal["…"]


def _of_all(nodes: Iterable[ast.AST]) -> set[str]:
    return set().union(*map(free_names, nodes))


def _of_function(node: Function) -> set[str]:
    """Return the names of the head, and those of the body that are not its own."""
    head = [*node.decorator_list, *_outside(node.args), *filter(None, [node.returns])]
    said = {name for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names}
    own = (_parameters(node.args) | _bound(node.body)) - said
    return _of_all(head) | said | (_of_all(node.body) - own)


def _outside(given: ast.arguments) -> list[ast.expr]:
    """Return what of the parameters is looked up outside of the function: defaults and annotations."""
    return [*given.defaults, *filter(None, given.kw_defaults), *(a.annotation for a in _each(given) if a.annotation)]


def _each(given: ast.arguments) -> list[ast.arg]:
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]


def _parameters(given: ast.arguments) -> set[str]:
    return {each.arg for each in _each(given)}


def _bound(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that statements bind in their own scope; functions and classes inside keep theirs."""
    found: set[str] = set()
    for node in nodes:
        found |= _bound_by(node)
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda | Comprehension):
            found |= _bound(ast.iter_child_nodes(node))
    return found


def _bound_by(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {alias.asname or alias.name.partition(".")[0] for alias in aliases}
    return set()


def bound_names(node: ast.stmt) -> set[str]:
    """Return the names a statement at the top of a module binds."""
    return _bound([node])
