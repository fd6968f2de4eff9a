"""Fingerprints of a notebook: what has them, what has none, and that they are the same everywhere."""

from __future__ import annotations

import subprocess
import sys
import time

import hands
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebooks import notebook

from grader.similarity import code_tokens, fingerprints, handed_out
from grader.similarity.winnowing import GRAM, MAX_CELL, MAX_NOTEBOOK, WINDOW

STATEMENTS = (
    "total = np.sum(rates) / len(rates)",
    "for row, label in zip(rows, labels):\n    total += row @ label",
    "def sigma(z, slope=1.0):\n    return 1 / (1 + np.exp(-slope * z))",
    "model.fit(rows, labels, epochs=10, verbose=0)",
    "grads = [np.outer(d, a) for d, a in zip(deltas, acts)]",
    "if total > 3 and not labels:\n    raise ValueError('too many')",
    "plt.plot(range(10), losses, label='training')",
    "weights[i] -= rate * (deltas[i].T @ acts[i])",
    "class Net:\n    def __init__(self, sizes):\n        self.w = [np.zeros(n) for n in sizes]",
    "best = max(results, key=lambda r: r['accuracy'])",
)
CELLS = st.lists(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=12).map("\n".join), min_size=1, max_size=4)


@given(CELLS)
@settings(max_examples=50)
def test_renaming_and_reformatting_change_nothing(cells):
    before, after = notebook(*cells), notebook(*hands.renamed(cells))

    assert fingerprints(before).hashes.tolist() == fingerprints(after).hashes.tolist()


@given(CELLS)
@settings(max_examples=50)
def test_what_was_handed_out_has_no_fingerprints(cells):
    given = notebook(*cells)

    assert len(fingerprints(given, handed_out(given))) == 0


@given(CELLS, st.data())
@settings(max_examples=50)
def test_a_long_enough_run_of_tokens_is_always_found(cells, data):
    shared = "\n".join(cells)  # one run, in other surroundings
    around = st.lists(st.sampled_from(STATEMENTS), max_size=5).map("\n".join)
    one = fingerprints(notebook(shared))
    other = fingerprints(notebook("\n".join((data.draw(around), shared, data.draw(around)))))

    long_enough = len(one) and one.places[-1][1] - one.places[0][1] >= WINDOW
    assert not long_enough or np.isin(one.hashes, other.hashes).sum() >= len(one) - 2 * WINDOW


@pytest.mark.parametrize("cells", [(), ("",), ("x = 1",), ("# nothing", "\n\n")])
def test_next_to_nothing_has_no_fingerprints(cells):
    assert len(fingerprints(notebook(*cells))) == 0


def test_text_cells_are_not_looked_at():
    code = "\n".join(STATEMENTS)

    assert len(fingerprints(notebook(code, markdown=[0]))) == 0


def test_moving_cells_changes_only_the_order():
    cells = hands.independent()["alice"]

    assert sorted(fingerprints(notebook(*cells)).hashes) == sorted(fingerprints(notebook(*cells[::-1])).hashes)


def test_code_that_does_not_parse_is_compared_too():
    cells = hands.independent()["alice"]
    broken = [cell + "\ndef oh(no:\n" for cell in cells]
    whole, partly = fingerprints(notebook(*cells)), fingerprints(notebook(*broken))

    assert np.isin(whole.hashes, partly.hashes).mean() > 0.95


def test_places_are_those_of_the_code():
    node = notebook("# Title", "import numpy", "x = 1\n" + "\n".join(STATEMENTS), markdown=[0])
    code = code_tokens(node)[2]

    places = fingerprints(node).places.tolist()

    assert 5 < len(places)
    for cell, first, start, end in places:
        at = [number for number, token in enumerate(code, 2) if start <= token.start and token.end <= end]
        assert (2, list(range(first, first + GRAM))) == (cell, at)  # the other cell has two tokens


def test_fingerprints_are_the_same_in_every_process():
    script = "print(fingerprints(new_notebook(cells=[new_code_cell('x = f(y) + [z]\\n' * 40)])).hashes.tolist())"
    imports = "from nbformat.v4 import new_code_cell, new_notebook; from grader.similarity import fingerprints"
    seen = {
        subprocess.run(
            [sys.executable, "-c", f"{imports}; {script}"],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(hands.ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert 1 == len(seen)
    assert len(seen.pop()) > 100


def test_a_cell_of_ten_megabytes_costs_little():
    line = "x = [np.exp(y) for y in z] + 'text'\n"
    began = time.process_time()
    prints = fingerprints(notebook(line * (10_000_000 // len(line)), "(" * 10_000_000, "'" * 10_000_000))

    assert time.process_time() - began < 5
    assert prints.places[:, 3].max() <= MAX_CELL


def test_a_notebook_of_many_long_cells_is_read_to_a_bound():
    cell = "x = [np.exp(y) for y in z]\n" * 1800
    prints = fingerprints(notebook(*[cell] * 20))

    assert prints.places[:, 0].max() <= MAX_NOTEBOOK // len(cell)
    assert GRAM < len(prints)
