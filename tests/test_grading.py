"""A whole submission of a tiny assignment: from the file to the result, in a real kernel."""

from pathlib import Path

import nbformat
import pytest
from notebooks import notebook

from grader.assignment import load
from grader.config import GradeOptions
from grader.errors import UsageError
from grader.grading import grade
from grader.results import ExecutionStatus, Result, Status

TINY = Path(__file__).parent / "assignments" / "tiny"

RIGHT = (
    "## Question 1\nIt is linear.",
    "def double(x):\n    return 2 * x\nstart = 10",
    "## Question 2",
    "def difference(a, b):\n    return a - b\nsteps = 2",
    "def identity(x):\n    return x * 0",
)
SEEDED = GradeOptions(seed=3)


@pytest.fixture
def submit(tmp_path):
    """Return a function that writes cells to a notebook and grades it."""

    def submit(*cells, markdown=(0, 2), options=SEEDED, name="ada"):
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook(*cells, markdown=markdown), path)
        return grade(path, load(TINY), options)

    return submit


def statuses(result):
    return {check.id: check.status.value for question in result.questions for check in question.checks}


def with_cell(index, source):
    cells = list(RIGHT)
    cells[index] = source
    return cells


def test_a_right_submission_gets_everything_but_what_waits_for_a_person(submit):
    result = submit(*RIGHT)

    assert {
        "test_double": "passed",
        "test_double_of_one_number[negative]": "passed",
        "test_double_of_one_number[positive]": "passed",
        "test_plain_state": "passed",
        "test_state_again": "passed",
        "test_text": "passed",
        "q1text": "needs_review",
        "test_difference": "passed",
        "test_steps": "passed",
        "test_random_inputs": "passed",
    } == statuses(result)
    assert (15, 17, 2) == (result.score, result.max_score, result.pending)
    assert (ExecutionStatus.COMPLETED, "ada", 3, "namespaces") == (
        result.execution.status,
        result.student,
        result.seed,
        result.sandbox,
    )


def test_the_questions_carry_their_text_and_the_students_cells(submit):
    first, second = submit(*RIGHT).questions

    assert "say why it is linear" in first.text
    assert ((0, 1), (2, 3, 4)) == (first.cells, second.cells)


def test_parameters_share_the_points(submit):
    points = {check.id: check.max_score for check in submit(*RIGHT).questions[0].checks}

    assert points["test_double_of_one_number[negative]"] == 2


def test_a_wrong_answer_is_explained_and_diagnosed(submit):
    result = submit(*with_cell(1, "def double(x):\n    return x * x\nstart = 10"))
    check = result.questions[0].checks[0]

    assert check.status is Status.FAILED
    assert check.diagnosis is not None
    assert check.diagnosis.name == "squared"
    assert check.hint == "Add the number to itself."
    assert [piece.title for piece in check.evidence][:3] == [
        "What was asked",
        "What came back",
        "What was expected",
    ]


def test_arguments_in_another_order_are_accepted_and_said(submit):
    result = submit(*with_cell(3, "def difference(b, a):\n    return a - b\nsteps = 2"))
    check = result.questions[1].checks[0]

    assert check.status is Status.PASSED
    assert check.remarks == ("the arguments of your `difference` come in another order",)


def test_partial_credit(submit):
    result = submit(*with_cell(3, "def difference(a, b):\n    return a - b\nsteps = 1"))
    check = result.questions[1].checks[1]

    assert (Status.FAILED, 1.0, 2.0, "One step of two.") == (
        check.status,
        check.score,
        check.max_score,
        check.message,
    )
    assert check.evidence[0].title == "The steps"


def test_a_stub_left_as_handed_out_is_not_attempted(submit):
    result = submit(*with_cell(1, "def double(x):\n    ...  # your code\nstart = 10"))

    assert {"test_double", "test_double_of_one_number[negative]", "test_double_of_one_number[positive]"} == {
        name for name, status in statuses(result).items() if status == "not_attempted"
    }


def test_a_stub_that_is_a_syntax_error_loses_nothing_after_it(submit):
    cells = [*RIGHT[:3], "def difference(a, b):\n    ...\n\nsteps = ", "def identity(x):\n    return x * 0"]
    result = submit(*cells)

    assert statuses(result)["test_double"] == "passed"
    assert statuses(result)["test_random_inputs"] == "passed"
    assert statuses(result)["test_difference"] == "not_attempted"


def test_a_name_that_is_not_there_is_not_attempted(submit):
    result = submit(*with_cell(3, "steps = 2"))
    check = result.questions[1].checks[0]

    assert check.status is Status.NOT_ATTEMPTED
    assert "does not define `difference`" in check.message


def test_an_exception_in_the_students_function_shows_its_line(submit):
    result = submit(*with_cell(1, "def double(x):\n    return undefined\nstart = 10"))
    check = result.questions[0].checks[0]

    assert check.status is Status.FAILED
    assert "`double` stopped with NameError" in check.message
    assert "cell 2, line 2, in double" in check.evidence[0].text


def test_a_cell_that_raises_does_not_stop_the_rest(submit):
    result = submit(*RIGHT[:1], "1 / 0", *RIGHT[1:], markdown=(0, 3))

    assert result.execution.status is ExecutionStatus.ERRORS
    assert result.score == 15


@pytest.mark.slow
def test_a_cell_that_ends_the_kernel_is_left_out(submit):
    result = submit(*RIGHT, "import os\nos._exit(1)")

    assert result.execution.status is ExecutionStatus.DIED
    assert result.score == 15


@pytest.mark.slow
def test_an_endless_cell_is_stopped(submit):
    result = submit(*RIGHT, "while True:\n    pass")

    assert result.execution.status is ExecutionStatus.TIMED_OUT
    assert result.score == 15


def test_a_function_that_ends_the_kernel_costs_only_its_own_checks(submit):
    result = submit(*with_cell(3, "import os\ndef difference(a, b):\n    os._exit(1)\nsteps = 2"))

    assert statuses(result)["test_difference"] == "failed"
    assert result.score == 13


def test_a_file_that_is_no_notebook_still_lists_every_check(tmp_path):
    path = tmp_path / "ada.ipynb"
    path.write_text("{ this is no notebook")
    result = grade(path, load(TINY), SEEDED)

    assert result.error
    assert (0, 17) == (result.score, result.max_score)
    assert {"not_reached", "needs_review"} == {
        status for name, status in statuses(result).items() if name != "test_text"
    }


def test_a_missing_file_is_a_wrong_command(tmp_path):
    with pytest.raises(UsageError):
        grade(tmp_path / "nobody.ipynb", load(TINY), SEEDED)


def test_public_checks_only(submit):
    result = submit(*RIGHT, options=GradeOptions(seed=3, public_only=True))

    assert not any(name.startswith("test_double_of_one") for name in statuses(result))
    assert (11, 11, 0) == (result.score, result.max_score, result.pending)


def without_times(result):
    return result.model_dump_json(
        exclude={
            "timings": True,
            "execution": {"seconds": True, "cells": {"__all__": {"seconds"}}},
            "questions": {"__all__": {"checks": {"__all__": {"seconds"}}}},
        }
    )


def test_the_same_submission_gives_the_same_result(submit):
    cells = (
        *RIGHT,
        "import random, numpy as np\nprint(random.random(), np.random.rand())",
        "print(np.random.default_rng().random(), hash('a'))",
    )
    first = submit(*cells, options=GradeOptions())
    again = submit(*cells, options=GradeOptions())

    assert first.seed == again.seed
    assert without_times(first) == without_times(again)


def test_a_result_goes_to_json_and_back(submit):
    result = submit(*with_cell(1, "def double(x):\n    return x * float('nan')\nstart = 10"))

    assert result == Result.model_validate_json(result.model_dump_json())


def test_a_notebook_finds_what_was_handed_in_with_it_and_nothing_else_of_its_folder(tmp_path):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "maths.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "somebody_elses.py").write_text("start = 10\n")
    path = tmp_path / "ada.ipynb"
    look = "import os\nseen = sorted(name for name in os.listdir() if not name.startswith('.'))\nprint(seen)"
    nbformat.write(notebook(RIGHT[0], f"from helpers.maths import double\n{look}", markdown=[0]), path)
    result = grade(path, load(TINY), SEEDED, files=[tmp_path / "helpers"])

    assert statuses(result)["test_double"] == "passed"
    assert result.execution.cells[1].outputs[0].data == "['helpers']\n"
