"""What the notebook trains and shows after `%load_ext grader`: the ledger and the album of sealed kernels, kept here.

They hear of what a library does from its import on. Where it was imported before, something may have been missed, and
checks that look at it are told to wait.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.kernels.inside import hooks
from grader.selfcheck.live.loading import loaded

if TYPE_CHECKING:
    from grader.kernels.inside import figures, ledger
    from grader.kernels.inside.journal import Journal
else:
    figures, ledger, Journal = loaded("figures"), loaded("ledger"), loaded("journal").Journal

LEARNS = ("keras", "sklearn.preprocessing._data")
DRAWS = ("matplotlib.figure",)


class Watch:
    """The ledger and the album of one shell; `heard` are the questions they can answer."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.journal = Journal()
        self.album, self.ledger = figures.Album(self.journal), ledger.Ledger(self.journal)
        self._finder = hooks.install()
        ledger.watch(self._finder, self.ledger)
        figures.watch(_Drawing(self._finder), self.album)  # type: ignore[arg-type]
        heard = {"runs": LEARNS, "figures": DRAWS}
        self.heard = frozenset(op for op, modules in heard.items() if not any(name in sys.modules for name in modules))
        self._begin()
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def close(self) -> None:
        """Hear of no further cell."""
        self._end()
        self._shell.events.unregister("pre_run_cell", self._begin)
        self._shell.events.unregister("post_run_cell", self._end)
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Keep nothing of what is trained and drawn meanwhile."""
        cell, self.journal.cell = self.journal.cell, None
        try:
            yield
        finally:
            self.album.forget_calls()
            self.journal.cell = cell

    def _begin(self, *_: Any) -> None:
        self.journal.cell = self._shell.execution_count - 1

    def _end(self, *_: Any) -> None:
        self.journal.cell = None


class _Drawing:
    """Passes on the hooks of Matplotlib alone: that of Plotly would change how its figures are shown."""

    def __init__(self, finder: hooks.AfterImport) -> None:
        self._finder = finder

    def add(self, name: str, hook: hooks.Hook) -> None:
        """Add a hook, or do not."""
        if name.startswith("matplotlib"):
            self._finder.add(name, hook)
