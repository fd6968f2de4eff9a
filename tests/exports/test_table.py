"""The gradebook: what is in it, and what a spreadsheet must not take for a formula."""

import csv
import io
import unicodedata
from dataclasses import replace

import pytest
from fakes import question, result
from hypothesis import given
from hypothesis import strategies as st
from strict_readers import formulas

from grader.entries import Identity, entry_of
from grader.exports.cells import number, text
from grader.exports.table import gradebook_csv


def entry(result, **whose):
    return entry_of(result, name=result.student, identity=Identity(**whose))


def rows(results):
    return list(csv.reader(io.StringIO(gradebook_csv(map(entry, results)).removeprefix("\ufeff"), newline="")))


def test_a_line_per_submission_and_a_column_per_question():
    book = rows(
        [result("ada", question("q1", 10), question("q2", 2.5, 10, pending=5)), result("bob", question("q1", 0))]
    )

    assert book == [
        [
            *("student", "file", "assignment", "score", "max_score", "pending", "late_days", "penalty", "final"),
            *("q1", "q2", "status", "seconds", "error"),
        ],
        ["ada", "ada.ipynb", "tiny", "12.5", "20", "5", "0", "0", "12.5", "10", "2.5", "completed", "3", ""],
        ["bob", "bob.ipynb", "tiny", "0", "10", "0", "0", "0", "0", "0", "", "completed", "3", ""],
    ]


def test_people_have_columns_of_their_own_when_asked_for():
    whose = {"id": "S1", "name": "=Ada", "email": "ada@example.edu", "section": "A"}
    text = gradebook_csv([entry(result("ada", question("q1", 7)), **whose)], people=True)
    (line,) = csv.DictReader(io.StringIO(text))

    assert whose | {"name": "'=Ada", "student": "ada"} == {name: line[name] for name in (*whose, "student")}


def test_what_late_days_cost_is_in_the_final_score():
    late = replace(entry(result("ada", question("q1", 7))), late_days=2, penalty=1.5)
    (line,) = csv.DictReader(io.StringIO(gradebook_csv([late])))

    assert (line["score"], line["late_days"], line["penalty"], line["final"]) == ("7", "2", "1.5", "5.5")


def test_a_submission_that_could_not_be_graded_has_a_reason_and_no_zero():
    _, line = rows([result("ada", question("q1", 0), error="Not a\nnotebook.")])

    assert line == ["ada", "ada.ipynb", "tiny", "", "10", "0", "0", "0", "", "", "not_run", "3", "Not a notebook."]


def test_an_empty_batch_has_a_heading():
    assert rows([])[0][:3] == ["student", "file", "assignment"]


@pytest.mark.parametrize(("student", "marked"), [("ada", False), ("Zoë", True)], ids=["ASCII", "more than ASCII"])
def test_a_byte_order_mark_where_excel_needs_one(student, marked):
    assert gradebook_csv([entry(result(student))]).startswith("\ufeff") is marked


NUMBERS = {
    "whole": (62.0, "62"),
    "half": (62.5, "62.5"),
    "rounded": (10 / 3, "3.33"),
    "small": (0.001, "0"),
    "small negative": (-0.001, "0"),
    "large": (1234567.0, "1234567"),
    "ten": (10.0, "10"),
    "not a number": (float("nan"), ""),
    "infinite": (float("inf"), ""),
}


@pytest.mark.parametrize(("value", "written"), NUMBERS.values(), ids=NUMBERS.keys())
def test_numbers_have_at_most_two_decimals(value, written):
    assert written == number(value)


FORMULAS = {
    "equals": "=1+1",
    "plus": "+1",
    "minus": "-1",
    "at": "@SUM(A1)",
    "space before": "  =1",
    "full-width equals": "＝1",
    "full-width plus": "＋1",
    "full-width minus": "－1",
    "full-width at": "＠SUM(A1)",
    "small equals": "﹦1",
    "invisible character before": "\u200b=1",
    "byte-order mark before": "\ufeff=1",
    "no-break space before": "\u00a0=1",
}


@pytest.mark.parametrize("value", FORMULAS.values(), ids=FORMULAS.keys())
def test_what_looks_like_a_formula_becomes_text(value):
    assert text(value) == f"'{value}"


CUT = {
    "semicolon": ("x;=1", "x;'=1"),
    "comma": ("x,=1", "x,'=1"),
    "space behind": ("x; -1", "x;' -1"),
    "several": ("x;;=1;@a", "x;;'=1;'@a"),
    "quote behind": ('x;"=1', "x;'\"=1"),
    "quote before": ('"=1', "'\"=1"),
    "invisible character behind": ("x;\u200b=1", "x;'\u200b=1"),
    "tab": ("x\t=1", "x =1"),
    "a sign that is crossed out": (" =\u0338", "' =\u0338"),
}


@pytest.mark.parametrize(("value", "cell"), CUT.values(), ids=CUT.keys())
def test_no_part_of_a_text_that_is_cut_becomes_a_formula(value, cell):
    assert cell == text(value)


STEERING = {
    "tab": ("\t=1", "' =1"),
    "carriage return": ("\r=1", "' =1"),
    "line feed": ("\n=1", "' =1"),
    "a second line": ("ada\nError: all is lost", "ada Error: all is lost"),
    "line separator": ("a\u2028b", "a b"),
    "escape": ("\x1b[2Jada", "\ufffd[2Jada"),
    "escape of eight bits": ("\x9b2Jada", "\ufffd2Jada"),
    "turned writing direction": ("ada\u202efdp.ipynb", "ada\ufffdfdp.ipynb"),
    "isolated writing direction": ("\u2066=1", "\ufffd=1"),
    "a byte that is no text": ("bad\udcff", "bad\ufffd"),
}


@pytest.mark.parametrize(("value", "cell"), STEERING.values(), ids=STEERING.keys())
def test_what_steers_a_terminal_or_hides_text_is_replaced(value, cell):
    assert cell == text(value)


@pytest.mark.parametrize("value", ["ada", "O'Neill", "a=b", "Müller-Lüdenscheid", "王伟", "", "3", "Smith, A.; B"])
def test_other_text_stays_as_it_is(value):
    assert text(value) == value


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=5))
def test_whatever_students_are_called_no_cell_starts_a_formula_and_no_line_is_lost(names):
    _, *book = rows([result(name) for name in names])

    assert [line[0] for line in book] == [text(name) for name in names]
    assert not any(unicodedata.category(char) == "Cc" for line in book for cell in line for char in cell)
    assert not any(cell[:1] in set("=+-@\t\r＝＋－＠") for line in book for cell in line if cell)


@given(st.lists(st.text("=+-@＝,;\t\"' \u200b\nax1"), min_size=1, max_size=3))
def test_wherever_a_spreadsheet_cuts_a_line_no_part_starts_a_formula(names):
    found = [entry(result(name, question(name, 7), error=name), id=name, name=name, section=name) for name in names]

    assert formulas(gradebook_csv(found, people=True)) == []


def test_texts_have_quotes_and_numbers_have_none():
    _, line = gradebook_csv([entry(result('a"b', question("q1", 2.5)))]).splitlines()

    assert line == '"a""b","a""b.ipynb","tiny",2.5,10,0,0,0,2.5,2.5,"completed",3,'


@given(st.from_regex(r"[=+\-@＝＋－＠]\w{0,5}[,\";]?", fullmatch=True))
def test_a_guarded_text_comes_back_behind_its_apostrophe(name):
    assert rows([result(name)])[1][0] == f"'{name}"
