"""Right networks of any style get all points, wrong ones lose theirs, odd ones fail instead of breaking a check."""

from pathlib import Path

import nbformat
import pytest
from notebooks import notebook, part_of
from styles import ODD_BOXES, ODD_STYLES, STYLES, WRONG_STYLES

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status

BACKPROP = load(Path(__file__).parents[2] / "assignments" / "backprop")


def checks_of(tmp_path, cells, question):
    """Grade a notebook of these cells and return the checks of one question."""
    path = tmp_path / "style.ipynb"
    nbformat.write(notebook(*cells), path)
    result = grade(path, BACKPROP, GradeOptions(seed=11))
    return next(each.checks for each in result.questions if each.id == question)


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(STYLES))
def test_a_right_network_gets_all_points(tmp_path, style):
    checks = checks_of(tmp_path, STYLES[style], "q4")
    lost = {c.id: (c.status.value, c.message, c.detail) for c in checks if c.score < c.max_score}

    assert {} == lost


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(WRONG_STYLES))
def test_a_wrong_network_fails_the_checks_that_ask_for_it(tmp_path, style):
    cells, expected = WRONG_STYLES[style]
    lost = {c.id for c in checks_of(tmp_path, cells, "q4") if c.status is Status.FAILED}

    assert expected == lost


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(ODD_STYLES))
def test_an_odd_network_breaks_no_check(tmp_path, style):
    checks = checks_of(tmp_path, ODD_STYLES[style], "q4")
    broken = {c.id: c.detail for c in checks if c.status is Status.ERROR}

    assert {} == broken
    assert any(c.status is Status.FAILED and c.message for c in checks)


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(ODD_BOXES))
def test_an_odd_box_fails(tmp_path, style):
    checks = checks_of(tmp_path, [ODD_BOXES[style]], "q1")
    graded = {c.status for c in checks if c.status is not Status.NEEDS_REVIEW}

    assert {Status.FAILED} == graded, [c.detail for c in checks]
