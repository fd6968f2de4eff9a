"""However the grader ends, no process of a kernel stays behind, and no scratch folder where it can still act."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.config import Limits
from grader.kernels import Kernel
from grader.kernels.scratch import Scratch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

GRADER = """
import sys
from nbformat.v4 import new_code_cell, new_notebook
from grader.config import Limits
from grader.kernels import Kernel

with Kernel(Limits(), seed=1, provisioner=sys.argv[2], sealed=sys.argv[3] == "sealed") as kernel:
    kernel.start()
    provisioner = kernel._live.manager.provisioner
    print(provisioner.plan.scratch, provisioner.pid, flush=True)
    kernel.run(new_notebook(cells=[new_code_cell(sys.argv[1])]))
"""
CHILD = "import subprocess, time; subprocess.Popen(['sleep', '1000'])\n"
SLEEPING = CHILD + "time.sleep(1000)"
COMPUTING = CHILD + "while True: pass"
AWAY = "import subprocess; print(subprocess.Popen(['sleep', '1000'], start_new_session=True).pid)"


@pytest.fixture(params=["grader-spawned sealed", "grader-spawned unsealed", "grader-forked sealed"])
def start(request):
    """Start a grader whose kernel runs a cell; give it with the kernel's scratch folder and process group."""
    left = []

    def start(cell, n_processes):
        command = [sys.executable, "-c", GRADER, cell, *request.param.split()]
        pipe = subprocess.PIPE
        grader = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
        root, group = grader.stdout.readline().split()
        left.append((grader, Path(root), int(group)))  # sealed, there is no folder: Path("None")
        wait_until(lambda: len(members(int(group))) == n_processes)
        time.sleep(0.2)  # into the cell
        return left[-1]

    yield start
    for grader, root, group in left:
        grader.kill()
        grader.communicate()
        for process in members(group):
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(root, ignore_errors=True)


def members(group):
    """Return the processes of a group that are not yet dead."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, number = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(number) == group and state != "Z":
            found.append(int(folder.name))
    return found


def wait_until(true, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert true()


@pytest.mark.slow
@pytest.mark.parametrize("cell", [SLEEPING, COMPUTING], ids=["sleeping", "computing"])
def test_nothing_is_left_after_ctrl_c(start, cell):
    grader, root, group = start(cell, 2)

    os.killpg(grader.pid, signal.SIGINT)
    _, errors = grader.communicate(timeout=10)

    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert members(group) == []
    assert not root.exists()


@pytest.mark.slow
def test_a_killed_grader_takes_its_kernel_along(start):
    grader, _, group = start(SLEEPING, 2)

    grader.kill()

    wait_until(lambda: members(group) == [])


@pytest.mark.slow
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_after_an_exception(error):
    def stop(index, total):
        raise error

    with pytest.raises(error), Kernel(Limits(), seed=1, sealed=False) as kernel:
        kernel.start()
        provisioner = kernel._live.manager.provisioner
        kernel.run(new_notebook(cells=[new_code_cell("1")]), on_cell=stop)

    assert members(provisioner.pid) == []
    assert not provisioner.plan.scratch.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_second_ctrl_c_while_cleaning_up_waits(number, monkeypatch):
    remove, before = Scratch.remove, signal.getsignal(number)

    def remove_meanwhile(scratch):
        os.kill(os.getpid(), number)
        time.sleep(0.05)
        remove(scratch)

    monkeypatch.setattr(Scratch, "remove", remove_meanwhile)
    signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), Kernel(Limits(), seed=1, sealed=False) as kernel:
            kernel.start()
            provisioner = kernel._live.manager.provisioner
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)

    assert members(provisioner.pid) == []
    assert not provisioner.plan.scratch.exists()


def test_a_ctrl_c_while_the_scratch_folder_is_made_leaves_none(monkeypatch):
    make, made = tempfile.mkdtemp, []

    def make_meanwhile(**options):
        made.append(folder := make(**options))
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", make_meanwhile)
    with pytest.raises(KeyboardInterrupt), Kernel(Limits(), seed=1, sealed=False) as kernel:
        kernel.start()

    assert [Path(folder).exists() for folder in made] == [False]


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "unsealed"])
def test_background_processes_of_a_notebook_end_with_it(sealed):
    with Kernel(Limits(), seed=1, sealed=sealed) as kernel:
        kernel.run(new_notebook(cells=[new_code_cell(CHILD)]))
        group = kernel._live.manager.provisioner.pid

        assert len(members(group)) == 2
    assert members(group) == []


def test_a_process_that_left_the_group_ends_too():
    with Kernel(Limits(), seed=1, sealed=False) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(AWAY)]))
        process = Path("/proc", execution.cells[0].outputs[0].data.strip())

        assert process.exists()
    assert not process.exists()


def test_a_folder_made_hard_to_delete_is_deleted():
    with Kernel(Limits(), seed=1, sealed=False) as kernel:
        source = "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\nos.chmod('a/b', 0)\nos.chmod('a', 0o500)"
        execution = kernel.run(new_notebook(cells=[new_code_cell(source)]))
        root = kernel._live.manager.provisioner.plan.scratch

        assert execution.cells[0].error is None
        assert root.exists()
    assert not root.exists()
