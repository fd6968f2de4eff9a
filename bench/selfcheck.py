"""How long a student waits from saving a notebook to the verdicts, against a floor.

    python bench/selfcheck.py [--runs 7] [--cells 40]

The floor is what any check has to do: start a bare IPython kernel with jupyter_client, and run the cells that are
needed for the edited question. Compared with it are a first check, `grade watch` after an edit of one function (from
the rename that puts the file there to the event), and `grade hw.ipynb` as it is typed, start-up and report included.
All take turns, so that they meet the same machine. Printed are medians in seconds, and their ratios to the floor.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "selfcheck")]

from bundles import IMPORTS, cells, make_bundle, write_notebook  # noqa: E402

from grader.selfcheck.again import check  # noqa: E402
from grader.selfcheck.desk import Desk  # noqa: E402
from grader.selfcheck.watching import watching  # noqa: E402

TRAINING = (
    "W{i} = np.random.randn(200, 200)\nfor step in range(30):\n    W{i} = W{i} @ W{i}.T / np.abs(W{i}).max() / 200"
)
WATCHED_S = 120


def mean(number: int) -> str:
    """Return one more way to write the same function."""
    return f"def mean(x):\n    return np.sum(x) / len(x)  # {number}"


def save(path: Path, number: int, n_cells: int) -> None:
    """Put a notebook there in which one function was edited: others train."""
    more = [TRAINING.format(i=i) for i in range(n_cells)]
    part = write_notebook(
        path.with_name("part.ipynb"), cells(mean=mean(number), more=more), grader={"assignment": "small"}
    )
    part.replace(path)


def floor_s(number: int) -> float:
    """Return the seconds a bare kernel takes to start and to run the cells of one question."""
    began = time.perf_counter()
    manager = KernelManager()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    for source in (IMPORTS, mean(number)):
        client.execute_interactive(source, timeout=60)
    spent = time.perf_counter() - began
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return spent


def timed(work: Callable[[], object]) -> float:
    """Return the seconds something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def typed(folder: Path) -> None:
    """Type the command, as a student does."""
    words = [sys.executable, "-m", "grader", "hw.ipynb"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)


def measured(folder: Path, runs: int, n_cells: int) -> dict[str, list[float]]:
    """Return the seconds of every run, by what was run."""
    path, desk = folder / "hw.ipynb", Desk.at(folder)
    found: dict[str, list[float]] = {name: [] for name in ("floor", "first check", "watch", "typed again")}
    save(path, 0, n_cells)
    events: queue.Queue[float] = queue.Queue()

    def listen() -> None:
        for _ in watching(desk, path):
            events.put(time.perf_counter())

    threading.Thread(target=listen, daemon=True).start()
    events.get(timeout=WATCHED_S)
    for number in range(1, runs + 1):
        found["floor"].append(floor_s(number))
        save(path, number, n_cells)
        began = time.perf_counter()
        found["watch"].append(events.get(timeout=WATCHED_S) - began)
    path.replace(path.with_name("other.ipynb"))  # the watch waits from now on
    path = folder / "other.ipynb"
    for number in range(1, runs + 1):
        found["first check"].append(timed(lambda: check(desk, path, fresh=True)))
        save(folder / "typed" / "hw.ipynb", number, n_cells)
        found["typed again"].append(timed(lambda: typed(folder / "typed")))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--cells", type=int, default=40, help="cells that train, beside those of the questions")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["GRADE_CACHE"] = str(folder / "cache")
        make_bundle(folder)
        (folder / "typed").mkdir()
        found = measured(folder, options.runs, options.cells)
    medians = {name: statistics.median(times) for name, times in found.items()}
    for name, seconds in medians.items():
        print(f"{name:12} {seconds:6.2f} s  {seconds / medians['floor']:5.2f} × floor")
    print(json.dumps({"runs": options.runs, "cells": options.cells, "medians": medians}))


if __name__ == "__main__":
    main()
