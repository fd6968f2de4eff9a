"""`grade lint`: everything that can be found wrong with an assignment before students find it."""

from __future__ import annotations

import re
from pathlib import Path

from grader.assignment import FILE, Assignment, load
from grader.authoring import graded, leaks, variants, written
from grader.authoring.collecting import Written, collect
from grader.authoring.finding import Finding
from grader.authoring.trials import Tell, Trials, try_out
from grader.checks import Live, NotebookView, Wanted, run_checks
from grader.checks.placed import not_reached
from grader.errors import AssignmentError
from grader.results import Execution, ExecutionStatus

PLACE = re.compile(r"([^\s:'\"]+\.(?:py|toml|ipynb))(?::(\d+))?")


def lint(folder: Path, *, quick: bool = False, sealed: bool = True, tell: Tell = lambda _: None) -> list[Finding]:
    """Return what is found in an assignment's folder; `quick` leaves out what has to run notebooks.

    What is so broken that nothing can be graded is found alone.
    """
    try:
        assignment = load(folder)
        if assignment.placed is not None and assignment.reference is None:
            return _imported(assignment)
        tell(f"{assignment.name}: reading the checks")
        checks = collect(assignment)
        Live(assignment.solution, assignment.variants)
        found = [finding for rule in written.RULES for finding in rule(assignment, checks)]
        if quick or any(finding.rule in written.FATAL for finding in found):
            return found
        needed = {name for check in checks for name in check.needs}
        trials = try_out(assignment, needed, sealed=sealed, tell=tell)
    except AssignmentError as error:
        return [_broken(folder, error)]
    return [*found, *_after_grading(assignment, checks, trials)]


def _imported(assignment: Assignment) -> list[Finding]:
    """Raise AssignmentError where checks are broken, or points do not add up; there is no solution to try them on."""
    view = NotebookView(node=None, master=assignment.master, execution=Execution(status=ExecutionStatus.NOT_RUN))
    run_checks(assignment, None, view, 0, Wanted(placed=not_reached(assignment.placed, public_only=False)))
    return []


def _after_grading(assignment: Assignment, checks: tuple[Written, ...], trials: Trials) -> list[Finding]:
    """Return what the trials show."""
    rules = (graded.own_checks, graded.broken, graded.handed_out, graded.samples, leaks.leaks, variants.indistinct)
    return [finding for rule in rules for finding in rule(assignment, checks, trials)]


def _broken(folder: Path, error: AssignmentError) -> Finding:
    """Return what an error says as a finding, at the first place that its message names."""
    file, line = folder / FILE, None
    for name, number in PLACE.findall(str(error)):
        if (folder / name).is_file():
            file, line = folder / name, int(number) if number else None
            break
    return Finding(
        rule="broken",
        file=file,
        line=line,
        what=str(error),
        remedy="Mend this first: nothing can be graded before.",
    )
