"""Question 3: right answers of any style get all points, and each mistake costs what it should."""

from pathlib import Path

import nbformat
import pytest
from fashion import MISTAKES, RIGHT, STYLES
from notebooks import notebook, part_of

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade

BACKPROP = load(Path(__file__).parents[2] / "assignments" / "backprop")


def lost_with(tmp_path, changes):
    """Grade a notebook of question 3 and return what its checks say where points were lost."""
    path = tmp_path / "fashion.ipynb"
    nbformat.write(notebook(*(RIGHT | changes).values()), path)
    result = grade(path, BACKPROP, GradeOptions(seed=3))
    question = next(each for each in result.questions if each.id == "q3")
    return {c.id: (c.status.value, c.message, c.detail) for c in question.checks if c.score < c.max_score}


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(STYLES))
def test_a_right_answer_gets_all_points(tmp_path, style):
    lost = lost_with(tmp_path, STYLES[style])

    assert {} == lost


@pytest.mark.slow
@pytest.mark.parametrize("mistake", part_of(MISTAKES))
def test_a_mistake_costs_what_it_should(tmp_path, mistake):
    changes, expected = MISTAKES[mistake]
    lost = lost_with(tmp_path, changes)

    assert expected == set(lost), lost
    assert {"failed"} == {status for status, _, _ in lost.values()}
