"""Rosters: read from whatever a course has, matched without guessing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from submissions_made import collected, lay, people, zip_bytes

from grader.entries import Identity
from grader.errors import UsageError
from grader.submissions import Roster
from grader.submissions.folding import name_key

PLAIN = "ID,Name,Email,Section\ns1,Alice Smith,alice@example.edu,A\ns2,Zoë Ødegård,zoe@example.edu,B\n"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,HW1 backprop (445566)\n"
    "    Points Possible,,,,,20.00\n"
    '"Smith, Alice",12345,S001,asmith,DL-01,17.50\n'
    '"Ødegård, Zoë",12377,S002,zodegard,DL-01,EX\n'
    '"Student, Test",999,,0a1b2c,DL-01,\n'
)
MOODLE = (
    "Identifier,Full name,ID number,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 11,Alice Smith,-,alice@example.edu,Submitted for grading,,20.00,Yes,"Monday, 3 March 2025, 9 PM",-,\n'
    "Participant 12,Zoë Ødegård,s2,zoe@example.edu,No submission,,20.00,Yes,-,-,\n"
)


def roster(tmp_path, content):
    path = tmp_path / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Roster.read(path)


def identities(tmp_path, content):
    return [person.identity for person in roster(tmp_path, content).people]


# --- reading --------------------------------------------------------------------------------------------------------

ALICE = Identity(id="s1", name="Alice Smith", email="alice@example.edu", section="A")
ZOE = Identity(id="s2", name="Zoë Ødegård", email="zoe@example.edu", section="B")
FORMS = {
    "utf-8": PLAIN.encode(),
    "utf-8 with a mark": PLAIN.encode("utf-8-sig"),
    "utf-16": PLAIN.encode("utf-16"),
    "utf-16 without a mark": PLAIN.encode("utf-16-le"),
    "utf-16, the other order": PLAIN.encode("utf-16-be"),
    "latin-1": PLAIN.encode("latin-1"),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "Windows' lines": PLAIN.replace("\n", "\r\n").encode(),
    "Excel's note": b"sep=;\r\n" + PLAIN.replace(",", ";").encode(),
    "empty lines": ("\n , \n" + PLAIN.replace("\ns2", "\n\n,,,\ns2")).encode(),
    "spaces": PLAIN.replace(",", " , ").encode(),
    "other columns, other order": "Comment,Section,E-Mail,Full Name,Student ID\n"
    "x,A,alice@example.edu,Alice Smith,s1\n,B,zoe@example.edu,Zoë Ødegård,s2\n".encode(),
    "first and last names": "STUDENT_NUMBER,First name,Surname,Mail,Group\n"
    "s1,Alice,Smith,alice@example.edu,A\ns2,Zoë,Ødegård,zoe@example.edu,B\n".encode(),
    "a student twice": (PLAIN + "s1,Alice Smith,alice@example.edu,A\n").encode(),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_a_roster_is_read_as_it_was_saved(tmp_path, content):
    assert [ALICE, ZOE] == identities(tmp_path, content)


def test_a_roster_in_windows_own_code_page_keeps_its_letters(tmp_path):
    (person,) = roster(tmp_path, "id,name\ns1,Šárka O’Dell\n".encode("cp1252")).people

    assert "Šárka O’Dell" == person.identity.name


def test_canvas_gradebook_is_a_roster_as_it_is(tmp_path):
    assert [
        Identity(id="S001", name="Smith, Alice", section="DL-01", canvas_user="12345"),
        Identity(id="S002", name="Ødegård, Zoë", section="DL-01", canvas_user="12377"),
    ] == identities(tmp_path, CANVAS)
    assert ["asmith", "zodegard"] == [person.login for person in roster(tmp_path, CANVAS).people]


def test_canvas_gradebook_without_sis_numbers_keeps_its_own(tmp_path):
    content = 'Student,ID,Section,HW1 (4)\n"Smith, Alice",12345,DL-01,\n"Smith, Alice",12377,DL-01,\n'
    found = roster(tmp_path, content).people

    assert ["12345", "12377"] == [person.identity.canvas_user for person in found]
    assert ["Smith, Alice", "Smith, Alice (12377)"] == [person.key for person in found]


def test_moodles_worksheet_is_a_roster_as_it_is(tmp_path):
    assert [
        Identity(name="Alice Smith", email="alice@example.edu", moodle_participant="11"),
        Identity(id="s2", name="Zoë Ødegård", email="zoe@example.edu", moodle_participant="12"),
    ] == identities(tmp_path, MOODLE)


def test_the_time_of_a_submission_may_stand_in_a_roster(tmp_path):
    content = "id,submitted\ns1,2025-03-31T23:59:00+02:00\ns2,2025-03-31 23:59\ns3,\n"
    first, second, third = (identity.submitted for identity in identities(tmp_path, content))

    assert datetime(2025, 3, 31, 21, 59, tzinfo=UTC) == first
    assert second is not None and second.utcoffset() is not None and timedelta(hours=15) > abs(second - first)
    assert third is None


WRONG = {
    "no such column": (b"colour,shape\nred,round\n", r"roster\.csv: no column says .* Found: colour, shape\. A roster"),
    "no heading": (b"s1,Alice\ns2,Ben\n", r"Found: s1, Alice"),
    "only a first name": (b"First name,Section\nAlice,A\n", "no column says"),
    "empty": (b"", "is empty"),
    "only a heading": (b"id,name\n\n", "no students below"),
    "a spreadsheet": (b"PK\3\4rest", "Save it as CSV"),
    "one id twice": (b"id,name\ns1,Alice\ns2,Ben\nS1,Cy\n", r"lines 2 and 4: two students have the id 'S1'"),
    "no time": (b"id,submitted\ns1,yesterday\n", r"line 2: 'yesterday' is no time\. Write it like"),
    "bytes": (b"\0\1\2\3", "no column says|no table"),
    "an endless cell": (b'id\n"' + b"x" * 200_000, "line .*: this is no table"),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_roster_says_what_is_wrong(tmp_path, content, message):
    with pytest.raises(UsageError, match=message):
        roster(tmp_path, content)


def test_a_roster_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nobody\.csv: the roster cannot be read \(No such file"):
        Roster.read(tmp_path / "nobody.csv")


@given(st.binary(max_size=300))
def test_no_roster_is_a_crash(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    path.write_bytes(b"id,name\n" + content)
    try:
        assert Roster.read(path).people
    except UsageError as error:
        assert "roster.csv" in str(error)


# --- matching -------------------------------------------------------------------------------------------------------


def unmatched(collection):
    return {one.name: one.reason for one in collection.unmatched}


def missing(collection):
    return [identity.name for identity in collection.missing]


def test_canvas_files_are_matched_by_canvas_numbers(tmp_path):
    folder = lay(tmp_path / "download", "smithalice_12345_1_hw1.ipynb", "other_12377_2_hw1.ipynb", "who_7_3_hw1.ipynb")
    collection = collected(folder, roster=CANVAS)
    (zoe,) = [one for one in collection.submissions if one.student == "S002"]

    assert {"smithalice_12345": "S001", "other_12377": "S002", "who_7": "who_7"} == people(collection)
    assert (
        Identity(
            id="S002",
            name="Ødegård, Zoë",
            section="DL-01",
            canvas_user="12377",
            downloaded_as="other_12377_2_hw1.ipynb",
        )
        == zoe.identity
    )
    assert ["who_7"] == list(unmatched(collection))
    assert [] == missing(collection)


@pytest.mark.parametrize("written", ["smithalice", "alicesmith"])
def test_canvas_files_are_matched_by_name_where_the_roster_has_no_numbers(tmp_path, written):
    folder = lay(tmp_path / "download", f"{written}_5_1_hw1.ipynb", "ødegårdzoë_6_2_hw1.ipynb")

    assert {"s1", "s2"} == set(people(collected(folder, roster=PLAIN)).values())


def test_a_name_does_not_outweigh_another_number(tmp_path):
    folder = lay(tmp_path / "download", "smithalice_777_1_hw1.ipynb", "odegardzoe_12377_2_hw1.ipynb")
    collection = collected(folder, roster=CANVAS)

    assert (
        "the roster has Smith, Alice (S001) with the Canvas ID 12345, this is 777"
        in (unmatched(collection)["smithalice_777"])
    )
    assert ["Smith, Alice"] == missing(collection)


def test_moodle_folders_are_matched_by_participants_also_when_blind(tmp_path):
    folder = lay(
        tmp_path / "download",
        "Participant_11_assignsubmission_file/hw.ipynb",
        "Somebody_12_assignsubmission_file/hw.ipynb",
    )
    collection = collected(folder, roster=MOODLE)

    assert {"Participant_11": "alice@example.edu", "Somebody_12": "s2"} == people(collection)
    assert "Alice Smith" == collection.submissions[0].identity.name


WAYS = {
    "id": "s2",
    "id in capitals": "S2",
    "email": "zoe@example.edu",
    "the email's name": "zoe",
    "name": "Zoë Ødegård",
    "name without accents": "ZOE  odegard",
    "last name first": "Ødegård, Zoë",
    "composed otherwise": "Zoe\u0308 Øde\u0067a\u030ard",
    "underscores": "Ødegård_Zoë",
}


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS.keys())
def test_folders_and_files_are_matched_by_whatever_they_are_called_after(tmp_path, written):
    folders = lay(tmp_path / "folders", f"{written}/hw.ipynb", "nobody/hw.ipynb")
    flat = lay(tmp_path / "flat", f"{written}.ipynb", "nobody.ipynb")

    for folder in (folders, flat):
        collection = collected(folder, roster=PLAIN)
        assert {"s2", "nobody"} == set(people(collection).values())
        assert ["nobody"] == list(unmatched(collection))
        assert ["Alice Smith"] == missing(collection)


PARTS = {
    "a login": ("hw1_asmith_final", "S001"),
    "an id": ("S002-hw1", "S002"),
    "a name": ("hw1 Alice Smith (2)", "S001"),
    "a name, turned": ("Ødegård Zoë hw1", "S002"),
    "two students": ("S001 and S002", None),
    "nobody": ("hw1", None),
}


@pytest.mark.parametrize(("stem", "student"), PARTS.values(), ids=PARTS.keys())
def test_a_file_is_matched_by_a_part_of_its_name_that_is_one_students(tmp_path, stem, student):
    collection = collected(lay(tmp_path / "flat", f"{stem}.ipynb"), roster=CANVAS)

    assert (student or stem) == collection.submissions[0].student
    assert (student is None) == bool(collection.unmatched)


def test_a_short_number_inside_a_name_is_nobodys(tmp_path):
    collection = collected(lay(tmp_path / "flat", "hw_1.ipynb"), roster="id,name\n1,Alice Smith\n2,Ben Okafor\n")

    assert ["hw_1"] == list(unmatched(collection))


def test_two_students_of_one_name_are_told_apart_by_id_or_not_at_all(tmp_path):
    content = "id,name\ns1,Alice Smith\ns2,Alice Smith\ns3,Cy Ray\n"
    folder = lay(tmp_path / "class", "s1/hw.ipynb", "Alice Smith/hw.ipynb", "Ray Cy/hw.ipynb")
    collection = collected(folder, roster=content)

    assert {"s1": "s1", "Ray_Cy": "s3", "Alice_Smith": "Alice Smith"} == people(collection)
    assert (
        "2 students of the roster could be meant: Alice Smith (s1) and Alice Smith (s2)"
        in (unmatched(collection)["Alice_Smith"])
    )
    assert ["s2"] == [identity.id for identity in collection.missing]


def test_two_folders_of_one_name_are_not_both_the_student_of_that_name(tmp_path):
    folder = lay(
        tmp_path / "download",
        *(f"Alice Smith_{number}_assignsubmission_file/hw.ipynb" for number in (11, 12)),
        "Zoë Ødegård_13_assignsubmission_file/hw.ipynb",
    )
    collection = collected(folder, roster=PLAIN)

    assert {"Alice Smith_11", "Alice Smith_12", "s2"} == set(people(collection).values())
    assert all("another student's work is by the same name" in reason for reason in unmatched(collection).values())
    assert ["Alice Smith"] == missing(collection)


def test_who_is_not_matched_never_takes_the_place_of_a_student_of_the_roster(tmp_path):
    content = "name,canvas id\nAlice Smith,1\nAlice Smith,2\n"
    collection = collected(lay(tmp_path / "flat", "Alice Smith.ipynb"), roster=content)

    assert "Alice_Smith (not in the roster)" == collection.submissions[0].student


def test_a_student_whose_zip_file_is_broken_is_not_missing(tmp_path):
    folder = lay(tmp_path / "class", "zoe.ipynb")
    (folder / "alice.zip").write_bytes(zip_bytes(["hw.pdf"]))
    collection = collected(folder, roster=PLAIN)

    assert [("s1", "Alice Smith")] == [(one.student, one.identity.name) for one in collection.refused]
    assert [] == missing(collection)


def test_the_time_in_the_download_outweighs_the_rosters(tmp_path):
    stamp = "submitted/s1/ps1/timestamp.txt"
    lay(tmp_path, "submitted/s1/ps1/ps1.ipynb", "submitted/s2/ps1/ps1.ipynb", stamp, **{stamp: "2025-01-02 03:04 UTC"})
    content = "id,submitted\ns1,2025-05-05T00:00Z\ns2,2025-05-05T00:00Z\n"
    times = [one.identity.submitted for one in collected(tmp_path / "submitted", roster=content).submissions]

    assert [datetime(2025, 1, 2, 3, 4, tzinfo=UTC), datetime(2025, 5, 5, tzinfo=UTC)] == times


def test_reports_are_called_alike_with_and_without_a_roster(tmp_path):
    folder = lay(tmp_path / "class", "s1/hw.ipynb", "Zoë Ødegård/hw.ipynb")

    assert list(people(collected(folder))) == list(people(collected(folder, roster=PLAIN)))


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_order_of_a_name_does_not_matter(first, last):
    assert name_key(f"{first} {last}") == name_key(f"{last}, {first}") == name_key(f"{last.upper()} {first}".lower())
