"""From an assignment to its bundle, and the reasons why there is none."""

import gzip
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from grader import bundle
from grader.assignment import load
from grader.errors import AssignmentError, OutputError, UsageError
from grader.grading import grade
from grader.kernels.warden.holder import SealError
from grader.release import release
from grader.release.answers import Trial
from grader.release.contents import contents
from grader.release.leaks import files_in
from grader.release.writing import write
from grader.selfcheck.desk import Desk

NOTEBOOK = "my-homework.ipynb"
MSE = "return np.mean((np.asarray(y_hat) - np.asarray(y)) ** 2)"


def change(file, *pairs):
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def written(folder):
    """Return the files of a bundle but for what Python adds when its checks are run."""
    return {name: content for name, content in files_in(folder).items() if "__pycache__" not in name}


@pytest.mark.slow
def test_a_bundle_has_the_public_part_and_nothing_else(kept):
    _, made = kept

    assert sorted(written(made.folder)) == [
        "README.md",
        NOTEBOOK,
        "selfcheck/assignment.toml",
        "selfcheck/bundle.json",
        "selfcheck/checks/test_q1_loss.py",
        "selfcheck/checks/test_q2_gradient.py",
        f"selfcheck/{NOTEBOOK}",
        "selfcheck/record.zip",
    ]
    assert (made.checks, made.of) == (2, 6)
    assert {name: (each.public, each.total) for name, each in made.bundle.points.items()} == {
        "q1": (20, 40),
        "q2": (30, 60),
    }
    assert b"hidden" not in b"".join(files_in(made.folder).values())


@pytest.mark.slow
def test_the_archive_is_the_folder_and_its_bytes_come_again(kept, tmp_path):
    folder, made = kept
    again = release(folder, tmp_path / "dist")
    with zipfile.ZipFile(made.archive) as archive:
        inside = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}

    assert inside == written(made.folder)
    assert again.archive.read_bytes() == made.archive.read_bytes()


@pytest.mark.slow
def test_the_notebook_says_where_it_comes_from_and_has_no_outputs(kept):
    _, made = kept
    node = nbformat.read(made.folder / NOTEBOOK, as_version=4)

    assert node.metadata["grader"]["assignment"] == "my-homework"
    assert len(node.metadata["grader"]["release"]) == 12
    assert {cell.metadata.get("grader", {}).get("question") for cell in node.cells} >= {"q1", "q2"}
    assert all(not cell.get("outputs") for cell in node.cells)


@pytest.mark.slow
def test_the_page_for_students_names_every_command_and_how_to_install(kept):
    _, made = kept
    page = (made.folder / "README.md").read_text(encoding="utf-8")

    for said in (
        made.bundle.install,
        f"grade {NOTEBOOK}",
        f"grade watch {NOTEBOOK}",
        f"grade submit-check {NOTEBOOK}",
        "%load_ext grader",
        "%grade q1",
    ):
        assert f"    {said}\n" in page


@pytest.mark.slow
def test_a_student_hears_of_a_misconception_without_its_name(kept, tmp_path):
    folder, made = kept
    place = tmp_path / "bundle"
    shutil.copytree(made.folder, place)
    desk = Desk.at(place)
    wrong = folder.parent.parent / "submissions" / "my-homework-wrong.ipynb"
    result = grade(wrong, desk.assignment, desk.options)
    check = next(each for question in result.questions for each in question.checks if each.id == "test_gradient")

    assert check.diagnosis.title == "the factor 2 is missing"
    assert check.diagnosis.name == ""


@pytest.mark.slow
def test_a_check_that_asks_about_the_notebook_is_named_with_the_way_out(homework, tmp_path):
    change(
        homework / "checks" / "test_q1_loss.py",
        (
            'check.same("mse", rng.normal(size=5), rng.normal(size=5))',
            "got = check.student.mse([1.0], [3.0])\n    check.reference.mse([got], [0.0])\n    assert got == 4",
        ),
    )
    change(
        tmp_path / "submissions" / "my-homework-wrong.ipynb",
        (MSE, "return 5.0"),
    )
    with pytest.raises(
        AssignmentError, match=r"(?s)test_mse: .*depends on the notebook.*offline=False.*sample my-home"
    ):
        release(homework, tmp_path / "dist")

    assert not (tmp_path / "dist").exists()


@pytest.mark.slow
def test_a_check_that_is_not_for_the_desk_is_left_out(homework, tmp_path):
    change(
        homework / "checks" / "test_q1_loss.py",
        ('points=20, needs="mse", hint=HINT)', 'points=20, needs="mse", hint=HINT, offline=False)'),
    )
    made = release(homework, tmp_path / "dist", quick=True)

    assert made.checks == 1
    assert made.bundle.points["q1"].public == 0
    assert not (made.folder / "selfcheck" / "checks" / "test_q1_loss.py").exists()


def solve(homework, *solutions):
    """Put solutions into the first stubs of the master, between marks."""
    node = nbformat.read(homework / NOTEBOOK, as_version=4)
    stubs = [cell for cell in node.cells if cell.cell_type == "code" and "...  # your code" in cell.source]
    for cell, solution in zip(stubs, solutions, strict=False):
        marked = f"    # BEGIN SOLUTION\n{solution}\n    # END SOLUTION"
        cell.source = cell.source.replace("    ...  # your code", marked)
    nbformat.write(node, homework / NOTEBOOK)


@pytest.mark.slow
def test_a_solved_master_is_the_right_notebook(homework, tmp_path):
    shutil.rmtree(tmp_path / "submissions")
    solve(homework, "    secret = 2\n    return np.mean((y - y_hat) ** secret)", "    return 2 / len(y) * (y_hat - y)")
    made = release(homework, tmp_path / "dist")

    assert b"secret" not in b"".join(files_in(made.folder).values())
    assert "...  # your code" in (made.folder / NOTEBOOK).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_master_that_is_solved_in_part_is_called_so(homework, tmp_path):
    solve(homework, "    return np.mean((y - y_hat) ** 2)")

    with pytest.raises(AssignmentError) as caught:
        release(homework, tmp_path / "dist", quick=True)
    sentences = str(caught.value).splitlines()[1:]
    assert sentences == [
        "The master notebook has solutions, but none for q2 (test_gradient). Put one between ### BEGIN SOLUTION and "
        "### END SOLUTION, or take all solutions out: then right samples are taken for the record."
    ]


@pytest.mark.slow
def test_files_lie_beside_the_notebook_and_with_the_checks(homework, tmp_path):
    (homework / "data").mkdir()
    (homework / "data" / "houses.csv").write_text("rooms,price\n3,100\n", encoding="utf-8")
    change(
        homework / "assignment.toml",
        ('[[questions]]\nid = "q1"', 'files = ["data/houses.csv"]\n\n[[questions]]\nid = "q1"'),
    )
    wheel = tmp_path / "homework_grader-9-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    made = release(homework, tmp_path / "dist", wheel=wheel, quick=True)

    assert (made.folder / "houses.csv").read_bytes() == b"rooms,price\n3,100\n"
    assert [file.name for file in bundle.opened(made.folder)[1].attached] == ["houses.csv"]
    assert f'pip install "./{wheel.name}"' in (made.folder / "README.md").read_text(encoding="utf-8")
    assert (made.folder / wheel.name).read_bytes() == b"wheel"


@pytest.mark.slow
def test_an_earlier_bundle_is_replaced_and_nothing_else_is(kept, homework, tmp_path):
    _, earlier = kept
    place = tmp_path / "dist" / "my-homework"
    shutil.copytree(earlier.folder, place)
    made = release(homework, tmp_path / "dist", quick=True)
    assert made.folder == place

    (place / NOTEBOOK).write_text("my work", encoding="utf-8")
    with pytest.raises(UsageError, match="somebody worked in this bundle"):
        release(homework, tmp_path / "dist")
    shutil.copy(earlier.folder / NOTEBOOK, place / NOTEBOOK)
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"notes\.txt: does not belong to the bundle"):
        release(homework, tmp_path / "dist")
    (place / "notes.txt").replace(place / "selfcheck" / "notes.txt")
    with pytest.raises(UsageError, match=r"notes\.txt: does not belong to the bundle"):
        release(homework, tmp_path / "dist")
    (place / "selfcheck" / "notes.txt").unlink()
    (place / "selfcheck" / "record.zip").write_bytes(b"edited")
    with pytest.raises(UsageError, match="somebody worked in this bundle"):
        release(homework, tmp_path / "dist")


def test_a_folder_with_other_things_is_not_overwritten(homework, tmp_path):
    (tmp_path / "dist" / "my-homework").mkdir(parents=True)
    (tmp_path / "dist" / "my-homework" / "thesis.tex").write_text("…", encoding="utf-8")

    with pytest.raises(UsageError, match="is there, and is no bundle, so it is not overwritten"):
        release(homework, tmp_path / "dist")


@pytest.mark.parametrize("failing", ["rename", "replace"])  # of the folder, and of the zip file
def test_where_writing_fails_the_earlier_bundle_is_still_there(tmp_path, monkeypatch, failing):
    before = write(tmp_path, "hw", {"a.txt": b"old", "old.txt": b"old"})
    was = [*before[0].iterdir()], before[1].read_bytes()
    real = getattr(Path, failing)

    def full(path, target):
        if Path(target) in before and path.name.startswith(".hw-") == (failing == "rename") and full.fails:
            full.fails = False
            raise OSError(28, "No space left on device")
        return real(path, target)

    full.fails = True
    monkeypatch.setattr(Path, failing, full)
    with pytest.raises(OutputError, match="No space left on device"):
        write(tmp_path, "hw", {"a.txt": b"new"})

    assert sorted(tmp_path.iterdir()) == sorted(before)
    assert (sorted(before[0].iterdir()), before[1].read_bytes()) == (sorted(was[0]), was[1])
    assert (before[0] / "a.txt").read_bytes() == b"old"

    write(tmp_path, "hw", {"a.txt": b"new"})
    assert sorted(tmp_path.iterdir()) == sorted(before)
    assert [(file.name, file.read_bytes()) for file in before[0].iterdir()] == [("a.txt", b"new")]


def test_of_a_folder_students_get_what_is_meant_for_them(homework, tmp_path):
    data = homework / "data"
    for name in ("a.csv", "in/b.csv", ".env", ".ipynb_checkpoints/a.csv", "__pycache__/x.pyc", "x.pyc", "solved.ipynb"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name, encoding="utf-8")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "notes.txt").write_text("mine", encoding="utf-8")
    (data / "notes.txt").symlink_to(tmp_path / "secret" / "notes.txt")
    (data / "more").symlink_to(tmp_path / "secret")
    change(
        homework / "assignment.toml",
        ('[[questions]]\nid = "q1"', 'files = ["data"]\n\n[[questions]]\nid = "q1"'),
    )
    found = contents(load(homework)).files

    assert sorted(name for name in found if name.startswith("files/")) == ["files/data/a.csv", "files/data/in/b.csv"]


@pytest.mark.slow
def test_samples_are_sealed_and_a_bundle_that_would_leak_is_not_written(homework, tmp_path):
    escaped = tmp_path / "escaped.txt"
    source = f"try:\\n    open({str(escaped)!r}, 'w').close()\\nexcept OSError:\\n    pass\\n\\n\\n"
    for sample in (tmp_path / "submissions").glob("*.ipynb"):
        change(sample, ('"def mse(', f'"{source}def mse('))
    (homework / "notes.txt.gz").write_bytes(gzip.compress(b"Beware of factor-forgotten."))
    change(
        homework / "assignment.toml",
        ('[[questions]]\nid = "q1"', 'files = ["notes.txt.gz"]\n\n[[questions]]\nid = "q1"'),
    )
    with pytest.raises(AssignmentError, match=r"(?s)nothing is released.*notes\.txt\.gz: has 'factor-forgotten'"):
        release(homework, tmp_path / "dist")

    assert not (tmp_path / "dist").exists()
    assert not escaped.exists()


def test_where_there_is_no_sandbox_samples_are_run_without_one(monkeypatch):
    trial = Trial(name="sample", notebook=Path("sample.ipynb"))
    for reason, sealed in ((None, True), (SealError("sandboxes need Linux"), False)):
        monkeypatch.setattr("grader.release.answers.why_not", lambda reason=reason: reason)

        assert trial.options(7).sealed is sealed
        assert replace(trial, sealed=False).options(7).sealed is False


def test_a_place_that_is_no_folder_is_refused(homework, tmp_path):
    (tmp_path / "dist").write_text("…", encoding="utf-8")

    with pytest.raises(UsageError, match="dist: is no folder"):
        release(homework, tmp_path / "dist")


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_run(homework, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(OutputError, match="cannot be written"):
        release(homework, tmp_path / "dist")


def test_without_a_reference_there_is_nothing_to_record(homework, tmp_path):
    text = (homework / "assignment.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("reference", "variants"))]
    (homework / "assignment.toml").write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(AssignmentError, match="no reference is named"):
        release(homework, tmp_path / "dist")


def test_a_bundle_is_no_assignment_to_release(homework, tmp_path):
    change(
        homework / "assignment.toml",
        ("reference = ", 'record = "record.zip"\n# reference = '),
        ("variants", "# variants"),
    )

    with pytest.raises(UsageError, match="this is what students get already"):
        release(homework, tmp_path / "dist")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import reference.my_homework", "a public check imports the solution"),
        ("from grader.datasets import hidden as reference", "hidden rows"),
    ],
)
def test_a_public_check_that_reaches_for_a_secret_is_refused(homework, tmp_path, line, said):
    file = homework / "checks" / "test_q1_loss.py"
    change(
        file, ("import pytest\n", f"import pytest\n{line}\n"), ('check.same("mse"', 'reference.x\n    check.same("mse"')
    )

    with pytest.raises(AssignmentError, match=said):
        release(homework, tmp_path / "dist")


def test_a_function_that_is_half_hidden_is_refused(homework, tmp_path):
    file = homework / "checks" / "test_q1_loss.py"
    marked = (
        "@pytest.mark.parametrize('n', [pytest.param(1, marks=pytest.mark.check('q1', points=20, needs='mse', "
        "hint=HINT)), pytest.param(2, marks=pytest.mark.check('q1', points=20, hidden=True, hint=HINT))])\n"
    )
    text = file.read_text(encoding="utf-8")
    head, _, _ = text.partition("@pytest.mark.check")
    file.write_text(f'{head}{marked}def test_mse(check, rng, n):\n    """mse"""\n', encoding="utf-8")

    with pytest.raises(AssignmentError, match="test_mse is public for some parameters and not for others"):
        release(homework, tmp_path / "dist")


def test_a_check_that_a_class_brings_along_is_refused(homework, tmp_path):
    file = homework / "checks" / "test_q1_loss.py"
    shared = """
class TestFar:
    LIMIT = 3

    @pytest.mark.check("q1", points=20, hidden=True, hint=HINT)
    def test_far(self):
        \"\"\"far\"\"\"


@pytest.mark.check("q1", points=20, hint=HINT)
def test_near():
    \"\"\"near\"\"\"
    assert TestFar.LIMIT
"""
    head, _, _ = file.read_text(encoding="utf-8").partition("@pytest.mark.check")
    file.write_text(head + shared, encoding="utf-8")

    with pytest.raises(AssignmentError, match="cannot be told apart from the others by reading: test_far"):
        release(homework, tmp_path / "dist")


def test_where_all_is_hidden_there_is_nothing_to_release(homework, tmp_path):
    for file in (homework / "checks").glob("test_*.py"):
        change(file, ("hint=HINT)", "hint=HINT, offline=False)"))

    with pytest.raises(AssignmentError, match="no check is public and offline"):
        release(homework, tmp_path / "dist")


@pytest.mark.slow
def test_what_a_bundle_says_of_itself_is_true_of_its_files(kept):
    _, made = kept
    found, assignment = bundle.opened(made.folder)

    assert found == made.bundle
    assert json.loads((made.folder / "selfcheck" / "bundle.json").read_text(encoding="utf-8"))["schema_version"] == 1
    assert (assignment.reference, assignment.variants, assignment.training) == (None, None, None)


@pytest.mark.slow
def test_a_check_that_asks_every_right_notebook_something_else_is_named(homework, tmp_path):
    change(
        homework / "checks" / "test_q1_loss.py",
        (
            'check.same("mse", rng.normal(size=5), rng.normal(size=5))',
            "check.reference.mse([check.student.start], [0.0])",
        ),
    )
    samples = tmp_path / "submissions"
    right = (samples / "my-homework-right.ipynb").read_text(encoding="utf-8")
    for name, start in (("my-homework-right", 1), ("other-right", 2)):
        (samples / f"{name}.ipynb").write_text(
            right.replace('"def mse(', f'"start = {start}\\n",\n    "def mse('),
            encoding="utf-8",
        )
    shutil.copy(samples / "my-homework-right.toml", samples / "other-right.toml")
    (samples / "my-homework-wrong.toml").unlink()
    with pytest.raises(AssignmentError, match="test_mse: what it asks the reference's `mse` depends on the notebook"):
        release(homework, tmp_path / "dist")
