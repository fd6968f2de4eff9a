"""From a course to assignments, without running anything: what is made, what is said, what is refused."""

import json

import nbformat
import pytest
from click.testing import CliRunner
from made import change
from nbformat import v4
from nbgrader_course import (
    CELLS,
    HIDDEN,
    OURS,
    SCHEME,
    STUB,
    answered,
    cell_of,
    notebook,
    released,
    save,
    write_course,
)

from grader.assignment import find, load
from grader.authoring.lint import lint
from grader.batch.prints import Prints
from grader.cli.commands import commands
from grader.config import GradeOptions
from grader.errors import AssignmentError, OutputError, UsageError
from grader.importing.imported import write
from grader.importing.nbgrader import read_course
from grader.importing.nbgrader_cells import checksum, marked
from grader.notebook import read_notebook


def imported(home, **options):
    """Import a course into a folder beside it; return the assignments by name, and what was said."""
    course = read_course(home / "course", **options)
    write(course.assignments, home / "assignments")
    return {each.name: load(home / "assignments" / each.name) for each in course.assignments}, course.remarks


def a_course(home, *cells):
    """Write a course of one notebook with these (kind, source, grade_id, what) cells."""
    return write_course(home, 3, node=notebook(3, cells))


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_notebook_becomes_an_assignment_in_every_version(tmp_path, version):
    write_course(tmp_path, version)
    assignments, remarks = imported(tmp_path)

    (assignment,) = assignments.values()
    task = [("q4", "Explore", 3)] if version == 3 else []
    assert [("q1", "Relu", 5), ("q2", "Sigmoid", 5), ("q3", "Why", 5), *task] == [
        (question.id, question.title, question.points) for question in assignment.questions
    ]
    assert ("hw1", "Activations", ("data.csv",)) == (assignment.name, assignment.title, assignment.files)
    assert [] == list(remarks)


def test_the_course_is_only_read(tmp_path):
    course = write_course(tmp_path)
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}

    imported(tmp_path)

    assert before == {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}


def test_the_master_is_what_students_get(tmp_path):
    write_course(tmp_path)
    assignments, _ = imported(tmp_path)
    text = (tmp_path / "assignments" / "hw1" / "hw1.ipynb").read_text(encoding="utf-8")

    assert not [secret for secret in (HIDDEN, SCHEME, OURS, "np.exp(-x)", "BEGIN") if secret in text]
    assert [cell.source for cell in released(3).cells] == [cell.source for cell in assignments["hw1"].master.cells]


def test_the_master_says_what_nbgrader_would_say_of_each_cell(tmp_path):
    write_course(tmp_path)
    assignments, _ = imported(tmp_path)
    marks = [found for cell in assignments["hw1"].master.cells if (found := marked(cell))]

    assert len([cell for cell in CELLS if cell[2]]) == len(marks)
    assert [checksum(mark) for mark in marks] == [mark.checksum for mark in marks]


def test_hidden_tests_are_checks_that_students_do_not_see(tmp_path):
    write_course(tmp_path)
    assignments, _ = imported(tmp_path)
    tests = assignments["hw1"].placed

    hidden = {check.id: check.hidden for check in tests.checks}
    assert {"relu-hidden"} == {name for name, is_so in hidden.items() if is_so}
    assert ["assert relu(0.0) == 0"] == [cell.shown for cell in tests.cells if cell.hidden]
    assert HIDDEN not in tests.for_students().written()


def test_a_release_alone_says_that_hidden_tests_are_missing(tmp_path):
    write_course(tmp_path, step="release", node=released(3))
    assignments, remarks = imported(tmp_path)

    assert not any(check.hidden for check in assignments["hw1"].placed.checks)
    assert "without the hidden tests" in " ".join(remarks)


def test_a_release_that_was_edited_is_named(tmp_path):
    node = released(3)
    cell_of(node, "relu-tests").metadata["nbgrader"]["checksum"] = "0" * 32
    write_course(tmp_path, step="release", node=node)
    _, remarks = imported(tmp_path)

    assert ["relu-tests"] == [text.split(": ")[1] for text in remarks if "checksum" in text]


def test_an_answer_as_nbgrader_released_it_counts_as_untouched_too(tmp_path):
    write_course(tmp_path)
    theirs = released(3)
    cell_of(theirs, "why")["source"] = "*write here*"
    write_course(tmp_path, step="release", node=theirs)
    assignments, _ = imported(tmp_path)

    (why,) = (check for check in assignments["hw1"].placed.checks if check.id == "why")
    assert ("YOUR ANSWER HERE", "*write here*") == why.unchanged


def test_a_submission_is_recognised_by_its_names_alone(tmp_path):
    write_course(tmp_path)
    other = notebook(3, (("code", "a", "other", "solution"), ("code", "a", "other-tests", "grade 1")))
    folder = tmp_path / "course" / "source" / "hw2"
    folder.mkdir()
    save(other, folder / "hw2.ipynb")
    imported(tmp_path)
    node = read_notebook(save(answered(3), tmp_path / "someone.ipynb"), max_bytes=10**6).node

    assert "hw1" == find(tmp_path / "assignments", node=node).name


def test_several_notebooks_of_an_assignment_are_one_each(tmp_path):
    course = write_course(tmp_path)
    save(notebook(3), course / "source" / "hw1" / "Second Sheet.ipynb")
    save(notebook(3, (("markdown", "# Only text", "", ""),)), course / "source" / "hw1" / "intro.ipynb")
    assignments, remarks = imported(tmp_path)

    assert {"hw1-activations", "hw1-second-sheet"} == set(assignments)
    assert ["intro.ipynb"] == [text.split(": ")[0].rpartition("/")[2] for text in remarks]


def test_only_what_was_named_is_imported(tmp_path):
    course = write_course(tmp_path)
    (course / "source" / "hw2").mkdir()
    save(notebook(3), course / "source" / "hw2" / "b.ipynb")

    assert {"hw2"} == set(imported(tmp_path, only=["hw2"])[0])
    with pytest.raises(UsageError, match="Did you mean 'hw2'"):
        read_course(course, only=["hw3"])


@pytest.mark.parametrize(
    ("cells", "titles"),
    [
        ((("code", "", "a", "solution"), ("code", "x", "b", "grade 1"), ("code", "x", "c", "grade 2")), ["b"]),
        (
            (
                ("markdown", "# All", "", ""),
                ("code", "", "f", "solution"),
                ("code", "x", "tf", "grade 1"),
                ("code", "", "g", "solution"),
                ("code", "x", "tg", "grade 2"),
            ),
            ["All", "All: g"],
        ),
        (
            (
                ("markdown", "# All", "", ""),
                ("markdown", "intro\n## **First** `part`", "", ""),
                ("markdown", "", "a", "grade solution 1"),
                ("markdown", "## Nothing", "", ""),
                ("code", "x", "zero", "grade 0"),
                ("markdown", "## Last", "", ""),
                ("markdown", "", "b", "grade solution 1"),
            ),
            ["First part", "Last"],
        ),
    ],
    ids=["no heading", "one heading", "headings"],
)
def test_questions_follow_headings_and_what_is_filled_in(tmp_path, cells, titles):
    a_course(tmp_path, *cells)
    assignments, _ = imported(tmp_path)

    assert titles == [question.title for question in assignments["hw1"].questions]
    assert sum(question.points for question in assignments["hw1"].questions) == sum(
        check.points for check in assignments["hw1"].placed.checks
    )


AUTOTEST = "### AUTOTEST relu(2.0)"


def test_autotests_are_left_to_a_person_and_named(tmp_path):
    a_course(tmp_path, ("code", "x", "relu", "solution"), ("code", AUTOTEST, "auto", "grade 2"))
    assignments, remarks = imported(tmp_path)

    assert () == assignments["hw1"].placed.cells
    assert ["person"] == [check.rule for check in assignments["hw1"].placed.checks]
    assert "auto: ### AUTOTEST is not carried over" in remarks[0]


def test_autotests_that_nbgrader_wrote_into_its_release_are_used(tmp_path):
    cells = (("code", "x", "relu", "solution"), ("code", AUTOTEST, "auto", "grade 2"))
    a_course(tmp_path, *cells)
    write_course(
        tmp_path, step="release", node=notebook(3, (cells[0], ("code", "assert relu(2.0) == 2", *cells[1][2:])))
    )
    assignments, remarks = imported(tmp_path)

    assert ["assert relu(2.0) == 2"] == [cell.source for cell in assignments["hw1"].placed.cells]
    assert ["nbgrader"] == [check.rule for check in assignments["hw1"].placed.checks]
    assert [] == list(remarks)


def test_a_raw_cell_with_points_is_left_to_a_person(tmp_path):
    node = notebook(
        3, (("code", "x", "relu", "solution"), ("code", "Say it.", "a", "grade 3"), ("code", "", "b", "grade 1"))
    )
    node.cells[1:] = [v4.new_raw_cell(cell.source, metadata=cell.metadata) for cell in node.cells[1:]]
    write_course(tmp_path, 3, node=node)
    assignments, remarks = imported(tmp_path)

    assert [("person", 3), ("person", 1)] == [(check.rule, check.points) for check in assignments["hw1"].placed.checks]
    assert [] == list(remarks)


def test_what_nbgrader_refuses_is_listed_by_notebook_and_cell(tmp_path):
    broken = (
        ("markdown", "## A", "t1", "grade 1"),
        ("code", "x", "same", "grade 1"),
        ("code", "x", "same", "grade 1"),
        ("code", "x", "free", "grade"),
    )
    a_course(tmp_path, *broken)

    with pytest.raises(AssignmentError) as caught:
        imported(tmp_path)
    lines = str(caught.value).splitlines()
    assert ["cell 1", "cell 3", "cell 4"] == [line.split(": ")[1] for line in lines]
    assert "activations.ipynb" in lines[0]
    assert not (tmp_path / "assignments").exists()


def test_a_solution_in_the_wrong_cell_is_not_given_away(tmp_path):
    a_course(tmp_path, ("code", "### BEGIN SOLUTION\n1\n### END SOLUTION", "", ""), ("code", "x", "t", "grade 1"))

    with pytest.raises(AssignmentError, match="cell 1: a solution region"):
        imported(tmp_path)


def test_a_courses_own_words_are_read_without_running_them(tmp_path):
    course = write_course(tmp_path)
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "raise SystemExit\n"
        'c.ClearSolutions.text_stub = "*Schreibe hier.*"\n'
        'c.ClearSolutions.code_stub = {"python": "..."}\n'
        "c.ExecutePreprocessor.timeout = 90\n"
        "c.ClearHiddenTests.begin_test_delimeter = marks()\n",
        encoding="utf-8",
    )
    assignments, remarks = imported(tmp_path)
    sources = [cell.source for cell in assignments["hw1"].master.cells]

    assert "*Schreibe hier.*" in sources
    assert "..." in sources
    assert STUB not in sources
    assert assignments["hw1"].limits.cell_s == 90
    assert "ClearHiddenTests.begin_test_delimeter (line 6)" in remarks[0]


@pytest.mark.parametrize("what", ["nothing", "no step", "no points", "no notebook", "R"])
def test_a_folder_that_is_no_course_is_refused_with_a_way_out(tmp_path, what):
    course = tmp_path / "course"
    if what != "nothing":
        course.mkdir()
    if what in ("no points", "no notebook", "R"):
        node = notebook(3, (("code", "x", "s", "solution"),))
        write_folder = course / "source" / "hw1"
        write_folder.mkdir(parents=True)
        if what == "R":
            node.metadata["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
        save(node, write_folder / ("a.ipynb" if what != "no notebook" else "a.txt"))

    with pytest.raises((UsageError, AssignmentError)) as caught:
        read_course(course)
    says = {"nothing": "no such folder", "no step": "neither source/", "R": "R"}
    assert says.get(what, "nothing to grade") in str(caught.value)


def test_what_is_there_already_is_not_overwritten(tmp_path):
    write_course(tmp_path)
    imported(tmp_path)

    with pytest.raises(UsageError, match="nothing is overwritten"):
        imported(tmp_path)


def test_where_nothing_can_be_written_nothing_is_left_behind(tmp_path):
    course = read_course(write_course(tmp_path))
    (tmp_path / "assignments").write_text("in the way", encoding="utf-8")

    with pytest.raises(OutputError):
        write(course.assignments, tmp_path / "assignments")


def test_results_are_worked_out_anew_when_tests_change(tmp_path):
    write_course(tmp_path)
    assignments, _ = imported(tmp_path)
    before = Prints.of(assignments["hw1"], GradeOptions())
    change(tmp_path / "assignments" / "hw1" / "tests.json", ("relu(3.0) == 3", "relu(3.0) == 4"))
    after = Prints.of(load(tmp_path / "assignments" / "hw1"), GradeOptions())

    assert before.of_execution("x") != after.of_execution("x")
    assert before.whole != after.whole


def test_files_keep_their_names_beside_the_notebook_whatever_they_are_called(tmp_path):
    folder = write_course(tmp_path) / "source" / "hw1"
    (folder / "tests.json").write_text("theirs", encoding="utf-8")
    (folder / "checks").mkdir()
    (folder / "checks" / "test_all.py").write_text("raise SystemExit", encoding="utf-8")
    (folder / "empty").mkdir()
    assignments, _ = imported(tmp_path)

    assert ["checks", "data.csv", "tests.json"] == [path.name for path in assignments["hw1"].attached]
    assert "theirs" == assignments["hw1"].attached[2].read_text(encoding="utf-8")
    assert 6 == len(assignments["hw1"].placed.checks)
    assert not any(assignments["hw1"].checks.glob("*"))


def test_tests_are_never_laid_beside_a_notebook(tmp_path):
    write_course(tmp_path)
    imported(tmp_path)
    change(tmp_path / "assignments" / "hw1" / "assignment.toml", ('"data.csv"', '"data.csv", "tests.json"'))

    with pytest.raises(AssignmentError, match="would show the checks"):
        load(tmp_path / "assignments" / "hw1")


def test_the_files_are_plain_enough_to_be_read(tmp_path):
    write_course(tmp_path)
    imported(tmp_path)
    folder = tmp_path / "assignments" / "hw1"

    assert 1 == json.loads((folder / "tests.json").read_text(encoding="utf-8"))["schema_version"]
    nbformat.validate(nbformat.read(folder / "hw1.ipynb", as_version=4))
    assert b"x,y\n1,2\n" == (folder / "data.csv").read_bytes()


# --- what else is asked of assignments ----------------------------------------------------------------------------

OWN = """import pytest


@pytest.mark.check(question="q1", points=2, hint="Think of zero.")
def test_relu_of_zero(student):
    assert student.relu(0.0) == 0
"""


def test_lint_finds_nothing_to_mend_in_what_was_imported(tmp_path):
    write_course(tmp_path)
    imported(tmp_path)

    assert [] == lint(tmp_path / "assignments" / "hw1")


@pytest.mark.parametrize(
    ("old", "new", "own", "says"),
    [
        ("points = 3.0", "points = 4.0", "", "q4 is worth 4 points, but its checks and reviews add up to 3"),
        ("", "", OWN, "q1 is worth 5 points, but its checks and reviews add up to 7"),
        ("", "", OWN.replace("q1", "q7"), "'q7', which is no question"),
        ("", "", "def test_(", "was never closed"),
    ],
    ids=["points", "own points", "own question", "own file"],
)
def test_lint_finds_what_was_broken_since(tmp_path, old, new, own, says):
    write_course(tmp_path)
    imported(tmp_path)
    folder = tmp_path / "assignments" / "hw1"
    change(folder / "assignment.toml", (old, new))
    if own:
        (folder / "checks").mkdir()
        (folder / "checks" / "test_own.py").write_text(own, encoding="utf-8")
    (finding,) = lint(folder)

    assert says in finding.what


def test_lint_takes_checks_of_ones_own_beside_the_imported_ones(tmp_path):
    write_course(tmp_path)
    imported(tmp_path)
    folder = tmp_path / "assignments" / "hw1"
    change(folder / "assignment.toml", ('title = "Relu"\npoints = 5.0', 'title = "Relu"\npoints = 7.0'))
    (folder / "checks").mkdir()
    (folder / "checks" / "test_own.py").write_text(OWN, encoding="utf-8")

    assert [] == lint(folder)


def test_a_release_says_why_there_is_none(tmp_path):
    write_course(tmp_path)
    imported(tmp_path)
    done = CliRunner().invoke(commands, ["release", str(tmp_path / "assignments" / "hw1")])

    assert done.exit_code == 2
    assert "imported from nbgrader" in done.output
    assert "public tests in their notebooks already" in done.output
