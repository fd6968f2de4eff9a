"""How a kernel is started and ended: by a warden, a small process that does both and watches in between.

A provisioner is found by its entry point's name, and its trait `plan` tells it what to start. `SpawnedProvisioner`
starts a warden as a fresh process; `ForkedProvisioner` has the warm server fork one, in which numpy, TensorFlow and
the like are imported already. The kernel is the same either way, in a sandbox or without one.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Instance

from grader.errors import HarnessError
from grader.kernels import warm
from grader.kernels.killing import EndsByKilling
from grader.kernels.plan import CHANNELS, Plan
from grader.kernels.sandbox import unavailable
from grader.kernels.warden.holder import ELSEWHERE, SealError
from grader.kernels.warden.line import Line, Message

END_S = 20.0  # for a warden to end its kernel; it never needs a tenth of it
MAX_FAILURES = 3  # of the warm server, until it is not asked any more


class WardenProvisioner(EndsByKilling, KernelProvisionerBase):
    """Talks with the warden of one kernel; `pid` and `sockets` (a descriptor) are there once it has started one."""

    plan = Instance(Plan)
    sockets: int | None = None
    pid: int | None = None

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._line: Line | None = None
        self._ended: Message | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._warden_said = ""

    def _ways(self) -> Iterator[Callable[[], socket.socket]]:
        """Yield the ways to a new warden, each a function that returns the grader's end of a line to it."""
        yield self._spawn

    def _spawn(self) -> socket.socket:
        warden = warm.new_warden()
        self._process = warden.process
        return warden.line

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Number the sockets; there is no connection file on this side, and no command."""
        for number, channel in enumerate(CHANNELS, 1):
            setattr(self.parent, f"{channel}_port", number)
        return {**options, "cmd": []}

    async def launch_kernel(self, cmd: list[str], **_: Any) -> KernelConnectionInfo:
        """Have a kernel started and wait until its sockets are there; HarnessError says why there is none."""
        if not warm.POSSIBLE:
            raise unavailable(SealError(*ELSEWHERE))
        manager: Any = self.parent
        connection = manager.get_connection_info()
        order = self.plan.order({**connection, "key": connection["key"].decode()})
        started: Message | None = None
        for call in self._ways():
            end = call()
            started = await self._ask(end, order)
            if started is not None:
                break
            end.close()
        if started is None or self.sockets is None:
            raise self._refusal(started or {"failed": "its warden ended"})
        self.pid = started["kernel"]
        manager.ip = f"/proc/self/fd/{self.sockets}/k" if self.plan.sealed else f"{self.plan.scratch}/ipc/k"
        return manager.get_connection_info()  # type: ignore[no-any-return]

    async def _ask(self, end: socket.socket, order: Message) -> Message | None:
        """Give the order and wait for what the warden says first; None when there is no warden."""
        line = Line(end)
        self._line, self._ended = line, None
        line.say(order)
        end.setblocking(False)  # noqa: FBT003
        return await self._answer(line)

    async def _answer(self, line: Line) -> Message | None:
        """Wait for the first message; the descriptor of the folder with the sockets comes along with it."""
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(line.end, readable.set)
        try:
            while True:
                await readable.wait()
                readable.clear()
                for message in self._hear():
                    return message
                if line.closed:
                    return None
        finally:
            loop.remove_reader(line.end)

    def _hear(self) -> list[Message]:
        """Read what the warden says; the last message of all is kept."""
        line = self._require_line()
        messages, descriptors = line.heard_with_descriptors()
        for descriptor in descriptors:
            self.sockets = descriptor
        for message in messages:
            if "code" in message:
                self._ended = message
        if line.closed and self._ended is None:
            self._ended = {"code": None, "broken": "", "said": ""}
        return messages

    def _refusal(self, started: Message) -> HarnessError:
        """Return the error for a kernel that did not start: with its last line, and in a note all it said."""
        self.end()
        reason, remedy = started["failed"].rstrip("."), started.get("remedy")
        if remedy is not None:
            return unavailable(SealError(reason, remedy))
        *_, last = self.said.strip().splitlines() or [""]
        error = HarnessError(f"The kernel could not be started: {reason}. {last}".rstrip())
        if last:
            error.add_note(f"The kernel's last words:\n{self.said.strip()}")
        return error

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started."""
        return self._line is not None

    @property
    def said(self) -> str:
        """What the kernel's process itself wrote last, outside any cell; known when it has ended."""
        return str((self._ended or {}).get("said", "")) or self._warden_said

    @property
    def broken(self) -> str:
        """The name of the limit for which the kernel was ended, "" when it was not."""
        return str((self._ended or {}).get("broken", ""))

    def exit_code(self) -> int | None:
        """Return how the process ended, None while it runs."""
        if self._line is not None and self._ended is None:
            self._hear()
        if self._line is None:
            return 0
        if self._ended is None:
            return None
        code = self._ended["code"]
        return -9 if code is None else int(code)

    def tell(self, message: Message) -> None:
        """Tell the warden what to do."""
        if self._line is not None:
            self._line.say(message)

    def end(self) -> int | None:
        """Have everything killed, and wait until it is gone; return the exit code. Safe to call again."""
        line = self._line
        if line is None:
            return None
        line.say({"do": "end"})
        if self._ended is None and self.pid is not None:  # else a warden that comes hears that nobody is there
            poller = select.poll()
            poller.register(line.end, select.POLLIN)
            while self._ended is None and poller.poll(1000 * END_S):
                self._hear()
        code = self.exit_code()
        line.end.close()
        sockets, self.sockets = self.sockets, None
        if sockets is not None:
            os.close(sockets)
        if self._process is not None:
            self._warden_said = self._process.communicate()[1].decode(errors="replace")
            self._process = None
        return code

    def _require_line(self) -> Line:
        if self._line is None:
            raise HarnessError("No kernel was started.")
        return self._line

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel's process group, whichever signal is named."""
        self.tell({"do": "interrupt"})


class SpawnedProvisioner(WardenProvisioner):
    """Starts a fresh process for every kernel."""


class ForkedProvisioner(WardenProvisioner):
    """Has a warm server fork a process for every kernel; where there can be no such server, starts a fresh one."""

    def _ways(self) -> Iterator[Callable[[], socket.socket]]:
        server = warm.SERVERS[self.plan.tensorflow]
        if server.failures < MAX_FAILURES:
            server.failures += 1  # until it has answered
            yield server.call
        yield self._spawn

    async def _ask(self, end: socket.socket, order: Message) -> Message | None:
        """Give the order; a server that answers, be it with a refusal, is asked again the next time."""
        started = await super()._ask(end, order)
        if started is not None and self._process is None:
            warm.SERVERS[self.plan.tensorflow].failures = 0
        return started
