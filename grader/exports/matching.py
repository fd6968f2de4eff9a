"""Whose row is whose: entries and rows of a table are brought together by what both know, and never by a guess.

Both sides have keys of several kinds, the surest kind first. The first kind that leads anywhere decides: to one row
that nobody else asks for, or to nothing.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Keys = Sequence[Sequence[str]]  # of one entry or row: for every kind those it goes by; the empty text is unknown


@dataclass(frozen=True)
class Matches:
    """Entries and rows by number: the row of an entry, entries that may have several rows, and those that have none."""

    rows: Mapping[int, int] = field(default_factory=dict)
    ambiguous: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()


def match(entries: Sequence[Keys], rows: Mapping[int, Keys]) -> Matches:
    """Return which entry has which row.

    A row that several entries ask for goes to the one with the surer key, and to none when there are two of those.
    Where both sides know the surest key and it differs, they are two people, whatever their names are.
    """
    index: dict[tuple[int, str], set[int]] = defaultdict(set)
    for place, keys in rows.items():
        for kind, own in enumerate(keys):
            for key in own:
                index[kind, key].add(place)
    candidates = [_candidates(keys, rows, index) for keys in entries]
    asked: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, (kind, places) in enumerate(candidates):
        if len(places) == 1:
            asked[next(iter(places))].append((kind, number))
    found: dict[int, int] = {}
    for place, asking in asked.items():
        surest = [number for kind, number in asking if kind == min(asking)[0]]
        if len(surest) == 1:
            found[surest[0]] = place
    return Matches(
        rows=found,
        ambiguous=tuple(number for number, (_, places) in enumerate(candidates) if places and number not in found),
        unknown=tuple(number for number, (_, places) in enumerate(candidates) if not places),
    )


def _candidates(
    keys: Keys, rows: Mapping[int, Keys], index: Mapping[tuple[int, str], set[int]]
) -> tuple[int, set[int]]:
    """Return the first kind of key that leads anywhere, and the rows it leads to."""
    surest = set(filter(None, keys[0]))
    for kind, own in enumerate(keys):
        places = set().union(*(index.get((kind, key), set()) for key in own if key))
        if kind and surest:
            places = {place for place in places if not any(rows[place][0])}
        if places:
            return kind, places
    return len(keys), set()


def same(text: str) -> str:
    """Return what two spellings of a key share: case, composition of letters and width of spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def same_name(name: str) -> str:
    """Return the same for 'Alice Smith' and 'Smith, Alice'."""
    last, comma, first = name.partition(",")
    return same(f"{first} {last}" if comma else name)
