"""How a kernel's process is started and ended.

A provisioner is found by its entry point's name and told where to work by its traits (`scratch`, `seed`,
`data`); `sandbox` says how it is sealed. `SpawnedProvisioner` starts a plain process: it keeps a notebook
apart from the grader's environment, not from the machine.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import platformdirs
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Integer, Unicode

INSIDE = Path(__file__).parent / "inside"
MAX_HASH_SEED = 2**32

FIXED_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


class SpawnedProvisioner(LocalProvisioner):
    """Starts a kernel as a process of its own session, and ends it with everything in its group."""

    sandbox = "none"

    scratch = Unicode()
    seed = Integer(0)
    data = Unicode("")

    process: subprocess.Popen[bytes] | None = None
    _group_killed = False

    async def launch_kernel(self, cmd: list[str], **_: Any) -> KernelConnectionInfo:
        """Start `cmd` in the scratch folder with an environment built from nothing."""
        root = Path(self.scratch)
        with (root / "log").open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603
                cmd,
                cwd=root / "work",
                env=environment(root, self.seed, self.data),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                close_fds=True,
                start_new_session=True,
            )
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    async def poll(self) -> int | None:
        """Return how the process ended, None while it runs."""
        return self.exit_code()

    def exit_code(self) -> int | None:
        """Return how the process ended, None while it runs; what it left behind in its group is killed."""
        if self.process is None:
            return 0
        code = self.process.poll()
        if code is not None:
            self._kill_group()
        return code

    def end(self) -> int | None:
        """Kill the whole group now and reap the process; return its exit code. Safe to call again."""
        if self.process is None:
            return None
        self._kill_group()
        return self.process.wait()

    def _kill_group(self) -> None:
        """Kill the group, once: later its number may be somebody else's."""
        if self.process is not None and not self._group_killed:
            self._group_killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def command() -> list[str]:
    """Return the command line of a kernel, as a kernel specification writes it.

    `-s -P` and an environment from nothing isolate as `-I` does, but leave `PYTHONHASHSEED` its effect.
    """
    return [sys.executable, "-s", "-P", str(INSIDE), "-f", "{connection_file}"]


def environment(scratch: Path, seed: int, data: str) -> dict[str, str]:
    """Return all the variables a kernel sees."""
    home = scratch / "home"
    return {
        **FIXED_ENVIRONMENT,
        "HOME": str(home),
        "TMPDIR": str(scratch / "tmp"),
        "IPYTHONDIR": str(home / ".ipython"),
        "KERAS_HOME": str(home / ".keras"),
        "MPLCONFIGDIR": _matplotlib_folder(home),
        "PYTHONHASHSEED": str(seed % MAX_HASH_SEED),
        "GRADER_SEED": str(seed),
        "GRADER_DATA": data,
        "GRADER_PARENT": str(os.getpid()),
    }


def _matplotlib_folder(home: Path) -> str:
    """Return a folder that already holds the list of fonts: making it takes longer than starting a kernel."""
    folder = home / ".matplotlib"
    folder.mkdir()
    for fonts in _font_lists():
        shutil.copyfile(fonts, folder / fonts.name)
    return str(folder)


@functools.cache
def _font_lists() -> tuple[Path, ...]:
    """Have matplotlib write its list of fonts, once per user."""
    cache = Path(platformdirs.user_cache_dir("homework-grader")) / "matplotlib"
    if not list(cache.glob("fontlist-*.json")):
        variables = {"MPLCONFIGDIR": str(cache), "PATH": os.defpath}
        program = [sys.executable, "-I", "-c", "import matplotlib.font_manager"]
        subprocess.run(program, env=variables, capture_output=True, check=False)  # noqa: S603
    return tuple(cache.glob("fontlist-*.json"))
