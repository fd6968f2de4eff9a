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
from grader.kernels.cells import GRACE_S, StuckError
from grader.kernels.client import DiedError, new_context, new_manager
from grader.kernels.provisioners import command
from grader.kernels.scratch import Scratch

LOG_TAIL = 2_000

Answer = tuple[dict[str, Any], list[bytes]]


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
        self.last_words = ""
        self._limits = limits
        self._scratch = Scratch.make(plan.files)
        self._context = new_context(limits.value_bytes)
        root = self._scratch.root
        self.manager: Any = new_manager(
            _specification(plan, root), str(root / "connection.json"), str(root / "ipc" / "k"), self._context
        )
        self.client: Any = None

    async def start(self) -> None:
        """Start the process and wait for its first answer; HarnessError when there is none."""
        try:
            await self.manager.start_kernel()
            self.client = self.manager.client(context=self._context)
            self.client.start_channels(stdin=False, hb=False, control=False)
            asked = self.client.send({"op": "events"})
            ready = await self.client.reply(asked, "grader_reply", self._limits.startup_s)
            if ready is not None and await self.client.welcome(self._limits.startup_s):
                return
            reason = f"it did not answer within {self._limits.startup_s:g} s"
        except OSError as error:
            reason = str(error)
        except DiedError:
            reason = died_how(self.end())
        self.end()
        message = f"The kernel could not be started: {reason}. {self.last_words}".rstrip()
        raise HarnessError(message)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        provisioner = self.manager.provisioner
        return provisioner is not None and provisioner.exit_code() is None

    async def request(self, content: dict[str, Any], buffers: Sequence[bytes], timeout_s: float) -> Answer | None:
        """Return the answer to a `grader_request`, None when it had to be interrupted.

        Raises DiedError when the process ended, StuckError when not even an interrupt brought it back.
        """
        asked = self.client.send(content, buffers)
        reply = await self.client.reply(asked, "grader_reply", timeout_s)
        if reply is None:
            await self.manager.interrupt_kernel()
            if await self.client.reply(asked, "grader_reply", GRACE_S) is None:
                raise StuckError
            return None
        if sum(len(buffer) for buffer in reply["buffers"]) > self._limits.value_bytes:
            return {"failed": f"the answer has more than {self._limits.value_bytes:,} bytes"}, []
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
    known = {
        signal.SIGKILL: "it was killed, as a system does when memory runs out",
        signal.SIGSEGV: "a segmentation fault",
        signal.SIGABRT: "it aborted",
    }
    return next((words for number, words in known.items() if number == -code), f"signal {-code} ended it")


def _specification(plan: Plan, root: Path) -> KernelSpec:
    where = {"scratch": str(root), "seed": plan.seed, "data": str(plan.data or "")}
    return KernelSpec(
        argv=command(),
        display_name="grader",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": plan.provisioner, "config": where}},
    )
