"""One pass through a notebook's cells on one kernel, and the record of it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from nbformat import NotebookNode

from grader.config import Limits
from grader.errors import HarnessError
from grader.kernels import outputs
from grader.kernels.cells import CellClient, StuckError
from grader.kernels.client import DiedError
from grader.kernels.endings import refused
from grader.kernels.live import Live
from grader.kernels.outputs import Shown
from grader.results import Cell, CellError, Execution, ExecutionStatus

DEAD, LATE = "DeadKernel", "TimedOut"  # names of the errors that are not exceptions of the student's
MAX_NOTES = 100
MAX_CELLS = 1_000_000
MAX_NOTE = 300


class Pass:
    """Runs the cells in order, leaving out the deadly ones."""

    def __init__(self, live: Live, node: NotebookNode, limits: Limits, deadly: dict[int, Cell]) -> None:
        self._live, self._node, self._limits, self._deadly = live, node, limits, deadly
        self._client = CellClient(node, live.manager, live.client, limits)
        self._records: dict[int, Cell] = dict(deadly)
        self._events: list[str] = []
        self._last: int | None = None
        self._not_run_from: int | None = None
        self._started = monotonic()

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
                self._live.begin_cell()
                self._last = index
                await self._run_cell(index)
            await self._tell({"op": "events"})
        except (DiedError, StuckError) as error:
            return self._buried(error)
        return None

    def execution(self, seconds: float, *, revived: bool) -> Execution:
        """Return the record of this pass, which with the ones before took `seconds`."""
        return Execution(
            status=self._status(),
            seconds=seconds,
            cells=tuple(self._record(index) for index in range(len(self._node.cells))),
            message=" ".join(self._sentences(revived=revived)),
            notes=tuple(dict.fromkeys([*self._events, *self._client.notes]))[:MAX_NOTES],
        )

    def shown(self, index: int) -> Shown | None:
        """Return what a cell showed, None where it was not run, nor in a pass before this one, which it ended."""
        if index not in self._records:
            return None
        return Shown(outputs=self._node.cells[index].get("outputs", []), whole=index not in self._client.cut)

    # --- one cell -----------------------------------------------------------------------------------------

    async def _run_cell(self, index: int) -> None:
        """Run a cell and record it; also when it ends the kernel, what it had shown is recorded."""
        started, limit_s = monotonic(), min(self._limits.cell_s, self._left_s())
        reply: dict[str, Any] = {}
        try:
            reply = await self._client.run(index, limit_s)
        finally:
            cell = self._node.cells[index]
            self._records[index] = Cell(
                index=index,
                kind="code",
                source=cell.source,
                seconds=monotonic() - started,
                error=self._error(index, reply, limit_s),
                outputs=outputs.records(cell.get("outputs", [])),
            )
            self._note_refusal(self._records[index])

    def _note_refusal(self, cell: Cell) -> None:
        """Add a sentence where a cell failed because the system refused it more."""
        if cell.error is not None and (limit := refused(cell.error, self._limits)):
            self._events.append(f"cell {cell.index + 1} {limit}")

    def _error(self, index: int, reply: dict[str, Any], limit_s: float) -> CellError | None:
        error = outputs.error(reply) if reply.get("status") == "error" else None
        if not self._client.timed_out:
            return error
        traceback = "" if error is None else error.traceback
        return CellError(name=LATE, message=f"{_too_long(index, limit_s)}.", traceback=traceback)

    def _record(self, index: int) -> Cell:
        """Return the record of any cell; of those that were not run there is only the source."""
        cell = self._node.cells[index]
        return self._records.get(index) or Cell(index=index, kind=cell.cell_type, source=cell.source)

    async def _tell(self, content: dict[str, Any]) -> None:
        """Send a housekeeping request and keep what was made harmless since the last one."""
        reply = await self._live.request(content, (), self._limits.call_s)
        if reply is None:
            raise StuckError
        self._events += _notes(reply[0].get("events"))

    def _left_s(self) -> float:
        return self._limits.notebook_s - (monotonic() - self._started)

    # --- what went wrong ----------------------------------------------------------------------------------

    def _buried(self, error: DiedError | StuckError) -> Cell:
        """End the kernel and return the record of the cell that is to blame: the last one that ran."""
        self._live.end()
        how = self._live.died_how()
        if self._last is None:
            message = f"The kernel ended before the first cell: {how}. {self._live.last_words}"
            raise HarnessError(message) from error
        record = self._records[self._last]
        if isinstance(error, DiedError):
            found = CellError(name=DEAD, message=f"Cell {self._last + 1} ended the kernel: {how}.")
        else:
            what = f"Cell {self._last + 1} left something running that kept the kernel busy"
            if record.error is not None and record.error.name == LATE:
                what = record.error.message.rstrip(".")
            found = CellError(name=LATE, message=f"{what}; it took no interrupt, so the kernel was ended.")
        self._records[self._last] = record.model_copy(update={"error": found})
        return self._records[self._last]

    def _status(self) -> ExecutionStatus:
        names = {record.error.name for record in self._records.values() if record.error is not None}
        if DEAD in names:
            return ExecutionStatus.DIED
        if LATE in names or self._not_run_from is not None:
            return ExecutionStatus.TIMED_OUT
        return ExecutionStatus.ERRORS if names else ExecutionStatus.COMPLETED

    def _sentences(self, *, revived: bool) -> list[str]:
        """Say in words why the notebook did not complete."""
        errors = [record.error for _, record in sorted(self._records.items()) if record.error is not None]
        said = [error.message for error in errors if error.name in {DEAD, LATE}]
        if self._deadly:
            it = "it" if len(self._deadly) == 1 else "them"
            again = f"was started again and the other cells were run without {it}."
            said.append(f"The kernel {again}" if revived else "The kernel was not started any more.")
        if self._not_run_from is not None:
            which = f"Cell {self._not_run_from + 1} and the ones after it were not run"
            said.append(f"{which}: the {self._limits.notebook_s:g} s for the whole notebook were used up.")
        return said


def _too_long(index: int, limit_s: float) -> str:
    return f"Cell {index + 1} ran longer than {limit_s:.3g} s and was stopped"


def _notes(events: object) -> list[str]:
    """Return the notes of a kernel as sentences; what is not a note is left out."""
    found = []
    for event in events if isinstance(events, list) else ():
        index, text = (event.get("cell"), event.get("text")) if isinstance(event, dict) else (None, None)
        if isinstance(text, str):
            where = f"cell {index + 1}: " if isinstance(index, int) and 0 <= index < MAX_CELLS else ""
            found.append(where + outputs.plain(outputs.text_of(text[:MAX_NOTE])))
    return found
