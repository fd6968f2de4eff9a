"""Running single cells: nbclient's client, with our own time limits and with budgets for what a cell may print."""

from __future__ import annotations

import asyncio
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from grader.config import Limits
from grader.kernels.client import Client, Died

GRACE_S = 2.0
SETTLE_S = 2.0  # for output still on its way when the reply is there
LAST_WORDS_S = 0.1
MAX_OUTPUTS = 200
MAX_MESSAGES = 50_000


class Stuck(Exception):
    """Neither the time limit nor an interrupt ended the cell."""


class CellClient(NotebookClient):
    """Runs one cell at a time on a kernel that is already there."""

    def __init__(self, node: NotebookNode, manager: Any, client: Client, limits: Limits) -> None:
        super().__init__(node, km=manager, allow_errors=True, record_timing=False, store_widget_state=False)
        self.kc: Client = client
        self.notes: list[str] = []
        self.timed_out = False
        self._limits = limits
        self._left_bytes = limits.output_bytes
        self._cell_bytes = self._cell_messages = 0
        self._cell_cut = False
        self._timeout_s = limits.cell_s

    async def run(self, index: int, timeout_s: float) -> dict[str, Any]:
        """Run cell `index` and return the content of its reply; raise Died or Stuck.

        Its outputs are in the notebook's cell, also after a death.
        """
        self.reset_execution_trackers()
        self.timed_out, self._cell_cut = False, False
        self._cell_bytes = self._cell_messages = 0
        self._timeout_s = timeout_s
        self._reply: dict[str, Any] = {}
        try:
            await self.async_execute_cell(self.nb.cells[index], index)
        except DeadKernelError as error:
            task = asyncio.current_task()
            if (
                task is not None and task.cancelling()
            ):  # Ctrl-C: nbclient takes every cancellation for a death
                raise asyncio.CancelledError from error
            raise Died from error
        return self._reply

    # --- time limits: nbclient's own only look once a second, and wait for ever after an interrupt -------------

    async def _async_poll_kernel_alive(self) -> None:
        """Do nothing: the wait for the reply looks after the process."""

    async def _async_poll_for_reply(
        self,
        msg_id: str,
        cell: NotebookNode,
        timeout: float | None,
        task_poll_output_msg: asyncio.Future[Any],
        task_poll_kernel_alive: asyncio.Future[Any],
    ) -> dict[str, Any]:
        settle_s = SETTLE_S
        try:
            reply = await self.kc.reply(msg_id, "execute_reply", self._timeout_s)
            if reply is None:
                self.timed_out = True
                await self.km.interrupt_kernel()
                reply = await self.kc.reply(msg_id, "execute_reply", GRACE_S)
                if reply is None:
                    raise Stuck
        except (Died, Stuck):
            settle_s = LAST_WORDS_S
            raise
        finally:
            await asyncio.wait([task_poll_output_msg], timeout=settle_s)
            task_poll_output_msg.cancel()
        self._reply = reply["content"]
        return reply

    # --- budgets ----------------------------------------------------------------------------------------------

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take what a cell printed, as long as there is room; drop widgets and what is malformed."""
        kind = msg["msg_type"]
        try:
            if kind == "clear_output":
                self._left_bytes += self._cell_bytes
                self._cell_bytes = 0
            elif kind != "status" and not (kind in KINDS and self._has_room(msg, cell, cell_index)):
                return None
            return super().process_message(msg, cell, cell_index)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return None

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Add an output, or append to the stream that is already the last one; texts are lists until they are read."""
        content = msg["content"]
        if msg["msg_type"] != "stream":
            return super().output(outs, msg, display_id, cell_index)
        if self.clear_before_next_output or not outs or outs[-1].get("name") != content["name"]:
            added = super().output(outs, msg, display_id, cell_index)
            if added is not None:
                added["text"] = [added["text"]]
            return added
        outs[-1]["text"].append(str(content["text"]))
        return None

    def _has_room(self, msg: dict[str, Any], cell: NotebookNode, index: int) -> bool:
        size = _size(msg["content"])
        self._cell_messages += 1
        if self._cell_messages > MAX_MESSAGES or size > self._left_bytes:
            return self._cut(
                index, f"printed more than {self._limits.output_bytes / 1e6:.3g} MB; the rest was cut"
            )
        if len(cell.outputs) >= MAX_OUTPUTS and msg["msg_type"] != "stream":
            return self._cut(index, f"showed more than {MAX_OUTPUTS} outputs; the rest was cut")
        self._left_bytes -= size
        self._cell_bytes += size
        return True

    def _cut(self, index: int, what: str) -> bool:
        if not self._cell_cut:
            self.notes.append(f"cell {index + 1} {what}")
        self._cell_cut = True
        return False


KINDS = {"stream", "display_data", "execute_result", "update_display_data", "error"}


def _size(content: dict[str, Any]) -> int:
    """Return about how many bytes of text a message carries."""
    texts = [content.get("text", ""), *content.get("traceback", ()), content.get("evalue", "")]
    data = content.get("data")
    return sum(len(str(text)) for text in [*texts, *(data.values() if isinstance(data, dict) else ())])
