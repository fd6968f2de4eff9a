"""Gradescope: a result as the `results.json` its autograders write.

Every check is a test. Students see what their report would tell them and no more, whatever the visibility of a test:
what a hidden check expects is never in the file. Points that a person decides are no test's points: Gradescope's own
rubric gives them.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from grader import __version__
from grader.exports.cells import number
from grader.results import CheckResult, QuestionResult, Result, Status, Visibility, for_student

MAX_OUTPUT = 8_000
MAX_NAME = 300
DIGITS = 5
OPEN = (Status.NEEDS_REVIEW, Status.ERROR)
TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SPECIAL = re.compile(r"[\\`*_{}\[\]()#+\-.!:|&<>^~=\"$]")  # all of them may have a backslash before them
ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
SAID = {
    Status.ERROR: "This check broke. That is not your fault: a person looks at it.",
    Status.NOT_REACHED: "Your notebook did not get this far.",
    Status.NOT_ATTEMPTED: "Not attempted.",
    Status.NEEDS_REVIEW: "A person reads and marks this part.",
}


class Shown(StrEnum):
    """When Gradescope shows a test to its student."""

    HIDDEN = "hidden"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"
    VISIBLE = "visible"


def results_json(result: Result, *, hidden: Shown = Shown.HIDDEN) -> str:
    """Return the results.json of a submission; tests of hidden checks are shown when `hidden` says."""
    result = for_student(result)
    spent = result.timings
    seconds = max(spent.start + spent.kernel + spent.cells + spent.checks, result.execution.seconds)
    content = {
        "score": _finite(result.score),
        "execution_time": round(_finite(seconds), 1),
        "output": markdown(_summary(result, hidden)),
        "output_format": "md",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": Shown.VISIBLE.value,
        "stdout_visibility": Shown.HIDDEN.value,
        "extra_data": _extra(result),
        "tests": list(_tests(result, hidden)),
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def failed_json(sentence: str) -> str:
    """Return the results.json of a submission nothing is known of but a sentence: no points, and the reason."""
    content = {"score": 0, "output": plain(sentence), "output_format": "text", "stdout_visibility": Shown.HIDDEN.value}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def plain(text: str, most: int = MAX_OUTPUT) -> str:
    """Return text that is safe to show: no terminal codes, nothing that hides or turns other text, not too long."""
    kept = ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(char if _shown(char) else "\ufffd" for char in kept).strip("\n")
    return kept if len(kept) <= most else f"{kept[: most - 2].rstrip()} …"


def markdown(text: str) -> str:
    """Return text that Markdown shows as it is: no markup, no link, no picture, no formula, no HTML."""
    escaped = SPECIAL.sub(r"\\\g<0>", plain(text))
    return re.sub(r"(?m)^[ \t]+", "", escaped).replace("\n", "  \n")


def _shown(char: str) -> bool:
    return char in "\n\t" or (unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"} and char not in TURNS)


def _summary(result: Result, hidden: Shown) -> str:
    """Say how it went; the total only where Gradescope itself shows it, since it tells of hidden tests."""
    if result.error:
        return f"This notebook could not be graded. {result.error}"
    whole = hidden is Shown.VISIBLE or all(check.visibility is Visibility.PUBLIC for check in result.checks)
    lines = [f"{number(result.score)} of {number(result.max_score)} points."] if whole else []
    if result.pending > 0:
        lines.append(f"A person still decides on {number(result.pending)} of {number(result.max_score)} points.")
    if result.execution.message:
        lines.append(result.execution.message)
    if result.sandbox == "none":
        lines.append("The notebook ran without a sandbox.")
    lines += [*result.repairs, *result.execution.notes]
    return "\n".join(lines or ["What the checks found is below."])


def _extra(result: Result) -> dict[str, Any]:
    return {
        "grader": __version__,
        "assignment": result.assignment,
        "seed": str(result.seed),  # as text: it may have more digits than a JavaScript number
        "sandbox": result.sandbox,
        "pending": _finite(result.pending),
        "max_score": _finite(result.max_score),
    }


def _tests(result: Result, hidden: Shown) -> Iterator[dict[str, Any]]:
    for place, question in enumerate(result.questions, 1):
        digits = re.fullmatch(r"q(\d+)", question.id)
        for index, check in enumerate(question.checks, 1):
            shown = hidden if check.visibility is Visibility.HIDDEN else Shown.VISIBLE
            test = _test(question, check, f"{digits[1] if digits else place}.{index}")
            yield {**test, "tags": [question.id, check.visibility.value], "visibility": shown.value}


def _test(question: QuestionResult, check: CheckResult, numbered: str) -> dict[str, Any]:
    """Return a check as a test; one that waits for a person has neither points nor a status."""
    name = plain(" ".join(f"{question.id.upper()} {check.title}".split()), MAX_NAME)
    test: dict[str, Any] = {"number": numbered, "name": name, "output": plain(_output(check))}
    if check.status in OPEN:
        points = number(check.max_score)
        return {**test, "name": f"{name} ({points} point{'' if points == '1' else 's'}, decided by a person)"}
    passed = check.status is Status.PASSED
    return {
        **test,
        "score": _finite(check.score),
        "max_score": _finite(check.max_score),
        "status": "passed" if passed else "failed",
    }


def _output(check: CheckResult) -> str:
    parts = [check.message or SAID.get(check.status, "")]
    if check.diagnosis:
        parts.append(f"What probably happened: {check.diagnosis.title}\n{check.diagnosis.explanation}")
    if check.hint and check.status is not Status.PASSED:
        parts.append(f"What to try: {check.hint}")
    return "\n\n".join(part.strip() for part in (*parts, *check.remarks) if part.strip())


def _finite(value: float) -> float:
    """Return a number with as many digits as anybody needs; 0 for what is no number."""
    return round(value, DIGITS) + 0.0 if math.isfinite(value) else 0.0
