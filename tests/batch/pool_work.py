"""What workers are given to do in tests."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from grader.errors import SubmissionError


def double(number):
    return 2 * number


def fail(text):
    raise SubmissionError(text)


def time_out(text):
    raise TimeoutError(text)


def lambda_of(_):
    return lambda: None


def pid(_):
    return os.getpid()


def die(number):
    os.kill(os.getpid(), number)


def leave(code):
    os._exit(code)


def die_once(mark):
    """Die the first time, whoever carries it out."""
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def sleep(mark):
    """Say which process this is, then wait for minutes; say also that it was ended kindly."""
    Path(mark).write_text(str(os.getpid()))
    try:
        time.sleep(300)
    finally:
        Path(f"{mark}.ended").touch()


def ignore_everything(mark):
    """Wait for minutes, and do not listen to a kind word."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleep(mark)


def hold_memory(megabytes):
    """Leak, as a library might."""
    sys.leaked = [*getattr(sys, "leaked", []), bytearray(megabytes << 20)]
    return sum(map(len, sys.leaked)) >> 20


def child(mark):
    """Start a process of its own and wait for it."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"]) as process:
        Path(mark).write_text(str(process.pid))
        try:
            process.wait()
        finally:
            process.kill()
