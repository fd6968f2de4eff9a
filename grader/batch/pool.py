"""Workers of this machine, each a process of its own: one that dies, or hangs, takes only its submission with it.

Each worker has a thread here that hands it one task after another over a pipe of its own. When the process dies, the
task is tried once more in a new one; when that dies too, the task has failed. A task that takes longer than it ever
may (kernels have limits of their own, so it is the grader that hangs) is killed.

Workers do not hear Ctrl-C: whoever asked does, and `stop` ends them, first kindly, so that kernels and folders go,
then by force. A worker whose asker is killed ends by itself, and so do its kernels.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

from grader.errors import HarnessError

PRELOADED = [
    "grader.batch.work",
    "grader.grading",
    "grader.report",
]  # imported once, by the process that forks the workers
MAX_TASKS = 250  # then a fresh process: what leaks, leaks only so much
TRIES = 2
GRACE_S = 5.0

T = TypeVar("T")
A = TypeVar("A")


class EndedError(Exception):
    """The process is gone."""


class TooLongError(Exception):
    """The task took longer than it may."""


class Pool:
    """At most `jobs` tasks at a time."""

    def __init__(self, jobs: int, *, max_tasks: int = MAX_TASKS) -> None:
        self._max_tasks = max_tasks
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="worker")
        self._own = threading.local()
        self._workers: set[Worker] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def submit(self, work: Callable[[A], T], task: A, *, limit_s: float) -> Future[T]:
        """Return what will be `work(task)`; the future raises what it raised, else HarnessError when there is nothing.

        That is so when workers died of it, or when it took longer than `limit_s`.
        """
        return self._threads.submit(self._carry_out, work, task, limit_s)

    def stop(self) -> None:
        """End all workers, also in the middle of their tasks."""
        with self._lock:
            self._stopped = True
            workers = list(self._workers)
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.end()
        self._threads.shutdown(wait=True)
        for worker in self._workers:  # not before: a thread that still listens would close, or read, another's pipe
            worker.close()

    def _carry_out(self, work: Callable[[A], T], task: A, limit_s: float) -> T:
        ending = ""
        for _ in range(TRIES):
            worker = self._worker()
            try:
                return worker.do(work, task, limit_s)
            except TooLongError:
                raise HarnessError(f"It took longer than {limit_s:.0f} s and was ended.") from None
            except EndedError:
                ending = worker.ending
        raise HarnessError(f"The process that graded it ended, {TRIES} times: {ending}.")

    def _worker(self) -> Worker:
        """Return this thread's worker; a new one where there is none, it has ended, or it has done enough."""
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is not None and worker.alive and worker.tasks < self._max_tasks:
            return worker
        with self._lock:
            if worker is not None:
                worker.end()
                worker.close()
                self._workers.discard(worker)
            if self._stopped:
                raise HarnessError("The grading was stopped.")
            self._own.worker = Worker()
            self._workers.add(self._own.worker)
        return self._own.worker  # type: ignore[no-any-return]


class Worker:
    """A process that does one task after another."""

    def __init__(self) -> None:
        context = _context()
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), name="grader")
        self._process.start()
        theirs.close()
        self.tasks = 0

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return bool(self._process.is_alive())

    @property
    def ending(self) -> str:
        """How the process ended, in words."""
        self._process.join()
        code = self._process.exitcode or 0
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def do(self, work: Callable[[A], T], task: A, limit_s: float) -> T:
        """Return `work(task)` or raise what it raised; EndedError when the process ends, TooLongError after a while."""
        self.tasks += 1
        try:
            self._line.send((work, task))
            if not wait([self._line, self._process.sentinel], limit_s):
                self.end(grace_s=0)
                raise TooLongError
            answer, error = self._line.recv()
        except (OSError, EOFError) as problem:
            raise EndedError from problem
        if error is not None:
            raise error
        return answer  # type: ignore[no-any-return]

    def terminate(self) -> None:
        """Ask the process to end now."""
        self._process.terminate()

    def end(self, *, grace_s: float = GRACE_S) -> None:
        """End the process: kindly, and after a while by force. Safe from any thread."""
        if grace_s:
            self.terminate()
            self._process.join(grace_s)
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        """Close the pipe; only where no other thread listens to it."""
        self._line.close()


def _context() -> Any:
    """Return how processes are started: forked from one that has imported everything, where that is possible."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    context.set_forkserver_preload(PRELOADED)
    return context


def _serve(line: Connection) -> None:
    """Do what comes over the line until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        while True:
            work, task = line.recv()
            _answer(line, work, task)
    except (EOFError, OSError, KeyboardInterrupt):
        return


def _answer(line: Connection, work: Callable[[Any], Any], task: Any) -> None:
    try:
        answer, error = work(task), None
    except Exception as raised:  # noqa: BLE001 - it goes to whoever asked
        answer, error = None, raised
    try:
        line.send((answer, error))
    except (pickle.PicklingError, TypeError, AttributeError) as problem:
        line.send((None, HarnessError(f"What came of it cannot be sent: {error or problem}")))


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
