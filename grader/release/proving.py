"""`prove`: that a bundle works where no solution is, and that nothing in it should not be."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader import bundle
from grader.assignment import Assignment
from grader.release.alone import checked_alone
from grader.release.answers import Tell, Trial, is_good, trials
from grader.release.leaks import files_in, leaks
from grader.results import CheckResult, Result, Status, Text

UNANSWERED = (Status.NOT_ATTEMPTED, Status.NEEDS_REVIEW, Status.FAILED)
TRACEBACK = "Traceback (most recent call last)"


def prove(folder: Path, assignment: Assignment, tell: Tell = lambda _: None, *, quick: bool = False) -> list[str]:
    """Return a sentence for everything that is wrong with the bundle in a folder; none where it is as it should be.

    The bundle is copied to an empty folder first, and checks there in a process of its own: its notebook as it was
    handed out, which gets no points and no harsh word, and the author's right notebooks, which get all public points.
    UsageError or AssignmentError where the folder is no bundle, or damaged.
    """
    described, _ = bundle.opened(folder)
    tell(f"{assignment.name}: looking for what must not be in it")
    found = leaks(files_in(folder), assignment)
    with tempfile.TemporaryDirectory() as place, trials(assignment, quick=quick) as notebooks:
        copy = Path(place, assignment.name)
        shutil.copytree(folder, copy)
        right = [trial for trial in notebooks if trial.right]
        bare = Trial(name="the notebook as handed out", notebook=copy / described.notebook)
        tell(f"{assignment.name}: checking {', '.join(trial.name for trial in (bare, *right))} with the bundle")
        results = checked_alone(copy, assignment.package, (bare, *right))
        for trial, result in zip((bare, *right), results, strict=True):
            found += _wrong(trial, result, sum(each.public for each in described.points.values()))
    return found


def _wrong(trial: Trial, result: Result | str, points: float) -> Sequence[str]:
    if isinstance(result, str):
        return [f"{trial.name}: cannot be checked: {result}"]
    if abs(sum(check.max_score for check in result.checks) - points) > 1e-6:
        return [f"{trial.name}: its checks give {result.max_score:g} points, and bundle.json says {points:g}."]
    judge = _wrong_in_right if trial.right else _wrong_in_bare
    return [f"{trial.name}: {check.id} {what}" for check in result.checks if (what := judge(check))]


def _wrong_in_bare(check: CheckResult) -> str:
    """Return what a check should not say of a notebook in which nobody has written yet."""
    if check.status not in UNANSWERED or check.score > 0:
        return f"came to {check.status.value}, where nothing was answered yet: {_first_line(check)}"
    shown = [check.message, *(part.text for part in check.evidence if isinstance(part, Text))]
    if not check.message or any(TRACEBACK in text for text in shown):
        return "has no sentence for its student, or shows a traceback"
    return ""


def _wrong_in_right(check: CheckResult) -> str:
    """Return what is wrong about a check of a right notebook."""
    if is_good(check):
        return ""
    return f"came to {check.status.value}, {check.score:g} of {check.max_score:g} points: {_first_line(check)}"


def _first_line(check: CheckResult) -> str:
    said = check.message if check.status is not Status.ERROR else check.detail.strip().splitlines()[-1:]
    return (said if isinstance(said, str) else " ".join(said)).partition("\n")[0]
