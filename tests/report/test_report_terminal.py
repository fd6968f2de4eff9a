"""The table in the terminal: complete, and no student can send the terminal a command."""

from __future__ import annotations

import io

import pytest
from report_samples import FORGOTTEN, check, question, realistic, result
from rich.console import Console

from grader.report import terminal
from grader.results import Execution, ExecutionStatus, Result, Status

EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m[bold red]x[/bold red] [link=https://evil.example]y[/link] :smile: \u202e\x08\r"


def shown(given: Result, *, width: int = 100, encoding: str = "utf-8", colour: bool = False) -> str:
    """Return what the terminal is sent."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="")
    console = Console(file=file, width=width, force_terminal=colour, color_system="standard" if colour else None)
    terminal.show(given, console)
    file.flush()
    return raw.getvalue().decode(encoding)


def test_questions_checks_points_and_total_are_there():
    lines = [" ".join(line.split()) for line in shown(realistic()).splitlines()]

    assert "Backpropagation: from proofs to pixels: alice" in lines
    assert "Q2 The Jacobian of softmax ◐ partly right 2 / 15" in lines
    assert "both sides of each edge ✓ passed 4 / 4" in lines
    assert "weights start with the right variance ! our error 0 / 10" in lines
    assert "21.5 of 80 points; 25 points wait for a person (graded without a sandbox)" in lines


def test_failed_checks_are_explained_beneath():
    text = shown(realistic())

    assert "6 of its 9 values are wrong" in text
    assert f"What probably happened: {FORGOTTEN.title}" in text
    assert "What to try: Look at the entries" in text
    assert "the file began with a byte-order mark" in text
    assert "All 40 points agree" not in text


@pytest.mark.parametrize("status", Status, ids=lambda status: status.value)
def test_every_status_has_a_word(status):
    words = {
        Status.PASSED: "✓ passed",
        Status.FAILED: "✗ failed",
        Status.ERROR: "! our error",
        Status.NOT_REACHED: "– not reached",
        Status.NOT_ATTEMPTED: "○ not attempted",
        Status.NEEDS_REVIEW: "… needs review",
    }

    assert words[status] in shown(result((question(1, (check(status),), status),)))


@pytest.mark.parametrize("colour", [False, True], ids=["plain", "colour"])
def test_no_escape_of_a_student_reaches_the_terminal(colour):
    bad = check(
        Status.FAILED, title=EVIL, message=EVIL, hint=EVIL, diagnosis=FORGOTTEN.model_copy(update={"title": EVIL})
    )
    execution = Execution(status=ExecutionStatus.DIED, message=EVIL, notes=(EVIL,))
    given = result(
        (question(1, (bad,), Status.FAILED),), student=EVIL, title=EVIL, repairs=(EVIL,), execution=execution
    )
    text = shown(given, colour=colour)

    assert "[bold red]x[/bold red]" in text.replace("\n", "")
    assert not set(text) & set("\x07\x08\x9b\u202e\r")
    assert "owned" not in text
    assert "\x1b[2J" not in text
    assert "\x1b]" not in text
    assert colour or "\x1b" not in text


def test_an_error_comes_first():
    given = result((), error="This is not JSON.", execution=Execution(status=ExecutionStatus.NOT_RUN))

    assert shown(given).splitlines()[1] == "This notebook could not be graded. This is not JSON."


def test_a_notebook_of_no_assignment_has_neither_title_nor_points():
    given = result((), title="", assignment="", error="This is not JSON.")

    assert shown(given) == "alice\nThis notebook could not be graded. This is not JSON.\n"


def test_a_check_that_broke_says_the_last_line_of_what_happened():
    broken = check(Status.ERROR, detail="Traceback:\n  File 'x'\nNameError: name 'lenght' is not defined\n")
    text = shown(result((question(1, (broken,), Status.ERROR),)))

    assert "! Q1  `box` is right on a grid\n  What broke: NameError: name 'lenght' is not defined\n" in text
    assert "Traceback" not in text


def test_no_line_ends_in_blanks_where_nobody_watches():
    assert [line for line in shown(realistic()).splitlines() if line != line.rstrip()] == []


def test_a_terminal_without_unicode_gets_ascii():
    text = shown(realistic(), encoding="ascii")

    assert "+ passed" in text
    assert "x failed" in text


def test_a_narrow_terminal_wraps_and_loses_nothing():
    text = shown(realistic(), width=50)

    assert max(map(len, text.splitlines())) <= 50
    assert "12 / 20" in text
    assert "needs review" in text


def test_a_very_narrow_terminal_puts_the_points_below():
    text = shown(realistic(), width=30)

    assert max(map(len, text.splitlines())) <= 30
    assert "    both sides of each edge\n      ✓ passed  4 / 4\n" in text


def test_a_long_message_is_cut_in_the_middle():
    given = result((question(1, (check(Status.FAILED, message="a" * 50_000),), Status.FAILED),))

    assert "characters left out" in shown(given)
    assert len(shown(given)) < 5_000
