"""Which notebooks of a class share more than others do.

An inverted index leads from a fingerprint to the notebooks that have it. A fingerprint weighs the more the fewer have
it (log of the class by how many), so idioms of the field and of the lecture count little; what too many have counts
nothing. The bounds below were found by measurement, see docs/similarity.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.similarity.stretches import Stretch, stretches
from grader.similarity.winnowing import NOTHING, Hashes, Prints

BOUND = 0.45  # of the weight of one of the two
LEAST = 10  # fingerprints in common: less is a coincidence, or a very small homework
MOST_PAIRS = 1000
COMMON = 0.3  # of the class: what more than that have counts nothing
FEW, MANY = 10, 100  # notebooks that are never, and that are always, too many to count
Progress = Callable[[int, int], None]  # hears how many of how many are done


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two notebooks that share code: `first_share` is how much of the first one's own is in the second."""

    first: str
    second: str
    first_share: float
    second_share: float
    stretches: tuple[Stretch, ...]

    @property
    def share(self) -> float:
        """The larger of the two shares."""
        return max(self.first_share, self.second_share)


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """The fingerprints of a class: each is a number, `known[number]` its hash."""

    known: Hashes
    weights: NDArray[np.float64]  # by number; 0 for what too many have
    owners: NDArray[np.int32]  # who has number 0, then who has number 1, ...
    starts: NDArray[np.int64]  # where in `owners` those of a number begin, and at last its length
    numbers: list[NDArray[np.int64]]  # by notebook
    totals: NDArray[np.float64]  # weight of all that is a notebook's own


def similar(prints: Mapping[str, Prints], progress: Progress = lambda done, total: None) -> list[Pair]:
    """Return the pairs that share much, the largest share first; at most `MOST_PAIRS` of them.

    `progress` hears how many notebooks of how many have been compared with the others.
    """
    names = sorted(prints)
    index = _indexed([prints[name] for name in names])
    found: list[tuple[float, int, int, float, float]] = []
    for first in range(len(names)):
        for second, mine, theirs in _alike(index, first):
            found.append((-max(mine, theirs), first, second, mine, theirs))
        progress(first + 1, len(names))
    rare = index.known[index.weights > 0]
    return [
        Pair(
            first=names[first],
            second=names[second],
            first_share=mine,
            second_share=theirs,
            stretches=stretches(prints[names[first]], prints[names[second]], rare),
        )
        for _, first, second, mine, theirs in sorted(found)[:MOST_PAIRS]
    ]


def _indexed(prints: list[Prints]) -> _Index:
    sets = [np.unique(each.hashes) for each in prints]
    sizes = np.array([len(each) for each in sets], np.int64)
    everything = np.concatenate([NOTHING, *sets])
    known, numbers, counts = np.unique(everything, return_inverse=True, return_counts=True)
    limit = min(max(FEW, COMMON * len(prints)), MANY)
    weights = np.where(counts <= limit, np.log((len(prints) + 1) / counts), 0.0)
    whose = np.repeat(np.arange(len(prints), dtype=np.int32), sizes)
    return _Index(
        known=known,
        weights=weights,
        owners=whose[np.argsort(numbers, kind="stable")],
        starts=np.concatenate([[0], np.cumsum(counts)]),
        numbers=np.split(numbers, np.cumsum(sizes))[: len(prints)],
        totals=np.bincount(whose, weights[numbers], len(prints)).astype(np.float64),
    )


def _alike(index: _Index, first: int) -> Iterator[tuple[int, float, float]]:
    """Yield those behind the first that share enough with it, and how much of either one's own that is."""
    shared, counts = _shared(index, first)
    with np.errstate(divide="ignore", invalid="ignore"):  # who has nothing of their own shares nothing
        mine, theirs = shared / index.totals[first], shared / index.totals
        enough = (np.fmax(mine, theirs) >= BOUND) & (counts >= LEAST)
    for second in np.flatnonzero(enough).tolist():
        if second > first:
            yield second, min(1.0, float(mine[second])), min(1.0, float(theirs[second]))


def _shared(index: _Index, first: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return by notebook the weight and the number of the fingerprints it shares with the first."""
    numbers = index.numbers[first]
    numbers = numbers[index.weights[numbers] > 0]
    starts = index.starts[numbers]
    counts = index.starts[numbers + 1] - starts
    behind = np.cumsum(counts)
    where = np.repeat(starts - behind + counts, counts) + np.arange(behind[-1] if len(behind) else 0)
    others = index.owners[where]
    n = len(index.totals)
    weights = np.bincount(others, np.repeat(index.weights[numbers], counts), n)
    return weights.astype(np.float64), np.bincount(others, minlength=n)
