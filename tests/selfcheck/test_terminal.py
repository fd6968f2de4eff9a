"""`grade hw.ipynb`, `grade watch` and `grade submit-check` as they are typed in a bundle's folder."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from bundles import CHECKS, TOML, cells, make_bundle, write_notebook
from click.testing import CliRunner

from grader.cli.commands import commands
from grader.results import Result

WATCH_S = 90


def grade(*words):
    """Type a command; return its exit code, standard output and standard error."""
    done = CliRunner().invoke(commands, [str(word) for word in words], prog_name="grade", catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


# --- grade hw.ipynb ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_notebook_is_checked_with_the_bundle_one_works_in(save, folder):
    save(start="start = 11")
    code, out, err = grade("hw.ipynb")

    assert 0 == code
    assert "6 of 7 points" in out
    assert "`start` has to be 10." in out
    assert "3 more points are given when" in out
    assert "4 checks run, and all cells." in err
    assert "Report: reports/hw.html" in err.replace(os.sep, "/")
    kept = Result.model_validate_json((folder / "reports" / "hw.json").read_text())
    assert (7, "student") == (kept.seed, kept.audience)


@pytest.mark.slow
def test_a_folder_below_will_do_and_json_is_the_result_alone(save, folder, monkeypatch):
    save()
    (folder / "deeper").mkdir()
    monkeypatch.chdir(folder / "deeper")
    code, out, _ = grade("../hw.ipynb", "--json")

    assert (0, 7) == (code, json.loads(out)["score"])


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_has_verdicts_all_the_same(save, folder):
    save()
    folder.chmod(0o555)
    try:
        code, out, err = grade("hw.ipynb")
    finally:
        folder.chmod(0o755)

    assert 0 == code
    assert "7 of 7 points" in out
    assert "No report:" in err


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_a_line(save, folder):
    save()
    (folder / "reports" / "hw.html").mkdir(parents=True)
    code, out, err = grade("hw.ipynb")
    no_receipt = folder / "hw.receipt.json"
    no_receipt.mkdir()
    ready, receipt, said = grade("submit-check", "hw.ipynb")

    assert (0, 0) == (code, ready)
    assert "7 of 7 points" in out
    assert "No report: cannot write reports" in err
    assert "Ready to hand in." in receipt
    assert "The receipt is not written: Cannot write" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hw.ipynb", "--seed", "3"], "--seed cannot be used with a bundle"),
        (["hw.ipynb", "--data", "full"], "--data full cannot be used with a bundle"),
    ],
)
def test_options_that_a_bundle_decides(save, words, said):
    save()
    code, _, err = grade(*words)

    assert 2 == code
    assert said in err


@pytest.mark.parametrize("command", [[], ["watch"], ["submit-check"]], ids=["grade", "watch", "submit-check"])
class TestDamaged:
    """What is wrong with a bundle is said in a line, whatever was typed."""

    @staticmethod
    def typed(command):
        code, _, err = grade(*command, "hw.ipynb")
        assert 2 == code
        return " ".join(err.split())

    def test_an_edited_check(self, command, save, folder):
        save()
        with (folder / "selfcheck" / "checks" / "test_small.py").open("a") as file:
            file.write("# nothing\n")

        assert "test_small.py: was changed since it was released" in self.typed(command)

    def test_a_missing_file(self, command, save, folder):
        save()
        (folder / "selfcheck" / "small.ipynb").unlink()

        assert "small.ipynb: cannot be read" in self.typed(command)

    def test_another_version(self, command, save, folder):
        save()
        path = folder / "selfcheck" / "bundle.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "grader": "99.0"}))

        assert "homework-grader>=99.0" in self.typed(command)

    def test_a_python_without_what_it_needs(self, command, save, folder, monkeypatch):
        save()
        find = __import__("importlib.util").util.find_spec
        monkeypatch.setattr(
            "importlib.util.find_spec", lambda name, *more: None if name == "numpy" else find(name, *more)
        )

        assert "has no NumPy, which 'Small functions' needs. Type: " in self.typed(command)

    def test_a_file_that_is_not_there(self, command, folder):
        assert "hw.ipynb" in self.typed(command)


@pytest.mark.parametrize("command", ["watch", "submit-check"])
def test_outside_of_a_bundle_the_way_is_shown(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "hw.ipynb", ["x = 1"])
    code, _, err = grade(command, "hw.ipynb")

    assert 2 == code
    assert "is not the folder of a homework" in err


def test_a_bundle_beside_a_notebook_that_was_handed_in_is_not_used(tmp_path, monkeypatch):
    place = tmp_path / "handed-in"
    place.mkdir()
    make_bundle(place, checks=CHECKS + "\nraise SystemExit('run by the grader')\n")
    write_notebook(place / "hw.ipynb", ["x = 1"])
    monkeypatch.chdir(tmp_path)
    code, out, err = grade("handed-in/hw.ipynb", "--self-check")

    assert 0 != code
    assert "run by the grader" not in out + err


def test_a_folder_is_not_checked_with_a_bundle(save, folder, monkeypatch):
    save()
    monkeypatch.setattr("grader.__file__", str(folder / "installed" / "grader" / "__init__.py"))  # no checkout
    code, _, err = grade(".")

    assert 2 == code
    assert "one notebook that lies there is checked at a time, without options for a class" in " ".join(err.split())


# --- whose notebook it is, and whose checks ---------------------------------------------------------------------------


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Return a file that checks would write which a student made: those of the current folder."""
    file = tmp_path / "planted"
    place = tmp_path / "subs" / "mallory"
    place.mkdir(parents=True)
    make_bundle(place, checks=f"import pathlib\npathlib.Path({str(file)!r}).touch()\n{CHECKS}")
    write_notebook(place / "hw.ipynb", cells(), grader={"assignment": "small"})
    monkeypatch.chdir(place)
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("grader.__file__", str(tmp_path / "installed" / "grader" / "__init__.py"))  # no checkout
    return file


@pytest.fixture
def assignments(tmp_path):
    """Return a folder with the real assignment, above all others."""
    public = TOML.replace("points = 4", "points = 3").replace("points = 6", "points = 4")
    place = make_bundle(tmp_path / "made", toml=public) / "selfcheck"
    (place / "bundle.json").unlink()
    (tmp_path / "assignments").mkdir()
    return place.replace(tmp_path / "assignments" / "small").parent


@pytest.mark.parametrize(
    "options",
    [
        ["--audience", "instructor"],
        ["--no-sandbox"],
        ["--roster", "class.csv"],
        ["--book", "book.db"],
        ["--cluster", "tcp://there:1"],
        ["--similar"],
        ["--jobs", "1"],
    ],
    ids=" ".join,
)
def test_who_grades_others_does_not_run_their_checks(planted, options):
    code, _, err = grade("hw.ipynb", *options)

    assert 2 == code
    assert "without options for a class" in " ".join(err.split())
    assert not planted.exists()


def test_a_gradebook_that_only_the_environment_names_makes_nobody_staff(save, folder, monkeypatch):
    save()
    monkeypatch.setattr("grader.__file__", str(folder / "installed" / "grader" / "__init__.py"))  # no checkout
    monkeypatch.setenv("GRADE_BOOK", "book.db")
    code, _, err = grade("hw.ipynb", "--seed", "1")  # what the bundle's own way refuses at once

    assert 2 == code
    assert "--seed cannot be used with a bundle" in " ".join(err.split())


def test_where_assignments_lie_above_a_bundle_it_is_asked_which_is_meant(planted, assignments):
    code, _, err = grade("hw.ipynb")
    said = " ".join(err.split())

    assert 2 == code
    assert f"There is a bundle in {planted.parent / 'subs' / 'mallory'}" in said
    assert f"--assignments {assignments} to grade it sealed" in said
    assert not planted.exists()


@pytest.mark.slow
def test_with_self_check_typed_it_is_the_bundle(planted, assignments):
    code, out, _ = grade("hw.ipynb", "--self-check")

    assert 0 == code
    assert "7 of 7 points" in out
    assert planted.exists()


@pytest.mark.slow
@pytest.mark.parametrize("link", [False, True])
def test_a_notebook_from_elsewhere_is_graded_sealed(save, folder, assignments, tmp_path, link):
    stolen = tmp_path / "stolen"
    notebook = tmp_path / "mallory.ipynb"
    write_notebook(notebook, cells(more=[f"open({str(stolen)!r}, 'w')"]), grader={"assignment": "small"})
    if link:
        (folder / "linked.ipynb").symlink_to(notebook)
    code, out, _ = grade("linked.ipynb" if link else "../mallory.ipynb", "--json")

    assert 0 == code
    assert "instructor" == json.loads(out)["audience"]
    assert "none" != json.loads(out)["sandbox"]
    assert not stolen.exists()


def test_whoever_is_in_another_folder_hears_where_to_go(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = folder / "hw.ipynb"
    write_notebook(notebook, ["x = 1"])
    code, _, err = grade("submit-check", str(notebook))

    assert 2 == code
    assert f"Change to it (cd {folder})" in "".join(err.split("\n"))


def test_a_bundle_without_its_description_is_to_be_unpacked_again(folder):
    write_notebook(folder / "hw.ipynb", ["x = 1"])
    (folder / "selfcheck" / "bundle.json").unlink()
    code, _, err = grade("submit-check", "hw.ipynb")

    assert 2 == code
    assert "bundle.json is missing. Unpack the bundle again" in " ".join(err.split())


@pytest.mark.parametrize("command", ["watch", "submit-check"])
def test_a_notebook_from_elsewhere_is_to_be_copied_first(folder, tmp_path, command):
    write_notebook(tmp_path / "mallory.ipynb", ["x = 1"])
    code, _, err = grade(command, "../mallory.ipynb")

    assert 2 == code
    assert "copy it into that folder" in " ".join(err.split())


@pytest.mark.parametrize("command", ["watch", "submit-check"])
def test_help_says_what_the_exit_codes_are(command):
    code, out, _ = grade(command, "--help")

    assert 0 == code
    assert "The exit code is 0 when" in out


# --- grade submit-check -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_to_look_at_and_the_receipt_are_printed(save, folder):
    save(start="start = 11")
    code, out, err = grade("submit-check", "hw.ipynb")
    receipt = json.loads((folder / "hw.receipt.json").read_text())

    assert 1 == code
    assert "1 thing to look at:\n- 1 of 2 public checks of Q1 does not pass yet, the first: `start` is 10.\n" in out
    assert f"SHA-256 {receipt['sha256']}" in out
    assert "Receipt: hw.receipt.json" in err


@pytest.mark.slow
def test_as_json(save):
    save()
    code, out, _ = grade("submit-check", "hw.ipynb", "--json")
    found = json.loads(out)

    assert 0 == code
    assert ([], True, 7) == (found["findings"], found["receipt"]["ready"], found["result"]["score"])
    assert "student" == found["result"]["audience"]


# --- grade watch ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def watched(folder):
    """Watch hw.ipynb in a process of its own; give a function that waits for a text it says."""
    said = folder.parent / "said.txt"
    with said.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", "watch", "hw.ipynb"],
            cwd=folder,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    seen = 0

    def wait_for(text):
        nonlocal seen
        end = time.monotonic() + WATCH_S
        while time.monotonic() < end:
            found = said.read_text().find(text, seen)
            if found >= 0:
                seen = found + len(text)
                return
            assert process.poll() is None, said.read_text()
            time.sleep(0.1)
        raise AssertionError(f"{text!r} did not come:\n{said.read_text()}")

    try:
        yield process, wait_for
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_watching_tells_what_changed_outlives_half_a_file_and_ends_with_ctrl_c(save, folder):
    import psutil

    path = save()
    with watched(folder) as (process, wait_for):
        wait_for("7 of 7 points")
        save(start="start = 11")
        wait_for("no longer passes: Q1 `start` is 10")
        whole = path.read_text()
        path.write_text(whole[: len(whole) // 2])
        wait_for("Waiting for the next save.")
        path.unlink()
        wait_for("is not there at the moment")
        part = folder / "part"
        part.write_text(whole.replace("start = 11", "start = 10"))
        part.replace(path)
        wait_for("now passes: Q1 `start` is 10")
        os.utime(path)
        wait_for("Nothing has changed since the last check")
        checks = next((folder / "selfcheck" / "checks").glob("*.py"))
        checks.write_text(checks.read_text() + "\n")
        save(start="start = 12")
        wait_for("was changed since it was released")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)

        assert 0 == process.wait(30)
        assert [] == psutil.wait_procs(children, timeout=10)[1]
