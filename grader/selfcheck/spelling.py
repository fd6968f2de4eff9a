"""What pieces of code are, by how they are written."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence

from grader.selfcheck import tables


def own_names(statements: Sequence[ast.stmt]) -> set[str]:
    """Return the names that statements bind in the scope they stand in."""
    own: set[str] = set()
    elsewhere: set[str] = set()
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            own.add(node.name)
            continue
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        own.update(bound_in(node))
        if not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return own - elsewhere


def bound_in(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or root(alias.name) for alias in node.names]
    name = getattr(node, "name", None) or getattr(node, "rest", None)
    is_bound = isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping)
    return [name] if is_bound and isinstance(name, str) else []


def is_simple(statement: ast.stmt) -> bool:
    """Whether a statement of a class's body leaves nothing that can change."""
    if isinstance(statement, ast.FunctionDef | ast.Pass) or is_text(statement):
        return True
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    return value is not None and is_constant(value)


def is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(map(is_constant, node.elts))
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def is_number(node: ast.expr, operation: ast.operator) -> bool:
    kinds = (int, float) if isinstance(operation, ast.Add) else (float,)
    return isinstance(node, ast.Constant) and type(node.value) in kinds


def is_operator(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in tables.QUIET_DUNDERS


def is_showing(name: str) -> bool:
    """Whether a method of this name is called where an object is shown."""
    return tables.SHOWING.fullmatch(name) is not None


def is_shown_otherwise(statement: ast.stmt) -> bool:
    """Whether a statement of a class's body has its objects shown by what is no method that stands there."""
    if isinstance(statement, ast.FunctionDef) or not any(map(is_showing, own_names([statement]))):
        return False
    value = getattr(statement, "value", None)
    return not (isinstance(value, ast.Name) and is_showing(value.id))


def is_descriptor(statement: ast.stmt) -> bool:
    """Whether a statement of a class's body makes something that runs when it is looked at."""
    decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef) else []
    names = {each.id if isinstance(each, ast.Name) else "" for each in decorators}
    return not names <= {"staticmethod", "classmethod"}


def is_of_object(method: ast.FunctionDef) -> bool:
    """Whether a method is called on an object, and not on a class, or on nobody knows what."""
    return method.name not in tables.OF_CLASSES and all(map(is_property, method.decorator_list))


def function_of(decorator: ast.expr) -> ast.expr:
    """Return what a decorator is named by, without the arguments it is called with."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def is_property(decorator: ast.expr) -> bool:
    name = getattr(decorator, "attr", None) or getattr(decorator, "id", None)
    return name in tables.PROPERTIES


def is_static(method: ast.FunctionDef) -> bool:
    return [each.id for each in method.decorator_list if isinstance(each, ast.Name)] == ["staticmethod"]


def first_of(function: ast.FunctionDef) -> str:
    """Return the name of a function's first argument by position, "" where there is none."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else ""


def name_under(node: ast.expr) -> str:
    """Return the name at which a chain of attributes and items starts, "" where there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def side_by_side(targets: list[ast.expr], values: list[ast.expr]) -> bool:
    return len(targets) == len(values) and not any(isinstance(each, ast.Starred) for each in [*targets, *values])


def mentions(statements: Sequence[ast.stmt], names: frozenset[str]) -> bool:
    """Whether one of some names is written anywhere, be it a name, an attribute, or imported."""
    for node in (each for statement in statements for each in ast.walk(statement)):
        name = getattr(node, "attr", None) or getattr(node, "id", None)
        if name in names or (isinstance(node, ast.alias) and node.name in names):
            return True
    return False


def may_make_sets(statements: Sequence[ast.stmt]) -> bool:
    """Whether there may be sets, or views of dictionaries that are more than gone through."""
    nodes = [each for statement in statements for each in ast.walk(statement)]
    gone_through = {id(each) for node in nodes for each in _gone_through(node)}
    return mentions(statements, tables.OF_SETS) or any(
        isinstance(node, ast.Set | ast.SetComp) or (_is_view(node) and id(node) not in gone_through) for node in nodes
    )


def may_hold_objects(statements: Sequence[ast.stmt]) -> bool:
    """Whether there may be arrays of objects: `object` is written anywhere but as what a class is made from."""
    nodes = [each for statement in statements for each in ast.walk(statement)]
    bases = {id(base) for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases}
    return any(_is_of_objects(node) for node in nodes if id(node) not in bases)


def _is_of_objects(node: ast.AST) -> bool:
    name = getattr(node, "attr", None) or getattr(node, "id", None)
    return name in tables.OF_OBJECTS or (isinstance(node, ast.Constant) and node.value in tables.OF_OBJECTS)


def _is_view(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in tables.VIEWS


def _gone_through(node: ast.AST) -> Sequence[ast.expr]:
    if isinstance(node, ast.For | ast.comprehension):
        return [node.iter]
    if isinstance(node, ast.Compare):
        return node.comparators
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in tables.GOING_THROUGH:
        return node.args
    return []


def has_more_than(inputs: int | None, arguments: Sequence[ast.expr]) -> bool:
    """Whether there may be more arguments by position than inputs; None is for a function without such a limit."""
    return inputs is not None and (len(arguments) > inputs or any(isinstance(each, ast.Starred) for each in arguments))


def may_change(keyword: ast.keyword) -> bool:
    """Whether an argument by name may have what is called change what it is given."""
    name, value = keyword.arg, keyword.value
    if name is None:
        return True
    if isinstance(value, ast.Constant) and value.value is tables.CHANGING_KEYWORDS.get(name, False):
        return False
    return name in tables.CHANGING_KEYWORDS or name.startswith(tables.CHANGING_PREFIX)


def root(dotted: str) -> str:
    return dotted.partition(".")[0]
