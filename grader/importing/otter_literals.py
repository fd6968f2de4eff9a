"""Values that a piece of Python writes down, found without running it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

MAX_LENGTH = 1_000_000  # of a text or a list that is put together
JOINING: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class NotWrittenDown(Exception):
    """An expression has to be run for its value; `line` is where it stands."""

    line: int = 0

    @classmethod
    def at(cls, node: ast.AST, why: str) -> NotWrittenDown:
        """Say what stands where, and why it is no value."""
        error = cls(why)
        error.line = getattr(node, "lineno", 0)
        return error


def value_of(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return the value of an expression: literals, f-strings, sums and products of them, and names known before.

    Raises NotWrittenDown for everything else.
    """
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    read = READERS.get(type(node))
    if read is None:
        raise NotWrittenDown.at(node, f"`{_short(node)}` is no value that can be read without running it")
    return read(node, names)


def _dict(node: ast.Dict, names: Mapping[str, Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            raise NotWrittenDown.at(value, f"`**{_short(value)}` cannot be read without running it")
        name = value_of(key, names)
        if not isinstance(name, str | int | float):
            raise NotWrittenDown.at(key, f"`{_short(key)}` is no key")
        found[name] = value_of(value, names)
    return found


def _unary(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    value = value_of(node.operand, names)
    if isinstance(node.op, ast.Not):
        return not value
    if isinstance(node.op, ast.Invert) or not isinstance(value, int | float):
        raise NotWrittenDown.at(node, f"`{_short(node)}` is no number")
    return -value if isinstance(node.op, ast.USub) else value


def _joined(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    left, right = value_of(node.left, names), value_of(node.right, names)
    join = JOINING.get(type(node.op))
    if join is None or not _small(node.op, left, right):
        raise NotWrittenDown.at(node, f"`{_short(node)}` is not put together here")
    try:
        return join(left, right)
    except (TypeError, ArithmeticError) as error:
        raise NotWrittenDown.at(node, f"`{_short(node)}`: {error}") from error


def _small(kind: ast.operator, left: Any, right: Any) -> bool:
    sizes = [len(value) for value in (left, right) if hasattr(value, "__len__")]
    numbers = [abs(value) for value in (left, right) if isinstance(value, int | float)]
    if isinstance(kind, ast.Mult) and sizes and numbers:
        return sizes[0] * numbers[0] <= MAX_LENGTH
    return sum(sizes) <= MAX_LENGTH and all(number < 1e100 for number in numbers)


def _piece(part: ast.expr, names: Mapping[str, Any]) -> str:
    """Return a part of an f-string; one with a format or a conversion has to be run."""
    if isinstance(part, ast.FormattedValue):
        value = value_of(part.value, names)
        plain = part.format_spec is None and part.conversion == -1
        if not plain or not isinstance(value, str | int | float):
            raise NotWrittenDown.at(part, "an f-string with a format has to be run")
        return str(value)
    return str(value_of(part, names))


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


READERS: Mapping[type[ast.expr], Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Constant: lambda node, _: node.value,
    ast.List: lambda node, names: [value_of(item, names) for item in node.elts],
    ast.Tuple: lambda node, names: tuple(value_of(item, names) for item in node.elts),
    ast.Dict: _dict,
    ast.UnaryOp: _unary,
    ast.BinOp: _joined,
    ast.JoinedStr: lambda node, names: "".join(_piece(part, names) for part in node.values),
}
