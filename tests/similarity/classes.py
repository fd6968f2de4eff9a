"""Classes made up for measuring: students who worked alone, and copies planted among them.

Every student is put together from functions of the samples of `backprop`, one of a dozen for each, written again with
other habits (`a @ b` or `np.dot(a, b)`, `x -= y` or `x = x - y`, results named before they are returned). So students
who worked alone share more than in a real class: on average every twelfth function.

    PYTHONPATH=tests python tests/similarity/classes.py

prints the table of docs/similarity.md.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations

import hands
import numpy as np
from notebooks import notebook

from grader.similarity import Pair, fingerprints, handed_out, pairs, similar
from grader.similarity.tokens import tokens

FUNCTIONS = [
    *("box_network", "approximate", "softmax", "softmax_jacobian", "sigmoid", "dsigmoid", "cross_entropy_loss"),
    *("integer_to_one_hot", "feed_forward_sample", "feed_forward_dataset", "train_one_sample", "train_one_epoch"),
]
OTHER_CODE = 5  # pieces that are no function of the homework
HABIT = 0.35  # how often what can be written otherwise is
COPIES = 2  # of each kind in a class
RING = 6
Cells = list[str]
Names = tuple[str, str]


class Rewrite(ast.NodeTransformer):
    """Writes some of what can be written otherwise otherwise."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def chance(self, odds: float = 1.0) -> bool:
        return self.rng.random() < odds * HABIT

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.MatMult) and self.chance():
            return ast.Call(ast.Attribute(ast.Name("np"), "dot"), [node.left, node.right], [])
        if isinstance(node.op, ast.Add | ast.Mult) and self.chance(0.5):
            return ast.BinOp(node.right, node.op, node.left)
        return node

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        value = ast.BinOp(node.target, node.op, node.value)
        return ast.Assign([node.target], value, lineno=0) if self.chance() else node

    def visit_Return(self, node):
        self.generic_visit(node)
        if node.value is None or isinstance(node.value, ast.Name) or not self.chance(0.5):
            return node
        return [ast.Assign([ast.Name("out")], node.value, lineno=0), ast.Return(ast.Name("out"))]

    def visit_Assign(self, node):
        self.generic_visit(node)
        if not isinstance(node.value, ast.BinOp) or not self.chance(0.3):
            return node
        rest = ast.BinOp(ast.Name("part"), node.value.op, node.value.right)
        first = ast.Assign([ast.Name("part")], node.value.left, lineno=0)
        return [first, ast.Assign(node.targets, rest, lineno=0)]


def rewritten(cells: Cells, rng: np.random.Generator) -> Cells:
    """Return the cells with other habits."""
    trees = [hands.parsed(cell) for cell in cells]
    return [
        ast.unparse(ast.fix_missing_locations(Rewrite(rng).visit(tree))) if tree else cell
        for tree, cell in zip(trees, cells, strict=True)
    ]


@cache
def ways() -> tuple[dict[str, Cells], Cells]:
    """Return every way the samples write each function, and their other code, each once."""
    found: dict[str, dict[str, str]] = {name: {} for name in FUNCTIONS}
    others: Cells = []
    for cell in (cell for cells in hands.independent().values() for cell in cells):
        tree = hands.parsed(cell)
        body = tree.body if tree else []
        for statement in body:
            if isinstance(statement, ast.FunctionDef) and statement.name in found:
                source = ast.unparse(statement)
                shape = " ".join(token.kind for token in tokens([source])[0])
                found[statement.name].setdefault(shape, source)
        plain = ast.FunctionDef | ast.Import | ast.ImportFrom
        rest = "\n".join(ast.unparse(statement) for statement in body if not isinstance(statement, plain))
        if len(rest) > 150:
            others.append(rest)
    return {name: list(shapes.values()) for name, shapes in found.items()}, others


def alone(rng: np.random.Generator) -> Cells:
    """Return the cells of somebody who worked alone."""
    functions, others = ways()
    parts = rewritten([str(rng.choice(functions[name])) for name in FUNCTIONS], rng)
    cuts = sorted(rng.choice(np.arange(1, len(parts)), 6, replace=False).tolist())
    cells = ["\n\n".join(parts[a:b]) for a, b in zip([0, *cuts], [*cuts, len(parts)], strict=True)]
    for piece in rewritten([str(each) for each in rng.choice(others, OTHER_CODE, replace=False)], rng):
        cells.insert(int(rng.integers(len(cells) + 1)), piece)
    return cells


def part_of(share: float) -> Callable[[Cells, np.random.Generator], Cells]:
    """Return what copies a share of the cells under other names, and does the rest alone."""

    def copied(cells: Cells, rng: np.random.Generator) -> Cells:
        count = round(len(cells) * share)
        own = alone(rng)
        taken = sorted(rng.choice(len(cells), count, replace=False).tolist())
        return own[: len(own) - count] + hands.renamed([cells[i] for i in taken])

    return copied


KINDS: dict[str, Callable[[Cells, np.random.Generator], Cells]] = {
    "comments and layout changed": lambda cells, rng: hands.commented(cells),
    "everything renamed": lambda cells, rng: hands.renamed(cells),
    "renamed, functions in another order": lambda cells, rng: hands.moved(hands.renamed(cells)),
    "renamed and a third of what can be rewritten": lambda cells, rng: hands.renamed(rewritten(cells, rng)),
    "half of the cells, renamed": part_of(0.5),
    "a third of the cells, renamed": part_of(0.33),
    "a quarter of the cells, renamed": part_of(0.25),
    "a ring of six": lambda cells, rng: hands.moved(hands.renamed(cells), int(rng.integers(99))),
}
WHOLE = list(KINDS)[:4]


def made(count: int, seed: int) -> tuple[dict[str, Cells], dict[Names, str]]:
    """Return a class with `count` students who worked alone, and the pairs to be found by what was done."""
    rng = np.random.default_rng(seed)
    everybody = {f"s{number:03d}": alone(rng) for number in range(count)}
    victims = iter(rng.permutation(list(everybody)).tolist())
    planted: dict[Names, str] = {}
    for kind, change in KINDS.items():
        in_ring = kind == "a ring of six"
        for _ in range(1 if in_ring else COPIES):
            group = [next(victims)]
            for number in range(RING - 1 if in_ring else 1):
                name = f"c{len(everybody):03d}-{number}"
                everybody[name] = change(everybody[group[0]], rng)
                group.append(name)
            planted |= dict.fromkeys(combinations(sorted(group), 2), kind)
    return everybody, planted


def found_in(everybody: dict[str, Cells]) -> list[Pair]:
    """Return the pairs found in a class."""
    given = handed_out(hands.master())
    return similar({name: fingerprints(notebook(*cells), given) for name, cells in everybody.items()})


def table(seeds: range, sizes: tuple[int, ...] = (30, 60, 150)) -> Iterator[str]:
    """Yield the lines of what is found at some bounds."""
    bounds = (0.3, 0.35, 0.4, 0.45, 0.5)
    pairs.BOUND = min(bounds)
    hits = {bound: {kind: [0, 0] for kind in KINDS} for bound in bounds}
    for size in sizes:
        classes = [made(size, seed) for seed in seeds]
        shares = [{(p.first, p.second): p.share for p in found_in(everybody)} for everybody, _ in classes]
        for bound in bounds:
            false = 0
            for share, (_, planted) in zip(shares, classes, strict=True):
                false += sum(at >= bound for names, at in share.items() if names not in planted)
                for names, kind in planted.items():
                    hits[bound][kind][0] += share.get(names, 0) >= bound
                    hits[bound][kind][1] += 1
            yield f"{size} students, bound {bound}: {false} wrong pairs in {len(seeds)} classes"
    for bound in bounds:
        yield f"bound {bound}: " + ", ".join(f"{kind} {found}/{of}" for kind, (found, of) in hits[bound].items())


if __name__ == "__main__":
    for line in table(range(100, 106)):
        print(line)  # noqa: T201
