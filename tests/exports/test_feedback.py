"""Reports on their way back: names that Canvas and Moodle understand, and that stay in their folder."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_entries import entry
from strict_readers import canvas_gives, moodle_gives

from grader.exports.archive import is_inside, packed
from grader.exports.feedback import feedback_zip


def names(*entries):
    return list(feedback_zip([(each, f"<p>{each.student}") for each in entries]).names)


CANVAS = {
    "in time": ("smithalice_12345_678901_hw1.ipynb", "smithalice_12345_678901_hw1.html"),
    "late": ("smithalice_LATE_12345_678902_hw1-2.ipynb", "smithalice_LATE_12345_678902_hw1-2.html"),
    "other letters": ("王伟_LATE_12345_88_作业1.ipynb", "王伟_LATE_12345_88_作业1.html"),
    "underscores in the file": ("smithalice_12345_678901_my_hw_1.ipynb", "smithalice_12345_678901_my_hw_1.html"),
    "in a folder": ("hw1/smithalice_12345_678901_hw1.ipynb", "smithalice_12345_678901_hw1.html"),
}


@pytest.mark.parametrize(("downloaded", "name"), CANVAS.values(), ids=CANVAS.keys())
def test_canvas_gets_the_names_it_gave(downloaded, name):
    (found,) = names(entry("alice", canvas_user="12345", downloaded_as=downloaded))

    assert name == found
    assert canvas_gives(found) == ("12345", downloaded.rpartition("12345_")[2].partition("_")[0])


MOODLE = {
    "a name": ("Alice Smith", "Alice Smith_123_assignsubmission_file_/report.html"),
    "no name": ("", "Participant_123_assignsubmission_file_/report.html"),
    "a name with a line": ("Jo_9 Müller", "Jo 9 Müller_123_assignsubmission_file_/report.html"),
    "a name that leads out": ("../../etc/x", "etc x_123_assignsubmission_file_/report.html"),
}


@pytest.mark.parametrize(("name", "path"), MOODLE.values(), ids=MOODLE.keys())
def test_moodle_gets_a_folder_per_participant(name, path):
    (found,) = names(entry("alice", name=name, moodle_participant="123"))

    assert path == found
    assert moodle_gives(found) == ("123", "report.html")


def test_a_student_neither_knows_keeps_the_name_of_the_report():
    made = feedback_zip([(entry("alice"), ""), (entry("bob", canvas_user="5", downloaded_as="bob.ipynb"), "")])

    assert made.names == made.unaddressed == ("alice.html", "bob.html")


def test_two_reports_never_share_a_name():
    twice = {"canvas_user": "1", "downloaded_as": "a_1_2_hw.ipynb"}
    made = feedback_zip([(entry("x", **twice), "1"), (entry("y", **twice), "2"), (entry("y"), "3")])

    assert made.names == ("a_1_2_hw.html", "y.html", "y-2.html")
    assert made.unaddressed == ("y.html", "y-2.html")


def test_the_pages_are_in_it_and_it_is_the_same_each_time():
    once, twice = (feedback_zip([(entry("b"), "zwei"), (entry("a"), "σ")]).content for _ in range(2))
    archive = zipfile.ZipFile(io.BytesIO(once))

    assert once == twice
    assert {name: archive.read(name).decode() for name in archive.namelist()} == {"a.html": "σ", "b.html": "zwei"}
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@given(st.text(), st.text(), st.text(st.sampled_from("../\\:_12aé\n\x00")), st.sampled_from(["", "7"]))
def test_whatever_students_are_called_no_name_leads_out(name, participant, downloaded, user):
    (found,) = names(
        entry("alice", name=name, moodle_participant=participant, canvas_user=user, downloaded_as=downloaded)
    )

    assert is_inside(found)
    assert found.endswith(".html")


BAD = ["", "/a", "../a", "a/../b", "a//b", "a\\b", "C:a", "a\n", ".", "a/.", " a", "a ", "a?", "\u202ea"]


@pytest.mark.parametrize("name", BAD)
def test_an_archive_takes_no_name_that_leads_out_or_misleads(name):
    with pytest.raises(ValueError, match="no name for a file"):
        packed({name: b""})


def test_programs_can_be_run():
    archive = zipfile.ZipFile(io.BytesIO(packed({"run": b"", "read": b""}, frozenset({"run"}))))

    assert [oct(archive.getinfo(name).external_attr >> 16) for name in ("run", "read")] == ["0o100755", "0o100644"]
