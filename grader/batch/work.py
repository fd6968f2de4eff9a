"""What a worker does: one submission graded, and its report made, in a process that does nothing else meanwhile.

A worker gets a task as plain data and gives back a result and a page; files are written by who asked.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from grader import datasets
from grader.assignment import Assignment, load
from grader.batch.outcomes import names_of
from grader.batch.prints import Prints, own_files
from grader.config import GradeOptions
from grader.errors import HarnessError
from grader.results import Audience, CheckResult, Result, for_student
from grader.submissions import Submission

FULL_TIME = 30  # times as long on the full data sets, which have about so many times as many rows
LOADED: dict[Path, str] = {}  # the fingerprints of the assignments that are loaded
BUSY = threading.Lock()  # checks change what belongs to the whole process: one submission at a time


@dataclass(frozen=True, kw_only=True)
class Task:
    """A submission to be graded: `known` verdicts stand, `contents` are its files where the worker has none.

    Those who only ask import nothing that grading needs: where nothing has changed, the answer is there sooner.
    """

    submission: Submission
    folder: Path  # of the assignment
    options: GradeOptions
    audience: Audience = Audience.INSTRUCTOR
    full_data: bool = False
    known: Mapping[str, CheckResult] = field(default_factory=dict)
    result: Result | None = None  # all is known: only its report is to be made
    contents: Mapping[str, bytes] = field(default_factory=dict)
    expected: str = ""  # the fingerprint of assignment and grader that whoever asks has
    limit_s: float = 3_600  # more than it may ever take


@dataclass(frozen=True, kw_only=True)
class Done:
    """A result as staff see it, and the page as its reader may."""

    result: Result
    page: str


def work(task: Task) -> Done:
    """Grade a submission and make its report; raises what `grade` raises."""
    with BUSY:
        return done(task.submission, task.result or _graded(task), task.audience)


def _graded(task: Task) -> Result:
    from grader.grading import grade

    return grade(
        task.submission.path,
        assignment_at(task.folder, full_data=task.full_data),
        task.options,
        files=task.submission.files,
        known=task.known,
    )


def done(submission: Submission, result: Result, audience: Audience) -> Done:
    """Return a result under the student's name, with its report."""
    from grader.report import html

    began = time.perf_counter()
    result = result.model_copy(update=names_of(submission))
    page = html(for_student(result) if audience is Audience.STUDENT else result)
    if not result.timings.report:  # the first time
        timings = result.timings.model_copy(update={"report": time.perf_counter() - began})
        result = result.model_copy(update={"timings": timings})
    return Done(result=result, page=page)


def packed(task: Task) -> Task:
    """Return a task that brings its files along, for a worker on another machine; OSError when one is gone."""
    files = {task.submission.path.name: task.submission.path}
    for top in task.submission.files:
        files |= {_inside(file, top): file for file in own_files(top)} if top.is_dir() else {top.name: top}
    contents = {name: file.read_bytes() for name, file in files.items()}
    return replace(task, contents=contents)


def work_far_away(task: Task) -> Done:
    """Do `work` for a task that is `packed`; HarnessError when this machine would grade in another way."""
    ended = threading.Timer(task.limit_s, os._exit, [1])  # it hangs: the scheduler starts another worker
    ended.daemon = True
    ended.start()
    try:
        return _work_unpacked(task)
    finally:
        ended.cancel()


def _work_unpacked(task: Task) -> Done:
    with BUSY:
        _require_the_same(task)
    with tempfile.TemporaryDirectory(prefix="grader-") as place:
        for name, content in task.contents.items():
            path = Path(place, *PurePosixPath(name).parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        files = sorted(path for path in Path(place).iterdir() if path.name != task.submission.path.name)
        submission = replace(task.submission, path=Path(place, task.submission.path.name), files=tuple(files))
        return work(replace(task, submission=submission, contents={}))


def _require_the_same(task: Task) -> None:
    """Load the assignment unless what is loaded is what the task expects: a worker of a cluster outlives changes."""
    if LOADED.get(task.folder) == task.expected:
        return
    from grader.checks.proofs import world_of

    assignment_at.cache_clear()
    world_of.cache_clear()
    assignment = assignment_at(task.folder, full_data=task.full_data)
    for name in [name for name in sys.modules if name.partition(".")[0] == assignment.package]:
        del sys.modules[name]
    importlib.invalidate_caches()
    if Prints.of(assignment, task.options).all != task.expected:
        raise HarnessError(
            f"This worker has another version of the grader, of its libraries or of {task.folder.name} than the "
            "machine that sent the work. Install the same on all, and start the worker again."
        )
    LOADED[task.folder] = task.expected


@functools.cache
def assignment_at(folder: Path, *, full_data: bool) -> Assignment:
    """Return the assignment, loaded once; with the full data sets and the time they take where that is asked for.

    Raises AssignmentError when it is broken, UsageError when a full data set was not added.
    """
    assignment = load(folder)
    if not full_data:
        return assignment
    limits = assignment.limits.longer(FULL_TIME)
    return assignment.model_copy(update={"data": datasets.full(assignment.data), "limits": limits})


def _inside(file: Path, top: Path) -> str:
    return file.relative_to(top.parent).as_posix()
