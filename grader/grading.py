"""The way of a submission, on one screen: read, run, ask, sum up."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from grader import datasets, prose
from grader.assignment import Assignment, Question, Review
from grader.checks import Ears, Guests, NotebookView, Reference, Wanted, require_points, run_checks
from grader.checks.placed import not_reached
from grader.checks.placed import notes as placed_notes
from grader.config import GradeOptions, derived
from grader.errors import SubmissionError
from grader.kernels import Kernel
from grader.notebook import Notebook, defined_names, read_notebook, split_questions
from grader.probe import Student
from grader.results import (
    OPEN,
    Cell,
    CheckResult,
    Execution,
    ExecutionStatus,
    QuestionResult,
    Result,
    Status,
    Timings,
    Visibility,
    question_status,
)

OnStep = Callable[[str, int, int], None]
SEED_DIGITS = 12  # hexadecimal: too many to try them all, few enough for every reader of JSON


def grade(  # noqa: PLR0913 - what is known of it before is five things
    submission: Path,
    assignment: Assignment,
    options: GradeOptions,
    on_step: OnStep = lambda *_: None,
    *,
    files: Sequence[Path] = (),
    known: Mapping[str, CheckResult] | None = None,
    kept: Mapping[int, Cell] | None = None,
    reference: Reference | None = None,
    ears: Ears | None = None,
) -> Result:
    """Grade one notebook.

    What is wrong with the submission is in the result, also when it cannot be read at all. Raises UsageError when
    there is no such file, AssignmentError when the assignment is broken, HarnessError when we are. `reference` takes
    the place of the assignment's own, for whoever wants to hear what checks ask it, `ears` hear what they ask the
    notebook; `files` were handed in with the notebook; `known` are verdicts from before that still stand, by the
    checks' ids, and `kept` cells that are not run, with what they gave before.
    """
    wanted = Wanted(public_only=options.public_only, known=known or {}, reference=reference, ears=ears)
    tests = assignment.placed
    about: dict[str, Any] = {"student": submission.stem, "submission": submission.name}
    try:
        notebook = read_notebook(submission, max_bytes=assignment.limits.notebook_bytes)
    except SubmissionError as error:
        execution = Execution(status=ExecutionStatus.NOT_RUN, message=str(error))
        view = NotebookView(node=None, master=assignment.master, execution=execution)
        unreached = not_reached(tests, public_only=options.public_only)
        checks = run_checks(assignment, None, view, 0, replace(wanted, placed=unreached))
        about |= {"error": str(error), "execution": execution, "seed": options.seed or 0, "sandbox": "none"}
        return sum_up(assignment, checks, options, about)
    seed = options.seed if options.seed is not None else int(notebook.digest[:SEED_DIGITS], 16)
    guests = Guests.of(notebook.node, tests, public_only=options.public_only)
    notebook = replace(notebook, node=guests.node)
    reviews = {} if options.public_only else read_reviews(notebook.node, assignment)
    hand_in = HandIn(path=submission, notebook=notebook, files=files, kept={} if tests else kept or {}, guests=guests)
    run = _run(hand_in, assignment, options, seed, on_step, wanted)
    return sum_up(
        assignment,
        run.pop("checks"),
        options,
        about | run | {"seed": seed, "repairs": notebook.repairs, "reviews": reviews},
    )


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """A notebook that could be read, with the files beside it; cells that are `kept` are not run.

    `guests` are test cells of another tool, which are in the notebook already.
    """

    path: Path
    notebook: Notebook
    files: Sequence[Path]
    kept: Mapping[int, Cell]
    guests: Guests

    def run(self, kernel: Kernel, on_step: OnStep) -> Execution:
        """Run what is to be run."""
        node = copy.deepcopy(self.notebook.node)
        kept = {i: cell for i, cell in self.kept.items() if i < len(node.cells) and node.cells[i].source == cell.source}
        for index in kept:
            node.cells[index].source = ""
        execution = kernel.run(node, lambda i, n: on_step("cell", i, n))
        cells = tuple(kept.get(cell.index, cell) for cell in execution.cells)
        failed = execution.status is ExecutionStatus.COMPLETED and any(cell.error for cell in cells)
        status = ExecutionStatus.ERRORS if failed else execution.status
        return execution.model_copy(update={"cells": cells, "status": status})


def _run(
    hand_in: HandIn, assignment: Assignment, options: GradeOptions, seed: int, on_step: OnStep, wanted: Wanted
) -> dict[str, Any]:
    """Run the notebook in a kernel of its own, and the checks against it while it lives."""
    laps = [time.perf_counter()]
    notebook = hand_in.notebook
    parts = split_questions(notebook.node, [question.id for question in assignment.questions])
    data = assignment.data_folder or (datasets.store(assignment.data) if assignment.data else None)
    with Kernel(
        assignment.limits,
        seed=derived(seed, "kernel"),
        data=data,
        provisioner=options.provisioner,
        sealed=options.sealed,
        tensorflow=_mentions(notebook.node, "tensorflow", "keras"),
        files=_attached(assignment, hand_in.files),
        budget=assignment.budget,
        hidden=tuple(filter(None, (assignment.folder, assignment.solutions, hand_in.path.parent))),
        environment=hand_in.guests.tests.environment,
    ) as kernel:
        kernel.start()
        laps.append(time.perf_counter())
        execution = hand_in.run(kernel, on_step)
        wanted = replace(wanted, placed=hand_in.guests.judged(execution, kernel.shown))
        execution = hand_in.guests.covered(execution)
        laps.append(time.perf_counter())
        view = NotebookView(node=notebook.node, master=assignment.master, execution=execution, questions=parts)
        heard = wanted.ears.kernel(kernel) if wanted.ears is not None else kernel
        student = Student(heard, assignment.limits, reserved=defined_names(assignment.master))
        checks = run_checks(
            assignment,
            student,
            wanted.ears.view(view) if wanted.ears is not None else view,
            seed,
            replace(wanted, on_check=lambda i, n: on_step("check", i, n)),
        )
        laps.append(time.perf_counter())
    laps.append(time.perf_counter())
    starting_s, cells_s, checks_s, ending_s = (after - before for before, after in pairwise(laps))
    timings = Timings(kernel=starting_s + ending_s, cells=cells_s, checks=checks_s, calls=student.waited_s)
    return {
        "checks": checks,
        "execution": execution,
        "parts": parts,
        "sandbox": kernel.sandbox,
        "timings": timings,
    }


def grade_again(submission: Path, assignment: Assignment, options: GradeOptions, before: Result) -> Result:
    """Return a result whose verdicts still stand, with what else the assignment says now: titles, points of reviews.

    Raises SubmissionError or UsageError when the notebook cannot be read any more.
    """
    notebook = read_notebook(submission, max_bytes=assignment.limits.notebook_bytes)
    node = Guests.of(notebook.node, assignment.placed, public_only=options.public_only).node
    reviews = {review.id for question in assignment.questions for review in question.reviews}
    checks = [check for check in before.checks if check.id not in reviews]
    if not options.public_only:
        require_points(assignment, checks)
    kept = ("student", "submission", "seed", "sandbox", "repairs", "execution", "timings")
    about = {name: getattr(before, name) for name in kept}
    about["parts"] = split_questions(node, [question.id for question in assignment.questions])
    about["reviews"] = {} if options.public_only else read_reviews(node, assignment)
    return sum_up(assignment, checks, options, about)


def _attached(assignment: Assignment, files: Sequence[Path]) -> tuple[Path, ...]:
    """Return what lies beside the notebook when it runs: the assignment's files go before a student's."""
    taken = {file.name for file in assignment.attached}
    return (*assignment.attached, *(file for file in files if file.name not in taken))


def _mentions(node: NotebookNode, *words: str) -> bool:
    return any(word in cell.source for cell in node.cells if cell.cell_type == "code" for word in words)


def sum_up(
    assignment: Assignment, checks: Sequence[CheckResult], options: GradeOptions, about: Mapping[str, Any]
) -> Result:
    """Return the result: checks under their questions, points added up, what a person must decide kept apart."""
    parts, reviews = about.get("parts", {}), about.get("reviews", {})
    questions = tuple(
        _question(question, checks, assignment.texts.get(question.id, ""), parts.get(question.id, ()), options, reviews)
        for question in assignment.questions
        if not options.public_only or any(check.question == question.id for check in checks)
    )
    return Result(
        assignment=assignment.name,
        title=assignment.title,
        score=_total(question.score for question in questions),
        max_score=_total(question.max_score for question in questions),
        pending=_total(question.pending for question in questions),
        questions=questions,
        notes=placed_notes(assignment.placed, public_only=options.public_only),
        **{name: value for name, value in about.items() if name not in ("parts", "reviews")},
    )


def _question(
    question: Question,
    checks: Sequence[CheckResult],
    text: str,
    cells: tuple[int, ...],
    options: GradeOptions,
    reviews: Mapping[str, prose.Reading],
) -> QuestionResult:
    own = [check for check in checks if check.question == question.id]
    if not options.public_only:
        own += [_review(question.id, review, reviews.get(review.id)) for review in question.reviews]
    return QuestionResult(
        id=question.id,
        title=question.title,
        text=text,
        score=_total(check.score for check in own),
        max_score=_total(check.max_score for check in own),
        pending=_total(check.max_score for check in own if check.status in OPEN),
        status=question_status(own),
        checks=tuple(own),
        cells=cells,
    )


def read_reviews(node: NotebookNode, assignment: Assignment) -> dict[str, prose.Reading]:
    """Read the answers that a person marks, as far as there is a rubric; it helps that person, and gives no points."""
    parts = split_questions(node, [question.id for question in assignment.questions])
    return {
        review.id: _read(
            prose.answer_of(node, parts[question.id], assignment.master, review.part),
            review,
            assignment.texts.get(question.id, ""),
        )
        for question in assignment.questions
        for review in question.reviews
    }


def _read(answer: prose.Answer, review: Review, text: str) -> prose.Reading:
    if review.rubric is None:
        return prose.look_for_text(answer)
    return prose.read(answer, review.rubric, text)


def _review(question: str, review: Review, reading: prose.Reading | None) -> CheckResult:
    return CheckResult(
        id=review.id,
        question=question,
        title=review.title,
        visibility=Visibility.PUBLIC,
        status=Status.NEEDS_REVIEW,
        score=0.0,
        max_score=review.points,
        message=review.note if reading is None else prose.message(review.note, reading),
        remarks=() if reading is None else prose.remarks(reading),
        detail=_unread(review) if reading is None else prose.detail(reading, review.points),
    )


def _unread(review: Review) -> str:
    if review.rubric is None:
        return ""
    return "The text was not read: the notebook cannot be."


def _total(points: Iterable[float]) -> float:
    return round(sum(points), 6)
