"""Broken checks are the author's error or ours; they are never a student's zero."""

import shutil
import sys
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

    def run(checks, *cells):
        (folder / "checks" / "test_one.py").write_text("import pytest\n" + checks)
        if cells:
            nbformat.write(notebook(*cells), submission)
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


DOUBLE = "def double(x):\n    return 2 * x"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((DOUBLE, "del double"), "it is not there after the cells were run: did its cell stop with an error, or was"),
        ((f"nothing\n{DOUBLE}",), "the cell that defines it did not run to its end: cell 1 stopped with NameError"),
    ],
    ids=["deleted", "stopped"],
)
def test_what_became_of_a_name_that_was_written(run, cells, said):
    verdict = run(check("check.student.double(1)"), *cells).questions[0].checks[0]

    assert verdict.status is Status.FAILED
    assert f"You wrote `double`, but {said}" in verdict.message


@pytest.mark.parametrize(
    ("cell", "status"), [("losses = nothing", Status.FAILED), ("x = 1", Status.NOT_ATTEMPTED)], ids=["stopped", "none"]
)
def test_a_check_can_say_what_became_of_a_variable(run, cell, status):
    asked = 'if "losses" not in student:\n        raise student.losses.error()'
    verdict = run(check(asked, "student"), cell).questions[0].checks[0]

    assert verdict.status is status
    assert ("cell 1 stopped with NameError" in verdict.message) is (status is Status.FAILED)


def test_a_check_sees_its_own_modules_and_leaves_none_behind(run):
    first = run(check("check.fail('first')"))
    second = run(check("check.fail('second')"))

    assert ["first", "second"] == [result.questions[0].checks[0].message for result in (first, second)]


def test_a_check_without_a_docstring_is_named_after_its_function(run):
    assert run(check("pass")).questions[0].checks[0].title == "test one"


def test_pytest_fail_is_a_failed_check(run):
    verdict = run(check("pytest.fail('not like this')")).questions[0].checks[0]

    assert (Status.FAILED, "not like this") == (verdict.status, verdict.message)


def test_two_checks_of_one_name_are_the_authors_error(run, tmp_path):
    (tmp_path / "one" / "checks" / "test_two.py").write_text("import pytest\n" + check("pass"))

    with pytest.raises(AssignmentError, match="two checks have this name"):
        run(check("pass"))


def test_classes_share_no_points(run):
    method = (
        "    @pytest.mark.check('q1', points=0.5)\n"
        "    @pytest.mark.parametrize('x', [1, 2])\n"
        "    def test_{}(self, x):\n        pass\n"
    )
    result = run("class TestA:\n" + method.format("a") + "class TestB:\n" + method.format("b"))

    assert [0.25] * 4 == [verdict.max_score for verdict in result.questions[0].checks]


def test_a_mark_on_a_parameter_is_the_authors_error(run):
    parameters = "[pytest.param(1, marks=pytest.mark.check('q1', points=1, hidden=True))]"
    marked = f"@pytest.mark.parametrize('x', {parameters})\n" + check("pass", "x")

    with pytest.raises(AssignmentError, match="one marker"):
        run(marked)


def test_an_assertion_in_a_teardown_is_ours(run):
    fixture = "@pytest.fixture\ndef late():\n    yield\n    assert False, 'secret'\n"
    verdict = run(fixture + check("pass", "late")).questions[0].checks[0]

    assert Status.ERROR is verdict.status
    assert "secret" not in verdict.message
    assert "secret" in verdict.detail


def test_a_module_of_the_same_name_elsewhere_does_not_get_in_the_way(run, tmp_path):
    (tmp_path / "one" / "checks" / "notebooks.py").write_text("VALUE = 5\n")
    result = run("from notebooks import VALUE\n" + check("assert VALUE == 5"))

    assert Status.PASSED is result.questions[0].checks[0].status
    assert sys.modules["notebooks"].notebook is notebook


PLACES = {
    "a syntax error": ("def test_one(:\n", r"test_one\.py:2: "),
    "an import that fails": ("import nothing_of_that_name\n" + check("pass"), r"test_one\.py:2: ModuleNotFoundError"),
    "a module that raises": ("\n\n1 / 0\n", r"test_one\.py:4: ZeroDivisionError"),
    "no points": (check("pass", marker='"q1"'), r"test_one\.py:2: test_one: "),
    "an end": ("import sys\nsys.exit(3)\n", "SystemExit"),
}


@pytest.mark.parametrize(("checks", "place"), PLACES.values(), ids=PLACES.keys())
def test_a_broken_check_file_is_said_in_one_line(run, capfd, checks, place):
    with pytest.raises(AssignmentError, match=place) as caught:
        run(checks)

    assert len(str(caught.value).splitlines()) <= 2
    assert ("", "") == tuple(capfd.readouterr())


def test_a_broken_conftest_is_the_authors_error(run, tmp_path, capfd):
    (tmp_path / "one" / "checks" / "conftest.py").write_text("1 / 0\n")

    with pytest.raises(AssignmentError, match="ZeroDivisionError"):
        run(check("pass"))
    assert ("", "") == tuple(capfd.readouterr())


@pytest.mark.parametrize("module", ["no_such_module", "broken_solution"])
def test_a_reference_that_cannot_be_imported_is_the_authors_error(run, tmp_path, monkeypatch, module):
    (tmp_path / "broken_solution.py").write_text("def f(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "one" / "assignment.toml"
    path.write_text(path.read_text().replace("tiny_reference", module))

    with pytest.raises(AssignmentError, match=f"{module}"):
        run(check("pass"))
