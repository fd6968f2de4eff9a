"""`grade PATH...`: from what was typed to reports on disk and a table, lines or JSON on the screen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignment import Assignment, find, known
from grader.batch import Outcome, Submission, attempt, find_notebooks, named, require_writable, run_batch, write_summary
from grader.cli import show
from grader.cli.places import assignments_root
from grader.cli.progress import Progress, progress
from grader.cli.speak import STOPPED, say
from grader.config import GradeOptions, Limits
from grader.errors import AssignmentError, SubmissionError, UsageError
from grader.grading import grade
from grader.notebook import read_notebook
from grader.report import atomic_write, write_html
from grader.results import Audience, Result, for_student

UNSEALED = "grader-spawned"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for on the command line."""

    paths: tuple[Path, ...]
    out: Path
    began_s: float = field(default_factory=time.perf_counter)
    assignment: str | None = None
    assignments: Path | None = None
    seed: int | None = None
    audience: str | None = None
    self_check: bool = False
    no_sandbox: bool = False
    as_json: bool = False
    verbose: bool = False
    quiet: bool = False

    @property
    def is_batch(self) -> bool:
        """Whether there is to be a gradebook: for a folder, and for several paths."""
        return len(self.paths) > 1 or self.paths[0].is_dir()

    @property
    def reader(self) -> Audience:
        """For whom the reports are."""
        return Audience(self.audience or ("student" if self.self_check else "instructor"))

    @property
    def options(self) -> GradeOptions:
        """How every submission is treated."""
        options = GradeOptions(seed=self.seed, public_only=self.self_check)
        return options.model_copy(update={"provisioner": UNSEALED}) if self.self_check or self.no_sandbox else options

    @property
    def as_text(self) -> bool:
        """Whether a person reads standard output."""
        return not self.as_json and not self.quiet


def carry_out(order: Order) -> int:
    """Grade what was asked for and return the exit code."""
    submissions = named(find_notebooks(order.paths))
    if not order.quiet:
        show.renamed(submissions)
    with progress(len(submissions), quiet=order.quiet) as bars:
        job = Job(order, bars)
        job.require_assignments(submissions)
        require_writable(order.out)
        if order.is_batch:
            summary = run_batch(submissions, job.grade, job.write, job.tell)
            write_summary(summary, order.out)
        else:
            outcome = job.one(submissions[0])
    if not order.is_batch:
        return _show_one(outcome, order)
    if order.as_json:
        show.json_list(summary.results)
    if summary.stopped:
        say(f"Stopped; {summary.graded} of {summary.total} are graded and kept in {order.out}/")
        return STOPPED
    if not order.quiet:
        show.batch(summary, order.out)
    return summary.exit_code


def _show_one(outcome: Outcome, order: Order) -> int:
    """Show how a single submission ended and return the exit code."""
    if outcome.failure is not None or not order.as_text:
        show.failure(outcome, verbose=order.verbose)
    if outcome.result is not None and order.as_json:
        show.json(outcome.result)
    if outcome.result is not None and order.as_text:
        show.table(outcome.result)
    if not order.quiet:
        say(f"Report: {order.out / outcome.submission.name}.html")
    return 0 if outcome.graded else 1


class Job:
    """Grades and writes the submissions of one order."""

    def __init__(self, order: Order, bars: Progress) -> None:
        self._order, self._bars = order, bars
        self._began_s: float | None = order.began_s
        self._loaded: dict[Path, Assignment] = {}

    def require_assignments(self, submissions: list[Submission]) -> None:
        """Raise before anything is graded when there are no assignments, or not the one that was asked for."""
        roots = {self._root(submission.path) for submission in submissions}
        for root in roots:
            if self._order.assignment is not None or not known(root):
                find(root, name=self._order.assignment)

    def one(self, submission: Submission) -> Outcome:
        """Grade and write a single submission; raises when the command or the assignment is wrong."""
        outcome = attempt(submission, self.grade)
        if isinstance(outcome.failure, UsageError | AssignmentError):
            raise outcome.failure
        if outcome.result is not None:
            self.write(submission, outcome.result)
        return outcome

    def grade(self, path: Path) -> Result:
        """Return the result of a notebook, as its reader may see it."""
        self._bars.begin(path.stem)
        assignment = self._assignment(path)
        start_s = self._lap()
        result = grade(path, assignment, self._order.options, self._bars.step)
        result = result.model_copy(update={"timings": result.timings.model_copy(update={"start": start_s})})
        if self._order.verbose:
            show.details(path, result)
        return for_student(result) if self._order.reader is Audience.STUDENT else result

    def write(self, submission: Submission, result: Result) -> None:
        """Write the report and the result of a submission; OutputError when that is not possible."""
        self._bars.write()
        began = time.perf_counter()
        write_html(result, self._order.out / f"{submission.name}.html")
        timings = result.timings.model_copy(update={"report": time.perf_counter() - began})
        content = result.model_copy(update={"timings": timings}).model_dump_json(indent=2)
        atomic_write(self._order.out / f"{submission.name}.json", content + "\n")

    def tell(self, outcome: Outcome) -> None:
        """Say how a submission of a batch ended."""
        self._bars.end(graded=outcome.graded)
        show.failure(outcome, verbose=self._order.verbose)
        if self._order.as_text:
            show.line(outcome, self._order.out)

    def _lap(self) -> float:
        """Return the seconds from the start of the command to the first submission; later ones start at once."""
        began_s, self._began_s = self._began_s, None
        return 0.0 if began_s is None else time.perf_counter() - began_s

    def _root(self, path: Path) -> Path:
        return self._order.assignments or assignments_root(path.parent)

    def _assignment(self, path: Path) -> Assignment:
        """Return the assignment a notebook belongs to, loaded once."""
        root, name, node = self._root(path), self._order.assignment, None
        if name is None:
            try:
                node = read_notebook(path, max_bytes=Limits().notebook_bytes).node
            except SubmissionError:
                if len(known(root)) != 1:
                    raise
                (name,) = known(root)  # its result can then say what is wrong, with every check in it
        assignment = find(root, name=name, node=node)
        return self._loaded.setdefault(assignment.folder, assignment)
