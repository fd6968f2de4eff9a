"""What a notebook's file shows of how it was run last: cells out of order, and outputs that are old."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.kernels.outputs import STDERR, text_of
from grader.notebook.decode import parse_json, read_text
from grader.results import Cell

CHANCE = re.compile(
    r"""\x1b\[[\d;]*m  # a colour
    | \b0x[0-9a-fA-F]+  # where something lies in memory
    | (?:\b[A-Za-z]:[\\/] | (?<![\w.])/) [^\s'"<>|,;()\[\]{}]*  # a place on this computer
    | \d[\d.,]* (?:[eE][+-]?\d+)? (?:\s*(?:[nuµμm]?s|min|h)\b)?  # a figure, with its unit where it is a time
    """,
    re.VERBOSE,
)
WORD = re.compile(r"[^\W\d]+|[^\w\s.,+\-−%:]")
TIMING = re.compile(r"^[^#\n]*%time", re.MULTILINE)  # %%time, %timeit: in which words they say it comes by chance, too
PLAIN = ("text/plain", STDERR)
REDRAWN = ("\r", "\x08")  # progress bars: what is left of them differs


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A code cell as it lies in the file; `count` is None where it was not run since its outputs were cleared."""

    index: int
    source: str
    count: int | None
    text: str
    rich: bool  # shows more than text
    failed: bool


def stored_cells(path: Path) -> list[Stored]:
    """Return the code cells of a notebook's file, none where it has another form; the file was read before."""
    text, _ = read_text(path.read_bytes(), path.name)
    value, _ = parse_json(text, path.name)
    cells = value.get("cells") if isinstance(value, dict) else None
    found = enumerate(cells) if isinstance(cells, list) else ()
    folder = str(path.resolve().parent)
    return [_stored(i, cell, folder) for i, cell in found if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def out_of_order(cells: Sequence[Stored]) -> list[int]:
    """Return the cells that were run after one that stands below them."""
    ran = [(cell.index, cell.count) for cell in cells if cell.count is not None]
    return [index for place, (index, count) in enumerate(ran) if any(later < count for _, later in ran[place + 1 :])]


def left_out(cells: Sequence[Stored]) -> list[int]:
    """Return the cells that were not run when others were."""
    if all(cell.count is None for cell in cells):
        return []
    return [cell.index for cell in cells if cell.count is None and cell.source.strip()]


def old_outputs(cells: Sequence[Stored], ran: Mapping[int, Cell]) -> list[int]:
    """Return the cells that show something else than they show now.

    Only words count, in any order: figures, folders and the order of a set come by chance.
    """
    return [
        cell.index for cell in cells if cell.count is not None and cell.index in ran and _is_old(cell, ran[cell.index])
    ]


def _is_old(stored: Stored, now: Cell) -> bool:
    if stored.failed != (now.error is not None):
        return True
    if stored.failed or stored.rich or TIMING.search(stored.source):
        return False
    if any(output.mime not in PLAIN for output in now.outputs):
        return False
    shown = "".join(output.data for output in now.outputs if output.mime == "text/plain")
    if any(sign in text for sign in REDRAWN for text in (stored.text, shown)):
        return False
    return _words(stored.text) != _words(shown)


def _words(text: str) -> list[str]:
    return sorted(WORD.findall(CHANCE.sub(" ", text)))


def _stored(index: int, cell: dict[str, Any], folder: str) -> Stored:
    outputs = [each for each in cell.get("outputs") or () if isinstance(each, dict)]
    count = cell.get("execution_count")
    return Stored(
        index=index,
        source=text_of(cell.get("source")),
        count=count if isinstance(count, int) else None,
        text="".join(text for output in outputs for text in _shown(output)).replace(folder, "/"),  # it may have spaces
        rich=any(set(_data(output)) - {"text/plain"} for output in outputs),
        failed=any(output.get("output_type") == "error" for output in outputs),
    )


def _shown(output: dict[str, Any]) -> Iterator[str]:
    if output.get("output_type") == "stream" and output.get("name") != "stderr":
        yield text_of(output.get("text"))
    yield text_of(_data(output).get("text/plain"))


def _data(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data")
    return data if isinstance(data, dict) else {}
