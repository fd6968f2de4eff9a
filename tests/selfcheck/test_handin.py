"""Looking a notebook over before it is handed in."""

import hashlib
import json
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from bundles import CHECKS, IMPORTS, MEAN, STUBS, WORDS, make_bundle
from nbformat.v4 import new_markdown_cell

from grader.errors import UsageError
from grader.selfcheck.desk import Desk
from grader.selfcheck.handin import Receipt, look_over


def texts(found, kind=None):
    return [finding.text for finding in found.findings if kind in (None, finding.kind)]


def edit(path, change):
    """Change the notebook in a file by a function."""
    node = nbformat.read(path, as_version=4)
    change(node)
    nbformat.write(node, path)


@pytest.mark.slow
def test_a_right_notebook_is_ready_and_has_a_receipt(desk, save):
    path = save()
    found = look_over(desk, path)

    assert () == found.findings
    assert found.ready
    assert hashlib.sha256(path.read_bytes()).hexdigest() == found.receipt.sha256
    assert ("small", "hw.ipynb", 7, 7, True) == (
        found.receipt.assignment,
        found.receipt.notebook,
        found.receipt.score,
        found.receipt.max_score,
        found.receipt.ready,
    )
    assert {"grader", "bundle", "python", "numpy", "system"} == set(found.receipt.versions)
    assert Receipt.model_validate_json(found.receipt.model_dump_json()) == found.receipt


@pytest.mark.slow
def test_everything_that_can_be_wrong_is_named(desk, save, folder):
    (folder / "weights.npz").write_bytes(b"")
    path = save(
        double=STUBS[0],
        start="start = later",
        more=["later = 10", "open('weights.npz')", "open('gone.csv')", f"open({str(folder / 'small.ipynb')!r})"],
    )

    def ran_otherwise(node):
        codes = [cell for cell in node.cells if cell.cell_type == "code"]
        for number, cell in enumerate(codes):
            cell.execution_count = number + 1
        codes[0].execution_count = 40
        codes[1].execution_count = None
        codes[3].outputs = [nbformat.v4.new_output("stream", name="stdout", text="an old line")]

    edit(path, ran_otherwise)
    found = look_over(desk, path)

    assert not found.ready
    assert ["Run from the start, cell 4 stops with NameError: name 'later' is not defined. Cell 7, which makes "
            "`later`, stands below it."] == texts(found, "run")  # fmt: skip
    assert ["Cell 1 in the file was run after cells below. "] == [
        t.partition("Run all")[0] for t in texts(found, "order")
    ]
    shown = [text.partition(" Run all")[0] for text in texts(found, "output")]
    assert "Cell 3 was not run when the others were." in shown
    assert any(text.startswith("Cells 4, 6, 8, 9, 10 show an old output") for text in shown)
    assert "It uses weights.npz, which was not handed out: hand it in together with it." in texts(found, "file")
    assert any("Cell 9 opens 'gone.csv', which will not be there." in text for text in texts(found, "file"))
    assert any("which is on this computer only" in text for text in texts(found, "file"))
    assert ["2 of 2 public checks of Q1 do not pass yet, the first: double(x) is twice x."] == texts(found, "check")


@pytest.mark.slow
def test_what_a_module_of_ones_own_opens_by_its_place_on_this_computer_is_named(desk, save, folder):
    (folder / "helper.py").write_text(f"path = {str(folder / 'small.ipynb')!r}")
    found = look_over(desk, save(more=["import helper"]))

    assert "It uses helper.py, which was not handed out: hand it in together with it." in texts(found, "file")
    assert any(f"{str(folder / 'small.ipynb')!r}, which is on this" in text for text in texts(found, "file"))


@pytest.mark.slow
def test_questions_without_an_answer_or_without_cells(desk, save, folder):
    handed_out = look_over(desk, folder / "small.ipynb")
    path = save()
    edit(path, lambda node: node.cells.pop(4))  # the heading of question 2
    headless = look_over(desk, path)

    assert [
        "Q1 (Doubling) is as it was handed out: nothing is written there yet.",
        "Q2 (The mean) is as it was handed out: nothing is written there yet.",
    ] == texts(handed_out, "question")
    assert texts(headless, "question") == [
        "Q2 (The mean) has no cells in your notebook: was its heading changed or deleted?"
    ]


@pytest.mark.slow
def test_a_question_whose_cells_were_deleted_or_whose_name_was_changed(desk, save):
    path = save()
    edit(path, lambda node: node.cells.__delitem__(slice(2, 4)))  # the code of question 1
    deleted = look_over(desk, path)
    renamed = look_over(desk, save(double="def twice(x):\n    return 2 * x", start="begin = 10"))

    assert ["Q1 (Doubling) has lost cells, and nothing else is written there: were they deleted?"] == texts(
        deleted, "question"
    )
    assert ["Q1 (Doubling): Your notebook does not define `double`."] == [
        text.partition(" Did you")[0] for text in texts(renamed, "question")
    ]


@pytest.mark.slow
def test_a_text_that_is_still_to_be_written_is_named(desk, save):
    path = save()
    edit(path, lambda node: node.cells.insert(3, new_markdown_cell("*Your answer here.*")))

    assert ["Q1 (Doubling): cell 4 still says *Your answer here.*"] == texts(look_over(desk, path), "question")


LOOP = "start = 0\nfor i in range(5):\n    step = {}\n{}start = start + step"
RIGHT, WRONG, STILL_WRONG = LOOP.format(2, "    "), LOOP.format(2, ""), LOOP.format(1, "    ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("handed_out", "now", "said"),
    [
        (WRONG, WRONG, ["Q1 (Doubling) is as it was handed out: nothing is written there yet."]),
        (WRONG, RIGHT, []),
        (LOOP.format(1, ""), STILL_WRONG, []),
        (RIGHT, RIGHT, []),
    ],
)
def test_a_changed_indentation_is_an_answer_and_so_is_what_passes(folder, save, tmp_path, handed_out, now, said):
    (tmp_path / "plain").mkdir()
    desk = Desk.at(make_bundle(tmp_path / "plain", checks=CHECKS.replace(', needs="double"', "")))
    master = desk.read(save(start=handed_out)).node
    desk = replace(desk, assignment=desk.assignment.model_copy(update={"master": master}))
    found = look_over(desk, save(start=now, words=f"{WORDS}!", mean=f"{MEAN} * 1"))

    assert said == texts(found, "question")
    assert (now == RIGHT) == found.ready


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("np.save('own.npy', np.ones(3))\nw = np.load('own.npy')", []),  # its notebook makes it
        ("named = {'notes.txt': 1}", []),
        ("w = np.load('given.npy')\nv = np.load('more.npy')\nnp.save('own.npy', w)", ["given.npy", "more.npy"]),
        ("import glob\nw = np.load(glob.glob('giv*.npy')[0])", ["given.npy"]),  # the error does not name it
        ("!cat notes.txt && echo it is there", []),  # not run when it is graded
        ("import os\nprint('it is', 'there' if os.path.exists('notes.txt') else 'gone')", ["notes.txt"]),
        ("def mean(x):\n    return np.load('given.npy')[0] * 0 + np.mean(x)", ["given.npy"]),  # only a check calls it
    ],
)
def test_only_files_without_which_the_notebook_runs_otherwise_are_to_be_handed_in(desk, save, folder, source, used):
    for name in ("own.npy", "given.npy", "more.npy"):
        np.save(folder / name, np.ones(3))
    (folder / "notes.txt").write_text("a note")
    path = save(more=[source])

    def ran_before(node):
        for number, cell in enumerate(cell for cell in node.cells if cell.cell_type == "code"):
            cell.execution_count = number + 1
        node.cells[2].outputs = [nbformat.v4.new_output("stream", name="stdout", text="doubled 8\n")]
        if "there" in source:
            node.cells[-1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="it is there")]

    edit(path, ran_before)
    found = look_over(desk, path)

    assert [f"It uses {name}, which was not handed out: hand it in together with it." for name in used] == texts(found)


@pytest.mark.slow
def test_files_are_to_be_handed_in_where_the_notebook_takes_too_long_without_them(desk, save, folder):
    np.save(folder / "weights.npy", np.ones(3))
    limits = desk.assignment.limits.model_copy(update={"cell_s": 1})
    desk = replace(desk, assignment=desk.assignment.model_copy(update={"limits": limits}))
    found = look_over(desk, save(more=["import os, time\nif not os.path.exists('weights.npy'):\n    time.sleep(60)"]))

    assert ["It uses weights.npy, which was not handed out: hand it in together with it."] == texts(found)


@pytest.mark.slow
def test_a_file_that_was_handed_out_and_changed_is_named(desk, save, folder):
    given = folder / "selfcheck" / "files" / "table.csv"
    given.parent.mkdir()
    given.write_text("1")
    desk = replace(desk, assignment=desk.assignment.model_copy(update={"files": ("files/table.csv",)}))
    path = save(more=["print(open('table.csv').read())"])
    (folder / "table.csv").write_text("1")
    assert () == look_over(desk, path).findings

    (folder / "table.csv").write_text("2")
    found = look_over(desk, path)

    assert ["table.csv is not as it was handed out. When it is graded, your notebook reads the original."] == texts(
        found
    )


@pytest.mark.slow
def test_a_notebook_that_is_saved_meanwhile_has_no_receipt(desk, save):
    path = save()
    with pytest.raises(UsageError, match="was saved while it was looked over"):
        look_over(desk, path, lambda *_: save(start="start = 11"))


@pytest.mark.slow
def test_a_file_that_is_no_notebook(desk, folder):
    (folder / "hw.ipynb").write_text("{")
    found = look_over(desk, folder / "hw.ipynb")

    assert ["notebook"] == [finding.kind for finding in found.findings]
    assert not found.receipt.ready


@pytest.mark.slow
def test_a_large_file(desk, save, monkeypatch):
    monkeypatch.setattr("grader.selfcheck.handin.MAX_BYTES", 1000)
    found = look_over(desk, save(more=[f"{IMPORTS}  # {'x' * 1000}"]))

    assert ["size"] == [finding.kind for finding in found.findings]


@pytest.mark.slow
def test_nothing_is_reused(desk, save):
    path = save()
    look_over(desk, path)
    found = look_over(desk, path)

    assert not any("Not run again" in note or "nothing was run" in note for note in found.result.notes)
    json.loads(found.model_dump_json())
