"""The result of a submission: what reports, exports and the gradebook read, and nothing else.

A result is plain data. It goes to JSON and back without loss, and its JSON Schema (`grader/result.schema.json`)
is part of the package.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.withheld import Withheld

SCHEMA_VERSION = 1


class Status(enum.StrEnum):
    """What a check, a question or an open part came to."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # ours, never the student's zero
    NOT_REACHED = "not_reached"  # the notebook or its kernel never got there
    NOT_ATTEMPTED = "not_attempted"  # left as handed out
    NEEDS_REVIEW = "needs_review"  # a person decides


WITHHELD = "This is not shown: there are lines of a hidden test in it."
ABOUT_CELL = re.compile(r"cell (\d+)\b")  # how a note of the execution begins
OPEN = (Status.NEEDS_REVIEW, Status.ERROR)  # a person has to look before these points are given or lost


class Visibility(enum.StrEnum):
    """Whether a student may see what a check asked and expected."""

    PUBLIC = "public"
    HIDDEN = "hidden"


class Audience(enum.StrEnum):
    """For whom a report is written."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


class Record(BaseModel):
    """Base of everything here: frozen, nothing unknown, NaN and infinity survive JSON, and so does every text."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    @model_validator(mode="before")
    @classmethod
    def _writable(cls, fields: Any) -> Any:
        """Replace lone surrogates, which no file and no terminal can take."""
        return {name: _writable(value) for name, value in fields.items()} if isinstance(fields, dict) else fields


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return tuple(map(_writable, value)) if isinstance(value, tuple) else value


class Text(Record):
    """A piece of text, shown as it is (a call, an answer, a traceback)."""

    kind: Literal["text"] = "text"
    title: str
    text: str
    expected: bool = Field(default=False, description="tells what the right answer is: not for students when hidden")


class Table(Record):
    """Rows of already formatted cells."""

    kind: Literal["table"] = "table"
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    expected: bool = Field(default=False, description="tells what the right answer is: not for students when hidden")


class Heatmap(Record):
    """A matrix of shape (rows, columns), at most 64 × 64, drawn as colours."""

    kind: Literal["heatmap"] = "heatmap"
    title: str
    values: tuple[tuple[float, ...], ...]
    row_label: str = ""
    column_label: str = ""
    description: str = Field("", description="the picture in words, for those who do not see it")
    expected: bool = Field(default=False, description="tells what the right answer is: not for students when hidden")


class Series(Record):
    """One named line; `x` and `y` have the same length."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


class Curves(Record):
    """Lines over a common axis."""

    kind: Literal["curves"] = "curves"
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    description: str = Field("", description="the picture in words, for those who do not see it")
    expected: bool = Field(default=False, description="tells what the right answer is: not for students when hidden")


class Picture(Record):
    """A picture the notebook showed: output `output` of cell `cell`, shown again beside a verdict."""

    kind: Literal["picture"] = "picture"
    title: str
    cell: int = Field(ge=0)
    output: int = Field(ge=0)
    expected: bool = Field(default=False, description="tells what the right answer is: not for students when hidden")


class LineMark(enum.StrEnum):
    """What a line of a derivation, or a formula without a claim, came to."""

    HOLDS = "holds"
    FAILS = "fails"
    DEFINITION = "your definition"
    ASSUMES = "holds under an assumption"
    UNCLEAR = "not understood"
    NOT_READ = "not read"
    MENTION = "no claim"


class CounterExample(Record):
    """Where a line is false: what both sides come to, and at which values (names in LaTeX, numbers as text)."""

    left: str
    right: str
    at: tuple[tuple[str, str], ...] = ()


class ProofLine(Record):
    """A line of a derivation with its verdict."""

    place: str = Field(description="where it stands, e.g. 'cell 14, line 3'")
    latex: str = Field(description="as the student wrote it: not to be trusted")
    read_as: str = Field("", description="as it was read, in LaTeX of ours; empty where that need not be shown")
    mark: LineMark
    why: str = Field("", description="the reason, in words")
    remarks: tuple[str, ...] = Field((), description="where it was read charitably")
    counter: CounterExample | None = None


class Milestone(Record):
    """A step a derivation should pass, and whether it does."""

    name: str
    there: bool


class Derivation(Record):
    """A derivation with a verdict beside each line."""

    kind: Literal["derivation"] = "derivation"
    title: str
    lines: tuple[ProofLine, ...]
    milestones: tuple[Milestone, ...] = ()
    reached: bool | None = Field(None, description="whether the result is there; null where none was asked for")
    left_out: int = Field(0, ge=0, description="how many more lines there are")
    expected: bool = Field(default=False, description="tells what the right answer is: not for students when hidden")


Evidence = Annotated[Text | Table | Heatmap | Curves | Picture | Derivation, Field(discriminator="kind")]


class Diagnosis(Record):
    """A named misconception that explains a wrong answer."""

    name: str
    title: str
    explanation: str


class CheckResult(Record):
    """The verdict of one check. `message` is for the student, `detail` for staff only."""

    id: str
    question: str
    title: str
    visibility: Visibility
    status: Status
    score: float
    max_score: float
    message: str = ""
    hint: str = ""
    diagnosis: Diagnosis | None = None
    evidence: tuple[Evidence, ...] = ()
    remarks: tuple[str, ...] = Field(
        (), description="what was understood on the way, e.g. 'your weights are (out, in)'"
    )
    detail: str = ""
    seconds: float = 0.0


class QuestionResult(Record):
    """A question with its checks; `pending` points wait for a person and are in `max_score`, not in `score`."""

    id: str
    title: str
    text: str = Field("", description="what was asked, in Markdown")
    score: float
    max_score: float
    pending: float = 0.0
    status: Status
    checks: tuple[CheckResult, ...] = ()
    cells: tuple[int, ...] = Field((), description="indices into `execution.cells`")


class CellError(Record):
    """An exception a cell ended with."""

    name: str
    message: str
    traceback: str = ""


class Output(Record):
    """One output of a cell: `data` is text, or base64 for images. Not yet sanitised: the report does that."""

    mime: str
    data: str


class Cell(Record):
    """A cell of the submission as it was run."""

    index: int
    kind: Literal["code", "markdown", "raw"]
    source: str
    seconds: float = 0.0
    error: CellError | None = None
    outputs: tuple[Output, ...] = ()
    student_source: str | None = Field(
        None, description="of a hidden test: what its student may see of it, and nothing of what it showed"
    )


class ExecutionStatus(enum.StrEnum):
    """How running the notebook ended."""

    COMPLETED = "completed"
    ERRORS = "errors"  # ran through, some cells raised
    TIMED_OUT = "timed_out"  # a cell or the notebook was stopped
    DIED = "died"  # the kernel ended on the way
    NOT_RUN = "not_run"


class Execution(Record):
    """What running the notebook gave."""

    status: ExecutionStatus
    seconds: float = 0.0
    cells: tuple[Cell, ...] = ()
    message: str = Field("", description="one sentence when it did not complete")
    notes: tuple[str, ...] = Field(
        (), description="what was neutralised or cut, e.g. 'cell 2: `!pip install` was not run'"
    )


class Timings(Record):
    """Seconds spent on one submission; `calls`, in the student's kernel, are part of those of the checks."""

    start: float = 0.0
    kernel: float = 0.0
    cells: float = 0.0
    checks: float = 0.0
    calls: float = 0.0
    report: float = 0.0


class Result(Record):
    """All verdicts of a submission."""

    schema_version: Literal[1] = 1
    assignment: str
    title: str = ""
    student: str
    submission: str = Field(description="file name of the notebook")
    score: float
    max_score: float
    pending: float = 0.0
    seed: int
    sandbox: str = Field(description="how the kernel was sealed; 'none' is stamped on the report")
    audience: Audience = Audience.INSTRUCTOR
    notes: tuple[str, ...] = Field((), description="what readers must know about how this was graded")
    error: str = Field("", description="why the submission could not be graded, for its student")
    repairs: tuple[str, ...] = Field((), description="what was mended while reading the notebook")
    execution: Execution
    questions: tuple[QuestionResult, ...] = ()
    timings: Timings = Timings()

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """The checks of all questions, in their order."""
        return tuple(check for question in self.questions for check in question.checks)


def question_status(checks: Iterable[CheckResult]) -> Status:
    """Sum up the checks of a question: the status that most needs somebody's attention."""
    return worst(check.status for check in checks)


def worst(statuses: Iterable[Status]) -> Status:
    """Return what checks of these statuses come to together."""
    found = set(statuses)
    if Status.PASSED in found and Status.NOT_ATTEMPTED in found:
        found = (found - {Status.NOT_ATTEMPTED}) | {Status.FAILED}  # attempted in part
    for status in (
        Status.ERROR,
        Status.FAILED,
        Status.NOT_REACHED,
        Status.NOT_ATTEMPTED,
        Status.NEEDS_REVIEW,
    ):
        if status in found:
            return status
    return Status.PASSED


def for_student(result: Result) -> Result:
    """Return the result without anything a hidden check knows: only its title, points, hint and diagnosis stay.

    Of a cell that is a hidden test only what its student may see stays, and nothing of what it showed; what else has a
    telling line of such a test in it, because the notebook read it, is withheld.
    """
    withheld = _withheld(result.execution)
    questions = tuple(
        question.model_copy(update={"checks": tuple(_student_view(check, withheld) for check in question.checks)})
        for question in result.questions
    )
    execution = _student_execution(result.execution, withheld)
    return result.model_copy(update={"questions": questions, "execution": execution, "audience": Audience.STUDENT})


def _withheld(execution: Execution) -> Withheld:
    hidden = (cell.source for cell in execution.cells if cell.student_source is not None)
    known = (cell.source if cell.student_source is None else cell.student_source for cell in execution.cells)
    return Withheld.of(hidden, known)


def _student_execution(execution: Execution, withheld: Withheld) -> Execution:
    hidden = {cell.index + 1 for cell in execution.cells if cell.student_source is not None}
    if not hidden:
        return execution
    notes = (note for note in execution.notes if not (about := ABOUT_CELL.match(note)) or int(about[1]) not in hidden)
    update = {
        "cells": tuple(_student_cell(cell, withheld) for cell in execution.cells),
        "message": WITHHELD if withheld.is_in(execution.message) else execution.message,
        "notes": tuple(note for note in notes if not withheld.is_in(note)),
    }
    return execution.model_copy(update=update)


def _student_cell(cell: Cell, withheld: Withheld) -> Cell:
    """Return a cell as its student may see it; pictures keep their places, since evidence names them by these."""
    if cell.student_source is not None:
        return Cell(index=cell.index, kind=cell.kind, source=cell.student_source, seconds=cell.seconds)
    update: dict[str, Any] = {}
    if withheld.is_in([output.data for output in cell.outputs if not _is_drawn(output)]):
        covered = Output(mime="text/plain", data=WITHHELD)
        update["outputs"] = tuple(output if _is_drawn(output) else covered for output in cell.outputs)
    error = cell.error
    if error is not None and withheld.is_in((error.name, error.message, error.traceback)):
        name = "Error" if withheld.is_in(error.name) else error.name
        update["error"] = CellError(name=name, message=WITHHELD)
    return cell.model_copy(update=update)


def _is_drawn(output: Output) -> bool:
    """Tell whether an output is a picture of dots, which has no text."""
    return output.mime.startswith("image/") and output.mime != "image/svg+xml"


def _student_view(check: CheckResult, withheld: Withheld) -> CheckResult:
    """Return a check without what staff reads, and without what it says when it is hidden or says too much."""
    if check.visibility is Visibility.HIDDEN:
        return check.model_copy(update={"detail": "", "message": "", "evidence": (), "remarks": ()})
    said = check.model_dump(include={"message", "evidence", "remarks"}) if withheld.lines else {}
    if withheld.is_in(said):
        return check.model_copy(update={"detail": "", "message": WITHHELD, "evidence": (), "remarks": ()})
    return check.model_copy(update={"detail": ""})
