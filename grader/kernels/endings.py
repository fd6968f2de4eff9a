"""How a kernel or a cell ended, in words: which limit was met, which signal came."""

from __future__ import annotations

import signal

from grader.config import Limits
from grader.results import CellError

# What a cell's exception says when the system refused something, and for which limit.
REFUSALS = (
    ("MemoryError", "", "{memory:.3g} GB of memory for one process"),
    ("", "can't start new thread", "{limits.processes} processes and threads"),
    ("", "[Errno 11] Resource temporarily unavailable", "{limits.processes} processes and threads"),
    ("", "[Errno 24] Too many open files", "{limits.open_files} open files"),
    ("", "[Errno 27] File too large", "{file:,.0f} MB for one file"),
    ("", "[Errno 28] No space left on device", "{scratch:,.0f} MB for all files"),
)

SIGNALS = {  # by name: no system has them all
    "SIGKILL": "it was killed, as a system does when memory runs out",
    "SIGSEGV": "a segmentation fault",
    "SIGABRT": "it aborted",
    "SIGBUS": "a bus error, as when there is no room for shared memory",
    "SIGSYS": "it called the system in a way that is not allowed here",
}


def too_much(broken: str, limits: Limits) -> str:
    """Say in words which limit was broken, "" for none."""
    did = {
        "memory_bytes": f"used more than {limits.memory_bytes / 2**30:.3g} GB of memory",
        "cpu_s": f"used more than {limits.cpu_s:g} s of processor time for the whole notebook",
        "cell_cpu_s": f"used more than {limits.cell_cpu_s:g} s of processor time",
        "scratch_files": f"made more than {limits.scratch_files:,} files",
        "warden": "could not be watched",
        "sockets": f"opened more than {limits.sockets:,} sockets",
    }
    return f"it {did[broken]} and was stopped" if broken in did else ""


def died_how(code: int | None) -> str:
    """Say in words how a process ended."""
    if code is None:
        return "it was stopped"
    if code >= 0:
        return f"it left with exit code {code}"
    name = next((one.name for one in signal.Signals if one == -code), "")
    return SIGNALS.get(name, f"signal {-code} ended it")


def refused(error: CellError, limits: Limits) -> str:
    """Say in words which limit an exception comes from, "" where it comes from none."""
    for name, message, limit in REFUSALS:
        if (name and error.name == name) or (message and message in error.message):
            amounts = {
                "memory": limits.memory_bytes * 0.75 / 2**30,
                "file": limits.file_bytes / 1e6,
                "scratch": limits.scratch_bytes / 1e6,
            }
            return f"met the limit of {limit.format(limits=limits, **amounts)}"
    return ""
