"""The table of a batch: one line per submission, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.exports.cells import number, text
from grader.results import QuestionResult, Result

BYTE_ORDER_MARK = "\ufeff"
FIRST_COLUMNS = ("student", "file", "assignment", "score", "max_score", "pending")
LAST_COLUMNS = ("status", "seconds", "error")


def gradebook_csv(results: Iterable[Result]) -> str:
    """Return the results as comma-separated values: points in total and per question, and how the run ended.

    The scores of a submission that could not be graded stay empty, since a spreadsheet would add up a zero unseen.
    The text starts with a byte-order mark when it holds more than ASCII: without one Excel takes UTF-8 for the
    code page of the machine and garbles names. `encoding="utf-8-sig"` reads both kinds.
    """
    rows = list(results)
    questions = list(dict.fromkeys(question.id for row in rows for question in row.questions))
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([text(name) for name in (*FIRST_COLUMNS, *questions, *LAST_COLUMNS)])
    writer.writerows(_row(row, questions) for row in rows)
    content = file.getvalue()
    return content if content.isascii() else BYTE_ORDER_MARK + content


def _row(result: Result, questions: Sequence[str]) -> list[str]:
    own = {question.id: question for question in result.questions}
    graded = not result.error
    return [
        text(result.student),
        text(result.submission),
        text(result.assignment),
        number(result.score) if graded else "",
        number(result.max_score),
        number(result.pending),
        *(_score(own.get(name)) if graded else "" for name in questions),
        text(result.execution.status.value),
        number(_seconds(result)),
        text(" ".join(result.error.split())),
    ]


def _score(question: QuestionResult | None) -> str:
    return "" if question is None else number(question.score)


def _seconds(result: Result) -> float:
    """All the time a submission took, as far as it was measured."""
    spent = result.timings
    return max(spent.start + spent.kernel + spent.cells + spent.checks + spent.report, result.execution.seconds)
