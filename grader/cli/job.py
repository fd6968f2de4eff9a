"""`grade PATH...`: from what was typed to reports on disk and a table, lines or JSON on the screen."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from grader import datasets
from grader.assignment import Assignment, find, known
from grader.batch import Outcome, Summary, attempt, require_writable, run_batch, write_summary, written
from grader.cli import show
from grader.cli.places import assignments_root
from grader.cli.progress import Progress, progress
from grader.cli.speak import STOPPED, Output, finish_in_peace, say
from grader.config import FORKED, SPAWNED, GradeOptions, Limits
from grader.errors import AssignmentError, OutputError, SubmissionError, UsageError
from grader.files import atomic_write
from grader.grading import grade
from grader.kernels.live import undisturbed
from grader.kernels.sandbox import require_sandbox
from grader.notebook import read_notebook
from grader.report import write_html
from grader.results import Audience, Result, for_student
from grader.submissions import Submission, find_notebooks, named
from grader.training import Trainings

FULL_TIME = 30  # as many times as many rows, about


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
    data: str = "small"
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
        return GradeOptions(
            seed=self.seed,
            public_only=self.self_check,
            provisioner=FORKED if self.is_batch else SPAWNED,  # one notebook does not wait for a server to be warm
            sealed=not (self.self_check or self.no_sandbox),
        )

    @property
    def as_text(self) -> bool:
        """Whether a person reads standard output."""
        return not self.as_json and not self.quiet


def carry_out(order: Order) -> int:
    """Grade what was asked for and return the exit code."""
    skipped: list[OSError] = []
    submissions = named(find_notebooks(order.paths, skipped.append))
    for error in skipped:
        show.skipped(error)
    if not order.quiet:
        show.renamed(submissions)
    output = Output()
    with progress(len(submissions), quiet=order.quiet, verbose=order.verbose) as bars:
        job = Job(order, bars, output)
        job.require_assignments(submissions)
        require_writable(order.out)
        if order.options.sealed:
            require_sandbox()
        if order.is_batch:
            summary = run_batch(submissions, job.grade, job.write, job.tell, on_stop=finish_in_peace)
        else:
            outcome = job.one(submissions[0])
    code = _sum_up(summary, order, output) if order.is_batch else _show_one(outcome, order, output)
    output.require_taken()
    return code or (1 if skipped else 0)


def _sum_up(summary: Summary, order: Order, output: Output) -> int:
    """Show how a batch ended, write its gradebook and return the exit code."""
    if order.as_json:
        show.json_list(summary.results, output)
    with undisturbed():
        write_summary(summary, order.out)
    if summary.stopped:
        show.stopped(summary, order.out)
        return STOPPED
    if not order.quiet:
        show.batch(summary, order.out)
    return summary.exit_code


def _show_one(outcome: Outcome, order: Order, output: Output) -> int:
    """Show how a single submission ended and return the exit code."""
    if outcome.result is not None and order.as_json:
        show.json(outcome.result, output)
    if outcome.result is not None and order.as_text:
        show.table(outcome.result, output)
    if outcome.failure is not None or not order.as_text:
        show.failure(outcome, verbose=order.verbose)
    if outcome.reported and not order.quiet:
        say(f"Report: {order.out / outcome.submission.name}.html")
    if isinstance(outcome.failure, OutputError):
        return outcome.failure.exit_code
    return 0 if outcome.graded else 1


class Job:
    """Grades and writes the submissions of one order."""

    def __init__(self, order: Order, bars: Progress, output: Output) -> None:
        self._order, self._bars, self._output = order, bars, output
        self._began_s: float | None = order.began_s
        self._loaded: dict[Path, Assignment] = {}

    def require_assignments(self, submissions: list[Submission]) -> None:
        """Raise before anything is graded when there are no assignments, or not what was asked for."""
        roots = {self._root(submission.path) for submission in submissions}
        for root in roots:
            if self._order.assignment is not None or not known(root):
                find(root, name=self._order.assignment)
        if self._order.data == "full":
            for submission in submissions:
                with suppress(AssignmentError, SubmissionError):  # these are the submission's own trouble, later
                    self._assignment(submission.path)

    def one(self, submission: Submission) -> Outcome:
        """Grade and write a single submission; raises when the command or the assignment is wrong."""
        outcome = attempt(submission, self.grade)
        if isinstance(outcome.failure, UsageError | AssignmentError):
            raise outcome.failure
        return written(outcome, self.write)

    def grade(self, path: Path) -> Result:
        """Return the result of a notebook, as its reader may see it."""
        self._bars.begin(path.stem)
        assignment = self._assignment(path)
        start_s = self._lap()
        result = grade(path, assignment, self._order.options, self._bars.step)
        result = result.model_copy(update={"timings": result.timings.model_copy(update={"start": start_s})})
        if self._order.verbose:
            show.details(path, result)
        if not self._order.self_check:
            show.broken(path, result, self._order.reader)
        return for_student(result) if self._order.reader is Audience.STUDENT else result

    def write(self, submission: Submission, result: Result) -> Result:
        """Write the report and the result of a submission and return it; OutputError when that is not possible."""
        self._bars.write()
        began = time.perf_counter()
        write_html(result, self._order.out / f"{submission.name}.html")
        timings = result.timings.model_copy(update={"report": time.perf_counter() - began})
        result = result.model_copy(update={"timings": timings})
        atomic_write(self._order.out / f"{submission.name}.json", result.model_dump_json(indent=2) + "\n")
        return result

    def tell(self, outcome: Outcome) -> None:
        """Say how a submission of a batch ended."""
        self._bars.end(graded=outcome.graded)
        show.failure(outcome, verbose=self._order.verbose)
        if self._order.as_text:
            show.line(outcome, self._order.out, self._output)

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
        if assignment.folder not in self._loaded:
            wanted = _on_full_data(assignment) if self._order.data == "full" else assignment
            if wanted.training:
                Trainings(wanted.training, wanted.data).prepare(say)
            self._loaded[assignment.folder] = wanted
        return self._loaded[assignment.folder]


def _on_full_data(assignment: Assignment) -> Assignment:
    """Return the assignment with the full data sets and the time they take; UsageError when one was not added."""
    limits = assignment.limits.longer(FULL_TIME)
    return assignment.model_copy(update={"data": datasets.full(assignment.data), "limits": limits})
