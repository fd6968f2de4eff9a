"""The `grade` command as it is typed: what it prints where, and how it ends.

Submissions here are files that are no notebooks, or graded by a stand-in: nothing starts a kernel.
"""

import contextlib
import json
import os
import pty
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from fakes import AtOnce, question, result
from notebooks import notebook, part_of

import grader
from grader.batch import write_class
from grader.cli.closing import counting
from grader.cli.commands import commands
from grader.cli.places import assignments_root
from grader.cli.speak import stoppable, told, visible
from grader.entries import Identity, entry_of
from grader.errors import AssignmentError, HarnessError, UsageError
from grader.gradebook import open_book
from grader.notebook import read_notebook
from grader.results import CheckResult, Status, Visibility

ASSIGNMENTS = Path(__file__).parent / "assignments"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in an empty folder that has the tiny assignment beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assignments").symlink_to(ASSIGNMENTS)
    return tmp_path


@pytest.fixture
def grading(monkeypatch):
    """Put a stand-in where the command grades: 7 of 10 and 5 open for all but those it has trouble with."""

    class Grading:
        def __init__(self):
            self.trouble, self.calls, self.checks, self.folders = {}, [], (), set()

        def __call__(self, path, assignment, options, on_step=lambda *_: None, **more):
            self.calls.append((path.name, assignment.name, options))
            self.folders.add(assignment.folder)
            on_step("cell", 0, 2)
            on_step("check", 1, 1)
            if path.stem in self.trouble:
                raise self.trouble[path.stem]
            part = question("q1", 7, 15, pending=5).model_copy(update={"checks": self.checks})
            return result(path.stem, part)

    fake = Grading()
    monkeypatch.setattr("grader.cli.job.grade", fake)
    monkeypatch.setattr("grader.grading.grade", fake)
    monkeypatch.setattr("grader.cli.many.Pool", AtOnce)
    monkeypatch.setattr("grader.cli.many.default_jobs", lambda: 1)
    monkeypatch.setattr("grader.cli.many.AHEAD", 1)
    return fake


def grade(*words):
    """Run the command; return its exit code, standard output and standard error."""
    done = CliRunner().invoke(commands, [str(word) for word in words], prog_name="grade", catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def tiny_notebook(name):
    """Write a notebook that says it belongs to the tiny assignment."""
    node = notebook("x = 1")
    node.metadata["grader"] = {"assignment": "tiny"}
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(node, path)
    return path


# --- help and wrong commands ----------------------------------------------------------------------------------------


def test_help_names_the_commands_the_options_and_three_examples():
    code, out, _ = grade("--help")

    assert code == 0
    assert out.startswith("Usage: grade [OPTIONS] PATH...\n")
    assert "  list " in out
    assert all(f"--{option}" in out for option in ("out", "assignment", "seed", "audience", "self-check", "json"))
    assert out.count("  grade ") == 3


def test_help_of_a_path_is_the_same_help():
    assert grade("--help") == grade("alice.ipynb", "--help") == grade("-h")


def test_no_word_at_all_is_answered_with_the_help():
    code, out, err = grade()

    assert code == 2
    assert "Usage: grade [OPTIONS] PATH..." in out + err


@pytest.mark.parametrize("words", [["--version"], ["alice.ipynb", "--version"]], ids=["first", "last"])
def test_version(words):
    assert grade(*words) == (0, f"grade {grader.__version__}\n", "")


WRONG = {
    "a mistyped file": (["alcie.ipynb"], "Did you mean 'alice.ipynb'?"),
    "a mistyped file in a folder": (["./alcie.ipynb"], "Did you mean './alice.ipynb'?"),
    "a file in a folder that is not there": (["nowhere/alice.ipynb"], "'nowhere/alice.ipynb'. Try: grade --help"),
    "no extension": (["alice"], "Did you mean 'alice.ipynb'?"),
    "a mistyped command": (["lst"], "Did you mean 'list'?"),
    "a command after an option": (["-q", "list"], "The command of that name comes first: grade list"),
    "an empty word": ([""], "No file, folder or command ''"),
    "a folder without notebooks": (["empty"], "empty: no notebooks (*.ipynb) in this folder"),
    "an unknown option": (["--sead", "3", "alice.ipynb"], "Did you mean '--seed'?"),
    "a negative seed": (["--seed", "-1", "alice.ipynb"], "'--seed'"),
    "a seed that is no number": (["--seed", "x", "alice.ipynb"], "'--seed'"),
    "an unknown audience": (["--audience", "parents", "alice.ipynb"], "'--audience'"),
    "an option but no path": (["--seed", "1"], "Missing argument 'PATH...'"),
    "an unknown assignment": (["--assignment", "tinny", "alice.ipynb"], "Did you mean 'tiny'? There are: tiny."),
    "a folder without assignments": (["--assignments", "empty", "alice.ipynb"], "no assignments here"),
    "an output folder that is a file": (["--out", "alice.ipynb", "alice.ipynb"], "'--out'"),
    "a file like an option": (["-dash.ipynb"], "Did you mean the file ./-dash.ipynb?"),
    "a link to nothing": (["link.ipynb"], "link.ipynb is a link to 'nowhere', which does not lead to anything."),
    "an output folder that is a link to nothing": (
        ["--out", "link.ipynb", "alice.ipynb"],
        "Cannot write in link.ipynb",
    ),
    "an output folder below a file": (["--out", "alice.ipynb/x", "alice.ipynb"], "Cannot write"),
}


@pytest.mark.parametrize(("words", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_says_the_next_step(words, message, here):
    (here / "empty").mkdir()
    (here / "link.ipynb").symlink_to("nowhere")
    tiny_notebook("alice.ipynb")
    tiny_notebook("-dash.ipynb")
    code, out, err = grade(*words)

    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert not (here / "reports").exists()


def test_a_file_called_like_a_command_is_named_with_its_folder(grading):
    tiny_notebook("list")
    code, _, _ = grade("./list")

    assert (code, [name for name, *_ in grading.calls]) == (0, ["list"])


def test_a_file_that_starts_with_a_dash_comes_after_two(grading):
    tiny_notebook("-v.ipynb")
    code, _, err = grade("--", "-v.ipynb")

    assert code == 0
    assert "Note: the report of -v.ipynb is called v." in err


# --- one submission -------------------------------------------------------------------------------------------------


def test_a_notebook_gets_a_table_a_report_and_a_result(grading, here):
    code, out, err = grade(tiny_notebook("alice.ipynb"))

    assert code == 0
    assert "alice" in out
    assert "Report: reports/alice.html" in err
    assert sorted(path.name for path in (here / "reports").iterdir()) == ["alice.html", "alice.json"]
    assert json.loads((here / "reports/alice.json").read_text())["score"] == 7


def test_options_may_stand_on_either_side(grading):
    path = tiny_notebook("alice.ipynb")
    grade("--seed", 5, path, "--out", "a")
    grade(path, "--out", "b", "--seed", 5)

    assert [options.seed for *_, options in grading.calls] == [5, 5]
    assert Path("a/alice.html").exists()
    assert Path("b/alice.html").exists()


def test_json_is_alone_on_standard_output_and_the_same_as_in_the_file(grading):
    code, out, _ = grade("--json", tiny_notebook("alice.ipynb"))

    assert code == 0
    assert json.loads(out)["student"] == "alice"
    assert json.loads(out) == json.loads(Path("reports/alice.json").read_text())


def test_a_name_that_is_no_text_stops_nothing(grading):
    tiny_notebook("alice.ipynb").rename(os.fsdecode(b"bad\xff.ipynb"))
    code, out, _ = grade("--json", os.fsdecode(b"bad\xff.ipynb"))

    assert (code, json.loads(out)["submission"]) == (0, "bad?.ipynb")


def test_a_broken_file_whose_name_is_no_text_is_named(here):
    (here / os.fsdecode(b"bad\xff.ipynb")).write_text("{ this is no notebook")
    code, out, _ = grade("--json", ".")
    (one,) = json.loads(out)

    assert (code, one["student"], one["submission"]) == (1, "bad?", "bad?.ipynb")
    assert one["error"].startswith("bad?.ipynb")


BROKEN = CheckResult(
    id="test_x",
    question="q1",
    title="x",
    visibility=Visibility.PUBLIC,
    status=Status.ERROR,
    score=0,
    max_score=1,
    detail="Traceback\nNameError: name 'y' is not defined\n",
)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "NameError: name 'y' is not defined (details in the report)\n"),
        (["-q"], "NameError: name 'y' is not defined (details in the report)\n"),
        (["--audience", "student"], "NameError: name 'y' is not defined (details with --audience instructor)\n"),
        (["--self-check"], ""),
    ],
    ids=["plain", "quiet", "for the student", "by the student"],
)
def test_a_check_that_broke_is_told_to_whoever_can_mend_it(words, said, grading):
    grading.checks = (BROKEN,)
    _, _, err = grade(*words, tiny_notebook("alice.ipynb"))

    assert err.partition("Error: alice.ipynb: check test_x broke: ")[2].splitlines(keepends=True)[:1] == (
        [said] if said else []
    )


def test_a_report_that_cannot_be_written_does_not_take_the_result_along(grading, here):
    (here / "reports" / "alice.html").mkdir(parents=True)
    code, out, err = grade(tiny_notebook("alice.ipynb"))

    assert code == 2
    assert "7 of 15 points" in out
    assert "Error: alice.ipynb: Cannot write reports/alice.html" in err
    assert "Report:" not in err


def test_quiet_prints_nothing(grading):
    assert grade("-q", tiny_notebook("alice.ipynb")) == (0, "", "")


def test_verbose_says_what_was_done(grading):
    _, _, err = grade("-v", tiny_notebook("alice.ipynb"))

    assert "assignment tiny, seed 3, sandbox none" in err


@pytest.mark.parametrize(
    ("words", "public_only", "audience"),
    [
        ([], False, "instructor"),
        (["--self-check"], True, "student"),
        (["--self-check", "--audience", "instructor"], True, "instructor"),
        (["--audience", "student"], False, "student"),
    ],
    ids=lambda value: " ".join(value) or "plain" if isinstance(value, list) else None,
)
def test_who_reads_it_and_which_checks_run(grading, words, public_only, audience):
    _, out, _ = grade("--json", *words, tiny_notebook("alice.ipynb"))

    assert grading.calls[0][-1].public_only is public_only
    assert json.loads(out)["audience"] == audience
    assert json.loads(Path("reports/alice.json").read_text())["audience"] == audience


def test_a_file_that_is_no_notebook_has_a_result_that_says_so(here):
    (here / "bad.ipynb").write_text("{ this is no notebook")
    code, out, _ = grade("bad.ipynb")
    written = json.loads((here / "reports/bad.json").read_text())

    assert code == 1
    assert "bad" in out
    assert written["error"]
    assert (written["assignment"], written["max_score"]) == ("tiny", 17)
    assert {check["status"] for check in written["questions"][1]["checks"]} == {"not_reached"}
    assert (here / "reports/bad.html").exists()


def test_a_notebook_of_no_known_assignment_is_told_which_there_are(here):
    nbformat.write(notebook("x = 1"), "foreign.ipynb")
    code, out, err = grade("foreign.ipynb")

    assert (code, out) == (2, "")
    assert "tiny" in err
    assert "--assignment NAME" in err


def test_a_broken_assignment_is_a_wrong_command(grading):
    grading.trouble = {"alice": AssignmentError("assignment.toml: line 3: no title.")}

    assert grade(tiny_notebook("alice.ipynb")) == (2, "", "Error: assignment.toml: line 3: no title.\n")


def test_a_fault_of_ours_is_called_so_and_shown_on_request(grading):
    grading.trouble = {"alice": ZeroDivisionError("division by zero")}
    code, _, err = grade(tiny_notebook("alice.ipynb"))
    _, _, more = grade("--verbose", "alice.ipynb")

    assert code == 1
    assert "A fault of the grader, not of the submission: ZeroDivisionError: division by zero" in err
    assert "--verbose" in err
    assert "Traceback" not in err
    assert "Traceback" in more


# --- a batch --------------------------------------------------------------------------------------------------------


@pytest.fixture
def classroom():
    return [tiny_notebook(f"class/{name}.ipynb") for name in ("ada", "bob", "cyd")]


def test_a_folder_gets_a_line_each_and_an_overview(grading, classroom, here):
    code, out, err = grade("class")

    assert code == 0
    assert out == "".join(f"{name}  7/15 (+5 open)  reports/{name}.html\n" for name in ("ada", "bob", "cyd"))
    assert "3 of 3 graded. Overview: reports/index.html, gradebook: reports/gradebook.csv" in err
    assert {"index.html", "gradebook.csv", "ada.html", "cyd.json"} <= {path.name for path in Path("reports").iterdir()}


def test_several_paths_are_a_batch_too(grading, classroom, here):
    grade(*classroom[:2])

    assert (here / "reports" / "gradebook.csv").read_text().count("\n") == 3


def test_a_batch_goes_on_after_a_failure_and_says_why(grading, classroom):
    grading.trouble = {"bob": HarnessError("The kernel did not start.")}
    code, out, err = grade("class")

    assert code == 1
    assert [line.split()[0] for line in out.splitlines()] == ["ada", "bob", "cyd"]
    assert "bob  not graded\n" in out
    assert "Error: class/bob.ipynb: The kernel did not start.\n" in err


def test_a_batch_as_json_is_a_list(grading, classroom):
    _, out, _ = grade("--json", "class")

    assert [one["student"] for one in json.loads(out)] == ["ada", "bob", "cyd"]


def test_ctrl_c_keeps_what_is_done(grading, classroom, here):
    grading.trouble = {"cyd": KeyboardInterrupt()}
    code, _, err = grade("class")

    assert code == 130
    assert "Stopped; 2 of 3 are graded and kept in reports/\n" in err
    assert (here / "reports" / "gradebook.csv").read_text().count("\n") == 4
    assert not [path.name for path in (here / "reports").iterdir() if path.name.startswith(".")]


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_ctrl_c_at_once_changes_nothing(grading, classroom, here):
    grading.trouble = {"ada": KeyboardInterrupt()}
    code, _, err = grade("class")

    assert (code, err) == (130, "Stopped before any was graded; nothing is changed.\n")
    assert not (here / "reports").exists()

    grading.trouble = {}
    grade("class")
    before = everything(here / "reports")
    grading.trouble = {"ada": KeyboardInterrupt()}
    grade("class")

    assert before == everything(here / "reports")


def test_what_was_handed_in_never_brings_the_checks(grading, here):
    for name in ("ada", "bob"):
        tiny_notebook(f"class/{name}/hw.ipynb")
    shutil.copytree(ASSIGNMENTS / "tiny", here / "class" / "ada" / "assignments" / "tiny")
    codes = [grade("class")[0], grade("class/ada/hw.ipynb")[0]]

    assert codes == [0, 0]
    assert {folder.resolve() for folder in grading.folders} == {ASSIGNMENTS / "tiny"}


def book_of(here):
    """Return student, points and what is open of everybody in the gradebook."""
    with open_book(here / "reports" / "gradebook.db") as book:
        return {entry.student: (entry.score, entry.pending) for entry in book.entries()}


@pytest.fixture
def with_review(grading):
    """What is open is a part that a person marks."""
    part = CheckResult(
        id="q1text",
        question="q1",
        title="Why",
        visibility=Visibility.PUBLIC,
        status=Status.NEEDS_REVIEW,
        score=0,
        max_score=5,
    )
    grading.checks = (part,)
    return grading


def test_points_that_a_person_gave_outlive_a_run_that_is_stopped(with_review, classroom, here):
    grade("class")
    with open_book(here / "reports" / "gradebook.db") as book:
        book.change("tiny", "cyd", "q1text", 4, "a tutor", "well said")
    with_review.trouble = {"bob": KeyboardInterrupt()}
    code, _, _ = grade("class")

    assert code == 130
    assert book_of(here) == {"ada": (7, 5), "bob": (7, 5), "cyd": (11, 0)}
    assert "cyd.ipynb,tiny,11," in (here / "reports" / "gradebook.csv").read_text().replace('"', "")


def an_entry(name, student, *, score=0.0, error=""):
    made = result(student, question("q1", score), error=error)
    return entry_of(made, name=name, identity=Identity())


def test_of_several_notebooks_the_graded_one_with_the_most_points_counts():
    entries = [
        an_entry("ada-hw", "ada", score=7),
        an_entry("ada-notes", "ada", error="It fits nothing."),
        an_entry("bob-1", "bob", score=2),
        an_entry("bob-2", "bob", score=3),
        an_entry("cyd", "cyd", error="Not a notebook."),
    ]

    assert [entry.name for entry in counting(entries)] == ["ada-hw", "bob-2", "cyd"]


def test_a_broken_assignment_leaves_the_gradebook_alone(grading, classroom, here):
    grade("class")
    before = everything(here / "reports")
    grading.trouble = dict.fromkeys(("ada", "bob"), AssignmentError("assignment.toml: line 3: no title."))
    code, _, err = grade("class")

    assert code == 2
    assert "0 of 3 graded. The overview and the gradebook are as before." in err
    assert before == everything(here / "reports")


def test_a_gradebook_that_cannot_be_written_is_said_after_the_results(grading, classroom, here):
    (here / "reports" / "gradebook.csv").mkdir(parents=True)
    code, out, err = grade("--json", "class")

    assert code == 2
    assert [one["score"] for one in json.loads(out)] == [7, 7, 7]
    assert "Error: Cannot write reports/gradebook.csv" in err


def test_a_report_of_a_batch_that_cannot_be_written_is_in_the_gradebook(grading, classroom, here):
    (here / "reports" / "bob.html").mkdir(parents=True)
    code, out, _ = grade("class")
    rows = (here / "reports" / "gradebook.csv").read_text().splitlines()

    assert code == 1
    assert "bob  not graded\n" in out
    assert "There is no report: Cannot write reports/bob.html" in rows[2]
    assert 'href="bob.html"' not in (here / "reports" / "index.html").read_text()


def test_which_assignment_a_notebook_shows_is_found_out_once(grading, classroom, here, monkeypatch):
    monkeypatch.setenv("GRADE_CACHE", str(here / "cache"))
    read = []

    def look(path, **more):
        read.append(path)
        return read_notebook(path, **more)

    monkeypatch.setattr("grader.cli.lookup.read_notebook", look)
    grade("class")
    grade("class")
    once = len(read)
    tiny_notebook("class/dan.ipynb").write_text((here / "class" / "ada.ipynb").read_text().replace("x = 1", "x = 2"))
    grade("class")

    assert (once, len(read)) == (1, 2)  # three notebooks with the same cells


def test_a_disk_that_fills_up_costs_nothing_that_was_worked_out(grading, classroom, here, monkeypatch):
    monkeypatch.setenv("GRADE_CACHE", str(here / "cache"))
    fsync, full = os.fsync, {"now": False}

    def write(number):
        if full["now"] and (here / "cache") not in Path(f"/proc/self/fd/{number}").readlink().parents:
            raise OSError(28, "No space left on device")
        fsync(number)
        full["now"] = full["now"] or (here / "reports" / "ada.html").exists()

    monkeypatch.setattr("grader.files.os.fsync", write)
    code, out, err = grade("class")

    assert code != 0
    assert "ada  7/15" in out
    assert "Error: class/bob.ipynb: Cannot write reports/bob." in err
    assert not [path for path in (here / "reports").iterdir() if path.name.startswith(".")]

    monkeypatch.setattr("grader.files.os.fsync", fsync)
    grading.calls.clear()
    code, out, _ = grade("class")

    assert (code, len(out.splitlines()), grading.calls) == (0, 3, [])


def test_a_folder_that_cannot_be_read_is_left_out_and_said(grading, classroom, here, monkeypatch):
    scandir = os.scandir

    def refuse(place):
        if Path(place).name == "locked":
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    (here / "class" / "locked").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    code, out, err = grade("class")

    assert (code, len(out.splitlines())) == (1, 3)
    assert "Error: class/locked: cannot be read (Permission denied); what is in it is left out.\n" in err


def test_a_link_to_itself_fails_alone(grading, classroom, here):
    (here / "class" / "loop.ipynb").symlink_to("loop.ipynb")
    code, out, _ = grade("class")

    assert code == 1
    assert [line.split()[0] for line in out.splitlines()] == ["loop", "ada", "bob", "cyd"]


@pytest.mark.parametrize(("words", "begun"), [(["-v"], True), ([], False)], ids=["verbose", "plain"])
def test_which_notebook_is_worked_on_is_said_on_request(words, begun, grading, classroom):
    _, _, err = grade(*words, "class")

    assert ("2 of 3: bob\n" in err) is begun


def test_notebooks_of_one_name_in_two_folders_do_not_overwrite_each_other(grading, here):
    tiny_notebook("ada/hw.ipynb")
    tiny_notebook("bob/hw.ipynb")
    _, out, err = grade("ada", "bob")

    assert [line.split()[0] for line in out.splitlines()] == ["ada-hw", "bob-hw"]
    assert "Note: the report of ada/hw.ipynb is called ada-hw." in err
    assert json.loads((here / "reports/bob-hw.json").read_text())["student"] == "bob-hw"


# --- the list of assignments ----------------------------------------------------------------------------------------


def test_the_list_has_title_questions_and_points():
    assert grade("list") == (0, "tiny  A tiny assignment  (2 questions, 17 points)\n", "")


def test_a_broken_assignment_does_not_hide_the_others_from_the_list(here):
    for name, text in (("broken", "name = ["), ("tiny", (ASSIGNMENTS / "tiny/assignment.toml").read_text())):
        (here / "mine" / name / "checks").mkdir(parents=True)
        (here / "mine" / name / "checks" / "test_it.py").touch()
        (here / "mine" / name / "assignment.toml").write_text(text)
    code, out, err = grade("list", "--assignments", "mine")

    assert code == 2
    assert out.startswith("tiny ")
    assert "broken/assignment.toml" in err


def test_the_nearest_folder_of_assignments_is_taken(here, tmp_path):
    for place in ("course/assignments/one", "course/week/assignments"):
        (here / place).mkdir(parents=True)
    (here / "course/assignments/one/assignment.toml").touch()
    start = here / "course/week/submissions"
    start.mkdir()

    assert assignments_root(start) == here / "course" / "assignments"
    assert assignments_root(Path("/")) == here / "assignments"


def test_a_folder_nobody_may_look_into_has_no_assignments(here, monkeypatch):
    glob = Path.glob

    def refuse(place, pattern):
        if place == here / "closed" / "assignments":
            raise PermissionError(13, "Permission denied", str(place))
        return glob(place, pattern)

    monkeypatch.setattr(Path, "glob", refuse)

    assert assignments_root(here / "closed") == here / "assignments"


@pytest.fixture
def bundle(here, monkeypatch):
    """Return the folder of a bundle with no assignments near it but those that lie beside an installed clone."""
    (here / "assignments").unlink()
    monkeypatch.setattr("grader.__file__", str(ASSIGNMENTS.parent / "grader" / "__init__.py"))
    (here / "hw" / "selfcheck").mkdir(parents=True)
    for name in ("assignment.toml", "bundle.json"):
        (here / "hw" / "selfcheck" / name).touch()
    tiny_notebook("hw/hw.ipynb")
    return here / "hw"


def test_from_outside_the_way_into_a_bundle_is_said(bundle, grading):
    code, _, err = grade("hw/hw.ipynb")

    assert code == 2
    assert f"{bundle} is the folder of a homework. Change to it (cd {bundle})" in " ".join(err.split())
    assert grading.calls == []


def test_a_bundle_that_lost_its_description_is_to_be_unpacked_again(bundle, grading, monkeypatch):
    (bundle / "selfcheck" / "bundle.json").unlink()
    monkeypatch.chdir(bundle)
    code, _, err = grade("hw.ipynb")

    assert code == 2
    assert "bundle.json is missing. Unpack the bundle again" in " ".join(err.split())


def test_the_folder_of_a_bundle_is_no_class(bundle, grading, monkeypatch):
    monkeypatch.chdir(bundle)
    code, _, err = grade(".")

    assert code == 2
    assert "one notebook that lies there is checked at a time" in " ".join(err.split())
    assert not (bundle / "reports").exists()


def test_who_names_the_assignment_grades_what_lies_in_a_bundle(bundle, grading):
    code, _, _ = grade("hw/hw.ipynb", "--assignment", "tiny")

    assert code == 0
    assert [call[:2] for call in grading.calls] == [("hw.ipynb", "tiny")]


# --- how it ends ----------------------------------------------------------------------------------------------------


def test_a_terminal_that_closes_does_not_stop_what_was_started_to_outlive_it():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with stoppable():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_stops_the_work_as_ctrl_c_does(number, capsys):
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as stopped, told(verbose=False), stoppable():
        os.kill(os.getpid(), number)
        threading.Event().wait(5)

    assert stopped.value.code == 130
    assert capsys.readouterr().err == "Stopped.\n"
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_does_not_keep_the_gradebook_from_being_written(grading, classroom, here, monkeypatch):
    def impatient(entries, out, **more):
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
        threading.Event().wait(0.05)
        write_class(entries, out, **more)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("grader.cli.closing.write_class", impatient)
    grading.trouble = {"bob": KeyboardInterrupt()}
    code, _, err = grade("class")

    assert code == 130
    assert "Stopped; 1 of 3 are graded" in err
    assert (here / "reports" / "gradebook.csv").exists()
    assert signal.getsignal(signal.SIGINT) is before


def test_control_characters_of_a_message_do_not_reach_the_terminal(capsys):
    with pytest.raises(SystemExit), told(verbose=False):
        raise UsageError("\x1b[2Jbad\x07.ipynb \u202e is not there.\nLook again.")

    assert capsys.readouterr().err == "Error: \\x1b[2Jbad\\x07.ipynb \\u202e is not there.\n  Look again.\n"
    assert visible("Zoë ≤ 王伟") == "Zoë ≤ 王伟"


def test_the_name_of_a_file_cannot_forge_a_message(grading):
    path = tiny_notebook("a\nError: all is lost.ipynb")
    grading.trouble = {path.stem: HarnessError("No kernel.")}
    _, _, err = grade(path)

    assert "Error: a\\nError: all is lost.ipynb: No kernel.\n" in err
    assert [line for line in err.splitlines() if line.startswith("Error: all")] == []


def shell(command):
    """Run a command line with `grade` in it; return exit code, standard output and standard error."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    text = f'grade() {{ {shlex.quote(sys.executable)} -m grader "$@"; }}\n{command}'
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, env=env, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def three_bad(here):
    """Three files that are no notebooks: each is answered without a kernel."""
    for name in ("ada", "bob", "cyd"):
        (here / f"{name}.ipynb").write_text("{ this is no notebook")


LINES = "ada  not graded\nbob  not graded\ncyd  not graded\n"
GRADED = "0 of 3 graded. Overview: reports/index.html, gradebook: reports/gradebook.csv"


def test_a_name_that_standard_output_cannot_take_ends_nothing(here):
    for name in ("ada", "Łukasz"):
        (here / f"{name}.ipynb").write_text("{ this is no notebook")
    code, out, err = shell("PYTHONIOENCODING=latin-1 grade *.ipynb")

    assert (code, len(out.splitlines())) == (1, 2)
    assert "\\u0141ukasz  not graded" in out
    assert "Overview: reports/index.html" in err


STREAMS = {
    "stderr closed": ("grade *.ipynb 2>&-", 1, LINES, ""),
    "stdout closed": ("grade *.ipynb >&-", 1, "", GRADED),
    "all closed": ("grade *.ipynb <&- >&- 2>&-", 1, "", ""),
    "stdout a closed pipe": ("set -o pipefail; grade *.ipynb | true", 1, "", GRADED),
    "one of them to a closed pipe": ("set -o pipefail; grade ada.ipynb cyd.ipynb bob.ipynb 2>&1 | true", 1, "", ""),
    "stdout full": ("grade *.ipynb >/dev/full", 2, "", "Error: Cannot write to standard output: No space left"),
    "stderr full": ("grade *.ipynb 2>/dev/full", 1, LINES, ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", part_of(STREAMS, every=2))
def test_the_work_is_done_whatever_becomes_of_the_streams(case, three_bad, here):
    command, code, out, err = STREAMS[case]
    got = shell(command)

    assert (got[0], sorted(got[1].splitlines())) == (code, out.splitlines())  # in any order: several at a time
    assert err in got[2]
    assert "Traceback" not in got[2]
    assert "BrokenPipe" not in got[2]
    assert {"ada.html", "cyd.json", "gradebook.csv", "index.html"} <= {path.name for path in Path("reports").iterdir()}


@pytest.mark.parametrize("words", ["--help", "--version", "list"])
def test_a_full_disk_is_called_so(words):
    code, _, err = shell(f"grade {words} >/dev/full")

    assert (code, err) == (2, "Error: Cannot write to standard output: No space left on device.\n")


def test_a_folder_that_is_gone_is_called_so(here):
    program = f"mkdir gone; cd gone; rmdir ../gone; grade {here}/assignments/tiny/tiny.ipynb"
    code, _, err = shell(program)

    assert code == 2
    assert "Error: The current folder cannot be used (No such file or directory)." in err
    assert "Traceback" not in err


def on_a_terminal(*words, **environment):
    """Run the installed command with standard error on a terminal; return standard output and what the terminal got."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parent), **environment}
    command = [sys.executable, "-m", "grader", *words]
    shown = b""
    with Path("stdout").open("w+") as out, subprocess.Popen(command, stdout=out, stderr=theirs, env=env):
        os.close(theirs)
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while piece := os.read(ours, 65536):
                shown += piece
        os.close(ours)
    return Path("stdout").read_text(), shown.decode()


def test_progress_is_for_a_terminal_and_leaves_standard_output_alone(here):
    for name in ("ada", "bob"):
        (here / f"{name}.ipynb").write_text("{ this is no notebook")
    out, shown = on_a_terminal("ada.ipynb", "bob.ipynb")

    assert sorted(out.splitlines()) == ["ada  not graded", "bob  not graded"]  # two at a time: in any order
    assert "2 of 2 done, 2 failed" in shown


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["plain", "NO_COLOR"]
)
def test_colours_are_for_terminals_that_want_them(environment, coloured):
    out, shown = on_a_terminal("nobody.ipynb", **environment)

    assert out == ""
    assert ("\x1b[31m" in shown) is coloured
    assert "No file, folder or command 'nobody.ipynb'" in shown
