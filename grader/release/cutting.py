"""The text of what stays of a module: its lines as they were, without those of everything else."""

from __future__ import annotations

import ast

from grader.release.reach import Reached
from grader.release.sources import Module, Unit

WIDTH = 120
NEUTRAL = '"""What the public checks need."""'
FUTURE = "__future__"


def cut(module: Module, reached: Reached) -> str:
    """Return a module with only what is reached.

    Comments stay inside what stays and right above it. Where anything but an import was left out, so is the docstring:
    it may speak of that.
    """
    kept = [unit for unit in module.units if unit in reached.units or unit in reached.imported or _is_future(unit)]
    whole = all(unit.is_import or unit in reached.units for unit in module.units)
    text = _docstring(module) if whole else NEUTRAL
    for number, unit in enumerate(kept):
        names = reached.imported.get(unit)
        written = unit.text if names is None or names >= unit.names else _import(unit, names)
        blank = _blank_above(unit) if number or text else 0
        blank = max(blank, 1) if not number else blank
        text += "\n" * (blank + 1 if text else 0) + written
    return text + "\n"


def _docstring(module: Module) -> str:
    if module.docstring is None:
        return ""
    return "\n".join(module.lines[module.docstring.lineno - 1 : module.docstring.end_lineno])


def _is_future(unit: Unit) -> bool:
    node = unit.nodes[0]
    return isinstance(node, ast.ImportFrom) and node.module == FUTURE


def _blank_above(unit: Unit) -> int:
    """Return how many blank lines, at most two, are to be above a unit: those that were there, and two for a `def`."""
    at = unit.first
    while at > 0 and not unit.module.lines[at - 1].strip():
        at -= 1
    return 2 if isinstance(unit.nodes[0], ast.FunctionDef | ast.ClassDef) else min(unit.first - at, 2)


def _import(unit: Unit, names: set[str]) -> str:
    """Return an import of some of its names only."""
    node = unit.nodes[0]
    assert isinstance(node, ast.Import | ast.ImportFrom)  # noqa: S101 - only imports have names of their own
    aliases = [each for each in node.names if (each.asname or each.name.partition(".")[0]) in names]
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(names=aliases))
    line = ast.unparse(ast.ImportFrom(module=node.module, names=aliases, level=node.level))
    if len(line) <= WIDTH:
        return line
    parts = "".join(f"    {ast.unparse(each)},\n" for each in aliases)
    return f"from {node.module} import (\n{parts})"
