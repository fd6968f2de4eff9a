"""What a kernel and everything it started use together: memory, processor time, files.

Limits of the system hold for one process each; shared memory, memfds and children escape them. Figures come from
`/proc` (proc(5)), in a sandbox from its own, which lists exactly the processes that count.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OWN_MEMORY = ("RssAnon:", "RssShmem:", "VmSwap:")
SHARED_FAIRLY = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
KIB = 1024


class Usage:
    """Compares with the limits what the processes use; `scratch` is the sandbox's writable folder."""

    def __init__(self, limits: dict[str, Any], scratch: str | None) -> None:
        self._limits, self._scratch = limits, scratch
        self._tick_s = 1 / os.sysconf("SC_CLK_TCK")
        self._cell_began_s = self._used_s = 0.0

    def begin_cell(self) -> None:
        """Count processor time anew, for one cell."""
        self._cell_began_s = self._seconds(self._processes())

    def broken(self) -> str:
        """Return the name of the first limit that is broken, "" when none is."""
        processes = self._processes()
        if self._memory(processes) > self._limits["memory_bytes"]:
            return "memory_bytes"
        used_s = self._seconds(processes)
        if used_s > self._limits["cpu_s"]:
            return "cpu_s"
        if used_s - self._cell_began_s > self._limits["cell_cpu_s"]:
            return "cell_cpu_s"
        if self._scratch is not None and _n_files(self._scratch, "/tmp") > self._limits["scratch_files"]:  # noqa: S108
            return "scratch_files"
        if self._scratch is not None and _n_sockets(processes) > self._limits["sockets"]:
            return "sockets"
        return ""

    def _processes(self) -> list[str]:
        """Return the folders in `/proc` of the processes that count."""
        if self._scratch is None:
            return [f"/proc/{process}" for process in _descendants(os.getpid())]
        return [f"/proc/{name}" for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208

    def _memory(self, processes: list[str]) -> int:
        """Return bytes; pages that several processes share count once, which is looked into only when it matters."""
        counted = sum(_sum_of(process, "status", OWN_MEMORY) for process in processes)
        if counted > self._limits["memory_bytes"]:
            counted = sum(_sum_of(process, "smaps_rollup", SHARED_FAIRLY) for process in processes)
        return counted

    def _seconds(self, processes: list[str]) -> float:
        """Return processor seconds of the processes and of their children that have ended; never less than before."""
        self._used_s = max(self._used_s, self._tick_s * sum(map(_ticks, processes)))
        return self._used_s


def _sum_of(process: str, file: str, names: tuple[str, ...]) -> int:
    """Return the sum of the named lines, in bytes; where the first thread has ended, those of a thread that lives."""
    for folder in _threads(process):
        with contextlib.suppress(OSError):
            lines = Path(folder, file).read_text(errors="replace").splitlines()
            found = [int(line.split()[1]) for line in lines if line.startswith(names)]
            if found:
                return KIB * sum(found)
    return 0


def _threads(process: str) -> Iterator[str]:
    """Yield a process's folder, then those of its threads."""
    yield process
    with contextlib.suppress(OSError):
        yield from (f"{process}/task/{thread}" for thread in os.listdir(f"{process}/task"))  # noqa: PTH208


def _ticks(process: str) -> int:
    with contextlib.suppress(OSError):
        fields = Path(f"{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return 0


def _n_files(*folders: str) -> int:
    """Return the number of files in the file systems of some folders, each counted once."""
    systems = {os.stat(folder).st_dev: os.statvfs(folder) for folder in folders}  # noqa: PTH116
    return sum(system.f_files - system.f_ffree for system in systems.values())


def _n_sockets(processes: list[str]) -> int:
    """Return the number of sockets in the network namespace: what is sent and not received is memory of nobody."""
    for process in processes:
        with contextlib.suppress(OSError):
            return int(Path(f"{process}/net/sockstat").read_text().split(maxsplit=3)[2])
    return 0


def _descendants(process: int) -> list[int]:
    found: list[int] = []
    waiting = [process]
    while waiting:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                children = [int(number) for number in (task / "children").read_text().split()]
                found += children
                waiting += children
    return found
