"""What the entries of a class say about its questions and checks: values in, values out.

A check tells good work from bad when those who do well elsewhere also do well on it. The measure is the corrected
item-rest correlation: between the points of a check and the points of all the other checks, over the submissions.
"""

from __future__ import annotations

import enum
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.entries import CheckEntry, Entry, QuestionEntry
from grader.report.words import PARTLY, WORDS, inline, word
from grader.results import Status

ENOUGH = 10  # fewer submissions than this tell nothing about a check
USEFUL = 0.2  # the correlation below which a check is customarily held to say little about a student's work
APART = 3  # one or two submissions that stand out make no correlation
BINS = 10
UNDECIDED = frozenset((Status.NEEDS_REVIEW, Status.ERROR))
TRIED = frozenset((Status.PASSED, Status.FAILED))
ORDER = ("passed", "partly", "needs_review", "error", "not_attempted", "not_reached", "failed")
SHARED = tuple(key for key in ORDER if key != "partly")  # what became of points: part of them is earned or lost
STATUS_WORDS = {one.key: one.word for one in (*WORDS.values(), PARTLY)}


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Where some numbers lie; quartiles as by linear interpolation."""

    count: int
    mean: float
    low: float
    first: float
    median: float
    third: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What a question or a check came to over a class; `counts` has every status word's key in the order of ORDER."""

    id: str
    title: str
    counts: dict[str, int]

    @property
    def count(self) -> int:
        """How many submissions have it."""
        return sum(self.counts.values())

    @property
    def tried(self) -> int:
        """How many submissions were answered by passed or failed."""
        return self.counts["passed"] + self.counts["partly"] + self.counts["failed"]


class Suspicion(enum.Enum):
    """A reason to look whether a check is broken, the weightiest first."""

    ERROR = "It stopped with an error of its own"
    NOBODY = "Nobody passes"
    DISAGREES = "Those who do well on it do not do well elsewhere"
    EVERYBODY = "Everybody passes"


@dataclass(frozen=True, kw_only=True)
class QuestionTally(Tally):
    """What a question came to; `shares` says what became of its points, by the keys of SHARED, and sums to 1.

    `passed` are the points earned, `needs_review` and `error` those that wait, the others those lost.
    """

    shares: dict[str, float]

    @property
    def earned(self) -> float:
        """The mean share of points earned so far."""
        return self.shares["passed"]

    @property
    def open(self) -> float:
        """The mean share of points that wait for a person."""
        return self.shares["needs_review"] + self.shares["error"]


@dataclass(frozen=True, kw_only=True)
class CheckTally(Tally):
    """What a check came to.

    `share` is the mean share of its points where they are decided, NaN when they are for nobody who tried;
    `discrimination` is its item-rest correlation, NaN where there is none.
    """

    question: str
    max_score: float
    share: float
    discrimination: float
    suspicions: tuple[Suspicion, ...]

    @property
    def compared(self) -> bool:
        """Whether it has an item-rest correlation."""
        return not math.isnan(self.discrimination)


@dataclass(frozen=True, kw_only=True)
class Misconception:
    """A diagnosis with the submissions it was made for, and the questions it was made in."""

    title: str
    entries: tuple[Entry, ...]
    questions: tuple[str, ...]


def spread(values: Sequence[float]) -> Spread:
    """Return where the numbers lie; there has to be one at least."""
    first, median, third = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return Spread(
        count=len(values),
        mean=statistics.fmean(values),
        low=min(values),
        first=first,
        median=median,
        third=third,
        high=max(values),
    )


def histogram(values: Iterable[float], top: float, bins: int = BINS) -> tuple[int, ...]:
    """Count the numbers in equally wide bins from 0 to `top`; the last holds `top` and all above, the first all below.

    A number on an edge belongs to the bin that begins there.
    """
    counts = [0] * bins
    for value in values:
        place = math.floor(round(value / top * bins, 9)) if top > 0 else 0
        counts[min(max(place, 0), bins - 1)] += 1
    return tuple(counts)


def question_tallies(entries: Sequence[Entry]) -> list[QuestionTally]:
    """Return what each question came to, in the order of the assignment."""
    by_id: dict[str, list[QuestionEntry]] = {}
    became: dict[str, dict[str, float]] = {}
    for entry in entries:
        for question in entry.questions:
            by_id.setdefault(question.id, []).append(question)
        for check in entry.checks:
            points = became.setdefault(check.question, dict.fromkeys(SHARED, 0.0))
            points["passed"] += check.score
            points[check.status] += check.max_score - check.score
    return [
        QuestionTally(id=name, title=found[0].title, counts=_counts(found), shares=_shares(became.get(name, {})))
        for name, found in by_id.items()
    ]


def check_tallies(entries: Sequence[Entry]) -> list[CheckTally]:
    """Return what each check came to, in the order of the assignment."""
    by_id: dict[tuple[str, str], list[tuple[CheckEntry, float]]] = {}
    for entry in entries:
        for check in entry.checks:
            rest = round(entry.score - check.score, 6)  # else the noise of adding up would look like a difference
            by_id.setdefault((check.question, check.id), []).append((check, rest))
    order = list(dict.fromkeys(question.id for entry in entries for question in entry.questions))
    place = {name: number for number, name in enumerate(order)}
    tallies = [_check_tally(found) for found in by_id.values()]
    return sorted(tallies, key=lambda tally: place.get(tally.question, len(order)))


def misconceptions(entries: Sequence[Entry]) -> list[Misconception]:
    """Return the diagnoses with the submissions they hit, the commonest first."""
    hit: dict[str, dict[int, Entry]] = {}
    titles: dict[str, str] = {}
    questions: dict[str, dict[str, None]] = {}
    for place, entry in enumerate(entries):
        for check in entry.checks:
            if check.diagnosis:
                hit.setdefault(check.diagnosis, {})[place] = entry
                titles.setdefault(check.diagnosis, check.diagnosis_title or check.diagnosis)
                questions.setdefault(check.diagnosis, {})[check.question] = None
    found = [
        Misconception(title=titles[name], entries=tuple(of.values()), questions=tuple(questions[name]))
        for name, of in hit.items()
    ]
    return sorted(found, key=lambda one: -len(one.entries))


def discrimination(points: Sequence[float], rest: Sequence[float]) -> float:
    """Return the correlation of a check's points with the points of all other checks; NaN when either never varies."""
    if len(points) < 2 or min(points) == max(points) or min(rest) == max(rest):
        return math.nan
    return statistics.correlation(points, rest)


def least_useful(count: int) -> float:
    """Return the correlation below which a check disagrees with the total.

    A check that is just useful has 0.2 in the long run. In a class of n its figure scatters around that by about
    1/√(n-1). Two of these below, chance is an unlikely reason: 1 in 40 for each check.
    """
    return USEFUL - 2 / math.sqrt(count - 1)


def _counts(found: Iterable[QuestionEntry | CheckEntry]) -> dict[str, int]:
    counted = Counter(word(one).key for one in found)
    return {key: counted[key] for key in ORDER}


def _share(checks: Iterable[CheckEntry]) -> float:
    """Return the mean of score by possible points, leaving out what nothing can be got for."""
    shares = [check.score / check.max_score for check in checks if check.max_score > 0]
    return statistics.fmean(shares) if shares else math.nan


def _shares(became: dict[str, float]) -> dict[str, float]:
    """Return what became of points as parts of their sum; all zero where there are none."""
    whole = sum(became.values())
    return {key: became.get(key, 0.0) / whole if whole > 0 else 0.0 for key in SHARED}


def _check_tally(found: Sequence[tuple[CheckEntry, float]]) -> CheckTally:
    first = found[0][0]
    counts = _counts(check for check, _ in found)
    decided = [(check, rest) for check, rest in found if check.status not in UNDECIDED]
    tried = [(check, rest) for check, rest in decided if check.status in TRIED]
    points = [check.score for check, _ in tried]
    figure = discrimination(points, [rest for _, rest in tried]) if len(tried) >= ENOUGH else math.nan
    apart = min(sum(one < first.max_score for one in points), sum(one > 0 for one in points))
    disagrees = apart >= APART and figure < least_useful(len(tried))
    return CheckTally(
        id=first.id,
        question=first.question,
        title=inline(first.title) or first.id,
        max_score=first.max_score,
        counts=counts,
        share=_share(check for check, _ in decided) if tried or len(decided) == len(found) else math.nan,
        discrimination=figure,
        suspicions=tuple(_suspicions(counts, len(tried), disagrees=disagrees)),
    )


def _suspicions(counts: dict[str, int], tried: int, *, disagrees: bool) -> Iterable[Suspicion]:
    if counts["error"]:
        yield Suspicion.ERROR
    if tried >= ENOUGH and not counts["passed"]:
        yield Suspicion.NOBODY
    if disagrees:
        yield Suspicion.DISAGREES
    if tried >= ENOUGH and counts["passed"] == tried:
        yield Suspicion.EVERYBODY
