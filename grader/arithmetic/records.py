"""What comes out: a verdict for every equality."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from grader.arithmetic.trees import Tree


class Verdict(enum.StrEnum):
    """What recomputing an equality came to."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNREAD = "not read"


@dataclass(frozen=True, kw_only=True)
class Equality:
    """Two sides with = or ≈ between them, as written; values where they could be read, and why they could not."""

    text: str
    line: int
    verdict: Verdict
    left: Fraction | None = None
    right: Fraction | None = None
    why: str = ""
    remark: str = ""
    trees: tuple[Tree, Tree] | None = field(default=None, repr=False, compare=False)

    @property
    def difference(self) -> Fraction | None:
        """Right minus left."""
        return None if self.left is None or self.right is None else self.right - self.left

    @property
    def ratio(self) -> Fraction | None:
        """Right by left."""
        return None if not self.left or self.right is None else self.right / self.left

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.verdict is Verdict.FAILS and self.left is not None and self.right is not None:
            return f"the left side is {shown(self.left)}, the right side {shown(self.right)}"
        return self.why or self.remark


def first_false(found: Iterable[Equality]) -> Equality | None:
    """Return the first equality that does not hold."""
    return next((one for one in found if one.verdict is Verdict.FAILS), None)


def shown(value: Fraction) -> str:
    """Return a number for people: whole numbers with thousands apart, others with up to eight digits."""
    if value.denominator == 1 and abs(value) < 10**30:
        return f"{value.numerator:,}"
    try:
        return f"{float(value):,.8g}"
    except OverflowError:
        return "a very large number"
