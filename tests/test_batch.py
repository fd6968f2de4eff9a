"""Batches: finding notebooks, naming reports, and going on whatever happens to one of them."""

import csv
import os
import shutil
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import FakeGrading, question, result
from hypothesis import example, given
from hypothesis import strategies as st

from grader.batch import (
    find_notebooks,
    named,
    require_writable,
    run_batch,
    safe_name,
    write_summary,
)
from grader.errors import (
    AssignmentError,
    HarnessError,
    OutputError,
    SubmissionError,
    UnknownAssignment,
    UsageError,
)
from grader.results import Result

CLASS = [Path("ada.ipynb"), Path("bob.ipynb"), Path("cyd.ipynb")]


class Written:
    """Remembers what was written, and fails for one name if told so."""

    def __init__(self, fails_for=None):
        self.names, self.fails_for = [], fails_for

    def __call__(self, submission, result):
        if submission.name == self.fails_for:
            raise OutputError("The disk is full.")
        self.names.append(submission.name)
        return result


def grade_class(grading, *, written=None, on_done=lambda outcome: None, **options):
    return run_batch(named(CLASS), grading, written or Written(), on_done, **options)


# --- running --------------------------------------------------------------------------------------------------------


def test_every_submission_is_graded_written_and_reported_in_order():
    written, seen = Written(), []
    summary = grade_class(FakeGrading(), written=written, on_done=lambda outcome: seen.append(outcome.submission.name))

    assert ["ada", "bob", "cyd"] == written.names == seen
    assert (summary.graded, summary.total, summary.exit_code, summary.stopped) == (3, 3, 0, False)


OURS = "A fault of the grader, not of the submission: "
TROUBLE = {
    "the student's file": (SubmissionError("Not a notebook."), "Not a notebook."),
    "no known assignment": (UnknownAssignment("It fits nothing."), "It fits nothing."),
    "the machine": (HarnessError("No kernel."), "No kernel."),
    "a file that went away": (UsageError("bob.ipynb does not exist."), "bob.ipynb does not exist."),
    "a bug": (
        ZeroDivisionError("division"),
        f"{OURS}ZeroDivisionError: division",
    ),
    "memory": (MemoryError(), f"{OURS}MemoryError"),
}


@pytest.mark.parametrize(("error", "reason"), TROUBLE.values(), ids=TROUBLE.keys())
def test_a_failure_stays_with_its_submission(error, reason):
    written = Written()
    summary = grade_class(FakeGrading({"bob": error}), written=written)

    assert written.names == ["ada", "bob", "cyd"]
    assert [one.error for one in summary.results] == ["", reason, ""]
    assert (summary.graded, summary.exit_code) == (2, 1)


def test_a_result_that_says_it_was_not_graded_counts_as_such():
    def grading(path):
        return result(path.stem, error="Not a notebook." if path.stem == "bob" else "")

    summary = grade_class(grading)

    assert (summary.graded, summary.exit_code) == (2, 1)
    assert summary.outcomes[1].reason == "Not a notebook."


def test_a_broken_assignment_ends_the_batch_and_keeps_what_is_done():
    grading, written = FakeGrading({"bob": AssignmentError("assignment.toml: line 3")}), Written()
    summary = grade_class(grading, written=written)

    assert grading.graded == ["ada", "bob"]
    assert written.names == ["ada"]
    assert summary.exit_code == 2


def test_ctrl_c_ends_the_batch_and_keeps_what_is_done():
    summary = grade_class(FakeGrading({"bob": KeyboardInterrupt()}))

    assert (summary.stopped, summary.graded, summary.total) == (True, 1, 3)
    assert [submission.name for submission in summary.remaining] == ["bob", "cyd"]


def test_a_report_that_cannot_be_written_does_not_stop_the_others():
    written = Written(fails_for="bob")
    summary = grade_class(FakeGrading(), written=written)

    assert written.names == ["ada", "cyd"]
    assert [outcome.reason for outcome in summary.outcomes] == ["", "The disk is full.", ""]
    assert [one.error for one in summary.results] == ["", "There is no report: The disk is full.", ""]
    assert summary.exit_code == 1


def test_what_was_written_is_the_result():
    def write(submission, given):
        return given.model_copy(update={"title": "as written"})

    assert [one.title for one in grade_class(FakeGrading(), written=write).results] == ["as written"] * 3


def test_an_executor_can_do_the_work():
    with ThreadPoolExecutor(2) as pool:
        summary = grade_class(FakeGrading({"bob": SubmissionError("No.")}), run=pool.map)

    assert [outcome.submission.name for outcome in summary.outcomes] == ["ada", "bob", "cyd"]
    assert summary.graded == 2


def test_the_overview_and_the_gradebook_have_everybody(tmp_path):
    summary = grade_class(FakeGrading({"bob": SubmissionError("Not a notebook.")}))
    write_summary(summary, tmp_path)
    with (tmp_path / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        book = list(csv.DictReader(file))

    assert [(line["student"], line["score"], line["error"]) for line in book] == [
        ("ada", "7", ""),
        ("bob", "", "Not a notebook."),
        ("cyd", "7", ""),
    ]
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}.html"' in page for name in ("ada", "bob", "cyd"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gradebook.csv", "index.html"]


def book(folder):
    """Return student, score and error of every line of a gradebook."""
    with (folder / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        return [(line["student"], line["score"], line["error"]) for line in csv.DictReader(file)]


def test_the_overview_does_not_link_to_a_report_that_could_not_be_written(tmp_path):
    write_summary(grade_class(FakeGrading(), written=Written(fails_for="bob")), tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")

    assert book(tmp_path)[1] == ("bob", "", "There is no report: The disk is full.")
    assert 'href="ada.html"' in page
    assert "bob.html" not in page


NOTHING_TO_TELL = {
    "stopped at once": {"ada": KeyboardInterrupt()},
    "the assignment is broken": {"bob": AssignmentError("assignment.toml: line 3")},
}


@pytest.mark.parametrize("trouble", NOTHING_TO_TELL.values(), ids=NOTHING_TO_TELL.keys())
def test_a_batch_with_nothing_to_tell_leaves_the_old_files_alone(trouble, tmp_path):
    for name in ("gradebook.csv", "index.html"):
        (tmp_path / name).write_text("of last week")
    write_summary(grade_class(FakeGrading(trouble)), tmp_path)

    assert [(tmp_path / name).read_text() for name in ("gradebook.csv", "index.html")] == ["of last week"] * 2


def test_a_stopped_batch_lists_the_others_as_they_were_before(tmp_path):
    earlier = result("bob", question("q1", 3)).model_dump_json()
    (tmp_path / "bob.json").write_text(earlier)
    (tmp_path / "bob.html").touch()
    (tmp_path / "cyd.json").write_text(earlier)  # somebody else's
    write_summary(grade_class(FakeGrading({"bob": KeyboardInterrupt()})), tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")

    assert book(tmp_path) == [
        ("ada", "7", ""),
        ("bob", "3", ""),
        ("cyd", "", "The grading was stopped before this notebook."),
    ]
    assert 'href="bob.html"' in page
    assert "cyd.html" not in page


@pytest.mark.parametrize("trouble", [{}, {"bad\udcff": UsageError("bad\udcff is gone")}], ids=["graded", "not graded"])
def test_a_name_that_is_no_text_stops_nothing(trouble, tmp_path):
    submissions = named([tmp_path / os.fsdecode(b"bad\xff.ipynb")])
    (one,) = run_batch(submissions, FakeGrading(trouble), Written(), lambda outcome: None).results

    assert (one.student, one.submission) == ("bad?", "bad?.ipynb")
    assert one == Result.model_validate_json(one.model_dump_json())


# --- finding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A folder as it comes from a course: notebooks, what Jupyter and a Mac leave beside them, and other files."""
    for name in (
        "bob.ipynb",
        "ada.ipynb",
        "late/cyd.IPYNB",
        "notes.txt",
        "._ada.ipynb",
        ".ipynb_checkpoints/ada-checkpoint.ipynb",
        "late/.hidden/eve.ipynb",
    ):
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (tmp_path / "class" / "folder.ipynb").mkdir()
    return tmp_path / "class"


def test_a_folder_is_every_notebook_below_it(folder):
    names = [path.relative_to(folder).as_posix() for path in find_notebooks([folder])]

    assert names == ["ada.ipynb", "bob.ipynb", "late/cyd.IPYNB"]


def test_a_notebook_named_twice_is_graded_once(folder):
    found = find_notebooks([folder / "bob.ipynb", folder, folder / "late" / ".." / "ada.ipynb"])

    assert [path.name for path in found] == ["bob.ipynb", "ada.ipynb", "cyd.IPYNB"]


def test_a_file_is_taken_whatever_it_is_called(folder):
    assert [folder / "notes.txt"] == find_notebooks([folder / "notes.txt"])


def test_a_folder_without_notebooks_is_a_wrong_command(folder):
    shutil.rmtree(folder / "late")
    (folder / "late").mkdir()

    with pytest.raises(UsageError, match=r"late: no notebooks \(\*\.ipynb\)"):
        find_notebooks([folder / "late"])


def test_a_missing_file_is_a_wrong_command(folder):
    with pytest.raises(UsageError, match=r"eve\.ipynb does not exist"):
        find_notebooks([folder / "eve.ipynb"])


def test_a_pipe_is_a_wrong_command(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")

    with pytest.raises(UsageError, match="neither a file nor a folder"):
        find_notebooks([tmp_path / "pipe.ipynb"])


@pytest.mark.parametrize("target", ["loop.ipynb", "nowhere.ipynb"], ids=["to itself", "to nothing"])
def test_a_link_that_leads_nowhere_fails_alone(folder, target):
    (folder / "loop.ipynb").symlink_to(target)
    found = find_notebooks([folder])

    assert [path.name for path in found] == ["ada.ipynb", "bob.ipynb", "cyd.IPYNB", "loop.ipynb"]
    assert [one.name for one in named([*found, folder / "late" / "loop.ipynb"])][-2:] == ["class-loop", "late-loop"]


def test_a_link_to_nothing_is_called_so(tmp_path):
    (tmp_path / "hw.ipynb").symlink_to("/nonexistent")

    with pytest.raises(UsageError, match=r"hw\.ipynb is a link to '/nonexistent', which does not lead to anything\."):
        find_notebooks([tmp_path / "hw.ipynb"])


@pytest.fixture
def locked(monkeypatch):
    """Make folders of that name unreadable, also for root."""
    scandir = os.scandir

    def refuse(place):
        if Path(place).name == "locked":
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", refuse)


def test_a_folder_that_cannot_be_read_is_left_out(folder, locked):
    (folder / "locked").mkdir()
    skipped = []
    found = find_notebooks([folder], skipped.append)

    assert [path.name for path in found] == ["ada.ipynb", "bob.ipynb", "cyd.IPYNB"]
    assert [error.filename for error in skipped] == [str(folder / "locked")]


def test_when_no_folder_can_be_read_the_command_is_wrong(tmp_path, locked):
    (tmp_path / "locked").mkdir()

    with pytest.raises(UsageError, match=r"locked: cannot be read \(Permission denied\)"):
        find_notebooks([tmp_path])


# --- naming ---------------------------------------------------------------------------------------------------------

NAMES = {
    "plain": ("alice", "alice"),
    "dots": ("hw2.final", "hw2.final"),
    "spaces": ("Copy of  hw 2", "Copy_of_hw_2"),
    "letters of other scripts": ("Zoë_王伟_अदिति", "Zoë_王伟_अदिति"),
    "brackets": ("alice (1)", "alice_1"),
    "leading dash": ("-rf", "rf"),
    "dots only": ("..", "notebook"),
    "quotes": ("a\"b'c", "a_b_c"),
    "slashes": ("../../etc/passwd", "etc_passwd"),
    "markup": ("<script>", "script"),
    "control characters": ("a\x1b[31mb\nc\0d", "a_31mb_c_d"),
    "turned writing direction": ("a\u202eb", "a_b"),
    "bytes that are no text": ("a\udcffb", "a_b"),
    "nothing left": ("???", "notebook"),
    "the batch's own page": ("Index", "Index-notebook"),
}


@pytest.mark.parametrize(("stem", "name"), NAMES.values(), ids=NAMES.keys())
def test_names_of_reports_are_safe(stem, name):
    assert name == safe_name(stem)


def test_a_long_name_is_cut_and_stays_different_from_others():
    first, second = safe_name("x" * 300), safe_name("x" * 299 + "y")

    assert (len(first), len(second)) == (100, 100)
    assert first != second


def test_notebooks_of_the_same_name_are_told_apart_by_their_folders(tmp_path):
    submissions = named([tmp_path / "ada" / "hw.ipynb", tmp_path / "bob" / "HW.ipynb", tmp_path / "cyd.ipynb"])

    assert [(one.name, one.student) for one in submissions] == [
        ("ada-hw", "ada-hw"),
        ("bob-HW", "bob-HW"),
        ("cyd", "cyd"),
    ]


def test_folders_of_the_same_name_are_told_apart_by_numbers(tmp_path):
    submissions = named([tmp_path / group / "ada" / "hw.ipynb" for group in "abc"])

    assert [one.name for one in submissions] == ["ada-hw", "ada-hw-2", "ada-hw-3"]


def test_the_student_of_a_notebook_graded_in_a_batch_is_the_one_it_was_told_apart_by(tmp_path):
    submissions = named([tmp_path / "ada" / "hw.ipynb", tmp_path / "bob" / "hw.ipynb"])
    summary = run_batch(submissions, FakeGrading(), Written(), lambda outcome: None)

    assert [one.student for one in summary.results] == ["ada-hw", "bob-hw"]


STEMS = st.text(max_size=60).filter(lambda stem: "/" not in stem and "\0" not in stem)


@given(st.lists(STEMS, max_size=8))
@example(["a", "A", "a-2", "parent-a", "PARENT-A"])
@example(["ß", "ss", "SS", "e\u0301", "é"])
def test_no_two_reports_share_a_file_and_none_leaves_its_folder(stems):
    names = [one.name for one in named([Path("parent", f"{stem}.ipynb") for stem in stems])]

    assert len({unicodedata.normalize("NFC", name.casefold()) for name in names}) == len(stems)
    assert all(Path(f"{name}.html").name == f"{name}.html" and not name.startswith((".", "-")) for name in names)
    assert all(len(f"{name}.html".encode()) <= 255 for name in names)


# --- the output folder ----------------------------------------------------------------------------------------------


def test_looking_at_the_output_folder_leaves_nothing_behind(tmp_path):
    require_writable(tmp_path / "new" / "reports")
    require_writable(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_that_cannot_be_made_is_said_before_anything_is_graded(tmp_path):
    (tmp_path / "reports").write_text("a file")

    with pytest.raises(OutputError, match=r"Cannot write in .*reports: File exists\. Choose another folder"):
        require_writable(tmp_path / "reports")


def test_an_output_folder_that_is_a_link_to_nothing_is_called_so(tmp_path):
    (tmp_path / "reports").symlink_to("nowhere")

    with pytest.raises(OutputError, match="reports: it is a link to 'nowhere', which does not lead to anything"):
        require_writable(tmp_path / "reports")
