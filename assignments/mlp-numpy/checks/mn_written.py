"""What a student wrote or printed for a question, as texts; tables that were displayed become rows with bars."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from grader.results import Cell

ROW = re.compile(r"<tr.*?</tr>", re.DOTALL | re.IGNORECASE)
ENTRY = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")


def printed(cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Yield where and what was printed or displayed."""
    for cell in cells:
        where = f"the output of cell {cell.index + 1}"
        tables = [rows_of(output.data) for output in cell.outputs if output.mime == "text/html"]
        yield from ((where, table) for table in tables if table)
        if not any(tables):
            yield from ((where, output.data) for output in cell.outputs if output.mime == "text/plain")


def written(cells: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Yield where and what was written as text."""
    yield from ((f"cell {cell.index + 1}", cell.source) for cell in cells if cell.kind == "markdown")


def rows_of(page: str) -> str:
    """Return the tables of a piece of HTML as rows of a Markdown table."""
    rows = [[html.unescape(TAG.sub("", entry)).strip() for entry in ENTRY.findall(row)] for row in ROW.findall(page)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows if row)
