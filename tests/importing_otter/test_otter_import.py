"""`grade import otter`: whatever form an assignment of otter's has, the same tests come out; nothing of it is run."""

import json
import shutil
import tomllib
import zipfile

import nbformat
import otter_made
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_markdown_cell, new_notebook, new_raw_cell

from grader.assignment import load
from grader.cli.commands import commands


@pytest.fixture
def imported(tmp_path):
    """Return a function that imports a path by the command: exit code, what it said, and the new assignment."""

    def imported(path, *options):
        out = tmp_path / "assignments"
        words = ["import", "otter", str(path), "--out", str(out), *map(str, options)]
        done = CliRunner().invoke(commands, words, prog_name="grade", catch_exceptions=False)
        made = sorted(out.iterdir()) if out.is_dir() else []
        return done.exit_code, " ".join(done.stderr.split()), load(made[0]) if done.exit_code == 0 else None

    return imported


@pytest.fixture
def folder(tmp_path):
    return otter_made.write_folder(tmp_path / "source")


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def points(assignment):
    return {question.id: question.points for question in assignment.questions}


def test_a_folder_is_imported_and_stays_as_it_is(imported, folder):
    before = contents(folder)
    code, said, assignment = imported(folder)

    assert code == 0
    assert "Made hw: 6 questions, 13 checks, 14 points." in said
    assert otter_made.WORTH == points(assignment)
    assert ("hw", "Small functions", ("numbers.csv",)) == (assignment.name, assignment.title, assignment.files)
    assert before == contents(folder)


def test_checks_are_named_after_the_cases_and_hidden_ones_do_not_tell(imported, folder):
    checks = imported(folder)[2].placed.checks

    assert {"q1 one value": "one value", "q3 - 1": "The mean - 1", "q5 is there": "is there", "q5 - 2": "q5 - 2"} == {
        check.id: check.title for check in checks if check.id in ("q1 one value", "q3 - 1", "q5 is there", "q5 - 2")
    }
    assert {check.id for check in checks if check.hidden} == {
        "q1 - 2",
        "q1 - 3",
        "q2 - 2",
        "q3 - 2",
        "q5 - 2",
        "q10 - 2",
    }
    assert ("Negative numbers are cut off.", "Look at negative numbers.") == (checks[0].praise, checks[0].blame)


def test_a_public_cell_holds_no_line_of_a_hidden_function(imported, folder):
    public = [cell.source for cell in imported(folder)[2].placed.cells if not cell.hidden]

    assert any("test_sums_to_one" in source for source in public)
    assert not any("overflow" in source or "test_large_numbers" in source for source in public)


def test_an_autograder_needs_the_notebook_that_students_get(imported, tmp_path):
    path = otter_made.write_zip(tmp_path / "autograder.zip")
    code, said, _ = imported(path)

    assert code == 2
    assert "Error: autograder.zip: has no notebook. Name the one that students get with --notebook FILE." in said


def test_an_autograder_and_a_notebook_are_the_same_as_the_folder(imported, folder, tmp_path):
    tests = imported(folder, "--name", "a")[2].placed
    path = otter_made.write_zip(tmp_path / "autograder.zip")
    words = ["import", "otter", str(path), "--notebook", str(folder / "hw.ipynb"), "--out", str(tmp_path / "other")]
    done = CliRunner().invoke(commands, words, prog_name="grade", catch_exceptions=False)

    assert done.exit_code == 0
    assert tests == load(tmp_path / "other" / "hw").placed
    assert (tmp_path / "other" / "hw" / "numbers.csv").is_file()


def write_dist(folder, below="dist"):
    """Write what `otter assign` makes of a source with a question that a person marks."""
    otter_made.write_zip(folder / below / "autograder" / "hw-autograder_2026_01_05T10_00_00_000000.zip", {"seed": 42})
    student = folder / below / "student"
    (student / "tests").mkdir(parents=True)
    (student / "hw.ipynb").write_text(otter_made.notebook(otter_made.BLANK), encoding="utf-8")
    (student / "numbers.csv").write_text("1,2,3\n", encoding="utf-8")
    begin = "# BEGIN QUESTION\nname: {}\nmanual: {}\npoints: {}  # as agreed"
    fenced = new_markdown_cell(f"Why?\n```otter\n{begin.format('q7', 'true', 4.5)}\n```\n")
    cells = [new_raw_cell(begin.format("q1", "false", 3)), fenced, new_raw_cell(begin.format("q8", "true", 1))]
    nbformat.write(new_notebook(cells=cells), folder / "hw.ipynb")
    return folder


@pytest.mark.parametrize("below", ["dist", "."])
def test_what_otter_assign_wrote_has_hidden_tests_and_questions_for_a_person(imported, tmp_path, below):
    assignment = imported(write_dist(tmp_path / "course", below))[2]

    assert otter_made.WORTH | {"q7": 4.5, "q8": 1} == points(assignment)
    assert [("q7_answer", "Question 7", 4.5), ("q8_answer", "Question 8", 1)] == [
        (review.id, review.title, review.points) for question in assignment.questions for review in question.reviews
    ]
    assert any(check.hidden for check in assignment.placed.checks)
    assert "seed_cells(42, None)" in assignment.placed.cells[0].source


def test_a_zip_file_of_a_folder_is_read_as_the_folder(imported, folder, tmp_path):
    tests = imported(folder, "--name", "a")[2].placed
    shutil.make_archive(str(tmp_path / "sent"), "zip", folder.parent, folder.name)
    shutil.rmtree(tmp_path / "assignments")

    assert tests == imported(tmp_path / "sent.zip")[2].placed


@pytest.mark.parametrize("format_", ["doctests", "functions"])
def test_tests_in_the_metadata_are_read_and_not_handed_out(imported, tmp_path, format_):
    spec = {"name": "q1", "points": 2, "suites": [{"cases": [{"code": ">>> x\n3"}]}]}
    source = 'name = "q1"\npoints = 2\n@test_case(hidden=True)\ndef f(x):\n    assert x == 3'
    about = {"tests": {"q1": spec if format_ == "doctests" else source}, "OK_FORMAT": format_ == "doctests"}
    path = tmp_path / "hw.ipynb"
    path.write_text(otter_made.notebook({"q1": "x = ..."}, about), encoding="utf-8")
    assignment = imported(path)[2]

    assert {"q1": 2} == points(assignment)
    assert [True] == [check.hidden for check in assignment.placed.checks]
    assert "tests" not in (assignment.folder / "hw.ipynb").read_text(encoding="utf-8").split('"metadata"')[-1]


def test_names_without_numbers_are_counted_in_the_order_of_the_notebook(imported, tmp_path):
    (tmp_path / "src" / "tests").mkdir(parents=True)
    for name in ("warmup", "b2", "b10"):
        source = f'OK_FORMAT = True\ntest = {{"name": "{name}", "suites": [{{"cases": [{{"code": ">>> 1\\n1"}}]}}]}}'
        (tmp_path / "src" / "tests" / f"{name}.py").write_text(source, encoding="utf-8")
    (tmp_path / "src" / "hw.ipynb").write_text(otter_made.notebook({"warmup": "y = 1"}), encoding="utf-8")
    assignment = imported(tmp_path / "src")[2]

    assert [("q1", "warmup"), ("q2", "b2"), ("q3", "b10")] == [(each.id, each.title) for each in assignment.questions]


def test_nothing_of_a_test_file_is_run(imported, folder, tmp_path):
    trap = tmp_path / "trapped"
    line = f"import pathlib; pathlib.Path({str(trap)!r}).touch()\n"
    for path in (folder / "tests").iterdir():
        path.write_text(line + path.read_text(encoding="utf-8"), encoding="utf-8")

    assert imported(folder)[0] == 0
    assert not trap.exists()


def test_points_of_thirds_add_up_to_what_the_question_is_worth(imported, folder):
    cases = ", ".join(['{"code": ">>> 1\\n1"}'] * 3)
    (folder / "tests" / "q1.py").write_text(
        f'OK_FORMAT = True\ntest = {{"name": "q1", "points": 1, "suites": [{{"cases": [{cases}]}}]}}', encoding="utf-8"
    )
    assignment = imported(folder)[2]

    assert [0.333333, 0.333333, 0.333334] == [each.points for each in assignment.placed.checks if each.question == "q1"]
    assert points(assignment)["q1"] == 1


def test_settings_that_change_nothing_here_are_named(imported, folder):
    config = {"seed": 7, "seed_variable": "SEED", "plugins": ["a.b"], "score_threshold": 0.5, "show_stdout": True}
    (folder / "otter_config.json").write_text(json.dumps(config), encoding="utf-8")
    _, said, assignment = imported(folder)

    assert "`plugins` in otter_config.json: otter's plugins are not run." in said
    assert "`score_threshold` in otter_config.json" in said
    assert "show_stdout" not in said
    assert "seed_cells(7, 'SEED')" in assignment.placed.cells[0].source


REFUSED = {
    "R": ({"lang": "r"}, "`lang` is 'r', and only Python is graded here."),
    "a seed": ({"seed": "seven"}, "`seed` is 'seven', and a seed is a whole number"),
    "a variable": ({"seed": 1, "seed_variable": "a b"}, "`seed_variable` is 'a b', which is no name of Python."),
    "a list": ([], "otter's settings are a JSON object."),
}


@pytest.mark.parametrize(("config", "why"), REFUSED.values(), ids=REFUSED)
def test_settings_that_cannot_be_followed_are_refused(imported, folder, config, why):
    (folder / "otter_config.json").write_text(json.dumps(config), encoding="utf-8")
    code, said, _ = imported(folder)

    assert code == 2
    assert why in said


def test_a_test_that_cannot_be_read_is_named_with_its_line(imported, folder):
    (folder / "tests" / "q2.py").write_text("OK_FORMAT = True\n\ntest = make()", encoding="utf-8")
    code, said, _ = imported(folder)

    assert code == 2
    assert f"{folder / 'tests' / 'q2.py'}:3: `make()` is no value that can be read without running it" in said
    assert not (folder.parent / "assignments").exists()


def test_a_test_in_a_zip_file_that_cannot_be_read_is_named_with_its_line(imported, folder, tmp_path):
    path = otter_made.write_zip(tmp_path / "autograder.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("tests/q11.py", "OK_FORMAT = True\ntest = make()")
    said = imported(path, "--notebook", folder / "hw.ipynb")[1]

    assert "Error: autograder.zip/tests/q11.py:2: `make()` is no value" in said


def test_two_notebooks_need_a_choice(imported, folder):
    (folder / "solution.ipynb").write_text(otter_made.notebook(otter_made.RIGHT), encoding="utf-8")

    assert "has 2 notebooks (hw.ipynb, solution.ipynb). Name the one" in imported(folder)[1]
    assert imported(folder, "--notebook", folder / "hw.ipynb")[0] == 0


def test_a_folder_without_anything_of_otters_is_refused(imported, tmp_path):
    (tmp_path / "hw.ipynb").write_text(otter_made.notebook({}), encoding="utf-8")

    assert "no tests of otter's" in imported(tmp_path / "hw.ipynb")[1]


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no zip file", b"[1, 2]"])
def test_a_broken_zip_file_is_refused(imported, tmp_path, content):
    (tmp_path / "autograder.zip").write_bytes(content)
    code, said, _ = imported(tmp_path / "autograder.zip")

    assert code == 2
    assert "cannot be unpacked" in said


def test_a_zip_file_writes_nothing_outside_its_folder(imported, tmp_path):
    path = otter_made.write_zip(tmp_path / "in" / "autograder.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../escaped.py", "x = 1")
    (tmp_path / "hw.ipynb").write_text(otter_made.notebook(otter_made.BLANK), encoding="utf-8")
    imported(path, "--notebook", tmp_path / "hw.ipynb")

    assert not list(tmp_path.parent.rglob("escaped.py"))


def test_what_is_there_already_is_not_overwritten(imported, folder):
    imported(folder)
    code, said, _ = imported(folder)

    assert code == 2
    assert "is there already, and nothing is overwritten" in said


def test_a_question_worth_nothing_is_kept_unless_all_are(imported, folder):
    for path in (folder / "tests").iterdir():
        if path.stem != "q1":
            path.unlink()
    practice = 'OK_FORMAT = True\ntest = {"name": "q2", "points": 0, "suites": [{"cases": [{"code": ">>> 1\\n1"}]}]}'
    (folder / "tests" / "q2.py").write_text(practice, encoding="utf-8")
    assignment = imported(folder)[2]
    table = tomllib.loads((assignment.folder / "assignment.toml").read_text(encoding="utf-8"))

    assert [3, 0] == [question["points"] for question in table["questions"]]

    (folder / "tests" / "q1.py").unlink()
    code, said, _ = imported(folder, "--name", "idle")

    assert code == 2
    assert "its tests are worth no points at all" in said
    assert not (assignment.folder.parent / "idle").exists()
