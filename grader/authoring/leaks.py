"""What a student could learn about a hidden check from the report.

Of a hidden check a student sees title, points, hint and diagnosis; message, evidence and remarks are taken out by
`grader.results.for_student`. So what can leak is a number of the answer in one of those texts, among them the
parameter that pytest puts into a title, and the evidence of a hidden check in what a public one says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from grader.assignment import Assignment
from grader.authoring.collecting import Written
from grader.authoring.finding import Finding, Findings
from grader.authoring.trials import Trial, Trials
from grader.results import CheckResult, Text, Visibility, for_student

NUMBER = re.compile(r"(?<![\w.])[-−]?(?:\d{1,3}(?:[,_ ]\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")
MIN_DIGITS = 3  # 0, 1 and 10 are in every answer, and tell nothing
MIN_TEXT = 12  # characters: a shorter piece of an answer is found anywhere


def leaks(assignment: Assignment, checks: tuple[Written, ...], trials: Trials) -> Findings:
    """Find hidden checks that tell a student what they expect."""
    places = {check.id: check for check in checks}
    said: set[tuple[str, str]] = set()
    for trial in trials.all:
        for check, what, remedy in _leaks_of(trial, trials, places):
            if (check.function, what) not in said:
                said.add((check.function, what))
                yield Finding(rule="leak", file=check.file, line=check.line, what=what, remedy=remedy)


def _leaks_of(trial: Trial, trials: Trials, written: Mapping[str, Written]) -> Iterator[tuple[Written, str, str]]:
    """Yield (check, what, remedy) for one grading, read as its student would read it."""
    student = Trial(result=for_student(trial.result)).checks
    public = [text for check in student.values() for text in _shown(check)]
    for check in trial.checks.values():
        if check.visibility is not Visibility.HIDDEN or check.id not in written:
            continue
        expected = _fixed_answers(check.id, trials)
        for where, text in _texts(student[check.id], written[check.id].hint):
            for spelled in _told(text, expected):
                yield (
                    written[check.id],
                    f"{check.id} is hidden, but its {where} has {spelled}, a number it expects.",
                    f"Take the number out of the {where}: students read it.",
                )
        for secret in _secrets(check):
            if any(secret in text for text in public):
                yield (
                    written[check.id],
                    f"{check.id} is hidden, but what it expects ({secret[:60]}) stands in the student's report.",
                    "Let public checks draw inputs of their own, and keep what is shown apart.",
                )


def _texts(check: CheckResult, hint: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a check that its student may read, among them the hint of one that failed."""
    yield "title", check.title
    yield "hint", check.hint or hint
    if check.diagnosis is not None:
        yield "diagnosis", f"{check.diagnosis.title} {check.diagnosis.explanation}"


def _shown(check: CheckResult) -> list[str]:
    """Return every text of a check in a student's report."""
    evidence = [part.model_dump_json() if not isinstance(part, Text) else part.text for part in check.evidence]
    return [check.message, *check.remarks, *evidence, *(text for _, text in _texts(check))]


def _secrets(check: CheckResult) -> list[str]:
    texts = [part.text for part in check.evidence if isinstance(part, Text) and part.expected]
    return [text for text in texts if len(text) >= MIN_TEXT]


def _told(text: str, expected: list[float]) -> Iterator[str]:
    """Yield the numbers in a text that are expected ones, as exactly as they are written."""
    for match in NUMBER.finditer(text):
        spelled = match[0]
        plain = re.sub(r"[,_ ]", "", spelled).replace("−", "-")
        digits = re.sub(r"e.*|[^\d]", "", plain).lstrip("0")
        if len(digits.rstrip("0") if "." not in plain else digits) < MIN_DIGITS:
            continue
        told, decimals = float(plain), len(plain.partition("e")[0].partition(".")[2])
        if any(abs(told - value) <= 0.5000001 * 10.0**-decimals for value in expected):
            yield spelled


def _fixed_answers(check: str, trials: Trials) -> list[float]:
    """Return the numbers a check expects of everybody: those drawn at random differ from notebook to notebook."""
    each = [heard for trial in trials.all if (heard := trial.heard.answers.get(check))]
    return sorted(set.intersection(*each)) if len(each) > 1 else []
