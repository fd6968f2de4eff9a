"""Fingerprints: what is read, what is not, and what is said when it cannot be."""

import os
import shutil
from pathlib import Path

import pytest

from grader.assignment import load
from grader.batch.prints import Prints, digest_of, hash_of, own_files
from grader.config import GradeOptions
from grader.errors import AssignmentError
from grader.submissions import Submission

TINY = Path(__file__).parents[1] / "assignments" / "tiny"


@pytest.fixture
def tiny(tmp_path):
    """A copy of the tiny assignment that a test may break."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def test_a_check_that_is_no_python_is_the_authors_error(tiny):
    (tiny / "checks" / "test_more.py").write_text("x = 1\ndef broken(:\n")

    with pytest.raises(AssignmentError, match=r"test_more\.py:2: "):
        Prints.of(load(tiny), GradeOptions())


def test_how_a_kernel_is_started_does_not_matter_but_what_it_may_use_does(tiny):
    assignment = load(tiny)
    prints = {name: Prints.of(assignment, options).frame for name, options in OPTIONS.items()}

    assert prints["forked"] == prints["spawned"]
    assert len({prints["forked"], prints["unsealed"], prints["seeded"]}) == 3


OPTIONS = {
    "forked": GradeOptions(),
    "spawned": GradeOptions(provisioner="grader-spawned"),
    "unsealed": GradeOptions(sealed=False),
    "seeded": GradeOptions(seed=1),
}


def test_a_pipe_has_no_end_and_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "hw.ipynb")

    assert hash_of(tmp_path / "hw.ipynb").startswith("no ordinary file")
    assert hash_of(Path("/dev/zero")).startswith("no ordinary file")
    assert hash_of(tmp_path / "gone.ipynb").startswith("unreadable")


def test_no_link_is_followed_into_what_was_handed_in(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "files"
    (folder / "more").mkdir(parents=True)
    (folder / "more" / "own.py").touch()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")

    assert own_files(folder) == [folder / "more" / "own.py"]


def test_what_lies_beside_a_notebook_counts_its_name_does_not(tmp_path):
    for name in ("ada", "bob"):
        (tmp_path / f"{name}.ipynb").write_text("{}")
    (tmp_path / "help.py").touch()

    def digest(name, *files):
        return digest_of(Submission(path=tmp_path / f"{name}.ipynb", name=name, student=name, files=files))

    assert digest("ada") == digest("bob") != digest("ada", tmp_path / "help.py")
