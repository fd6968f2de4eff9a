"""A small homework as `grade new` makes it, and its bundle."""

import contextlib
import sys

import pytest

from grader.authoring import make
from grader.release import release

NAME = "my-homework"


@contextlib.contextmanager
def forgetting():
    """Forget the solutions of an assignment afterwards: the next one has the same name, somewhere else."""
    places = list(sys.path)
    forget()
    yield
    sys.path[:] = places
    forget()


def forget():
    for name in [name for name in sys.modules if name.partition(".")[0] == "reference"]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """Return (assignment's folder, what was released of it): made once, not to be changed."""
    home = tmp_path_factory.mktemp("kept")
    folder = home / "assignments" / NAME
    with forgetting():
        make(NAME, "Losses", home / "assignments")
        return folder, release(folder, home / "dist")


@pytest.fixture(autouse=True)
def forgotten(request):
    """Forget what a test imported."""
    if "kept" in request.fixturenames:
        request.getfixturevalue("kept")
    with forgetting():
        yield


@pytest.fixture
def homework(tmp_path, forgotten):
    """Return the folder of a small homework of the test's own."""
    make(NAME, "Losses", tmp_path / "assignments")
    return tmp_path / "assignments" / NAME
