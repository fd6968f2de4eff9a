"""`grade book` as it is typed: the list, a student's history, and points given by hand."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from gradebook_made import DUE, RULE, entry, handed_in, ungraded

from grader.cli.book import book
from grader.cli.commands import commands
from grader.entries import Identity
from grader.gradebook import open_book
from grader.lateness import Deadline, late
from grader.results import ExecutionStatus

DAY = timedelta(days=1)
CLASS = (
    entry("ada", identity=Identity(id="17", name="Ada Student", email="ada@example.edu")),
    late(entry("bob", 2.0, 2.0, identity=handed_in(DUE + 2 * DAY, name="Sam Same")), RULE),
    entry("cy", 4.0, 2.0, pending=0.0, checks=(), questions=(), identity=Identity(late=True, name="Sam Same")),
    ungraded("dan", "It is no notebook."),
    entry("eve", 0.0, execution=ExecutionStatus.TIMED_OUT, seconds=90.0),
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Work in an empty folder, with no gradebook but those made there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADE_BOOK", raising=False)
    monkeypatch.setenv("LOGNAME", "tess")
    return tmp_path


@pytest.fixture
def kept():
    """A gradebook of five students where the command looks for it."""
    with open_book("reports/gradebook.db") as book:
        book.record(CLASS, {"tiny": RULE})
    return Path("reports/gradebook.db")


def grade(*words):
    """Run the command; return its exit code, standard output and standard error."""
    done = CliRunner().invoke(commands, [str(word) for word in words], prog_name="grade", catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def rows(*words):
    """Return the lines of the list, cell by cell."""
    code, out, err = grade("book", *words)
    assert code == 0, err
    return [line.split() for line in out.splitlines()[3:] if line.strip()]


def students(*words):
    return [row[0] for row in rows(*words)]


# --- the list -------------------------------------------------------------------------------------------------------


def test_everybody_is_listed_with_points_and_what_being_late_costs(kept):
    code, out, err = grade("book")
    lines = [" ".join(line.split()) for line in out.splitlines()]

    assert (0, "5 of 5 submissions.\n") == (code, err)
    assert "Student Name Points Open Late Final" in lines
    assert "ada Ada Student 4/11 5 4" in lines
    assert "bob Sam Same 4/11 5 2 days, -0.8 3.2" in lines
    assert "cy Sam Same 6/11 6 late, time unknown" in lines
    assert "dan - not graded: It is no notebook." in lines
    assert "eve 0/11 5 0 stopped after its time" in lines


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--failed"], ["dan", "eve"]),
        (["--open"], ["ada", "bob", "eve"]),
        (["--late"], ["bob", "cy"]),
        (["--late", "--open"], ["bob"]),
        (["--student", "ADA@example.edu"], ["ada"]),
        (["--assignment", "tiny", "--student", "17"], ["ada"]),
        (["--sort", "points"], ["dan", "eve", "bob", "ada", "cy"]),
        (["--sort", "open"], ["ada", "bob", "eve", "cy", "dan"]),
        (["--sort", "late"], ["bob", "ada", "cy", "dan", "eve"]),
        (["--sort", "seconds"], ["eve", "ada", "bob", "cy", "dan"]),
    ],
    ids=" ".join,
)
def test_the_list_is_filtered_and_sorted(kept, words, found):
    assert found == students(*words)


def test_what_is_to_be_looked_at_again_is_open(kept):
    with open_book(kept) as book:
        book.change("tiny", "ada", "test_loss", 1, "tess", "half")
        book.change("tiny", "ada", "q2text", 5, "tess", "good")
        book.record([replace(CLASS[0], checks=entry(loss=1.0).checks)])
    code, out, _ = grade("book", "--open", "--student", "ada")

    assert code == 0
    assert "1 change to look at again" in out


def test_nobody_fits(kept):
    assert (0, "", "0 of 1 submissions.\n") == grade("book", "--late", "--student", "ada")


def test_assignments_are_told_apart(kept):
    with open_book(kept) as book:
        book.record([entry("ada", assignment="later")])

    assert [["ada", "later"], ["ada", "tiny"]] == [[row[0], row[3]] for row in rows("--student", "ada")]


def test_json_has_it_all(kept):
    code, out, err = grade("book", "--json")
    told = json.loads(out)

    assert (0, "") == (code, err)
    assert ["ada", "bob", "cy", "dan", "eve"] == [one["student"] for one in told]
    assert [4, 3.2, 6, None, 0] == [one["final"] for one in told]
    assert "2026-03-04T23:59:00+00:00" == told[1]["identity"]["submitted"]
    assert [False, False, True, False, False] == [one["late_by_unknown"] for one in told]
    assert "needs_review" == told[0]["checks"][2]["status"]


def test_what_a_student_wrote_does_not_steer_the_terminal(kept):
    with open_book(kept) as book:
        book.record([entry("\x1b[31mfox\u202e", identity=Identity(name="[bold]x\ny"))])
    _, out, _ = grade("book")

    assert "\\x1b[31mfox\\u202e" in out
    assert "[bold]x\\ny" in out


# --- which book -----------------------------------------------------------------------------------------------------


def test_another_book_is_named_before_or_behind_the_command_or_in_the_environment(monkeypatch):
    with open_book("other.db") as book:
        book.record([entry("zoe")])

    assert ["zoe"] == students("--book", "other.db")
    assert grade("book", "--book", "other.db", "show", "zoe") == grade("book", "show", "zoe", "--book", "other.db")
    monkeypatch.setenv("GRADE_BOOK", "other.db")
    assert ["zoe"] == students()
    assert 0 == grade("book", "show", "zoe")[0]


def test_without_a_book_none_is_made(here):
    code, out, err = grade("book")

    assert (2, "") == (code, out)
    assert "reports/gradebook.db: no gradebook here. A batch makes one" in err
    assert [] == list(here.iterdir())


# --- one student ----------------------------------------------------------------------------------------------------


def test_the_history_of_a_student(kept):
    grade("book", "mark", "bob", "q2text", 4, "--why", "Nearly.")
    with open_book(kept) as book:
        book.record([late(replace(CLASS[1], score=6.0, checks=entry("bob", 4.0, 2.0).checks, digest="b2"), RULE)])
    code, out, err = grade("book", "show", "bob")
    lines = [line.strip() for line in out.splitlines()]

    assert (0, "") == (code, err)
    assert "bob (Sam Same): The tiny one" == lines[0]
    assert lines[1].startswith("1. 20") and lines[1].endswith("UTC  4/11 points  bob.ipynb (a1)")
    assert "handed in 2026-03-04 23:59 UTC, late 2 days, -0.8" == lines[2]
    assert lines[3].startswith("changed by hand: q2text 0 → 4 by tess, 20")
    assert lines[3].endswith(": Nearly.")
    assert "test_softmax: 2/4 partly right → 4/4 passed" in lines
    assert "Now: 6/11 points, 5 open, late 2 days, -1.2, final 4.8" in lines
    assert "q2text  0/5 needs review  Why" in lines
    assert "2 checks have all points (--all shows them)" in lines
    assert lines[-1].startswith("To look at again: q2text 0 → 4 by tess")
    assert lines[-1].endswith("The grader says now: 0/5 needs review")


def test_the_history_with_every_check(kept):
    _, some, _ = grade("book", "show", "ada")
    _, every, _ = grade("book", "show", "ada", "--all")

    assert ("test_softmax" not in some, "    test_softmax  4/4 passed  Softmax\n" in every) == (True, True)
    assert "    test_loss  0/2 failed (Sign Lost)  Loss\n" in some


def test_the_history_of_one_assignment_as_json(kept):
    with open_book(kept) as book:
        book.record([entry("ada", assignment="later")])
        book.change("later", "ada", "q2text", 5, "tess", "good")
    code, out, _ = grade("book", "show", "ada", "--assignment", "later", "--json")
    told = json.loads(out)

    assert (0, "ada") == (code, told["student"])
    assert [("later", 4)] == [(one["entry"]["assignment"], one["entry"]["final"]) for one in told["attempts"]]
    assert [["tess"]] == [[change["who"] for change in one["changes"]] for one in told["attempts"]]
    assert [9] == [one["final"] for one in told["now"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "adda"], "No student 'adda' in the gradebook. Did you mean 'ada'?"),
        (["show", "sam same"], "2 students are called 'sam same': bob, cy. Use one of these."),
        (["show", ""], "No student ''"),
        (["show", "ada", "--assignment", "tinny"], "No assignment 'tinny' in the gradebook. Did you mean 'tiny'?"),
        (["--assignment", "nothing"], "There are: tiny."),
        (["--student", "zz"], "No student 'zz' in the gradebook. All of them: grade book"),
        (["shwo", "ada"], "No command 'shwo'. Did you mean 'show'?"),
        (["ada"], "One student's history: grade book show ada"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_told_with_what_is_near(kept, words, message):
    code, out, err = grade("book", *words)

    assert (2, "") == (code, out)
    assert message in err


# --- points by hand -------------------------------------------------------------------------------------------------


def test_points_are_given_with_who_and_why(kept):
    told = grade("book", "mark", "Ada Student", "q2text", "4.5", "--why", "Nearly.")
    with open_book(kept) as book:
        (attempt,) = book.history("ada")
    (change,) = attempt.changes

    assert (0, "ada  tiny  q2text: 0 → 4.5  (now 8.5/11 points, final 8.5)\n", "") == told
    assert ("q2text", 4.5, "tess", "Nearly.") == (change.check, change.new, change.who, change.why)


def test_somebody_else_may_have_decided(kept):
    assert 0 == grade("book", "mark", "ada", "q2text", "4", "--why", "-", "--who", "Prof. B")[0]
    with open_book(kept) as book:
        assert "Prof. B" == book.history("ada")[0].changes[0].who


def test_with_several_assignments_one_has_to_be_named(kept):
    with open_book(kept) as book:
        book.record([entry("ada", assignment="later")])
    code, _, err = grade("book", "mark", "ada", "q2text", "4", "--why", "good")

    assert (2, "Error: ada did 2 assignments: later, tiny. Say which with --assignment NAME.\n") == (code, err)
    assert 0 == grade("book", "mark", "ada", "q2text", "4", "--why", "good", "--assignment", "later")[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ada", "q2text", "5.5", "--why", "x"], "q2text of ada: points lie between 0 and 5, not at 5.5."),
        (["ada", "q2text", "nan", "--why", "x"], "between 0 and 5"),
        (["ada", "q2text", "many", "--why", "x"], "'many' is not a valid float"),
        (["ada", "q2text", "5"], "Missing option '--why'"),
        (["ada", "q2text", "5", "--why", " "], "Say why q2text gets other points"),
        (["ada", "q2text", "5", "--why", "x", "--who", ""], "Say who gives"),
        (
            ["ada", "q2tex", "5", "--why", "x"],
            "tiny has no check 'q2tex'. Did you mean 'q2text'? All of them: grade book show ada --all",
        ),
        (["ada", "q2text", "5", "--why", "x", "--assignment", "t"], "No assignment 't'"),
        (["dan", "q2text", "5", "--why", "x"], "has no verdicts to change. It is no notebook."),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_marks_that_make_no_sense_change_nothing(kept, words, message):
    code, out, err = grade("book", "mark", *words)

    assert (2, "") == (code, out)
    assert message in err
    with open_book(kept) as book:
        assert () == book.history("ada")[0].changes


@pytest.mark.slow
def test_the_installed_command_does_it_all(kept):
    command = [sys.executable, "-m", "grader", "book"]
    marked = subprocess.run(
        [*command, "mark", "ada", "q2text", "5", "--why", "très bien"], capture_output=True, text=True, check=True
    )
    shown = subprocess.run([*command, "show", "ada"], capture_output=True, text=True, check=True)

    assert "q2text: 0 → 5" in marked.stdout
    assert "très bien" in shown.stdout
    assert "" == marked.stderr + shown.stderr


@pytest.mark.slow
def test_a_book_can_be_on_a_server(database):
    with open_book(database) as book:
        book.record(CLASS)

    assert 0 == grade("book", "mark", "ada", "q2text", "5", "--why", "good", "--book", database)[0]
    assert ["9/11", "9"] == rows("--book", database, "--student", "ada")[0][3:]


# --- the page -------------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "docs" / "gradebook.md"


@pytest.mark.parametrize("command", [book, *book.commands.values()], ids=lambda command: command.name)
def test_every_command_has_help_and_is_on_the_page(command):
    code, out, _ = grade("book", *([] if command is book else [command.name]), "--help")

    assert (0, True) == (code, command.help.splitlines()[0].split(",")[0] in out)
    assert f"$ grade book{'' if command is book else ' ' + command.name}" in PAGE.read_text(encoding="utf-8")


def test_every_option_of_the_list_and_every_key_of_a_rule_is_on_the_page():
    options = [option.opts[0] for option in book.params]

    assert [] == [word for word in options + list(Deadline.model_fields) if f"`{word}" not in PAGE.read_text("utf-8")]
