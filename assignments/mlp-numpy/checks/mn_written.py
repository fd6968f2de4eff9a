"""What a student wrote or printed for a question, as texts; tables that were displayed become rows with bars."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from grader.arithmetic import Equality, equalities, working_in_code
from grader.results import Cell

PRODUCT = re.compile(r"[\w)] ?\* ?[\w(]")
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


def working(cells: Sequence[Cell]) -> list[tuple[str, Equality]]:
    """Return where equalities of numbers stand in text, comments and strings, and what recomputing them came to."""
    return [
        (f"cell {cell.index + 1}, line {one.line}", one)
        for cell in cells
        for one in equalities(working_in_code(cell.source) if cell.kind == "code" else cell.source)
    ]


def reckons(cells: Sequence[Cell]) -> bool:
    """Tell whether code multiplies numbers or names, so that the computer did what is asked to be shown."""
    return any(cell.kind == "code" and PRODUCT.search(cell.source) for cell in cells)


def rows_of(page: str) -> str:
    """Return the tables of a piece of HTML as rows of a Markdown table."""
    rows = [[html.unescape(TAG.sub("", entry)).strip() for entry in ENTRY.findall(row)] for row in ROW.findall(page)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows if row)
