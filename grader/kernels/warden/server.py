"""The warm server: one process that has imported everything notebooks import, forked for each kernel.

It runs no student's code and no TensorFlow operation, and has one thread: whatever else a fork would copy could hang
in its children. For every descriptor it gets from the grader it forks a warden, which becomes the other end of that
socket. It ends with the grader, and by itself when it has grown; the grader then starts another.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.kernels.inside import kernel
    from grader.kernels.warden.warden import guard
else:
    import kernel
    from warden import guard

PRELOADED = (
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    "tornado.queues",
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "pandas",
    "sklearn.datasets",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.preprocessing",
)
TENSORFLOW = ("tensorflow", "keras.datasets", "tensorflow.keras")
PATIENCE_S = 5.0
MAX_FORKS = 2_000
MAX_GROWTH = 1.25  # times the memory it had when it was warm


class NotAloneError(Exception):
    """An import started a thread, so this process cannot be forked."""


def serve(grader: socket.socket, *, tensorflow: bool) -> None:
    """Import everything, then fork a warden for every descriptor that comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens are not waited for
    preload([*PRELOADED, *(TENSORFLOW if tensorflow else ())])
    _require_alone()
    gc.collect()
    gc.freeze()
    warm = _resident_pages()
    for _ in range(MAX_FORKS):
        called, descriptors, _, _ = socket.recv_fds(grader, 1, 1)
        if not called:
            return
        _fork(grader, descriptors[0])
        if _resident_pages() > MAX_GROWTH * warm:
            return


def preload(names: Sequence[str]) -> None:
    """Import what notebooks import; what is not installed is left out."""
    kernel.set_the_stage()
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    inspect.getmodule(sys._getframe())  # what tracebacks ask for: it remembers the files of all modules


def _fork(grader: socket.socket, descriptor: int) -> None:
    if os.fork():
        os.close(descriptor)
        return
    try:
        grader.close()
        guard(socket.socket(fileno=descriptor))
    finally:
        sys.stderr.flush()
        os._exit(1)


def _require_alone() -> None:
    """Wait for threads that imports started and that are about to end; NotAloneError for one that stays."""
    deadline = time.monotonic() + PATIENCE_S
    while (threads := _n_threads()) != 1:
        if time.monotonic() > deadline:
            message = f"{threads} threads run after the imports"
            raise NotAloneError(message)
        time.sleep(0.01)


def _n_threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def _resident_pages() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1])
