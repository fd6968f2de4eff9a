"""Ending what takes too long, and hearing the Stop button, without a second thread that runs a student's code.

Where the system has interval timers, a signal ends a call, also one that sleeps; elsewhere (Windows) a thread that does
nothing but wait has the main thread interrupted. A signal that comes while code of ours runs waits for the next one.
"""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

AGAIN_S = 0.05  # until the next try, where code of ours was running or a bare `except` caught the first
OURS = tuple(str(Path(__file__).parents[2] / part) for part in ("kernels", "selfcheck"))


class TooLong(BaseException):
    """A call took longer than it may; no `except Exception` of a student's catches it."""


class Stop:
    """The Stop button, and the limit of the call that is being made."""

    def __init__(self) -> None:
        self._asked, self._deaf = False, True
        self._armed = self._over = self._ringing = False
        self._here = threading.current_thread() is threading.main_thread()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take over the signals meanwhile; in a thread that gets none, nothing can be stopped."""
        if not self._here:
            yield
            return
        kept = {signal.SIGINT: signal.signal(signal.SIGINT, self._pressed)}
        timer = getattr(signal, "setitimer", None)
        if timer is not None:
            kept[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._rung)
            before = signal.getitimer(signal.ITIMER_REAL)
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            if timer is not None:
                timer(signal.ITIMER_REAL, *before)

    @contextlib.contextmanager
    def heeding(self) -> Iterator[None]:
        """Let the button raise KeyboardInterrupt; outside, while things are put back, it is only remembered."""
        self._deaf = False
        try:
            yield
        finally:
            self._deaf = True

    @contextlib.contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Raise TooLong in the code that is running, once this many seconds are over."""
        self._armed, self._over = self._here, False
        watch = self._timer(seconds) if self._here else contextlib.nullcontext()
        with watch:
            try:
                yield
            finally:
                self._armed = False

    def asked(self) -> bool:
        """Whether the button was pressed."""
        return self._asked

    @property
    def over(self) -> bool:
        """Whether the time of the last call was over."""
        return self._over

    def _timer(self, seconds: float) -> contextlib.AbstractContextManager[None]:
        return _interval(seconds) if hasattr(signal, "setitimer") else _waiting(seconds, self._ring)

    def _ring(self) -> None:
        """Have the main thread see that the time is over: called by the thread that waits."""
        if self._armed:
            self._over = self._ringing = True
            _thread.interrupt_main()

    def _rung(self, _: int, frame: FrameType | None) -> None:
        if self._armed:
            self._over = True
            self._raise(frame)

    def _pressed(self, _: int, frame: FrameType | None) -> None:
        ringing, self._ringing = self._ringing, False
        if not ringing:
            self._asked = True
            if not self._deaf:
                raise KeyboardInterrupt
        elif self._armed:
            self._raise(frame)

    def _raise(self, frame: FrameType | None) -> None:
        """Raise in a student's code or in what it called, not in ours, which is about to be done."""
        if frame is None or not frame.f_code.co_filename.startswith(OURS):
            raise TooLong


@contextlib.contextmanager
def _interval(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def _waiting(seconds: float, ring: Any) -> Iterator[None]:
    done = threading.Event()

    def wait() -> None:
        if not done.wait(seconds):
            ring()
            while not done.wait(AGAIN_S):
                ring()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
