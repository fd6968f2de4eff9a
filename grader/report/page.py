"""The report of one submission as a single file that needs nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.files import atomic_write
from grader.report import text, words
from grader.report.cells import shown_again, views
from grader.report.pictures import in_words, picture
from grader.results import Cell, Execution, ExecutionStatus, Result

MAX_EVIDENCE = 20_000
MAX_ROWS = 200
SLOWEST = 3
LONG_TEXT = 500
ENDINGS = {
    ExecutionStatus.COMPLETED: "The notebook ran from top to bottom.",
    ExecutionStatus.ERRORS: "The notebook ran to its end; some cells raised an error.",
    ExecutionStatus.TIMED_OUT: "The notebook was stopped: it took too long.",
    ExecutionStatus.DIED: "The kernel ended before the notebook did.",
    ExecutionStatus.NOT_RUN: "The notebook was not run.",
}


def html(result: Result) -> str:
    """Return the report as one HTML document; what its reader may not see must already be gone from the result."""
    cells = views(result)
    owners: dict[int, int] = {}
    for number, question in enumerate(result.questions, 1):
        for index in question.cells:
            owners.setdefault(index, number)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            result=result,
            cells=cells,
            shown_again=shown_again(result),
            owners=owners,
            others=[index for index in cells if index not in owners],
            steps=words.next_steps(result),
            slowest=_slowest(result.execution),
            raised=[cell for cell in result.execution.cells if cell.error],
            ending=result.execution.message or ENDINGS[result.execution.status],
        )
    )


def write_html(result: Result, path: Path) -> None:
    """Write the report to path, whole or not at all; raises OutputError when it cannot."""
    atomic_write(path, html(result))


def _slowest(execution: Execution) -> list[Cell]:
    timed = sorted((cell for cell in execution.cells if cell.seconds >= 0.1), key=lambda cell: -cell.seconds)
    return timed[:SLOWEST]


@cache
def environment() -> Environment:
    """Return what all pages are made with: every text escaped, and the filters that make it safe to read."""
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "inline": words.inline,
        "markdown": text.prose,
        "formula": text.formula,
        "phrase": text.phrase,
        "plain": lambda value: words.visible(words.shortened(value, MAX_EVIDENCE)),
        "points": words.points,
        "seconds": words.seconds,
        "word": words.word,
    }
    css = (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    environment.globals |= {
        "LONG_TEXT": LONG_TEXT,
        "MAX_ROWS": MAX_ROWS,
        "LEGEND": (*words.WORDS.values(), words.PARTLY),
        "MARKS": words.MARKS,
        "css": Markup(css),  # noqa: S704 - our own file
        "in_words": in_words,
        "loss": words.loss,
        "pending": words.pending,
        "picture": picture,
        "plural": words.plural,
        "unsealed": words.unsealed,
    }
    return environment
