"""Workers on many machines: a Dask cluster carries out the same tasks, with their files packed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from grader.batch.work import Done, Task, packed, work_far_away
from grader.errors import HarnessError, UsageError

PATIENCE_S = 10
INSTALL = "pip install 'homework-grader[cluster]'"


@contextmanager
def cluster(address: str) -> Iterator[tuple[Callable[[Task], Future[Done]], int]]:
    """Give a function that submits a task, and how many workers there are; at the end what still waits is forgotten.

    A task whose worker ends is given to another one by the scheduler; it still has one result. Raises UsageError when
    Dask is not installed, nobody answers at the address, or there is no worker.
    """
    try:
        from distributed import Client as Dask
    except ImportError as error:
        raise UsageError(f"--cluster needs the package distributed: {INSTALL}") from error
    try:
        client: Any = Dask(address, timeout=PATIENCE_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        reason = str(error).strip().splitlines()[:1]
        message = f"--cluster {address}: no Dask scheduler answers there ({' '.join(reason)}). Is it tcp://HOST:8786?"
        raise UsageError(message) from error
    try:
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            raise UsageError(f"--cluster {address}: the scheduler has no workers. Start some: dask worker {address}")
        executor = client.get_executor(pure=False)
        yield lambda task: executor.submit(_far_away, packed(task)), workers
    finally:
        with suppress(Exception):  # a scheduler that is gone has nothing left to be told
            client.close(timeout=PATIENCE_S)


def _far_away(task: Task) -> Done:
    """Do the work on a worker; what its own process cannot send back becomes a sentence."""
    try:
        return work_far_away(task)
    except OSError as error:
        raise HarnessError(f"A worker of the cluster could not work: {error}.") from error
