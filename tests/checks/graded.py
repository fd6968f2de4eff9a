"""One notebook, graded with an assignment that is written for it."""

import nbformat
from notebooks import notebook

from grader.assignment import load
from grader.checks import Recording
from grader.config import GradeOptions
from grader.grading import grade

ASSIGNMENT = """
name = "one"
title = "Models"
notebook = "one.ipynb"
reference = "tiny_reference"
data = { mnist = "digits[:400, :100]" }
questions = [{ id = "q1", title = "The question", points = 10 }]
"""


def graded(folder, cells, bodies, fixtures, *, head="", more="", recorded=False):
    """Return the result of a notebook of these cells, with one check for each body; `recorded`: as for a bundle."""
    (folder / "checks").mkdir()
    (folder / "assignment.toml").write_text(more + ASSIGNMENT)
    nbformat.write(notebook("pass"), folder / "one.ipynb")
    checks = f"import pytest\n{head}\n"
    for number, body in enumerate(bodies):
        lines = body.replace("\n", "\n    ")
        checks += f'@pytest.mark.check("q1", points={10 / len(bodies)})\n'
        checks += f"def test_{number}({', '.join(fixtures)}):\n    {lines}\n\n"
    (folder / "checks" / "test_one.py").write_text(checks)
    submission = folder / "sub" / "ada.ipynb"
    submission.parent.mkdir()
    nbformat.write(notebook(*cells), submission)
    assignment = load(folder)
    reference = Recording(assignment) if recorded else None
    return grade(submission, assignment, GradeOptions(seed=1, public_only=recorded), reference=reference)
