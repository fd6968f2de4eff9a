"""Where test cells go in a submission, and what nbgrader's rule makes of what they show."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4
from nbgrader_course import HIDDEN

from grader.checks import Guests
from grader.checks.placed import not_reached, notes
from grader.errors import AssignmentError
from grader.kernels.outputs import Shown
from grader.notebook.placed import TestCell as Cell
from grader.notebook.placed import TestCheck as Check
from grader.notebook.placed import Tests, furnished, read_tests
from grader.results import WITHHELD, CellError, Execution, ExecutionStatus, Result, for_student
from grader.results import Cell as RunCell


def student(*cells):
    """Return a notebook of (grade_id, source) pairs; a name that is None is no cell of nbgrader's."""
    made = []
    for number, (name, source) in enumerate(cells):
        cell = v4.new_code_cell(source)
        cell["id"] = f"cell-{number}"
        if name is not None:
            cell.metadata["nbgrader"] = {"grade_id": name}
        made.append(cell)
    return v4.new_notebook(cells=made)


TESTS = Tests(
    tool="nbgrader",
    cells=(
        Cell(id="setup", source="SETUP", replaces="setup", otherwise="start"),
        Cell(id="t1", source="T1", replaces="t1", after=("grade_id:a", "grade_id:setup")),
        Cell(id="t2", source="T2", shown="", replaces="t2", after=("grade_id:t1", "grade_id:a")),
    ),
    checks=(
        Check(id="t1", question="q1", title="t1", points=2, cell="t1", rule="nbgrader"),
        Check(id="t2", question="q1", title="t2", points=3, cell="t2", rule="nbgrader", hidden=True),
        Check(id="a", question="q1", title="a", points=5, cell="a", rule="answer", unchanged=("STUB",)),
    ),
    owners={"a": "q1"},
)


def sources(node, tests=TESTS):
    return [cell.source for cell in furnished(node, tests).node.cells]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            [("setup", "mine"), ("a", "A"), ("t1", "pass"), ("t2", "pass"), (None, "end")],
            ["SETUP", "A", "T1", "T2", "end"],
        ),
        ([("a", "A"), (None, "more")], ["SETUP", "A", "T1", "T2", "more"]),
        ([("t2", "x"), ("a", "A")], ["SETUP", "T2", "A", "T1"]),
        ([("a", "old"), ("a", "A"), ("t1", "1"), ("t1", "2")], ["SETUP", "old", "A", "1", "T1", "T2"]),
        ([(None, "all names lost")], ["SETUP", "T1", "T2", "all names lost"]),
        ([], ["SETUP", "T1", "T2"]),
    ],
    ids=["as released", "deleted", "moved", "twice", "no metadata", "empty"],
)
def test_a_test_replaces_its_cell_or_comes_after_the_nearest_one_before_it(cells, expected):
    assert expected == sources(student(*cells))


def test_the_submission_itself_is_not_changed():
    node = student(("a", "A"), ("t1", "pass"))
    before = copy.deepcopy(node)

    furnished(node, TESTS)

    assert before == node


def test_tests_of_one_call_keep_their_order_after_it():
    tests = Tests(tool="t", cells=[Cell(id=name, source=name, after=("check:q1",)) for name in "abc"])
    node = v4.new_notebook(cells=[v4.new_code_cell(text) for text in ("# x.check('q1')", "x.check('q1')", "end")])

    assert ["# x.check('q1')", "x.check('q1')", "a", "b", "c", "end"] == sources(node, tests)


def test_without_its_anchor_a_test_comes_last_and_tagged_cells_are_left_out():
    tests = Tests(tool="t", cells=[Cell(id="a", source="a", after=("check:q9",))], ignored_tags=("skip",))
    node = student((None, "x"), (None, "y"))
    node.cells[0].metadata["tags"] = ["skip"]

    assert ["y", "a"] == sources(node, tests)


NAMES = ["setup", "a", "t1", "t2", "zz", "", None]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["setup", "a", "t1", "t2", "zz", "", None]), st.text(max_size=5)), max_size=9)
)
def test_whatever_a_student_does_to_names_every_test_is_there_once(cells):
    ready = furnished(student(*cells), TESTS)

    assert {"setup", "t1", "t2"} == set(ready.placed)
    assert ["SETUP", "T1", "T2"] == [ready.node.cells[ready.placed[name]].source for name in ("setup", "t1", "t2")]
    assert len({cell["id"] for cell in ready.node.cells}) == len(ready.node.cells)


# --- what a cell showed -----------------------------------------------------------------------------------------


def shown(kind, **content):
    return v4.new_output(kind, **content)


def number(text):
    return shown("execute_result", data={"text/plain": text})


def verdict(outputs, *, error=None, stderr_fails=False, rule="nbgrader", whole=True):
    """Return the verdict of a test worth 4 points that showed these outputs; None is a cell that was not run."""
    check = Check(id="t", question="q1", title="t", points=4, cell="t", rule=rule)
    tests = Tests(tool="nbgrader", cells=[Cell(id="t", source="T")], checks=[check], stderr_fails=stderr_fails)
    guests = Guests.of(v4.new_notebook(), tests, public_only=False)
    execution = Execution(
        status=ExecutionStatus.COMPLETED, cells=(RunCell(index=0, kind="code", source="T", error=error),)
    )
    (result,) = guests.judged(execution, lambda _: None if outputs is None else Shown(outputs=outputs, whole=whole))
    return result


FAULT = shown("error", ename="ValueError", evalue="no", traceback=[])
WARNING = shown("stream", name="stderr", text="careful")
SAID = shown("stream", name="stdout", text="2.0")


@pytest.mark.parametrize(
    ("outputs", "score", "status"),
    [
        ([], 4, "passed"),
        ([SAID], 4, "passed"),
        ([number("1.5")], 1.5, "failed"),
        ([number("4")], 4, "passed"),
        ([number("0")], 0, "failed"),
        ([number("-1")], 4, "passed"),
        ([number("nan")], 4, "passed"),
        ([number("'1.5'")], 4, "passed"),
        ([number("np.float64(1.5)")], 4, "passed"),
        ([number("1.5"), number("3")], 1.5, "failed"),
        ([number("5")], 0, "needs_review"),
        ([number("inf")], 0, "needs_review"),
        ([shown("execute_result", data={"image/png": "x"})], 0, "needs_review"),
        ([FAULT], 0, "failed"),
        ([FAULT, number("3")], 0, "failed"),
        ([number("3"), FAULT], 3, "failed"),
        ([shown("display_data", data={"text/plain": "1"})], 4, "passed"),
        (None, 0, "not_reached"),
    ],
)
def test_points_follow_nbgraders_rule(outputs, score, status):
    result = verdict(outputs)

    assert (score, status) == (result.score, result.status)


def test_stderr_costs_points_only_where_that_is_asked_for():
    lenient, strict = verdict([WARNING]), verdict([WARNING], stderr_fails=True)

    assert (4, "passed") == (lenient.score, lenient.status)
    assert "nbgrader gives 0" in lenient.detail
    assert (0, "failed") == (strict.score, strict.status)
    assert "careful" in strict.message


def test_points_are_not_given_for_what_a_flood_of_outputs_washed_away():
    assert "needs_review" == verdict([SAID], whole=False).status
    assert (1.5, "failed") == (
        verdict([number("1.5")], whole=False).score,
        verdict([number("1.5")], whole=False).status,
    )
    assert "passed" == verdict([SAID], whole=False, rule="passes").status


@pytest.mark.parametrize("rule", ["passes", "nbgrader"])
def test_an_error_of_the_cell_gives_nothing_whatever_it_showed(rule):
    result = verdict([number("3")], error=CellError(name="AssertionError", message="mind the sign"), rule=rule)

    assert (0, "failed", "mind the sign") == (result.score, result.status, result.message)


def test_an_exception_with_a_name_of_ours_stamps_no_verdict():
    forged = CellError(name="TestFileBroken", message="give me points")
    ours, theirs = (verdict([FAULT], error=forged, rule=rule) for rule in ("passes", "nbgrader"))

    assert (ours.status, theirs.status) == ("needs_review", "failed")
    assert "give me points" not in ours.message


def test_code_that_was_left_as_handed_out_is_not_attempted():
    result = verdict([FAULT], error=CellError(name="NotImplementedError", message=""))

    assert (0, "not_attempted") == (result.score, result.status)


@pytest.mark.parametrize(
    ("cells", "status", "says"),
    [
        ([("a", "STUB")], "not_attempted", "No response"),
        ([("a", "STUB ")], "needs_review", "A person"),
        ([("b", "STUB")], "needs_review", "not in your notebook"),
        ([("a", "mine"), ("a", "STUB")], "not_attempted", "No response"),
    ],
)
def test_an_answer_as_it_was_handed_out_is_no_response(cells, status, says):
    guests = Guests.of(student(*cells), TESTS, public_only=False)
    execution = Execution(
        status=ExecutionStatus.COMPLETED,
        cells=[RunCell(index=index, kind="code", source=cell.source) for index, cell in enumerate(guests.node.cells)],
    )
    found = next(result for result in guests.judged(execution, lambda _: Shown()) if result.id == "a")

    assert (0, status) == (found.score, found.status)
    assert says in found.message


def test_points_that_are_earned_together_are_lost_together():
    checks = [Check(id=name, question="q1", title=name, points=2, cell=name, together="q1") for name in "ab"]
    tests = Tests(tool="otter", cells=[Cell(id=name, source="x") for name in "ab"], checks=checks)
    guests = Guests.of(v4.new_notebook(), tests, public_only=False)
    wrong = CellError(name="AssertionError", message="no")
    cells = [RunCell(index=0, kind="code", source="x"), RunCell(index=1, kind="code", source="x", error=wrong)]
    results = guests.judged(Execution(status=ExecutionStatus.ERRORS, cells=cells), lambda _: Shown())

    assert [("failed", 0), ("failed", 0)] == [(result.status, result.score) for result in results]
    assert "only when all tests" in results[0].message


# --- who sees what ----------------------------------------------------------------------------------------------


def test_nothing_of_a_hidden_test_is_for_students():
    guests = Guests.of(student(("a", "A")), TESTS, public_only=False)
    index = guests.furnished.placed["t2"]
    cells = [
        RunCell(
            index=number,
            kind="code",
            source=HIDDEN if number == index else "x",
            error=CellError(name="E", message=HIDDEN) if number == index else None,
        )
        for number in range(4)
    ]
    execution = Execution(
        status=ExecutionStatus.ERRORS, cells=cells, notes=(f"cell {index + 1}: {HIDDEN}", "cell 1: `!ls` was not run")
    )
    checks = guests.judged(execution, lambda _: Shown())
    result = Result(
        assignment="a", student="s", submission="s.ipynb", score=0, max_score=10, seed=1, sandbox="none",
        execution=guests.covered(execution),
        questions=[{"id": "q1", "title": "Q", "score": 0, "max_score": 10, "status": "failed", "checks": checks}],
    )  # fmt: skip

    assert HIDDEN in result.model_dump_json()
    assert HIDDEN not in for_student(result).model_dump_json()
    assert ("cell 1: `!ls` was not run",) == for_student(result).execution.notes


def seen_by_student(*texts, message="", notes=(), error=None):
    """Return the student's view of a notebook whose cell shows these texts, and of what a public check says."""
    hidden = RunCell(index=0, kind="code", source=f'assert np.all(relu(x) == y), "{HIDDEN}"', student_source="")
    outputs = [{"mime": "text/plain", "data": text} for text in texts]
    own = RunCell(index=1, kind="code", source="print(seen)", outputs=outputs, error=error)
    check = {
        **{"id": "c", "question": "q1", "title": "C", "visibility": "public", "status": "failed"},
        **{"score": 0, "max_score": 1, "message": message},
        "evidence": [{"kind": "text", "title": "Call", "text": "relu(2)"}],
    }
    part = {"id": "q1", "title": "Q", "score": 0, "max_score": 1, "status": "failed", "checks": [check]}
    execution = Execution(status=ExecutionStatus.COMPLETED, cells=[hidden, own], notes=notes)
    about = {"assignment": "a", "student": "s", "submission": "s.ipynb", "seed": 1, "sandbox": "none"}
    return for_student(Result(**about, score=0, max_score=1, execution=execution, questions=[part]))


def test_what_a_notebook_shows_of_a_hidden_test_is_withheld_with_all_else_of_its_cell():
    cell = seen_by_student("harmless", f"why: {HIDDEN}").execution.cells[1]

    assert [WITHHELD] * 2 == [output.data for output in cell.outputs]
    assert "harmless" == seen_by_student("harmless").execution.cells[1].outputs[0].data


def test_an_error_that_tells_keeps_its_name_where_that_tells_nothing():
    telling = CellError(name="ValueError", message="no", traceback=f"1 / 0\nassert: {HIDDEN}")
    named = CellError(name=HIDDEN.replace(" ", "\t"), message="no")

    assert CellError(name="ValueError", message=WITHHELD) == seen_by_student(error=telling).execution.cells[1].error
    assert CellError(name="Error", message=WITHHELD) == seen_by_student(error=named).execution.cells[1].error


def test_a_picture_keeps_its_place():
    picture = {"mime": "image/png", "data": "aGVsbG8="}
    own = RunCell(index=1, kind="code", source="", outputs=[{"mime": "text/plain", "data": HIDDEN}, picture])
    hidden = RunCell(index=0, kind="code", source=f'say("{HIDDEN}")', student_source="")
    result = seen_by_student().model_copy(
        update={"execution": Execution(status=ExecutionStatus.COMPLETED, cells=[hidden, own])}
    )

    assert [WITHHELD, "aGVsbG8="] == [output.data for output in for_student(result).execution.cells[1].outputs]


def test_a_note_or_a_public_check_that_tells_is_withheld():
    seen = seen_by_student(
        message=f"relu said {HIDDEN!r}", notes=(f"cell 2: `!echo {HIDDEN}` was not run", "cell 2: x")
    )
    check = seen.questions[0].checks[0]

    assert ("cell 2: x",) == seen.execution.notes
    assert (WITHHELD, ()) == (check.message, check.evidence)
    assert "relu(2)" == seen_by_student(message="relu is wrong").questions[0].checks[0].evidence[0].text


def test_what_may_be_given_to_students_has_no_hidden_test_in_it():
    given = TESTS.for_students()

    assert ["setup", "t1"] == [cell.id for cell in given.cells]
    assert ["t1"] == [check.id for check in given.checks]
    assert ["t1"] == [check.id for check in not_reached(TESTS, public_only=True)]


def test_results_name_the_checks_that_a_notebook_could_forge():
    (said,) = notes(TESTS)

    assert "t1, t2." in said
    assert "forge" in said
    assert "t2" not in notes(TESTS, public_only=True)[0]
    assert () == notes(None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "JSON"),
        ('{"tool": "x", "cells": [{"id": "a", "source": ""}, {"id": "a", "source": ""}]}', "'a' is there twice"),
        ('{"tool": "x", "cells": [{"id": "a", "source": "", "after": ["here"]}]}', "is no anchor"),
        (
            '{"tool": "x", "checks": [{"id": "c", "question": "q1", "title": "", "points": 1, "cell": "z"}]}',
            "not there",
        ),
        (
            '{"tool": "x", "cells": [{"id": "a", "source": ""}], "checks": '
            '[{"id": "c", "question": "q1", "title": "", "points": 1, "cell": "a", "hidden": true}]}',
            "both or neither",
        ),
    ],
)
def test_a_broken_file_of_tests_is_named_with_the_reason(tmp_path, text, says):
    path = tmp_path / "tests.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(AssignmentError, match=says) as caught:
        read_tests(path)
    assert str(path) in str(caught.value)


def test_a_file_of_tests_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "tests.json"
    path.write_text(TESTS.written(), encoding="utf-8")

    assert TESTS == read_tests(path)
