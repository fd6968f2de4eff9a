"""What a student wrote to a question: their own text, apart from what was handed out.

Answers stand in Markdown; where there is none, in long comments, docstrings and printed sentences of the code cells.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from grader.notebook.pieces import pieces

_LABEL = re.compile(
    r"^[\s#*_>-]{0,12}(?:(?:question|q|part|aufgabe|frage)?\s{0,2}\d{0,2}\s{0,2}[.(]?)?([a-h])[.)](?!\w)", re.I
)
_TITLE = re.compile(
    r"^[\s#*]*(?:question|q|part|problem|exercise|task|aufgabe|frage)\s{0,3}\d{1,3}\b[^.]{0,100}$", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"^[\s*_>]*your\s+answer(?:\s+here)?\b[\s.:*_…]*", re.IGNORECASE)
_COMMENT = re.compile(r"^\s*#+\s?(.*)")
MIN_WORDS = 6  # of a comment or a string that is prose
MAX_LINES = 5_000
MAX_SEEN = 200_000  # characters of one question, handed-out text included


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The student's own text; `handed_out` where there is only text of the master's."""

    text: str
    handed_out: bool = False


def answer_of(node: NotebookNode, cells: Sequence[int], master: NotebookNode, part: str | None = None) -> Answer:
    """Return the text of a question, or of its part "b" where a label "b)" tells the parts apart."""
    given = {_squeezed(line) for cell in master.cells for line in cell.source.split("\n")}
    own = [node.cells[i] for i in cells if i < len(node.cells)]
    labelled = list(_lines(cell.source for cell in own if cell.cell_type == "markdown"))
    if part is not None and any(label == part for label, _ in labelled):
        labelled = [(label, line) for label, line in labelled if label == part]
    text = "\n".join(_without_given(labelled, given)).strip()
    if text:
        return Answer(text=text)
    in_code = "\n".join(line for cell in own if cell.cell_type == "code" for line in _in_code(cell.source, given))
    return Answer(text=in_code, handed_out=not in_code and any(line.strip() for _, line in labelled))


def label_of(line: str) -> str:
    """Return the label a line begins with, "b" of "**b)** Show that"; empty where there is none."""
    found = _LABEL.match(line[:80])
    return found[1].lower() if found else ""


def _lines(sources: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every line with the label it stands under; cells end with an empty line."""
    label, count, seen = "", 0, 0
    for source in sources:
        for line in [*source.split("\n"), ""]:
            count, seen = count + 1, seen + len(line)
            if count > MAX_LINES or seen > 2 * MAX_SEEN:
                return
            label = label_of(line) or label
            yield label, line[:MAX_SEEN]


def _without_given(labelled: Iterable[tuple[str, str]], given: set[str]) -> Iterator[str]:
    for _, line in labelled:
        if not _TITLE.match(line[:200]) and (not line.strip() or _squeezed(line) not in given):
            yield _PLACEHOLDER.sub("", line)


def _squeezed(line: str) -> str:
    return "".join(line.split())


def _in_code(source: str, given: set[str]) -> Iterator[str]:
    """Yield comments and strings that read like sentences, and were not handed out."""
    source = source[:MAX_SEEN]
    for line in source.split("\n")[:MAX_LINES]:
        found = _COMMENT.match(line)
        if found and _is_prose(found[1]) and _squeezed(line) not in given:
            yield found[1]
    for piece in pieces(source):
        for text in _strings(piece.tree) if piece.tree is not None else ():
            for line in text.split("\n"):
                if _is_prose(line) and not any(_squeezed(line) in each for each in given):
                    yield line


def _strings(tree: ast.Module) -> Iterator[str]:
    """Yield strings that stand alone or are printed."""
    for inner in ast.walk(tree):
        match inner:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield text
            case ast.Call(func=ast.Name(id="print"), args=arguments):
                yield from (a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str))


def _is_prose(text: str) -> bool:
    return len(text.split()) >= MIN_WORDS
