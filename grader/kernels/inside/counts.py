"""Row counts typed into a notebook: `x_train.reshape(60000, 784)` works on the original data, and not on fewer rows.

Where a call of `reshape` begins with the number of rows of an original data set, and the served one has another
number, the number is taken for "all rows": the notebook runs as it is, and the journal says so.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.kernels.inside.journal import Journal
    from grader.kernels.inside.served import Store

ORIGINAL = (60_000, 50_000, 10_000)


class Counts(ast.NodeTransformer):
    """Rewrites the first number of a new shape, in cells only, where no served data set has so many rows."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store, self._journal = store, journal
        self._known: frozenset[int] = frozenset()

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Rewrite `x.reshape(60000, …)`, `x.reshape((60000, …))` and `np.reshape(x, (60000, …))`."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "reshape" and node.args:
            self._rewrite(node.args, node.func.value)
            for place, rows in enumerate((node.func.value, node.args[0])):  # x.reshape(shape), np.reshape(x, shape)
                shape = node.args[place] if place < len(node.args) else None
                if isinstance(shape, ast.Tuple | ast.List):
                    self._rewrite(shape.elts, rows)
        return node

    def _rewrite(self, sizes: list[ast.expr], rows: ast.expr) -> None:
        first = sizes[0] if sizes else None
        if not isinstance(first, ast.Constant) or first.value not in ORIGINAL or first.value in self._counts():
            return
        has_free = any(isinstance(size, ast.UnaryOp) for size in sizes[1:])
        if has_free and not isinstance(rows, ast.Name):
            return
        all_rows = "-1" if not has_free else f"len({rows.id})"  # type: ignore[attr-defined]
        sizes[0] = ast.copy_location(ast.parse(all_rows, mode="eval").body, first)
        for part in ast.walk(sizes[0]):
            ast.copy_location(part, first)
        self._journal.note(f"`reshape({first.value}, …)` was taken for all rows: fewer are served here")

    def _counts(self) -> frozenset[int]:
        """Return how many rows the served parts have; where nothing is served, every number is a right one."""
        self._known = self._known or self._store.counts() or frozenset(ORIGINAL)
        return self._known
