"""Broken checks are the author's error or ours; they are never a student's zero."""

import shutil
from pathlib import Path

import nbformat
import pytest
from notebooks import notebook

from grader.assignment import load
from grader.config import GradeOptions
from grader.errors import AssignmentError
from grader.grading import grade
from grader.results import Status

TINY = Path(__file__).parents[1] / "assignments" / "tiny"
ONE_QUESTION = """
name = "one"
title = "One check"
notebook = "tiny.ipynb"
reference = "tiny_reference"
questions = [{ id = "q1", title = "The question", points = 1 }]
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that grades one notebook with one check of the given body."""
    folder = tmp_path / "one"
    (folder / "checks").mkdir(parents=True)
    shutil.copy(TINY / "tiny.ipynb", folder)
    (folder / "assignment.toml").write_text(ONE_QUESTION)
    submission = tmp_path / "ada.ipynb"
    nbformat.write(notebook("def double(x):\n    return 2 * x"), submission)

    def run(checks):
        (folder / "checks" / "test_one.py").write_text("import pytest\n" + checks)
        return grade(submission, load(folder), GradeOptions(seed=1))

    return run


def check(body, fixtures="check", marker='"q1", points=1'):
    return f"@pytest.mark.check({marker})\ndef test_one({fixtures}):\n    {body}\n"


OURS = {
    "a check that raises": check("1 / 0"),
    "a reference that fails": check('check.same("broken", 1, others=["double"])'),
    "a reference without the function": check('check.same("double", 1, of="nothing")'),
    "a fixture that fails": "@pytest.fixture\ndef bad():\n    raise RuntimeError('x')\n" + check("pass", "bad"),
    "a teardown that fails": "@pytest.fixture\ndef bad():\n    yield\n    raise RuntimeError('x')\n"
    + check("pass", "bad"),
    "an unknown fixture": check("pass", "nonsense"),
    "a fraction above one": check("check.score(2, 'more than all')"),
    "a value that cannot be sent": check("check.student.double(object())"),
}


@pytest.mark.parametrize("checks", OURS.values(), ids=OURS.keys())
def test_what_breaks_in_a_check_is_ours(run, checks):
    result = run(checks)
    verdict = result.questions[0].checks[0]

    assert verdict.status is Status.ERROR
    assert "our fault" in verdict.message
    assert verdict.detail
    assert (0, 1, 1) == (result.score, result.max_score, result.pending)


AUTHORS = {
    "no marker": "def test_one(check):\n    pass\n",
    "no points": check("pass", marker='"q1"'),
    "points below zero": check("pass", marker='"q1", points=-1'),
    "an argument nobody knows": check("pass", marker='"q1", points=1, colour="red"'),
    "an unknown question": check("pass", marker='"q9", points=1'),
    "points that do not add up": check("pass", marker='"q1", points=3'),
    "a syntax error": "def test_one(:\n",
    "an import that fails": "import nothing_of_that_name\n" + check("pass"),
    "no check at all": "x = 1\n",
}


@pytest.mark.parametrize("checks", AUTHORS.values(), ids=AUTHORS.keys())
def test_a_broken_check_file_is_the_authors_error(run, checks):
    with pytest.raises(AssignmentError, match=r"checks|assignment\.toml"):
        run(checks)


def test_review_is_a_verdict(run):
    result = run("from grader.checks import NeedsReview\n" + check("raise NeedsReview('Look at the plot.')"))
    verdict = result.questions[0].checks[0]

    assert (Status.NEEDS_REVIEW, "Look at the plot.") == (verdict.status, verdict.message)
    assert result.pending == 1


def test_a_check_sees_its_own_modules_and_leaves_none_behind(run):
    first = run(check("check.fail('first')"))
    second = run(check("check.fail('second')"))

    assert ["first", "second"] == [result.questions[0].checks[0].message for result in (first, second)]


def test_a_check_without_a_docstring_is_named_after_its_function(run):
    assert run(check("pass")).questions[0].checks[0].title == "test one"
