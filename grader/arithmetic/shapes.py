"""Products that say how large something is: `28×28×32`, `30 = 30×30×16`, `3x3 conv = 32 filters`."""

from __future__ import annotations

from collections.abc import Sequence

from grader.arithmetic.trees import Operand, Tree, factors
from grader.arithmetic.words import COUNTED, SHAPED


def may_be_shape(left: Tree, right: Tree, named: Sequence[str], counted: Sequence[str]) -> bool:
    """Tell whether a side may be a shape rather than a product; `named` stands behind the left, `counted` the right."""
    sides = [factors(left), factors(right)]
    for side, other, tree in ((sides[0], sides[1], right), (sides[1], sides[0], left)):
        if side is None or not 2 <= len(side) <= 5 or not _small(side):
            continue
        if isinstance(tree, Operand) and any(one.value == tree.value for one in side):
            return True
        if other is not None and len(other) >= 2 and _small(other) and (_square(side) or _square(other)):
            return True
    two = all(side is not None and _small(side) for side in sides) and max(len(s) for s in sides if s is not None) > 1
    return two and any(word in SHAPED for word in named) and not any(word in COUNTED - SHAPED for word in counted)


def _small(side: Sequence[Operand]) -> bool:
    return all(one.value.denominator == 1 and 0 < one.value <= 100_000 for one in side)


def _square(side: Sequence[Operand]) -> bool:
    return len(side) >= 2 and side[0].value == side[1].value
