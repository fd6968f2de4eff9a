"""A desk in an empty folder, with a cache of its own."""

import pytest
from bundles import cells, make_bundle, write_notebook

from grader.selfcheck.desk import Desk


@pytest.fixture
def folder(tmp_path, monkeypatch, nothing_cached):
    """Return the folder of an unpacked bundle, which is the current one."""
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("grader.selfcheck.again._software", lambda: "the same")  # also while somebody edits the grader
    place = tmp_path / "homework"
    place.mkdir()
    monkeypatch.chdir(place)
    return make_bundle(place)


@pytest.fixture
def desk(folder):
    """Return the desk of that bundle."""
    return Desk.at(folder)


@pytest.fixture
def save(folder):
    """Return a function that writes the notebook hw.ipynb as its student has it now."""

    def write(**parts):
        return write_notebook(folder / "hw.ipynb", cells(**parts), grader={"assignment": "small"})

    return write
