"""The search for what must not be in a bundle finds it, wherever it is packed."""

import io
import json
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest

from grader import datasets
from grader.assignment import load
from grader.authoring.collecting import collect
from grader.authoring.trials import notebook_of_reference
from grader.release import prove
from grader.release.answers import Trial, ask
from grader.release.contents import contents
from grader.release.handout import handed_out
from grader.release.leaks import files_in, leaks
from grader.release.secrets import secret_lines, tells

ROOT = Path(__file__).parents[2]


def packed(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def saved(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


LINE = "return float(np.mean((y_hat - y) ** 2))"
HIDDEN = 'check.same("mse", rng.normal(size=n), rng.normal(size=n))'


@pytest.fixture(params=["reference", "hidden"])
def secret(request, homework):
    """Return a line of the solution, and one of a hidden check."""
    files = {
        "reference": homework.parent.parent / "reference" / "my_homework.py",
        "hidden": homework / "checks" / "test_q1_loss.py",
    }
    lines = [each.text.strip() for each in secret_lines(load(homework)) if each.source == str(files[request.param])]
    assert lines
    return max(lines, key=len)


PLACES = {
    "a text": lambda secret: {"README.md": f"Look: {secret}\n".encode()},
    "a text of another layout": lambda secret: {"README.md": "\n    ".join(secret.split(" ")).encode()},
    "an output of a notebook": lambda secret: {"hw.ipynb": json.dumps({"outputs": [{"text": [secret]}]}).encode()},
    "metadata, in ASCII": lambda secret: {"hw.ipynb": json.dumps({"metadata": {secret: 1}}).encode()},
    "an archive": lambda secret: {"record.zip": packed(answers=secret)},
    "an archive in an archive": lambda secret: {"record.zip": packed(inner=packed(answers=secret))},
    "an array of texts": lambda secret: {"data.npz": packed(**{"x.npy": saved(np.array([secret]).astype("S"))})},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_line_is_found(place, secret, homework):
    found = leaks(PLACES[place](secret), load(homework))

    assert len(found) == 1
    assert repr(secret[:60]) in found[0]


def test_the_name_of_a_variant_is_found_as_a_word(homework):
    assignment = load(homework)

    assert leaks({"record.json": b'{"name": "factor-forgotten"}'}, assignment) == [
        "record.json: has 'factor-forgotten' of the variants"
    ]
    assert leaks({"record.json": b'{"name": "factor-forgotten-not"}'}, assignment) == []


def test_the_solution_in_a_wheel_is_found_and_the_grader_in_it_is_not(homework):
    wheel = packed(**{"grader/cli.py": "x = 1", "reference/my_homework.py": LINE})

    assert leaks({"grader.whl": wheel}, load(homework)) == [
        "grader.whl/reference/my_homework.py: the solution is in the wheel"
    ]


@pytest.mark.parametrize("scale", [1, 255, 1 / 255])
@pytest.mark.slow
def test_a_hidden_row_is_found_however_it_is_scaled(scale):
    assignment = load(ROOT / "assignments" / "mnist-mlp")
    hidden, public = datasets.hidden("digits")[0], datasets.training("digits")[0]
    rows = (
        np.concatenate([public[:3], hidden[:1]]) * scale if scale != 255 else np.concatenate([public[:3], hidden[:1]])
    )
    found = leaks({"data.npz": packed(**{"x.npy": saved(rows)})}, assignment)

    assert found == ["data.npz/x.npy: has rows of a data set that students never see"]
    assert leaks({"data.npz": packed(**{"x.npy": saved(public)})}, assignment) == []


@pytest.mark.parametrize(
    ("line", "does"),
    [
        ("", False),
        ("    )", False),
        ("import numpy as np", False),
        ("from reference import backprop", False),
        ("else:", False),
        ("return x", False),
        ("return 2 * (y_hat - y) / len(y)", True),
        ("# the derivative is taken at z", True),
        ("weights[0] -= rate * gradient", True),
    ],
)
def test_which_lines_tell(line, does):
    assert tells(line) == does


REAL = ("backprop", "mnist-mlp", "dl-foundations", "mlp-numpy", "vision-project")


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_nothing_of_a_real_homework_leaks(name):
    assignment = load(ROOT / "assignments" / name)
    files = {**contents(assignment).files, assignment.notebook: handed_out(assignment, "release")}

    assert len(secret_lines(assignment)) > 1000
    assert leaks(files, assignment) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["backprop", "mnist-mlp"])
def test_nothing_leaks_by_the_record_of_a_real_homework(name, tmp_path):
    assignment = load(ROOT / "assignments" / name)
    files = {**contents(assignment).files, assignment.notebook: handed_out(assignment, "release")}
    for place, content in files.items():
        (tmp_path / name / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / place).write_bytes(content)
    own = tmp_path / "reference.ipynb"
    needed = {each for check in collect(assignment) for each in check.needs}
    own.write_text(notebook_of_reference(assignment, needed), encoding="utf-8")
    record, _ = ask(Trial(name="reference", notebook=own), assignment, load(tmp_path / name), 7, lambda _: None)

    assert len(record.checks) > 5
    assert leaks({**files, "record.zip": record.write()}, assignment) == []


@pytest.mark.slow
def test_a_bundle_that_is_as_it_should_be_is_proven(kept):
    folder, made = kept

    assert prove(made.folder, load(folder)) == []


@pytest.mark.slow
def test_what_is_wrong_with_a_bundle_is_said(kept, homework):
    _, made = kept
    master = homework / "my-homework.ipynb"
    node = nbformat.read(master, as_version=4)
    for cell in node.cells:
        cell.source = cell.source.replace("    ...  # your code", "    return 0")
    nbformat.write(node, master)
    right = homework.parent.parent / "submissions" / "my-homework-right.ipynb"
    right.write_text(right.read_text(encoding="utf-8").replace("** 2", "** 3"), encoding="utf-8")
    page = made.folder / "README.md"
    before = page.read_text(encoding="utf-8")
    page.write_text(before + HIDDEN, encoding="utf-8")
    try:
        found = prove(made.folder, load(homework), quick=True)
    finally:
        page.write_text(before, encoding="utf-8")

    assert found[0].startswith('README.md: has \'check.same("mse", rng.normal(size=n)')
    assert any("my-homework-right: test_mse came to failed, 0 of 20 points" in each for each in found)
    assert files_in(made.folder)["README.md"].decode() == before
