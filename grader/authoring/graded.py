"""What grading shows: a reference that fails its own checks, samples that do not match, points for nothing."""

from __future__ import annotations

import importlib
from pathlib import Path

from grader.assignment import Assignment
from grader.authoring.collecting import Written
from grader.authoring.finding import Finding, Findings, Level, line_with
from grader.authoring.samples import differences, summary
from grader.authoring.trials import Trial, Trials
from grader.exports.cells import number
from grader.results import CheckResult, Status

Checks = tuple[Written, ...]


def own_checks(assignment: Assignment, checks: Checks, trials: Trials) -> Findings:
    """Find checks that the reference fails, or that break on it, and that no sample with full marks passes either.

    Where a homework asks for more than functions, the reference alone may have another form than what students hand
    in: such a sample shows then that the check can be passed.
    """
    right = [trial for trial in trials.samples if _is_to_get_everything(trial)]
    passed = {name for trial in right for name, check in trial.checks.items() if _full(check)}
    for written in checks:
        check = trials.reference.checks.get(written.id)
        if check is None or check.status not in (Status.FAILED, Status.ERROR) or check.id in passed:
            continue
        why = check.message if check.status is Status.FAILED else _last_line(check.detail)
        yield Finding(
            rule="reference-fails" if check.status is Status.FAILED else "check-breaks",
            file=written.file,
            line=written.line,
            what=f"{written.id}: the reference itself does not pass, nor does a sample with full marks: {why}",
            remedy=f"Mend the check or {_file_of(assignment.solution)}; or add a sample that passes it.",
        )


def broken(assignment: Assignment, checks: Checks, trials: Trials) -> Findings:
    """Find checks that break on a notebook: a student's notebook never may."""
    for written in checks:
        for trial in (trials.master, *trials.samples):
            check = trial.checks.get(written.id)
            if check is not None and check.status is Status.ERROR:
                yield Finding(
                    rule="check-breaks",
                    file=written.file,
                    line=written.line,
                    what=f"{written.id} breaks on {trial.result.submission}: {_last_line(check.detail)}",
                    remedy="Let the check fail with a message instead: check.fail(…).",
                )
                break


def handed_out(assignment: Assignment, checks: Checks, trials: Trials) -> Findings:
    """Find checks that the master notebook passes as it is handed out."""
    for written in checks:
        check = trials.master.checks.get(written.id)
        if check is not None and check.score > 0:
            yield Finding(
                rule="passes-unanswered",
                file=written.file,
                line=written.line,
                what=f"{written.id} gives {number(check.score)} points for {assignment.notebook} as it is handed out.",
                remedy="Name in needs=… what the student has to write, or ask for more.",
            )


def samples(assignment: Assignment, checks: Checks, trials: Trials) -> Findings:
    """Find samples that come to another result than the one beside them; say when there are none."""
    for trial in trials.samples:
        if trial.sample is not None:
            yield from _mismatches(trial)
    if not trials.samples:
        yield Finding(
            rule="no-sample",
            level=Level.NOTE,
            file=assignment.folder / assignment.notebook,
            what=f"No sample in submissions/ belongs to {assignment.name}.",
            remedy="Solve the homework once, right, and once with a mistake, each with a .toml that says its result.",
        )


def _mismatches(trial: Trial) -> Findings:
    assert trial.sample is not None  # noqa: S101 - who calls has looked
    file, expected = trial.sample.file, trial.sample.expected
    for difference in differences(summary(trial.result), expected):
        key = difference.split()[1] if difference.startswith(("checks:", "diagnoses:")) else difference.split()[0]
        yield Finding(
            rule="sample",
            file=file,
            line=line_with(file, key),
            what=f"{trial.sample.notebook.name}: {difference}.",
            remedy="Look which of the two is right, the check or the file.",
        )


def _is_to_get_everything(trial: Trial) -> bool:
    expected = trial.sample.expected if trial.sample is not None else {}
    return bool(expected.get("score", 0) + expected.get("pending", 0) == trial.result.max_score)


def _full(check: CheckResult) -> bool:
    return check.status is Status.PASSED and check.score == check.max_score


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1]


def _file_of(module: str) -> Path:
    return Path(importlib.import_module(module).__file__ or module)
