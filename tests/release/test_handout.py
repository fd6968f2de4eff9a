"""The notebook and the page that students get."""

import json
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from grader.assignment import load
from grader.bundle import Bundle, Points
from grader.errors import AssignmentError
from grader.extras import EXTRAS
from grader.release.handout import extras_for, handed_out, readme

NOTEBOOK = "my-homework.ipynb"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def handed(homework):
    """Return what hands out the master with further cells in it."""

    def made(*cells, **metadata):
        node = nbformat.read(homework / NOTEBOOK, as_version=4)
        node.cells += cells
        node.metadata.update(metadata)
        nbformat.write(node, homework / NOTEBOOK)
        return nbformat.reads(handed_out(load(homework), "abc").decode(), as_version=4)

    return made


def test_every_cell_of_a_question_says_so_and_nothing_else(handed):
    cell = new_code_cell("x = 1", metadata={"tags": ["secret"], "nbgrader": {"grade_id": "x", "points": 3}})
    node = handed(cell, author={"name": "me"}, title="solved")

    assert node.cells[-1].metadata == {"grader": {"question": "q2"}}
    assert set(node.metadata) == {"grader", "kernelspec", "language_info"}
    assert node.metadata["grader"] == {"assignment": "my-homework", "release": "abc"}


def test_outputs_are_dropped(handed):
    output = new_output("stream", name="stdout", text="42")
    cell = handed(new_code_cell("print(42)", outputs=[output], execution_count=3)).cells[-1]

    assert (cell.outputs, cell.execution_count) == ([], None)


def test_a_cell_of_which_nothing_is_left_is_not_there(handed):
    tests = new_code_cell("### BEGIN HIDDEN TESTS\nassert f(3) == 9\n### END HIDDEN TESTS")
    node = handed(tests, new_code_cell(""), new_markdown_cell("The end."))

    assert [cell.source for cell in node.cells[-2:]] == ["", "The end."]
    assert "f(3)" not in json.dumps(node)


def test_a_solution_of_nbgrader_without_a_region_is_refused(handed):
    theirs = {"nbgrader": {"solution": True, "grade_id": "q1"}}
    handed(new_code_cell("def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()", metadata=theirs))

    with pytest.raises(AssignmentError, match="is a solution of nbgrader's without a region"):
        handed(new_code_cell("def g():\n    return 2", metadata=theirs))


THEIRS = {"nbgrader": {"solution": True, "grade_id": "q1"}}
SOLVED = {
    "dots in an index": new_code_cell("def f(a):\n    return a[..., 0]"),
    "dots in a text": new_code_cell(
        'def f(a):\n    """\n    >>> for a in A:\n    ...     f(a)\n    ...\n    """\n    return 2'
    ),
    "dots in a comment": new_code_cell("def f(a):\n    return 2 * a  # for x_1, ..., x_n"),
    "the comment kept above": new_code_cell("def f(a):\n    # YOUR CODE HERE\n    return 2 * a"),
    "the comment kept beside": new_code_cell("y = 2  # YOUR CODE HERE\nz = 3"),
    "an answer with dots": new_markdown_cell("ReLU sets half of u_1, ..., u_n to zero."),
    "an answer below a stub": new_markdown_cell("*Your answer here.* Half of them are zero."),
}
OPEN = {
    "dots": new_code_cell("def f(a):\n    ...  # your code"),
    "dots below what is given": new_code_cell("A = [1, 2]\ny = ..."),
    "a comment": new_code_cell("### YOUR CODE HERE"),
    "a comment of several lines": new_code_cell("def f():\n    # YOUR CODE HERE\n    # (two lines)\n    pass"),
    "a comment beside nothing": new_code_cell("a = None  # YOUR CODE HERE\nb = None  # YOUR CODE HERE\nprint(a, b)"),
    "no Python yet": new_code_cell("y = # YOUR CODE HERE\nprint(y)"),
    "a text": new_markdown_cell("YOUR ANSWER HERE"),
    "a text with stars": new_markdown_cell("*Your answer here.*\n"),
}


@pytest.mark.parametrize("cell", SOLVED.values(), ids=SOLVED)
def test_a_solution_with_the_sign_of_a_stub_in_it_is_refused(handed, cell):
    with pytest.raises(AssignmentError, match="is a solution of nbgrader's without a region"):
        handed(nbformat.from_dict({**cell, "metadata": THEIRS}))


@pytest.mark.parametrize("cell", OPEN.values(), ids=OPEN)
def test_a_stub_for_a_solution_of_nbgrader_is_handed_out(handed, cell):
    node = handed(nbformat.from_dict({**cell, "metadata": THEIRS}))

    assert node.cells[-1].source == cell.source


@pytest.mark.parametrize(
    ("code", "extras"),
    [
        ("import numpy as np, matplotlib.pyplot as plt", ()),
        ("# no Keras, no import tensorflow\nuse = 'keras'", ()),
        ("import numpy as np, tensorflow.keras as keras", ("keras",)),
        ("%matplotlib inline\nif True:\n    from keras.datasets import mnist\nx =", ("keras",)),
        ("from sklearn.datasets import load_iris", ("data",)),
        ("import pandas as pd\nfrom tqdm.auto import tqdm", ("data",)),
        ("import pandas as pd\nimport tensorflow as tf", ("keras",)),
        ("import keras\nimport optuna", ("keras", "optuna")),
    ],
)
def test_the_extras_are_those_that_bring_what_the_notebook_imports(handed, homework, code, extras):
    handed(new_markdown_cell("This is not about Keras. Do not import optuna."), new_code_cell(code))

    assert extras_for(load(homework)) == extras


def test_every_extra_in_the_table_is_one_of_the_package_and_brings_what_it_says():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {"sklearn": "scikit-learn", "keras": "tensorflow"}

    for extra, modules in EXTRAS.items():
        included = packages["data"] if "homework-grader[data]" in packages[extra] else []
        brought = {re.split(r"[^\w-]", each)[0] for each in packages[extra] + included}
        assert {names.get(module, module) for module in modules} <= brought


def test_an_assignment_has_its_notebook_with_and_without_solutions(homework):
    node = nbformat.read(homework / NOTEBOOK, as_version=4)
    node.cells.append(new_code_cell("def f(x):\n    # BEGIN SOLUTION\n    return x + 41\n    # END SOLUTION"))
    nbformat.write(node, homework / NOTEBOOK)
    assignment = load(homework)

    assert assignment.solved.cells[-1].source == node.cells[-1].source
    assert assignment.master.cells[-1].source == "def f(x):\n    ...  # your code"


def test_a_region_that_is_not_closed_stops_with_notebook_cell_and_line(homework):
    node = nbformat.read(homework / NOTEBOOK, as_version=4)
    node.cells[1].source = "x = 1\n# BEGIN SOLUTION\ny = 2"
    nbformat.write(node, homework / NOTEBOOK)

    with pytest.raises(AssignmentError, match=r"my-homework\.ipynb: cell 2, line 2: BEGIN SOLUTION has no END"):
        load(homework).master  # noqa: B018


def test_a_name_with_a_blank_is_typed_in_quotes():
    described = Bundle(
        schema_version=1,
        assignment="one",
        title="One",
        notebook="Übung 1.ipynb",
        grader="1",
        seed=0,
        points={"q1": Points(public=1, total=2)},
        files={},
    )
    page = readme(described, {"q1": "Sums"}, None)

    assert [line.strip() for line in page.splitlines() if line.startswith("    grade ")] == [
        'grade "Übung 1.ipynb"',
        'grade watch "Übung 1.ipynb"',
        'grade submit-check "Übung 1.ipynb"',
    ]
