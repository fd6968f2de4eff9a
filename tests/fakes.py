"""Stand-ins for what is slow: results without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Self

from grader.batch import Outcome, attempt
from grader.results import Execution, ExecutionStatus, QuestionResult, Result, Status, Timings
from grader.submissions import Submission


def question(name: str, score: float, max_score: float = 10, pending: float = 0) -> QuestionResult:
    """Return a question without checks."""
    status = Status.PASSED if score == max_score else Status.FAILED
    return QuestionResult(id=name, title=name.upper(), score=score, max_score=max_score, pending=pending, status=status)


def result(student: str = "ada", *questions: QuestionResult, error: str = "", assignment: str = "tiny") -> Result:
    """Return the result of a notebook that ran through in three seconds."""
    return Result(
        assignment=assignment,
        title="A tiny assignment",
        student=student,
        submission=f"{student}.ipynb",
        score=sum(part.score for part in questions),
        max_score=sum(part.max_score for part in questions),
        pending=sum(part.pending for part in questions),
        seed=3,
        sandbox="none",
        error=error,
        execution=Execution(status=ExecutionStatus.NOT_RUN if error else ExecutionStatus.COMPLETED, seconds=2),
        questions=questions,
        timings=Timings(start=0.5, kernel=0.25, cells=2, checks=0.25),
    )


class FakeGrading:
    """Grades at once: 7 of 10 for everybody, but raises what it was told to for a student."""

    def __init__(self, trouble: Mapping[str, BaseException] | None = None) -> None:
        self.trouble = trouble or {}
        self.graded: list[str] = []

    def __call__(self, submission: Submission) -> Result:
        stem = submission.path.stem
        self.graded.append(stem)
        if stem in self.trouble:
            raise self.trouble[stem]
        return result(stem, question("q1", 7))


def in_turn(grading: Callable[[Submission], Result]) -> Callable[[Iterable[Submission]], Iterator[Outcome]]:
    """Return the attempts of a batch that grades one submission after another, in this process."""
    return lambda submissions: (attempt(submission, grading) for submission in submissions)


class AtOnce:
    """A pool that carries a task out as soon as it is there, in this process."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        """There is nothing to end."""

    def submit(self, work: Callable[[Any], Any], task: Any, *, limit_s: float) -> Future[Any]:
        """Return a future that is over."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(task))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future
