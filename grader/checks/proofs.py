"""The `proof` fixture: a student's derivation, judged line by line in the world its author wrote down.

A check ends by it: passed where all is there, part of the points where something is missing or false, left to a
person where numbers cannot decide, and not attempted where nothing was written.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from grader.checks.check import NeedsReview, NotAttempted, PartialCredit
from grader.errors import AssignmentError, did_you_mean
from grader.proofs import Judgement, Line, Mark, World, judge
from grader.prose import label_of
from grader.results import CounterExample, Derivation, LineMark, Milestone, ProofLine

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from grader.checks.view import NotebookView

FOLDER = "proofs"
MAX_LINES = 120
ELSEWHERE = (
    "There is no derivation in this question, but lines that belong to it stand elsewhere in your notebook: a person "
    "will look."
)
FEW_WORDS = 12  # fewer words of one's own than these are no proof in words
_IMAGE = re.compile(r"!\[[^\]]*\]\s*\(|!\[[^\]]*\]\s*\[|<img\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(on paper|hand-?written|handwriting|by hand|scan(?:ned)?|photo(?:s|graph)?|attached|attachment|pdf|"
    r"auf papier|handschriftlich|im anhang|angehängt)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^\s*(?:#{1,6}\s.*|\*\*[^*]*\*\*[:.]?\s*)$", re.MULTILINE)
_FORMULA = re.compile(r"\$\$?[^$]*\$\$?|\\[a-zA-Z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CLAIMS = tuple(mark for mark in Mark if mark not in (Mark.MENTION, Mark.DEFINITION))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The text cells of a question without what was handed out; `starts` are (first line, cell) of each."""

    text: str
    starts: tuple[tuple[int, int], ...]

    def place(self, line: int) -> str:
        """Return where a line of the text stands in the notebook."""
        first, cell = max((start for start in self.starts if start[0] <= line), default=(1, -1))
        return f"cell {cell + 1}, line {line - first + 1}"


@dataclass
class Proof:
    """What the `proof` fixture is: call it with the name of a world."""

    folder: Path
    view: NotebookView
    question: str
    reads_aloud: bool = False  # whether every line says how it was read, as in a self-check
    shown: list[Derivation] = field(default_factory=list)

    def __call__(
        self, name: str, *, question: str = "", part: str = "", beside: Sequence[str] = (), title: str = ""
    ) -> None:
        """Judge the derivation in a question's answer, show it, and end the check with what it came to.

        `name` is the world's file in the folder `proofs`, without `.toml`; `question` another question than the
        check's own; `part` its part "c", where the labels of the notebook as handed out are still there; `beside`
        the worlds of other derivations the same answer is to hold, whose lines do not count here.
        """
        self.view.require_text()
        world = world_of(self.folder, name)
        others = [world_of(self.folder, other) for other in beside]
        answer = answer_of(self.view, question or self.question, part)
        judgement = judge(answer.text, world, beside=others, place=answer.place)
        if judgement.lines:
            self.shown.append(self._derivation(judgement, answer, title, asked=bool(world.target)))
        if not any(line.mark in _CLAIMS for line in judgement.lines):
            raise NeedsReview(ELSEWHERE) if self._stands_elsewhere(world) else _without_formulas(answer.text)
        if judgement.review:
            raise NeedsReview(
                f"A person will look at this derivation: {'; '.join(judgement.review)}. {judgement.sentence}"
            )
        if judgement.points < 1:
            raise PartialCredit(judgement.points, _with_missing(judgement))

    def _stands_elsewhere(self, world: World) -> bool:
        """Whether the text of the whole notebook reaches the result or comes by a waypoint."""
        found = judge(written_in(self.view, range(len(self.view.node.cells) if self.view.node else 0)).text, world)
        return found.reached or any(passed.found for passed in found.waypoints)

    def _derivation(self, judgement: Judgement, answer: Answer, title: str, *, asked: bool) -> Derivation:
        return Derivation(
            title=title or "Your derivation, line by line",
            lines=tuple(self._line(line, answer.place(line.line)) for line in judgement.lines[:MAX_LINES]),
            milestones=tuple(Milestone(name=passed.name, there=passed.found) for passed in judgement.waypoints),
            reached=judgement.reached if asked else None,
            left_out=max(0, len(judgement.lines) - MAX_LINES),
        )

    def _line(self, line: Line, place: str) -> ProofLine:
        doubtful = line.remarks or line.mark in (Mark.FAILS, Mark.UNCLEAR)
        return ProofLine(
            place=place,
            latex=line.text,
            read_as=line.read_as if self.reads_aloud or doubtful else "",
            mark=LineMark(line.mark.value),
            why=_why(line),
            remarks=line.remarks,
            counter=_counter(line),
        )


def _why(line: Line) -> str:
    """Return why a line has its mark, in words."""
    said = [line.hint or line.why]
    if line.condition and line.mark is not Mark.MENTION:
        said.insert(0, f"read for ${line.condition}$")
    if line.assumption:
        said.append(f"if {line.assumption}")
    if line.mark is Mark.HOLDS and line.trivial:
        said.append("it says nothing new")
    return "; ".join(filter(None, said))


def _counter(line: Line) -> CounterExample | None:
    if line.counter is None:
        return None
    indices = tuple((letter, str(place)) for letter, place in line.counter.indices)
    return CounterExample(left=line.counter.left, right=line.counter.right, at=indices + line.counter.values)


def _with_missing(judgement: Judgement) -> str:
    missing = [passed.name for passed in judgement.waypoints if not passed.found]
    return f"{judgement.sentence} Not found on the way: {', '.join(missing)}." if missing else judgement.sentence


def _without_formulas(text: str) -> Exception:
    """Return how a check ends where an answer holds no formula that claims anything."""
    if _IMAGE.search(text):
        return NeedsReview("Your derivation seems to be in a picture, which only a person can read.")
    if _ELSEWHERE.search(text):
        return NeedsReview(
            "Your derivation seems to be somewhere else than in the notebook: a person will look for it."
        )
    if len(_WORD.findall(_FORMULA.sub("", _HEADING.sub("", text)))) > FEW_WORDS:
        return NeedsReview(
            "You explain it in words, and no line claims that two things are equal: a person will read it."
        )
    return NotAttempted(
        "There is no derivation yet. Write it below the question in a text cell, formulas between dollar signs, one "
        "step per line: every line that is right counts, also when the end is missing."
    )


# -- the student's own text ------------------------------------------------------------------------------------------


def answer_of(view: NotebookView, question: str, part: str = "") -> Answer:
    """Return what the student wrote in the text cells of a question, or below the label of its part as handed out."""
    return written_in(view, view.questions.get(question, ()), part)


def written_in(view: NotebookView, cells: Sequence[int], part: str = "") -> Answer:
    """Return what the student wrote in some text cells, or below the label of a part in them."""
    handed_out = [_paragraphs(cell.source) for cell in view.master.cells if cell.cell_type == "markdown"]
    given = {_plain(line) for cell in view.master.cells for line in cell.source.split("\n")}
    label, labels = "", []
    lines: list[str] = []
    starts: list[tuple[int, int]] = []
    for index, cell in _text_cells(view.node, cells):
        starts.append((len(lines) + 1, index))
        lines += [*_own_lines(cell, handed_out), ""]
        for line in [*cell.split("\n"), ""]:
            label = (label_of(line) if _plain(line) in given else "") or label
            labels.append(label)
    if part and part in labels:
        lines = [line if other == part else "" for line, other in zip(lines, labels, strict=True)]
    return Answer(text="\n".join(lines), starts=tuple(starts))


def _text_cells(node: NotebookNode | None, indices: Sequence[int]) -> Iterator[tuple[int, str]]:
    for index in indices if node is not None else ():
        if node is not None and index < len(node.cells) and node.cells[index].cell_type == "markdown":
            yield index, node.cells[index].source


def _own_lines(source: str, handed_out: Sequence[list[str]]) -> list[str]:
    """Return the lines of a cell, blank where they are those of a cell that was handed out and written into."""
    lines = source.split("\n")
    own = _paragraphs(source)
    master = max(handed_out, key=lambda text: len(set(text) & set(own)), default=[])
    if not own or not master or (own[0] not in master and 2 * len(set(own) & set(master)) < len(master)):
        return lines
    left = Counter(master)
    for start, end in _spans(lines):
        paragraph = _plain("\n".join(lines[start:end]))
        if left[paragraph]:
            left[paragraph] -= 1
            lines[start:end] = [""] * (end - start)
    return lines


def _paragraphs(source: str) -> list[str]:
    lines = source.split("\n")
    return [_plain("\n".join(lines[start:end])) for start, end in _spans(lines)]


def _spans(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where each paragraph starts and ends."""
    start = 0
    for number, line in enumerate([*lines, ""]):
        if not line.strip():
            if number > start:
                yield start, number
            start = number + 1


def _plain(text: str) -> str:
    return "".join(text.split())


# -- worlds ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def world_of(folder: Path, name: str) -> World:
    """Return the world of a derivation, read once; AssignmentError names the file and what is wrong with it."""
    path = folder / FOLDER / f"{name}.toml"
    if not path.is_file():
        known = sorted(file.stem for file in path.parent.glob("*.toml"))
        raise AssignmentError(f"{path}: there is no such file.{did_you_mean(name, known)}")
    try:
        world = World.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        judge("$1 = 1$", world)  # its definitions, target and waypoints are read only now
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AssignmentError(f"{path}: not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise AssignmentError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    except AssignmentError as error:
        raise AssignmentError(f"{path}: {error}") from error
    return world
