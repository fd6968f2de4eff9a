"""One started kernel: its scratch folder, its process and the channels to it."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec

from grader.config import Limits
from grader.errors import HarnessError
from grader.kernels.cells import GRACE_S, Stuck
from grader.kernels.client import Died, manager, new_context
from grader.kernels.provisioners import command
from grader.kernels.scratch import Scratch

LOG_TAIL = 2_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to start a kernel."""

    provisioner: str
    seed: int
    data: Path | None
    files: tuple[Path, ...]


class Live:
    """A kernel from its start to its end."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        self._limits = limits
        self._scratch = Scratch.make(plan.files)
        self._context = new_context(limits.value_bytes)
        where = {"scratch": str(self._scratch.root), "seed": plan.seed, "data": str(plan.data or "")}
        provisioner = {"provisioner_name": plan.provisioner, "config": where}
        spec = KernelSpec(
            argv=command(),
            display_name="grader",
            language="python",
            metadata={"kernel_provisioner": provisioner},
        )
        connection_file = str(self._scratch.root / "connection.json")
        self.manager = manager(spec, connection_file, str(self._scratch.root / "ipc" / "k"), self._context)
        self.client: Any = None
        self.last_words = ""

    async def start(self) -> None:
        """Start the process and wait for its first answer; HarnessError when there is none."""
        await self.manager.start_kernel()
        self.client = self.manager.client(context=self._context)
        self.client.start_channels(stdin=False, hb=False, control=False)
        try:
            ready = await self.client.reply(
                self.client.send({"op": "events"}), "grader_reply", self._limits.startup_s
            )
        except Died:
            message = f"The kernel did not start: {died_how(self.end())}. {self.last_words}"
            raise HarnessError(message) from None
        if ready is None or not await self.client.welcome(self._limits.startup_s):
            self.end()
            message = f"The kernel did not answer within {self._limits.startup_s:g} s. {self.last_words}"
            raise HarnessError(message)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        provisioner = self.manager.provisioner
        return provisioner is not None and provisioner.running

    async def request(
        self, content: dict[str, Any], buffers: Sequence[bytes], timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]] | None:
        """Return the answer to a `grader_request`, None when it had to be interrupted; raise Died or Stuck."""
        asked = self.client.send(content, buffers)
        reply = await self.client.reply(asked, "grader_reply", timeout_s)
        if reply is None:
            await self.manager.interrupt_kernel()
            if await self.client.reply(asked, "grader_reply", GRACE_S) is None:
                raise Stuck
            return None
        if sum(len(buffer) for buffer in reply["buffers"]) > self._limits.value_bytes:
            return {"failed": f"the answer has more than {self._limits.value_bytes} bytes"}, []
        return reply["content"], [bytes(buffer) for buffer in reply["buffers"]]

    def end(self) -> int | None:
        """Kill the process and what it started, remove the scratch folder, close the channels.

        Returns the process's exit code. Safe to call again, and from anywhere.
        """
        try:
            return self.manager.provisioner.end() if self.manager.provisioner is not None else None
        finally:
            with contextlib.suppress(OSError):
                self.last_words = self._scratch.log.read_text(errors="replace")[-LOG_TAIL:]
            self._scratch.remove()
            self._context.destroy(linger=0)


def died_how(code: int | None) -> str:
    """Say in words how a process ended."""
    if code is None:
        return "it was stopped"
    if code >= 0:
        return f"it left with exit code {code}"
    if -code == signal.SIGKILL:
        return "it was killed, as a system does when memory runs out"
    return {signal.SIGSEGV: "a segmentation fault", signal.SIGABRT: "it aborted"}.get(
        -code,
        f"signal {-code} ended it",  # type: ignore[call-overload]
    )
