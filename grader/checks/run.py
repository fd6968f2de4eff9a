"""Running an assignment's checks with pytest, in this process, against one student."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.assignment import Assignment
from grader.checks.plugin import Verdicts, Wanted
from grader.checks.view import NotebookView
from grader.errors import AssignmentError, did_you_mean
from grader.probe import Student
from grader.results import CheckResult

OPTIONS = (
    "--capture=sys",
    "--import-mode=importlib",
    "--assert=plain",
    "--disable-plugin-autoload",
    "--continue-on-collection-errors",
    *(
        "-p",
        "no:cacheprovider",
        "-p",
        "no:terminal",
        "-p",
        "no:logging",
        "-p",
        "no:warnings",
        "-p",
        "no:faulthandler",
        "-p",
        "no:unraisableexception",  # it collects all garbage, twice
        "-p",
        "no:threadexception",
    ),
)


def run_checks(
    assignment: Assignment,
    student: Student | None,
    view: NotebookView,
    seed: int,
    wanted: Wanted,
) -> list[CheckResult]:
    """Return the verdict of every check of the assignment, in the order of their files; another tool's come first.

    With no student (the notebook never ran) every check is still there, as not reached. Raises AssignmentError when
    a check file is broken or points do not add up, KeyboardInterrupt when stopped.
    """
    placed = [result for result in wanted.placed if not wanted.questions or result.question in wanted.questions]
    own = _run_own(assignment, student, view, seed, wanted) if any(assignment.checks.glob("test_*.py")) else []
    results = [*placed, *own]
    _require_questions(assignment, results)
    _require_own_names(assignment, results)
    if not wanted.public_only:
        require_points(assignment, results)
    return results


def _run_own(
    assignment: Assignment, student: Student | None, view: NotebookView, seed: int, wanted: Wanted
) -> list[CheckResult]:
    """Return the verdicts of the checks in the assignment's folder."""
    verdicts = Verdicts(assignment, student, view, seed, wanted)
    code, said = run_pytest(assignment, verdicts)
    if verdicts.interrupted:
        raise KeyboardInterrupt
    if verdicts.problems:
        raise AssignmentError("A check is broken.\n" + "\n".join(verdicts.problems))
    nothing_to_do = code is pytest.ExitCode.NO_TESTS_COLLECTED and (wanted.public_only or verdicts.results)
    if not nothing_to_do and code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        last = [line for line in said.splitlines() if line.strip()][-1:]
        why = " ".join([pytest.ExitCode(code).name, *last])
        raise AssignmentError(f"{assignment.checks}: pytest could not run the checks ({why}).")
    return sorted(verdicts.results, key=lambda result: verdicts.order[result.id])


def run_pytest(assignment: Assignment, plugin: object, *more: str) -> tuple[int | pytest.ExitCode, str]:
    """Run pytest on an assignment's checks with one plugin; return its exit code and what it said on stderr."""
    arguments = [
        *(*OPTIONS, *more),
        *("-c", os.devnull, "--rootdir", str(assignment.folder)),
        *("--confcutdir", str(assignment.checks), "-o", f"pythonpath={shlex.quote(str(assignment.checks))}"),
        str(assignment.checks),
    ]
    said = io.StringIO()
    with _clean_imports(assignment.folder), contextlib.redirect_stderr(said):
        code = pytest.main(arguments, plugins=[plugin])
    return code, said.getvalue()


@contextlib.contextmanager
def _clean_imports(folder: Path) -> Iterator[None]:
    """Keep an assignment's modules, and what the environment adds to pytest's options, apart from all others.

    A module of the same name as one of the checks' own is set aside meanwhile; theirs are forgotten afterwards.
    """
    options = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    own = {path.stem for path in folder.rglob("*.py")}
    aside = {name: sys.modules.pop(name) for name in own & set(sys.modules)}
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file is not None and file.startswith(f"{folder}{os.sep}"):
                del sys.modules[name]
        sys.modules.update(aside)
        os.environ.update(options)


def _require_questions(assignment: Assignment, results: list[CheckResult]) -> None:
    ids = {question.id for question in assignment.questions}
    for result in results:
        if result.question not in ids:
            raise AssignmentError(
                f"{assignment.checks}: {result.id} belongs to {result.question!r}, which is no question."
                f"{did_you_mean(result.question, ids)}"
            )


def _require_own_names(assignment: Assignment, results: list[CheckResult]) -> None:
    """Raise AssignmentError where a check has the name of another, or of a review; pytest sees to its own."""
    names = [*(result.id for result in results), *(each.id for part in assignment.questions for each in part.reviews)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise AssignmentError(f"{assignment.folder}: two checks or reviews are called {', '.join(twice)}.")


def require_points(assignment: Assignment, results: Sequence[CheckResult]) -> None:
    """Raise AssignmentError unless the points of each question are those of its checks and reviews."""
    for question in assignment.questions:
        checks = sum(result.max_score for result in results if result.question == question.id)
        total = checks + sum(review.points for review in question.reviews)
        if abs(total - question.points) > 1e-6:
            raise AssignmentError(
                f"{assignment.folder / 'assignment.toml'}: {question.id} is worth {question.points:g} points, "
                f"but its checks and reviews add up to {total:g}."
            )
