"""Fingerprints of the files a notebook reads."""

import os

import pytest

from grader.selfcheck.contents import contents


@pytest.fixture
def data(tmp_path):
    """Return a folder with two files, one of them in a folder."""
    (tmp_path / "data" / "deeper").mkdir(parents=True)
    (tmp_path / "data" / "a.txt").write_text("1")
    (tmp_path / "data" / "deeper" / "b.txt").write_text("2")
    return tmp_path / "data"


def test_it_changes_with_what_is_in_a_file_and_with_a_new_one(data):
    before = contents([data])
    (data / "deeper" / "b.txt").write_text("3")
    edited = contents([data])
    (data / "deeper" / "c.txt").write_text("")

    assert 3 == len({before, edited, contents([data])})


def test_a_large_file_is_not_read_but_its_time_counts(data, monkeypatch):
    monkeypatch.setattr("grader.selfcheck.contents.LARGE", 0)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _: pytest.fail("it was read"))
    before = contents([data / "a.txt"])
    os.utime(data / "a.txt", ns=(0, 0))

    assert before != contents([data / "a.txt"])


@pytest.mark.parametrize(("limit", "value"), [("MAX_FILES", 3), ("MAX_BYTES", 1)])
def test_too_much_has_none(data, monkeypatch, limit, value):
    monkeypatch.setattr(f"grader.selfcheck.contents.{limit}", value)

    assert contents([data]) is None


def test_a_link_to_a_folder_may_lead_anywhere(data, tmp_path):
    (data / "link").symlink_to(tmp_path)

    assert contents([data]) is None


def test_a_file_that_cannot_be_read_is_no_crash(data, monkeypatch):
    readable = contents([data])
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, "denied")))

    assert contents([data]) not in (None, readable)
