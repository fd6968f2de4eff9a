"""A small edit runs little again, and never gives another verdict than running everything does."""

from importlib.metadata import version

import pytest
from bundles import CHECKS, STUBS, make_bundle, write_notebook

import grader.selfcheck.again
from grader.results import Status
from grader.selfcheck.again import check
from grader.selfcheck.desk import Desk

SUM = "def mean(x):\n    return np.sum(x)"


def verdicts(checked):
    """Return the status of each check."""
    return {check.id: check.status.value for question in checked.result.questions for check in question.checks}


@pytest.fixture
def ran(monkeypatch):
    """Return a list of what each run leaves out: verdicts that are known, cells that are kept."""
    calls, grade = [], grader.selfcheck.again.grade

    def listened(*args, **options):
        calls.append((sorted(options.get("known", ())), sorted(options.get("kept", ()))))
        return grade(*args, **options)

    monkeypatch.setattr("grader.selfcheck.again.grade", listened)
    return calls


@pytest.mark.slow
def test_only_what_an_edit_touches_is_run_again(desk, save, ran):
    first = check(desk, save())
    wrong = check(desk, save(mean=SUM))
    right = check(desk, save())

    assert [([], []), (["test_double", "test_start"], [2, 3]), (["test_double", "test_start"], [2, 3])] == ran
    assert "q2 changed: 2 checks again, 2 stand; 2 of 4 cells run." == wrong.summary
    assert "Not run again, since nothing they depend on has changed: cells 3-4. --fresh runs everything." in (
        wrong.result.notes
    )
    assert {"passed"} == set(verdicts(first).values()) == set(verdicts(right).values())
    assert {"test_mean": "failed"} == {name: status for name, status in verdicts(wrong).items() if status != "passed"}
    assert "doubled 8" in wrong.result.execution.cells[2].outputs[0].data  # of the first run


@pytest.mark.slow
def test_nothing_is_run_when_nothing_has_changed_unless_it_is_asked_for(desk, save, ran):
    path = save()
    before = check(desk, path)
    unchanged = check(desk, path)
    fresh = check(desk, path, fresh=True)

    assert [([], []), ([], [])] == ran
    assert unchanged.summary.startswith("Nothing has changed since the last check: all 4 verdicts stand.")
    assert before.result.questions == unchanged.result.questions
    assert verdicts(before) == verdicts(fresh)


@pytest.mark.slow
def test_a_changed_helper_is_a_changed_question(desk, save, ran):
    uses = "def mean(x):\n    return total(x) / len(x)"
    check(desk, save(mean=uses, more=["def total(x):\n    return sum(x)"]))
    wrong = check(desk, save(mean=uses, more=["def total(x):\n    return sum(x) + 1"]))

    assert (["test_double", "test_start"], [0, 2, 3]) == ran[1]
    assert "failed" == verdicts(wrong)["test_mean"]


@pytest.mark.slow
def test_changed_words_are_read_again_without_running_a_cell(desk, save, ran):
    check(desk, save())
    wordless = check(desk, save(words="## Question 2"))

    assert (["test_double", "test_mean", "test_start"], [0, 2, 3, 5]) == ran[1]
    assert "failed" == verdicts(wordless)["test_words"]


@pytest.mark.slow
def test_a_name_that_only_a_cell_left_out_makes_has_everything_run(desk, save, ran, monkeypatch):
    start = "if False:\n    secret = 1\nstart = 10"
    check(desk, save(start=start))
    monkeypatch.setattr("grader.selfcheck.sheet.Sheet.cells_for", lambda *_: frozenset())
    monkeypatch.setattr("grader.selfcheck.sheet.Sheet.cells_with", lambda sheet, indices: frozenset(indices))
    found = check(desk, save(start=start, mean="def mean(x):\n    return np.sum(x) / double(len(x)) * 2"))

    assert [[], [2, 3], []] == [kept if kept != [0, 2, 3] else [2, 3] for _, kept in ran]
    assert {"passed"} == set(verdicts(found).values())


@pytest.mark.slow
def test_code_that_may_reach_anything_runs_everything(desk, save, ran):
    check(desk, save(more=["exec('start = 10')"]))
    found = check(desk, save(more=["exec('start = 12')"]))

    assert [([], []), ([], [])] == ran
    assert "Everything was run again, since `exec` in the notebook may reach anything." == found.summary
    assert "failed" == verdicts(found)["test_start"]


@pytest.mark.slow
def test_words_stand_apart_from_code_that_may_reach_anything(desk, save, ran):
    check(desk, save(more=["exec('start = 10')"]))
    found = check(desk, save(more=["exec('start = 10')"], words="## Question 2"))

    assert (["test_double", "test_mean", "test_start"], [0, 2, 3, 5, 6]) == ran[1]
    assert "failed" == verdicts(found)["test_words"]


@pytest.mark.slow
def test_what_a_notebook_reads_from_a_file_beside_it_counts(desk, save, folder, ran):
    (folder / "number.txt").write_text("10")
    reads = "start = int(open('number.txt').read())"
    good = check(desk, save(start=reads))
    (folder / "number.txt").write_text("11")
    bad = check(desk, save(start=reads))

    assert ("passed", "failed") == (verdicts(good)["test_start"], verdicts(bad)["test_start"])


@pytest.mark.slow
def test_what_it_reads_from_a_file_elsewhere_counts(desk, save, tmp_path, ran):
    file = tmp_path / "number.txt"
    file.write_text("10")
    reads = f"start = int(open({str(file)!r}).read())"
    good = check(desk, save(start=reads))
    file.write_text("11")
    bad = check(desk, save(start=reads))

    assert ("passed", "failed") == (verdicts(good)["test_start"], verdicts(bad)["test_start"])


@pytest.mark.slow
def test_a_module_that_is_saved_during_the_run_does_not_give_its_verdicts_to_the_one_before(desk, save, monkeypatch):
    helper, grade = save().with_name("helper.py"), grader.selfcheck.again.grade
    helper.write_text("k = 10")

    def saved_meanwhile(*args, **options):
        helper.write_text("k = 11")
        return grade(*args, **options)

    with monkeypatch.context() as patched:
        patched.setattr("grader.selfcheck.again.grade", saved_meanwhile)
        bad = check(desk, save(start="import helper\nstart = helper.k"))
    helper.write_text("k = 10")
    good = check(desk, save(start="import helper\nstart = helper.k"))

    assert ("failed", "passed") == (verdicts(bad)["test_start"], verdicts(good)["test_start"])


@pytest.mark.slow
def test_more_files_than_can_be_looked_at_leave_nothing_standing(desk, save, folder, ran, monkeypatch):
    monkeypatch.setattr("grader.selfcheck.contents.MAX_FILES", 0)
    (folder / "number.txt").write_text("10")
    for _ in range(2):
        check(desk, save(start="start = int(open('number.txt').read())"))

    assert [([], []), ([], [])] == ran


@pytest.mark.slow
def test_a_file_that_may_not_be_read_is_missing_and_no_crash(desk, save, folder, monkeypatch):
    def denied(source, _, **more):
        raise PermissionError(13, "Permission denied", str(source))

    (folder / "number.txt").write_text("10")
    monkeypatch.setattr("grader.kernels.scratch.shutil.copyfile", denied)
    found = check(desk, save(start="start = int(open('number.txt').read())"))

    assert "passed" == verdicts(found)["test_double"]
    assert "passed" != verdicts(found)["test_start"]
    assert ["FileNotFoundError"] == [cell.error.name for cell in found.result.execution.cells if cell.error]


@pytest.mark.slow
def test_a_package_of_ones_own_is_there_and_counts(desk, save, folder, ran):
    (folder / "own").mkdir()
    (folder / "own" / "__init__.py").write_text("from own.inner import k")
    (folder / "own" / "inner.py").write_text("k = 10")
    good = check(desk, save(start="import own\nstart = own.k"))
    (folder / "own" / "inner.py").write_text("k = 11")
    bad = check(desk, save(start="import own\nstart = own.k"))

    assert ("passed", "failed") == (verdicts(good)["test_start"], verdicts(bad)["test_start"])


@pytest.mark.slow
def test_a_layer_that_its_base_counts_is_counted_again(desk, save, ran):
    layers = "made = []\nclass Layer:\n    def __init__(self):\n        made.append(self)"
    more = ["Dense()", "start = 9 + len(made)"]
    good = check(desk, save(start=f"{layers}\nclass Dense(Layer):\n    pass", more=more))
    bad = check(desk, save(start=f"{layers}\nclass Dense(Layer):\n    pass", more=["Dense()\nDense()", more[1]]))

    assert ("passed", "failed") == (verdicts(good)["test_start"], verdicts(bad)["test_start"])


def test_other_versions_of_libraries_are_other_software(monkeypatch):
    software = grader.selfcheck.again._software
    before = software()
    monkeypatch.setattr(
        "grader.selfcheck.again.version", lambda name: "99.0" if name == "matplotlib" else version(name)
    )

    assert "matplotlib 99.0" in software()
    assert before != software()


@pytest.mark.slow
def test_a_stub_is_not_attempted_and_stands_until_it_is_written(desk, save, ran):
    stub = check(desk, save(double=STUBS[0]))
    still = check(desk, save(double=STUBS[0], mean=SUM))
    written = check(desk, save(mean=SUM))

    assert Status.NOT_ATTEMPTED == verdicts(stub)["test_double"] == verdicts(still)["test_double"]
    assert "test_double" in ran[1][0]
    assert "passed" == verdicts(written)["test_double"]


@pytest.mark.slow
def test_a_loop_without_end_is_not_remembered(desk, save, ran):
    endless = "def double(x):\n    while True:\n        pass"
    small = desk.assignment.limits.model_copy(update={"call_s": 0.5})
    quick = desk.__class__(bundle=desk.bundle, assignment=desk.assignment.model_copy(update={"limits": small}))
    check(quick, save(double=endless))
    again = check(quick, save(double=endless, mean=SUM))

    assert "test_double" not in ran[1][0]
    assert "failed" == verdicts(again)["test_double"]


@pytest.mark.slow
def test_a_notebook_that_is_none_has_a_result_that_says_why(desk, folder):
    (folder / "hw.ipynb").write_text("not a notebook")
    found = check(desk, folder / "hw.ipynb")

    assert "hw.ipynb" in found.result.error
    assert {"not_reached"} == set(verdicts(found).values())


@pytest.mark.parametrize("name", ["other", "backprop"])
def test_a_notebook_of_another_homework_is_refused_with_both_names(desk, folder, name):
    from grader.errors import UsageError

    write_notebook(folder / "other.ipynb", ["x = 1"], grader={"assignment": name})
    with pytest.raises(UsageError, match=rf"other.ipynb belongs to '{name}'.*'small'"):
        check(desk, folder / "other.ipynb")


def test_a_notebook_without_any_name_that_is_asked_for_is_refused(desk, folder):
    from grader.errors import UsageError

    write_notebook(folder / "other.ipynb", ["a = 1", "b = 2", "def c(): pass"])
    with pytest.raises(UsageError, match=r"does not look like 'small'.*`double`"):
        check(desk, folder / "other.ipynb")


SHARING = '''

@pytest.fixture(scope="session")
def found():
    return {}


@pytest.mark.check("q2", points=1)
def test_one(student, found):
    """finds something out"""
    found["start"] = student.start


@pytest.mark.check("q2", points=1)
def test_two(student, found):
    """uses what the other found out"""
    assert found["start"] == 10


@pytest.mark.check("q2", points=1)
def test_missing(student):
    """asks for a name that is not there"""
    assert not student.get("nowhere_to_be_found")
'''


@pytest.mark.slow
def test_what_checks_share_or_do_not_find_depends_on_everything(tmp_path, folder, save, ran):
    other = make_bundle(tmp_path / "sharing", checks=CHECKS + SHARING)
    desk = Desk.at(other)
    check(desk, save())
    check(desk, save(mean=SUM))

    assert ([], []) == ran[1]  # since all cells are run, all is asked
