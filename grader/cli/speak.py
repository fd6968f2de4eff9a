"""What the command says and where, and how it ends: errors become a line and an exit code, signals an orderly stop."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TextIO

import click

from grader.errors import GraderError, OutputError, reason_of

STOPPED = 130  # what a shell reports for Ctrl-C
SEE_MORE = "Run it again with --verbose to see where."


class Output:
    """Standard output. A reader that goes away, or a full disk, ends what is printed there, not the work."""

    def __init__(self) -> None:
        self._trouble: OSError | None = None

    def put(self, text: str) -> None:
        """Write text and a line's end."""
        with self.printing():
            click.echo(text)

    @contextmanager
    def printing(self) -> Iterator[None]:
        """Take what the block prints."""
        try:
            yield
        except OSError as error:
            self._trouble = self._trouble or error
            _mute(sys.stdout)

    def require_taken(self) -> None:
        """Raise OutputError when something could not be printed, unless its reader just had enough."""
        if self._trouble is not None and not isinstance(self._trouble, BrokenPipeError):
            reason = self._trouble.strerror or str(self._trouble)
            raise OutputError(f"Cannot write to standard output: {reason}.") from self._trouble


def open_streams() -> None:
    """Put nothing where a standard stream is closed (`2>&-`): else the next file that is opened takes its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name it cannot write ends nothing


def say(text: str) -> None:
    """Write a line to stderr."""
    _to_stderr(visible(text))


def complain(text: str) -> None:
    """Write an error to stderr."""
    _to_stderr(click.style("Error:", fg="red", bold=True) + f" {visible(text)}")


def explain(error: Exception, *, verbose: bool, about: str = "") -> None:
    """Write an exception that ended something to stderr: a sentence, and on request the traceback."""
    complain(f"{about}{reason_of(error)}")
    if verbose:
        say("".join(traceback.format_exception(error)))
    elif not isinstance(error, GraderError):
        say(SEE_MORE)


@contextmanager
def told(*, verbose: bool) -> Iterator[None]:
    """End the command with a line on stderr and the exit code of what was raised inside."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
        raise  # click's own way of ending
    except KeyboardInterrupt:
        say("Stopped.")
        sys.exit(STOPPED)
    except Exception as error:  # noqa: BLE001 - the last line of defence: nobody should meet a bare traceback
        explain(error, verbose=verbose)
        sys.exit(error.exit_code if isinstance(error, GraderError) else 1)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let a plain `kill` and a closed terminal stop the work as Ctrl-C does: kernels end, files stay whole."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's business
        return
    before = {number: signal.getsignal(number) for number in _stops()}
    before = {number: handler for number, handler in before.items() if handler != signal.SIG_IGN}  # as nohup does
    for number in before:
        if number != signal.SIGINT:
            signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def finish_in_peace() -> None:
    """Ignore a second Ctrl-C, to the end of `stoppable` or of the process: what is done is being written down."""
    if threading.current_thread() is threading.main_thread():
        for number in _stops():
            signal.signal(number, signal.SIG_IGN)


def _stops() -> list[int]:
    return [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


def visible(text: str) -> str:
    """Return the text with control characters spelled out: a file's name must not steer a terminal.

    Lines but the first are indented, so that none looks like a message of its own.
    """
    return "\n  ".join(in_line(line) for line in text.rstrip("\n").split("\n"))


def in_line(text: str) -> str:
    """Return the text with every control character spelled out, also a line's end."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Act as Ctrl-C does at this moment: asyncio, for one, puts a handler of its own in place while it runs."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt


def _to_stderr(text: str) -> None:
    try:
        click.echo(text, err=True, color=False if os.environ.get("NO_COLOR") else None)
    except OSError:  # and where to say so?
        _mute(sys.stderr)


def _mute(stream: TextIO) -> None:
    """Let what is printed from now on, and what is still in the buffer, go nowhere."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
