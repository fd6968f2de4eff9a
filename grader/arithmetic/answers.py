"""Numbers that answer a question, read from a dict in a code cell without running it, or from a Markdown table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from grader.arithmetic.numbers import read_number
from grader.arithmetic.trees import Unread, applied

MAX_SOURCE = 200_000
MAX_NODES = 5_000
MAX_DEPTH = 30
_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.FloorDiv: "//",
}  # fmt: skip
_ROW = re.compile(r"^\s*\|?(.*?\|.*?)\|?\s*$")
_RULE = re.compile(r"[\s:|-]+")
_NUMBER = re.compile(r"[^\d\n]{0,40}?(-?\d[\d.,_ ]*\d|\d)\D{0,40}")


def answers_in_code(source: str, name: str) -> Any:
    """Return what the source assigns to a name, as dicts, tuples, texts and exact numbers; None if it cannot be read.

    Expressions of numbers, and of names that were assigned such before, are computed; nothing is called. A value
    inside that cannot be read is None.
    """
    try:
        tree = ast.parse(source[:MAX_SOURCE])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    known: dict[str, Any] = {}
    for target, value in _assignments(tree):
        if isinstance(target, ast.Name):
            known[target.id] = _read(value, known, 0)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            _put(known.get(target.value.id), _read(target.slice, known, 0), _read(value, known, 0))
    return known.get(name)


def _assignments(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    for count, node in enumerate(tree.body):
        if count > MAX_NODES:
            return
        if isinstance(node, ast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield node.target, node.value


def _put(holder: Any, key: Any, value: Any) -> None:
    if isinstance(holder, dict) and isinstance(key, str | Fraction):
        holder[key] = value


def _read(node: ast.expr, known: dict[str, Any], depth: int) -> Any:
    """Return the value of an expression, None where it has anything in it that is no plain value."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(node, ast.Dict):
        keys = [key and _read(key, known, depth + 1) for key in node.keys]
        values = [_read(value, known, depth + 1) for value in node.values]
        return {key: value for key, value in zip(keys, values, strict=True) if isinstance(key, str | Fraction)}
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_read(part, known, depth + 1) for part in node.elts[:MAX_NODES])
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    return _computed(node, known, depth)


def _constant(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return value if isinstance(value, str) else Fraction(str(value))
    except ValueError:
        return None


def _computed(node: ast.expr, known: dict[str, Any], depth: int) -> Fraction | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        parts, sign = [_read(node.operand, known, depth + 1)], "neg" if isinstance(node.op, ast.USub) else ""
    elif isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        parts, sign = [_read(node.left, known, depth + 1), _read(node.right, known, depth + 1)], _SIGNS[type(node.op)]
    else:
        return None
    values = [part for part in parts if isinstance(part, Fraction)]
    if len(values) < len(parts):
        return None
    try:
        if sign == "//":
            return applied("floor", [applied("/", values)])
        return applied(sign, values) if sign else values[0]
    except Unread:
        return None


def answers_in_table(text: str) -> dict[tuple[str, str], Fraction]:
    """Return the numbers of the Markdown tables in a text by (first cell of the row, head of the column)."""
    heads: list[str] = []
    found: dict[tuple[str, str], Fraction] = {}
    for line in text[:MAX_SOURCE].split("\n")[:MAX_NODES]:
        cells = [cell.strip(" *`$") for cell in line.strip().strip("|").split("|")] if "|" in line else []
        if len(cells) < 2:
            heads = []
        elif not heads:
            heads = cells
        elif not _RULE.fullmatch(line):
            for head, cell in zip(heads[1:], cells[1:], strict=False):
                number = _last_number(cell)
                if number is not None:
                    found[cells[0], head] = number
    return found


def _last_number(cell: str) -> Fraction | None:
    """Return the number of a cell, what stands behind its last = where it shows working."""
    match = _NUMBER.fullmatch(cell[:400].rpartition("=")[2].replace("{,}", ",").strip())
    number = read_number(re.sub("[ ]", "", match[1]), german=False) if match else None
    return number.value if number is not None else None
