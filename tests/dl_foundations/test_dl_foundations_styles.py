"""Right solutions in other styles get all points that need neither Keras nor figures; slips in them lose theirs."""

import nbformat
import pytest
from df_notebooks import ROOT
from df_styles import RIGHT, SLIPS
from notebooks import notebook, part_of

from grader.assignment import load
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status

ASSIGNMENT = load(ROOT / "assignments" / "dl-foundations")
NEED_MORE = (
    "test_derivation",
    "test_classif",
    "test_norms_by_depth",
    "test_cifar",
    "test_four",
    "test_best",
    "test_search",
)


def checks_of(tmp_path, source):
    path = tmp_path / "style.ipynb"
    nbformat.write(notebook(source), path)
    result = grade(path, ASSIGNMENT, GradeOptions(seed=3))
    checks = [check for question in result.questions for check in question.checks]
    return [check for check in checks if check.id.startswith("test_") and not check.id.startswith(NEED_MORE)]


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(RIGHT))
def test_a_right_solution_gets_all_points(style, tmp_path):
    checks = checks_of(tmp_path, RIGHT[style])

    lost = {c.id: (c.status.value, c.message, c.detail) for c in checks if c.status is not Status.PASSED}
    assert {} == lost


@pytest.mark.slow
@pytest.mark.parametrize("style", part_of(SLIPS))
def test_slips_are_found_and_named(style, tmp_path):
    source = RIGHT[style]
    for check, _, there, instead in SLIPS[style]:
        assert source.count(there) == 1, check
        source = source.replace(there, instead)

    checks = checks_of(tmp_path, source)

    named = {
        name: {c.diagnosis.name for c in checks if name in c.id and c.status is Status.FAILED and c.diagnosis}
        for name, *_ in SLIPS[style]
    }
    assert {name: {wanted} for name, wanted, *_ in SLIPS[style]} == named
    assert [] == [(c.id, c.detail) for c in checks if c.status is Status.ERROR]
