"""What a kernel costs: a NumPy and a Keras notebook with their checks, run in six ways, in turn.

    python bench/kernels.py [--runs 10] [--only numpy|keras] [--twenty numpy|keras|both|none] [--cores 1] [--json]

The ways, of which every round takes one run each, after a round that does not count:

    plain     the floor: cells and checks as plain Python, in a process that has run them before
    fork      the same in a fork of a process that has imported everything; what a fresh process costs at least
    cold      a new Jupyter kernel for the notebook (nbclient, ipykernel), its checks as further cells
    spawned   our kernel started as a fresh process, not sealed
    warm      our kernel forked from the warm server, not sealed
    sealed    our kernel forked from the warm server, sealed; this is how submissions are graded

A time is that of one submission from nothing to nothing: kernel started, cells run, checks asked, kernel ended. All
ways have the same environment variables, so one thread for arithmetic, and all processes share one core unless
`--cores` gives them more; a minute's submissions are then those of one core. Memory is looked at after the last cell,
while the clock stands: the kernel's proportional set size, and the pages that it and the processes which guard it
share with nobody else. Twenty in a row begin without a warm server, whose start is part of their time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from nbclient import NotebookClient  # noqa: E402
from notebooks import HOMEWORKS, Homework, memory_of  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import Progress  # noqa: E402
from rich.table import Table  # noqa: E402

from grader.config import FORKED, SPAWNED, Limits  # noqa: E402
from grader.kernels import Kernel, warm  # noqa: E402
from grader.probe import Student  # noqa: E402
from grader.results import ExecutionStatus  # noqa: E402

LABELS = {
    "plain": "plain Python, warm: the floor",
    "fork": "plain Python, warm, forked",
    "cold": "cold Jupyter kernel",
    "spawned": "ours, spawned, unsealed",
    "warm": "ours, warm, unsealed",
    "sealed": "ours, warm, sealed",
}
MAX_SEALING = 1.10  # times a warm kernel that is not sealed
MAX_KERAS = 1.5  # times the floor
MAX_NUMPY_S = 0.5  # above the floor
MAX_TWENTY = 0.5  # times twenty cold kernels
IN_A_ROW = 20
LIMITS = Limits()

Measured = dict[str, float]
Way = Callable[[], Measured]


class Clock:
    """Counts seconds from its making on, but not those in a `stopped` block."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let the clock stand for the block."""
        since = time.perf_counter()
        yield
        self._began += time.perf_counter() - since

    @property
    def seconds(self) -> float:
        """What has been counted so far."""
        return time.perf_counter() - self._began


@dataclass(frozen=True, kw_only=True)
class Target:
    """What was aimed at, and what came out; smaller is better."""

    text: str
    found: float
    limit: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether it was reached."""
        return self.found <= self.limit


class Plain:
    """A process that runs the notebook as plain Python, again and again."""

    def __init__(self, homework: Homework, how: str, environment: Mapping[str, str]) -> None:
        command = [sys.executable, str(HERE / "notebooks.py"), homework.name, how]
        self._process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def __call__(self) -> Measured:
        """Have it run once more."""
        try:
            self._stdin.write("\n")
            self._stdin.flush()
            return json.loads(self._stdout.readline())  # type: ignore[no-any-return]
        except (OSError, ValueError):
            raise SystemExit(f"The plain run failed:\n{self._process.communicate()[1]}") from None

    def end(self) -> None:
        """End the process."""
        self._process.communicate()

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    @property
    def _stdout(self) -> Any:
        return self._process.stdout


def run_cold(homework: Homework, environment: Mapping[str, str], *, look: bool = True) -> Measured:
    """Run the notebook, its checks among the cells, in a new Jupyter kernel, as anybody would."""
    node, memory = homework.node(asking=True), {}
    clock = Clock()
    client = NotebookClient(node, kernel_name="python3", timeout=600)
    with client.setup_kernel(env=dict(environment), stderr=subprocess.DEVNULL):
        for index, cell in enumerate(node.cells):
            if look and index == len(homework.cells):
                with clock.stopped():
                    memory = memory_of(client.km.provisioner.pid)  # type: ignore[union-attr]
            client.execute_cell(cell, index)
    return {"seconds": clock.seconds, **memory}


def run_ours(homework: Homework, provisioner: str, *, sealed: bool, look: bool = True) -> Measured:
    """Run the notebook in a kernel of ours and ask it what the checks want to know, as `grade` does."""
    node, memory, before = homework.node(), {}, set(descendants()) if look else set()
    clock = Clock()
    keras = homework.name == "keras"
    with Kernel(LIMITS, seed=1, provisioner=provisioner, sealed=sealed, tensorflow=keras) as kernel:
        execution = kernel.run(node)
        if execution.status is not ExecutionStatus.COMPLETED:
            errors = [cell.error.message for cell in execution.cells if cell.error is not None]
            raise SystemExit(f"The notebook failed in our kernel: {execution.message} {errors}")
        if look:
            with clock.stopped():
                memory = memory_beyond(before)
        student = Student(kernel, LIMITS)
        for number, check in enumerate(homework.checks):
            student.begin(number)
            check(student)
    return {"seconds": clock.seconds, **memory}


def memory_beyond(before: set[int]) -> Measured:
    """Return the memory of the kernel, the largest of the processes that were not there before."""
    found = [memory for process in descendants() if process not in before and (memory := memory_of(process))]
    largest = max((memory["pss"] for memory in found), default=None)
    return {} if largest is None else {"pss": largest, "own": sum(memory["own"] for memory in found)}


def descendants() -> Iterator[int]:
    """Yield the processes below this one."""
    waiting = [os.getpid()]
    while waiting:
        for file in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(number) for number in file.read_text().split()]
            except OSError:  # it ended
                continue
            yield from children
            waiting += children


@contextmanager
def ways(homework: Homework, environment: Mapping[str, str]) -> Iterator[dict[str, Way]]:
    """Yield the ways to run a notebook by their names, as functions that do it once."""
    plain, fork = (Plain(homework, how, environment) for how in ("same", "fork"))
    try:
        yield {
            "plain": plain,
            "fork": fork,
            "cold": lambda: run_cold(homework, environment),
            "spawned": lambda: run_ours(homework, SPAWNED, sealed=False),
            "warm": lambda: run_ours(homework, FORKED, sealed=False),
            "sealed": lambda: run_ours(homework, FORKED, sealed=True),
        }
    finally:
        plain.end()
        fork.end()


def in_turn(found: Mapping[str, Way], runs: int, tick: Callable[[], None]) -> dict[str, list[Measured]]:
    """Run each way once per round, every other round backwards; the first round warms up and does not count."""
    results: dict[str, list[Measured]] = {name: [] for name in found}
    for number in range(runs + 1):
        for name in list(found)[:: -1 if number % 2 else 1]:
            measured = found[name]()
            if number:
                results[name].append(measured)
            tick()
    return results


def twenty(homework: Homework, environment: Mapping[str, str], tick: Callable[[], None]) -> Measured:
    """Return the seconds of twenty submissions in a row, by a warm server that must start first, and cold."""

    def seconds_of(run: Way, n_runs: int) -> float:
        clock = Clock()
        for _ in range(n_runs):
            run()
            tick()
        return clock.seconds

    def ours() -> Measured:
        return run_ours(homework, FORKED, sealed=True, look=False)

    for server in warm.SERVERS.values():
        server.stop()
    first_s, others_s = seconds_of(ours, 1), seconds_of(ours, IN_A_ROW - 1)
    cold_s = seconds_of(lambda: run_cold(homework, environment, look=False), IN_A_ROW)
    later_s = others_s * IN_A_ROW / (IN_A_ROW - 1)  # twenty more, now that the server runs
    return {"sealed": first_s + others_s, "first": first_s, "later": later_s, "cold": cold_s}


# --- what comes of it -------------------------------------------------------------------------------------------------


def medians(results: Mapping[str, Sequence[Measured]]) -> dict[str, Measured]:
    """Return for each way the medians of its runs, and the lowest and highest time."""
    table = {}
    for name, runs in results.items():
        seconds = [run["seconds"] for run in runs]
        table[name] = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        table[name] |= {"lowest": min(seconds), "highest": max(seconds)}
    return table


def targets(homework: Homework, row: Mapping[str, Measured], in_a_row: Measured | None) -> list[Target]:
    """Return what was aimed at for a notebook."""
    floor, warm_s, sealed = (row[name]["seconds"] for name in ("plain", "warm", "sealed"))
    limit = f"sealing costs at most {100 * (MAX_SEALING - 1):.0f} % of a warm kernel"
    found = [Target(text=limit, found=sealed / warm_s, limit=MAX_SEALING, unit="×")]
    if homework.name == "keras":
        text = f"a sealed submission takes at most {MAX_KERAS:g} × the floor"
        found.append(Target(text=text, found=sealed / floor, limit=MAX_KERAS, unit="×"))
    else:
        text = f"a sealed submission takes at most {MAX_NUMPY_S:g} s more than the floor"
        found.append(Target(text=text, found=sealed - floor, limit=MAX_NUMPY_S, unit="s"))
    if in_a_row is not None:
        text = f"{IN_A_ROW} in a row, with the server's start, take at most {MAX_TWENTY:g} × the time of cold kernels"
        ratio = in_a_row["sealed"] / in_a_row["cold"]
        found.append(Target(text=text, found=ratio, limit=MAX_TWENTY, unit="×"))
    return found


def show(console: Console, report: Mapping[str, Any]) -> None:
    """Print the table of one notebook and what became of its targets."""
    rows = report["ways"]
    floor = rows["plain"]["seconds"]
    table = Table(title=report["title"], title_justify="left", title_style="bold")
    table.add_column("way", no_wrap=True)
    for column in ("median, s", "from – to", "× floor", "+ floor, s", "a minute", "MB", "own MB"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in rows.items():
        seconds = row["seconds"]
        table.add_row(
            LABELS[name],
            f"{seconds:.3f}",
            f"{row['lowest']:.2f} – {row['highest']:.2f}",
            f"{seconds / floor:.2f}",
            f"{seconds - floor:+.3f}",
            f"{60 / seconds:.0f}",
            *(f"{row[key]:.0f}" if key in row else "–" for key in ("pss", "own")),
        )
    console.print(table)
    if report["twenty"] is not None:
        row = report["twenty"]
        console.print(
            f"{IN_A_ROW} in a row: {row['cold']:.1f} s cold; {row['sealed']:.1f} s sealed, of which the server's start "
            f"and the first take {row['first']:.1f} s; {IN_A_ROW} more, now that it runs, take {row['later']:.1f} s"
        )
    beside = rows["sealed"]["seconds"] / rows["fork"]["seconds"]
    console.print(f"A sealed submission takes {beside:.2f} × a plain run in a fresh fork.")
    for target in report["targets"]:
        verdict = "[green]met[/]   " if target["met"] else "[red]missed[/]"
        console.print(f"{verdict} {target['text']}: {target['found']:.2f} {target['unit']}")
    console.print()


def wide_console() -> Console:
    """Return standard output as a console, wide enough for the tables where it is a file or a pipe."""
    console = Console()
    return console if console.is_terminal else Console(width=120)


def measure(homework: Homework, runs: int, *, row: bool, console: Console) -> dict[str, Any]:
    """Return all that is measured of one notebook."""
    n_steps = (runs + 1) * len(LABELS) + (2 * IN_A_ROW if row else 0)
    with tempfile.TemporaryDirectory() as home, Progress(console=console, transient=True) as bars:
        task = bars.add_task(homework.title, total=n_steps)
        environment = plain_environment(home)
        with ways(homework, environment) as found:
            results = in_turn(found, runs, lambda: bars.advance(task))
        in_a_row = twenty(homework, environment, lambda: bars.advance(task)) if row else None
    table = medians(results)
    reached = [{**asdict(target), "met": target.met} for target in targets(homework, table, in_a_row)]
    return {"title": homework.title, "ways": table, "twenty": in_a_row, "targets": reached, "runs": results}


def plain_environment(home: str) -> dict[str, str]:
    """Return the environment variables of our kernels, with a home that can be written to."""
    return {**warm.ENVIRONMENT, "MPLCONFIGDIR": str(warm.font_cache()), "HOME": home, "KERAS_HOME": f"{home}/.keras"}


def use_cores(n_cores: int) -> int:
    """Keep this process and all it starts to the last cores of the machine; return how many there are then."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-n_cores:])
    return len(os.sched_getaffinity(0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10, help="rounds that count [10]")
    parser.add_argument("--only", choices=list(HOMEWORKS), help="one notebook instead of both")
    parser.add_argument("--twenty", choices=[*HOMEWORKS, "both", "none"], default="numpy", help="in a row [numpy]")
    parser.add_argument("--cores", type=int, default=1, help="cores for all processes together [1]")
    parser.add_argument("--json", action="store_true", help="print everything measured as JSON")
    options = parser.parse_args()
    if min(options.runs, options.cores) < 1:
        parser.error("--runs and --cores begin at 1")
    n_cores, reports, screen = use_cores(options.cores), {}, wide_console()
    for name in [options.only] if options.only else HOMEWORKS:
        row = options.twenty in (name, "both")
        reports[name] = measure(HOMEWORKS[name], options.runs, row=row, console=Console(stderr=True))
        if not options.json:
            show(screen, reports[name])
    if options.json:
        print(json.dumps({"cores": n_cores, "rounds": options.runs, "notebooks": reports}, indent=2))
    else:
        screen.print(f"Medians of {options.runs} runs, one after another, on {n_cores} core{'s' * (n_cores > 1)}.")


if __name__ == "__main__":
    main()
