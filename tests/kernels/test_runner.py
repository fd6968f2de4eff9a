"""Running notebooks: what comes back, whatever a cell does."""

import traceback

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.config import SPAWNED, Limits
from grader.errors import CallTimedOut, HarnessError, KernelDied
from grader.kernels import Kernel
from grader.results import ExecutionStatus

LIMITS = Limits(cell_s=1.5, notebook_s=60, call_s=5, output_bytes=200_000)
IGNORE_INTERRUPTS = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"


def notebook(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def run(*sources, limits=LIMITS, **options):
    with Kernel(limits, seed=1, **options) as kernel:
        return kernel.run(notebook(*sources))


def value(kernel, name):
    """Return a plain global of the notebook."""
    asked = {"op": "get", "root": None, "path": [["item", name]], "max_bytes": 10_000}
    content, _ = kernel.ask(asked, timeout_s=5)
    return content.get("value")


def call(kernel, name, timeout_s=5.0):
    asked = {"op": "call", "root": None, "path": [["item", name]], "args": [], "kwargs": [], "return_arguments": False}
    return kernel.ask({**asked, "max_bytes": 10_000}, timeout_s=timeout_s)[0]


def shown(cell):
    return [(output.mime, output.data) for output in cell.outputs]


def test_cells_of_all_kinds_are_recorded():
    node = notebook("x = 2\nprint('hello')", "", "x + 1", "1 / 0", "x")
    node.cells.insert(0, new_markdown_cell("# Title"))
    seen = []

    with Kernel(LIMITS, seed=1) as kernel:
        execution = kernel.run(node, on_cell=lambda index, total: seen.append((index, total)))

    assert execution.status is ExecutionStatus.ERRORS
    assert [cell.kind for cell in execution.cells] == ["markdown", *["code"] * 5]
    assert [shown(cell) for cell in execution.cells] == [
        [],
        [("text/plain", "hello\n")],
        [],
        [("text/plain", "3")],
        [],
        [("text/plain", "2")],
    ]
    error = execution.cells[4].error
    assert (error.name, error.message) == ("ZeroDivisionError", "division by zero")
    assert "cell 5, line 1" in error.traceback
    assert "----> 1 1 / 0" in error.traceback
    assert "\x1b" not in error.traceback
    assert seen == [(1, 6), (3, 6), (4, 6), (5, 6)]
    assert "outputs" not in node.cells[1] or node.cells[1].outputs == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "how"),
    [
        pytest.param("import os; os._exit(3)", "it left with exit code 3", id="_exit"),
        pytest.param("import ctypes; ctypes.string_at(0)", "a segmentation fault", id="segfault"),
        pytest.param("import os; os.abort()", "it aborted", id="abort"),
        pytest.param("import os; os.kill(os.getpid(), 9)", "it was killed", id="kill"),
    ],
)
def test_a_deadly_cell_is_left_out(source, how):
    node = notebook(
        "a = 1; print('one')", f"import time; print('last words', flush=True); time.sleep(0.1)\n{source}", "b = a + 1"
    )

    with Kernel(LIMITS, seed=1) as kernel:
        execution = kernel.run(node)

        assert value(kernel, "b") == 2
    error = execution.cells[1].error
    assert execution.status is ExecutionStatus.DIED
    assert error.name == "DeadKernel"
    assert f"Cell 2 ended the kernel: {how}" in error.message
    assert error.message in execution.message
    assert shown(execution.cells[0]) == [("text/plain", "one\n")]
    assert shown(execution.cells[1]) == [("text/plain", "last words\n")]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("while True: pass", id="loop"),
        pytest.param("import time; time.sleep(60)", id="sleep"),
        pytest.param("while True: print('x' * 1000)", id="print flood"),
        pytest.param("from IPython.display import display\nwhile True: display('x' * 1000)", id="display flood"),
        pytest.param("import asyncio; await asyncio.sleep(60)", id="await"),
    ],
)
@pytest.mark.slow
def test_a_long_cell_is_interrupted(source):
    execution = run("a = 1", source, "print(a)")

    assert execution.status is ExecutionStatus.TIMED_OUT
    assert execution.cells[1].error.name == "TimedOut"
    assert execution.cells[1].error.message == "Cell 2 ran longer than 1.5 s and was stopped."
    assert shown(execution.cells[2]) == [("text/plain", "1\n")]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            "while True:\n  try:\n    for i in range(10**9): i + 1\n  except BaseException: pass", id="catches"
        ),
        pytest.param(IGNORE_INTERRUPTS + "sum(range(10**12))", id="computes in C"),
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", id="stops itself"),
    ],
)
@pytest.mark.slow
def test_a_cell_that_takes_no_interrupt_is_killed(source):
    execution = run("a = 1", source, "print(a)")

    assert execution.status is ExecutionStatus.TIMED_OUT
    assert execution.cells[1].error.name == "TimedOut"
    assert "it took no interrupt" in execution.cells[1].error.message
    assert shown(execution.cells[2]) == [("text/plain", "1\n")]


@pytest.mark.slow
def test_no_more_than_two_revivals():
    execution = run("a = 1", *["import os; os._exit(1)"] * 4, "a")

    errors = [cell.error.name if cell.error else None for cell in execution.cells]
    assert errors == [None, "DeadKernel", "DeadKernel", "DeadKernel", None, None]
    assert execution.status is ExecutionStatus.DIED
    assert "not started any more" in execution.message


@pytest.mark.slow
def test_asking_after_the_last_death_says_so():
    with Kernel(LIMITS, seed=1) as kernel:
        kernel.run(notebook(*["import os; os._exit(1)"] * 3))

        assert not kernel.alive
        with pytest.raises(KernelDied, match="ended 3 times"):
            value(kernel, "a")


def test_a_death_after_the_cell_is_the_cells():
    late = "import os, threading\nthreading.Timer(0.2, os._exit, [4]).start()"

    execution = run("a = 1", late, "import time; time.sleep(1)", "print(a)")

    assert [cell.error.name if cell.error else None for cell in execution.cells] == [None, None, "DeadKernel", None]
    assert shown(execution.cells[3]) == [("text/plain", "1\n")]


def test_the_notebook_has_a_limit_of_its_own():
    execution = run("import time; time.sleep(0.4)", *["time.sleep(0.4)"] * 9, limits=Limits(notebook_s=1))

    ran = [bool(cell.seconds) for cell in execution.cells]
    assert ran == sorted(ran, reverse=True)
    assert 2 <= sum(ran) <= 3
    assert execution.status is ExecutionStatus.TIMED_OUT
    assert "the 1 s for the whole notebook were used up" in execution.message


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import sys; sys.exit(1)", "SystemExit"),
        ("def f(n): return f(n + 1)\nf(0)", "RecursionError"),
        ("weights = ", "SyntaxError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Odd(Exception):\n  def __str__(self): raise ValueError\nraise Odd", "ValueError"),
    ],
    ids=["sys.exit", "recursion", "stub", "interrupt", "unprintable"],
)
def test_errors_that_do_not_stop_the_rest(source, name):
    execution = run(source, "print('after')", limits=Limits(cell_s=20))

    assert execution.status is ExecutionStatus.ERRORS
    assert execution.cells[0].error.name == name
    assert len(execution.cells[0].error.traceback) < 21_000
    assert shown(execution.cells[1]) == [("text/plain", "after\n")]


def test_output_is_bounded_and_leaves_room_for_other_cells():
    execution = run("print('y' * 1_000_000)", "print('small')", "for i in range(300): display(i)")

    (output,) = execution.cells[0].outputs
    assert len(output.data) == 100_000
    assert shown(execution.cells[1]) == [("text/plain", "small\n")]
    assert len(execution.cells[2].outputs) == 200
    assert execution.notes == (
        "cell 1 printed more than 0.1 MB; the rest was cut",
        "cell 3 showed more than 200 outputs; the rest was cut",
    )


def test_streams_are_joined_and_cleared_output_is_gone():
    execution = run(
        "import sys\nfor i in range(3): print(i); sys.stdout.flush()\nprint('!', file=sys.stderr)",
        "from IPython.display import clear_output\nprint('before')\nclear_output()\nprint('after')",
        "import os, time\n_ = os.write(1, b'from C')\ntime.sleep(0.5)",  # another thread hears it
    )

    assert [shown(cell) for cell in execution.cells] == [
        [("text/plain", "0\n1\n2\n"), ("application/vnd.grader.stderr", "!\n")],
        [("text/plain", "after\n")],
        [("text/plain", "from C")],
    ]


def test_figures_are_shown_as_in_jupyter():
    execution = run("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])", "plt.plot([3]); plt.show()")

    assert [[output.mime for output in cell.outputs] for cell in execution.cells] == [["image/png"]] * 2


FORGED = """
kernel = get_ipython().kernel
parent = kernel.get_parent()
stream = kernel.shell_channel_thread.manager.get_subshell_to_shell_channel_socket(None)
ident = kernel._get_shell_context_var(kernel._shell_parent_ident)
strange = {"header": {"msg_id": "x"}}
for frames in ([b"x"], [b"x", b"<IDS|MSG>", b"bad", b"{}", b"{}", b"{}", b"{}"]):
    kernel.iopub_socket.send_multipart(frames)
    stream.send_multipart([*ident, *frames])
for kind, content in [
    ("status", {"execution_state": 7}), ("stream", {"name": 5}), ("stream", {"name": "stdout", "text": 5}),
    ("display_data", {"data": 5}), ("display_data", {}), ("error", {"traceback": 5}), ("comm_open", {}),
    ("execute_result", {"data": {"text/plain": {}}, "metadata": {}}), ("clear_output", {"wait": "?"}),
    ("update_display_data", {"transient": {"display_id": 3}}), ("no such thing", {}),
]:
    kernel.session.send(kernel.iopub_socket, kind, content, parent)
for kind, about in [("execute_reply", strange), ("grader_reply", strange), ("grader_reply", parent)]:
    _ = kernel.session.send(stream, kind, {"status": "error"}, about, ident=ident)
print("still heard")
"""


def test_malformed_and_strange_messages_are_ignored():
    with Kernel(LIMITS, seed=1) as kernel:
        execution = kernel.run(notebook(FORGED, "b = 3\nprint('after')"))

        assert value(kernel, "b") == 3
    assert execution.status is ExecutionStatus.COMPLETED
    assert shown(execution.cells[0])[-1] == ("text/plain", "still heard\n")
    assert shown(execution.cells[1]) == [("text/plain", "after\n")]


def test_a_forged_reply_is_read_with_care():
    forged = (
        "kernel = get_ipython().kernel\n"
        "stream = kernel.shell_channel_thread.manager.get_subshell_to_shell_channel_socket(None)\n"
        "ident = kernel._get_shell_context_var(kernel._shell_parent_ident)\n"
        "_ = kernel.session.send(stream, 'execute_reply', "
        "{'status': 'error', 'ename': ['x'], 'evalue': {}, 'traceback': 7}, kernel.get_parent(), ident=ident)"
    )

    execution = run(forged, "print('after')")

    assert execution.cells[0].error.name == "x"
    assert shown(execution.cells[1]) == [("text/plain", "after\n")]


def test_earlier_cells_cannot_be_rewritten():
    execution = run(
        "handle = display('honest', display_id=True)",
        "handle.update('forged')\nprint('now')",
        "handle.display('again')",
    )

    assert shown(execution.cells[0]) == [("text/plain", "'honest'")]


def test_questions_are_answered_after_the_cells():
    source = "import os, time\ndef hang(): time.sleep(60)\ndef die(): os._exit(5)\ndef fine(): return 7"
    with Kernel(LIMITS, seed=1) as kernel:
        kernel.run(notebook(source, "x = 1"))

        assert call(kernel, "fine")["value"] == 7
        with pytest.raises(CallTimedOut, match=r"longer than 0\.3 s"):
            call(kernel, "hang", timeout_s=0.3)
        assert kernel.alive
        assert value(kernel, "x") == 1
        with pytest.raises(KernelDied, match="exit code 5"):
            call(kernel, "die")
        assert not kernel.alive
        assert value(kernel, "x") == 1
        assert kernel.alive


@pytest.mark.slow
def test_a_call_that_takes_no_interrupt_is_killed_and_the_kernel_revived():
    stubborn = IGNORE_INTERRUPTS + "def hang(): return sum(range(10**12))\nx = 1"
    with Kernel(LIMITS, seed=1) as kernel:
        kernel.run(notebook(stubborn))

        with pytest.raises(CallTimedOut):
            call(kernel, "hang", timeout_s=0.3)
        assert not kernel.alive
        assert value(kernel, "x") == 1


def test_a_kernel_can_be_asked_before_anything_ran():
    with Kernel(LIMITS, seed=1) as kernel:
        assert not kernel.alive
        assert value(kernel, "x") is None
        assert kernel.alive
        assert kernel.sandbox == "namespaces"


def test_files_beside_the_notebook_are_there(tmp_path):
    (tmp_path / "agent.py").write_text("answer = 42")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.csv").write_text("1,2")
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    files = sorted(tmp_path.iterdir())

    execution = run(
        "import agent\nprint(agent.answer, open('data/rows.csv').read())",
        "ls = __import__('os').listdir()\nsorted(ls)",
        files=files,
    )

    assert shown(execution.cells[0]) == [("text/plain", "42 1,2\n")]
    assert shown(execution.cells[1]) == [("text/plain", "['agent.py', 'data']")]


def test_the_environment_is_built_from_nothing(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")

    execution = run(
        "import os, sys\nprint('SECRET_OF_THE_GRADER' in os.environ, os.environ['HOME'])",
        "import grader",
        "import reference",
        "print(sys.stdin.read() == '', os.listdir())",
    )

    assert shown(execution.cells[0]) == [("text/plain", "False /scratch/home\n")]
    assert [cell.error.name for cell in execution.cells[1:3]] == ["ModuleNotFoundError"] * 2
    assert shown(execution.cells[3]) == [("text/plain", "True []\n")]


def test_unknown_provisioner_says_what_to_do():
    with pytest.raises(HarnessError, match="pip install"):
        Kernel(LIMITS, seed=1, provisioner="grader-imaginary")


def test_a_kernel_that_cannot_start_is_our_error(tmp_path, monkeypatch):
    (tmp_path / "__main__.py").write_text("raise SystemExit('Traceback\\nno such luck')")
    monkeypatch.setattr("grader.kernels.warm.WARDEN", tmp_path)

    with Kernel(LIMITS, seed=1, provisioner=SPAWNED) as kernel, pytest.raises(HarnessError) as raised:
        kernel.start()

    assert str(raised.value).endswith("no such luck")
    assert "Traceback" not in str(raised.value)
    assert "Traceback" in "".join(traceback.format_exception(raised.value)).partition("last words:")[2]
