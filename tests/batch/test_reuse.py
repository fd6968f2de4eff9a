"""Nothing is graded twice: what is looked up, and what has to be worked out again after which change."""

import shutil
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from fakes import AtOnce
from notebooks import notebook

from grader.batch import Grading, Reports, Settings, run_batch
from grader.batch.work import assignment_at, work
from grader.cache import Cache
from grader.config import SPAWNED, GradeOptions
from grader.results import Audience, Status
from grader.submissions import named

pytestmark = pytest.mark.slow
TINY = Path(__file__).parents[1] / "assignments" / "tiny"
OPTIONS = GradeOptions(sealed=False, provisioner=SPAWNED)
SOLUTION = """start, steps = 10, 1
def double(x): return x + x
def difference(a, b): return a - b
def identity(x): return x"""


class Class:
    """A folder with an assignment and notebooks, graded again and again; `asked` are the tasks of the last time."""

    def __init__(self, folder):
        self.folder, self.out = folder, folder / "reports"
        self.assignment = folder / "tiny"
        shutil.copytree(TINY, self.assignment)
        shutil.copy(Path(__file__).parents[1] / "tiny_reference.py", folder / "reused_reference.py")
        self.edit("assignment.toml", "tiny_reference", "reused_reference")
        self.hand_in("ada")
        self.asked = []

    def hand_in(self, name, source=SOLUTION):
        node = notebook("# Question 1\nlinear", source, markdown=[0])
        nbformat.write(node, self.folder / f"{name}.ipynb")

    def edit(self, name, old, new):
        path = self.assignment / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def grade(self, *names, files=(), **settings):
        """Grade the notebooks of that name; return their outcomes."""
        assignment_at.cache_clear()
        self.asked = []
        reports = Reports(out=self.out, loads=True)
        submissions = named([self.folder / f"{name}.ipynb" for name in names or ("ada",)])
        grading = Grading(
            settings=Settings(**{"options": OPTIONS, **settings}),
            folder_of=lambda submission: self.assignment,
            submit=self._submit,
            ahead=1,
            cache=Cache(self.folder / "cache"),
            is_reported=reports.are_there,
        )
        submissions = [replace(one, files=tuple(files)) for one in submissions]
        return run_batch(submissions, grading, reports.write, lambda outcome: None).outcomes

    def _submit(self, task) -> Future:
        self.asked.append(task)
        return AtOnce(1).submit(work, task, limit_s=60)

    @property
    def kernels(self):
        """How many tasks of the last time needed a kernel."""
        return sum(task.result is None for task in self.asked)

    @property
    def again(self):
        """The checks of the one task that were worked out again."""
        (task,) = self.asked
        assert task.result is None
        return {name for name in VERDICTS if name not in task.known}


VERDICTS = {
    "test_double",
    "test_double_of_one_number[negative]",
    "test_double_of_one_number[positive]",
    "test_difference",
    "test_steps",
    "test_plain_state",
    "test_state_again",
    "test_text",
    "test_random_inputs",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class that was graded once."""
    folder = tmp_path_factory.mktemp("class")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        one = Class(folder)
        (first,) = one.grade()
        assert first.graded
        assert one.again == VERDICTS
        yield one


@pytest.fixture
def room(graded, tmp_path, monkeypatch):
    """A copy of it, to be changed."""
    shutil.copytree(graded.folder, tmp_path, dirs_exist_ok=True)
    copy = Class.__new__(Class)
    copy.folder, copy.out, copy.assignment, copy.asked = tmp_path, tmp_path / "reports", tmp_path / "tiny", []
    return copy


def timeless(result):
    """Return a result without what clocks say."""
    plain = result.model_dump(exclude={"timings"})
    plain["execution"].pop("seconds")
    for cell in plain["execution"]["cells"]:
        cell.pop("seconds")
    for question in plain["questions"]:
        for check in question["checks"]:
            check.pop("seconds")
    return plain


def test_what_has_not_changed_is_not_graded_nor_written_again(room):
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in room.out.iterdir()}
    (outcome,) = room.grade()

    assert (room.asked, outcome.reused, outcome.reported) == ([], True, True)
    assert outcome.entry.score == outcome.result.score == 13.0
    assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in room.out.iterdir()}


def test_after_a_changed_check_only_that_one_is_asked_again(room):
    room.edit("checks/test_tiny.py", "score(0.5,", "score(0.25,")
    (outcome,) = room.grade()
    (from_nothing,) = room.grade(fresh=True)

    assert outcome.entry.score == 12.5
    assert timeless(outcome.result) == timeless(from_nothing.result)


def test_which_checks_are_asked_again(room):
    room.edit("checks/test_tiny.py", "Two steps are needed.", "Two steps!")
    room.grade()

    assert room.again == {"test_steps"}

    room.edit("checks/test_tiny.py", "negative numbers", "zero")
    room.grade()

    assert room.again == {"test_double_of_one_number[negative]", "test_double_of_one_number[positive]"}


def test_comments_and_places_of_checks_do_not_matter(room):
    room.edit(
        "checks/test_tiny.py", '@pytest.mark.check("q2", points=1)', '\n\n# new\n@pytest.mark.check("q2", points=1)'
    )
    room.grade()

    assert room.kernels == 0


EVERYTHING = {
    "what checks share": ("checks/test_tiny.py", "import numpy as np", "import numpy as np\nLIMIT = 3"),
    "the solution": ("../reused_reference.py", "return a - b", "return a - b + 0"),
    "the master notebook": ("tiny.ipynb", '"nbformat": 4', '"nbformat":  4'),
    "the limits": ("assignment.toml", "cell_s = 5", "cell_s = 6"),
}


@pytest.mark.parametrize(("name", "old", "new"), EVERYTHING.values(), ids=EVERYTHING.keys())
def test_what_makes_everything_be_asked_again(name, old, new, room, monkeypatch):
    monkeypatch.setattr("grader.batch.prints.sources", lambda module: {room.folder / f"{module}.py"})
    room.grade()
    room.edit(name, old, new)
    room.grade()

    assert room.again == VERDICTS


def test_new_words_of_the_assignment_need_no_kernel(room):
    room.edit("assignment.toml", "Why doubling is linear", "Is doubling linear?")
    (outcome,) = room.grade()
    (from_nothing,) = room.grade(fresh=True)

    assert outcome.result.questions[0].checks[-1].title == "Is doubling linear?"
    assert timeless(outcome.result) == timeless(from_nothing.result)

    room.edit("assignment.toml", "Is doubling linear?", "Is it?")
    room.grade()

    assert room.kernels == 0


def test_another_notebook_or_another_file_beside_it_is_graded(room):
    room.hand_in("ada", SOLUTION.replace("steps = 10, 1", "steps = 10, 2"))
    (outcome,) = room.grade()

    assert (outcome.entry.score, room.again) == (14.0, VERDICTS)

    (room.folder / "help.py").write_text("x = 1")
    room.grade(files=[room.folder / "help.py"])

    assert room.again == VERDICTS


def test_the_same_notebook_of_another_student_is_known(room):
    shutil.copy(room.folder / "ada.ipynb", room.folder / "bob.ipynb")
    ada, bob = room.grade("ada", "bob")

    assert room.kernels == 0
    assert [(one.entry.student, one.result.student, one.result.submission) for one in (ada, bob)] == [
        ("ada", "ada", "ada.ipynb"),
        ("bob", "bob", "bob.ipynb"),
    ]
    assert "bob" in (room.out / "bob.html").read_text()


def test_fresh_looks_nothing_up(room):
    (outcome,) = room.grade(fresh=True)

    assert (outcome.reused, room.again) == (False, VERDICTS)


def test_another_seed_is_another_grading(room):
    room.grade(options=OPTIONS.model_copy(update={"seed": 5}))

    assert room.again == VERDICTS


def test_a_check_that_broke_is_asked_again(room):
    room.edit("checks/test_tiny.py", "if student.steps == 1:", "if broken == 1:")
    (broken,) = room.grade()
    statuses = [check.status for check in broken.entry.checks if check.id == "test_steps"]

    assert statuses == [Status.ERROR]

    room.grade()

    assert room.again == {"test_steps"}


def test_a_check_that_was_not_reached_is_asked_again(room):
    skipped = "pytest.skip('the time is up')\n    check.show("
    room.edit("checks/test_tiny.py", "check.show(", skipped)
    room.grade()

    assert room.again == {"test_steps"}

    room.edit("checks/test_tiny.py", "Add the number to itself", "Double it")
    room.grade()

    assert room.again == {"test_double", "test_steps"}


def test_of_what_cannot_be_read_nothing_is_kept(room):
    for name in ("bob", "cyd"):
        (room.folder / f"{name}.ipynb").write_text("{ this is no notebook")
    bob, cyd = room.grade("bob", "cyd")

    assert [("bob.ipynb" in one.reason, "cyd.ipynb" in one.reason) for one in (bob, cyd)] in (
        [(True, False), (False, True)],
        [(False, False), (False, False)],
    )
    assert room.kernels == 2


def test_what_is_kept_may_be_damaged(room):
    for path in (room.folder / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-20])
    (outcome,) = room.grade()

    assert (outcome.graded, room.again) == (True, VERDICTS)


def test_a_result_may_be_gone_while_its_account_is_there(room):
    for path in (room.folder / "cache").rglob("*-result"):
        path.unlink()
    (outcome,) = room.grade()

    assert (outcome.graded, outcome.result.score, room.again) == (True, 13.0, VERDICTS)


@pytest.mark.parametrize("lost", ["ada.html", "ada.json"])
def test_a_report_that_is_gone_is_written_again_without_a_kernel(lost, room):
    before = (room.out / "ada.json").read_bytes()
    (room.out / lost).unlink()
    room.grade()

    assert room.kernels == 0
    assert (room.out / "ada.html").exists()
    assert before == (room.out / "ada.json").read_bytes()


def test_a_report_for_another_reader_needs_no_kernel_and_shows_nothing_hidden(room):
    (outcome,) = room.grade(audience=Audience.STUDENT)
    hidden = [
        check for question in outcome.result.questions for check in question.checks if check.visibility == "hidden"
    ]

    assert room.kernels == 0
    assert [check.message for check in hidden] == ["", ""]
    assert outcome.result.audience is Audience.STUDENT
