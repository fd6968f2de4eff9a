"""What a notebook's file shows of how it was run last."""

import json

import pytest

from grader.results import Cell, CellError, Output
from grader.selfcheck.stored import left_out, old_outputs, out_of_order, stored_cells


def stored(tmp_path, *counts, outputs=(), source="x = 1"):
    """Return the cells of a file in which they were run in some order; None is a cell that was not."""
    cells = [
        {"cell_type": "code", "source": [source], "metadata": {}, "execution_count": count, "outputs": list(outputs)}
        for count in counts
    ]
    path = tmp_path / "hw.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return stored_cells(path)


@pytest.mark.parametrize(
    ("counts", "moved"), [((1, 2, 3), []), ((2, 1, 3), [0]), ((4, 9, 5), [1]), ((None, 7, None, 3), [1]), ((), [])]
)
def test_cells_that_were_run_after_one_below_them(tmp_path, counts, moved):
    assert moved == out_of_order(stored(tmp_path, *counts))


@pytest.mark.parametrize(("counts", "missing"), [((1, None, 2), [1]), ((None, None), []), ((1, 2), [])])
def test_cells_that_were_not_run_when_others_were(tmp_path, counts, missing):
    assert missing == left_out(stored(tmp_path, *counts))


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": [text]}


def ran(text="", error=None, mime="text/plain"):
    """Return what a cell gave when it was run from the start."""
    return {0: Cell(index=0, kind="code", source="x", error=error, outputs=(Output(mime=mime, data=text),))}


@pytest.mark.parametrize(
    ("output", "now", "is_old"),
    [
        (stream("accuracy 0.91\n"), ran("accuracy 0.93\n"), False),  # chance
        (stream("accuracy 0.91\n"), ran("loss 0.93\n"), True),
        (stream("<f at 0x7f00>"), ran("<f at 0x7fbb>"), False),
        (stream("{'fig', 'apple'}"), ran("{'apple', 'fig'}"), False),
        (stream("{'fig', 'apple'}"), ran("{'apple'}"), True),
        (stream("it took 1.5e+03 µs"), ran("it took 2 ms"), False),
        (stream("/home/ann/hw/table.csv is read"), ran("/scratch/hwg-1/work/table.csv is read"), False),
        (stream("PosixPath('C:\\\\Users\\\\ann')"), ran("PosixPath('D:\\\\tmp')"), False),
        (stream("/home/ann is read"), ran("/scratch/hwg-1 is written"), True),
        (stream("right/wrong"), ran("right"), True),
        (stream("10%\r100% done"), ran("done"), False),
        (stream("careful!", "stderr"), ran(""), False),
        ({"output_type": "display_data", "data": {"image/png": "AA", "text/plain": "<Figure>"}}, ran("no"), False),
        ({"output_type": "execute_result", "data": {"text/plain": ["old"]}}, ran("new"), True),
        ({"output_type": "error", "ename": "NameError", "evalue": ""}, ran("fine"), True),
        (stream("fine"), ran("", CellError(name="NameError", message="")), True),
        ({"output_type": "error", "ename": "E"}, ran("", CellError(name="NameError", message="")), False),
    ],
)
def test_an_output_is_old_when_other_words_come_now(tmp_path, output, now, is_old):
    cells = stored(tmp_path, 1, outputs=[output])

    assert ([0] if is_old else []) == old_outputs(cells, now)


@pytest.mark.parametrize(("source", "is_old"), [("%%time\nf()", False), ("x = %timeit -o f()", False), ("f()", True)])
def test_how_a_time_is_told_comes_by_chance(tmp_path, source, is_old):
    cells = stored(tmp_path, 1, outputs=[stream("CPU times: user 3 s\nWall time: 3 s")], source=source)

    assert is_old == bool(old_outputs(cells, ran("Wall time: 2 s")))


def test_the_folder_of_a_notebook_may_have_spaces_in_its_name(tmp_path):
    folder = tmp_path / "Deep Learning"
    folder.mkdir()
    cells = stored(folder, 1, outputs=[stream(f"{folder.resolve()}\n")])

    assert [] == old_outputs(cells, ran("/scratch/hwg-1/work\n"))
