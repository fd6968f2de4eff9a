"""Looking a notebook over before it is handed in: run from nothing, complete, with its files; and a receipt."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field

from grader import __version__
from grader.errors import SubmissionError, UsageError
from grader.grading import grade
from grader.notebook import defined_names, split_questions
from grader.notebook.solutions import TEXT_STUB
from grader.results import Cell, ExecutionStatus, QuestionResult, Result, Status
from grader.selfcheck.again import check
from grader.selfcheck.beside import named_elsewhere, named_files
from grader.selfcheck.desk import Desk, OnStep, nothing
from grader.selfcheck.stored import left_out, old_outputs, out_of_order, stored_cells

MAX_BYTES = 100_000_000  # Canvas and Gradescope may refuse what is larger
MAX_CELLS = 8
MAX_TRIES = 3  # runs that each show more of the files a notebook needs
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
NO_FILE = re.compile(r"No such file or directory: '([^']*)'|([^\s']+) not found\.?$")
UNDONE = (Status.FAILED, Status.NOT_REACHED, Status.NOT_ATTEMPTED)
NOT_THERE = ("FileNotFoundError", "NotADirectoryError")


class Receipt(BaseModel):
    """What was looked over, and when: to keep, and to compare with what arrived."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1] = 1
    assignment: str
    release: str = Field(description="of the bundle whose public checks gave the score")
    notebook: str
    bytes: int
    sha256: str
    score: float = Field(description="of the public checks")
    max_score: float
    ready: bool
    versions: dict[str, str]
    time: str = Field(description="with the time zone, as in 2026-03-02T21:14:03+01:00")


class Finding(BaseModel):
    """Something to look at."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["run", "order", "output", "question", "check", "file", "size", "notebook"]
    text: str


class HandIn(BaseModel):
    """What was found before a notebook is handed in."""

    model_config = ConfigDict(frozen=True)

    findings: tuple[Finding, ...]
    receipt: Receipt
    result: Result

    @property
    def ready(self) -> bool:
        """Whether there is nothing to look at."""
        return not self.findings


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One notebook, as it lies there and as it ran with some `files` of its student's beside it."""

    desk: Desk
    path: Path
    node: NotebookNode
    files: tuple[Path, ...]
    result: Result

    def findings(self) -> Iterator[Finding]:
        """Yield what there is to look at, the run first."""
        yield from self._run()
        yield from self._stored()
        yield from self._questions()
        yield from self._checks()
        yield from self._files()

    def missing(self, named: Sequence[Path]) -> list[Path]:
        """Return those of the `named` files that were not there and that an error speaks of."""
        said = [cell.error.message for cell in self.result.execution.cells if cell.error is not None]
        said += [check.message for check in self.result.checks if check.status in UNDONE]
        return [file for file in named if file not in self.files and any(_speaks_of(file, text) for text in said)]

    def troubles(self) -> set[object]:
        """Return what did not go well, by cell and by check."""
        failed = {(cell.index, cell.error.name) for cell in self.result.execution.cells if cell.error is not None}
        undone = {(each.id, each.status) for each in self.result.checks if each.status in (*UNDONE, Status.ERROR)}
        return {*failed, *undone, *self._old_outputs(), self.result.execution.status} - {ExecutionStatus.COMPLETED}

    def _old_outputs(self) -> list[int]:
        """Return the cells whose outputs are old; of those that were run in part, as without `!pip`, nobody knows."""
        execution = self.result.execution
        in_part = {note.partition(": ")[0] for note in execution.notes}
        ran = {cell.index: cell for cell in execution.cells if f"cell {cell.index + 1}" not in in_part}
        return old_outputs(stored_cells(self.path), ran)

    def _run(self) -> Iterator[Finding]:
        execution = self.result.execution
        if execution.status not in (ExecutionStatus.COMPLETED, ExecutionStatus.ERRORS):
            yield Finding(kind="run", text=f"Run from the start, it does not come to its end. {execution.message}")
            return
        failed = [cell for cell in execution.cells if cell.error is not None and cell.error.name not in NOT_THERE]
        for cell in failed[:MAX_CELLS]:
            yield Finding(kind="run", text=f"Run from the start, {self._stopped(cell)}")
        if len(failed) > MAX_CELLS:
            yield Finding(kind="run", text=f"{len(failed) - MAX_CELLS} more cells stop with an error.")

    def _stopped(self, cell: Cell) -> str:
        if cell.error is None:
            return ""
        message = " ".join(cell.error.message.split())[:200]
        text = f"cell {cell.index + 1} stops with {cell.error.name}: {message}".rstrip(": ").removesuffix(".") + "."
        unknown = UNDEFINED.search(message)
        later = [i for i in self._makers(unknown[1]) if i > cell.index] if unknown else []
        if unknown and later:
            text += f" Cell {later[0] + 1}, which makes `{unknown[1]}`, stands below it."
        return text

    def _makers(self, name: str) -> list[int]:
        cells = enumerate(self.node.cells)
        return [
            i
            for i, cell in cells
            if cell.cell_type == "code" and name in defined_names(NotebookNode(cells=[cell]))  # type: ignore[no-untyped-call]
        ]

    def _stored(self) -> Iterator[Finding]:
        stored = stored_cells(self.path)
        again = "Run all from the start (Restart Kernel and Run All Cells) and save it."
        if moved := out_of_order(stored):
            text = f"{_cells(moved)} in the file {'was' if len(moved) == 1 else 'were'} run after cells below. {again}"
            yield Finding(kind="order", text=text)
        if not_run := left_out(stored):
            text = f"{_cells(not_run)} {'was' if len(not_run) == 1 else 'were'} not run when the others were. {again}"
            yield Finding(kind="output", text=text)
        if old := self._old_outputs():
            shows = "shows" if len(old) == 1 else "show"
            text = f"{_cells(old)} {shows} an old output: run from the start, something else comes out. {again}"
            yield Finding(kind="output", text=text)

    def _questions(self) -> Iterator[Finding]:
        ids = [question.id for question in self.desk.assignment.questions]
        own, given = (split_questions(node, ids) for node in (self.node, self.desk.assignment.master))
        results = {question.id: question for question in self.result.questions}
        for question in self.desk.assignment.questions:
            name = f"{question.id.upper()} ({question.title})"
            if given[question.id] and not own[question.id]:
                text = f"{name} has no cells in your notebook: was its heading changed or deleted?"
                yield Finding(kind="question", text=text)
            elif said := self._unwritten(own[question.id], given[question.id], results.get(question.id)):
                yield Finding(kind="question", text=f"{name}{said}")
            elif empty := self._empty_texts(own[question.id]):
                text = f"{name}: {_cells(empty).lower()} still {'says' if len(empty) == 1 else 'say'} {TEXT_STUB}"
                yield Finding(kind="question", text=text)

    def _empty_texts(self, own: Sequence[int]) -> list[int]:
        """Return the cells that wait for a text."""
        return [i for i in own if self.node.cells[i].cell_type == "markdown" and TEXT_STUB in self.node.cells[i].source]

    def _unwritten(self, own: Sequence[int], given: Sequence[int], result: QuestionResult | None) -> str:
        """Say how a question has no answer; "" where there is one."""
        if result is not None and result.status is Status.PASSED:
            return ""
        now = {_squeezed(self.node.cells[i]) for i in own} - {""}
        before = {_squeezed(self.desk.assignment.master.cells[i]) for i in given} - {""}
        if given and now == before:
            return " is as it was handed out: nothing is written there yet."
        if now < before:
            return " has lost cells, and nothing else is written there: were they deleted?"
        if result is not None and result.status is Status.NOT_ATTEMPTED:
            said = next(check.message for check in result.checks if check.status is Status.NOT_ATTEMPTED)
            return f": {said}"
        return ""

    def _checks(self) -> Iterator[Finding]:
        for question in self.result.questions:
            wrong = [check for check in question.checks if check.status in UNDONE]
            if wrong and question.status is not Status.NOT_ATTEMPTED:  # which is said already
                count = f"{len(wrong)} of {len(question.checks)} public checks of {question.id.upper()}"
                first = f"{' '.join(wrong[0].title.split())}"
                yield Finding(kind="check", text=f"{count} {_pass(len(wrong))} yet, the first: {first}.")
            broken = [check for check in question.checks if check.status is Status.ERROR]
            for each in broken:
                yield Finding(kind="check", text=f"{question.id.upper()}: {each.title}: {each.message}")

    def _files(self) -> Iterator[Finding]:
        folder = self.path.absolute().parent
        for given in self.desk.assignment.attached:
            own = folder / given.name
            if own.is_file() and given.is_file() and own.read_bytes() != given.read_bytes():
                text = f"{given.name} is not as it was handed out. When it is graded, your notebook reads the original."
                yield Finding(kind="file", text=text)
        for file in self.files:
            yield Finding(
                kind="file", text=f"It uses {file.name}, which was not handed out: hand it in together with it."
            )
        others = named_elsewhere(self.node, folder, self.files)
        for text in (text for text, place in others.items() if place.is_file()):
            where = f"It opens {text!r}, which is on this computer only."
            yield Finding(kind="file", text=f"{where} Put the file beside the notebook, and name it without a folder.")
        for cell in self.result.execution.cells:
            if cell.error is not None and cell.error.name in NOT_THERE:
                found = NO_FILE.search(cell.error.message)
                name = repr(found[1] or found[2]) if found else "a file"
                text = f"Cell {cell.index + 1} opens {name}, which will not be there. Put it beside the notebook"
                yield Finding(kind="file", text=f"{text}, or have an earlier cell make it.")


def look_over(desk: Desk, path: Path, on_step: OnStep = nothing) -> HandIn:
    """Run a notebook from nothing and return what there is to look at, with a receipt.

    UsageError when there is no such file, it is of another homework, or it was saved meanwhile.
    """
    before = desk.read_digest(path)
    try:
        look = _look(desk, path, on_step)
        result, found = look.result, tuple(look.findings())
    except SubmissionError as error:
        result = check(desk, path, fresh=True, on_step=on_step).result
        found = (Finding(kind="notebook", text=str(error)),)
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != before:
        raise UsageError(f"{path.name}: was saved while it was looked over. Type the command once more.")
    if len(raw) > MAX_BYTES:
        text = (
            f"It has {len(raw) / 1e6:.0f} MB; Canvas and Gradescope may refuse more than {MAX_BYTES / 1e6:.0f} MB. "
            "Clear large outputs (Edit, Clear Outputs of All Cells) and save it."
        )
        found = (*found, Finding(kind="size", text=text))
    receipt = Receipt(
        assignment=desk.assignment.name,
        release=desk.release,
        notebook=path.name,
        bytes=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        score=result.score,
        max_score=result.max_score,
        ready=not found,
        versions=_versions(desk),
        time=datetime.now().astimezone().isoformat(timespec="seconds"),
    )
    return HandIn(findings=found, receipt=receipt, result=result)


def _look(desk: Desk, path: Path, on_step: OnStep) -> _Look:
    """Run a notebook without the files beside it, then with those it turns out to need.

    A file that it makes itself, or only mentions, is not needed. Where no error names a file and yet more goes wrong
    without the files, all that it names are needed.
    """
    node = desk.read(path).node
    named = named_files(node, path.absolute().parent, desk.assignment)

    def run(files: Collection[Path]) -> _Look:
        beside = tuple(file for file in named if file in files)
        if beside == named:  # as `grade` runs it: kept for the next time
            result = check(desk, path, fresh=True, on_step=on_step).result
        else:
            result = desk.told(grade(path, desk.assignment, desk.options, on_step, files=beside))
        return _Look(desk=desk, path=path, node=node, files=beside, result=result)

    look = run(())
    for _ in range(MAX_TRIES):
        if missing := look.missing(named):
            look = run({*look.files, *missing})
    if look.files != named and (troubles := look.troubles()):
        whole = run(named)
        look = whole if troubles - whole.troubles() else look
    return look


def _speaks_of(file: Path, text: str) -> bool:
    name = file.stem if file.suffix == ".py" else file.name  # a module goes by its name
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?!\w)", text) is not None


def _versions(desk: Desk) -> dict[str, str]:
    return {
        "grader": __version__,
        "bundle": desk.bundle.grader,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cells(indices: Sequence[int]) -> str:
    shown = ", ".join(str(index + 1) for index in indices[:MAX_CELLS]) + (", …" if len(indices) > MAX_CELLS else "")
    return f"Cell {shown}" if len(indices) == 1 else f"Cells {shown}"


def _pass(count: int) -> str:
    return "does not pass" if count == 1 else "do not pass"


def _squeezed(cell: NotebookNode) -> str:
    """Return a cell's text without its layout; the indentation of code is none."""
    if cell.cell_type != "code":
        return "".join(cell.source.split())
    lines = [line for line in cell.source.expandtabs().split("\n") if line.strip()]
    return "\n".join(line[: len(line) - len(line.lstrip())] + "".join(line.split()) for line in lines)
