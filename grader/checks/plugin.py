"""The pytest plugin that turns check functions into verdicts.

It looks at every phase of a test: a check whose fixture fails is as much a verdict as one whose body does.
"""

from __future__ import annotations

import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from grader.assignment import Assignment
from grader.checks.check import Check, Disagreement, NeedsReview, NotAttempted, PartialCredit
from grader.checks.data import Data
from grader.checks.ears import Ears
from grader.checks.networks import Memo, Models
from grader.checks.reference import Reference
from grader.checks.replay import reference_of
from grader.checks.view import NotebookView
from grader.config import derived
from grader.errors import AssignmentError, HarnessError, KernelDied, NotDefined, NotRecorded, StudentError, TimeSpent
from grader.notebook import Attempt
from grader.plots import Figure, figures
from grader.probe import Student
from grader.results import CheckResult, Diagnosis, Evidence, ExecutionStatus, Status, Text, Visibility
from grader.training import Training, Trainings

if TYPE_CHECKING:
    from grader.checks.proofs import Proof

MARKER = "check(question, points, hidden=False, needs=(), hint='', offline=True): a check of a question, worth points"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The arguments of a check's marker; with `offline` unset it is left out of what students check themselves with."""

    question: str
    points: float
    hidden: bool = False
    needs: tuple[str, ...] = ()
    hint: str = ""
    offline: bool = True


NO_FUNCTION = "What this check calls in your notebook is a value, not a function"
NOT_RECORDED = "This check cannot be judged with this bundle: tell who teaches the course. It is not your fault."
NEVER_RUN = "Your notebook could not be run."
GONE = "it is not there after the cells were run: did its cell stop with an error, or was it deleted later?"
RAN_ALL = (ExecutionStatus.COMPLETED, ExecutionStatus.ERRORS)
MARK = pytest.StashKey[Mark]()


class NotReached(Exception):
    """There is no kernel to ask."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which checks are run, and how: those of `questions` (none named: of all).

    `known` verdicts (by the checks' ids) stand as they are, `reference` takes the place of the assignment's own,
    `placed` are those of another tool's tests, `on_check(number, total)` hears of every check that is over, and `ears`
    hear what they ask.
    """

    public_only: bool = False
    questions: frozenset[str] = frozenset()
    known: Mapping[str, CheckResult] = field(default_factory=dict)
    reference: Reference | None = None
    placed: Sequence[CheckResult] = ()
    on_check: Callable[[int, int], None] = lambda number, total: None
    ears: Ears | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A verdict in the making."""

    status: Status
    fraction: float = 0.0
    message: str = ""
    diagnosis: Diagnosis | None = None
    evidence: tuple[Evidence, ...] = ()
    detail: str = ""


class Verdicts:
    """Collects the verdict of every check, and gives checks their fixtures."""

    def __init__(
        self,
        assignment: Assignment,
        student: Student | None,
        view: NotebookView,
        seed: int,
        wanted: Wanted,
    ) -> None:
        self.results: list[CheckResult] = []
        self.order: dict[str, int] = {}
        self.problems: list[str] = []
        self.interrupted = False
        self._student, self._view = student, view
        self._reference = wanted.reference or reference_of(assignment)
        withhold = self._reference.withhold if self._reference.offline else None
        self._data = Data(assignment.data, assignment.data_folder, withhold)
        self._trainings = Trainings(assignment.training, assignment.data) if assignment.training else None
        self._memo = Memo()
        self._seed, self._wanted = seed, wanted
        self._folder = assignment.folder
        self._check: Check | None = None
        self._proof: Proof | None = None
        self._started = 0.0

    # --- fixtures ---------------------------------------------------------------------------------------------

    @pytest.fixture
    def reference(self) -> Reference:
        """The right solution."""
        return self._reference

    @pytest.fixture
    def notebook(self) -> NotebookView:
        """The notebook as it was run."""
        if not self._view.there:
            raise NotReached(NEVER_RUN)
        return self._view

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random inputs of this check, the same for the same seed."""
        return np.random.default_rng([self._seed, zlib.crc32(request.node.name.encode())])

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Student:
        """The student's notebook, in the state it left."""
        mark = request.node.stash[MARK]
        untouched = [name for name in mark.needs if self._view.attempt(name) is Attempt.UNTOUCHED]
        if untouched:
            raise NotAttempted(f"`{untouched[0]}` is as it was handed out.")
        if self._student is None:
            raise NotReached(NEVER_RUN)
        self._student.begin(derived(self._seed, f"reset {request.node.name}"))
        return self._student

    @pytest.fixture
    def check(self, student: Student, reference: Reference) -> Check:
        """Ask, compare, show, score."""
        self._check = Check(student, reference, self._view)
        return self._check

    @pytest.fixture
    def models(self, check: Check) -> Models:
        """The Keras models of the notebook."""
        if self._wanted.ears is not None:  # what one check found out is remembered for the next
            self._wanted.ears.now.needs_all = True
        return Models(check, self._data, self._memo)

    @pytest.fixture
    def proof(self, request: pytest.FixtureRequest, notebook: NotebookView) -> Proof:
        """`proof("softmax")` judges the derivation in the question's text cells; it needs no kernel."""
        question = request.node.stash[MARK].question
        from grader.checks.proofs import Proof  # few homeworks have derivations

        self._proof = Proof(self._folder, notebook, question, reads_aloud=self._wanted.public_only)
        return self._proof

    @pytest.fixture
    def figures(self, student: Student) -> tuple[Figure, ...]:
        """The figures the notebook showed, as data."""
        return figures(student)

    @pytest.fixture
    def data(self) -> Data:
        """The rows of the assignment's data sets."""
        return self._data

    @pytest.fixture
    def trained(self) -> Callable[[str, str], Training]:
        """`trained("mnist", "baseline")` is that model of the reference, trained on that data set."""
        if self._reference.offline:
            self._reference.withhold("a trained model of the reference")
        if self._trainings is None:
            raise HarnessError("assignment.toml names no `training`.")
        return self._trainings.of

    @pytest.fixture
    def score(self, check: Check) -> Any:
        """`score(fraction, why)` ends the check with a part of its points."""
        return check.score

    # --- collecting -------------------------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marker known, and pytest's own account of a failure short: nobody reads it, and it takes time."""
        config.addinivalue_line("markers", MARKER)
        config.option.tbstyle = "native"

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """A check file that cannot be collected is the author's error."""
        report = yield
        if report.failed:
            call = getattr(report, "call", None)
            self.problems.append(place_and_reason(call.excinfo.value if call and call.excinfo else None, report))
        return report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuse checks without a valid marker; leave hidden ones out where only public ones are wanted."""
        families = Counter(_family(item) for item in items)
        for item in items:
            try:
                mark = read_mark(item)
                item.stash[MARK] = replace(mark, points=mark.points / families[_family(item)])
            except (TypeError, ValueError) as error:
                path, line, _ = item.location
                self.problems.append(f"{path}:{(line or 0) + 1}: {item.name}: {error}")
        twice = [name for name, count in Counter(item.name for item in items).items() if count > 1]
        self.problems += [f"{name}: two checks have this name" for name in twice]
        if self.problems:
            items.clear()
        elif self._wanted.public_only:
            items[:] = [item for item in items if self._is_wanted(item.stash[MARK])]
        if self._wanted.questions:
            items[:] = [item for item in items if item.stash[MARK].question in self._wanted.questions]
        self._leave_out_known(items)

    def _is_wanted(self, mark: Mark) -> bool:
        return not mark.hidden and (mark.offline or not self._reference.offline)

    def _leave_out_known(self, items: list[pytest.Item]) -> None:
        """Take the verdicts that are known already; the order of all is that of the files."""
        self.order = {item.name: place for place, item in enumerate(items)}
        known = self._wanted.known
        self.results += [known[item.name] for item in items if item.name in known]
        items[:] = [item for item in items if item.name not in known]

    def pytest_keyboard_interrupt(self) -> None:
        """Remember Ctrl-C, which pytest would swallow."""
        self.interrupted = True

    # --- running ----------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Time a check and say that it is over."""
        self._check, self._proof, self._started = None, None, time.perf_counter()
        self._reference.begin(item.name)
        if self._wanted.ears is not None:
            self._wanted.ears.begin(item)
        result = yield
        self._wanted.on_check(len(self.results), len(self.order))
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Turn the phase that decides into a verdict: the call, or a set-up or teardown that failed."""
        report = yield
        if call.when == "call" or call.excinfo is not None:
            error = call.excinfo.value if call.excinfo is not None else None
            if isinstance(error, AssignmentError):
                self.problems.append(f"{item.name}: {error}")
            self._record(item, outcome_of(self._seen_in_notebook(error), call.when), call.when)
        return report

    def _record(self, item: pytest.Item, outcome: Outcome, phase: str) -> None:
        mark = item.stash[MARK]
        if phase == "teardown":  # it failed after the verdict, which no longer counts
            self.results.pop()
        shown = (
            *(self._check.evidence if self._check is not None else ()),
            *(self._proof.shown if self._proof is not None else ()),
        )
        self.results.append(
            CheckResult(
                id=item.name,
                question=mark.question,
                title=title_of(item),
                visibility=Visibility.HIDDEN if mark.hidden else Visibility.PUBLIC,
                status=outcome.status,
                score=mark.points * outcome.fraction,
                max_score=mark.points,
                message=outcome.message,
                hint=mark.hint if outcome.status is Status.FAILED else "",
                diagnosis=outcome.diagnosis,
                evidence=(*outcome.evidence, *shown),
                remarks=self._remarks(),
                detail=outcome.detail,
                seconds=time.perf_counter() - self._started,
            )
        )

    def _seen_in_notebook(self, error: BaseException | None) -> BaseException | None:
        """Say of a name that is not in the kernel whether the notebook would define it."""
        if not isinstance(error, NotDefined):
            return error
        if self._view.attempt(error.name) is not Attempt.WRITTEN:
            return NotAttempted(str(error))
        why = self._view.why_undefined(error.name)
        if not why and self._view.execution.status in RAN_ALL:
            return StudentError(f"You wrote `{error.name}`, but {GONE}")
        return StudentError(f"You wrote `{error.name}`, but the cell that defines it did not run to its end{why}.")

    def _remarks(self) -> tuple[str, ...]:
        own = self._check.remarks if self._check is not None else []
        return tuple(dict.fromkeys([*(self._student.remarks if self._check and self._student else []), *own]))


def outcome_of(error: BaseException | None, phase: str = "call") -> Outcome:  # noqa: C901, PLR0911 - a table
    """Return the verdict that what a phase ended with means; a teardown can only fail by our fault."""
    message = str(error)
    if phase == "teardown":
        return _ours(error)
    match error:
        case None:
            return Outcome(status=Status.PASSED, fraction=1.0)
        case Disagreement():
            return Outcome(status=Status.FAILED, message=message, evidence=error.evidence, diagnosis=error.diagnosis)
        case PartialCredit():
            status = Status.PASSED if error.fraction == 1 else Status.FAILED
            return Outcome(status=status, fraction=error.fraction, message=message)
        case NeedsReview():
            return Outcome(status=Status.NEEDS_REVIEW, message=message)
        case NotAttempted():
            return Outcome(status=Status.NOT_ATTEMPTED, message=message)
        case NotReached() | TimeSpent() | pytest.skip.Exception():
            return Outcome(status=Status.NOT_REACHED, message=message)
        case NotRecorded():
            return replace(_ours(error), message=NOT_RECORDED)
        case KernelDied():
            status = Status.FAILED if phase == "call" else Status.NOT_REACHED
            return Outcome(status=status, message=message)
        case StudentError():
            return _student_outcome(error)
        case AssertionError() | pytest.fail.Exception():
            return Outcome(status=Status.FAILED, message=message or "What this check asks for does not hold.")
        case TypeError() if phase == "call" and message.endswith("object is not callable"):
            return Outcome(status=Status.FAILED, message=f"{NO_FUNCTION} ({message}).")
    return _ours(error)


def _ours(error: BaseException | None) -> Outcome:
    return Outcome(
        status=Status.ERROR,
        message="This check broke: that is our fault, not yours. A person will look at it.",
        detail="".join(traceback.format_exception(error)),
    )


def _student_outcome(error: StudentError) -> Outcome:
    evidence = (Text(title="Where it happened", text=error.traceback),) if error.traceback else ()
    return Outcome(status=Status.FAILED, message=str(error), evidence=evidence)


def read_mark(item: pytest.Item) -> Mark:
    """Read a check's marker; TypeError or ValueError says what is wrong with it."""
    markers = list(item.iter_markers("check"))
    if len(markers) != 1:
        raise ValueError(f"a check needs one marker @pytest.mark.{MARKER}")
    names: dict[str, Any] = {**dict(zip(("question", "points"), markers[0].args, strict=False)), **markers[0].kwargs}
    needs = names.get("needs", ())
    mark = Mark(**names | {"needs": (needs,) if isinstance(needs, str) else tuple(needs)})
    if not isinstance(mark.points, int | float) or not mark.points > 0:
        raise ValueError("a check's points are a number above 0")
    return mark


def place_and_reason(error: BaseException | None, report: pytest.CollectReport) -> str:
    """Say in one line where a check file broke: what pytest wraps around it is its own business."""
    cause = (error.__cause__ or error) if error is not None else None
    if cause is None:
        return f"{report.nodeid}: {str(report.longrepr).splitlines()[-1]}"
    if isinstance(cause, SyntaxError):
        return f"{cause.filename}:{cause.lineno}: {cause.msg}"
    frames = [f for f in traceback.extract_tb(cause.__traceback__) if Path(f.filename).name == Path(report.nodeid).name]
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else report.nodeid
    return f"{place}: {type(cause).__name__}: {cause}"


def _family(item: pytest.Item) -> tuple[pytest.Item | pytest.Collector | None, str]:
    """Return what all parameters of one check function have in common: they share its points."""
    return item.parent, getattr(item, "originalname", item.name)


def title_of(item: pytest.Item) -> str:
    """Return the line the student reads: the first of the docstring, with the parameter."""
    doc = (getattr(getattr(item, "function", None), "__doc__", None) or item.name.replace("_", " ")).strip()
    callspec = getattr(item, "callspec", None)
    return doc.splitlines()[0] + (f" [{callspec.id}]" if callspec is not None else "")
