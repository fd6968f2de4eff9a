"""Every sample in `submissions/` gets the result that stands beside it, and gets it again however it is graded."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from notebooks import part_of

from grader.assignment import find
from grader.authoring import expected_of, summary
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import ExecutionStatus, Result

ROOT = Path(__file__).parents[1]
SAMPLES = sorted((ROOT / "submissions").glob("*.ipynb"))
CHANCE = re.compile(r"\d+(?:\.\d+)?\s*(?:s|ms|us|µs|ns)(?:/step|/epoch)?\b|\bat 0x[0-9a-f]+")


def test_there_are_samples_right_and_wrong():
    assert len(SAMPLES) >= 8


def assignment_of(path):
    return find(ROOT / "assignments", name=expected_of(path)["assignment"])


def by_assignment():
    """Return the samples of each assignment, the one with the most points first."""
    found = {}
    for path in sorted(SAMPLES, key=lambda path: (-expected_of(path)["score"], path)):
        found.setdefault(expected_of(path)["assignment"], []).append(path)
    return found


def a_part():
    """Return all samples as cases: one in ten of an assignment runs always, they train for long."""
    return [case for own in by_assignment().values() for case in part_of(own, every=10)]


def one_of_each():
    """Return a sample of each assignment: the last by name, that of `mnist-mlp` first, for it trains least."""
    found = {expected_of(path)["assignment"]: path for path in SAMPLES}
    return sorted(found.values(), key=lambda path: expected_of(path)["assignment"] != "mnist-mlp")


@pytest.mark.slow
@pytest.mark.parametrize("path", a_part(), ids=lambda path: path.stem)
def test_a_sample_gets_its_result(path):
    expected = expected_of(path)

    found = summary(grade(path, assignment_of(path), GradeOptions()))

    assert {name: expected[name] for name in found} == found


@pytest.mark.slow
@pytest.mark.parametrize("path", part_of(one_of_each(), every=5), ids=lambda path: path.stem)
def test_a_sample_gets_the_same_result_however_it_is_graded(path, tmp_path):
    """Forked from the warm server, alone; forked again, beside a grading by the command line in a fresh process."""
    assignment = assignment_of(path)

    result = grade(path, assignment, GradeOptions())
    command = [sys.executable, "-m", "grader", path, "--json", "--out", tmp_path]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as spawned:
        forked = grade(path, assignment, GradeOptions())
        fresh = json.load(spawned.stdout)

    assert comparable(result) == comparable(forked) == comparable(Result.model_validate(fresh))


def comparable(result):
    """Return what must be the same every time; how far an endless loop came before it was stopped cannot be."""
    stopped = result.execution.status is ExecutionStatus.TIMED_OUT
    return summary(result) if stopped else timeless(json.loads(result.model_dump_json()))


def timeless(value):
    """Return a result without seconds and addresses, also those that a notebook printed."""
    if isinstance(value, dict):
        return {name: timeless(part) for name, part in value.items() if name not in {"seconds", "timings"}}
    if isinstance(value, list):
        return [timeless(part) for part in value]
    return CHANCE.sub("…", value) if isinstance(value, str) else value
