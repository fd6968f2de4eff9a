"""An author's source for `otter assign`: students' notebook, tests, files and settings come out, no solution does."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from grader.assignment import load
from grader.config import GradeOptions
from grader.errors import AssignmentError
from grader.grading import grade
from grader.importing.imported import write
from grader.importing.otter import read_otter
from grader.importing.otter_stubs import without_ignored, without_solution
from grader.importing.otter_yaml import NotUnderstood, read_yaml

CONFIG = """# ASSIGNMENT CONFIG
name: hw
seed:
    variable: rng_seed
    autograder_value: 713   # not the students'
    student_value: 42
files:
    - pictures/one.txt
tests:
    ok_format: {}
export_cell:
    instructions: |
        Save: first.
"""
SOLUTION = '''def double(x):
    """Twice x."""
    secret = 2 * x  # SOLUTION
    return secret  # SOLUTION
# BEGIN SOLUTION NO PROMPT
secret_helper = 1
# END SOLUTION
""" # BEGIN PROMPT
limit = ...
"""  # END PROMPT
'''
STUB = '''def double(x):
    """Twice x."""
    secret = ...
    ...
limit = ...
'''


def code(source, shown=""):
    return new_code_cell(source, outputs=[new_output("stream", text=shown)] if shown else [])


def doctests():
    return [
        code("print(double(2))\nprint()\nprint(1)", "4\n\n1\n"),
        code("# HIDDEN\nfor v in (1, 2):\n    print(double(v))", "2\n4\n"),
        code('""" # BEGIN TEST CONFIG\npoints: 2\nhidden: true\n""" # END TEST CONFIG\nassert double("a") == "aa"'),
    ]


def functions():
    return [
        code("def test_a(double):\n    assert double(2) == 4\ntest_a(double)"),
        code("# HIDDEN\ndef test_b(env):\n    assert env['double'](3) == 6"),
        code(
            '""" # BEGIN TEST CONFIG\npoints: 2\nhidden: true\n""" # END TEST CONFIG\ndef test_c(double): double("a")'
        ),
    ]


def source(tests, *, ok_format=True):
    return [
        new_raw_cell(CONFIG.format(ok_format)),
        new_markdown_cell("# Doubles"),
        code("rng_seed = 7"),
        new_markdown_cell("# ignore\nsecret notes"),
        code("import numpy\nsecret = 3  # IGNORE"),
        new_raw_cell("# BEGIN QUESTION\nname: q1\npoints: 4"),
        new_markdown_cell("**Question 1.**"),
        new_raw_cell("# BEGIN SOLUTION"),
        code(SOLUTION, "secret output"),
        new_raw_cell("# END SOLUTION"),
        new_raw_cell("# BEGIN TESTS"),
        *tests,
        new_raw_cell("# END TESTS"),
        new_raw_cell("# END QUESTION"),
        new_markdown_cell(
            "```otter\n# BEGIN QUESTION\nname: q2\nmanual: true\npoints: 2.5\n```\nWhy?\n"
            "```otter\n# BEGIN SOLUTION\n```"
        ),
        new_markdown_cell("secret reason"),
        new_markdown_cell("```otter\n# END SOLUTION\n```\n```otter\n# END QUESTION\n```"),
    ]


@pytest.fixture
def made(tmp_path):
    """Return a function that imports an author's source of these cells."""

    def made(cells):
        folder = tmp_path / "source"
        (folder / "pictures").mkdir(parents=True)
        (folder / "pictures" / "one.txt").write_text("1", encoding="utf-8")
        (folder / "pictures" / "secret.txt").write_text("2", encoding="utf-8")
        (folder / "notes.txt").write_text("3", encoding="utf-8")
        nbformat.write(new_notebook(cells=cells), folder / "hw.ipynb")
        with read_otter(folder) as found:
            write([found.assignment], tmp_path / "assignments")
        return load(tmp_path / "assignments" / "hw")

    return made


@pytest.mark.parametrize(
    ("tests", "ok_format"), [(doctests(), True), (functions(), False)], ids=["doctests", "functions"]
)
def test_questions_and_points_are_those_of_the_blocks(made, tests, ok_format):
    assignment = made(source(tests, ok_format=ok_format))

    assert {"q1": 4, "q2": 2.5} == {question.id: question.points for question in assignment.questions}
    assert [("q1 - 1", 1, False), ("q1 - 2", 1, True), ("q1 - 3", 2, True)] == [
        (check.id, check.points, check.hidden) for check in assignment.placed.checks
    ]
    assert "seed_cells(713, 'rng_seed')" in assignment.placed.cells[0].source


def test_students_get_stubs_calls_and_the_files_that_are_listed(made):
    assignment = made(source(doctests()))
    cells = [cell.source for cell in assignment.master.cells]
    handed_out = [path for path in assignment.folder.rglob("*") if path.is_file() and path.name != "tests.json"]

    assert [
        '# Initialize Otter\nimport otter\ngrader = otter.Notebook("hw.ipynb")',
        "# Doubles",
        "rng_seed = 42",
        "import numpy",
        "**Question 1.**",
        STUB,
        'grader.check("q1")',
        "Why?",
        "_Type your answer here, replacing this text._",
    ] == cells
    secret = re.compile(r"secret (output|notes|reason|= [^.])|secret_helper|secret\.txt")
    assert not [path for path in handed_out if secret.search(path.name + path.read_text(encoding="utf-8"))]
    assert ("pictures",) == assignment.files


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tests", "ok_format"), [(doctests(), True), (functions(), False)], ids=["doctests", "functions"]
)
def test_an_answer_is_graded_by_the_tests_of_the_blocks(made, tmp_path, tests, ok_format):
    assignment = made(source(tests, ok_format=ok_format))
    node = nbformat.read(assignment.folder / "hw.ipynb", as_version=4)
    node.cells[5].source = "def double(x):\n    return x + x if x != 2 else 5"
    nbformat.write(node, tmp_path / "ada.ipynb")
    result = grade(tmp_path / "ada.ipynb", assignment, GradeOptions(seed=3))

    assert (2 if ok_format else 3, 6.5, 2.5) == (result.score, result.max_score, result.pending)


def test_a_question_without_anything_public_is_named_by_its_last_cell(made):
    cells = source([code("# HIDDEN\nprint(double(2))", "4\n")])
    assignment = made(cells)

    assert 'grader.check("q1")' not in [cell.source for cell in assignment.master.cells]
    assert [["q1"]] == [own["tests"] for cell in assignment.master.cells if (own := cell.metadata.get("otter"))]


def test_all_cells_are_stripped_where_the_source_says_so(made):
    cells = [new_raw_cell("# ASSIGNMENT CONFIG\nstrip_solutions_from_all_cells: true"), *source(doctests())]
    assignment = made([*cells, code("x = 1  # SOLUTION")])

    assert "x = ..." == assignment.master.cells[-1].source


def without(cells, source):
    return [cell for cell in cells if not cell.source.startswith(source)]


BROKEN = {
    "no end": (lambda cells: cells[:9], "# BEGIN SOLUTION has no end"),
    "no begin": (lambda cells: without(cells, "# BEGIN TESTS"), "# END TESTS stands at the wrong place"),
    "outside": (lambda cells: without(cells, "# BEGIN QUESTION"), "# BEGIN SOLUTION stands at the wrong place"),
    "the same name": (
        lambda cells: [*cells, *source(doctests())[5:]],
        "a question called 'q1' was there before",
    ),
    "an unknown mark": (lambda cells: [*cells[:8], code("x = 1  # SOLUTION HERE"), *cells[8:]], "a mark of a solution"),
    "text among tests": (lambda cells: [*cells[:11], new_markdown_cell("x"), *cells[11:]], "cells of code only"),
    "no Python": (lambda cells: [*cells[:11], code("1 +"), *cells[11:]], "test cell 1: no Python"),
    "too much YAML": (
        lambda cells: [new_raw_cell("# ASSIGNMENT CONFIG\nx: *y"), *cells],
        "is more YAML than is read here",
    ),
    "no file": (lambda cells: [*cells, new_raw_cell("# ASSIGNMENT CONFIG\nfiles: [../x]")], "'../x' is not there"),
    "no points": (
        lambda cells: [
            *cells,
            new_raw_cell("# BEGIN QUESTION\nname: q9\nmanual: true\npoints: none"),
            new_raw_cell("# END QUESTION"),
        ],
        "a person gives points above 0, not 'none'",
    ),
}


@pytest.mark.parametrize(("change", "why"), BROKEN.values(), ids=BROKEN)
def test_a_source_that_is_broken_is_refused_with_its_place(made, change, why):
    with pytest.raises(AssignmentError) as caught:
        made(change(source(doctests())))

    assert "hw.ipynb" in str(caught.value)
    assert why in str(caught.value)


STUBS = {
    "an assignment": ("x = 1 # SOLUTION", "x = ..."),
    "several names": ("    a, b[0] = 1, 2  # SOLUTION", "    a, b[0] = ..."),
    "a comparison": ("if x == 1:  # SOLUTION", "..."),
    "a call with a name": ("  f(x=1)  # SOLUTION", "  ..."),
    "no prompt": ("x = 1\ny = 2 # SOLUTION NO PROMPT", "x = 1"),
    "a region": ("  # BEGIN SOLUTION\n  y = 1\n  # END SOLUTION\nz", "  ...\nz"),
    "a seed": ("a\nnumpy.random.seed(3) # SEED", "a"),
    "nothing": ("x = 1  # the solution", "x = 1  # the solution"),
}


@pytest.mark.parametrize(("source", "stub"), STUBS.values(), ids=STUBS)
def test_stubs_take_the_place_of_solutions(source, stub):
    assert stub == without_solution(source, "hw.ipynb, cell 1")


def test_lines_that_are_the_authors_alone_are_left_out():
    assert "a\nd" == without_ignored("a\nb # IGNORE\n# BEGIN IGNORE\nc\n# END IGNORE\nd", "cell 1")


YAML = {
    "nothing": ("# only a comment", None),
    "values": (
        "a: 1\nb: -2.5\nc: true\nd: no\ne: text # said\nf: 'x # y'\ng:\nh: ~",
        {"a": 1, "b": -2.5, "c": True, "d": False, "e": "text", "f": "x # y", "g": None, "h": None},
    ),
    "lists": (
        "a: [1, x]\nb:\n- 1\n- 2\nc:\n  - x: 1\n    y: 2\n  - z",
        {"a": [1, "x"], "b": [1, 2], "c": [{"x": 1, "y": 2}, "z"]},
    ),
    "below": ("a:\n    b:\n        c: 1\n    d: 2\ne: {each: 3}", {"a": {"b": {"c": 1}, "d": 2}, "e": {"each": 3}}),
}


@pytest.mark.parametrize(("text", "value"), YAML.values(), ids=YAML)
def test_keys_with_values_are_read(text, value):
    assert value == read_yaml(text)


@pytest.mark.parametrize("text", ["a: &b 1", "a: 1\n   b: 2", "just words", "a: !!python/object:os.system x"])
def test_other_yaml_is_refused(text):
    with pytest.raises(NotUnderstood):
        read_yaml(text)
