"""`grade export` as it is typed: which file it writes, whom it names on stderr, and how it ends."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from some_entries import HIDDEN, check, entry, graded, verdict
from strict_readers import CanvasCourse, canvas_gives, gradescope_takes, moodle_gives, moodle_takes

from grader.cli.commands import commands
from grader.gradebook import open_book

CANVAS = (
    "Student,ID,SIS Login ID,Section,HW1 backprop (44)\r\n"
    "    Points Possible,,,,20.00\r\n"
    '"Smith, Alice",12345,asmith,DL,\r\n'
    '"Wang, Wei",12377,wwang,DL,\r\n'
)
MOODLE = (
    "Identifier,Full name,Grade,Last modified (grade),Feedback comments\n"
    "Participant 7,Alice Smith,,-,\n"
    "Participant 8,Wei Wang,,-,\n"
)
ALICE = entry(
    "alice", 17.5, penalty=2.5, name="Alice Smith", canvas_user="12345", downloaded_as="smithalice_12345_9_hw1.ipynb"
)
BOB = entry("bob", 3, pending=4.0, moodle_participant="7", name="Bob Brown")
WITHOUT = "Without a report (--reports names another folder)"
CHEN = entry("chen", 5, assignment="hw2", title="HW2")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in a folder with a gradebook, two downloaded tables, and the reports of one student."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "canvas.csv").write_bytes(CANVAS.encode())
    (tmp_path / "moodle.csv").write_bytes(MOODLE.encode())
    with open_book(tmp_path / "reports" / "gradebook.db") as book:
        book.record([ALICE, BOB])
    result = graded(check("a"), HIDDEN, student="alice")
    (tmp_path / "reports" / "alice.json").write_text(result.model_dump_json(), encoding="utf-8")
    return tmp_path


def run(*words):
    """Run the command; return its exit code, standard output and standard error."""
    done = CliRunner().invoke(commands, ["export", *map(str, words)], prog_name="grade", catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def second_assignment():
    with open_book("reports/gradebook.db") as book:
        book.record([CHEN])


# --- Canvas and Moodle ------------------------------------------------------------------------------------------------


def test_canvas_fills_what_was_downloaded_and_says_whom_it_left_out():
    code, out, err = run("canvas", "--into", "canvas.csv")
    taker = CanvasCourse([("12345", "", "asmith", "Alice Smith"), ("12377", "", "wwang", "Wei Wang")], {"44": "HW1"})
    taker.take(Path("canvas-graded.csv").read_bytes())

    assert (code, out) == (0, "canvas-graded.csv\n")
    assert taker.scores == {("12345", "44"): "15.00"}
    assert Path("canvas.csv").read_bytes() == CANVAS.encode()
    assert "1 of 2 grades are in the column 'HW1 backprop (44)'." in err
    assert "In the gradebook, but not in the file: Bob Brown (bob)." in err
    assert "In the file, but not in the gradebook: Wang, Wei." in err
    assert "1 submission has points that wait for a person" in err


def test_canvas_without_a_file_writes_its_own():
    code, out, err = run("canvas")
    rows = list(csv.reader(io.StringIO(Path("canvas-hw1.csv").read_text(encoding="utf-8"))))

    assert (code, out) == (0, "canvas-hw1.csv\n")
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "HW1 backprop"]
    assert "--into" in err


def test_moodle_fills_what_was_downloaded():
    code, out, err = run("moodle", "--into", "moodle.csv", "--out", "up.csv")
    taken = moodle_takes(Path("up.csv").read_bytes())

    assert (code, out) == (0, "up.csv\n")
    assert taken["7"][0] == "3.00"
    assert taken["8"] == ("", "")
    assert "Alice Smith (alice)" in err


def test_moodle_without_a_file_says_who_is_not_in_it():
    code, out, err = run("moodle")

    assert (code, out) == (0, "moodle-hw1.csv\n")
    assert moodle_takes(Path("moodle-hw1.csv").read_bytes()).keys() == {"7"}
    assert "participant is not known (use --into): Alice Smith (alice)." in err


def test_moodle_without_a_file_needs_somebody_it_knows():
    with open_book("other.db") as book:
        book.record([ALICE])
    code, out, err = run("moodle", "--book", "other.db")

    assert (code, out) == (2, "")
    assert "known of none of the participants. Download the worksheet and use --into." in err


def test_a_file_of_another_class_is_noticed(here):
    (here / "canvas.csv").write_text(CANVAS.replace("12345", "1").replace("Smith", "Smythe"))
    code, _, err = run("canvas", "--into", "canvas.csv")

    assert code == 1
    assert "0 of 2 grades are in the column" in err


# --- tables and lists -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_a_class_is_written_under_the_assignment_s_name(kind):
    code, out, err = run(kind)

    assert (code, out, err) == (0, f"hw1.{kind}\n", "")
    assert Path(f"hw1.{kind}").stat().st_size > 0


def test_csv_has_who_everybody_is():
    _, out, _ = run("csv", "--out", "-")
    alice, _ = csv.DictReader(io.StringIO(out))

    assert (alice["student"], alice["name"], alice["final"], alice["penalty"]) == ("alice", "Alice Smith", "15", "2.5")


def test_a_dash_is_standard_output_alone():
    code, out, err = run("json", "--out", "-")

    assert (code, err) == (0, "")
    assert [each["student"] for each in json.loads(out)] == ["alice", "bob"]


# --- feedback ---------------------------------------------------------------------------------------------------------


def test_feedback_is_a_zip_of_what_students_may_see():
    code, out, err = run("feedback")
    archive = zipfile.ZipFile("feedback-hw1.zip")
    page = archive.read("smithalice_12345_9_hw1.html").decode()

    assert (code, out) == (1, "feedback-hw1.zip\n")
    assert [canvas_gives(name) for name in archive.namelist()] == [("12345", "9")]
    assert "hidden is right" in page
    assert "0.731" not in page
    assert "a traceback" not in page
    assert f"{WITHOUT}: Bob Brown (bob): reports/bob.json: cannot be read (No such file or directory).\n" in err


def test_feedback_of_everybody_names_those_nobody_knows(here):
    with open_book("reports/gradebook.db") as book:
        book.record([entry("dora", 1)])
    for student in ("bob", "dora"):
        result = graded(check("a"), student=student)
        (here / "reports" / f"{student}.json").write_text(result.model_dump_json())
    code, _, err = run("feedback")
    names = zipfile.ZipFile("feedback-hw1.zip").namelist()

    assert code == 0
    assert ("7", "report.html") in map(moodle_gives, names)
    assert "dora.html" in names
    assert "neither Canvas nor Moodle is known of them: dora.html." in err


OTHERS = {
    "another assignment's": ({"assignment": "hw2"}, "is of the assignment 'hw2', not of 'hw1'"),
    "another person's": ({"student": "anna", "submission": "bob.ipynb"}, "is of the student 'anna', not of 'bob'"),
    "another notebook's": ({"submission": "bob (1).ipynb"}, "is of the notebook 'bob (1).ipynb', not of 'bob.ipynb'"),
    "of no assignment": ({"assignment": "", "error": "Fits none."}, "is of no assignment, not of 'hw1'"),
}


@pytest.mark.parametrize(("about", "reason"), OTHERS.values(), ids=OTHERS.keys())
def test_a_result_of_another_is_not_handed_out(about, reason, here):
    result = graded(check("a"), **{"student": "bob"} | about)
    (here / "reports" / "bob.json").write_text(result.model_dump_json())
    code, _, err = run("feedback")

    assert code == 1
    assert zipfile.ZipFile("feedback-hw1.zip").namelist() == ["smithalice_12345_9_hw1.html"]
    assert f"{WITHOUT}: Bob Brown (bob): reports/bob.json {reason}.\n" in err


def test_results_that_are_all_of_another_assignment_make_no_file(here):
    for student in ("alice", "bob"):
        result = graded(check("a"), student=student, assignment="hw2")
        (here / "reports" / f"{student}.json").write_text(result.model_dump_json())
    code, out, err = run("feedback")

    assert (code, out) == (2, "")
    assert "none of the 2 results is here. reports/alice.json is of the assignment 'hw2', not of 'hw1'." in err
    assert not (here / "feedback-hw1.zip").exists()


def test_why_a_notebook_could_not_be_graded_is_handed_out(here):
    """Such a result names no assignment; the gradebook has the one that all others of the batch are of."""
    with open_book("reports/gradebook.db") as book:
        book.record([entry("eve", 0, 0, error="Not a notebook.", canvas_user="5", downloaded_as="eve_5_6_hw1.ipynb")])
    result = graded(student="eve", assignment="", title="", error="Not a notebook.")
    (here / "reports" / "eve.json").write_text(result.model_dump_json())
    run("feedback")

    assert "Not a notebook." in zipfile.ZipFile("feedback-hw1.zip").read("eve_5_6_hw1.html").decode()


# --- Gradescope -------------------------------------------------------------------------------------------------------


def test_gradescope_turns_a_result_into_results_json():
    code, out, _ = run("gradescope", "reports/alice.json")
    content = gradescope_takes(Path("results.json").read_text(encoding="utf-8"))

    assert (code, out) == (0, "results.json\n")
    assert [test["visibility"] for test in content["tests"]] == ["visible", "hidden"]


def test_gradescope_shows_hidden_checks_when_told():
    _, out, _ = run("gradescope", "reports/alice.json", "--show-hidden", "after_published", "--out", "-")

    assert [test["visibility"] for test in gradescope_takes(out)["tests"]] == ["visible", "after_published"]


def test_several_results_go_into_a_folder(here):
    (here / "reports" / "bob.json").write_text(graded(check("a"), student="bob").model_dump_json())
    code, out, _ = run("gradescope", "reports/alice.json", "reports/bob.json", "--out", "up")

    assert (code, out) == (0, "up/alice.json\nup/bob.json\n")
    assert gradescope_takes(Path("up/bob.json").read_text())["score"] == 2


def test_an_autograder_is_made_of_an_assignment(here):
    new = [sys.executable, "-P", "-m", "grader", "new", "thirds"]  # a process of its own: this one keeps what it loads
    subprocess.run(new, capture_output=True, check=True)
    for word, name in (("thirds", "autograder-thirds.zip"), ("assignments/thirds", "again.zip")):
        code, out, err = run("gradescope-autograder", word, "--minutes", "20", "--require-sandbox", "--out", name)

        assert (code, out) == (0, f"{name}\n")
        assert "give it to nobody" in err
    settings = json.loads(zipfile.ZipFile("again.zip").read("settings.json"))
    assert (settings["minutes"], settings["sealed_only"]) == (20, True)
    assert Path("again.zip").read_bytes() == Path("autograder-thirds.zip").read_bytes()


# --- wrong commands ---------------------------------------------------------------------------------------------------

WRONG = {
    "no gradebook": (["csv", "--book", "nowhere.db"], "nowhere.db: no gradebook here."),
    "an empty gradebook": (["csv", "--book", "empty.db"], "nobody is in this gradebook yet"),
    "an unknown assignment": (["csv", "--assignment", "hw11"], "'hw11'. Did you mean 'hw1'? There are: hw1."),
    "a file that is there": (["csv", "--out", "canvas.csv"], "canvas.csv is there already. Write over it with --force"),
    "the downloaded file": (["canvas", "--into", "canvas.csv", "--out", "canvas.csv", "--force"], "never written over"),
    "a link to it": (["canvas", "--into", "canvas.csv", "--out", "link.csv", "--force"], "never written over"),
    "a file that is not there": (["canvas", "--into", "cnavas.csv"], "cnavas.csv: cannot be read"),
    "another program's file": (["moodle", "--into", "canvas.csv"], "canvas.csv: this is not a grading worksheet"),
    "a column that is not there": (["canvas", "--into", "canvas.csv", "--column", "x"], "canvas.csv: no column"),
    "no reports": (["feedback", "--reports", "nowhere"], "nowhere: none of the 2 results is here."),
    "a result that is none": (["gradescope", "canvas.csv"], "canvas.csv: not a result of this grader"),
    "no result": (["gradescope", "x.json"], "x.json: cannot be read (No such file or directory)."),
    "several results, no folder": (["gradescope", "reports/alice.json", "canvas.csv"], "name it with --out DIR"),
    "two results of one name": (
        ["gradescope", "reports/alice.json", "./reports/alice.json", "--out", "up"],
        "have the same name",
    ),
    "no such assignment": (["gradescope-autograder", "thrids"], "'thrids'. Did you mean 'thirds'?"),
    "no folder to write in": (["csv", "--out", "canvas.csv/x.csv"], "Cannot write canvas.csv/x.csv"),
}


@pytest.mark.parametrize(("words", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_says_the_next_step_and_writes_nothing(words, message, here):
    with open_book("empty.db"):
        pass
    (here / "link.csv").symlink_to("canvas.csv")
    (here / "assignments" / "thirds").mkdir(parents=True)
    (here / "assignments" / "thirds" / "assignment.toml").touch()
    before = sorted(here.rglob("*"))
    code, out, err = run(*words)

    assert (code, out) == (2, "")
    assert message in err
    assert (here / "canvas.csv").read_bytes() == CANVAS.encode()
    assert sorted(here.rglob("*")) == before


def test_of_several_assignments_one_is_named(here):
    second_assignment()
    code, _, err = run("csv")

    assert code == 2
    assert "has several assignments: hw1, hw2. Say which with --assignment NAME." in err
    assert run("csv", "--assignment", "hw2")[:2] == (0, "hw2.csv\n")


def test_a_file_is_written_over_when_asked():
    assert run("csv", "--out", "canvas.csv", "--force")[0] == 0
    assert Path("canvas.csv").read_bytes() != CANVAS.encode()


def test_a_submission_of_no_assignment_is_named():
    with open_book("reports/gradebook.db") as book:
        book.record([entry("eve", 0, assignment="", title="", error="Not a notebook.")])
    code, out, err = run("csv")

    assert (code, out) == (0, "hw1.csv\n")
    assert "fit no assignment: eve." in err


def test_what_a_person_should_know_before_uploading_is_said():
    with open_book("reports/gradebook.db") as book:
        book.record([entry("eve", 0, late=True, checks=(verdict("sums"),))])
        book.change("hw1", "eve", "sums", 2, "ta", "nearly right")
        book.record([entry("eve", 1, late=True, checks=(verdict("sums", 1),))])
    _, _, err = run("csv")

    assert "do not count any more, since the grader now says something else (grade book --open): eve, sums." in err
    assert "nobody knows by how much, so that nothing was taken off: eve." in err


def test_a_report_that_shows_other_points_than_the_gradebook_is_named():
    _, _, err = run("feedback")

    assert "Their reports show the grader's points, which a person changed: Alice Smith (alice)." in err


def test_a_gradebook_may_be_named_by_the_environment(monkeypatch):
    Path("reports/gradebook.db").rename("other.db")
    monkeypatch.setenv("GRADE_BOOK", "other.db")

    assert run("csv")[0] == 0


@pytest.mark.parametrize("command", sorted(commands.commands["export"].commands))
def test_every_export_has_a_help_and_a_place_in_the_documentation(command):
    code, out, _ = run(command, "--help")

    assert code == 0
    assert "--out" in out
    assert f"grade export {command}" in (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
