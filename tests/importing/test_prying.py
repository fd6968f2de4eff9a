"""Notebooks that look for the hidden tests they were run with: their students' reports do not show them."""

import json

import pytest
from made import grade
from nbformat import v4
from nbgrader_course import HIDDEN, SIGMOID, answered, save, write_course

TEST = "assert np.all(relu(np.array([-1.0, 4.0]))"
WATCHING = """def relu(x):
    import linecache, sys
    seen.extend(linecache.getlines(sys._getframe(1).f_code.co_filename))
    return np.maximum(x, 0)"""
PRYING = {
    "inputs": "print(In, _ih, sep='\\n')\nfor each in _ih: print(each)\n%history",
    "seen": "print('a telling picture')\nfor line in seen: print(line)\nseen",
    "page": "from html import escape\nfrom IPython.display import HTML\nHTML(escape(''.join(seen)))",
    "raised": "raise ValueError(''.join(seen))",
    "harmless": "print('relu of 3 is', relu(3.0))\n1 / 0",
}

pytestmark = pytest.mark.slow


def spy():
    """Return a right notebook that keeps what calls its function, and shows it afterwards."""
    node = answered(3, relu=f"seen = []\n{WATCHING}", sigmoid=SIGMOID)
    node.cells.extend(v4.new_code_cell(source, id=name) for name, source in PRYING.items())
    return node


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Grade the notebook once for its instructor and once for its student; return the cells of PRYING, and all said."""
    home, found = tmp_path_factory.mktemp("home"), {}
    write_course(home)
    code, _, err = grade("import", "nbgrader", "course", cwd=home)
    assert code == 0, err
    save(spy(), home / "ada.ipynb")
    for audience in ("instructor", "student"):
        code, out, err = grade("ada.ipynb", "--json", "--audience", audience, "--out", audience, cwd=home)
        assert code == 0, err
        page = (home / audience / "ada.html").read_text(encoding="utf-8")
        cells = dict(zip(PRYING, json.loads(out)["execution"]["cells"][-len(PRYING) :], strict=True))
        found[audience] = (cells, out + page)
    return found


def test_the_notebook_finds_the_hidden_test(both):
    cells, _ = both["instructor"]

    assert [True] * 3 == [HIDDEN in json.dumps(cells[name]) for name in ("seen", "page", "raised")]


def test_what_ran_as_a_hidden_test_is_not_among_the_inputs(both):
    cells, _ = both["instructor"]

    assert "assert relu(3.0) == 3" in json.dumps(cells["inputs"])
    assert HIDDEN not in json.dumps(cells["inputs"])


def test_its_student_reads_nothing_of_it(both):
    cells, everything = both["student"]

    assert HIDDEN not in everything
    assert TEST not in everything
    assert "lines of a hidden test" in cells["seen"]["outputs"][0]["data"]
    assert ("ValueError", "") == (cells["raised"]["error"]["name"], cells["raised"]["error"]["traceback"])


def test_what_does_not_tell_of_it_stays(both):
    cells, _ = both["student"]

    assert "relu of 3 is 3.0\n" == cells["harmless"]["outputs"][0]["data"]
    assert "ZeroDivisionError" in cells["harmless"]["error"]["traceback"]
    assert "assert relu(3.0) == 3" in cells["inputs"]["outputs"][0]["data"]
