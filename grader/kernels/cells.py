"""Running single cells: nbclient's client, with our own time limits and budgets for what a cell may print."""

from __future__ import annotations

import asyncio
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from nbformat import NotebookNode

from grader.config import Limits
from grader.kernels.client import MAX_JSON, Client, DiedError
from grader.kernels.outputs import MAX_TRACEBACK, RICHEST, shortened
from grader.notebook.placed import is_hidden

GRACE_S = 2.0  # from an interrupt to the kill
SETTLE_S = 2.0  # for output still on its way when the reply is there
LAST_WORDS_S = 0.1  # the same when the kernel ended
MAX_OUTPUTS = 200
MAX_MESSAGES = 50_000
SHOWN = {"stream", "display_data", "execute_result", "update_display_data", "error"}
STREAMS = {"stdout", "stderr"}
TEXTS = ("name", "text", "ename", "evalue", "execution_state")
MAX_ID = 100


class StuckError(Exception):
    """Neither the time limit nor an interrupt ended what the kernel does."""


class CellClient(NotebookClient):
    """Runs one cell at a time on a kernel that is already there."""

    kc: Client

    def __init__(self, node: NotebookNode, manager: Any, client: Client, limits: Limits) -> None:
        super().__init__(node, km=manager, allow_errors=True, record_timing=False, store_widget_state=False)
        self.kc = client
        self.notes: list[str] = []
        self.cut: set[int] = set()  # indices of cells that showed more than is kept
        self.timed_out = False
        self._limits = limits
        self._left_bytes = limits.output_bytes
        self._begin(limits.cell_s)

    async def run(self, index: int, timeout_s: float) -> dict[str, Any]:
        """Run cell `index` and return the content of its reply; raise DiedError or StuckError.

        Its outputs are in the notebook's cell, also after a death. What runs as a hidden test is not kept in `In`.
        """
        self._begin(timeout_s)
        n_large = self.kc.iopub_channel.n_large
        try:
            cell = self.nb.cells[index]
            await self.async_execute_cell(cell, index, store_history=not is_hidden(cell))
        except DeadKernelError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # Ctrl-C: nbclient takes it for a death
                raise asyncio.CancelledError from error
            raise DiedError from error
        finally:
            self._left_bytes -= self._cell_bytes
            if self.kc.iopub_channel.n_large > n_large:
                self._cut(index, f"printed more than {MAX_JSON / 1e6:.3g} MB")
        return self._reply

    def _begin(self, timeout_s: float) -> None:
        self.reset_execution_trackers()
        self.timed_out = False
        self._timeout_s = timeout_s
        self._reply: dict[str, Any] = {}
        # Half of what is left: a flood in one cell leaves room for the others.
        self._room_bytes = self._left_bytes // 2
        self._cell_bytes = self._cell_messages = 0
        self._cell_cut = False

    # --- time limits: nbclient looks once a second, and waits for ever after an interrupt -------------------

    async def _async_poll_kernel_alive(self) -> None:
        """Do nothing: the wait for the reply looks after the process."""

    async def _async_poll_for_reply(
        self, msg_id: str, cell: NotebookNode, timeout: float | None, output: asyncio.Future[Any], *_: Any
    ) -> dict[str, Any]:
        """Wait for a cell's reply and output; nbclient's own limit for them is not used."""
        try:
            reply = await self._reply_or_interrupt(msg_id)
        except (DiedError, StuckError):
            await self._settle(output, LAST_WORDS_S)
            raise
        await self._settle(output, SETTLE_S)
        self._reply = reply["content"]
        return reply

    async def _reply_or_interrupt(self, msg_id: str) -> dict[str, Any]:
        reply = await self.kc.reply(msg_id, "execute_reply", self._timeout_s)
        if reply is None:
            self.timed_out = True
            manager: Any = self.km
            await manager.interrupt_kernel()
            reply = await self.kc.reply(msg_id, "execute_reply", GRACE_S)
        if reply is None:
            raise StuckError
        return reply

    async def _settle(self, output: asyncio.Future[Any], seconds: float) -> None:
        await asyncio.wait([output], timeout=seconds)
        output.cancel()

    async def _check_raise_for_error(self, *_: Any) -> None:
        """Raise nothing: a forged reply may lack what nbclient looks at, and who runs us looks itself."""

    # --- budgets ------------------------------------------------------------------------------------------

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Take what a cell shows as long as there is room; drop widgets and what is malformed."""
        kind = msg["msg_type"]
        try:
            msg["content"] = _known(msg["content"])
            if kind not in {"status", "clear_output"} and not (kind in SHOWN and self._has_room(msg, cell, cell_index)):
                return None
            shown = super().process_message(msg, cell, cell_index)
            if kind == "clear_output" and not cell.outputs:
                self._cell_bytes = 0
            return shown
        except CellExecutionComplete:
            raise
        except Exception:  # noqa: BLE001 - whatever a forged message makes nbclient or nbformat raise
            return None

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Add an output, or append to the stream that came last; its text is a list until it is read."""
        content = msg["content"]
        if msg["msg_type"] != "stream":
            return super().output(outs, msg, display_id, cell_index)
        if content["name"] not in STREAMS:
            return None
        if self.clear_before_next_output or not outs or outs[-1].get("name") != content["name"]:
            added = super().output(outs, msg, display_id, cell_index)
            if added is not None:
                added["text"] = [content["text"]]
            return added
        outs[-1]["text"].append(content["text"])
        return None

    def _has_room(self, msg: dict[str, Any], cell: NotebookNode, index: int) -> bool:
        content, left = msg["content"], self._room_bytes - self._cell_bytes
        size = _size(content)
        self._cell_messages += 1
        if size > left or self._cell_messages > MAX_MESSAGES:
            self._cut(index, f"printed more than {self._room_bytes / 1e6:.3g} MB")
            if msg["msg_type"] != "stream" or left <= 0 or self._cell_messages > MAX_MESSAGES:
                return False
            content["text"], size = content["text"][:left], left
        if len(cell.outputs) >= MAX_OUTPUTS:
            self._cut(index, f"showed more than {MAX_OUTPUTS} outputs")
            return False
        self._cell_bytes += size
        return True

    def _cut(self, index: int, what: str) -> None:
        if not self._cell_cut:
            self.notes.append(f"cell {index + 1} {what}; the rest was cut")
        self._cell_cut = True
        self.cut.add(index)


def _known(content: dict[str, Any]) -> dict[str, Any]:
    """Return what is looked at of a message, each part of its one type: nbformat walks through all that it is given.

    Metadata are not shown, and of the transient only an id is.
    """
    known: dict[str, Any] = {name: _text(content[name]) for name in TEXTS if name in content}
    if isinstance(content.get("data"), dict):
        known["data"] = {mime: _text(content["data"][mime]) for mime in RICHEST if mime in content["data"]}
    if "traceback" in content:
        known["traceback"] = [shortened(_text(content["traceback"], "\n"), MAX_TRACEBACK)]
    if type(content.get("execution_count")) is int:
        known["execution_count"] = content["execution_count"]
    transient = content.get("transient")
    named = transient.get("display_id") if isinstance(transient, dict) else None
    shown_as = {"display_id": named[:MAX_ID]} if isinstance(named, str) else {}
    return {**known, "wait": bool(content.get("wait")), "metadata": {}, "transient": shown_as}


def _text(value: object, between: str = "") -> str:
    """Return text, as it is or in the parts of a list; "" for anything else."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return between.join(value)
    return value if isinstance(value, str) else ""


def _size(content: dict[str, Any]) -> int:
    """Return how many characters a message carries."""
    texts = (content.get(name, "") for name in TEXTS)
    return sum(map(len, (*texts, *content.get("traceback", ()), *content.get("data", {}).values())))
