"""Batches: finding notebooks, naming reports, and going on whatever happens to one of them."""

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeGrading, in_turn, question, result

from grader.batch import attempt, class_entries, run_batch, write_class
from grader.errors import (
    AssignmentError,
    HarnessError,
    OutputError,
    SubmissionError,
    UnknownAssignment,
    UsageError,
)
from grader.results import Result
from grader.submissions import named

CLASS = [Path("ada.ipynb"), Path("bob.ipynb"), Path("cyd.ipynb")]


class Written:
    """Remembers what was written, and fails for one name if told so."""

    def __init__(self, fails_for=None):
        self.names, self.fails_for = [], fails_for

    def __call__(self, outcome):
        if outcome.submission.name == self.fails_for:
            raise OutputError("The disk is full.")
        self.names.append(outcome.submission.name)
        return outcome


def write_summary(summary, out):
    write_class(class_entries(summary, out), out)


def grade_class(grading, *, written=None, on_done=lambda outcome: None, **options):
    return run_batch(named(CLASS), in_turn(grading), written or Written(), on_done, **options)


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
    def grading(submission):
        return result(submission.student, error="Not a notebook." if submission.student == "bob" else "")

    summary = grade_class(grading)

    assert (summary.graded, summary.exit_code) == (2, 1)
    assert summary.outcomes[1].reason == "Not a notebook."


def test_a_batch_that_came_to_nothing_has_nothing_to_tell():
    stopped = grade_class(FakeGrading({"ada": KeyboardInterrupt()}))
    trouble = AssignmentError("assignment.toml: line 3")
    broken = grade_class(FakeGrading({"bob": trouble, "cyd": trouble}))

    assert [summary.tells for summary in (stopped, broken, grade_class(FakeGrading()))] == [False, False, True]


def test_a_broken_assignment_ends_the_batch_and_keeps_what_is_done():
    broken = AssignmentError("assignment.toml: line 3")
    grading, written = FakeGrading({"ada": broken, "bob": broken}), Written()
    summary = grade_class(grading, written=written)

    assert grading.graded == ["ada", "bob"]
    assert written.names == []
    assert summary.exit_code == 2


def test_an_assignment_that_is_broken_for_one_only_ends_nothing():
    grading, written = FakeGrading({"bob": AssignmentError("Too many open files.")}), Written()
    summary = grade_class(grading, written=written)

    assert grading.graded == ["ada", "bob", "cyd"]
    assert sorted(written.names) == ["ada", "bob", "cyd"]
    assert (summary.graded, summary.exit_code, summary.tells) == (2, 1, True)


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


def test_what_was_written_is_the_outcome():
    def write(outcome):
        return replace(outcome, result=outcome.result.model_copy(update={"title": "as written"}))

    assert [one.title for one in grade_class(FakeGrading(), written=write).results] == ["as written"] * 3


def test_a_batch_of_thousands_keeps_no_result_in_memory():
    seen = []
    summary = grade_class(FakeGrading(), on_done=lambda outcome: seen.append(outcome.result), light=True)

    assert [one.student for one in seen] == ["ada", "bob", "cyd"]
    assert summary.results == []
    assert [outcome.entry.score for outcome in summary.outcomes] == [7, 7, 7]


def test_outcomes_come_in_any_order_and_are_summed_up_in_the_order_asked():
    def backwards(submissions):
        return (attempt(submission, FakeGrading()) for submission in reversed(submissions))

    seen = []
    summary = run_batch(named(CLASS), backwards, Written(), lambda outcome: seen.append(outcome.submission.name))

    assert seen == ["cyd", "bob", "ada"]
    assert [outcome.submission.name for outcome in summary.outcomes] == ["ada", "bob", "cyd"]


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
    (one,) = run_batch(submissions, in_turn(FakeGrading(trouble)), Written(), lambda outcome: None).results

    assert (one.student, one.submission) == ("bad?", "bad?.ipynb")
    assert one == Result.model_validate_json(one.model_dump_json())
