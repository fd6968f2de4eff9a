"""Each check of `dl-foundations` has a sample that passes it and one that fails it, as their results say."""

import tomllib

import pytest
from df_notebooks import ROOT

from grader.assignment import load
from grader.checks import NotebookView, run_checks
from grader.results import Execution, ExecutionStatus

ASSIGNMENT = load(ROOT / "assignments" / "dl-foundations")
TABLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((ROOT / "submissions").glob("*.toml"))}
SAMPLES = {name: table for name, table in TABLES.items() if table["assignment"] == ASSIGNMENT.name}
ALL_RIGHT = [name for name, table in SAMPLES.items() if not table["checks"]]


@pytest.fixture(scope="module")
def checks():
    """All checks, as they stand in the result of a notebook that never ran."""
    view = NotebookView(
        node=None, master=ASSIGNMENT.master, execution=Execution(status=ExecutionStatus.NOT_RUN, message="")
    )
    return run_checks(ASSIGNMENT, None, view, 0)


def test_points_of_checks_and_reviews_add_up(checks):
    for question in ASSIGNMENT.questions:
        own = sum(check.max_score for check in checks if check.question == question.id)
        reviews = sum(review.points for review in question.reviews)
        assert question.points == pytest.approx(own + reviews), question.id

    assert sum(question.points for question in ASSIGNMENT.questions) == 100


def test_three_samples_are_right_in_different_styles():
    assert len(SAMPLES) >= 8
    assert len(ALL_RIGHT) >= 3


def test_each_check_is_failed_by_a_sample(checks):
    failed = {check for table in SAMPLES.values() for check, status in table["checks"].items() if status == "failed"}

    assert set() == {check.id for check in checks} - failed


def test_samples_name_no_check_that_is_not_there(checks):
    named = {check for table in SAMPLES.values() for check in (*table["checks"], *table["diagnoses"])}

    assert set() == named - {check.id for check in checks}
