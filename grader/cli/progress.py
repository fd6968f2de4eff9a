"""Progress, for a person at a terminal: which step of one submission, or how much of a class."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from grader.cli.speak import in_line, say

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import ProgressColumn

STEPS = {"cell": "cell {} of {}", "check": "check {} of {}"}


class Shown:
    """Shows nothing: the progress of a command nobody watches."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Leave nothing on the screen."""


class Drawn(Shown):
    """Bars on stderr while the block lasts."""

    _bars: Bars

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._bars.stop()


class Progress(Shown):
    """The steps of one submission."""

    def begin(self, name: str) -> None:
        """Say which submission it is."""

    def step(self, what: str, number: int, total: int) -> None:
        """Say what happens to it: the cell that starts (from 0) or the checks that are over."""

    def write(self) -> None:
        """Say that the report is being written."""


class Bar(Drawn, Progress):
    """A line that renews itself."""

    def __init__(self) -> None:
        from rich.progress import TimeRemainingColumn

        self._bars = _bars(TimeRemainingColumn())
        self._name = ""
        self._current = self._bars.add_task("", total=None)

    def begin(self, name: str) -> None:
        self._name = in_line(name)
        self._show("starting the kernel", None, None)

    def step(self, what: str, number: int, total: int) -> None:
        number += what == "cell"
        self._show(STEPS[what].format(number, total), number, total)

    def write(self) -> None:
        self._show("report", None, None)

    def _show(self, text: str, number: int | None, total: int | None) -> None:
        self._bars.update(self._current, description=f"{self._name}: {text}", completed=number or 0, total=total)


class Count(Shown):
    """How many submissions of a class are done; with `log`, a line on stderr for each that is over."""

    def __init__(self, total: int, *, log: bool = False) -> None:
        self._total, self._done, self._failed, self._log = total, 0, 0, log

    def end(self, name: str, *, graded: bool) -> None:
        """Say that a submission is over."""
        self._done += 1
        self._failed += not graded
        if self._log:
            say(f"{self._done} of {self._total}: {in_line(name)}")


class CountBar(Drawn, Count):
    """A bar with done, failed, rate and time left."""

    def __init__(self, total: int) -> None:
        from rich.progress import TimeElapsedColumn

        super().__init__(total)
        self._bars = _bars(TimeElapsedColumn())
        self._began_s = time.monotonic()
        self._task = self._bars.add_task(f"0 of {total} done", total=total)

    def end(self, name: str, *, graded: bool) -> None:
        super().end(name, graded=graded)
        self._bars.update(self._task, description=self._counted(), completed=self._done)

    def _counted(self) -> str:
        passed_s = max(time.monotonic() - self._began_s, 1e-3)
        left_s = passed_s / self._done * (self._total - self._done)
        failed = f", {self._failed} failed" if self._failed else ""
        left = f", {_in_words(left_s)} left" if self._done < self._total else ""
        return f"{self._done} of {self._total} done{failed}, {self._done / passed_s * 60:.0f} a minute{left}"


def progress(*, quiet: bool) -> Progress:
    """Return a bar for one submission where somebody watches, else what shows nothing."""
    return Bar() if sys.stderr.isatty() and not quiet else Progress()


def counting(total: int, *, quiet: bool, verbose: bool) -> Count:
    """Return a bar for a class where somebody watches, else what shows nothing, or lines when more is asked for."""
    if sys.stderr.isatty() and not quiet:
        return CountBar(total)
    return Count(total, log=verbose)


@contextmanager
def reading(total: int, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give a function that says how many notebooks of a class were compared, where somebody watches."""
    if not sys.stderr.isatty() or quiet:
        yield lambda done, total: None
        return
    from rich.progress import TimeRemainingColumn

    with _bars(TimeRemainingColumn()) as bars:
        task = bars.add_task("Looking for similar submissions", total=total)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _in_words(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _bars(times: ProgressColumn) -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        times,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),  # else what goes into a file would end on the screen
    )
