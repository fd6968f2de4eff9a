"""Whatever its style, a right network gets all points of question 4."""

from pathlib import Path

import nbformat
import pytest
from notebooks import notebook
from styles import STYLES, question_4

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade

BACKPROP = load(Path(__file__).parents[2] / "assignments" / "backprop")


@pytest.mark.parametrize("style", STYLES)
def test_a_right_network_gets_all_points(tmp_path, style):
    path = tmp_path / "right.ipynb"
    nbformat.write(notebook(*question_4(style)), path)
    result = grade(path, BACKPROP, GradeOptions(seed=11))
    lost = {c.id: (c.status.value, c.message, c.detail) for c in result.questions[3].checks if c.score < c.max_score}

    assert {} == lost
