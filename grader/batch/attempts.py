"""The attempts of a batch: what is known of a submission is looked up, what is not is handed to a worker.

Only so many tasks are under way that every worker has a next one: what comes back is written before more is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.assignment import Assignment
from grader.batch.outcomes import Outcome, failed, graded, names_of
from grader.batch.prints import Prints, digest_of
from grader.batch.reuse import Kept, keep, kept
from grader.batch.work import Done, Task, assignment_at
from grader.cache import Cache
from grader.config import GradeOptions
from grader.results import Audience, Result, for_student
from grader.submissions import Submission

STARTS = 3  # of a kernel, at most
GRADER_S = 900  # for everything but what limits hold


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How all submissions of a batch are graded."""

    options: GradeOptions
    audience: Audience = Audience.INSTRUCTOR
    full_data: bool = False
    fresh: bool = False  # look nothing up


@dataclass(frozen=True, kw_only=True)
class Case:
    """A submission with what its result depends on."""

    submission: Submission
    assignment: Assignment
    prints: Prints
    digest: str

    @property
    def limit_s(self) -> float:
        """More seconds than grading it may ever take."""
        limits = self.assignment.limits
        return STARTS * (limits.startup_s + limits.notebook_s) + 2 * limits.checks_s + GRADER_S


@dataclass(kw_only=True)
class Grading:
    """Grades submissions: `folder_of` says to which assignment one belongs, `submit` has a worker carry a task out.

    `is_reported` tells of an outcome that was known before whether its report is there, too.
    """

    settings: Settings
    folder_of: Callable[[Submission], Path]
    submit: Callable[[Task], Future[Done]]
    ahead: int
    cache: Cache
    is_reported: Callable[[Outcome], bool] = lambda outcome: False
    _prints: dict[Path, Prints] = field(default_factory=dict)

    def __call__(self, submissions: Iterable[Submission]) -> Generator[Outcome]:
        """Yield the outcome of each as soon as it is there."""
        under_way: dict[Future[Done], Case] = {}
        try:
            for submission in submissions:
                started = self._start(submission)
                if isinstance(started, Outcome):
                    yield started
                    continue
                future, case = started
                under_way[future] = case
                if len(under_way) >= self.ahead:
                    yield from self._ended(under_way)
            while under_way:
                yield from self._ended(under_way)
        finally:
            for future in under_way:
                future.cancel()

    def _start(self, submission: Submission) -> Outcome | tuple[Future[Done], Case]:
        try:
            case = self._case(submission)
            before = None if self.settings.fresh else kept(self.cache, case.prints, case.digest)
            if before is None:
                return self.submit(self._task(case)), case
            if before.stands(case.prints):
                outcome = self._as_before(case, before)
                if self.is_reported(outcome):
                    return outcome
                return self.submit(self._task(case, result=before.result)), case
            return self.submit(self._task(case, **self._known(case, before))), case
        except Exception as error:  # noqa: BLE001 - also a fault nobody thought of stays with its submission
            return failed(submission, error)

    def _known(self, case: Case, before: Kept) -> dict[str, Any]:
        """Return what a worker need not find out again: the result, or some verdicts."""
        result = before.result
        if result is None or not before.verdicts_stand(case.prints):
            return {"known": before.known(case.prints)}
        from grader.grading import grade_again

        return {"result": grade_again(case.submission.path, case.assignment, self.settings.options, result)}

    def _case(self, submission: Submission) -> Case:
        assignment = assignment_at(self.folder_of(submission), full_data=self.settings.full_data)
        if assignment.folder not in self._prints:
            self._prints[assignment.folder] = Prints.of(assignment, self.settings.options)
        prints = self._prints[assignment.folder]
        return Case(submission=submission, assignment=assignment, prints=prints, digest=digest_of(submission))

    def _task(self, case: Case, **known: Any) -> Task:
        return Task(
            submission=case.submission,
            folder=case.assignment.folder,
            options=self.settings.options,
            audience=self.settings.audience,
            full_data=self.settings.full_data,
            expected=case.prints.all,
            limit_s=case.limit_s,
            **known,
        )

    def _ended(self, under_way: dict[Future[Done], Case]) -> Iterator[Outcome]:
        """Wait until some have ended, and yield their outcomes."""
        ended = wait(under_way, return_when=FIRST_COMPLETED).done
        for future in [future for future in under_way if future in ended]:  # in the order asked
            case = under_way.pop(future)
            try:
                done = future.result()
                outcome = self._kept(case, done.result, done.page)
            except Exception as error:  # noqa: BLE001 - as above
                outcome = failed(case.submission, error)
            yield outcome

    def _kept(self, case: Case, result: Result, page: str) -> Outcome:
        """Keep a result and return its outcome, as the reader may see it."""
        outcome = graded(case.submission, result, digest=case.digest)
        if digest_of(case.submission) == case.digest:  # else it changed meanwhile
            keep(self.cache, case.prints, outcome.entry, result)
        seen = outcome.result and self._seen(outcome.result)
        return replace(outcome, result=seen, page=page, stamp=self._stamp(case))

    def _as_before(self, case: Case, before: Kept) -> Outcome:
        submission, names = case.submission, names_of(case.submission)
        about: Any = {**names, "name": submission.name, "identity": submission.identity}
        return Outcome(
            submission=submission,
            entry=replace(before.account.entry, **about),
            reused=True,
            stamp=self._stamp(case),
            load=lambda: self._renamed(before.result, names),
        )

    def _renamed(self, result: Result | None, names: dict[str, str]) -> Result | None:
        return self._seen(result.model_copy(update=names)) if result is not None else None

    def _stamp(self, case: Case) -> str:
        return case.prints.of_report(case.digest, self.settings.audience, names_of(case.submission))

    def _seen(self, result: Result) -> Result:
        return for_student(result) if self.settings.audience is Audience.STUDENT else result
