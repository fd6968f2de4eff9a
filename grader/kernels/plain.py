"""A kernel without a warden: a plain child process, on any system, for people who run their own code.

Nothing is sealed, and what is limited is time. jupyter_client starts and interrupts the process, in the way of each
system; the process ends itself when this one does. Its sockets are ports of 127.0.0.1 that the system chooses, which
the kernel writes down beside its order (see `inside/__main__.py`).
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import signal
import site
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.launcher import launch_kernel
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Instance

from grader.errors import HarnessError
from grader.kernels.killing import EndsByKilling
from grader.kernels.plan import CHANNELS, Plan
from grader.kernels.warm import ENVIRONMENT, font_folder, system_environment

INSIDE = Path(__file__).parent / "inside"
TICK_S = 0.005
END_S = 5.0  # for killed processes to be gone
LOG_TAIL = 2_000  # bytes


@dataclass(frozen=True)
class Waiting:
    """A process that waits for its order on `input`; `log` gets what it writes outside any cell."""

    process: subprocess.Popen[bytes]
    input: IO[bytes]
    log: IO[bytes]
    leader: psutil.Process  # the same, told from another one that got its number later

    @classmethod
    def started(cls) -> Waiting:
        """Start one, with an environment made from nothing but what its system and its Python need."""
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed when its process has ended
        environment = {**ENVIRONMENT, **system_environment(), "PYTHONUSERBASE": site.getuserbase()}
        command = [sys.executable, "-P", str(INSIDE)]
        process = launch_kernel(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)  # type: ignore[arg-type]
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        return cls(process, process.stdin, log, psutil.Process(process.pid))

    def tell(self, order: dict[str, Any]) -> None:
        """Give the order; a process that has ended is seen later."""
        with contextlib.suppress(OSError), self.input:
            self.input.write(json.dumps(order).encode() + b"\n")

    def kill(self) -> None:
        """Kill the process, what it started, and what is left of its group; return when its children are gone."""
        family = [self.leader]
        with contextlib.suppress(psutil.Error):
            family += self.leader.children(recursive=True)
        for each in family:
            with contextlib.suppress(psutil.Error):
                each.kill()
        if hasattr(os, "killpg") and (self.leader.is_running() or not psutil.pid_exists(self.leader.pid)):
            with contextlib.suppress(OSError):
                os.killpg(self.leader.pid, signal.SIGKILL)
        psutil.wait_procs(family[1:], timeout=END_S)  # the first is waited for by its Popen

    def end(self) -> tuple[int, str]:
        """Kill the process and what it started; return how it ended and the last it wrote."""
        self.kill()
        code = self.process.wait()
        with contextlib.suppress(OSError):
            self.input.close()
        with self.log:
            self.log.seek(max(0, self.log.seek(0, os.SEEK_END) - LOG_TAIL))
            return code, self.log.read().decode(errors="replace")


_SPARE: list[Waiting] = []


def get_ready() -> None:
    """Start a process now, to have it ready when the next kernel is wanted."""
    if not _SPARE:
        _SPARE.append(Waiting.started())


@atexit.register
def _dismiss_spare() -> None:
    while _SPARE:
        _SPARE.pop().end()


class PlainProvisioner(EndsByKilling, LocalProvisioner):
    """Starts the kernel as a child process; ended, it leaves none of its own children behind."""

    plan = Instance(Plan)
    broken = ""  # no limit but time is watched, and that elsewhere

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.said = ""
        self._waiting: Waiting | None = None
        self._code: int | None = 0  # nothing to wait for yet

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Have the manager look for ports of this machine; HarnessError where a sandbox is asked for."""
        if self.plan.sealed or self.plan.scratch is None:
            raise HarnessError("A plain kernel cannot be sealed.")
        manager: Any = self.parent
        manager.transport, manager.ip = "tcp", "127.0.0.1"
        return {**options, "cmd": []}

    async def launch_kernel(self, cmd: list[str], **_: Any) -> KernelConnectionInfo:
        """Start the process and wait until its sockets are there; HarnessError says why they are not."""
        manager: Any = self.parent
        self._waiting = waiting = _SPARE.pop() if _SPARE else Waiting.started()
        self.process, self._code, self.pid = waiting.process, None, waiting.process.pid
        self.pgid = self.pid if hasattr(os, "killpg") else None
        waiting.tell(self._order(manager.session.key.decode()))
        place = self._root / "ipc"
        while not (place / "ready").exists():
            if self.exit_code() is not None:
                raise self._refusal()
            await asyncio.sleep(TICK_S)
        connection = json.loads((place / "connection.json").read_text(encoding="utf-8"))
        for channel in CHANNELS:
            setattr(manager, f"{channel}_port", connection.get(f"{channel}_port", 0))
        return manager.get_connection_info()  # type: ignore[no-any-return]

    def _order(self, key: str) -> dict[str, Any]:
        """Return what the kernel has to know."""
        order = self.plan.order({})
        kept = {name: order[name] for name in ("seed", "data", "budget")}
        fonts = _fonts(self._root / "home" / ".matplotlib")
        return {**kept, "key": key, "root": str(self._root), "matplotlib": str(fonts)}

    @property
    def _root(self) -> Path:
        """The kernel's own folder."""
        return Path(self.plan.scratch or "")

    def _refusal(self) -> HarnessError:
        self.end()
        *_, last = self.said.strip().splitlines() or [""]
        error = HarnessError(f"The kernel could not be started: it ended before it was ready. {last}".rstrip())
        if last:
            error.add_note(f"The kernel's last words:\n{self.said.strip()}")
        return error

    def exit_code(self) -> int | None:
        """Return how the process ended, None while it runs."""
        if self._code is None and self.process is not None:
            self._code = self.process.poll()
        return self._code

    def tell(self, message: dict[str, Any]) -> None:
        """Do what a warden would: end everything. There is no processor time to count."""
        if message["do"] == "end" and self._waiting is not None:
            self._waiting.kill()

    def end(self) -> int | None:
        """Kill the process and its children, and wait until they are gone; return the exit code.

        Safe to call again.
        """
        if self._waiting is not None:
            waiting, self._waiting, self.process = self._waiting, None, None
            self._code, self.said = waiting.end()
        return self._code


def _fonts(otherwise: Path) -> Path:
    """Return the folder that keeps matplotlib's list of fonts from one kernel to the next, where there can be one."""
    folder = font_folder()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    return otherwise
