"""Progress, for a person at a terminal: which submission, which step, and for a batch how much is left."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from grader.cli.speak import in_line, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

STEPS = {"cell": "cell {} of {}", "check": "check {} of {}"}


class Progress:
    """Shows nothing: the progress of a command nobody watches."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Leave nothing on the screen."""

    def begin(self, name: str) -> None:
        """Say that a submission is next."""

    def step(self, what: str, number: int, total: int) -> None:
        """Say what happens to the submission: the cell that starts (from 0) or the checks that are over."""

    def write(self) -> None:
        """Say that the report is being written."""

    def end(self, *, graded: bool) -> None:
        """Say that a submission is over."""


class Log(Progress):
    """A line on stderr for each submission that starts."""

    def __init__(self, total: int) -> None:
        self._total, self._begun = total, 0

    def begin(self, name: str) -> None:
        self._begun += 1
        say(f"{self._begun} of {self._total}: {in_line(name)}")


class Bar(Progress):
    """Two lines on stderr that renew themselves: the batch (when it is one) and the submission of the moment."""

    def __init__(self, total: int) -> None:
        self._bars = _bars()
        self._total, self._done, self._failed = total, 0, 0
        self._name = ""
        self._batch = self._bars.add_task(self._counted(), total=total, visible=total > 1)
        self._current = self._bars.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, name: str) -> None:
        self._name = in_line(name)
        self._show("starting the kernel", None, None)

    def step(self, what: str, number: int, total: int) -> None:
        number += what == "cell"
        self._show(STEPS[what].format(number, total), number, total)

    def write(self) -> None:
        self._show("report", None, None)

    def end(self, *, graded: bool) -> None:
        self._done += 1
        self._failed += not graded
        self._bars.update(self._batch, description=self._counted(), completed=self._done)

    def _show(self, text: str, number: int | None, total: int | None) -> None:
        self._bars.update(self._current, description=f"{self._name}: {text}", completed=number or 0, total=total)

    def _counted(self) -> str:
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._done} of {self._total} done{failed}"


def progress(total: int, *, quiet: bool, verbose: bool) -> Progress:
    """Return bars where somebody watches, else what shows nothing, or a line per submission when more is asked for."""
    if sys.stderr.isatty() and not quiet:
        return Bar(total)
    return Log(total) if verbose and total > 1 else Progress()


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # else what goes into a file would end on the screen
    )
