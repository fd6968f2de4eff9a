"""What the command says on stderr, and how it ends: errors become a line and an exit code, signals an orderly stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from grader.errors import GraderError, reason_of

STOPPED = 130  # what a shell reports for Ctrl-C
SEE_MORE = "Run it again with --verbose to see where."


def say(text: str) -> None:
    """Write a line to stderr."""
    click.echo(visible(text), err=True)


def complain(text: str) -> None:
    """Write an error to stderr."""
    colour = False if os.environ.get("NO_COLOR") else None
    click.echo(click.style("Error:", fg="red", bold=True) + f" {visible(text)}", err=True, color=colour)


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
    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def visible(text: str) -> str:
    """Return the text with control characters spelled out: a file's name must not steer a terminal."""
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Act as Ctrl-C does at this moment: asyncio, for one, puts a handler of its own in place while it runs."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
