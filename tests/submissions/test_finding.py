"""Finding notebooks in the folders people have."""

import os
import shutil
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.submissions import find_notebooks, named


@pytest.fixture
def folder(tmp_path):
    """A folder as it comes from a course: notebooks, what Jupyter and a Mac leave beside them, and other files."""
    for name in (
        "bob.ipynb",
        "ada.ipynb",
        "late/cyd.IPYNB",
        "notes.txt",
        "._ada.ipynb",
        ".ipynb_checkpoints/ada-checkpoint.ipynb",
        "late/.hidden/eve.ipynb",
    ):
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (tmp_path / "class" / "folder.ipynb").mkdir()
    return tmp_path / "class"


def test_a_folder_is_every_notebook_below_it(folder):
    names = [path.relative_to(folder).as_posix() for path in find_notebooks([folder])]

    assert names == ["ada.ipynb", "bob.ipynb", "late/cyd.IPYNB"]


def test_a_notebook_named_twice_is_graded_once(folder):
    found = find_notebooks([folder / "bob.ipynb", folder, folder / "late" / ".." / "ada.ipynb"])

    assert [path.name for path in found] == ["bob.ipynb", "ada.ipynb", "cyd.IPYNB"]


def test_a_file_is_taken_whatever_it_is_called(folder):
    assert [folder / "notes.txt"] == find_notebooks([folder / "notes.txt"])


def test_a_folder_without_notebooks_is_a_wrong_command(folder):
    shutil.rmtree(folder / "late")
    (folder / "late").mkdir()

    with pytest.raises(UsageError, match=r"late: no notebooks \(\*\.ipynb\)"):
        find_notebooks([folder / "late"])


def test_a_missing_file_is_a_wrong_command(folder):
    with pytest.raises(UsageError, match=r"eve\.ipynb does not exist"):
        find_notebooks([folder / "eve.ipynb"])


def test_a_pipe_is_a_wrong_command(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")

    with pytest.raises(UsageError, match="neither a file nor a folder"):
        find_notebooks([tmp_path / "pipe.ipynb"])


@pytest.mark.parametrize("target", ["loop.ipynb", "nowhere.ipynb"], ids=["to itself", "to nothing"])
def test_a_link_that_leads_nowhere_fails_alone(folder, target):
    (folder / "loop.ipynb").symlink_to(target)
    found = find_notebooks([folder])

    assert [path.name for path in found] == ["ada.ipynb", "bob.ipynb", "cyd.IPYNB", "loop.ipynb"]
    assert [one.name for one in named([*found, folder / "late" / "loop.ipynb"])][-2:] == ["class-loop", "late-loop"]


def test_a_link_to_nothing_is_called_so(tmp_path):
    (tmp_path / "hw.ipynb").symlink_to("/nonexistent")

    with pytest.raises(UsageError, match=r"hw\.ipynb is a link to '/nonexistent', which does not lead to anything\."):
        find_notebooks([tmp_path / "hw.ipynb"])


@pytest.fixture
def locked(monkeypatch):
    """Make folders of that name unreadable, also for root."""
    scandir = os.scandir

    def refuse(place):
        if Path(place).name == "locked":
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", refuse)


def test_a_folder_that_cannot_be_read_is_left_out(folder, locked):
    (folder / "locked").mkdir()
    skipped = []
    found = find_notebooks([folder], skipped.append)

    assert [path.name for path in found] == ["ada.ipynb", "bob.ipynb", "cyd.IPYNB"]
    assert [error.filename for error in skipped] == [str(folder / "locked")]


def test_when_no_folder_can_be_read_the_command_is_wrong(tmp_path, locked):
    (tmp_path / "locked").mkdir()

    with pytest.raises(UsageError, match=r"locked: cannot be read \(Permission denied\)"):
        find_notebooks([tmp_path])
