"""Fingerprints of what verdicts depend on."""

from nbformat.v4 import new_code_cell, new_notebook

from grader.assignment import Assignment
from grader.selfcheck.sheet import Sheet


def test_a_cell_that_is_skipped_now_has_changed():
    def sheet(**metadata):
        cells = [new_code_cell("x = 1", id="a", metadata=metadata), new_code_cell("y = x", id="b")]
        return Sheet.of(new_notebook(cells=cells), Assignment.__new__(Assignment))

    before, skipped = sheet(), sheet(tags=["skip-execution"])

    assert before.whole != skipped.whole
    assert before.prints[1] != skipped.prints[1]
    assert before.whole == sheet(collapsed=True).whole
