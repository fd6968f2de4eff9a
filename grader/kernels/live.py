"""One started kernel: its scratch folder, its process and the channels to it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
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
STOPS = ("SIGINT", "SIGTERM", "SIGHUP")

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
        root = self._scratch.root
        try:
            self._context = new_context(limits.value_bytes)
            self.manager: Any = new_manager(
                _specification(plan, root), str(root / "connection.json"), str(root / "ipc" / "k"), self._context
            )
        except BaseException:
            self._scratch.remove()
            raise
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
        raise _not_started(reason, self.last_words)

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

    def stop_listening(self) -> None:
        """Hear no output any more: what functions show while they are asked would pile up here unread."""
        self.client.iopub_channel.stop()

    def end(self) -> int | None:
        """Kill the process and what it started, close the channels, remove the scratch folder.

        Returns the process's exit code. Safe to call again, and from anywhere.
        """
        with undisturbed():
            try:
                return self.manager.provisioner.end() if self.manager.provisioner is not None else None
            finally:
                with contextlib.suppress(OSError):
                    self.last_words = self._scratch.log.read_text(errors="replace")[-LOG_TAIL:]
                self._context.destroy(linger=0)
                self._scratch.remove()


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Put off Ctrl-C, and what acts like it, until the block is over: the second one must not stop the clean-up.

    Handlers are exchanged rather than signals blocked, since another thread would receive those all the same.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's business
        return
    numbers = [getattr(signal, name) for name in STOPS if hasattr(signal, name)]
    before = {number: handler for number in numbers if callable(handler := signal.getsignal(number))}
    came: list[int] = []
    for number in before:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in dict.fromkeys(came):
            signal.raise_signal(number)


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


def _not_started(reason: str, last_words: str) -> HarnessError:
    """Return the error for a kernel that did not start: its last line, and for whoever asks for more all it said."""
    line = next(iter(reversed(last_words.strip().splitlines())), "")
    error = HarnessError(f"The kernel could not be started: {reason}. {line}".rstrip())
    if line:
        error.add_note(f"The kernel's last words:\n{last_words.strip()}")
    return error


def _specification(plan: Plan, root: Path) -> KernelSpec:
    where = {"scratch": str(root), "seed": plan.seed, "data": str(plan.data or "")}
    return KernelSpec(
        argv=command(),
        display_name="grader",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": plan.provisioner, "config": where}},
    )
