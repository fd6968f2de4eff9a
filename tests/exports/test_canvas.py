"""Canvas's gradebook: read back as Canvas imports it, filled into a downloaded one or written anew."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_entries import entry
from strict_readers import CanvasCourse, formulas

from grader.errors import UsageError
from grader.exports import canvas
from grader.exports.sheets import parse

NAN = float("nan")
DOWNLOADED = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,HW1 backprop (445566),Essay (7),Sums (8),Current Score\r\n"
    "    Points Possible,,,,,20.00,5.00,(read only),(read only)\r\n"
    ",,,,,Manual Posting,,,\r\n"
    '"Smith, Alice",12345,S001,asmith,DL-01,,4.00,1,80.00\r\n'
    '"Wang, Wei",12377,S002,wwang,DL-01,EX,,1,\r\n'
    '" Müller,  Jo ",12399,S003,jmueller,"DL-01 and DL-02",-,3.50,1,10.00\r\n'
    '"Smith, Bob",12400,S004,bsmith,DL-01,1.00,,1,\r\n'
    "    Student Test,99,,x,DL-01,,,,\r\n"
).encode()
COURSE = [
    ("12345", "S001", "asmith", "Alice Smith"),
    ("12377", "S002", "wwang", "Wei Wang"),
    ("12399", "S003", "jmueller", "Jo Müller"),
    ("12400", "S004", "bsmith", "Bob Smith"),
    ("99", "", "x", "Student Test"),
]


def course(assignments=None):
    return CanvasCourse(COURSE, assignments or {"445566": "HW1 backprop", "7": "Essay", "8": "Sums"})


def imported(data):
    """Import a file into the course and return the scores of the homework by student."""
    taker = course()
    taker.take(data)
    assert taker.made == []
    return {student: score for (student, assignment), score in taker.scores.items() if assignment == "445566"}


def filled(*entries, data=DOWNLOADED, column=None):
    return canvas.fill(parse(data), entries, column=column)


# --- into a downloaded file -------------------------------------------------------------------------------------------

ENTRIES = (
    entry("alice", 17.5, canvas_user="12345"),
    entry("wei", 3, id="S002"),
    entry("jmueller", 10 / 3),
    entry("hw1-b", 20, name="Bob Smith"),
)


def test_grades_arrive_where_they_belong():
    assert imported(filled(*ENTRIES).content) == {"12345": "17.50", "12377": "EX", "12399": "3.33", "12400": "20.00"}


def test_everything_but_the_column_is_as_it_was_byte_for_byte():
    wanted = DOWNLOADED.decode().replace("DL-01,,4.00", "DL-01,17.50,4.00").replace(",-,3.50", ",3.33,3.50")

    assert wanted.replace("DL-01,1.00,,", "DL-01,20.00,,").encode() == filled(*ENTRIES).content


def test_a_name_that_could_be_cut_stays_in_a_downloaded_file():
    data = DOWNLOADED.replace(b"Wang, Wei", b"Wang; =Wei")

    assert data != DOWNLOADED
    assert b'"Wang; =Wei"' in filled(ENTRIES[0], data=data).content


def test_it_says_who_is_missing_on_either_side_and_who_was_left_alone():
    done = filled(*ENTRIES[:2], entry("zoe", name="Zoë Zander"), entry("bsmith", 5, error="Not a notebook."))

    assert done.column == "HW1 backprop (445566)"
    assert done.filled == 1
    assert done.without_row == ("Zoë Zander (zoe)",)
    assert done.without_grade == ("Müller,  Jo", "Student Test")
    assert done.ungraded == ("bsmith",)
    assert done.kept == ("Wang, Wei",)


def test_a_submission_that_could_not_be_graded_leaves_a_blank():
    assert imported(filled(entry("bsmith", 5, error="Not a notebook.")).content) == {"12377": "EX"}


def test_points_are_those_after_late_days():
    assert imported(filled(entry("asmith", 17.5, penalty=2.25, late_days=1)).content)["12345"] == "15.25"


MATCHED = {
    "ID": ({"canvas_user": "12345"}, "12345"),
    "ID before everything else": ({"canvas_user": "12345", "id": "S002", "name": "Bob Smith"}, "12345"),
    "SIS User ID": ({"id": "s001"}, "12345"),
    "SIS User ID before the login": ({"id": "S001", "email": "bsmith"}, "12345"),
    "SIS Login ID": ({"id": "asmith"}, "12345"),
    "SIS Login ID that is an address": ({"email": "ASmith"}, "12345"),
    "login before the name": ({"id": "asmith", "name": "Bob Smith"}, "12345"),
    "name": ({"name": "Alice Smith"}, "12345"),
    "name as Canvas sorts it": ({"name": "Smith, Alice"}, "12345"),
    "name in another case and with spaces": ({"name": "alice  SMITH"}, "12345"),
    "name composed otherwise": ({"name": "Mu\u0308ller, Jo"}, "12399"),
    "nobody": ({"name": "Alice"}, None),
    "another person of the same name": ({"canvas_user": "777", "name": "Alice Smith"}, None),
}


@pytest.mark.parametrize(("whose", "student"), MATCHED.values(), ids=MATCHED.keys())
def test_students_are_recognised_by_the_surest_they_have(whose, student):
    scores = imported(filled(entry("someone", 11, **whose)).content)

    assert {one for one, score in scores.items() if score == "11.00"} == ({student} if student else set())


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", " +1", "＝1", "-x", "@x"])
def test_a_name_in_the_file_that_starts_a_formula_becomes_text_and_canvas_still_knows_whose_it_is(name):
    data = DOWNLOADED.decode().replace("Smith, Bob", name)
    done = filled(entry("bsmith", 11), data=data.encode())

    assert data.replace(f'"{name}"', f'"\'{name}"').replace("DL-01,1.00", "DL-01,11.00").encode() == done.content
    assert imported(done.content)["12400"] == "11.00"


def test_two_students_of_one_name_are_not_guessed():
    data = DOWNLOADED.replace(b"Smith, Bob", b"Smith, Alice")
    done = filled(entry("u", 11, name="Alice Smith"), data=data)

    assert (done.ambiguous, done.filled, done.content) == (("Alice Smith (u)",), 0, data)


def test_two_submissions_for_one_row_are_not_guessed():
    done = filled(entry("u", 11, id="S001"), entry("v", 12, id="S001"))

    assert done.ambiguous == ("u", "v")
    assert done.content == DOWNLOADED


def test_of_two_submissions_for_one_row_the_surer_one_has_it():
    done = filled(entry("u", 11, name="Alice Smith"), entry("v", 12, id="S001"))

    assert done.ambiguous == ("Alice Smith (u)",)
    assert imported(done.content)["12345"] == "12.00"


def test_semicolons_and_decimal_commas_stay():
    data = DOWNLOADED.decode().replace(", ", " ~").replace(",", ";").replace(".00", ",00").replace("3.50", "3,50")
    done = filled(*ENTRIES[:1], data=data.replace(" ~", ", ").encode())

    assert "12345;S001;asmith;DL-01;17,50;4,00;" in done.content.decode()
    assert imported(done.content)["12345"] == "17.50"


def test_last_and_first_names_may_have_columns_of_their_own():
    data = b"LastName,FirstName,ID,SIS Login ID,Section,HW1 (445566)\nSmith,Alice,12345,a,S,\n=Wang,-Wei,12377,,S,\n"
    done = filled(entry("u", 11, name="Alice Smith"), entry("v", 12, canvas_user="12377"), data=data, column="445566")

    assert (
        data.replace(b"a,S,", b"a,S,11.00").replace(b"=Wang,-Wei,12377,,S,", b"'=Wang,'-Wei,12377,,S,12.00")
        == done.content
    )


def test_points_possible_that_differ_are_told():
    assert filled(entry("asmith", 60, 100)).notes == (
        "The column 'HW1 backprop (445566)' is out of 20.00 points in the file, out of 100.00 here.",
    )
    assert filled(entry("asmith", 6, 20)).notes == ()


# --- which column -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["Essay", "7", "Essay (7)", " essay "])
def test_a_column_is_named_by_title_or_number(column):
    taker = course()
    taker.take(filled(entry("asmith", 2), column=column).content)

    assert taker.scores["12345", "7"] == "2.00"


TWICE = DOWNLOADED.replace(b"Essay (7)", b"HW1 backprop (7)")
WRONG_COLUMNS = {
    "a mistyped one": (DOWNLOADED, "Esay", r"no column is called 'Esay'\. Did you mean 'Essay'\? There are: HW1"),
    "two of that title": (TWICE, None, r"several columns are called .*HW1 backprop \(445566\), HW1 backprop \(7\)"),
    "a read-only one": (DOWNLOADED, "Sums", r"'Sums \(8\)' is read only: Canvas ignores"),
    "no assignment": (DOWNLOADED, "Current Score", "no column is called 'Current Score'"),
    "a student's own": (DOWNLOADED, "Section", "no column is called 'Section'"),
}


@pytest.mark.parametrize(("data", "column", "reason"), WRONG_COLUMNS.values(), ids=WRONG_COLUMNS.keys())
def test_a_column_that_cannot_be_filled_is_refused(data, column, reason):
    with pytest.raises(UsageError, match=reason):
        filled(entry("asmith"), data=data, column=column)


def test_of_two_columns_with_one_title_the_number_chooses():
    assert filled(entry("asmith"), data=TWICE, column="7").column == "HW1 backprop (7)"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Name,ID,Section,HW1\n", "not a gradebook from Canvas"),
        (b"Student,Login,Section,HW1\n", "not a gradebook from Canvas"),
        (b"Student,ID,HW1\n", "no column Section"),
        (b"", "not a gradebook from Canvas"),
    ],
    ids=["no Student", "no ID", "no Section", "empty"],
)
def test_another_file_is_refused(data, reason):
    with pytest.raises(UsageError, match=reason):
        filled(entry(), data=data)


# --- a file of our own ------------------------------------------------------------------------------------------------


def test_our_own_file_is_one_that_canvas_takes():
    taker = course({"445566": "HW1 backprop"})
    taker.take(canvas.whole([*ENTRIES[:2], entry("jmueller", NAN), entry("z", 1, name="Bob Smith")]).encode())

    assert taker.made == []
    assert taker.scores == {("12345", "445566"): "17.50", ("12377", "445566"): "3.00", ("12400", "445566"): "1.00"}


def test_the_login_is_what_we_know_when_nothing_else_is():
    _, _, row = csv.reader(io.StringIO(canvas.whole([entry("jmueller", 4)])))

    assert row == ["jmueller", "", "", "jmueller", "", "4.00"]


def test_our_own_file_names_the_column_as_asked():
    taker = course()
    taker.take(canvas.whole(ENTRIES[:1], column="Homework (445566)").encode())

    assert taker.scores == {("12345", "445566"): "17.50"}


HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "\t=1",
    "a\r\n=1",
    "x;=1",
    'x","=1',
    "\u202e=1",
    "\x1b[2J",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_starts_a_formula_whatever_students_are_called(name):
    content = canvas.whole([entry(name, name=name, id=name, section=name)], column=name)
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]

    assert not any(cell.strip()[:1] in set("=+-@＝＋－＠\t\r\n") for cell in cells if cell.strip())
    assert not any(char < " " for cell in cells for char in cell)
    assert formulas(content) == []


@given(st.lists(st.tuples(st.text(), st.floats(0, 100), st.text()), max_size=4))
def test_every_entry_has_a_row_that_reads_back(people):
    entries = [entry(f"s{number}", score, name=name, id=key) for number, (name, score, key) in enumerate(people)]
    content = canvas.whole(entries).encode("utf-8", "replace").decode()
    _, _, *rows = csv.reader(io.StringIO(content, newline=""), strict=True)

    assert [f"{score:.2f}" for _, score, _ in people] == [row[-1] for row in rows]
    assert {6} >= {len(row) for row in rows}
