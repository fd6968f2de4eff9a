"""A class of students for the tests: the samples of one homework, and copies of them made on purpose."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from notebooks import notebook

from grader.config import Limits
from grader.errors import SubmissionError
from grader.notebook import read_notebook

ROOT = Path(__file__).parents[2]
BYTES = Limits().notebook_bytes
ONLY_KERAS = {"finn", "gitta", "hugo", "klara"}  # one notebook with four mistakes


@cache
def master():
    """Return the notebook that was handed out."""
    return read_notebook(ROOT / "assignments" / "backprop" / "backprop.ipynb", max_bytes=BYTES).node


@cache
def independent():
    """Return the code of the samples of `backprop` that were written one by one, by name."""
    found = {}
    for facts in sorted((ROOT / "submissions").glob("*.toml")):
        if tomllib.loads(facts.read_text("utf-8"))["assignment"] == "backprop" and facts.stem not in ONLY_KERAS:
            try:
                node = read_notebook(facts.with_suffix(".ipynb"), max_bytes=BYTES).node
            except SubmissionError:
                continue
            found[facts.stem] = tuple(cell.source for cell in node.cells if cell.cell_type == "code")
    return found


def renamed(cells, stem="other"):
    """Return the cells with other names for all they define, other texts, no comments, and laid out by a machine."""
    trees = [parsed(cell) for cell in cells]
    own = sorted({name for tree in trees if tree for name in defined(tree)})
    change = Rename({name: f"{stem}_{number}" for number, name in enumerate(own)})
    return [ast.unparse(change.visit(tree)) if tree else cell for tree, cell in zip(trees, cells, strict=True)]


def moved(cells, seed=0):
    """Return the cells in another order, each function in a cell of its own."""
    pieces = []
    for cell in cells:
        tree = parsed(cell)
        pieces += [ast.unparse(statement) for statement in tree.body] if tree else [cell]
    joined = ["\n".join(pieces[i : i + 2]) for i in range(0, len(pieces), 2)]
    return [joined[i] for i in np.random.default_rng(seed).permutation(len(joined))]


def commented(cells):
    """Return the cells with a remark behind every other line that can have one."""
    return ["\n".join(_with_remark(number, line) for number, line in enumerate(cell.split("\n"))) for cell in cells]


def _with_remark(number, line):
    plain = line.strip() and not line.rstrip().endswith("\\") and '"""' not in line and number % 2
    return f"{line}  # as we said in step {number}" if plain else line


def parsed(cell):
    """Return the syntax tree of a cell, None where it is no plain Python."""
    try:
        return ast.parse(cell)
    except SyntaxError:
        return None


def defined(tree):
    """Return the names a cell gives to something itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


class Rename(ast.NodeTransformer):
    """Gives names that a notebook defined new ones."""

    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.names.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node):
        node.name = self.names.get(node.name, node.name)
        self.generic_visit(node)
        return node

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            node.value = f"{node.value} too"
        return node


def notebooks(cells_by_name):
    """Return notebooks by name."""
    return {name: notebook(*cells) for name, cells in cells_by_name.items()}
