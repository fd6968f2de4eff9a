"""One pass through a notebook's cells on one kernel, and the record of it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from nbformat import NotebookNode

from grader.config import Limits
from grader.errors import HarnessError
from grader.kernels import outputs
from grader.kernels.cells import CellClient, Stuck
from grader.kernels.client import Died
from grader.kernels.live import Live, died_how
from grader.results import Cell, CellError, Execution, ExecutionStatus

MAX_NOTES = 100
MAX_NOTE = 300


class Pass:
    """Runs the cells in order, leaving out the deadly ones."""

    def __init__(self, live: Live, node: NotebookNode, limits: Limits, deadly: dict[int, Cell]) -> None:
        self._live, self._node, self._limits = live, node, limits
        self._cells = CellClient(node, live.manager, live.client, limits)
        self._deadly = deadly
        self._records: dict[int, Cell] = dict(deadly)
        self._events: list[str] = []
        self._last: int | None = None
        self._not_run_from: int | None = None
        self._started = monotonic()
        self.seconds = 0.0

    async def run(self, on_cell: Callable[[int, int], None] | None) -> Cell | None:
        """Run the cells; return the record of the cell that ended the kernel, if one did."""
        try:
            for index, cell in enumerate(self._node.cells):
                if cell.cell_type != "code" or not cell.source.strip() or index in self._deadly:
                    continue
                if self._left_s() <= 0:
                    self._not_run_from = index
                    break
                if on_cell is not None:
                    on_cell(index, len(self._node.cells))
                await self._tell({"op": "cell", "index": index})
                self._last = index
                await self._run_cell(index)
            await self._tell({"op": "events"})
        except (Died, Stuck) as error:
            return self._buried(error)
        finally:
            self.seconds = monotonic() - self._started
        return None

    def execution(self, seconds: float) -> Execution:
        """Return the record of this pass, over `seconds` of all passes."""
        names = {record.error.name for record in self._records.values() if record.error is not None}
        status = ExecutionStatus.ERRORS if names else ExecutionStatus.COMPLETED
        if "TimedOut" in names or self._not_run_from is not None:
            status = ExecutionStatus.TIMED_OUT
        if "DeadKernel" in names:
            status = ExecutionStatus.DIED
        return Execution(
            status=status,
            seconds=seconds,
            cells=tuple(self._record(index) for index in range(len(self._node.cells))),
            message=" ".join(self._sentences()),
            notes=tuple(dict.fromkeys([*self._events, *self._cells.notes]))[:MAX_NOTES],
        )

    # --- one cell ---------------------------------------------------------------------------------------------

    async def _run_cell(self, index: int) -> None:
        left_s, started = self._left_s(), monotonic()
        limit_s = min(self._limits.cell_s, left_s)
        reply: dict[str, Any] = {}
        try:
            reply = await self._cells.run(index, limit_s)
        finally:
            self._records[index] = self._run_record(index, monotonic() - started)
        error = outputs.error(reply) if reply.get("status") == "error" else None
        if self._cells.timed_out:
            traceback = "" if error is None else error.traceback
            error = CellError(name="TimedOut", message=f"{_too_long(index, limit_s)}.", traceback=traceback)
        self._records[index] = self._records[index].model_copy(update={"error": error})

    def _run_record(self, index: int, seconds: float) -> Cell:
        cell = self._node.cells[index]
        shown = outputs.records(cell.get("outputs", []))
        return Cell(index=index, kind="code", source=cell.source, seconds=seconds, outputs=shown)

    def _record(self, index: int) -> Cell:
        """Return the record of any cell; those that were not run have only their source."""
        cell = self._node.cells[index]
        return self._records.get(index) or Cell(index=index, kind=cell.cell_type, source=cell.source)

    async def _tell(self, content: dict[str, Any]) -> None:
        """Send a housekeeping request and keep what was made harmless since the last one."""
        reply = await self._live.request(content, (), self._limits.call_s)
        if reply is None:
            raise Stuck
        self._events += _sentences_of(reply[0].get("events"))

    def _left_s(self) -> float:
        return self._limits.notebook_s - (monotonic() - self._started)

    # --- what went wrong --------------------------------------------------------------------------------------

    def _buried(self, error: Died | Stuck) -> Cell:
        """End the kernel and return the record of the cell that is to blame: the last one that ran."""
        code = self._live.end()
        if self._last is None:
            message = f"The kernel ended before the first cell: {died_how(code)}. {self._live.last_words}"
            raise HarnessError(message) from error
        if isinstance(error, Died):
            found = CellError(
                name="DeadKernel", message=f"Cell {self._last + 1} ended the kernel: {died_how(code)}."
            )
        else:
            limit_s = min(self._limits.cell_s, self._limits.notebook_s)
            message = f"{_too_long(self._last, limit_s)}; it took no interrupt, so the kernel was ended."
            found = CellError(name="TimedOut", message=message)
        record = self._records[self._last].model_copy(update={"error": found})
        self._records[self._last] = record
        return record

    def _sentences(self) -> list[str]:
        """Say in words why the notebook did not complete."""
        stopped = ("DeadKernel", "TimedOut")
        errors = [record.error for _, record in sorted(self._records.items()) if record.error is not None]
        said = [error.message for error in errors if error.name in stopped]
        if self._deadly:
            said.append(
                "The kernel was started again and the other cells were run without it."
                if len(self._deadly) == 1
                else "The kernel was started again and the other cells were run without them."
            )
        if self._not_run_from is not None:
            limit_s = self._limits.notebook_s
            said.append(
                f"Cell {self._not_run_from + 1} and the ones after it were not run: the {limit_s:g} s for the whole notebook were used up."
            )
        return said


def _too_long(index: int, limit_s: float) -> str:
    return f"Cell {index + 1} ran longer than {limit_s:.3g} s and was stopped"


def _sentences_of(events: object) -> list[str]:
    """Return the notes of a kernel as sentences; what is not a note is left out."""
    found = []
    for event in events if isinstance(events, list) else ():
        index, text = (event.get("cell"), event.get("text")) if isinstance(event, dict) else (None, None)
        if isinstance(text, str):
            where = f"cell {index + 1}: " if isinstance(index, int) else ""
            found.append(where + text[:MAX_NOTE])
    return found
