"""Moodle's grading worksheet: read back as Moodle imports it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_entries import entry, part, verdict
from strict_readers import formulas, moodle_takes

from grader.errors import UsageError
from grader.exports import moodle
from grader.exports.comment import comment
from grader.exports.sheets import parse

HEADER = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
)
MODIFIED = '"Monday, 3 March 2025, 9:15 PM"'
DOWNLOADED = (
    HEADER
    + f"Participant 12345,Alice Smith,alice@example.edu,Submitted for grading,,20.00,Yes,{MODIFIED},-,\n"
    + f'Participant 12346,Wei Wang,wei@example.edu,Submitted,3.00,20.00,Yes,{MODIFIED},{MODIFIED},"Well, done"\n'
    + "Participant 12347,Jo Müller,jo@example.edu,No submission,,20.00,No,-,-,\n"
    + "Participant 12348,Bob Smith,bob@example.edu,No submission,,20.00,Yes,-,-,\n"
).encode()


def filled(*entries, data=DOWNLOADED):
    return moodle.fill(parse(data), entries)


def test_grades_and_comments_arrive_where_they_belong():
    done = filled(
        entry("alice", 17.5, moodle_participant="12345", questions=(part("q1", 10), part("q2", 7.5))),
        entry("wei", 4, email="wei@example.edu"),
    )

    assert moodle_takes(done.content) == {
        "12345": ("17.50", "Points: Q1 10 of 10, Q2 7.5 of 10."),
        "12346": ("4.00", "Well, done"),
        "12348": ("", ""),
    }


def test_everything_else_is_as_it_was_byte_for_byte():
    done = filled(entry("wei", 4, name="Wei Wang"))

    assert DOWNLOADED.replace(b"Submitted,3.00,", b"Submitted,4.00,") == done.content


def test_lines_ends_mark_and_decimal_comma_stay():
    data = DOWNLOADED.replace(b"20.00", b'"20,00"').replace(b"3.00", b'"3,00"').replace(b"\n", b"\r\n")
    done = filled(entry("wei", 4, name="Wei Wang"), data=b"\xef\xbb\xbf" + data)

    assert b"\xef\xbb\xbf" + data.replace(b'"3,00"', b'"4,00"') == done.content
    assert moodle_takes(done.content)["12346"][0] == "4.00"


def test_it_says_who_is_missing_on_either_side_and_who_was_left_alone():
    done = filled(entry("jo", name="Jo Müller"), entry("zoe"), entry("bob@example.edu", 1, error="No notebook."))

    assert done.kept == ("Jo Müller (Participant 12347)",)
    assert done.without_row == ("zoe",)
    assert done.without_grade == ("Alice Smith (Participant 12345)", "Wei Wang (Participant 12346)")
    assert done.ungraded == ("bob@example.edu",)
    assert done.filled == 0


MATCHED = {
    "participant": ({"moodle_participant": "12345"}, "12345"),
    "participant before the address": ({"moodle_participant": "12345", "email": "bob@example.edu"}, "12345"),
    "participant of another assignment": ({"moodle_participant": "9", "name": "Alice Smith"}, None),
    "address": ({"email": "Alice@Example.edu", "name": "Bob Smith"}, "12345"),
    "name": ({"name": "Alice Smith"}, "12345"),
    "nobody": ({"name": "Alice"}, None),
}


@pytest.mark.parametrize(("whose", "participant"), MATCHED.values(), ids=MATCHED.keys())
def test_students_are_recognised_by_the_surest_they_have(whose, participant):
    taken = moodle_takes(filled(entry("someone", 11, **whose)).content)

    assert {one for one, (grade, _) in taken.items() if grade == "11.00"} == ({participant} if participant else set())


def test_an_id_number_is_used_where_there_is_one():
    data = DOWNLOADED.replace(b"Full name,", b"Full name,ID number,").replace(b"Alice Smith,", b"Alice Smith,S001,")
    data = data.replace(b"Wei Wang,", b"Wei Wang,,").replace("Müller,".encode(), "Müller,,".encode())

    assert moodle_takes(filled(entry("x", 5, id="S001"), data=data.replace(b"Bob Smith,", b"Bob Smith,,")).content)[
        "12345"
    ] == ("5.00", "Points: 5 of 20.")


def test_two_students_of_one_name_are_not_guessed():
    data = DOWNLOADED.replace(b"Bob Smith", b"Alice Smith")
    done = filled(entry("x", 11, name="Alice Smith"), data=data)

    assert (done.ambiguous, done.content) == (("Alice Smith (x)",), data)


def test_a_name_in_the_worksheet_that_starts_a_formula_becomes_text():
    data = DOWNLOADED.replace(b"Bob Smith", b"=1+1")
    done = filled(entry("bob@example.edu", 2), data=data)

    assert b",'=1+1," in done.content
    assert moodle_takes(done.content)["12348"][0] == "2.00"


def test_a_comment_of_ours_from_an_earlier_time_is_renewed():
    once = filled(entry("alice", 3, name="Alice Smith"))
    twice = filled(entry("alice", 19, name="Alice Smith"), data=once.content)

    assert moodle_takes(twice.content)["12345"] == ("19.00", "Points: 19 of 20.")


def test_a_maximum_that_differs_is_told():
    assert filled(entry("alice", 60, 100, name="Alice Smith")).notes == (
        "The worksheet's grade is out of 20.00 points in the file, out of 100.00 here.",
    )


@pytest.mark.parametrize("missing", ["Identifier", "Grade", "Last modified (grade)"])
def test_a_column_moodle_needs_is_asked_for_by_name(missing):
    data = DOWNLOADED.decode().replace(f"{missing},", "Anderes,", 1).encode()

    with pytest.raises(UsageError, match="not a grading worksheet from Moodle") as error:
        filled(entry(), data=data)
    assert repr(missing) in str(error.value)


# --- the comment ------------------------------------------------------------------------------------------------------


def test_a_comment_says_what_was_lost_and_why():
    done = entry(
        "ada",
        17.5,
        questions=(part("q1", 10), part("q2", 7.5)),
        pending=5,
        late_days=2,
        penalty=3,
        checks=(
            verdict("a", diagnosis="bias forgotten"),
            verdict("b", max_score=4, diagnosis="extra σ′"),
            verdict("c", 2, diagnosis="not a mistake"),
            verdict("d"),
        ),
    )

    assert comment(done) == (
        "Points: Q1 10 of 10, Q2 7.5 of 10. A person still decides on 5. Look at: extra σ′; bias forgotten. "
        "2 days late: 3 off."
    )


def test_a_comment_on_nothing_says_so():
    assert comment(entry(error="Not a notebook.")) == "Points: none yet, since this notebook could not be graded."


def test_a_comment_holds_no_markup_and_has_an_end():
    long = entry(checks=tuple(verdict(f"c{n}", diagnosis=f"<b>{'x' * 300}{n}") for n in range(3)))

    assert "<" not in comment(long)
    assert len(comment(long)) <= 600


# --- a file of our own ------------------------------------------------------------------------------------------------


def test_our_own_file_is_one_that_moodle_takes():
    content, unknown = moodle.whole([entry("alice", 17.5, moodle_participant="12345"), entry("bob")])

    assert moodle_takes(content.encode()) == {"12345": ("17.50", "Points: 17.5 of 20.")}
    assert unknown == ("bob",)


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=3))
def test_whatever_students_are_called_rows_read_back_and_start_no_formula(people):
    entries = [
        entry(student, name=name, email=email, moodle_participant=str(number))
        for number, (student, name, email) in enumerate(people)
    ]
    content = moodle.whole(entries)[0].encode("utf-8", "replace")
    cells = [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row if cell != "-"]

    assert list(moodle_takes(content)) == [str(number) for number in range(len(people))]
    assert not any(cell[:1] in set("=+-@＝＋－＠\t\r") for cell in cells if cell)
    assert set(formulas(content.decode())) <= {'"-"'}  # what Moodle writes for "not yet"
