"""A bound for what a kernel can make the grader itself hold.

libzmq bounds a frame, not a message of many frames, and takes them in before anybody can look at them. So a thread
watches the grader's own memory while a kernel lives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil

TICK_S = 0.1
MAX_GROWTH = 2 * 2**30  # bytes; a check with TensorFlow in it needs a third of this


def bound() -> int:
    """Return how many bytes the grader may hold while a notebook is run, however often its kernel is started."""
    return _held(psutil.Process()) + MAX_GROWTH


class FloodGuard:
    """Calls `stop` once the grader holds more than `most` bytes; `broken` then is True."""

    def __init__(self, stop: Callable[[], None], most: int) -> None:
        self.broken = False
        self._stop, self._over = stop, threading.Event()
        self._grader, self._most = psutil.Process(), most
        threading.Thread(target=self._watch, daemon=True).start()

    def end(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(TICK_S):
            if _held(self._grader) > self._most:
                self.broken = True
                self._stop()
                return


def _held(process: psutil.Process) -> int:
    return int(process.memory_info().rss)
