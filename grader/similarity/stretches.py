"""The stretches of code that two notebooks share, for showing them side by side."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from grader.similarity.tokens import Token
from grader.similarity.winnowing import CELL, END, GRAM, ORDER, START, Hashes, Prints

MOST_TRIED = 5  # places where a stretch that occurs several times may go on longest
Cells = Mapping[int, Sequence[Token]]  # by index in the notebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of the source of a cell, in characters."""

    cell: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Code that is the same in both, names, numbers and texts apart."""

    first: Place
    second: Place


def stretches(first: Prints, second: Prints, rare: Hashes) -> tuple[Stretch, ...]:
    """Return what both share, in the order of the first; what holds only fingerprints that many have is left out."""
    one, two = _Side(first), _Side(second)
    telling = set(rare[np.isin(rare, first.hashes)].tolist())
    found: list[Stretch] = []
    done = -1
    for start, (hashed, row) in enumerate(zip(one.hashes, one.rows, strict=True)):
        if row[ORDER] <= done:
            continue
        others = [other for other in two.having.get(hashed, ()) if other not in two.used]
        chain = max((_chain(one, start, two, other) for other in others[:MOST_TRIED]), key=len, default=[])
        if telling.isdisjoint(one.hashes[mine] for mine, _ in chain):
            continue
        done = one.rows[chain[-1][0]][ORDER]
        two.used.update(theirs for _, theirs in chain)
        found.append(Stretch(first=one.place(chain[0][0], chain[-1][0]), second=two.place(chain[0][1], chain[-1][1])))
    return tuple(found)


def grown(found: Iterable[Stretch], first: Cells, second: Cells) -> list[Stretch]:
    """Return the stretches as long as they can be: fingerprints begin and end up to a window too late and too early.

    What has become part of the stretch before it is left out.
    """
    stretches: list[Stretch] = []
    for one in found:
        before = stretches[-1].first if stretches else None
        done = before.end if before is not None and before.cell == one.first.cell else 0
        if one.first.end > done:
            stretches.append(_grown(one, first[one.first.cell], second[one.second.cell], done))
    return stretches


def _grown(one: Stretch, first: Sequence[Token], second: Sequence[Token], done: int) -> Stretch:
    """Return the stretch with the like tokens around it, in the first notebook none from before `done`."""
    i, i_last = _numbers(first, one.first)
    j, j_last = _numbers(second, one.second)
    while i > 0 and j > 0 and first[i - 1].kind == second[j - 1].kind and first[i - 1].start >= done:
        i, j = i - 1, j - 1
    ends = zip(first[i_last + 1 :], second[j_last + 1 :], strict=False)
    n_more = sum(1 for _ in takewhile(lambda both: both[0].kind == both[1].kind, ends))
    return Stretch(
        first=replace(one.first, start=first[i].start, end=first[i_last + n_more].end),
        second=replace(one.second, start=second[j].start, end=second[j_last + n_more].end),
    )


def _numbers(cell: Sequence[Token], place: Place) -> tuple[int, int]:
    """Return the indices of the first and the last token of a place."""
    first = bisect_left(cell, place.start, key=lambda token: token.start)
    return first, bisect_left(cell, place.end, key=lambda token: token.end)


class _Side:
    """The fingerprints of a notebook, to be found by hash and by place."""

    def __init__(self, prints: Prints) -> None:
        self.hashes: list[int] = prints.hashes.tolist()
        self.rows: list[list[int]] = prints.places.tolist()
        self.at = {row[ORDER]: index for index, row in enumerate(self.rows)}
        self.having: dict[int, list[int]] = {}
        for index, hashed in enumerate(self.hashes):
            self.having.setdefault(hashed, []).append(index)
        self.used: set[int] = set()

    def place(self, first: int, last: int) -> Place:
        return Place(cell=self.rows[first][CELL], start=self.rows[first][START], end=self.rows[last][END])


def _chain(one: _Side, mine: int, two: _Side, theirs: int) -> list[tuple[int, int]]:
    """Return the fingerprints from here on that stand at the same distances in both, without a gap between them."""
    chain = [(mine, theirs)]
    shift = two.rows[theirs][ORDER] - one.rows[mine][ORDER]
    for later in range(mine + 1, len(one.rows)):
        row, last = one.rows[later], one.rows[chain[-1][0]]
        if row[ORDER] - last[ORDER] > GRAM or row[CELL] != last[CELL]:
            break
        other = two.at.get(row[ORDER] + shift)
        if other is not None and _same(one, later, two, other) and two.rows[other][CELL] == two.rows[theirs][CELL]:
            chain.append((later, other))
    return chain


def _same(one: _Side, mine: int, two: _Side, theirs: int) -> bool:
    return one.hashes[mine] == two.hashes[theirs] and theirs not in two.used
