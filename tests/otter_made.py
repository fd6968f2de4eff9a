"""A small homework as otter has it, composed here, with submissions whose scores were worked out by hand.

| test | format    | said about points           | cases: public, hidden        | worth               |
| ---- | --------- | --------------------------- | ---------------------------- | ------------------- |
| q1   | doctest   | 3 in all, 1 for the first   | p h h                        | 1 + 1 + 1           |
| q2   | functions | a list                      | p h                          | 1 + 2               |
| q3   | doctest   | 4 in all, all or nothing    | p h                          | 2 + 2               |
| q4   | doctest   | nothing                     | p p                          | 0.5 + 0.5           |
| q5   | functions | 0 for the first             | p h                          | 0 + 1               |
| q10  | doctest   | 2 for the second            | p h                          | 0 + 2; 14 in all    |
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from nbformat import writes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

Q1 = r'''
OK_FORMAT = True

test = {
    "name": "q1",
    "points": 3,
    "suites": [{"type": "doctest", "scored": True, "setup": "", "teardown": "", "cases": [
        {"name": "one value", "code": ">>> relu(-1.0)\n0.0", "hidden": False, "locked": False, "points": 1,
         "success_message": "Negative numbers are cut off.", "failure_message": "Look at negative numbers."},
        {"code": ">>> [float(v) for v in relu(np.array([-1.0, 2.0]))]\n[0.0, 2.0]"},
        {"code": """
            >>> for v in (1.0, 3.0):
            ...     print(float(relu(v)))
            1.0
            3.0
            """, "hidden": True},
    ]}],
}
'''
Q2 = """
from otter.test_files import test_case

OK_FORMAT = False
name = "q2"
points = [1, 2]
NEAR = 1e-6


@test_case(failure_message="Each row is a distribution.")
def test_sums_to_one(softmax, env):
    out = softmax(env["np"].zeros(4))
    assert abs(out.sum() - 1) < NEAR


@test_case(hidden=True)
def test_large_numbers(softmax):
    import numpy
    assert softmax(numpy.array([1000.0, 1000.0]))[0] == 0.5, "the exponents overflow"
"""
Q3 = r"""
OK_FORMAT = True
test = {
    "name": "The mean", "points": 4, "all_or_nothing": True,
    "suites": [{"type": "doctest", "cases": [
        {"code": ">>> mean([1, 3])\n2.0", "hidden": False},
        {"code": ">>> mean([])\nTraceback (most recent call last):\n    ...\nValueError: empty", "hidden": True},
    ]}],
}
"""
Q4 = r"""
OK_FORMAT = True
test = {"name": "q4", "suites": [{"type": "doctest", "cases": [
    {"code": ">>> x\n3", "hidden": False},
    {"code": ">>> list(range(x * 10)) # doctest: +ELLIPSIS\n[0, 1, ..., 29]", "hidden": False},
]}]}
"""
Q5 = """
from otter.test_files import test_case

OK_FORMAT = False
name = "q5"
points = None


@test_case(name="is there", points=0)
def test_is_there(loss):
    assert callable(loss)


@test_case(hidden=True)
def test_value(loss, missing):
    assert missing is None
    assert loss(2.0) == 4.0
"""
Q10 = r"""
OK_FORMAT = True
test = {"name": "q10", "suites": [{"type": "doctest", "cases": [
    {"code": ">>> type(answer).__name__\n'int'", "hidden": False},
    {"code": ">>> answer\n42", "points": 2},
]}]}
"""
TESTS = {"q1": Q1, "q2": Q2, "q3": Q3, "q4": Q4, "q5": Q5, "q10": Q10}
WORTH = {"q1": 3, "q2": 3, "q3": 4, "q4": 1, "q5": 1, "q10": 2}

HEAD = "import numpy as np\nimport otter\ngrader = otter.Notebook('hw.ipynb')"
RIGHT = {  # of a number relu gives a number: doctests compare what is shown
    "q1": "def relu(z):\n    return z * (z > 0) + 0.0",
    "q2": "def softmax(z):\n    e = np.exp(z - z.max())\n    return e / e.sum()",
    "q3": "def mean(v):\n    if not v:\n        raise ValueError('empty')\n    return sum(v) / len(v)",
    "q4": "x = 3",
    "q5": "def loss(z):\n    return z ** 2",
    "q10": "answer = 42",
}

BLANK = {
    "q1": "def relu(z):\n    ...",
    "q2": "def softmax(z):\n    ...",
    "q3": "def mean(v):\n    raise NotImplementedError",
    "q4": "x = ...",
    "q5": "def loss(z):\n    ...",
    "q10": "answer = ...",
}
SUBMISSIONS = {
    "right": RIGHT,
    "blank": BLANK,
    "wrong": RIGHT
    | {
        "q1": "def relu(z):\n    return np.abs(z) * 1.0 if np.ndim(z) == 0 else z * (z > 0) + 0.0",
        "q2": "def softmax(z):\n    e = np.exp(z)\n    return e / e.sum()",
        "q3": "def mean(v):\n    return sum(v) / len(v)",
        "q5": "def loss(z):\n    return z * 3",
        "q10": "answer = 41",
    },
}
SCORES = {
    "right": {"q1": 3, "q2": 3, "q3": 4, "q4": 1, "q5": 1, "q10": 2},
    "blank": {"q1": 0, "q2": 0, "q3": 0, "q4": 0, "q5": 0, "q10": 0},
    "wrong": {"q1": 2, "q2": 1, "q3": 0, "q4": 1, "q5": 0, "q10": 0},
}


def notebook(answers: dict[str, str], metadata: dict[str, object] | None = None, more: tuple[str, ...] = ()) -> str:
    """Return a notebook with these answers: q4's cell names its test, for q10 none does, the others call theirs."""
    cells = [new_markdown_cell("# Small functions\nFill in what is missing."), new_code_cell(HEAD)]
    for name, source in answers.items():
        cells += [new_markdown_cell(f"**Question {name[1:]}.**"), new_code_cell(source)]
        if name == "q4":
            cells[-1].metadata["otter"] = {"tests": ["q4"]}
        elif name != "q10":
            cells.append(new_code_cell(f'grader.check("{name}")'))
    cells.append(new_code_cell("x = 'used for something else'"))
    cells += [new_code_cell(source) for source in more]
    cells.append(new_code_cell("grader.check_all()\ngrader.export(pdf=False)"))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return writes(new_notebook(cells=cells, metadata={"otter": metadata} if metadata else {}))


def write_folder(folder: Path) -> Path:
    """Write it as a folder with tests/ and the notebook that students get."""
    (folder / "tests").mkdir(parents=True)
    for name, source in TESTS.items():
        (folder / "tests" / f"{name}.py").write_text(source, encoding="utf-8")
    (folder / "hw.ipynb").write_text(notebook(BLANK), encoding="utf-8")
    (folder / "numbers.csv").write_text("1,2,3\n", encoding="utf-8")
    return folder


def write_zip(path: Path, config: dict[str, object] | None = None) -> Path:
    """Write it as an autograder's zip file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, source in TESTS.items():
            archive.writestr(f"tests/{name}.py", source)
        archive.writestr("otter_config.json", json.dumps(config or {}))
        archive.writestr("files/numbers.csv", "1,2,3\n")
        archive.writestr("run_autograder", "")
    return path
