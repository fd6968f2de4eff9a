"""`grade FOLDER` as it is typed: killed, interrupted and gone on with, on real kernels."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from notebooks import notebook

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parents[1]
SOLUTION = """import time
time.sleep({seconds})
start, steps = 10, 2
def double(x): return x + x
def difference(a, b): return a - b
def identity(x): return x"""
PATIENCE_S = 60


class Command:
    """`grade class` in a process group of its own."""

    def __init__(self, folder, *words, **variables):
        environment = {
            **os.environ,
            "PYTHONPATH": str(TESTS),
            "GRADE_CACHE": str(folder / "cache"),
            "PYTHONUNBUFFERED": "1",
            **variables,
        }
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", "class", "--jobs", "2", *words],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.all = {psutil.Process(self.process.pid)}

    def __enter__(self):
        return self

    def __exit__(self, *ending):
        self.look()
        for process in self.all:
            if process.is_running():
                process.kill()
        self.process.communicate()

    def look(self):
        """Remember every process there is by now."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.all.update(psutil.Process(self.process.pid).children(recursive=True))
        return self.all

    def wait_for(self, what):
        """Return what comes true, or fail after a minute."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := what()):
            assert time.monotonic() < deadline, "It did not come to that."
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.05)
        return found

    def running(self, *words):
        """Return the processes whose command line has the words."""
        return [process for process in self.look() if set(words) <= set(command_line(process))]

    def end(self):
        """Return exit code, standard output and standard error, and which processes are left."""
        while self.process.poll() is None:
            self.look()
            time.sleep(0.05)
        out, err = self.process.communicate()
        _, left = psutil.wait_procs(self.all, timeout=10)
        return self.process.returncode, out, err, [command_line(process) for process in left if is_alive(process)]


def is_alive(process):
    """Whether a process runs; one that nobody waits for has ended all the same."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_line(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture
def folder(tmp_path):
    """A class of four, whose notebooks take a second each."""
    (tmp_path / "assignments").mkdir()
    shutil.copytree(TESTS / "assignments" / "tiny", tmp_path / "assignments" / "tiny")
    (tmp_path / "class").mkdir()
    for number, name in enumerate(("ada", "bob", "cyd", "dan")):
        node = notebook("# Question 1\nlinear", SOLUTION.format(seconds=1 + number / 100), markdown=[0])
        nbformat.write(node, tmp_path / "class" / f"{name}.ipynb")
    return tmp_path


def scores(folder):
    return {path.stem: json.loads(path.read_text())["score"] for path in (folder / "reports").glob("*.json")}


FULL = dict.fromkeys(("ada", "bob", "cyd", "dan"), 14.0)


def test_a_class_is_graded_and_a_second_time_costs_nothing(folder):
    with Command(folder) as first:
        code, out, err, left = first.end()

    assert (code, left) == (0, []), err
    assert sorted(line.split()[0] for line in out.splitlines()) == ["ada", "bob", "cyd", "dan"]
    assert scores(folder) == FULL

    with Command(folder) as second:
        code, _, err, _ = second.end()

    assert code == 0
    assert "4 of 4 graded (4 unchanged since they were graded before)" in err


def test_a_killed_worker_and_a_killed_warm_server_cost_nobody_a_result(folder):
    with Command(folder) as command:
        servers = command.wait_for(lambda: command.running("serve"))
        servers[0].kill()
        time.sleep(0.5)
        workers = {server.parent() for server in command.wait_for(lambda: command.running("serve"))}
        next(iter(workers)).kill()
        code, _, err, left = command.end()

    assert (code, left) == (0, []), err
    assert scores(folder) == FULL


def test_ctrl_c_keeps_what_is_done_leaves_no_process_and_the_next_run_goes_on(folder):
    with Command(folder) as command:
        command.wait_for(lambda: list((folder / "reports").glob("*.html")))
        os.killpg(command.process.pid, signal.SIGINT)
        code, _, err, left = command.end()
    done = {path.stem: path.stat().st_mtime_ns for path in (folder / "reports").glob("*.json")}

    assert (code, left) == (130, []), err
    assert 1 <= len(done) < 4
    assert f"Stopped; {len(done)} of 4 are graded and kept in reports/" in err

    with Command(folder) as second:
        code, _, err, _ = second.end()

    assert code == 0
    assert f"4 of 4 graded ({len(done)} unchanged" in err
    assert scores(folder) == FULL
    assert {name: (folder / "reports" / f"{name}.json").stat().st_mtime_ns for name in done} == done


def test_a_grader_that_is_killed_takes_everything_with_it(folder):
    with Command(folder) as command:
        command.wait_for(lambda: command.running("serve"))
        command.look()
        command.process.kill()
        _, _, _, left = command.end()

    assert left == []
