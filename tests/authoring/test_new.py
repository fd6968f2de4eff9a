"""`grade new`: what it makes grades at once, is clean, and takes the place of nothing."""

import json
import stat
import tomllib

import nbformat
import pytest
from made import NAME, grade

from grader.authoring import make
from grader.errors import OutputError, UsageError


@pytest.fixture
def root(tmp_path):
    """A folder for assignments, in an empty folder."""
    return tmp_path / "assignments"


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_what_it_makes_grades_at_once_and_is_clean(tmp_path):
    """Outside this repository, in an empty folder, from nothing to a report."""
    made, listed, said = grade("new", NAME, cwd=tmp_path)
    there = files_below(tmp_path)
    right = grade(f"submissions/{NAME}-right.ipynb", "--json", cwd=tmp_path)
    wrong = grade(f"submissions/{NAME}-wrong.ipynb", "--json", cwd=tmp_path)
    lint = grade("lint", f"assignments/{NAME}", cwd=tmp_path)

    assert made == right[0] == wrong[0] == 0
    assert sorted(listed.split()) == there
    assert f"grade submissions/{NAME}-right.ipynb" in said
    assert json.loads(right[1])["score"] == 100
    assert json.loads(wrong[1])["score"] == 40
    assert lint[:2] == (0, f"{NAME}: nothing to mend\n")


def test_it_lists_every_file_it_makes(root, tmp_path):
    made = make(NAME, None, root)

    assert sorted(str(path.relative_to(tmp_path)) for path in made) == files_below(tmp_path)


def test_the_title_is_what_was_asked_for(root):
    make(NAME, 'Loss "and" slope @NAME@ 𝛁', root)

    master = nbformat.read(root / NAME / f"{NAME}.ipynb", as_version=4)
    table = tomllib.loads((root / NAME / "assignment.toml").read_text(encoding="utf-8"))
    assert table["title"] == 'Loss "and" slope @NAME@ 𝛁'
    assert master.cells[0].source.startswith('# Loss "and" slope @NAME@ 𝛁\n')


def test_the_samples_keep_the_cells_of_the_master(root, tmp_path):
    make(NAME, None, root)

    master = nbformat.read(root / NAME / f"{NAME}.ipynb", as_version=4)
    sample = nbformat.read(tmp_path / "submissions" / f"{NAME}-right.ipynb", as_version=4)
    nbformat.validate(master)
    assert [cell.id for cell in sample.cells] == [cell.id for cell in master.cells]
    assert [a.id for a, b in zip(sample.cells, master.cells, strict=True) if a != b] == ["q1-code", "q2-code"]


@pytest.mark.parametrize("name", ["", "My", "9a", "a--b", "a-", "a/b", "../a", "a b", "class", "a" * 51, "naïve"])
def test_a_name_that_cannot_be_one_is_refused(name, root):
    with pytest.raises(UsageError, match=r"For example: grade new my-homework|Choose another name"):
        make(name, None, root)

    assert not root.exists()


@pytest.mark.parametrize("title", ["", " ", "two\nlines", "\x1b[2J"])
def test_a_title_is_one_line(title, root):
    with pytest.raises(UsageError, match="cannot be a title"):
        make(NAME, title, root)


def test_the_name_of_a_module_that_is_installed_is_refused(root):
    """Its solution would never be found: the installed one comes first."""
    with pytest.raises(UsageError, match=r"module reference\.backprop already"):
        make("backprop", None, root)


@pytest.mark.parametrize(
    "there",
    [f"assignments/{NAME}/mine.txt", "reference/my_homework.py", f"submissions/{NAME}-wrong.toml"],
)
def test_nothing_is_overwritten(there, root, tmp_path):
    path = tmp_path / there
    path.parent.mkdir(parents=True)
    path.write_text("mine")

    with pytest.raises(UsageError, match="nothing is overwritten"):
        make(NAME, None, root)

    assert files_below(tmp_path) == [there]
    assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named_and_left_as_it_was(root, tmp_path):
    (tmp_path / "submissions").write_text("a file where a folder has to be")

    with pytest.raises(OutputError, match=r"submissions.*cannot be written .*--assignments DIR"):
        make(NAME, None, root)

    assert files_below(tmp_path) == ["submissions"]
    assert not root.exists()


def test_other_assignments_beside_it_stay(root):
    make("first", None, root)
    before = {path: path.stat()[stat.ST_MTIME] for path in root.rglob("*")}

    make("second", None, root)

    assert {path: path.stat()[stat.ST_MTIME] for path in before if path.is_file()} == {
        path: when for path, when in before.items() if path.is_file()
    }


def test_the_command_answers_a_taken_name_with_exit_code_2(tmp_path):
    make(NAME, None, tmp_path / "assignments")

    code, out, err = grade("new", NAME, cwd=tmp_path)

    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert "is there already, and nothing is overwritten" in err
