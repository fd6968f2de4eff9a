"""The reference in its modes: what is recorded while a notebook is graded answers where no solution is."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import tiny_reference
from notebooks import notebook

from grader.assignment import load
from grader.checks import Live, Record, Recording, Replay, gaps, reference_of
from grader.config import GradeOptions
from grader.datasets.files import write_npz
from grader.errors import AssignmentError
from grader.grading import grade
from grader.results import Status

TINY = Path(__file__).parents[1] / "assignments" / "tiny"
OPTIONS = GradeOptions(seed=7, public_only=True)
AUTHORS = """
name = "one"
title = "One question"
notebook = "tiny.ipynb"
reference = "tiny_reference"
variants = "tiny_reference"
data = { mnist = "digits[:40, :20]" }
questions = [{ id = "q1", title = "The question", points = 10 }]
"""
STUDENTS = """
name = "one"
title = "One question"
notebook = "tiny.ipynb"
record = "record.zip"
data = { mnist = "digits[:40, :20]" }
questions = [{ id = "q1", title = "The question", points = 10 }]
"""
ROWS = {
    "x_train": np.ones((3, 2, 2), np.uint8),
    "y_train": np.array([[3], [4], [5]]),
    "x_test": np.zeros((1, 2, 2), np.uint8),
    "y_test": np.array([[6]]),
}
RIGHT = "def double(x):\n    return 2 * x\ndef difference(a, b):\n    return a - b\nsize = 3"
WRONG = RIGHT.replace("2 * x", "x ** 2").replace("size = 3", "size = 4")


class Desk:
    """One assignment as its author has it and as students get it, and notebooks to grade with either."""

    def __init__(self, folder, checks):
        self.folder = folder
        for name, toml in (("author", AUTHORS), ("student", STUDENTS)):
            (folder / name / "checks").mkdir(parents=True)
            shutil.copy(TINY / "tiny.ipynb", folder / name)
            (folder / name / "assignment.toml").write_text(toml)
            (folder / name / "checks" / "test_one.py").write_text(checks)
        (folder / "student" / "data").mkdir()
        write_npz(folder / "student" / "data" / "mnist.npz", ROWS)

    def record(self, source):
        """Return the record of grading a notebook, and its result."""
        assignment = load(self.folder / "author")
        recording = Recording(assignment)
        result = grade(self.notebook(source), assignment, OPTIONS, reference=recording)
        return recording.record, result

    def replay(self, source, record):
        """Return the result of a notebook where only a record is."""
        (self.folder / "student" / "record.zip").write_bytes(record.write())
        return grade(self.notebook(source), load(self.folder / "student"), OPTIONS)

    def notebook(self, source):
        """Return the file of a notebook with one cell."""
        path = self.folder / "ada.ipynb"
        nbformat.write(notebook(source), path)
        return path


@pytest.fixture
def desk(tmp_path):
    """Return a function that makes a desk of the bodies of checks, with the fixtures and the marker they want."""

    def make(*bodies, fixtures="check, reference, rng, data, trained", more=""):
        lines = ["import numpy as np", "import pytest"]
        for number, body in enumerate(bodies):
            lines += ["", f'@pytest.mark.check("q1", points={10 / len(bodies)}{more})']
            lines += [f"def test_{number}({fixtures if 'trained' in body else fixtures.replace(', trained', '')}):"]
            lines += [f"    {line}" for line in body.splitlines()]
        return Desk(tmp_path, "\n".join(lines) + "\n")

    return make


def verdicts(result):
    """Return what a student reads of every check."""
    checks = [check for question in result.questions for check in question.checks]
    return [(c.id, c.status, c.score, c.message, c.diagnosis and c.diagnosis.title, c.evidence) for c in checks]


def statuses(result):
    """Return the status of every check."""
    return [check.status for question in result.questions for check in question.checks]


ASK = 'check.same("double", rng.normal(size=5))'
SIZE = "if check.student.size != reference.SIZE:\n    check.fail(f'not {reference.SIZE}')"
BRANCHES = "if check.student.size == 3:\n    check.reference.double(1.0)\nelse:\n    check.reference.double(2.0)"


@pytest.mark.parametrize("source", [RIGHT, WRONG, "double = 3", "1 / 0"], ids=["right", "wrong", "odd", "stopped"])
def test_a_replay_comes_to_the_verdicts_of_the_reference(desk, source):
    place = desk(ASK, 'check.same("difference", 5.0, 3.0)', SIZE)
    record, _ = place.record(RIGHT)
    _, live = place.record(source)

    assert verdicts(place.replay(source, Record.read(record.write()))) == verdicts(live)


def test_a_misconception_is_named_though_nobody_had_it_when_recording(desk):
    place = desk(ASK)
    record, _ = place.record(RIGHT)
    diagnosis = place.replay(WRONG, record).questions[0].checks[0].diagnosis

    assert diagnosis.title == "Squared instead of doubled"
    assert diagnosis.name == ""
    assert b"squared" not in record.write()


LARGE = "x = rng.normal(size=3000)\n{}if not np.allclose(check.student.double(x), check.reference.double(x)):\n    "
LARGE += 'check.fail("no", diagnosis=check.reference.explain("double", (x,), lambda answer: len(answer) == len(x)))'
COMPARED = 'check.reference.compared("double", (x,), {})\n'


@pytest.mark.parametrize(("said", "known"), [("", False), (COMPARED, True)], ids=["unsaid", "said"])
def test_misconceptions_about_large_answers_are_kept_where_the_check_says_that_it_compares(desk, said, known):
    place = desk(LARGE.format(said))
    record, _ = place.record(RIGHT)
    check = place.replay(WRONG, record).questions[0].checks[0]

    assert (check.status, check.diagnosis is not None) == (Status.FAILED, known)


def test_a_question_that_was_never_recorded_has_no_verdict(desk):
    place = desk(BRANCHES)
    record, _ = place.record(RIGHT)
    result = place.replay(WRONG, record)
    check = result.questions[0].checks[0]

    assert check.status is Status.ERROR
    assert "cannot be judged with this bundle" in check.message
    assert (0, 10) == (result.score, result.pending)


SLOPE = """x = np.linspace(1, 2, 3000)
up = x.copy()
up[check.student.size] += 1e-6
slope = reference.double(up).sum() - reference.double(x).sum()
assert slope > 1e-6, slope"""


def test_a_step_where_the_notebook_says_is_another_question_and_a_gap(desk):
    place = desk(SLOPE)
    base, live = place.record(RIGHT)
    other, _ = place.record(RIGHT.replace("size = 3", "size = 5"))
    again = place.replay(RIGHT.replace("size = 3", "size = 5"), base)

    assert statuses(live) == statuses(place.replay(RIGHT, base)) == [Status.PASSED]
    assert statuses(again) == [Status.ERROR]
    assert [gap.function for gap in gaps(base, other)] == ["double"]


TYPES = """for kind in check.student.kinds.split():
    assert reference.double(np.arange(3).astype(kind)).dtype == kind"""


@pytest.mark.parametrize("kinds", ["float64", "float32", "float32 float64"])
def test_numbers_of_one_type_are_answered_in_it_though_the_same_was_asked_in_another(desk, kinds):
    place = desk(TYPES)
    record, _ = place.record("kinds = 'float64 float32'")

    assert statuses(place.replay(f"kinds = {kinds!r}", record)) == [Status.PASSED]


def test_such_a_question_is_a_gap(desk):
    place = desk(BRANCHES, ASK)
    base, other = (place.record(source)[0] for source in (RIGHT, WRONG))

    assert [(gap.check, gap.function) for gap in gaps(base, other)] == [("test_0", "double")]
    assert gaps(base.merged(other), other) == []


@pytest.mark.parametrize(
    "body",
    ['data.hidden("mnist")', 'trained("mnist", "mlp")', 'reference.variants("double")'],
    ids=["hidden rows", "a trained model", "variants as functions"],
)
def test_what_no_bundle_has_is_refused_in_either_mode(desk, body):
    place = desk(body)

    with pytest.raises(AssignmentError, match=r"test_0: asks for .*offline=False"):
        place.record(RIGHT)
    assert statuses(place.replay(RIGHT, Record())) == [Status.ERROR]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("reference.thing(1)", "`thing` answers is of type object"),
        ("reference.double(print)", "an argument of the reference's `double` is of type builtin"),
        ("reference.double(check.student.double)", "an argument of the reference's `double` is of type Handle"),
    ],
    ids=["an object comes back", "a function goes in", "the student's function goes in"],
)
def test_what_is_no_data_is_the_authors_error(desk, body, reason):
    with pytest.raises(AssignmentError, match=reason) as caught:
        desk(body).record(RIGHT)

    assert "test_0" in str(caught.value)
    assert "offline=False" in str(caught.value)


FAILING = SimpleNamespace(name="failing", title="F", explanation="f", function=lambda x: x[10])


@pytest.mark.parametrize("source", [RIGHT, WRONG, WRONG.replace("x ** 2", "x - 1")], ids=["right", "known", "unknown"])
def test_a_misconception_that_cannot_answer_explains_nothing(desk, monkeypatch, source):
    monkeypatch.setitem(tiny_reference.VARIANTS, "double", (FAILING, *tiny_reference.VARIANTS["double"]))
    place = desk(ASK)
    record, _ = place.record(RIGHT)
    _, live = place.record(source)
    graded = grade(place.notebook(source), load(place.folder / "author"), OPTIONS)

    assert statuses(graded) == [Status.PASSED if source == RIGHT else Status.FAILED]
    assert verdicts(place.replay(source, record)) == verdicts(live)


def test_an_explanation_that_is_no_data_is_left_out(desk):
    asks = 'check.reference.explain("double", (np.array([1, 2], dtype=object),), lambda answer: False)'
    place = desk(f'check.fail("no", diagnosis={asks})')
    record, live = place.record(RIGHT)

    assert verdicts(live) == verdicts(place.replay(RIGHT, record)) == [("test_0", Status.FAILED, 0, "no", None, ())]


def test_checks_that_need_more_are_left_out_of_bundles_only(desk):
    place = desk('data.hidden("mnist")', more=", offline=False")
    live = grade(place.notebook(RIGHT), load(place.folder / "author"), OPTIONS)

    assert statuses(live) == [Status.PASSED]
    assert statuses(place.record(RIGHT)[1]) == statuses(place.replay(RIGHT, Record())) == []


def test_a_failing_reference_fails_again(desk):
    place = desk("reference.broken(1)")
    record, live = place.record(RIGHT)
    again = place.replay(RIGHT, record)

    assert statuses(live) == statuses(again) == [Status.ERROR]
    assert "the reference is broken" in again.questions[0].checks[0].detail


def test_an_answer_may_be_changed_by_who_asked(desk):
    place = desk(
        "for _ in range(2):\n    answer = reference.double(np.ones(2))\n    assert answer[0] == 2\n    answer += 1"
    )
    record, _ = place.record(RIGHT)

    assert statuses(place.replay(RIGHT, record)) == [Status.PASSED]


def test_the_rows_of_a_bundle_come_from_its_files(desk):
    served = "x, y = data.training('mnist')\nassert (x.sum(), list(y)) == (12, [3, 4, 5])\n"
    place = desk(served + "assert len(data.testing('mnist')[0]) == 1", "data.testing('cifar10')")

    assert statuses(place.replay(RIGHT, Record())) == [Status.PASSED, Status.ERROR]


def test_who_answers_is_chosen_by_what_the_assignment_names(desk):
    place = desk(ASK)
    author = load(place.folder / "author")
    (place.folder / "student" / "record.zip").write_bytes(Record().write())
    nobody = author.model_copy(update={"reference": None, "variants": None})

    assert isinstance(reference_of(author), Live)
    assert isinstance(reference_of(load(place.folder / "student")), Replay)
    for use in (lambda: reference_of(nobody).double, lambda: reference_of(nobody).explain("double", (1,), bool)):
        with pytest.raises(AssignmentError, match="names no `reference`"):
            use()


@pytest.mark.parametrize("content", [None, b"nonsense"], ids=["missing", "damaged"])
def test_a_record_that_cannot_be_read_is_named(desk, content):
    place = desk(ASK)
    if content is not None:
        (place.folder / "student" / "record.zip").write_bytes(content)

    with pytest.raises(AssignmentError, match=r"record\.zip: "):
        grade(place.notebook(RIGHT), load(place.folder / "student"), OPTIONS)
