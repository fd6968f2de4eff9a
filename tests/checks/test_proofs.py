"""The `proof` fixture: which text is the student's, how a check ends, and what the report gets to show."""

import shutil
from pathlib import Path

import nbformat
import pytest
from notebooks import notebook

from grader.assignment import load
from grader.checks import NotebookView, Wanted, run_checks
from grader.errors import AssignmentError
from grader.results import Execution, ExecutionStatus, LineMark, Status

WORLDS = Path(__file__).parents[1] / "proofs" / "worlds"
TASK = (
    "## Question 1\n\nLet $$y_i = \\frac{e^{z_i}}{\\sum_k e^{z_k}}$$\n\n**a)** Derive its Jacobian. It is not $1 = 2$."
)
TOML = """
name = "one"
title = "A proof"
notebook = "one.ipynb"
reference = "tiny_reference"
questions = [{ id = "q1", title = "The Jacobian", points = 10 }]
"""
CHECK = 'import pytest\n@pytest.mark.check("q1", points=10)\ndef test_one(proof):\n    proof({})\n'
LOGARITHM = r"""$$\log y_i = z_i - \log \sum_k e^{z_k}$$
$$\frac{\partial \log y_i}{\partial z_j} = \delta_{ij} - y_j$$
$$\frac{1}{y_i} \frac{\partial y_i}{\partial z_j} = \delta_{ij} - y_j$$
$$\frac{\partial y_i}{\partial z_j} = y_i (\delta_{ij} - y_j)$$"""
WRONG = r"$$\frac{\partial y_i}{\partial z_j} = y_i (1 - y_j)$$"
LOSS = r"$$\frac{\partial L}{\partial z_i} = p_i - t_i$$"


@pytest.fixture
def judged(tmp_path):
    """Return a function that grades text cells below the task with one check of a derivation."""
    folder = tmp_path / "one"
    (folder / "checks").mkdir(parents=True)
    (folder / "proofs").mkdir()
    shutil.copy(WORLDS / "softmax.toml", folder / "proofs")
    (folder / "assignment.toml").write_text(TOML)
    nbformat.write(notebook(TASK, "*Your answer here.*", markdown=(0, 1)), folder / "one.ipynb")

    def judged(*cells, call='"softmax"', task=TASK, public_only=False, belong=None):
        (folder / "checks" / "test_one.py").write_text(CHECK.format(call))
        node = notebook(task, *cells, markdown=range(len(cells) + 1))
        assignment = load(folder)
        execution = Execution(status=ExecutionStatus.NOT_RUN)
        questions = {"q1": tuple(range(len(cells) + 1 if belong is None else belong))}
        view = NotebookView(node=node, master=assignment.master, execution=execution, questions=questions)
        return run_checks(assignment, None, view, 1, Wanted(public_only=public_only))[0]

    judged.folder = folder
    return judged


def test_a_derivation_that_holds_earns_everything_without_a_kernel(judged):
    found = judged(LOGARITHM)

    assert (Status.PASSED, 10) == (found.status, found.score)
    assert found.evidence[0].reached
    assert all(milestone.there for milestone in found.evidence[0].milestones)


def test_the_first_false_line_is_named_with_its_place_and_a_counter_example(judged):
    found = judged("Some words.", "I begin.\n\n" + WRONG)
    line = found.evidence[0].lines[0]

    assert (Status.FAILED, 0) == (found.status, found.score)
    assert "(cell 3, line 3)" in found.message
    assert ("cell 3, line 3", LineMark.FAILS) == (line.place, line.mark)
    assert line.counter.left != line.counter.right
    assert {"i", "j", "y", "z"} == {name for name, _ in line.counter.at}


def test_a_part_earns_a_part(judged):
    found = judged(LOGARITHM.rsplit("\n", 1)[0])

    assert Status.FAILED is found.status
    assert 6 == found.score
    assert "the result is not reached" in found.message


@pytest.mark.parametrize("task", [TASK, TASK.replace("\n\n", "\n \n\n")], ids=["as it was", "spaced"])
def test_what_was_handed_out_is_not_the_students(judged, task):
    found = judged("*Your answer here.*", task=task)

    assert (Status.NOT_ATTEMPTED, ()) == (found.status, found.evidence)
    assert "no derivation yet" in found.message


def test_an_answer_written_into_the_task_counts_alone(judged):
    found = judged(task=TASK + "\n\n" + LOGARITHM)

    assert Status.PASSED is found.status
    assert 4 == len(found.evidence[0].lines)
    assert "cell 1, line 7" == found.evidence[0].lines[0].place


REVIEWED = {
    "a picture": ("![my proof](attachment:proof.png)", "picture"),
    "on paper": ("See the scanned sheet.", "somewhere else"),
    "words": (
        "The quotient rule gives two cases, and in both of them the numerator has the factor we want.",
        "in words",
    ),
    "the bare result": (r"$$\frac{\partial y_i}{\partial z_j} = y_i (\delta_{ij} - y_j)$$", "fewer than 3 lines"),
    "unknown signs": (r"$$\mathfrak{Q}(y) = \heartsuit(z)$$", "not understood"),
}


@pytest.mark.parametrize(("text", "why"), REVIEWED.values(), ids=REVIEWED.keys())
def test_what_numbers_cannot_decide_goes_to_a_person(judged, text, why):
    found = judged(text)

    assert Status.NEEDS_REVIEW is found.status
    assert why in found.message


def test_a_self_check_says_how_every_line_was_read(judged):
    graded, checked = (judged(LOGARITHM, public_only=own).evidence[0].lines for own in (False, True))

    assert not any(line.read_as for line in graded)
    assert all(line.read_as for line in checked)


def test_lines_of_another_derivation_in_the_answer_do_not_count(judged):
    shutil.copy(WORLDS / "cross-entropy.toml", judged.folder / "proofs")
    both = LOGARITHM + "\n" + (LOSS + "\n") * 3

    assert Status.NEEDS_REVIEW is judged(both).status
    assert Status.PASSED is judged(both, call='"softmax", beside=("cross-entropy",)').status


def test_a_false_line_is_not_excused_by_a_world_that_does_not_know_its_names(judged):
    shutil.copy(WORLDS / "cross-entropy.toml", judged.folder / "proofs")
    wrong = r"$$\frac{\partial L}{\partial z_i} = \frac{\partial L}{\partial p_i} \frac{\partial p_i}{\partial z_i}$$"

    found = judged(wrong, call='"cross-entropy", beside=("softmax",)')

    assert [LineMark.FAILS] == [line.mark for line in found.evidence[0].lines]


BROKEN = {
    "no such file": ('"softmaks"', "", "softmaks.toml: there is no such file. Did you mean 'softmax'?"),
    "no TOML": ('"bad"', "target = ", "bad.toml: not valid TOML"),
    "an unknown field": ('"bad"', "aim = 'x = 1'", "bad.toml: aim"),
    "an undeclared letter": ('"bad"', "target = 'q = 1'", "bad.toml: .*q in q = 1 is not declared"),
}


@pytest.mark.parametrize(("call", "world", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_world_is_the_authors_error(judged, call, world, why):
    (judged.folder / "proofs" / "bad.toml").write_text(world)

    with pytest.raises(AssignmentError, match=why):
        judged(LOGARITHM, call=call)


def test_a_part_is_what_stands_below_its_label_as_handed_out(judged):
    task = "## Question 1\n\n**a)** Say what softmax is.\n\n**b)** Derive its Jacobian."
    nbformat.write(
        notebook(task.split("\n\n**b)")[0], "**b)** Derive its Jacobian.", markdown=(0, 1)), judged.folder / "one.ipynb"
    )
    first, second = task.split("\n\n**b)**")
    cells = ("It is $y_i = 2 e^{z_i}$.", "**b)**" + second, LOGARITHM, "a) again:\n\n" + WRONG)

    whole = judged(*cells, task=first).evidence[0].lines
    part = judged(*cells, task=first, call='"softmax", part="b"').evidence[0].lines
    unlabelled = judged(*cells, task=first, call='"softmax", part="c"').evidence[0].lines

    assert 6 == len(whole) == len(unlabelled)
    assert whole[1:] == part
    assert "cell 5, line 3" == part[-1].place


def test_a_derivation_that_stands_elsewhere_is_for_a_person(judged):
    found = judged(LOGARITHM, belong=1)

    assert Status.NEEDS_REVIEW is found.status
    assert "elsewhere in your notebook" in found.message


def test_formulas_elsewhere_that_do_not_belong_here_are_no_derivation(judged):
    found = judged("$$a^2 - b^2 = (a + b)(a - b)$$", belong=1)

    assert Status.NOT_ATTEMPTED is found.status
