"""Imported tests of otter's in real kernels: at their place, by otter's rules, and no notebook makes them crash."""

import json

import otter_made
import pytest
from click.testing import CliRunner
from nbformat import writes
from nbformat.v4 import new_code_cell, new_notebook

from grader.assignment import load
from grader.checks.placed import UNRUNNABLE
from grader.cli.commands import commands
from grader.config import GradeOptions
from grader.grading import grade
from grader.results import Status, for_student

pytestmark = pytest.mark.slow


def command(*words):
    done = CliRunner().invoke(commands, list(map(str, words)), prog_name="grade", catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The homework, imported by the command."""
    place = tmp_path_factory.mktemp("otter")
    command("import", "otter", otter_made.write_folder(place / "source"), "--out", place / "assignments")
    return place / "assignments"


@pytest.fixture
def graded(root, tmp_path):
    """Return a function that grades a notebook's text, for staff."""

    def graded(text):
        path = tmp_path / "ada.ipynb"
        path.write_text(text, encoding="utf-8")
        return grade(path, load(root / "hw"), GradeOptions(seed=3))

    return graded


@pytest.fixture
def tested(tmp_path):
    """Return a function that imports one test with these lines, and grades a notebook of these cells by it."""

    def tested(source, *cells, config=None, limits=""):
        folder = tmp_path / "source"
        (folder / "tests").mkdir(parents=True)
        (folder / "tests" / "q1.py").write_text(source, encoding="utf-8")
        (folder / "otter_config.json").write_text(json.dumps(config or {}), encoding="utf-8")
        made = [cell if not isinstance(cell, str) else new_code_cell(cell) for cell in cells]
        (folder / "hw.ipynb").write_text(writes(new_notebook(cells=made)), encoding="utf-8")
        command("import", "otter", folder, "--out", tmp_path / "assignments")
        settings = tmp_path / "assignments" / "hw" / "assignment.toml"
        settings.write_text(settings.read_text("utf-8").replace("\n[[", f"\n{limits}\n[[", 1), encoding="utf-8")
        return grade(folder / "hw.ipynb", load(tmp_path / "assignments" / "hw"), GradeOptions(seed=3))

    return tested


def doctest(*cases, more=""):
    listed = ", ".join(f'{{"code": {code!r}, "hidden": False}}' for code in cases)
    return f'OK_FORMAT = True\ntest = {{"name": "q1", {more} "suites": [{{"cases": [{listed}]}}]}}'


def scores(result):
    return {question.id: question.score for question in result.questions}


def checks(result):
    return {check.id: check for question in result.questions for check in question.checks}


@pytest.mark.parametrize("name", otter_made.SUBMISSIONS)
def test_scores_are_those_worked_out_by_hand(root, tmp_path, name):
    path = tmp_path / f"{name}.ipynb"
    path.write_text(otter_made.notebook(otter_made.SUBMISSIONS[name]), encoding="utf-8")
    result = json.loads(command(path, "--assignments", root, "--assignment", "hw", "--out", tmp_path, "--json"))

    assert otter_made.SCORES[name] == {question["id"]: question["score"] for question in result["questions"]}
    assert sum(otter_made.WORTH.values()) == result["max_score"]


def test_the_result_says_whose_verdicts_these_are_and_the_student_reads_why(graded):
    result = graded(otter_made.notebook(otter_made.SUBMISSIONS["wrong"]))
    found = checks(for_student(result))

    assert "Judged inside the student's own kernel, by test cells of otter" in " ".join(result.notes)
    assert (
        "Look at negative numbers.\n`relu(-1.0)` should show `0.0` and showed `np.float64(1.0)`."
        == found["q1 one value"].message
    )
    assert found["q3 - 1"].message.startswith("This test holds, but its points are earned only when all")
    assert "" == found["q2 - 2"].message


def test_hidden_tests_are_in_nothing_a_student_gets(graded):
    text = for_student(graded(otter_made.notebook(otter_made.SUBMISSIONS["wrong"]))).model_dump_json()

    assert "test_sums_to_one" in text
    assert not [word for word in ("overflow", "test_large_numbers", "1000.0", "ValueError: empty") if word in text]


def test_a_notebook_that_looks_for_hidden_tests_shows_its_student_none(graded):
    prying = """seen = []
import sys
def softmax(z):
    frame = sys._getframe()
    while frame is not None:
        seen.append(str(frame.f_locals.get("source")) + str(frame.f_locals.get("code")))
        frame = frame.f_back
    return 1 / 0"""
    more = ("grader.check('q2')", "print(In)", "print(*seen)", "seen")
    result = graded(otter_made.notebook(otter_made.RIGHT | {"q2": prying}, more=more))
    shown = [cell for cell in result.execution.cells if cell.source in more[1:]]

    assert [False, True, True] == ["test_large_numbers" in cell.outputs[0].data for cell in shown]
    assert "test_large_numbers" not in for_student(result).model_dump_json()


def test_calls_may_be_gone_doubled_or_only_mentioned(graded):
    text = otter_made.notebook(
        otter_made.RIGHT | {"q3": "def mean(v): return 1"},
        more=(
            f"{otter_made.RIGHT['q3']}\ngrader.check('q3')",  # the last call counts
            "def relu(z): return None\n# grader.check('q1')",
            "def softmax(z): return None",
        ),
    ).replace('grader.check(\\"q2\\")', "pass")

    assert otter_made.WORTH | {"q2": 0} == scores(graded(text))


HOSTILE = {
    "names taken": "otter = globals = print = type = len = __builtins__ = None",
    "another module": "import sys\nsys.modules['otter'] = sys.modules['otter.test_files'] = sys",
    "doctest broken": "import doctest\ndel doctest.DocTestRunner",
    "output closed": "import sys\nsys.stdout.close()\nsys.stdout = None",
    "no import": "import builtins\ndel builtins.__import__",
    "the kernel's end": "import os\nos._exit(0)",
    "nothing but noise": "class A:\n    __name__ = __module__ = 3\n    __repr__ = 3\nx = relu = A()",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_notebook_does_each_check_has_a_verdict(graded, source):
    text = json.loads(otter_made.notebook(otter_made.RIGHT))
    text["cells"][1]["source"] += f"\n{source}"
    for cell in text["cells"]:
        cell["metadata"] |= {"tags": 3, "otter": {"tests": {"q1": 1}, "ignore": []}}
    result = graded(json.dumps(text))

    assert sum(otter_made.WORTH.values()) == result.max_score
    assert not [check.id for check in checks(result).values() if check.status is Status.ERROR]


def test_what_a_doctest_sets_and_shows_stays_in_it(tested):
    source = doctest(">>> x = 5\n>>> print(x)\n5\n>>> from IPython.display import display\n>>> display(x)", ">>> x\n3")
    result = tested(source, "x = 3", "grader = None", "__import__('otter').Notebook().check('q1')")

    assert {"q1": 1} == scores(result)
    assert not [output for cell in result.execution.cells for output in cell.outputs]


def test_what_a_notebook_calls_of_otter_shows_nothing_and_is_said_once(tested):
    result = tested(
        doctest(">>> x\n3"),
        "import otter\ngrader = otter.Notebook('hw.ipynb', tests_dir='./tests')\ngrader",
        "x = 3\ngrader.check('q1')",
        "grader.check('q1').grade\ngrader.check_all()\ngrader.run_plugin('a', b=1)\ngrader.export(files=['a'])",
    )

    assert {"q1": 1} == scores(result)
    assert not [cell.index for cell in result.execution.cells if cell.outputs or cell.error]
    assert 1 == sum("otter's `check()`, `export()` and the like do nothing" in note for note in result.execution.notes)


def test_cells_that_otter_ignores_are_left_out(tested):
    tagged, marked = new_code_cell("x = 0"), new_code_cell("1 / 0")
    tagged.metadata["tags"], marked.metadata["otter"] = ["otter_ignore"], {"ignore": True}

    assert {"q1": 1} == scores(tested(doctest(">>> x\n3"), "x = 3", tagged, marked))


def test_every_cell_is_seeded_and_a_test_goes_on_from_there(tested):
    source = doctest(">>> a == b\nTrue", ">>> import random\n>>> random.random() == a\nFalse")
    draw = "import random\n{} = random.random()"

    assert {"q1": 1} == scores(tested(source, draw.format("a"), draw.format("b"), config={"seed": 42}))


def test_a_seed_variable_is_set_before_every_cell(tested):
    result = tested(
        doctest(">>> a, b\n(42, 42)"), "a = SEED\nSEED = 1", "b = SEED", config={"seed": 42, "seed_variable": "SEED"}
    )

    assert {"q1": 1} == scores(result)


def test_a_test_file_that_does_not_run_waits_for_a_person(tested):
    source = 'import not_installed_here\nOK_FORMAT = False\nname = "q1"\n@test_case()\ndef test_x(x): assert x == 3'
    (check,) = checks(tested(source, "x = 3")).values()

    assert Status.NEEDS_REVIEW is check.status
    assert check.message == UNRUNNABLE
    assert check.detail == (
        "The test itself cannot be run here: ModuleNotFoundError: No module named 'not_installed_here'."
    )


def test_functions_see_globals_by_name_and_say_which_line_did_not_hold(tested):
    source = (
        'from otter.test_files import test_case\nOK_FORMAT = False\nname = "q1"\npoints = 4\n'
        "@test_case()\ndef test_a(env, x, nowhere):\n    assert env['x'] is x and nowhere is None\n"
        "@test_case()\ndef test_b(x):\n    assert x == 3\n    assert (\n        x == 4\n    )\n"
        "@test_case()\ndef test_c(f):\n    f(1)\n"
        "@test_case()\ndef test_d(g):\n    g()\n"
    )
    found = checks(tested(source, "x = 3\ndef f(): pass\ndef g(): raise NotImplementedError('yet')"))

    assert [1, 0, 0, 0] == [check.score for check in found.values()]
    assert "`assert (\n        x == 4\n    )` does not hold." == found["q1 - 2"].message
    assert "`f(1)` raised TypeError: f() takes 0 positional arguments but 1 was given." == found["q1 - 3"].message
    assert Status.NOT_ATTEMPTED is found["q1 - 4"].status


def test_a_case_that_does_not_end_loses_its_own_points_only(tested):
    source = doctest(">>> f(1)\n1", ">>> f(2)\n2", ">>> f(3)\n3", more='"points": 3,')
    result = tested(source, "def f(n):\n    while n == 2: pass\n    return n", limits="[limits]\ncell_s = 2\n")

    assert [1, 0, 1] == [check.score for check in checks(result).values()]
