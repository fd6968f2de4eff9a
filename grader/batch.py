"""Many submissions: find them, name their reports, grade one after another, and sum up whatever happens."""

from __future__ import annotations

import functools
import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from grader.errors import AssignmentError, OutputError, UnknownAssignment, UsageError, reason_of
from grader.gradebook import gradebook_csv
from grader.report import atomic_write, index_html
from grader.results import Execution, ExecutionStatus, Result

NAME_BYTES = 100  # with a folder's name before it and ".html" behind it, still far below a file system's 255
RESERVED_NAMES = frozenset({"index"})  # index.html is the batch's own


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A notebook to be graded: `name` is that of its reports, `student` who is meant."""

    path: Path
    name: str
    student: str


GradeOne = Callable[[Path], Result]
WriteOne = Callable[[Submission, Result], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one submission: a result, or the reason why there is none; both when it says so itself."""

    submission: Submission
    result: Result | None = None
    failure: Exception | None = None

    @property
    def graded(self) -> bool:
        """Whether there is a result that stands for the student's work."""
        return self.failure is None and self.result is not None and not self.result.error

    @property
    def fatal(self) -> bool:
        """Whether every other submission would end the same way."""
        return isinstance(self.failure, AssignmentError) and not isinstance(self.failure, UnknownAssignment)

    @property
    def reason(self) -> str:
        """Why this submission was not graded, in a sentence; empty when it was."""
        if self.failure is not None:
            return reason_of(self.failure)
        return self.result.error if self.result is not None else ""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A batch as far as it went."""

    outcomes: tuple[Outcome, ...]
    total: int
    stopped: bool = False

    @property
    def results(self) -> list[Result]:
        """The results there are, also those that only say why a submission could not be graded."""
        return [outcome.result for outcome in self.outcomes if outcome.result is not None]

    @property
    def graded(self) -> int:
        """How many submissions were graded."""
        return sum(outcome.graded for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 when all were graded, 1 when some could not be, 2 when the assignment is broken."""
        if any(outcome.fatal for outcome in self.outcomes):
            return AssignmentError.exit_code
        return 0 if self.graded == self.total else 1


class Run(Protocol):
    """`map`, or the `map` of an executor: calls in any order, answers in the order asked."""

    def __call__(
        self, work: Callable[[Submission], Outcome], submissions: Iterable[Submission], /
    ) -> Iterable[Outcome]: ...


def run_batch(
    submissions: Sequence[Submission],
    grade_one: GradeOne,
    write_one: WriteOne,
    on_done: Callable[[Outcome], None],
    run: Run = map,
) -> Summary:
    """Grade the submissions and write each result as soon as it is there; one that fails does not stop the others.

    Ctrl-C ends it early and keeps what is done, and so does a broken assignment.
    """
    outcomes: list[Outcome] = []
    try:
        for outcome in run(functools.partial(attempt, grade_one=grade_one), submissions):
            outcomes.append(_written(outcome, write_one))
            on_done(outcomes[-1])
            if outcome.fatal:
                break
    except KeyboardInterrupt:
        return Summary(outcomes=tuple(outcomes), total=len(submissions), stopped=True)
    return Summary(outcomes=tuple(outcomes), total=len(submissions))


def attempt(submission: Submission, grade_one: GradeOne) -> Outcome:
    """Grade one submission; whatever goes wrong becomes part of the outcome, so that nobody is missing afterwards."""
    try:
        result = grade_one(submission.path)
    except Exception as error:  # noqa: BLE001 - also a fault nobody thought of stays with its submission
        outcome = Outcome(submission=submission, failure=error)
        return outcome if outcome.fatal else replace(outcome, result=ungraded(submission, reason_of(error)))
    return Outcome(submission=submission, result=result.model_copy(update={"student": submission.student}))


def ungraded(submission: Submission, reason: str) -> Result:
    """Return a result that only says why there is none."""
    return Result(
        assignment="",
        student=submission.student,
        submission=submission.path.name,
        score=0,
        max_score=0,
        seed=0,
        sandbox="none",
        error=reason,
        repairs=(),
        execution=Execution(status=ExecutionStatus.NOT_RUN, message=reason, notes=()),
    )


def write_summary(summary: Summary, out: Path) -> None:
    """Write gradebook.csv and index.html into the output folder; OutputError when that is not possible."""
    atomic_write(out / "gradebook.csv", gradebook_csv(summary.results))
    links = [f"{outcome.submission.name}.html" for outcome in summary.outcomes if outcome.result is not None]
    atomic_write(out / "index.html", index_html(summary.results, links))


def _written(outcome: Outcome, write_one: WriteOne) -> Outcome:
    if outcome.result is None:
        return outcome
    try:
        write_one(outcome.submission, outcome.result)
    except Exception as error:  # noqa: BLE001 - as in attempt
        return replace(outcome, failure=outcome.failure or error)
    return outcome


# --- finding submissions ------------------------------------------------------------------------------------------


def find_notebooks(paths: Iterable[Path]) -> list[Path]:
    """Return the notebooks named or below the folders named, each once, those of a folder sorted.

    Hidden files and folders (and with them `.ipynb_checkpoints`) are left out. Raises UsageError for a path that is
    not there and for a folder without notebooks.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for notebook in _below(path) if path.is_dir() else [_file(path)]:
            found.setdefault(notebook.resolve(), notebook)
    return list(found.values())


def _file(path: Path) -> Path:
    if not path.is_file():
        what = "is neither a file nor a folder" if path.exists() else "does not exist"
        raise UsageError(f"{path} {what}.")
    return path


def _below(folder: Path) -> list[Path]:
    found = sorted(_walk(folder))
    if not found:
        raise UsageError(f"{folder}: no notebooks (*.ipynb) in this folder.")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.lower().endswith(".ipynb") and not name.startswith("."):
                yield Path(place, name)


def _unreadable(error: OSError) -> None:
    raise UsageError(f"{error.filename}: cannot be read ({error.strerror}).") from error


# --- naming reports -----------------------------------------------------------------------------------------------


def named(paths: Sequence[Path]) -> list[Submission]:
    """Return the submissions with names for their reports: safe for every file system, and no two alike.

    The student is the notebook's name. Notebooks of the same name are told apart by their folders, then by a number
    in the order given, and so are their students.
    """
    counts = Counter(_key(safe_name(path.stem)) for path in paths)
    submissions: list[Submission] = []
    taken: set[str] = set()
    for path in paths:
        alone = counts[_key(safe_name(path.stem))] == 1
        wanted = path.stem if alone else f"{path.resolve().parent.name}-{path.stem}"
        name = _free(safe_name(wanted), taken)
        taken.add(_key(name))
        submissions.append(Submission(path=path, name=name, student=path.stem if alone else name))
    return submissions


def safe_name(stem: str) -> str:
    """Return a file's name without its extension, of letters, marks, digits, `.`, `_` and `-` only and not too long."""
    plain = unicodedata.normalize("NFC", stem)
    kept = "".join(char if char in "-._" or unicodedata.category(char)[0] in "LMN" else " " for char in plain)
    name = "_".join(kept.split()).strip("-._") or "notebook"
    if len(name.encode()) > NAME_BYTES:
        mark = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        name = f"{name.encode()[: NAME_BYTES - 9].decode('utf-8', 'ignore')}-{mark}"
    return f"{name}-notebook" if name.casefold() in RESERVED_NAMES else name


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it where the name is taken."""
    candidate, number = name, 1
    while _key(candidate) in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _key(name: str) -> str:
    """What two names share when a file system takes them for the same."""
    return unicodedata.normalize("NFC", name.casefold())


def require_writable(out: Path) -> None:
    """Raise OutputError unless a file of some size can be written into the output folder, which is made if missing."""
    probe = out / ".probe"
    atomic_write(probe, b"\0" * 65536)
    try:
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot write in {out}: {error.strerror}.") from error
