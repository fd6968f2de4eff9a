"""The classes that `bench/class.py` measures: always the same ones, all different, right where they say so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.assignment import find
from grader.config import GradeOptions
from grader.grading import grade

ROOT = Path(__file__).parents[2]


def written(folder, only, n):
    """Return the kinds of a class by the paths of its notebooks."""
    command = [sys.executable, ROOT / "bench" / "classes.py", folder, "--only", only, "--students", str(n)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {folder / f"{name}.ipynb": kind for name, kind in map(str.split, said.splitlines())}


def plain_scores(paths, only):
    """Return how many checks are content with each notebook as plain Python."""
    command = [sys.executable, ROOT / "bench" / "floor.py", only]
    lines = "".join(f"{path}\n" for path in paths)
    said = subprocess.run(command, input=lines, check=True, capture_output=True, text=True).stdout
    return [json.loads(line)["score"] for line in said.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("only", ["numpy", "images", "keras", "tiny"])
def test_a_class_is_always_the_same_and_all_its_notebooks_differ(only, tmp_path):
    first, second = (written(tmp_path / place, only, 100) for place in ("first", "second"))

    contents = [path.read_bytes() for path in first]

    assert [path.read_bytes() for path in second] == contents
    assert len(set(contents)) == 100
    assert set(first.values()) == {"right", "wrong", "missing", "raises", "endless"}
    assert list(first.values()).count("endless") == 1


@pytest.mark.slow
def test_plain_python_tells_right_from_wrong(tmp_path):
    kinds = written(tmp_path, "numpy", 30)

    scores = plain_scores(kinds, "numpy")

    for (path, kind), score in zip(kinds.items(), scores, strict=True):
        assert score == 6 if kind == "right" else score <= 6, path
        assert score < 6 or kind != "wrong", path


@pytest.mark.slow
@pytest.mark.thorough
def test_grade_tells_right_from_wrong(tmp_path):
    kinds = written(tmp_path, "keras", 6)
    assignment = find(ROOT / "assignments", name="backprop")
    right, wrong = (next(path for path, kind in kinds.items() if kind == wanted) for wanted in ("right", "wrong"))

    best, worse = (grade(path, assignment, GradeOptions()) for path in (right, wrong))

    assert best.score + best.pending == best.max_score
    assert worse.score + worse.pending < worse.max_score
