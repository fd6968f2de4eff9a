"""Two notebooks that share code, side by side, and such pages for a class: a hint to look, never a verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from nbformat import NotebookNode

from grader.config import Limits
from grader.errors import SubmissionError, UsageError
from grader.files import atomic_write
from grader.notebook import read_notebook
from grader.report.page import environment
from grader.report.text import code
from grader.report.words import inline, plural
from grader.similarity import Pair, Place, Prints, Stretch, code_tokens, fingerprints, grown, handed_out, similar
from grader.similarity.winnowing import MAX_CELL, MAX_NOTEBOOK
from grader.submissions import safe_name

FOLDER = "similar"
MAX_PAGES = 50
MAX_STRETCHES = 200  # marked in a page
COLOURS = 6
PAGE = re.compile(r"\d\d-.*\.html")
TEMPLATES = Path(__file__).parent / "templates"

Row = tuple[str, str, float, str]  # as the page of the class takes it: student, student, share, link


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two notebooks: whose it is and what is in it."""

    student: str
    node: NotebookNode


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a cell: `number` is that of the stretch it is, 0 for code that only one of the two has."""

    body: Markup
    rest: Markup  # behind the first line
    number: int

    @property
    def colour(self) -> int:
        """Which of the colours it has."""
        return _colour(self.number)


@dataclass(frozen=True, kw_only=True)
class CodeCell:
    """A cell as it is shown; `number` counts from one, as the notes do."""

    number: int
    lines: int
    parts: Sequence[Part]
    left_out: int  # characters

    @property
    def alike(self) -> bool:
        """Whether anything in it is also in the other notebook."""
        return any(part.number for part in self.parts)


def similar_html(pair: Pair, first: Side, second: Side) -> str:
    """Return the page that shows the code of both notebooks with what they share marked alike; it needs no script."""
    everything = grown(pair.stretches, code_tokens(first.node), code_tokens(second.node))
    least = _bound(everything)
    stretches = [stretch for stretch in everything if _length(stretch) >= least][:MAX_STRETCHES]
    one = _cells(first.node, [stretch.first for stretch in stretches])
    two = _cells(second.node, [stretch.second for stretch in stretches])
    names = (inline(first.student), inline(second.student))
    return (
        environment()
        .get_template("similar.html.j2")
        .render(
            pair=pair,
            names=names,
            sides=(("a", "b", *names, one), ("b", "a", *names[::-1], two)),
            left_out=len(everything) - len(stretches),
            stretches=_table(stretches, first.node),
            percent=lambda share: f"{min(99, round(100 * share)) if share < 1 else 100} %",
            css=Markup("").join(_css(name) for name in ("report.css", "similar.css")),
        )
    )


def write_similar(
    notebooks: Mapping[str, tuple[str, Path]],
    master: NotebookNode,
    out: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Row]:
    """Write a page for each of the most similar pairs below `out`, and return all pairs, the largest share first.

    `notebooks` has a student and a file by the name of the reports. Files that are no notebooks are passed over, and
    so are pairs of one and the same student. A pair behind the first `MAX_PAGES` has no page and an empty link.
    `progress` hears how many notebooks of how many were read. Raises OutputError when a page cannot be written.
    """
    given = handed_out(master)
    prints: dict[str, Prints] = {}
    for done, (name, (_, path)) in enumerate(sorted(notebooks.items()), 1):
        node = _read(path)
        if node is not None:
            prints[name] = fingerprints(node, given)
        progress(done, len(notebooks))
    pairs = [pair for pair in similar(prints) if notebooks[pair.first][0] != notebooks[pair.second][0]]
    rows: list[Row] = []
    for pair in pairs:
        link = _write_page(pair, len(rows) + 1, notebooks, out) if len(rows) < MAX_PAGES else ""
        rows.append((notebooks[pair.first][0], notebooks[pair.second][0], pair.share, link))
    _remove_others(out / FOLDER, {link for *_, link in rows})
    return rows


def _write_page(pair: Pair, number: int, notebooks: Mapping[str, tuple[str, Path]], out: Path) -> str:
    """Write the page of a pair and return its link; empty when one of the notebooks has gone meanwhile."""
    sides = []
    for name in (pair.first, pair.second):
        student, path = notebooks[name]
        node = _read(path)
        if node is None:
            return ""
        sides.append(Side(student=student, node=node))
    link = f"{FOLDER}/{number:02d}-{safe_name(f'{pair.first}-{pair.second}')}.html"
    atomic_write(out / link, similar_html(pair, *sides))
    return link


def _read(path: Path) -> NotebookNode | None:
    try:
        return read_notebook(path, max_bytes=Limits().notebook_bytes).node
    except (SubmissionError, UsageError):
        return None  # its own report says why


def _remove_others(folder: Path, links: set[str]) -> None:
    """Remove the pages an earlier run left here: they would show what is no longer so."""
    for page in folder.glob("*.html"):
        if PAGE.fullmatch(page.name) and f"{FOLDER}/{page.name}" not in links:
            page.unlink(missing_ok=True)


def _cells(node: NotebookNode, places: Sequence[Place]) -> list[CodeCell]:
    numbered: dict[int, list[tuple[Place, int]]] = {}
    for number, place in enumerate(places, 1):
        numbered.setdefault(place.cell, []).append((place, number))
    found, left = [], MAX_NOTEBOOK
    for index, cell in enumerate(node.cells):
        if cell.cell_type == "code" and cell.source.strip():
            source = cell.source[: min(MAX_CELL, left)]
            left -= len(source)
            found.append(
                CodeCell(
                    number=index + 1,
                    lines=len(cell.source.splitlines()),
                    parts=_parts(source, sorted(numbered.get(index, ()), key=lambda one: one[0].start)),
                    left_out=len(cell.source) - len(source),
                )
            )
    return found


def _parts(source: str, marked: Sequence[tuple[Place, int]]) -> list[Part]:
    """Return a cell cut into what is shared and what is not; where stretches overlap, the first has it."""
    parts: list[Part] = []
    done = 0
    for place, number in marked:
        start = max(done, _with_indent(source, place.start))
        end = max(start, min(place.end, len(source)))
        if start > done:
            parts.append(Part(body=code(source[done:start]), rest=Markup(), number=0))
        head, newline, rest = code(source[start:end]).partition("\n")  # no token's markup reaches over a line end
        parts.append(Part(body=head, rest=newline + rest, number=number))
        done = end
    return [*parts, Part(body=code(source[done:]), rest=Markup(), number=0)] if done < len(source) else parts


def _with_indent(source: str, start: int) -> int:
    """Return the start of the line where nothing but blanks stands before `start`."""
    line = source.rfind("\n", 0, start) + 1
    return start if source[line:start].strip() else line


def _length(stretch: Stretch) -> int:
    return stretch.first.end - stretch.first.start


def _bound(stretches: Sequence[Stretch]) -> int:
    """Return how long a stretch is at least that is among the longest."""
    return min(sorted(map(_length, stretches))[-MAX_STRETCHES:], default=0)


def _table(stretches: Sequence[Stretch], node: NotebookNode) -> list[tuple[int, int, int, int, str]]:
    """Return of each stretch its number and colour, both cells as notes count them, and how long it is in the first."""
    rows = []
    for number, stretch in enumerate(stretches, 1):
        first, second = stretch.first, stretch.second
        n_lines = node.cells[first.cell].source.count("\n", first.start, first.end) + 1
        rows.append((number, _colour(number), first.cell + 1, second.cell + 1, plural(n_lines, "line")))
    return rows


def _colour(number: int) -> int:
    return (number - 1) % COLOURS + 1


def _css(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - our own files
