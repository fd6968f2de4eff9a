"""Names of reports: safe, and no two alike."""

import unicodedata
from pathlib import Path

import pytest
from fakes import FakeGrading, in_turn
from hypothesis import example, given
from hypothesis import strategies as st

from grader.batch import run_batch
from grader.submissions import named, safe_name

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
    summary = run_batch(submissions, in_turn(FakeGrading()), lambda outcome: outcome, lambda outcome: None)

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
