"""Right network classes of any style get all points of question 1; odd ones fail instead of breaking a check."""

import nbformat
import pytest
from mn_classes import CLASSES, ODD
from mn_notebooks import ROOT
from mn_styles import STYLES, Style
from notebooks import notebook, part_of

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status

ASSIGNMENT = load(ROOT / "assignments" / "mlp-numpy")
RIGHT = CLASSES | {name: style.cells() for name, style in STYLES.items()}


def checks_of(tmp_path, cells):
    """Grade a notebook of these cells and return the checks of question 1."""
    path = tmp_path / "style.ipynb"
    nbformat.write(notebook(*cells), path)
    result = grade(path, ASSIGNMENT, GradeOptions(seed=11))
    return next(each.checks for each in result.questions if each.id == "q1")


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(RIGHT))
def test_a_right_class_gets_all_points(tmp_path, style):
    checks = checks_of(tmp_path, RIGHT[style])
    lost = {c.id: (c.status.value, c.message, c.detail) for c in checks if c.score < c.max_score}

    assert {} == lost


@pytest.mark.slow
def test_biases_inside_the_weights_go_to_a_person(tmp_path):
    checks = checks_of(tmp_path, Style(held="biases inside").cells())
    lost = {c.status for c in checks if c.score < c.max_score}

    assert {Status.NEEDS_REVIEW} == lost


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(ODD, every=3))
def test_an_odd_class_breaks_no_check(tmp_path, style):
    checks = checks_of(tmp_path, ODD[style])
    broken = {c.id: c.detail for c in checks if c.status is Status.ERROR}

    assert {} == broken
    assert any(c.status is Status.FAILED and c.message for c in checks)
