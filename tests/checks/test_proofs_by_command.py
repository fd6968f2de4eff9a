"""A derivation graded by the command: a self-check shows how every line was read, a grading only the false ones."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from notebooks import notebook

ROOT = Path(__file__).parents[2]
TOML = """
name = "one"
title = "A proof"
notebook = "one.ipynb"
reference = "tiny_reference"
questions = [{ id = "q1", title = "The Jacobian", points = 10 }]
"""
CHECK = """import pytest

@pytest.mark.check("q1", points=10)
def test_derivation(proof):
    '''The derivation holds line by line'''
    proof("softmax")
"""
TASK = "## Question 1\n\nDerive the Jacobian of softmax."
ANSWER = r"""$$\frac{\partial \log y_i}{\partial z_j} = \delta_{ij} - y_j$$
$$\frac{\partial y_i}{\partial z_j} = y_i (1 - y_j)$$"""


@pytest.fixture
def graded(tmp_path):
    """Return a function that grades the answer with some options, and gives the command's output and the page."""
    folder = tmp_path / "assignments" / "one"
    (folder / "checks").mkdir(parents=True)
    (folder / "proofs").mkdir()
    shutil.copy(ROOT / "tests" / "proofs" / "worlds" / "softmax.toml", folder / "proofs")
    (folder / "assignment.toml").write_text(TOML)
    (folder / "checks" / "test_one.py").write_text(CHECK)
    (tmp_path / "tiny_reference.py").write_text('"""Nothing to compute."""\n')
    nbformat.write(notebook(TASK, "*Your answer here.*", markdown=(0, 1)), folder / "one.ipynb")
    nbformat.write(notebook(TASK, ANSWER, markdown=(0, 1)), tmp_path / "ada.ipynb")

    def graded(*options):
        paths = os.pathsep.join([str(ROOT), str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
        command = [
            sys.executable,
            "-P",
            "-m",
            "grader",
            "--assignment",
            "one",
            "--out",
            "reports",
            *options,
            "ada.ipynb",
        ]
        environment = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "200"}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout, (tmp_path / "reports" / "ada.html").read_text()

    return graded


@pytest.mark.slow
def test_a_self_check_shows_how_every_line_was_read(graded):
    output, page = graded("--self-check")

    assert page.count("We read this line as") == 2
    assert output.count("read as: ") == 2
    assert "does not hold: " in output
    assert "it holds only for i = j" in output


@pytest.mark.slow
def test_a_grading_shows_it_of_a_false_line_alone(graded):
    output, page = graded("--no-sandbox")

    assert page.count("We read this line as") == 1
    assert output.count("read as: ") == 1
