"""A small nbgrader course in any version of its metadata, and what students of it hand in."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from nbformat import v4

HIDDEN = "a leaky relu is no relu"
SCHEME = "two points for a picture, one for its axes"
OURS = "It squashes numbers into (0, 1)."

RELU = """def relu(x):
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### END SOLUTION"""
RELU_TESTS = "assert relu(-2.0) == 0\nassert relu(3.0) == 3"
RELU_HIDDEN = f"""assert relu(0.0) == 0
### BEGIN HIDDEN TESTS
assert np.all(relu(np.array([-1.0, 4.0])) == [0, 4]), "{HIDDEN}"
### END HIDDEN TESTS"""
SIGMOID = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
SIGMOID_PARTS = """points = 1.0 * bool(sigmoid(0.0) == 0.5)
points += 3.0 * bool(abs(sigmoid(2.0) - 0.880797) < 1e-6)
points"""
SIGMOID_NOISY = 'import sys\nprint("one warning", file=sys.stderr)\nassert 0 < sigmoid(1.0) < 1'
WHY = f"### BEGIN SOLUTION\n{OURS}\n### END SOLUTION"
TASK = f"## Explore\nDraw both.\n=== BEGIN MARK SCHEME ===\n{SCHEME}\n=== END MARK SCHEME ==="

# What each cell is for nbgrader: grade, solution, locked, task, points
CELLS = (
    ("markdown", "# Activations", "", ""),
    ("code", "import numpy as np", "imports", "locked"),
    ("markdown", "## Relu", "", ""),
    ("code", RELU, "relu", "solution"),
    ("code", RELU_TESTS, "relu-tests", "grade 2"),
    ("code", RELU_HIDDEN, "relu-hidden", "grade 3"),
    ("markdown", "## Sigmoid", "", ""),
    ("code", SIGMOID, "sigmoid", "solution"),
    ("code", SIGMOID_PARTS, "sigmoid-parts", "grade 4"),
    ("code", SIGMOID_NOISY, "sigmoid-noisy", "grade 1"),
    ("markdown", "## Why", "", ""),
    ("markdown", WHY, "why", "grade solution 5"),
    ("markdown", TASK, "explore", "task locked 3"),
)
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def metadata(grade_id: str, what: str, version: int) -> dict[str, object]:
    """Return nbgrader's metadata of a cell as that version writes them; 0 says only what is true."""
    words = what.split()
    flags = {name: name in words for name in ("grade", "solution", "locked")}
    points = [float(word) for word in words if word[0].isdigit()]
    about: dict[str, object] = {"grade_id": grade_id, **({name: True for name, is_so in flags.items() if is_so})}
    if version > 0:
        about |= {"schema_version": version, **flags}
    if version == 3:
        about["task"] = "task" in words
    return about | ({"points": points[0]} if points else {})


def notebook(version: int, cells: tuple[tuple[str, str, str, str], ...] = CELLS) -> dict:
    """Return the author's notebook; only version 3 has a task."""
    made = []
    for number, (kind, source, grade_id, what) in enumerate(cells):
        if "task" in what and version < 3:
            continue
        cell = (v4.new_code_cell if kind == "code" else v4.new_markdown_cell)(source)
        cell["id"] = f"cell-{number}"
        if grade_id:
            cell.metadata["nbgrader"] = metadata(grade_id, what, version)
        made.append(cell)
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=made, metadata={**about, "language_info": {"name": "python"}})


def write_course(home: Path, version: int = 3, *, step: str = "source", node: dict | None = None) -> Path:
    """Write a course of one assignment, with a file that its notebook may read; return its folder."""
    folder = home / "course" / step / "hw1"
    folder.mkdir(parents=True)
    save(node or notebook(version), folder / "activations.ipynb")
    (folder / "data.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    return home / "course"


def released(version: int) -> dict:
    """Return what students get, made here by hand."""
    stubs = {
        "relu": f"def relu(x):\n    {STUB.replace(chr(10), chr(10) + '    ')}",
        "relu-hidden": "assert relu(0.0) == 0",
        "sigmoid": STUB,
        "why": "YOUR ANSWER HERE",
        "explore": "## Explore\nDraw both.",
    }
    node = notebook(version)
    for name, source in stubs.items():
        if name in names(node):
            cell_of(node, name)["source"] = source
    return node


def answered(version: int, **sources: str) -> dict:
    """Return a student's notebook with these answers."""
    node = copy.deepcopy(released(version))
    for name, source in sources.items():
        cell_of(node, name.replace("_", "-"))["source"] = source
    return node


def names(node: dict) -> list[str]:
    return [cell.metadata["nbgrader"]["grade_id"] for cell in node.cells if "nbgrader" in cell.metadata]


def cell_of(node: dict, name: str) -> dict:
    return next(cell for cell in node.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def save(node: dict, path: Path) -> Path:
    path.write_text(json.dumps(node, indent=1), encoding="utf-8")
    return path
