"""Right solutions in other styles get all points that need neither Keras nor figures."""

import nbformat
import pytest
from df_notebooks import ROOT
from df_styles import RIGHT
from notebooks import notebook

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status

ASSIGNMENT = load(ROOT / "assignments" / "dl-foundations")
NOT_WRITTEN = {"test_classification_report", "test_norms_by_depth"}


def checks_of(tmp_path, *cells):
    path = tmp_path / "style.ipynb"
    nbformat.write(notebook(*cells), path)
    result = grade(path, ASSIGNMENT, GradeOptions(seed=3))
    return [check for question in result.questions for check in question.checks]


@pytest.mark.slow
@pytest.mark.parametrize("style", RIGHT)
def test_a_right_solution_gets_all_points(style, tmp_path):
    checks = checks_of(tmp_path, RIGHT[style])

    asked = {"q1", "q2", "q3", "q6", "q7", "q8"}
    functions = [c for c in checks if c.question in asked or c.id.startswith(("test_loss", "test_certain", "test_one"))]
    functions += [c for c in checks if c.id.startswith(("test_several", "test_schedule", "test_reduce"))]
    lost = {c.id: (c.status.value, c.message, c.detail) for c in functions if c.status is not Status.PASSED}
    assert {} == {name: why for name, why in lost.items() if name not in NOT_WRITTEN and why[0] != "needs_review"}
