"""A course imported and its submissions graded, by the command and in real kernels; points are worked out by hand."""

import copy
import json

import nbformat.v4 as v4
import pytest
from made import grade
from nbgrader_course import HIDDEN, SIGMOID, answered, cell_of, released, save, write_course

RELU = "def relu(x):\n    return np.maximum(x, 0)"
RIGHT = {"relu": RELU, "sigmoid": SIGMOID, "why": "It is smooth and monotone."}

pytestmark = pytest.mark.slow


def imported(home, version=3, *options):
    """Import a course of that version with the command."""
    write_course(home, version)
    code, _, err = grade("import", "nbgrader", "course", *options, cwd=home)
    assert code == 0, err
    return err


def graded(home, node, *options):
    """Grade a notebook by the imported course; return its result, and the verdicts by their ids."""
    save(node, home / "ada.ipynb")
    code, out, err = grade("ada.ipynb", "--json", "--out", "out", *options, cwd=home)
    assert code == 0, out + err
    result = json.loads(out)
    return result, {check["id"]: check for question in result["questions"] for check in question["checks"]}


def scores(checks):
    return {name: (check["score"], check["status"]) for name, check in checks.items()}


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_right_answers_get_every_point_a_test_can_give(tmp_path, version):
    imported(tmp_path, version)
    result, checks = graded(tmp_path, answered(version, **RIGHT))

    task = {"explore": (0, "needs_review")} if version == 3 else {}
    assert {
        "relu-tests": (2, "passed"),
        "relu-hidden": (3, "passed"),
        "sigmoid-parts": (4, "passed"),
        "sigmoid-noisy": (1, "passed"),
        "why": (0, "needs_review"),
    } | task == scores(checks)
    assert (10, 18 if task else 15, 8 if task else 5) == (result["score"], result["max_score"], result["pending"])


def test_half_right_answers_get_part_of_the_points(tmp_path):
    said = imported(tmp_path)
    half = {"relu": "def relu(x):\n    return x if x > 0 else 0", "sigmoid": "def sigmoid(x):\n    return 0.5"}
    result, checks = graded(tmp_path, answered(3, **half))

    assert {
        "relu-tests": (2, "passed"),
        "relu-hidden": (0, "failed"),  # an array is neither greater nor less
        "sigmoid-parts": (1, "failed"),  # sigmoid(0) is right, sigmoid(2) is not
        "sigmoid-noisy": (1, "passed"),  # stderr does not count
        "why": (0, "not_attempted"),
        "explore": (0, "needs_review"),
    } == scores(checks)
    assert result["score"] == 4
    assert "relu-tests, relu-hidden, sigmoid-parts, sigmoid-noisy" in result["notes"][0]
    assert "That rule is off" in said


def test_with_nbgraders_rule_for_stderr_the_noisy_test_gives_nothing(tmp_path):
    imported(tmp_path, 3, "--stderr-fails")
    _, checks = graded(tmp_path, answered(3, **RIGHT))

    assert (0, "failed") == scores(checks)["sigmoid-noisy"]
    assert "one warning" in checks["sigmoid-noisy"]["message"]


def test_a_notebook_as_it_was_handed_out_gets_nothing(tmp_path):
    imported(tmp_path)
    result, checks = graded(tmp_path, released(3))

    assert result["score"] == 0
    assert {"relu-tests": "not_attempted", "why": "not_attempted"} == {
        name: checks[name]["status"] for name in ("relu-tests", "why")
    }


def test_a_cheat_in_a_test_cell_is_overwritten(tmp_path):
    imported(tmp_path)
    node = answered(3, sigmoid="def sigmoid(x):\n    return -1", imports="import numpy as np\nnp.all = lambda *_: True")
    cell_of(node, "relu-tests")["source"] = "pass"
    cell_of(node, "relu-hidden").metadata["nbgrader"]["points"] = 300
    cell_of(node, "sigmoid-parts")["source"] = "4.0"
    node.cells.remove(cell_of(node, "sigmoid-noisy"))
    result, checks = graded(tmp_path, node)

    assert (0, 18) == (result["score"], result["max_score"])
    assert {"not_attempted", "failed", "needs_review"} == {check["status"] for check in checks.values()}


def test_of_two_cells_with_one_name_the_last_one_counts(tmp_path):
    imported(tmp_path)
    node = answered(3, **RIGHT)
    for name, source in (("relu-tests", "raise ValueError('an old test')"), ("relu", "def relu(x):\n    return 1 / 0")):
        twin = copy.deepcopy(cell_of(node, name))
        twin["source"], twin["id"] = source, f"twin-{name}"
        node.cells.insert(2, twin)

    assert graded(tmp_path, node)[0]["score"] == 10


def test_deadly_and_endless_code_loses_its_tests_alone(tmp_path):
    imported(tmp_path)
    toml = tmp_path / "assignments" / "hw1" / "assignment.toml"
    toml.write_text(toml.read_text().replace("\n[[", "\n[limits]\ncell_s = 2\n[[", 1), encoding="utf-8")
    node = answered(3, relu="import os\ndef relu(x):\n    os._exit(3)", sigmoid="def sigmoid(x):\n    while True: pass")
    _, checks = graded(tmp_path, node)

    assert {"relu-tests": 0, "relu-hidden": 0, "sigmoid-parts": 0, "sigmoid-noisy": 0} == {
        name: check["score"] for name, check in checks.items() if "-" in name
    }
    assert "ended the kernel" in checks["relu-tests"]["message"]


def test_a_result_for_students_tells_nothing_of_hidden_tests(tmp_path):
    imported(tmp_path)
    node = answered(
        3, relu="def relu(x):\n    print('called with', x)\n    return 0.01 * x if x < 0 else x", sigmoid=SIGMOID
    )
    whole, _ = graded(tmp_path, node)
    seen, checks = graded(tmp_path, node, "--audience", "student")
    page = (tmp_path / "out" / "ada.html").read_text(encoding="utf-8")

    assert HIDDEN in json.dumps(whole)
    assert HIDDEN not in json.dumps(seen) + page
    assert "-1." not in json.dumps([cell for cell in seen["execution"]["cells"] if "relu(0.0)" in cell["source"]])
    assert ("", []) == (checks["relu-hidden"]["message"], checks["relu-hidden"]["evidence"])


def test_a_self_check_runs_the_public_tests_only(tmp_path):
    imported(tmp_path)
    result, checks = graded(tmp_path, answered(3, **RIGHT), "--self-check")

    assert {"relu-tests", "sigmoid-parts", "sigmoid-noisy"} == set(checks)
    assert HIDDEN not in json.dumps(result)


def test_a_batch_takes_what_is_known_until_the_tests_change(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADE_CACHE", str(tmp_path / "cache"))
    imported(tmp_path)
    folder = tmp_path / "class"
    folder.mkdir()
    save(answered(3, **RIGHT), folder / "ada.ipynb")
    save(released(3), folder / "bob.ipynb")

    def points():
        code, out, err = grade("class", "--json", "--out", "out", cwd=tmp_path)
        assert code == 0, out + err
        return {entry["student"]: entry["score"] for entry in map(json.loads, out.splitlines())}

    assert {"ada": 10, "bob": 0} == points() == points()
    tests = tmp_path / "assignments" / "hw1" / "tests.json"
    tests.write_text(tests.read_text(encoding="utf-8").replace("assert relu(3.0) == 3", "assert relu(3.0) == 4"))
    assert {"ada": 8, "bob": 0} == points()


def test_a_notebook_that_cannot_be_read_has_every_check_in_its_result(tmp_path):
    imported(tmp_path)
    (tmp_path / "ada.ipynb").write_text("{", encoding="utf-8")
    code, out, _ = grade("ada.ipynb", "--json", "--assignment", "hw1", cwd=tmp_path)
    result = json.loads(out)

    assert (1, 18) == (code, result["max_score"])


def test_the_test_cells_see_nbgraders_variable(tmp_path):
    imported(tmp_path)
    node = answered(3, **RIGHT)
    node.cells.append(v4.new_code_cell("import os\nprint(os.environ['NBGRADER_EXECUTION'])", id="extra"))
    result, _ = graded(tmp_path, node)

    assert "autograde\n" == result["execution"]["cells"][-1]["outputs"][0]["data"]
