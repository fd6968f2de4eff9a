"""The student's cells and their outputs as pieces of a page: bounded, harmless, and each with an anchor of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from grader.report.text import MAGIC, code, markdown, picture_url, sanitised, svg_url
from grader.report.words import shortened, visible
from grader.results import Cell, CellError, Output, Picture, Result

SVG = "image/svg+xml"
STDERR = "application/vnd.grader.stderr"
MAX_TEXT = 12_000
MAX_CELL = 400_000
MAX_PAGE = 2_000_000  # characters of cells in one report, pictures apart
MAX_PICTURES = 12_000_000
WORD = re.compile(r"\w+")
BLANK = re.compile(r"<(?!img)[^>]*>|\s+|&nbsp;")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One output as it is shown: text, ready markup, or the address of a picture."""

    kind: Literal["text", "stderr", "html", "picture", "note"]
    text: str = ""
    markup: Markup | None = None
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class CellView:
    """A cell as it is shown; `number` counts from one, as the notes do."""

    number: int
    kind: str
    seconds: float
    body: Markup
    outputs: Sequence[Shown] = ()
    error: CellError | None = None

    @property
    def wide(self) -> bool:
        """Whether something in a text cell may need a scroll bar of its own."""
        return any(mark in self.body for mark in ("<table", "<pre", 'display="block"'))


@dataclass(kw_only=True)
class Budget:
    """How much of a notebook still fits into the page."""

    text: int = MAX_PAGE
    pictures: int = MAX_PICTURES


def views(result: Result) -> dict[int, CellView]:
    """Return the cells worth showing by their index; what no longer fits is named instead of shown."""
    budget = Budget()
    return {cell.index: _view(cell, budget) for cell in result.execution.cells if _worth_showing(cell)}


def shown_again(result: Result) -> Callable[[Picture], Shown | None]:
    """Return what gives a picture of the notebook, to stand beside a verdict; None for what is no picture."""
    budget, outputs = Budget(), {cell.index: cell.outputs for cell in result.execution.cells}

    def shown(evidence: Picture) -> Shown | None:
        output = next(iter(outputs.get(evidence.cell, ())[evidence.output :]), None)
        return _picture(output, budget) if output is not None and _is_picture(output) else None

    return shown


def _worth_showing(cell: Cell) -> bool:
    return bool(cell.source.strip() or cell.outputs or cell.error)


def _view(cell: Cell, budget: Budget) -> CellView:
    source = shortened(cell.source, MAX_CELL)
    budget.text -= len(source)
    if budget.text < 0:
        body = Markup("<p><em>This cell is left out: the notebook is too long to be shown whole.</em></p>")
        return CellView(number=cell.index + 1, kind="markdown", seconds=cell.seconds, body=body)
    return CellView(
        number=cell.index + 1,
        kind=cell.kind,
        seconds=cell.seconds,
        body=markdown(source) if cell.kind == "markdown" else code(source),
        outputs=tuple(_outputs(cell.outputs, budget)),
        error=cell.error,
    )


def _outputs(outputs: Sequence[Output], budget: Budget) -> Iterable[Shown]:
    """Show each output in its richest harmless form; the plain twin of an HTML output is left out."""
    previous: str | None = None
    for output in outputs:
        if output.mime == "text/plain" and previous is not None and _is_twin(output.data, previous):
            previous = None
            continue
        shown = _shown(output, budget)
        previous = output.data if shown is not None and shown.kind == "html" else None
        if shown is not None:
            yield shown


def _shown(output: Output, budget: Budget) -> Shown | None:
    if _is_picture(output):
        return _picture(output, budget)
    budget.text -= min(len(output.data), MAX_TEXT)
    if budget.text < 0:
        return Shown(kind="note", text="An output is left out: the notebook is too long to be shown whole.")
    if output.mime == "text/html":
        cleaned = sanitised(output.data)
        return Shown(kind="html", markup=cleaned) if BLANK.sub("", cleaned) else None
    if output.mime in ("text/markdown", "text/latex"):
        return Shown(kind="html", markup=markdown(output.data))
    if output.mime == STDERR or output.mime.startswith("text/"):
        text = visible(shortened(output.data, MAX_TEXT)).rstrip("\n")
        return Shown(kind="stderr" if output.mime == STDERR else "text", text=text) if text.strip() else None
    return Shown(kind="note", text=f"An output of the kind {visible(output.mime[:80])} is not shown.")


def _is_picture(output: Output) -> bool:
    return output.mime in MAGIC or output.mime == SVG


def _picture(output: Output, budget: Budget) -> Shown:
    url = svg_url(output.data) if output.mime == SVG else picture_url(output.mime, output.data)
    if url is None:
        return Shown(kind="note", text="A picture is not shown: it is too large or not what it says it is.")
    budget.pictures -= len(url)
    if budget.pictures < 0:
        return Shown(kind="note", text="A picture is left out: the notebook has too many to be shown.")
    return Shown(kind="picture", url=url)


def _is_twin(plain: str, html: str) -> bool:
    """Tell whether plain text says what the HTML before it says, as a data frame's does."""
    if plain.startswith("<") and plain.rstrip().endswith(">"):
        return True
    words = set(WORD.findall(plain[:MAX_TEXT]))
    return bool(words) and len(words & set(WORD.findall(html))) >= 0.6 * len(words)
