"""The table of a batch: one line per submission, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.entries import Entry, QuestionEntry
from grader.exports.cells import number, text
from grader.exports.sheets import csv_text

BYTE_ORDER_MARK = "\ufeff"
FIRST_COLUMNS = ("student", "file", "assignment", "score", "max_score", "pending", "late_days", "penalty", "final")
PEOPLE = ("id", "name", "email", "section")
LAST_COLUMNS = ("status", "seconds", "error")


def gradebook_csv(entries: Iterable[Entry], *, people: bool = False) -> str:
    """Return a class as comma-separated values: points in total and per question, and how the run ended.

    `score` is before, `final` after what late days cost; with `people` there are columns for who everybody is.

    The scores of a submission that could not be graded stay empty, since a spreadsheet would add up a zero unseen.
    The text starts with a byte-order mark when it holds more than ASCII: without one Excel takes UTF-8 for the
    code page of the machine and garbles names. `encoding="utf-8-sig"` reads both kinds.
    """
    rows = list(entries)
    questions = list(dict.fromkeys(question.id for row in rows for question in row.questions))
    header = [text(name) for name in (*FIRST_COLUMNS, *questions, *LAST_COLUMNS, *(PEOPLE if people else ()))]
    lines = ([*_row(row, questions), *(_whose(row) if people else ())] for row in rows)
    content = csv_text([header, *lines], end="\r\n")
    return content if content.isascii() else BYTE_ORDER_MARK + content


def _row(entry: Entry, questions: Sequence[str]) -> list[str]:
    own = {question.id: question for question in entry.questions}
    return [
        text(entry.student),
        text(entry.submission),
        text(entry.assignment),
        number(entry.score) if entry.graded else "",
        number(entry.max_score),
        number(entry.pending),
        number(entry.late_days),
        number(entry.penalty),
        number(entry.final),
        *(_score(own.get(name)) if entry.graded else "" for name in questions),
        text(entry.execution.value),
        number(entry.seconds),
        text(" ".join(entry.error.split())),
    ]


def _whose(entry: Entry) -> list[str]:
    return [text(getattr(entry.identity, name)) for name in PEOPLE]


def _score(question: QuestionEntry | None) -> str:
    return "" if question is None else number(question.score)
