"""A small bundle made by hand, as `grade release` would make one, and notebooks for it."""

from __future__ import annotations

import hashlib
import json

import nbformat
from notebooks import notebook

from grader import __version__

TOML = """
name = "small"
title = "Small functions"
notebook = "small.ipynb"
limits = { cell_s = 20, call_s = 5 }

[[questions]]
id = "q1"
title = "Doubling"
points = 4

[[questions]]
id = "q2"
title = "The mean"
points = 6
"""
CHECKS = '''"""The public checks of the small assignment: they know the answers themselves."""

import numpy as np
import pytest


@pytest.mark.check("q1", points=2, needs="double", hint="Add the number to itself.")
def test_double(student, rng):
    """double(x) is twice x"""
    x = rng.normal(size=3)
    np.testing.assert_allclose(np.asarray(student.double(x)), 2 * x, err_msg="That is not twice x.")


@pytest.mark.check("q1", points=1)
def test_start(student):
    """`start` is 10"""
    assert student.start == 10, "`start` has to be 10."


@pytest.mark.check("q2", points=3, needs="mean", hint="Divide by how many there are.")
def test_mean(student, rng):
    """mean(x) is the mean of x"""
    x = rng.normal(size=4)
    assert abs(student.mean(x) - x.mean()) < 1e-9, "That is not the mean."


@pytest.mark.check("q2", points=1)
def test_words(notebook):
    """the answer says why"""
    assert any("because" in cell.source for cell in notebook.cells("q2")), "Say why."
'''
POINTS = {"q1": {"public": 3, "total": 4}, "q2": {"public": 4, "total": 6}}

IMPORTS = "import numpy as np"
DOUBLE = "def double(x):\n    return 2 * x\nprint('doubled', double(4))"
START = "start = 10"
MEAN = "def mean(x):\n    return np.sum(x) / len(x)"
WORDS = "## Question 2\nIt is so because."
STUBS = ("def double(x):\n    ...  # your code", "start = 0", "def mean(x):\n    ...  # your code")


def cells(double=DOUBLE, start=START, mean=MEAN, words=WORDS, more=()):
    """Return the sources of a notebook for the bundle; the right one by default."""
    return [IMPORTS, "## Question 1", double, start, words, mean, *more]


def write_notebook(path, sources, **metadata):
    """Write a notebook of these sources, in which headings are text."""
    node = notebook(*sources, markdown=[i for i, source in enumerate(sources) if source.startswith("##")])
    node.metadata.update(metadata)
    nbformat.write(node, path)
    return path


def make_bundle(folder, checks=CHECKS, toml=TOML, **about):
    """Unpack the bundle into a folder, with the notebook to fill in beside it."""
    inside = folder / "selfcheck"
    (inside / "checks").mkdir(parents=True)
    (inside / "assignment.toml").write_text(toml)
    (inside / "checks" / "test_small.py").write_text(checks)
    handed_out = cells(*STUBS, words="## Question 2")
    for place in (folder, inside):
        write_notebook(place / "small.ipynb", handed_out, grader={"assignment": "small"})
    files = {
        path.relative_to(inside).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(inside.rglob("*"))
        if path.is_file()
    }
    described = {
        "schema_version": 1,
        "assignment": "small",
        "title": "Small functions",
        "notebook": "small.ipynb",
        "grader": __version__,
        "seed": 7,
        "points": POINTS,
        "files": files,
    }
    (inside / "bundle.json").write_text(json.dumps({**described, **about}))
    return folder
