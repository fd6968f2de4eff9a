"""Files are whole or not there."""

from __future__ import annotations

import pytest

from grader.errors import OutputError
from grader.files import atomic_write


@pytest.mark.parametrize(
    ("content", "data"),
    [("é\n", b"\xc3\xa9\n"), (b"\x00\xff", b"\x00\xff"), ("a\ud800", b"a\\ud800")],
    ids=["text", "bytes", "surrogate"],
)
def test_content_is_written_into_a_new_folder(tmp_path, content, data):
    path = tmp_path / "a" / "b" / "file"
    atomic_write(path, content)

    assert data == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


def test_what_was_there_is_replaced(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    atomic_write(path, "new")

    assert path.read_text() == "new"


def test_a_long_name_is_no_problem(tmp_path):
    path = tmp_path / ("n" * 250 + ".html")
    atomic_write(path, "x")

    assert path.read_text() == "x"


def test_a_folder_in_the_way_is_said_and_nothing_is_left(tmp_path):
    path = tmp_path / "file"
    path.mkdir()

    with pytest.raises(OutputError, match=r"Cannot write .*file: .*directory.*--out") as caught:
        atomic_write(path, "x")

    assert isinstance(caught.value.__cause__, OSError)
    assert [path] == list(tmp_path.iterdir())


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path):
    (tmp_path / "reports").write_text("in the way")

    with pytest.raises(OutputError, match="Cannot write"):
        atomic_write(tmp_path / "reports" / "file", "x")


def test_an_interruption_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")

    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.files.os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(path, "new")

    assert path.read_text() == "old"
    assert [path] == list(tmp_path.iterdir())


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("grader.files.os.fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        atomic_write(path, "new")

    assert path.read_text() == "old"
    assert [path] == list(tmp_path.iterdir())
