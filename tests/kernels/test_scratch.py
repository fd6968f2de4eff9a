"""What of the files handed in beside a notebook comes into its kernel's scratch folder."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from grader.config import Limits
from grader.errors import HarnessError
from grader.kernels import Kernel
from grader.kernels.scratch import Scratch


@pytest.fixture
def data(tmp_path):
    """Return a folder with files, one of them further down, a link and a pipe."""
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.csv", "b.csv", "deep/c.csv"):
        (folder / name).write_text(name)
    (folder / "deep" / "link").symlink_to("c.csv")
    os.mkfifo(folder / "pipe")
    return folder


def failing(monkeypatch, name, number):
    """Let what makes this file or folder fail with an error of the system's."""
    kept = {place: getattr(place, name) for place, name in ((shutil, "copyfile"), (os, "mkdir"))}

    def tried(make):
        def or_fail(*paths, **options):
            if name in {Path(path).name for path in paths if not isinstance(path, int)}:
                raise OSError(number, os.strerror(number), name)
            return make(*paths, **options)

        return or_fail

    monkeypatch.setattr(shutil, "copyfile", tried(kept[shutil]))
    monkeypatch.setattr(os, "mkdir", tried(kept[os]))


def names(scratch):
    return sorted(path.relative_to(scratch.work).as_posix() for path in scratch.work.rglob("*"))


def test_a_folder_is_copied_with_what_lies_below_and_links_stay_links(data):
    scratch = Scratch.make([data])
    try:
        assert ["data", "data/a.csv", "data/b.csv", "data/deep", "data/deep/c.csv", "data/deep/link"] == names(scratch)
        assert "c.csv" == str((scratch.work / "data" / "deep" / "link").readlink())
        assert "deep/c.csv" == (scratch.work / "data" / "deep" / "c.csv").read_text()
    finally:
        scratch.remove()


def test_a_link_among_the_files_is_left_out(data):
    scratch = Scratch.make([data / "a.csv", data / "deep" / "link"])
    try:
        assert ["a.csv"] == names(scratch)
    finally:
        scratch.remove()


@pytest.mark.parametrize("name", ["a.csv", "deep"])
def test_what_may_not_be_read_is_left_out_alone(data, name, monkeypatch):
    failing(monkeypatch, name, errno.EACCES)
    scratch = Scratch.make([data])
    try:
        assert "data/b.csv" in names(scratch)
        assert f"data/{name}" not in names(scratch)
    finally:
        scratch.remove()


@pytest.mark.parametrize("name", ["a.csv", "c.csv", "deep"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_no_notebook_runs_on_half_its_files(data, name, number, monkeypatch):
    failing(monkeypatch, name, number)

    with (
        Kernel(Limits(), seed=1, sealed=False, files=[data]) as kernel,
        pytest.raises(HarnessError, match=f"scratch folder of a kernel could not be made: .*{os.strerror(number)}"),
    ):
        kernel.start()
