"""Which cells were run, and when: to tell whether the notebook's file has what this kernel has."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

MAX_CELLS = 5_000
OURS = ("%grade", "%load_ext grader", "%reload_ext grader")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A cell as it was run: its number in `In [ ]`, its source, and where known its id and the time (else 0)."""

    number: int
    source: str
    cell: str = ""
    at: float = 0.0

    @property
    def is_ours(self) -> bool:
        """Whether it does nothing but check."""
        lines = [line.strip() for line in self.source.splitlines() if line.strip()]
        return all(line.startswith((*OURS, "#")) for line in lines)


class Diary:
    """Hears of every cell from now on; what was run before is known by its source alone."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._heard: dict[int, tuple[str, float]] = {}
        shell.events.register("pre_run_cell", self._hear)

    def close(self) -> None:
        """Hear no more."""
        self._shell.events.unregister("pre_run_cell", self._hear)

    def cells(self) -> list[Ran]:
        """Return the cells that were run, oldest first, those without a line of the student's left out."""
        sources = list(self._shell.history_manager.input_hist_raw)[-MAX_CELLS:]
        first = len(self._shell.history_manager.input_hist_raw) - len(sources)
        ran = [self._ran(number, str(source)) for number, source in enumerate(sources, first) if number]
        return [each for each in ran if not each.is_ours]

    def latest(self) -> list[Ran]:
        """Return each cell as it was run last, in the order of these runs."""
        last: dict[str, Ran] = {}
        for ran in self.cells():
            key = ran.cell or ran.source
            last.pop(key, None)
            last[key] = ran
        return list(last.values())

    def _ran(self, number: int, source: str) -> Ran:
        cell, at = self._heard.get(number, ("", 0.0))
        return Ran(number=number, source=source, cell=cell, at=at)

    def _hear(self, info: Any) -> None:
        if info.store_history and not info.silent:
            cell = getattr(info, "cell_id", None)
            self._heard[self._shell.execution_count] = (str(cell or ""), time.time())
