"""A whole class: what `grade FOLDER` takes for a hundred different notebooks, right and wrong.

    python bench/class.py [--students 100] [--jobs 2] [--only numpy|keras] [--json]
    python bench/class.py --others [--students 10] [--rounds 2] [--only numpy|images|keras]
    python bench/class.py --memory 1000
    python bench/class.py --page 10000

The first grades a class (see `classes.py`) by whole commands, with a cache of their own: cold, where nothing is
known; warm, where nothing has changed; and after one check of the assignment was changed. In turn with them, a third
of the class each time, runs the floor (`floor.py`): the same notebooks' cells and checks as plain Python, in as many
warm processes as `--jobs`. `keras` is `backprop` with its own checks, of which the floor has fewer. Beside that, a
class of notebooks that do nothing shows what a submission costs before a student's first line.

Processor time is that of all processes of the cold command. A student's share of it is what kernels use beyond those
of the notebooks that do nothing: running cells, keeping what they print and draw, answering calls. All else is the
harness's: starting, the warm servers' imports, sealing, starting and ending kernels, checks and what they compute in
our own process, reports, the class page.

`--others` grades a class with nbgrader and otter-grader, too (`contest.py`). `--memory` grades so many tiny notebooks
and looks at memory on the way. `--page` puts so many results into a cache and times the command that finds them.
Everything runs on `--jobs` cores.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import contest  # noqa: E402
import synthetic  # noqa: E402
from classes import ROOT, Handed, Homework, homework_of, students, write  # noqa: E402
from floor import Floor  # noqa: E402
from kernels import plain_environment, use_cores, wide_console  # noqa: E402
from others import FailedError, Grade, install  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from watching import ROLES, Watched, watch  # noqa: E402

WARM_RUNS = 3
N_IDLE = 8  # notebooks that do nothing
MAX_HARNESS = 0.15  # of the processor time
MAX_WARM_S = 3.0  # for a hundred
MAX_GROWTH = 1.1  # of memory, from the hundredth submission to the last
MAX_PAGE_S, MAX_PAGE_MB = 30.0, 1024.0
FASTER = {"numpy": 2.0, "images": 5.0, "keras": 5.0}
MARKS = (100, 250, 500, 1_000, 2_000, 5_000)

Show = Callable[[Console, Mapping[str, Any]], None]
Target = tuple[str, float, bool]  # what was aimed at, what came out, whether it is met


class Batch:
    """A class in a folder, its assignment, and the command that grades it."""

    def __init__(self, homework: Homework, handed: Sequence[Handed], folder: Path, jobs: int) -> None:
        self.folder, self.n = folder, len(handed)
        self.environment = {**os.environ, "GRADE_CACHE": str(folder / "cache"), "PYTHONPATH": f"{folder}:{ROOT}"}
        self._options = ["--assignments", "assignments", "--assignment", homework.assignment, "--jobs", str(jobs)]
        if homework.assignment == "bench":
            Grade(name="grade", homework=contest.plain(homework), folder=folder, n_students=0).build()
            shutil.rmtree(folder / "submissions")
            about = folder / "assignments" / "bench" / "assignment.toml"
            about.write_text(f"{about.read_text()}[limits]\ncell_s = {homework.cell_s}\n")
        else:
            shutil.copytree(ROOT / "assignments" / homework.assignment, folder / "assignments" / homework.assignment)
        write(handed, folder / "submissions")

    def grade(self, *options: str) -> Watched:
        """Grade the class by one command and return what was seen; SystemExit when not everybody has a result."""
        command = [sys.executable, "-m", "grader", "submissions", *self._options, "--out", "results", "--quiet"]
        found = watch([*command, *options], self.folder, self.environment, self._n_graded)
        if found.code or self._n_graded() != self.n:
            raise SystemExit(f"grade left with exit code {found.code} and {self._n_graded()} results:\n{found.said}")
        return found

    def results(self) -> dict[str, dict[str, Any]]:
        """Return the results by the names of the notebooks."""
        files = sorted((self.folder / "results").glob("s*.json"))
        return {file.stem: json.loads(file.read_text()) for file in files}

    def bytes_each(self) -> dict[str, float]:
        """Return the mean bytes of notebooks, results and pages."""
        places = {"notebook": "submissions/*.ipynb", "result": "results/s*.json", "page": "results/s*.html"}
        sizes = {name: [file.stat().st_size for file in self.folder.glob(place)] for name, place in places.items()}
        return {name: statistics.mean(found) for name, found in sizes.items()}

    def change_a_check(self) -> str:
        """Change one check of the assignment, so that it still finds the same; return its name."""
        for path in sorted(self.folder.glob("assignments/*/checks/test_*.py"))[-1:]:
            text = path.read_text()
            test = next(node for node in ast.parse(text).body if getattr(node, "name", "").startswith("test_"))
            lines = text.splitlines(keepends=True)
            lines.insert(test.end_lineno or 0, "    assert True\n")
            path.write_text("".join(lines))
        return str(getattr(test, "name", ""))

    def _n_graded(self) -> float:
        return sum(name.startswith("s") and name.endswith(".json") for name in _names(self.folder / "results"))


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def measure(homework: Homework, n: int, jobs: int) -> dict[str, Any]:
    """Return all that is measured of one class."""
    handed = students(homework, n)
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "class").mkdir()
        batch = Batch(homework, handed, Path(home) / "class", jobs)
        floor = Floor(homework, jobs, plain_environment(home))
        paths = sorted((batch.folder / "submissions").iterdir())
        floor.warm_up(paths[0])
        plain = [floor(paths[0::3])]
        cold = batch.grade()
        first = batch.results()
        plain.append(floor(paths[1::3]))
        warm = [batch.grade() for _ in range(WARM_RUNS)]
        changed_check = batch.change_a_check()
        changed = batch.grade()
        plain.append(floor(paths[2::3]))
        floor.end()
        second, sizes = batch.results(), batch.bytes_each()
    scores = {name: points for part in plain for name, points in part["scores"].items()}
    return {
        "title": homework.title,
        "students": n,
        "kinds": {kind: sum(one.kind == kind for one in handed) for kind in sorted({one.kind for one in handed})},
        "floor_s": sum(part["seconds"] for part in plain),
        "floor_processor_s": sum(part["processor_s"] for part in plain),
        "cold_s": cold.seconds,
        "warm_s": [each.seconds for each in warm],
        "changed_s": changed.seconds,
        "changed_check": changed_check,
        "processor": processor(cold, n, idle(homework, jobs)),
        "memory": cold.highest,
        "bytes": sizes,
        "mean_score": statistics.mean(result["score"] / result["max_score"] for result in first.values()),
        "same_after_change": all(second[name]["score"] == result["score"] for name, result in first.items()),
        "as_plain": sum(result["score"] == scores[name] for name, result in first.items()),
        "timings": {
            part: statistics.mean(result["timings"][part] for result in first.values())
            for part in ("start", "kernel", "cells", "checks", "calls", "report")
        },
    }


def idle(homework: Homework, jobs: int) -> float:
    """Return the processor seconds of warden and kernel for a notebook that only imports."""
    line = "\n".join(f"import {name}" for name in homework.imports if name != "tensorflow")
    handed = [Handed(name=f"s{i}", kind="idle", cells=(("code", f"{line}\nown = {i}"),)) for i in range(N_IDLE)]
    with tempfile.TemporaryDirectory() as home:
        found = Batch(homework, handed, Path(home), jobs).grade()
    return found.short_lived_s / N_IDLE


def processor(seen: Watched, n: int, idle_s: float) -> dict[str, float]:
    """Return where the processor seconds of a command went."""
    kernels_s = seen.short_lived_s
    students_s = max(0.0, kernels_s - n * idle_s)
    lasting = {role: seen.used_s(role) for role in ROLES[:4]}
    return {
        "all": seen.total_s,
        **lasting,
        "kernels": kernels_s,
        "idle": n * idle_s,
        "students": students_s,
        "harness": seen.total_s - students_s,
        "share": 1 - students_s / seen.total_s,
        "exact": float(seen.processor_s is not None),
    }


def memory(n: int, jobs: int) -> dict[str, Any]:
    """Grade tiny notebooks and return how much memory each role had on the way, at the marks and at the end."""
    homework = homework_of("tiny")
    handed = [one for one in students(homework, n + n // 50) if one.kind != "endless"][:n]
    with tempfile.TemporaryDirectory() as home:
        found = Batch(homework, handed, Path(home), jobs).grade()
    rows = []
    for mark in sorted({*(mark for mark in MARKS if mark < n), n}):
        near = [largest for graded, largest in found.weighed if 0.8 * mark <= graded <= 1.0 * mark]
        if near:
            middle = {role: statistics.median(each.get(role, 0.0) for each in near) for role in (*ROLES, "all")}
            rows.append({"graded": mark, **middle})
    return {"submissions": n, "seconds": found.seconds, "rows": rows, "highest": found.highest}


# --- what comes of it -------------------------------------------------------------------------------------------------


def targets(found: Mapping[str, Any]) -> list[Target]:
    """Return what was aimed at for a class."""
    warm_s, share = statistics.median(found["warm_s"]), found["processor"]["share"]
    hundred_s = MAX_WARM_S * max(1.0, found["students"] / 100)
    return [
        (f"nothing changed: under {hundred_s:g} s", warm_s, warm_s < hundred_s),
        (f"the harness takes under {MAX_HARNESS:.0%} of the processor time, %", 100 * share, share < MAX_HARNESS),
    ]


def show(console: Console, found: Mapping[str, Any]) -> None:
    """Print the tables of one class."""
    n, floor_s = found["students"], found["floor_s"]
    table = Table(title=f"{found['title']}; {n} students", title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    for column in ("seconds", "each, s", "a minute", "× floor"):
        table.add_column(column, justify="right", no_wrap=True)
    rows = {
        "the floor: plain Python, warm": floor_s,
        "cold": found["cold_s"],
        "nothing changed": statistics.median(found["warm_s"]),
        f"one check changed ({found['changed_check']})": found["changed_s"],
    }
    for label, seconds in rows.items():
        cells = (f"{seconds:.2f}", f"{seconds / n:.3f}", f"{60 * n / seconds:.0f}", f"{seconds / floor_s:.2f}")
        table.add_row(label, *cells)
    console.print(table)
    used, weights = found["processor"], found["memory"]
    counted = "counted" if used["exact"] else "seen, so too little"
    console.print(
        f"Processor seconds ({counted}): all {used['all']:.1f} = students {used['students']:.1f} + kernels started and "
        f"ended {used['idle']:.1f} + workers {used['worker']:.1f} + warm servers {used['server']:.1f} + main process "
        f"{used['main']:.1f} + starter {used['starter']:.1f}; the floor used {found['floor_processor_s']:.1f}."
    )
    console.print(f"Highest memory, MB: {', '.join(f'{role} {mb:.0f}' for role, mb in weights.items())}")
    console.print(f"Bytes each: {', '.join(f'{kind} {size:,.0f}' for kind, size in found['bytes'].items())}")
    console.print(f"Seconds each: {', '.join(f'{part} {s:.2f}' for part, s in found['timings'].items())}")
    console.print(f"Students: {found['kinds']}; mean score {found['mean_score']:.0%}")
    if not found["same_after_change"]:
        console.print("[red]scores changed with the check[/]")
    judge(console, targets(found))


def judge(console: Console, found: Sequence[Target]) -> None:
    """Print what became of the targets."""
    for text, value, met in found:
        console.print(f"{'[green]met[/]   ' if met else '[red]missed[/]'} {text}: {value:.2f}")
    console.print()


def show_contest(console: Console, found: Mapping[str, Any]) -> None:
    """Print how the graders compare on one class."""
    n, floor_s = found["students"], statistics.median(found["floor"])
    table = Table(title=f"{found['title']}; {n} students", title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    for column in ("seconds", "from – to", "each, s", "a minute", "× floor", "× grade"):
        table.add_column(column, justify="right", no_wrap=True)
    ours_s, reached = statistics.median(found["seconds"].get("grade", [float("nan")])), []
    for grader, laps in {"the floor: plain Python, warm": found["floor"], **found["seconds"]}.items():
        seconds = statistics.median(laps)
        table.add_row(
            grader,
            f"{seconds:.1f}",
            f"{min(laps):.1f} – {max(laps):.1f}",
            f"{seconds / n:.2f}",
            f"{60 * n / seconds:.1f}",
            f"{seconds / floor_s:.2f}",
            f"{seconds / ours_s:.2f}",
        )
        if grader in contest.KINDS and grader != "grade":
            ratio = seconds / ours_s
            reached.append(
                (
                    f"at least {FASTER[found['name']]:g} × the throughput of {grader}",
                    ratio,
                    ratio >= FASTER[found["name"]],
                )
            )
    console.print(table)
    for grader, reason in found["failed"].items():
        console.print(f"[red]{grader} could not grade this class:[/] {reason}", highlight=False)
    judge(console, reached)


def show_memory(console: Console, found: Mapping[str, Any]) -> None:
    """Print memory on the way."""
    n = found["submissions"]
    table = Table(title=f"{n} tiny notebooks in {found['seconds']:.0f} s; MB", title_justify="left", title_style="bold")
    for column in ("graded", *ROLES, "all"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in found["rows"]:
        table.add_row(f"{row['graded']}", *(f"{row[role]:.0f}" for role in (*ROLES, "all")))
    table.add_row("highest", *(f"{found['highest'].get(role, 0):.0f}" for role in (*ROLES, "all")))
    console.print(table)
    first, last = found["rows"][0], found["rows"][-1]
    reached = []
    for role in ("main", "worker"):
        growth = last[role] / first[role]
        text = f"{role}: from the {first['graded']}th to the {last['graded']}th at most × {MAX_GROWTH:g}"
        reached.append((text, growth, growth <= MAX_GROWTH))
    judge(console, reached)


def show_page(console: Console, found: Mapping[str, Any]) -> None:
    """Print what the class page of many took."""
    console.print(json.dumps(found, indent=2), highlight=False)
    judge(
        console,
        [
            (f"under {MAX_PAGE_S:g} s", found["command_s"], found["command_s"] < MAX_PAGE_S),
            (f"under {MAX_PAGE_MB:g} MB", found["highest_mb"], found["highest_mb"] < MAX_PAGE_MB),
        ],
    )


def versions(aside: Console) -> dict[str, str]:
    """Return the graders that are here with their versions."""
    found = {"grade": "(sealed)"}
    for package in ("nbgrader", "otter-grader"):
        try:
            found[package] = install(package, aside)
        except FailedError as error:
            aside.print(f"[red]{package} cannot be installed here and is left out:[/] {error}", highlight=False)
    return found


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, help="of a class [100; with --others 10]")
    parser.add_argument("--jobs", type=int, default=2, help="submissions at a time, and cores [2]")
    parser.add_argument("--only", choices=("numpy", "images", "keras"), help="one class")
    parser.add_argument("--others", action="store_true", help="nbgrader and otter-grader on the same class")
    parser.add_argument("--rounds", type=int, default=2, help="with --others [2]")
    parser.add_argument("--memory", type=int, metavar="N", help="memory while N tiny notebooks are graded")
    parser.add_argument("--page", type=int, metavar="N", help="the class page of N results that are known")
    parser.add_argument("--json", action="store_true", help="print everything measured as JSON")
    options = parser.parse_args()
    if min(options.students or 1, options.jobs, options.rounds, options.memory or 1, options.page or 1) < 1:
        parser.error("numbers begin at 1")
    return options


def measured(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any], Show]]:
    """Yield what was asked for: its name, what was measured, and how to print it."""
    n, jobs = options.students, options.jobs
    if options.memory:
        yield "memory", memory(options.memory, jobs), show_memory
    elif options.page:
        yield "page", synthetic.measure(options.page), show_page
    elif options.others:
        known = versions(Console(stderr=True))
        for name in [options.only] if options.only else FASTER:
            found = contest.measure(homework_of(name), n or 10, options.rounds, jobs, known)
            yield name, {"name": name, **found}, show_contest
    else:
        for name in [options.only] if options.only else ("numpy", "keras"):
            yield name, measure(homework_of(name), n or 100, jobs), show


def main() -> None:
    """Measure and print."""
    options = arguments()
    screen, cores = wide_console(), use_cores(options.jobs)
    report: dict[str, Any] = {"cores": cores}
    for name, found, show_it in measured(options):
        report[name] = found
        if not options.json:
            show_it(screen, found)
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        screen.print(f"Everything ran on {cores} core{'s' * (cores > 1)}.")


if __name__ == "__main__":
    main()
