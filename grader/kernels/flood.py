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


class FloodGuard:
    """Calls `stop` once the grader has grown too much since this was made; `broken` then is True."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self.broken = False
        self._stop, self._over = stop, threading.Event()
        self._grader = psutil.Process()
        self._most = self._bytes() + MAX_GROWTH
        threading.Thread(target=self._watch, daemon=True).start()

    def end(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(TICK_S):
            if self._bytes() > self._most:
                self.broken = True
                self._stop()
                return

    def _bytes(self) -> int:
        return int(self._grader.memory_info().rss)
