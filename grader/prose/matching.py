"""Whether a sentence says something: all words of one way of saying it, and negated as it asks.

A word counts as negated when an odd number of negations stands among the three words before it (in German and Hindi
after it, too) with no comma or "but" between. That sees "does not saturate"; it does not see irony, conditions,
"it is wrong that ...", or a negation farther away.
"""

from __future__ import annotations

import enum
from functools import lru_cache

from grader.prose.rubric import EITHER_WAY, NEGATIONS
from grader.prose.sentences import Sentence, stem

BREAKS = frozenset(", ; : ( ) — – but however whereas while aber sondern jedoch लेकिन परन्तु".split())  # noqa: SIM905
HARMLESS_AFTER = frozenset("only just merely matter longer nur".split())  # noqa: SIM905
WINDOW = 3
SIGNS = frozenset("^_=\\/+0123456789")


class Match(enum.Enum):
    """How a sentence relates to a way of saying something."""

    NO = "no"
    NEGATED = "negated"
    YES = "yes"


def match(sentence: Sentence, way: str) -> Match:
    """Compare a sentence with one way of saying something."""
    groups = way.split()
    wanted, either = any(group in NEGATIONS for group in groups), EITHER_WAY in groups
    places = [_places(sentence, group) for group in groups if group != EITHER_WAY and group not in NEGATIONS]
    if not all(places):
        return Match.NO
    negated = any(all(_is_negated(sentence, place) for place in found) for found in places)
    return Match.YES if either or negated == wanted else Match.NEGATED


def _places(sentence: Sentence, group: str) -> list[int]:
    """Return where one of the alternatives stands; a formula is looked for inside formulas and words."""
    stems = _alternatives(group, sentence.language)
    found = [place for place, each in enumerate(sentence.stems) if each in stems]
    formulas = [part for part in group.split("|") if SIGNS & set(part)]
    if formulas and not found:
        found = [
            place for place, word in enumerate(sentence.words) if word[:1] == "$" and any(f in word for f in formulas)
        ]
    return found


@lru_cache(maxsize=20_000)
def _alternatives(group: str, language: str) -> frozenset[str]:
    return frozenset(stem(word.lower(), language) for word in group.split("|"))


def _is_negated(sentence: Sentence, place: int) -> bool:
    count = _count(sentence, range(place - 1, max(place - 1 - WINDOW, -1), -1))
    if sentence.language != "english":
        count += _count(sentence, range(place + 1, min(place + 1 + WINDOW, len(sentence.words))))
    return count % 2 == 1


def _count(sentence: Sentence, places: range) -> int:
    count = 0
    for place in places:
        word = sentence.words[place]
        if word in BREAKS:
            break
        following = sentence.words[place + 1] if place + 1 < len(sentence.words) else ""
        count += word in NEGATIONS and following not in HARMLESS_AFTER
    return count
