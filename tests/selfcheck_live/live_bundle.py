"""A bundle of our own making, with checks that need no reference, and a notebook to fill in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat
from notebooks import notebook

from grader.bundle import Bundle, Points

TOML = """
name = "live"
title = "A homework that checks itself"
notebook = "live.ipynb"
limits = { call_s = CALL_S }

[[questions]]
id = "q1"
title = "Doubling"
points = 6

[[questions]]
id = "q2"
title = "In words"
points = 3

[[questions]]
id = "q3"
title = "Chance and figures"
points = 4

[[questions]]
id = "q4"
title = "Training"
points = 2
"""
CHECKS = '''
import numpy as np
import pytest

from grader.results import Diagnosis, Text

ADDED = Diagnosis(name="", title="one too many", explanation="You add $1$, which nobody asked for.")


@pytest.mark.check("q1", points=2, needs="double", hint="Add `x` to itself.")
def test_double(check, rng):
    """double(x) is twice x"""
    x = rng.normal(size=3)
    got = check.student.call("double", x).value
    if isinstance(got, np.ndarray) and abs(got - 2 * x - 1).max() < 1e-9:
        check.fail("Every entry is 1 too large.", Text(title="What came back", text="<b>1</b>"), diagnosis=ADDED)
    check.agree(got, 2 * x, asked=f"double({x})")


@pytest.mark.check("q1", points=1)
def test_start_is_ten(student):
    """`start` is 10, whatever other checks do"""
    assert student.start == 10
    student.set(start=11, other=12)


@pytest.mark.check("q1", points=1)
def test_start_is_ten_again(student):
    """and once more"""
    assert student.start == 10
    student.numbers.append(7)


@pytest.mark.check("q2", points=2)
def test_words(notebook):
    """question 2 says that doubling is linear"""
    assert any("linear" in cell.source for cell in notebook.cells("q2")), "It does not say so."


@pytest.mark.check("q3", points=1)
def test_chance(student):
    """draw(n) gives numbers in 0..1"""
    assert 0 <= student.draw(1)[0] <= 1


@pytest.mark.check("q3", points=1)
def test_figure(figures):
    """there is a figure"""
    assert figures


@pytest.mark.check("q3", points=1)
def test_start_as_made(student, notebook):
    """`start` is 10 whenever its statements are run again"""
    assert student.rerun(notebook.statements(["start"]), ["start"]) == {"start": 10}


@pytest.mark.check("q4", points=1)
def test_fits(models):
    """`fit` was called once"""
    assert len(models.runs(kind="fit")) == 1, "Not once."
'''
CELLS = (
    "# Question 1\nimport numpy as np\n\ndef double(x):\n    pass\n\nstart = 10",
    "## Question 2",
    "*Your answer here.*",
    "# Question 3\ndef draw(n):\n    pass",
)
TEXTS = (1, 2)
PUBLIC = {"q1": 4.0, "q2": 2.0, "q3": 3.0, "q4": 1.0}


def make(folder: Path, call_s: float = 1) -> Path:
    """Write the bundle into a folder, with the notebook as it is handed out."""
    inside = folder / "selfcheck"
    (inside / "checks").mkdir(parents=True)
    (inside / "assignment.toml").write_text(TOML.replace("CALL_S", f"{call_s}"), encoding="utf-8")
    (inside / "checks" / "test_live.py").write_text(CHECKS, encoding="utf-8")
    for place in (inside, folder):
        save(place, *CELLS)
    files = {
        file.relative_to(inside).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in inside.rglob("*")
        if file.is_file()
    }
    bundle = Bundle(
        schema_version=1,
        assignment="live",
        title="A homework that checks itself",
        notebook="live.ipynb",
        grader="0.1.0",
        seed=3,
        points={name: Points(public=points, total=points + 1) for name, points in PUBLIC.items()},
        files=files,
    )
    (inside / "bundle.json").write_text(bundle.model_dump_json(), encoding="utf-8")
    return folder


def save(folder: Path, *cells: str) -> Path:
    """Save the notebook with these cells, the second and third of which are text."""
    path = folder / "live.ipynb"
    nbformat.write(notebook(*cells, markdown=TEXTS), path)
    return path
