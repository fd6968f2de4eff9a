"""A course imported and its submissions graded, by the command and in real kernels; points are worked out by hand."""

import copy
import json

import pytest
from made import change, grade
from nbformat import v4
from nbgrader_course import HIDDEN, SIGMOID, answered, cell_of, released, save, write_course

RIGHT = {"relu": "def relu(x):\n    return np.maximum(x, 0)", "sigmoid": SIGMOID, "why": "It is smooth."}
HALF = {"relu": "def relu(x):\n    return x if x > 0 else 0", "sigmoid": "def sigmoid(x):\n    return 0.5"}
HALF_POINTS = {
    "relu-tests": (2, "passed"),
    "relu-hidden": (0, "failed"),  # an array is neither greater nor less
    "sigmoid-parts": (1, "failed"),  # sigmoid(0) is right, sigmoid(2) is not
    "sigmoid-noisy": (1, "passed"),  # stderr does not count
    "why": (0, "not_attempted"),
}
TASK = {"explore": (0, "needs_review")}

pytestmark = pytest.mark.slow


def imported(home, version, *options):
    """Import a course of that version with the command; return what it says."""
    write_course(home, version)
    code, _, err = grade("import", "nbgrader", "course", *options, cwd=home)
    assert code == 0, err
    return err


def scores(result):
    return {check["id"]: (check["score"], check["status"]) for part in result["questions"] for check in part["checks"]}


def cheating():
    """Return a notebook that changes its tests and what they import."""
    node = answered(3, sigmoid="def sigmoid(x):\n    return 9", imports="import numpy as np\nnp.all = lambda *_: True")
    cell_of(node, "relu-tests")["source"] = "pass"
    cell_of(node, "relu-hidden").metadata["nbgrader"]["points"] = 300
    cell_of(node, "sigmoid-parts")["source"] = "4.0"
    node.cells.remove(cell_of(node, "sigmoid-noisy"))
    return node


def twice():
    """Return a right notebook with older cells of the same names above."""
    node = answered(3, **RIGHT)
    for name, source in (("relu-tests", "raise ValueError('an old test')"), ("relu", "def relu(x):\n    return 1 / 0")):
        twin = copy.deepcopy(cell_of(node, name))
        twin["source"], twin["id"] = source, f"twin-{name}"
        node.cells.insert(2, twin)
    return node


def curious():
    """Return a right notebook that shows what it is called with, and where it runs."""
    node = answered(
        3, **RIGHT | {"relu": "def relu(x):\n    print('called with', x)\n    return x if x > 0 else 0.01 * x"}
    )
    node.cells.append(v4.new_code_cell("import os\nprint(os.environ['NBGRADER_EXECUTION'])", id="extra"))
    return node


FLOOD = "def sigmoid(x):\n    for number in range(150): display(number)\n    return 0.5"
FORGERY = """import numpy as np
shell = get_ipython()
shell.set_custom_exc((Exception,), lambda *_, **__: None)
shell.ast_node_interactivity = "all"
exit()"""


NOTEBOOKS = {
    "right": answered(3, **RIGHT),
    "half": answered(3, **HALF),
    "empty": released(3),
    "cheat": cheating(),
    "twice": twice(),
    "curious": curious(),
    "flood": answered(3, **RIGHT | {"sigmoid": FLOOD}),
    "forger": answered(3, **HALF | {"relu": f"{FORGERY}\n{HALF['relu']}"}),
    "deadly": answered(3, **RIGHT | {"relu": "import os\ndef relu(x):\n    os._exit(3)"}),
    "endless": answered(3, **RIGHT | {"sigmoid": "def sigmoid(x):\n    while True: pass"}),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade all notebooks in one go; return their results by name."""
    home = tmp_path_factory.mktemp("home")
    imported(home, 3)
    change(home / "assignments" / "hw1" / "assignment.toml", ('\n[[questions]]\nid = "q1"', LIMITS))
    (home / "class").mkdir()
    for name, node in NOTEBOOKS.items():
        save(node, home / "class" / f"{name}.ipynb")
    code, out, err = grade("class", "--out", "out", cwd=home, GRADE_CACHE="off")
    assert code == 0, out + err
    return {name: json.loads((home / "out" / f"{name}.json").read_text(encoding="utf-8")) for name in NOTEBOOKS}


LIMITS = '\n[limits]\ncell_s = 8\n\n[[questions]]\nid = "q1"'


def test_right_answers_get_every_point_that_tests_can_give(graded):
    result = graded["right"]

    assert {
        "relu-tests": (2, "passed"),
        "relu-hidden": (3, "passed"),
        "sigmoid-parts": (4, "passed"),
        "sigmoid-noisy": (1, "passed"),
        "why": (0, "needs_review"),
    } | TASK == scores(result)
    assert (10, 18, 8) == (result["score"], result["max_score"], result["pending"])


def test_half_right_answers_get_part_of_the_points(graded):
    result = graded["half"]

    assert HALF_POINTS | TASK == scores(result)
    assert (4, 3) == (result["score"], result["pending"])


def test_results_name_what_was_judged_inside(graded):
    (said,) = graded["right"]["notes"]

    assert "relu-tests, relu-hidden, sigmoid-parts, sigmoid-noisy" in said


def test_a_notebook_as_it_was_handed_out_gets_nothing(graded):
    result = graded["empty"]

    assert result["score"] == 0
    assert ["not_attempted"] * 2 == [scores(result)[name][1] for name in ("relu-tests", "why")]


def test_a_changed_deleted_or_dearer_test_is_put_right(graded):
    result = graded["cheat"]

    assert (0, 18) == (result["score"], result["max_score"])
    assert {"relu-tests", "relu-hidden", "sigmoid-parts", "sigmoid-noisy"} <= set(scores(result))


def test_of_two_cells_with_one_name_the_last_one_counts(graded):
    assert graded["twice"]["score"] == 10


@pytest.mark.parametrize(
    ("name", "lost", "says"),
    [("deadly", "relu-", "ended the kernel"), ("endless", "sigmoid-", "ran longer than 8 s")],
)
def test_deadly_and_endless_code_loses_its_own_tests(graded, name, lost, says):
    found = scores(graded[name])

    assert {name: points > 0 for name, (points, _) in found.items() if "-" in name} == {
        name: not name.startswith(lost) for name in found if "-" in name
    }
    messages = {check["message"] for part in graded[name]["questions"] for check in part["checks"]}
    assert [text for text in messages if says in text]


def test_no_points_are_given_for_a_result_that_a_flood_washed_away(graded):
    found = scores(graded["flood"])

    assert {"sigmoid-parts": (0, "needs_review"), "relu-tests": (2, "passed")}.items() <= found.items()


def test_whoever_meddles_with_the_shell_gets_a_result_that_says_it_can_be_forged(graded):
    result = graded["forger"]

    assert (18, 6) == (result["max_score"], len(scores(result)))
    assert "forge" in result["notes"][0]


def test_the_kernel_has_nbgraders_variable(graded):
    assert "autograde\n" == graded["curious"]["execution"]["cells"][-1]["outputs"][0]["data"]


def test_a_report_for_students_tells_nothing_of_hidden_tests(tmp_path, graded):
    imported(tmp_path, 3)
    save(curious(), tmp_path / "ada.ipynb")
    code, out, err = grade("ada.ipynb", "--audience", "student", "--json", "--out", "out", cwd=tmp_path)
    page = (tmp_path / "out" / "ada.html").read_text(encoding="utf-8")
    (cell,) = (cell for cell in json.loads(out)["execution"]["cells"] if cell["source"] == "assert relu(0.0) == 0")

    assert code == 0, err
    assert HIDDEN in json.dumps(graded["curious"])
    assert HIDDEN not in out + page
    assert ([], None) == (cell["outputs"], cell["error"])
    assert "called with -2.0" in page
    assert "called with 0.0" not in page


@pytest.mark.parametrize("version", [1, 2])
def test_older_versions_are_graded_alike(tmp_path, version):
    said = imported(tmp_path, version)
    save(answered(version, **HALF), tmp_path / "ada.ipynb")
    code, out, err = grade("ada.ipynb", "--json", "--out", "out", cwd=tmp_path)

    assert code == 0, err
    assert HALF_POINTS == scores(json.loads(out))
    assert "That rule is off" in said


def test_a_notebook_that_cannot_be_read_has_every_check_in_its_result(tmp_path):
    said = imported(tmp_path, 3, "--stderr-fails")
    (tmp_path / "ada.ipynb").write_text("{", encoding="utf-8")
    code, out, _ = grade("ada.ipynb", "--json", "--assignment", "hw1", cwd=tmp_path)

    assert (1, 18) == (code, json.loads(out)["max_score"])
    assert "That rule is off" not in said
    assert json.loads((tmp_path / "assignments" / "hw1" / "tests.json").read_text(encoding="utf-8"))["stderr_fails"]
