"""How many submissions are graded at a time: as many as the machine has cores and memory for."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil

from grader.config import Limits

CGROUP = Path("/sys/fs/cgroup")
SHARE = 4  # a kernel seldom comes near its limit: this part of it is reckoned with


def default_jobs() -> int:
    """Return the cores this process may use, or fewer where kernels would not have the memory; at least 1."""
    return max(1, min(cores(), free_bytes() // (Limits().memory_bytes // SHARE)))


def cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def free_bytes() -> int:
    """Return the memory that is free for kernels: of the machine, or of the container around this process."""
    free: list[int] = [psutil.virtual_memory().available]
    with suppress(OSError, ValueError):  # no control group, or no bound
        bound = int((CGROUP / "memory.max").read_text())
        free.append(bound - int((CGROUP / "memory.current").read_text()))
    return min(free)
