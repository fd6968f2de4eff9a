"""A kernel without a warden: the same notebook, the same answers, and nothing left of it."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.config import FORKED, PLAIN, SPAWNED, Limits
from grader.errors import CallTimedOut, HarnessError, SandboxUnavailable
from grader.kernels import Kernel, ahead, plain, provisioners, runner, warm
from grader.probe import Student
from grader.results import ExecutionStatus

CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])"
DEAF = "import time\nwhile True:\n    try:\n        time.sleep(1000)\n    except KeyboardInterrupt:\n        pass"
SEEN = """
import os, sys, random
import numpy as np
print(os.getcwd(), os.environ["HOME"], "JUPYTER" in " ".join(os.environ), sorted(os.listdir()))
print(random.random(), np.random.default_rng().random(), hash("a"))
print([name for name in sys.path if name.rstrip("/").endswith("main")])
"""
GRADER = """
import sys
from nbformat.v4 import new_code_cell, new_notebook
from grader.config import PLAIN, Limits
from grader.kernels import Kernel

with Kernel(Limits(), seed=1, provisioner=PLAIN, sealed=False) as kernel:
    kernel.start()
    print(kernel._live.manager.provisioner.pid, kernel._live.manager.provisioner.plan.scratch, flush=True)
    kernel.run(new_notebook(cells=[new_code_cell(sys.argv[1])]))
"""


def started(limits=None, **how):
    return Kernel(limits or Limits(), seed=1, provisioner=how.pop("provisioner", PLAIN), sealed=False, **how)


def cells(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def wait_until(true, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert true()


# --- it runs and answers ----------------------------------------------------------------------------------------------


def test_cells_run_and_functions_answer_with_files_beside(tmp_path):
    (tmp_path / "Zahlen ä.csv").write_text("1", encoding="utf-8")
    with started(files=(tmp_path / "Zahlen ä.csv",)) as kernel:
        execution = kernel.run(cells("def double(x):\n    return 2 * x\nprint(open('Zahlen ä.csv').read())"))

        assert execution.status is ExecutionStatus.COMPLETED
        assert execution.cells[0].outputs[0].data == "1\n"
        assert Student(kernel, Limits()).double(21) == 42
        assert kernel.sandbox == "none"


def test_the_notebook_sees_what_it_sees_in_a_kernel_with_a_warden():
    said = []
    for provisioner in (PLAIN, SPAWNED):
        with started(provisioner=provisioner) as kernel:
            kernel.start()
            root = str(kernel._live.manager.provisioner.plan.scratch)
            (cell,) = kernel.run(cells(SEEN)).cells
            said.append(cell.outputs[0].data.replace(root, "ROOT"))

    assert said[0] == said[1]
    assert "ROOT/work ROOT/home False []" in said[0]
    assert said[0].endswith("[]\n")  # no way to the grader


def test_a_cell_that_takes_too_long_is_interrupted_and_the_next_one_runs():
    with started(Limits(cell_s=1)) as kernel:
        execution = kernel.run(cells("import time; time.sleep(100)", "print('there')"))

    assert execution.status is ExecutionStatus.TIMED_OUT
    assert execution.cells[1].outputs[0].data == "there\n"


@pytest.mark.slow
def test_a_cell_that_hears_no_interrupt_is_ended_and_the_others_run_again():
    with started(Limits(cell_s=1)) as kernel:
        execution = kernel.run(cells(DEAF, "print('there')"))

    assert "took no interrupt" in execution.cells[0].error.message
    assert execution.cells[1].outputs[0].data == "there\n"


def test_a_call_that_takes_too_long_is_stopped():
    with started(Limits(call_s=0.5)) as kernel:
        kernel.run(cells("import time\ndef slow():\n    time.sleep(100)\ndef quick():\n    return 3"))
        student = Student(kernel, Limits(call_s=0.5))

        with pytest.raises(CallTimedOut):
            student.slow()
        assert student.quick() == 3


# --- its end ----------------------------------------------------------------------------------------------------------


def test_it_ends_with_its_children_and_its_folder():
    with started() as kernel:
        kernel.run(cells(CHILD))
        provisioner = kernel._live.manager.provisioner
        process, root = psutil.Process(provisioner.pid), provisioner.plan.scratch
        family = [process, *process.children()]

        assert len(family) == 2
        assert all(each.is_running() for each in family)
    assert [each for each in family if each.is_running()] == []
    assert not root.exists()


def test_a_kernel_that_ends_itself_is_told_with_its_exit_code():
    with started() as kernel:
        execution = kernel.run(cells("import os; os._exit(7)", "print('there')"))

    assert execution.status is ExecutionStatus.DIED
    assert "exit code 7" in execution.cells[0].error.message
    assert execution.cells[1].outputs[0].data == "there\n"


@pytest.mark.skipif(sys.platform == "win32", reason="ends processes as Unix does")
@pytest.mark.parametrize("how", ["ctrl-c", "killed"])
def test_it_ends_with_the_grader(how):
    command = [sys.executable, "-c", GRADER, "while True: pass"]
    grader = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        number, root = grader.stdout.readline().split()
        kernel = psutil.Process(int(number))
        time.sleep(0.3)  # into the cell
        grader.send_signal(2 if how == "ctrl-c" else 9)
        wait_until(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
        _, errors = grader.communicate(timeout=15)
    finally:
        grader.kill()

    if how == "ctrl-c":
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert not Path(root).exists()


def test_one_that_cannot_start_says_why(monkeypatch, tmp_path):
    (tmp_path / "__main__.py").write_text("raise SystemExit('no kernel today')")
    monkeypatch.setattr(plain, "INSIDE", tmp_path)
    with pytest.raises(HarnessError, match=r"ended before it was ready\. no kernel today"), started() as kernel:
        kernel.start()


# --- when it is taken -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [FORKED, SPAWNED])
def test_it_is_taken_where_there_can_be_no_warden(monkeypatch, asked):
    monkeypatch.setattr(runner, "POSSIBLE", False)
    with started(provisioner=asked) as kernel:
        kernel.start()

        assert isinstance(kernel._live.manager.provisioner, plain.PlainProvisioner)


def test_it_never_stands_for_a_sealed_kernel(monkeypatch):
    sealed = Kernel(Limits(), seed=1, provisioner=PLAIN, sealed=True)
    with pytest.raises(HarnessError, match="cannot be sealed"), sealed as kernel:
        kernel.start()

    monkeypatch.setattr(runner, "POSSIBLE", False)
    monkeypatch.setattr(provisioners.warm, "POSSIBLE", False)
    with pytest.raises(SandboxUnavailable, match="need Linux"), Kernel(Limits(), seed=1, sealed=True) as kernel:
        kernel.start()


# --- a process started ahead ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("possible", [True, False], ids=["warden", "plain"])
def test_a_process_started_ahead_becomes_the_next_kernels(monkeypatch, possible):
    monkeypatch.setattr(warm, "POSSIBLE", possible)
    monkeypatch.setattr(runner, "POSSIBLE", possible)
    ahead.begin()
    ahead.begin()
    (spare,) = warm._SPARE if possible else plain._SPARE
    with started(provisioner=SPAWNED) as kernel:
        execution = kernel.run(cells("import os; print(os.getpid(), os.getppid())"))
        numbers = execution.cells[0].outputs[0].data.split()

        assert str(spare.process.pid) in numbers
        assert not (warm._SPARE or plain._SPARE)
    assert spare.process.poll() is not None


@pytest.mark.parametrize("possible", [True, False], ids=["warden", "plain"])
def test_one_that_nobody_wanted_ends_with_the_grader(possible):
    program = (
        "from grader.kernels import ahead, plain, warm\n"
        f"warm.POSSIBLE = {possible}\n"
        "ahead.begin()\n"
        "print([spare.process.pid for spare in warm._SPARE + plain._SPARE])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)

    (number,) = map(int, done.stdout.strip("[]\n").split(","))
    assert done.stderr == ""
    assert not psutil.pid_exists(number)


def test_a_spare_that_has_ended_is_not_taken():
    ahead.begin()
    (spare,) = warm._SPARE
    spare.process.kill()
    spare.process.wait()
    with started(provisioner=SPAWNED) as kernel:
        kernel.start()

        assert kernel._live.manager.provisioner._process is not spare.process


def test_windows_gets_the_variables_it_needs(monkeypatch):
    monkeypatch.setattr(os, "name", "nt")
    monkeypatch.setenv("SYSTEMROOT", r"C:\Windows")
    found = warm.system_environment()
    monkeypatch.undo()

    assert found["SYSTEMROOT"] == r"C:\Windows"
    assert "HOME" not in found
    assert warm.system_environment() == {}


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no process groups here")
def test_another_process_that_got_its_number_lives_on():
    waiting = plain.Waiting.started()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session=True) as stranger:
        leader = psutil.Process(stranger.pid)
        leader._ident = (stranger.pid, 0.0)  # what psutil tells processes apart by: this one began long ago
        replace(waiting, leader=leader).kill()
        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.5)
        stranger.kill()
    waiting.end()
