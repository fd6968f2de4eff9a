"""A Dask cluster of two worker processes does what the local pool does, also when one of them is killed."""

import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from notebooks import notebook

from grader.batch import Grading, Reports, Settings, run_batch, work
from grader.batch.cluster import cluster
from grader.cache import Cache
from grader.config import SPAWNED, GradeOptions
from grader.errors import UsageError
from grader.submissions import named

distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Dask has a few of its own

TINY = Path(__file__).parents[1] / "assignments" / "tiny"
SOLUTION = """import time
time.sleep({seconds})
start, steps = 10, 2
def double(x): return x + x
def difference(a, b): return a - b
def identity(x): return x"""


@pytest.fixture(scope="module")
def workers():
    """Two workers in processes of their own, which a nanny starts again."""
    tests = str(Path(__file__).parents[1])  # the tiny assignment's solution is there
    with (
        pytest.MonkeyPatch.context() as patch,
        distributed.LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None) as local,
    ):
        patch.setenv("PYTHONPATH", tests)
        local.scale(2)
        local.wait_for_workers(2)
        yield local


@pytest.fixture
def folder(tmp_path):
    """A class of six who have nothing in common but their homework."""
    for number in range(6):
        node = notebook("# Question 1\nlinear", SOLUTION.format(seconds=0.5 + number / 100), markdown=[0])
        nbformat.write(node, tmp_path / f"student{number}.ipynb")
    shutil.copytree(TINY, tmp_path / "tiny")
    return tmp_path


def grade(address, folder, on_done=lambda outcome: None):
    """Grade the class on a cluster; return the outcomes in the order they came in, and the summary."""
    seen = []

    def done(outcome):
        seen.append(outcome)
        on_done(outcome)

    with cluster(address) as (submit, count):
        grading = Grading(
            settings=Settings(options=GradeOptions(sealed=False, provisioner=SPAWNED)),
            folder_of=lambda submission: folder / "tiny",
            submit=submit,
            ahead=2 * count,
            cache=Cache(None),
        )
        submissions = named(sorted(folder.glob("*.ipynb")))
        return seen, run_batch(submissions, grading, Reports(out=folder / "reports").write, done)


def test_a_class_is_graded_on_the_cluster(workers, folder):
    _, summary = grade(workers.scheduler_address, folder)

    assert [outcome.reason for outcome in summary.outcomes] == [""] * 6
    assert [(outcome.reason, outcome.entry.score) for outcome in summary.outcomes] == [("", 14.0)] * 6
    assert len(list((folder / "reports").glob("*.html"))) == 6


def test_a_killed_worker_costs_nobody_a_result(workers, folder):
    def kill_one():
        time.sleep(0.7)  # in the middle of somebody's notebook
        os.kill(workers.workers[0].process.process.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    seen, summary = grade(workers.scheduler_address, folder)
    killer.join()

    assert Counter(outcome.submission.name for outcome in seen) == {f"student{number}": 1 for number in range(6)}
    assert [(outcome.reason, outcome.entry.score) for outcome in summary.outcomes] == [("", 14.0)] * 6


def test_a_worker_with_another_assignment_does_not_grade(workers, folder, monkeypatch):
    monkeypatch.setattr("grader.batch.prints.versions", lambda: "another version of the grader")
    _, summary = grade(workers.scheduler_address, folder)

    assert summary.graded == 0
    assert all("has another version of the grader" in outcome.reason for outcome in summary.outcomes)


def test_a_changed_assignment_is_loaded_again_by_workers_that_go_on(workers, folder):
    grade(workers.scheduler_address, folder)
    toml = folder / "tiny" / "assignment.toml"
    toml.write_text(toml.read_text().replace("Why doubling is linear", "Is doubling linear?"))
    work.assignment_at.cache_clear()
    _, summary = grade(workers.scheduler_address, folder)
    titles = {check.title for outcome in summary.outcomes for check in outcome.entry.checks if check.id == "q1text"}

    assert ([outcome.reason for outcome in summary.outcomes], titles) == ([""] * 6, {"Is doubling linear?"})


def test_nobody_at_the_address_is_a_wrong_command(monkeypatch):
    monkeypatch.setattr("grader.batch.cluster.PATIENCE_S", 1)

    with (
        pytest.raises(UsageError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers there"),
        cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(UsageError, match=r"pip install 'homework-grader\[cluster\]'"), cluster("tcp://x:1"):
        pass
