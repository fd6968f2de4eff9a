"""Loading, finding and refusing assignments."""

import shutil
from pathlib import Path

import pytest
from notebooks import notebook

from grader.assignment import find, known, load
from grader.authoring import expected_of
from grader.errors import AssignmentError, SubmissionError, UnknownAssignment
from grader.notebook import read_notebook

TINY = Path(__file__).parent / "assignments" / "tiny"
ROOT = Path(__file__).parents[1] / "assignments"


@pytest.fixture
def folder(tmp_path):
    """A copy of the tiny assignment that a test may break."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def test_an_assignment_is_loaded():
    assignment = load(TINY)

    assert ("tiny", "A tiny assignment", ["q1", "q2"]) == (
        assignment.name,
        assignment.title,
        [question.id for question in assignment.questions],
    )
    assert assignment.limits.cell_s == 5


def test_the_text_of_a_question_is_the_masters():
    assert "say why it is linear" in load(TINY).texts["q1"]


@pytest.mark.parametrize("path", sorted(known(ROOT).values()), ids=lambda path: path.name)
def test_every_shipped_assignment_totals_a_hundred_points(path):
    assert sum(question.points for question in load(path).questions) == 100


SAMPLES = sorted((ROOT.parent / "submissions").glob("*.ipynb"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_notebook_is_never_taken_for_another_homework(path):
    """It may show too little to tell, which is said; points for the wrong homework would not be."""
    try:
        node = read_notebook(path, max_bytes=2**30).node
    except SubmissionError:
        pytest.skip("it cannot be read")
    try:
        found = find(ROOT, node=node).name
    except UnknownAssignment:
        found = None

    assert found in (expected_of(path)["assignment"], None)


BROKEN = {
    "not TOML": ("name = tiny", "not valid TOML.*line 1"),
    "an unknown key": ('name = "tiny"\ncolour = "red"', "`colour`"),
    "a missing title": ('name = "tiny"', "`title`"),
    "a negative limit": ("limits = { cell_s = -1 }", r"cell_s.*greater than 0"),
    "no questions": ("questions = []", "`questions`"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_named_with_place_and_reason(folder, text, message):
    (folder / "assignment.toml").write_text(text)

    with pytest.raises(AssignmentError, match=message) as caught:
        load(folder)
    assert str(folder / "assignment.toml") in str(caught.value)


def test_a_wrong_value_is_named_with_its_line(folder):
    path = folder / "assignment.toml"
    path.write_text(path.read_text().replace('notebook = "tiny.ipynb"', "notebook = 3"))

    with pytest.raises(AssignmentError, match="line 3: `notebook`"):
        load(folder)


def test_two_questions_of_one_id_are_refused(folder):
    path = folder / "assignment.toml"
    path.write_text(path.read_text().replace('id = "q2"', 'id = "q1"'))

    with pytest.raises(AssignmentError, match="same id"):
        load(folder)


def test_an_assignment_without_checks_is_refused(folder):
    shutil.rmtree(folder / "checks")

    with pytest.raises(AssignmentError, match="at least one check"):
        load(folder)


def test_a_missing_master_notebook_is_the_authors_error(folder):
    (folder / "tiny.ipynb").unlink()

    with pytest.raises(AssignmentError, match=r"tiny\.ipynb"):
        load(folder).master  # noqa: B018 - read when first used


def test_an_unknown_name_offers_the_nearest(folder):
    with pytest.raises(UnknownAssignment, match="Did you mean 'tiny'"):
        find(folder.parent, name="tiyn")


def test_a_folder_without_assignments_is_said(tmp_path):
    with pytest.raises(UnknownAssignment, match="no assignments here"):
        find(tmp_path, name="tiny")


def test_a_notebook_says_what_it_belongs_to(folder):
    node = notebook("x = 1")
    node.metadata["grader"] = {"assignment": "tiny"}

    assert find(folder.parent, node=node).name == "tiny"


def test_a_notebook_is_known_by_the_names_it_defines(folder):
    node = notebook("def double(x):\n    return x", "def difference(a, b):\n    return a")

    assert find(folder.parent, node=node).name == "tiny"


def test_a_notebook_that_fits_nothing_asks_for_a_name(folder):
    with pytest.raises(UnknownAssignment, match="--assignment NAME"):
        find(folder.parent, node=notebook("print('hello')"))
