"""What the class page says about one assignment, worked out before anything is drawn or written."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from grader.entries import Entry
from grader.report.class_statistics import (
    CheckTally,
    Misconception,
    QuestionTally,
    Spread,
    Suspicion,
    check_tallies,
    histogram,
    misconceptions,
    question_tallies,
    spread,
)
from grader.report.words import inline
from grader.results import ExecutionStatus

DRAWN_FROM = 3  # a distribution of one or two is no distribution
HARDEST = 5
SLOWEST = 5
MAX_NAMES = 500  # in one list; the table has everybody
LONGEST_NAME = 80
UNKNOWN = "Assignment unknown"
ENDINGS = {
    ExecutionStatus.TIMED_OUT: "stopped, because it took too long",
    ExecutionStatus.DIED: "the kernel ended before the notebook did",
    ExecutionStatus.NOT_RUN: "not run at all",
    ExecutionStatus.ERRORS: "ran to the end, but some cells raised an error",
}
SHORT_ENDINGS = {
    ExecutionStatus.COMPLETED: "ran through",
    ExecutionStatus.ERRORS: "some cells raised",
    ExecutionStatus.TIMED_OUT: "stopped, too slow",
    ExecutionStatus.DIED: "kernel ended",
    ExecutionStatus.NOT_RUN: "not run",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Whose submission it is, as the page shows it: `key` only where it says more than the name."""

    name: str
    key: str
    link: str  # empty when there is no report


@dataclass(frozen=True, kw_only=True)
class People:
    """Some people of a list, and how many it leaves out."""

    shown: tuple[Person, ...]
    count: int

    @property
    def left_out(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)


@dataclass(frozen=True, kw_only=True)
class Review:
    """What of a question waits for a person."""

    id: str
    title: str
    points: float
    people: People


@dataclass(frozen=True, kw_only=True)
class Section:
    """The part of the class page that is about one assignment."""

    number: int
    title: str
    entries: tuple[Entry, ...]

    @cached_property
    def graded(self) -> list[Entry]:
        """The submissions statistics are made of."""
        return [entry for entry in self.entries if entry.graded]

    @cached_property
    def ungraded(self) -> list[Entry]:
        """The submissions that could not be graded."""
        return [entry for entry in self.entries if not entry.graded]

    @cached_property
    def reasons(self) -> list[tuple[str, People]]:
        """Why submissions could not be graded, and whose they are, the commonest first."""
        found: dict[str, list[Entry]] = {}
        for entry in self.ungraded:
            found.setdefault(inline(entry.error), []).append(entry)
        ranked = sorted(found.items(), key=lambda item: -len(item[1]))
        return [(reason, people(of)) for reason, of in ranked]

    @cached_property
    def full(self) -> float:
        """The points there are, if they are the same for everybody, else 0."""
        found = {entry.max_score for entry in self.graded}
        return found.pop() if len(found) == 1 else 0.0

    @property
    def unit(self) -> str:
        """What scores are counted in: points, or per cent where not everybody could reach the same."""
        return "points" if self.full > 0 else "% of the points"

    @property
    def top(self) -> float:
        """The highest score, in `unit`."""
        return self.full or 100.0

    @cached_property
    def scores(self) -> list[float]:
        """The scores before what late days cost, in `unit`."""
        if self.full > 0:
            return [entry.score for entry in self.graded]
        return [100 * entry.score / entry.max_score for entry in self.graded if entry.max_score > 0]

    @cached_property
    def spread(self) -> Spread | None:
        """Where the scores lie."""
        return spread(self.scores) if self.scores else None

    @cached_property
    def histogram(self) -> tuple[int, ...]:
        """How many scores are in each of ten equal parts of the scale."""
        return histogram(self.scores, self.top)

    @property
    def drawn(self) -> bool:
        """Whether there is enough to draw."""
        return len(self.scores) >= DRAWN_FROM

    @cached_property
    def questions(self) -> list[QuestionTally]:
        """What each question came to."""
        return question_tallies(self.graded)

    @cached_property
    def checks(self) -> list[CheckTally]:
        """What each check came to."""
        return check_tallies(self.graded)

    @cached_property
    def hardest(self) -> list[CheckTally]:
        """The checks with the lowest mean share of points."""
        lost = [check for check in self.checks if check.share < 1 and check.tried]
        return sorted(lost, key=lambda check: check.share)[:HARDEST]

    @cached_property
    def suspicious(self) -> list[tuple[Suspicion, list[CheckTally]]]:
        """The checks that may be broken, by the reason to think so."""
        found = ((reason, [check for check in self.checks if reason in check.suspicions]) for reason in Suspicion)
        return [(reason, checks) for reason, checks in found if checks]

    @cached_property
    def misconceptions(self) -> list[Misconception]:
        """The diagnoses, the commonest first."""
        return misconceptions(self.graded)

    @cached_property
    def endings(self) -> list[tuple[str, People]]:
        """How notebooks ended that did not run through, and whose they are."""
        ended = ((words, [e for e in self.graded if e.execution is status]) for status, words in ENDINGS.items())
        return [(words, people(found)) for words, found in ended if found]

    @cached_property
    def waiting(self) -> list[Entry]:
        """The submissions with points a person has to give."""
        return [entry for entry in self.graded if entry.pending > 0]

    @cached_property
    def reviews(self) -> list[Review]:
        """What waits for a person, question by question."""
        found: dict[str, list[tuple[Entry, str, float]]] = {}
        for entry in self.waiting:
            for number, question in enumerate(entry.questions, 1):
                if question.pending > 0:
                    found.setdefault(question.id, []).append((entry, f"#q{number}", question.pending))
        return [
            Review(
                id=tally.id,
                title=tally.title,
                points=sum(pending for *_, pending in found[tally.id]),
                people=People(
                    shown=tuple(person(entry, anchor) for entry, anchor, _ in found[tally.id][:MAX_NAMES]),
                    count=len(found[tally.id]),
                ),
            )
            for tally in self.questions
            if tally.id in found
        ]

    @cached_property
    def late(self) -> list[Entry]:
        """The submissions that came late, the latest first."""
        found = [entry for entry in self.entries if entry.late_days > 0 or entry.identity.late or entry.penalty > 0]
        return sorted(found, key=lambda entry: -entry.late_days)

    @cached_property
    def unsealed(self) -> list[Entry]:
        """The submissions that ran with no sandbox around them."""
        return [e for e in self.entries if e.sandbox == "none" and e.execution is not ExecutionStatus.NOT_RUN]

    @cached_property
    def slowest(self) -> list[Entry]:
        """The submissions that took longest."""
        return sorted((entry for entry in self.entries if entry.seconds > 0), key=lambda e: -e.seconds)[:SLOWEST]

    @cached_property
    def usual_seconds(self) -> float:
        """The median time of a submission."""
        return statistics.median(entry.seconds for entry in self.entries) if self.entries else 0.0

    @cached_property
    def costs(self) -> bool:
        """Whether lateness cost anybody points."""
        return any(entry.penalty > 0 for entry in self.entries)

    @cached_property
    def grouped(self) -> bool:
        """Whether the class is divided into sections."""
        return any(entry.identity.section for entry in self.entries)


def sections(entries: Iterable[Entry]) -> list[Section]:
    """Return a section for each assignment, in the order they come.

    A submission that failed before its assignment was known belongs to the only one there is; where there are
    several, it has a section with others of its kind, at the end.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.assignment, []).append(entry)
    if len(by_name) == 2 and "" in by_name:
        (name,) = filter(None, by_name)
        by_name = {name: [entry for entry in entries if entry.assignment in (name, "")]}
    lost = by_name.pop("", [])
    found = [*by_name.items(), *([("", lost)] if lost else [])]
    return [
        Section(number=number, title=_title(name, of), entries=tuple(of)) for number, (name, of) in enumerate(found, 1)
    ]


def people(entries: Sequence[Entry]) -> People:
    """Return who made the submissions."""
    return People(shown=tuple(person(entry) for entry in entries[:MAX_NAMES]), count=len(entries))


def person(entry: Entry, anchor: str = "") -> Person:
    """Return who made a submission; the link leads to the report, or to a place in it."""
    key = called(entry.student)
    name = called(entry.identity.name) or key
    link = address(entry.report)
    return Person(name=name, key="" if name.casefold() == key.casefold() else key, link=link and link + anchor)


def called(name: str) -> str:
    """Return a name on one line and not too long."""
    name = inline(name)
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def address(path: str) -> str:
    """Return a path seen from the page as a link that can lead nowhere but below it."""
    return quote(path.lstrip("/"))


def _title(name: str, entries: Iterable[Entry]) -> str:
    return next((inline(entry.title) for entry in entries if entry.title), inline(name) or UNKNOWN)
