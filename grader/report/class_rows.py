"""The table of everybody: rows small enough for ten thousand of them on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.entries import Entry
from grader.report.class_sections import SHORT_ENDINGS, Person, Section, person
from grader.report.words import Word, inline, points, word


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A submission as its table shows it; all but person, group and ending are empty when it was not graded."""

    person: Person
    group: str  # the section of the class
    score: str
    pending: str
    late: str
    final: str
    questions: tuple[tuple[Word, str] | None, ...]
    ending: str
    failed: bool
    seconds: str


def rows(section: Section) -> list[Row]:
    """Return a row for each submission, in the order given."""
    questions = [question.id for question in section.questions]
    return [_row(entry, questions, section) for entry in section.entries]


def _row(entry: Entry, questions: Sequence[str], section: Section) -> Row:
    own = {question.id: question for question in entry.questions} if entry.graded else {}
    return Row(
        person=person(entry),
        group=inline(entry.identity.section),
        score=_score(entry, section) if entry.graded else "",
        pending=points(entry.pending) if entry.graded and entry.pending > 0 else "",
        late=lateness(entry),
        final=points(entry.final) if entry.graded else "",
        questions=tuple((word(own[name]), points(own[name].score)) if name in own else None for name in questions),
        ending=SHORT_ENDINGS[entry.execution] if entry.graded else "could not be graded",
        failed=not entry.graded,
        seconds=f"{entry.seconds:.1f}" if entry.seconds > 0 else "",
    )


def _score(entry: Entry, section: Section) -> str:
    shown = points(entry.score)
    return shown if section.full else f"{shown} of {points(entry.max_score)}"


def lateness(entry: Entry) -> str:
    """Return how many days late a submission is, 'late' where only that is known, or nothing."""
    if entry.late_days > 0:
        return f"{entry.late_days} d"
    return "late" if entry.identity.late else ""
