"""Every sample in `submissions/` gets the result that stands beside it."""

import tomllib
from pathlib import Path

import pytest

from grader.assignment import find
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status

ROOT = Path(__file__).parents[1]
SAMPLES = sorted((ROOT / "submissions").glob("*.ipynb"))
AS_USUAL = (Status.PASSED, Status.NEEDS_REVIEW)


def test_there_are_samples_right_and_wrong():
    assert len(SAMPLES) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_gets_its_result(path):
    expected = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    assignment = find(ROOT / "assignments", name=expected["assignment"])
    result = grade(path, assignment, GradeOptions())
    checks = [check for question in result.questions for check in question.checks]
    found = {
        "score": result.score,
        "pending": result.pending,
        "execution": result.execution.status.value,
        "checks": {check.id: check.status.value for check in checks if check.status not in AS_USUAL},
        "diagnoses": {check.id: check.diagnosis.name for check in checks if check.diagnosis is not None},
    }

    assert {name: expected[name] for name in found} == found
