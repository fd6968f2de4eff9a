"""What each case of an otter test is worth.

Points may stand with the whole test, with its cases, or with neither. What is said for a case counts; what is left of
the test's total is shared equally by the cases that say nothing. Without a total, cases that say nothing are worth
nothing, unless no case is worth anything: then the test is worth one point, which they share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

NOISE = 1e-9  # 0.1 + 0.2 fits into 0.3


def resolve(total: Any, given: Sequence[Any]) -> tuple[float, ...]:
    """Return the points of each case.

    `total` is what the test says: a number, a list with one entry per case (which counts instead of what the cases
    say), or None; `given` is what each case says, None where it says nothing. Raises ValueError with the reason when
    these are no points, or do not fit together.
    """
    if isinstance(total, list | tuple):
        if len(total) != len(given):
            raise ValueError(f"`points` lists {len(total)} numbers, and there are {len(given)} cases")
        total, given = None, total
    points = [None if value is None else _points(value) for value in given]
    said = sum(value for value in points if value is not None)
    silent = points.count(None)
    left = _left(total, said)
    share = left / silent if silent else 0.0
    return tuple(share if value is None else value for value in points)


def _left(total: Any, said: float) -> float:
    """Return what the cases that say nothing share."""
    if total is None:
        return 0.0 if said else 1.0
    left = _points(total) - said
    if left < -NOISE:
        raise ValueError(f"its cases are worth {said:g} points together, and the test only {total:g}")
    return max(left, 0.0)


def _points(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"points are numbers, not {value!r}")
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"points are numbers from 0 on, not {value!r}")
    return float(value)
