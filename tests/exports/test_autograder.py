"""Gradescope's autograder: what is in the zip file, and what its programs do with a submission."""

import getpass
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from strict_readers import gradescope_takes

import grader
from grader.assignment import load
from grader.errors import UsageError
from grader.exports.autograder import Autograder
from grader.exports.gradescope import Shown
from grader.exports.upload import autograder as program

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """An assignment of an author's own, with its solution and samples beside it."""
    folder = tmp_path_factory.mktemp("course")
    new = [sys.executable, "-P", "-m", "grader", "new", "halves"]  # a process of its own: this one keeps what it loads
    subprocess.run(new, cwd=folder, capture_output=True, check=True)
    return folder


@pytest.fixture(scope="module")
def made(course):
    """The autograder's zip file."""
    return Autograder(assignment=load(course / "assignments" / "halves"), minutes=12, hidden=Shown.VISIBLE).content()


@pytest.fixture
def place(made, tmp_path, monkeypatch):
    """A folder as Gradescope lays it out, without a submission."""
    archive = zipfile.ZipFile(io.BytesIO(made))
    for info in archive.infolist():
        path = Path(archive.extract(info, tmp_path / "source"))
        path.chmod(info.external_attr >> 16)
    (tmp_path / "submission").mkdir()
    (tmp_path / "results").mkdir()
    monkeypatch.setenv("AUTOGRADER_DIR", str(tmp_path))
    monkeypatch.setenv("AUTOGRADER_PYTHON", sys.executable)
    monkeypatch.setenv("AUTOGRADER_CACHE", os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")))
    return tmp_path


def results(place):
    return gradescope_takes((place / "results" / "results.json").read_text(encoding="utf-8"))


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_its_programs_are_at_the_root_and_can_be_run(made):
    archive = zipfile.ZipFile(io.BytesIO(made))

    assert {name for name in archive.namelist() if "/" not in name} == {
        *("setup.sh", "run_autograder", "autograder.py", "settings.json"),
    }
    for name in ("setup.sh", "run_autograder"):
        assert archive.getinfo(name).external_attr >> 16 == 0o100755
        assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")


def test_it_holds_the_grader_one_assignment_its_solution_and_nothing_else(made):
    names = zipfile.ZipFile(io.BytesIO(made)).namelist()

    assert {
        *("project/pyproject.toml", "project/constraints.txt", "project/README.md", "project/grader/cli/commands.py"),
        *("project/reference/backprop.py", "course/assignments/halves/assignment.toml", "course/reference/halves.py"),
    } <= set(names)
    assert not [
        name
        for name in names
        if "__pycache__" in name or "/." in name or name.startswith(("project/submissions", "project/tests"))
    ]
    assert {name.split("/")[2] for name in names if name.startswith("course/assignments/")} == {"halves"}


def test_an_assignment_that_comes_with_the_grader_has_its_solutions_once():
    names = zipfile.ZipFile(
        io.BytesIO(Autograder(assignment=load(ROOT / "assignments" / "backprop")).content())
    ).namelist()

    assert "project/reference/backprop.py" in names
    assert not any(name.startswith("course/reference") for name in names)


def test_it_is_the_same_file_each_time_and_says_what_it_was_made_for(course, made):
    settings = json.loads(zipfile.ZipFile(io.BytesIO(made)).read("settings.json"))
    again = Autograder(assignment=load(course / "assignments" / "halves"), minutes=12, hidden=Shown.VISIBLE)

    assert again.content() == made
    assert settings == {
        "assignment": "halves",
        "notebook": "halves.ipynb",
        "minutes": 12,
        "hidden": "visible",
        "sealed_only": False,
    }


def test_links_are_left_out(course, tmp_path):
    shutil.copytree(course / "assignments" / "halves", tmp_path / "assignments" / "halves")
    (tmp_path / "assignments" / "halves" / "passwords").symlink_to("/etc/passwd")
    content = Autograder(assignment=load(tmp_path / "assignments" / "halves")).content()

    assert not [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "passwords" in name]


def test_without_the_grader_s_source_it_says_what_to_do(course, tmp_path, monkeypatch):
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "grader" / "__init__.py"))

    with pytest.raises(UsageError, match=r"pip install -e '\.\[all\]"):
        Autograder(assignment=load(course / "assignments" / "halves")).content()


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_the_shell_can_read_its_programs(name):
    path = Path(program.__file__).with_name(name)

    assert subprocess.run(["bash", "-n", path], capture_output=True, check=False).stderr == b""


# --- what becomes of a submission, without grading it -----------------------------------------------------------------


def hand_in(place, *names):
    for name in names:
        path = place / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def test_no_notebook_is_told_to_the_student(place):
    hand_in(place, "halves.py", "__MACOSX/halves.ipynb", ".ipynb_checkpoints/halves.ipynb")
    program.main("run")

    assert results(place)["score"] == 0
    assert "no notebook" in results(place)["output"]


def test_several_notebooks_are_told_to_the_student(place):
    hand_in(place, "one.ipynb", "two.ipynb")
    program.main("run")

    assert "2 notebooks" in results(place)["output"]
    assert "halves.ipynb" in results(place)["output"]


@pytest.mark.parametrize("names", [["mine.ipynb"], ["draft.ipynb", "halves.ipynb"], ["a/halves.ipynb", "old.ipynb"]])
def test_the_only_notebook_or_the_one_of_the_right_name_is_taken(place, names):
    hand_in(place, *names)

    assert program.submitted(program.Place.here()) == place / "submission" / max(
        names, key=lambda name: "halves" in name
    )


def stand_in(monkeypatch, code, *, sealed=True):
    """Put a program in the grader's place, and say whether notebooks can be sealed."""
    monkeypatch.setattr(program, "_succeeds", lambda command, place: sealed)
    monkeypatch.setattr(program, "_grade", lambda place, notebook, out: [sys.executable, "-c", code])


def test_a_grader_that_breaks_is_not_the_student_s_fault(place, monkeypatch):
    hand_in(place, "halves.ipynb")
    stand_in(monkeypatch, "raise SystemExit(2)")
    program.main("run")

    assert "not your fault" in results(place)["output"]


def test_a_result_that_is_none_is_not_the_student_s_fault(place, monkeypatch):
    hand_in(place, "halves.ipynb")
    stand_in(
        monkeypatch, "import pathlib as p; p.Path('reports').mkdir(); p.Path('reports/submission.json').write_text('1')"
    )
    program.main("run")

    assert "not your fault" in results(place)["output"]


def test_time_that_runs_out_is_said_before_gradescope_s_own_limit(place, monkeypatch):
    hand_in(place, "halves.ipynb")
    stand_in(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(program.Place, "seconds", 0.2)
    program.main("run")

    assert "longer than the 12 minutes" in results(place)["output"]


def test_there_is_time_left_to_say_so(place):
    assert program.Place.here().seconds == 12 * 60 - 45


def test_without_a_user_for_notebooks_nothing_is_run(place, monkeypatch):
    hand_in(place, "halves.ipynb")
    stand_in(monkeypatch, f"open({str(place / 'ran')!r}, 'w')", sealed=False)
    monkeypatch.setattr(program, "USER", "nobody-of-this-name")
    program.main("run")

    assert "not your fault" in results(place)["output"]
    assert not (place / "ran").exists()


def test_an_autograder_that_needs_a_sandbox_runs_nothing_without(place, monkeypatch):
    hand_in(place, "halves.ipynb")
    stand_in(monkeypatch, f"open({str(place / 'ran')!r}, 'w')", sealed=False)
    settings = place / "source" / "settings.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "sealed_only": True}))
    program.main("run")

    assert "cannot run notebooks in a sandbox" in results(place)["output"]
    assert not (place / "ran").exists()


def test_results_are_there_before_anything_else_happens(place, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_PYTHON", "false")
    subprocess.run([place / "source" / "run_autograder"], check=False)

    assert results(place)["score"] == 0
    assert "did not finish" in results(place)["output"]


# --- grading ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_submission_is_graded_from_the_unpacked_file(place, course):
    shutil.copy(course / "submissions" / "halves-wrong.ipynb", place / "submission")
    done = subprocess.run([place / "source" / "run_autograder"], capture_output=True, text=True, check=True)
    content = results(place)

    assert 0 < content["score"] < 100
    assert {"passed", "failed"} == {test["status"] for test in content["tests"]}
    assert {test["visibility"] for test in content["tests"]} == {"visible"}
    assert content["extra_data"]["assignment"] == "halves"
    assert "points" in done.stdout  # for the instructor
    assert sorted(path.name for path in place.iterdir()) == ["results", "source", "submission"]


@pytest.mark.slow
def test_where_nothing_can_be_sealed_the_user_for_notebooks_grades_and_the_results_say_so(
    place, course, monkeypatch, tmp_path_factory
):
    programs, said = tmp_path_factory.mktemp("bin"), place / "as"
    (programs / "runuser").write_text(f'#!/bin/sh\necho "$2" >>"{said}"\nshift 3\nexec "$@"\n')
    (programs / "runuser").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr(program, "_succeeds", lambda command, place: False)
    monkeypatch.setattr(program, "USER", getpass.getuser())
    shutil.copy(course / "submissions" / "halves-right.ipynb", place / "submission")
    program.main("run")

    assert results(place)["score"] == 100
    assert "without a sandbox" in results(place)["output"]
    assert said.read_text().split() == [getpass.getuser()] * 2


@pytest.mark.slow
def test_preparing_grades_the_hand_out_and_lets_everybody_read_the_cache(place, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_CACHE", str(place / "cache"))

    assert program.main("prepare") == 0

    made = list((place / "cache").rglob("*"))

    assert made
    assert all(path.stat().st_mode & 0o004 for path in made)
