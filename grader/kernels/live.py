"""One started kernel: its scratch folder, its process and the channels to it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from jupyter_client.kernelspec import KernelSpec

from grader.errors import HarnessError
from grader.kernels.cells import GRACE_S, StuckError
from grader.kernels.client import DiedError, new_context, new_manager
from grader.kernels.endings import died_how, too_much
from grader.kernels.flood import MAX_GROWTH, FloodGuard
from grader.kernels.plan import Plan
from grader.kernels.scratch import Scratch

STOPS = ("SIGINT", "SIGTERM", "SIGHUP")

Answer = tuple[dict[str, Any], list[bytes]]


class Live:
    """A kernel from its start to its end."""

    def __init__(self, provisioner: str, plan: Plan, most_bytes: int) -> None:
        """Make its folder; the kernel is ended once the grader itself holds more than `most_bytes`."""
        self._limits, self._environment, self._most_bytes = plan.limits, plan.environment, most_bytes
        self._scratch = None if plan.sealed else Scratch.make(plan.files)
        try:
            self._context = new_context(plan.limits.value_bytes)
            if self._scratch is not None:
                plan = replace(plan, scratch=self._scratch.root)
            self.manager: Any = new_manager(_specification(provisioner, plan), self._context)
        except BaseException:
            self._remove_scratch()
            raise
        self.client: Any = None
        self._flood: FloodGuard | None = None

    async def start(self) -> None:
        """Start the process and wait for its first answer; HarnessError when there is none."""
        limit_s = self._limits.startup_s
        try:
            async with asyncio.timeout(limit_s):
                await self.manager.start_kernel()
            self._flood = FloodGuard(lambda: self.manager.provisioner.tell({"do": "end"}), self._most_bytes)
            self.client = self.manager.client(context=self._context)
            self.client.start_channels(stdin=False, hb=False, control=False)
            asked = self.client.send({"op": "events", "environment": dict(self._environment)})
            ready = await self.client.reply(asked, "grader_reply", limit_s)
            if ready is not None and await self.client.welcome(limit_s):
                return
            reason = f"it did not answer within {limit_s:g} s"
        except TimeoutError:
            reason = f"it was not there within {limit_s:g} s"
        except OSError as error:
            reason = str(error)
        except DiedError:
            self.end()
            reason = self.died_how()
        self.end()
        raise HarnessError(f"The kernel could not be started: {reason}.")

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

    def begin_cell(self) -> None:
        """Count processor time anew, for one cell."""
        self.manager.provisioner.tell({"do": "cell"})

    def end(self) -> None:
        """Kill the process and what it started, close the channels, remove what it wrote.

        Safe to call again, and from anywhere.
        """
        with undisturbed():
            try:
                if self.manager.provisioner is not None:
                    self.manager.provisioner.end()
            finally:
                if self._flood is not None:
                    self._flood.end()
                self._context.destroy(linger=0)
                self._remove_scratch()

    def died_how(self) -> str:
        """Say in words how an ended kernel ended."""
        provisioner = self.manager.provisioner
        if self._flood is not None and self._flood.broken:
            return f"it sent more than {MAX_GROWTH / 2**30:.3g} GB at once and was stopped"
        return too_much(provisioner.broken, self._limits) or died_how(provisioner.exit_code())

    @property
    def last_words(self) -> str:
        """The end of what the process itself wrote, outside any cell; known when it has ended."""
        return str(self.manager.provisioner.said)

    def _remove_scratch(self) -> None:
        if self._scratch is not None:
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


def _specification(provisioner: str, plan: Plan) -> KernelSpec:
    return KernelSpec(
        argv=[],
        display_name="grader",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": provisioner, "config": {"plan": plan}}},
    )
