"""A class as plain Python: the floor that every grader is held against.

    python bench/floor.py numpy|images|keras|tiny

is a process that has imported everything. For every line on standard input, the path of a notebook, it runs the cells
(one that raises does not stop the others, one over the time limit is stopped) and asks the checks of `classes.py`,
and answers with a line of JSON: the wall seconds, the processor seconds, and how many checks were content. What
students plot is drawn. Data sets are the ones our kernels are served.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import nbformat  # noqa: E402
from classes import Homework, homework_of  # noqa: E402


class OverTimeError(BaseException):
    """A cell took longer than it may; no `except Exception` of a student catches it."""


def run(homework: Homework, sources: Sequence[str]) -> dict[str, float]:
    """Run the cells in a fresh dict and ask the checks."""
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    with contextlib.redirect_stdout(io.StringIO()):
        began, used = time.perf_counter(), time.process_time()
        for source in sources:
            with contextlib.suppress(Exception, OverTimeError), limited(homework.cell_s):
                exec(compile(source, "<cell>", "exec"), names)  # noqa: S102 - a notebook we made
        content = sum(is_content(check, names) for check in homework.checks)
        seconds, processor_s = time.perf_counter() - began, time.process_time() - used
    return {"seconds": seconds, "processor_s": processor_s, "score": content}


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise OverTimeError in the block when it takes too long."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def is_content(check: Callable[[Any], None], names: Mapping[str, Any]) -> bool:
    """Tell whether a check finds the notebook right."""
    try:
        check(SimpleNamespace(**names))
    except Exception:  # noqa: BLE001 - whatever a student's function raises
        return False
    return True


def serve_data() -> None:
    """Have Keras's loaders give what our kernels are served."""
    import keras

    from grader import datasets

    for module, source in ((keras.datasets.mnist, "digits"), (keras.datasets.fashion_mnist, "garments")):
        rows = datasets.training(source), datasets.testing(source)
        module.load_data = lambda rows=rows: tuple((x.copy(), y.copy()) for x, y in rows)


def draw_figures() -> None:
    """Have `plt.show` draw every figure as a kernel does, into memory."""
    import matplotlib.pyplot as plt

    def show(*_: Any, **__: Any) -> None:
        for number in plt.get_fignums():
            plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")

    plt.show = show


class Floor:
    """So many processes that run notebooks as plain Python, at the same time."""

    def __init__(self, homework: Homework, jobs: int, environment: Mapping[str, str]) -> None:
        command = [sys.executable, str(Path(__file__).resolve()), homework.name]
        self._processes = [
            subprocess.Popen(
                command,
                env={**environment, "MPLBACKEND": "agg", "PYTHONWARNINGS": "ignore"},
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(jobs)
        ]

    def warm_up(self, path: Path) -> None:
        """Have every process run a notebook once."""
        for process in self._processes:
            _ask(process, path)

    def __call__(self, paths: Sequence[Path]) -> dict[str, Any]:
        """Return the seconds until all of them were run, the processor seconds, and the points by the file's name."""
        idle: Queue[Any] = Queue()
        for process in self._processes:
            idle.put(process)

        def one(path: Path) -> dict[str, float]:
            process = idle.get()
            try:
                return _ask(process, path)
            finally:
                idle.put(process)

        began = time.perf_counter()
        with ThreadPoolExecutor(len(self._processes)) as threads:
            found = list(threads.map(one, paths))
        seconds = time.perf_counter() - began
        scores = {path.stem: int(each["score"]) for path, each in zip(paths, found, strict=True)}
        return {"seconds": seconds, "processor_s": sum(each["processor_s"] for each in found), "scores": scores}

    def end(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.communicate()


def _ask(process: Any, path: Path) -> dict[str, float]:
    process.stdin.write(f"{path}\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise SystemExit(f"The plain run of {path} failed.")
    return json.loads(answer)  # type: ignore[no-any-return]


def _over_time(*_: Any) -> None:
    raise OverTimeError


def main() -> None:
    """Answer every line of input with the measurement of one notebook."""
    homework = homework_of(sys.argv[1])
    for name in homework.imports:
        importlib.import_module(name)
    if "keras" in homework.imports:
        serve_data()
    if "matplotlib.pyplot" in homework.imports:
        draw_figures()
    signal.signal(signal.SIGALRM, _over_time)
    answers = os.fdopen(os.dup(1), "w")
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        cells = nbformat.read(line.strip(), 4).cells
        found = run(homework, [cell.source for cell in cells if cell.cell_type == "code"])
        print(json.dumps(found), file=answers, flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
