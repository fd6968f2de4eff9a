"""What a cell is for nbgrader: versions, checksums, what it refuses, and what of a source is for whom."""

import pytest
from nbformat import v4
from nbgrader_course import RELU, RELU_HIDDEN, SIGMOID, TASK, metadata

from grader.importing.nbgrader_cells import BadCell, Marked, Role, checksum, marked, released, scheme, unsolved
from grader.importing.nbgrader_config import Words

WORDS = Words()
PLAIN = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "grade_id": "t", "points": 2}


def cell(source="x = 1", kind="code", **about):
    """Return a cell with these metadata of nbgrader's, without those that are None."""
    made = (v4.new_code_cell if kind == "code" else v4.new_markdown_cell)(source)
    made.metadata["nbgrader"] = {name: value for name, value in about.items() if value is not None}
    return made


@pytest.mark.parametrize(
    ("found", "md5"),
    [
        (
            Marked(grade_id="q1-tests", kind="code", source="assert relu(-1.0) == 0", role=Role.TESTS, points=2),
            "d54b633a59daa957c249638bcd9847e6",
        ),
        (
            Marked(
                grade_id="q1", kind="code", source="# YOUR CODE HERE\nraise NotImplementedError()", role=Role.SOLUTION
            ),
            "72fb7730a1a31ccab8ad1e0344dc47bc",
        ),
        (
            Marked(grade_id="q2-proof", kind="markdown", source="YOUR ANSWER HERE", role=Role.ANSWER, points=5),
            "2bd5f8bb80b85104ba662e68ba4b3024",
        ),
        (
            Marked(grade_id="intro", kind="markdown", source="Read the handout.", role=Role.READ_ONLY),
            "8e41f788283a778e7732cfa9b5c36c7d",
        ),
    ],
    ids=lambda value: value.grade_id if isinstance(value, Marked) else "",
)
def test_the_checksum_is_nbgraders(found, md5):
    assert md5 == checksum(found)


@pytest.mark.parametrize("version", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("kind", "what", "role"),
    [
        ("code", "grade 2", Role.TESTS),
        ("code", "grade locked 2", Role.TESTS),
        ("code", "solution", Role.SOLUTION),
        ("markdown", "grade solution 2", Role.ANSWER),
        ("code", "locked", Role.READ_ONLY),
    ],
)
def test_every_version_says_what_a_cell_is_for(version, kind, what, role):
    found = marked(cell(kind=kind, **metadata("one", what, version)))

    assert (role, 2.0 if "2" in what else 0.0) == (found.role, found.points)


def test_a_task_is_one_from_version_3_on():
    about = metadata("one", "task locked 3", 3)

    assert Role.TASK is marked(cell(kind="markdown", **about)).role
    assert Role.READ_ONLY is marked(cell(kind="markdown", **about | {"schema_version": 2})).role


@pytest.mark.parametrize("points", [None, "", -3, "nothing but words"])
def test_only_version_0_may_leave_points_out(points):
    old = {"grade": True, "grade_id": "t", "points": points}

    if points == "nothing but words":
        with pytest.raises(BadCell, match="a number from 0 on"):
            marked(cell(**old))
    else:
        assert marked(cell(**old)).points == 0
    with pytest.raises(BadCell, match="points"):
        marked(cell(**PLAIN | {"points": points}))


@pytest.mark.parametrize(
    ("about", "kind", "says"),
    [
        ({"grade_id": None}, "code", "no grade_id"),
        ({"grade_id": ""}, "code", "no grade_id"),
        ({"grade_id": "a b"}, "code", "other characters"),
        ({"grade_id": 7}, "code", "no grade_id"),
        ({"schema_version": 4}, "code", "version 4"),
        ({"schema_version": "3"}, "code", "version '3'"),
        ({}, "markdown", "has points and is no solution"),
        ({"grade": False, "solution": True}, "markdown", "a solution without points"),
        ({"task": True}, "code", "no text cell"),
        ({"points": True}, "code", "a number from 0 on"),
        ({"points": float("inf")}, "code", "a number from 0 on"),
    ],
)
def test_what_nbgrader_refuses_is_refused_with_a_reason(about, kind, says):
    with pytest.raises(BadCell, match=says):
        marked(cell(kind=kind, **PLAIN | about))


@pytest.mark.parametrize("about", [None, "a text", {}, {"schema_version": 3, "grade": "yes"}])
def test_other_metadata_make_no_cell_of_nbgraders(about):
    other = v4.new_code_cell("x = 1")
    other.metadata["nbgrader"] = about

    assert marked(other) is None


def test_a_solution_region_becomes_nbgraders_stub_at_its_indent():
    solution = cell(RELU, **metadata("relu", "solution", 3))

    expected = "def relu(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert expected == released(solution, marked(solution), WORDS)


def test_a_solution_without_a_region_is_all_stub():
    code, text = (
        cell(SIGMOID, **metadata("s", "solution", 3)),
        cell("So.", "markdown", **metadata("a", "grade solution 1", 3)),
    )

    assert "# YOUR CODE HERE\nraise NotImplementedError()" == released(code, marked(code), WORDS)
    assert "YOUR ANSWER HERE" == released(text, marked(text), WORDS)


def test_hidden_tests_are_kept_for_grading_only():
    tests = cell(RELU_HIDDEN, **metadata("t", "grade 3", 3))

    assert "assert relu(0.0) == 0" == released(tests, marked(tests), WORDS)
    assert RELU_HIDDEN == unsolved(tests, marked(tests), WORDS)


def test_a_mark_scheme_is_for_those_who_mark():
    task = cell(TASK, "markdown", **metadata("t", "task locked 3", 3))

    assert "## Explore\nDraw both." == released(task, marked(task), WORDS)
    assert scheme(task, WORDS).startswith("two points")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("### BEGIN SOLUTION\nx = 1", "has no 'END SOLUTION'"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "inside another"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "students would see it"),
        ("### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS", "in a cell without points"),
        ("=== BEGIN MARK SCHEME ===\nx\n=== END MARK SCHEME ===", "in a cell that is no task"),
    ],
)
def test_a_region_in_the_wrong_place_is_refused(source, says):
    with pytest.raises(BadCell, match=says):
        released(v4.new_code_cell(source), None, WORDS)
