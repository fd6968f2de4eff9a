"""What the machine has, how many kernels that is enough for, and what a notebook may use."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from grader.cli.doctor.finding import Finding, Status, looked
from grader.config import Limits

LIMITS = "Limits of a notebook, as [limits] in assignment.toml changes them"
UNITS = {  # what a limit's description begins with, and what follows its amount instead
    "processor seconds": "of processor time",
    "seconds": "",
    "memory of": "of memory for",
    "bytes": "",
    "number of": "",
}
MIN_DISK = 1_000_000_000
GIB = 2**30


def looks() -> Iterator[Finding]:
    """Yield what there is to say about the machine."""
    yield from looked("processors", _processors, otherwise=Status.LIMITED, remedy="")
    yield from looked("memory", _memory, otherwise=Status.LIMITED, remedy="")
    remedy = "Set TMPDIR to a folder you can write to."
    yield from looked("temp folder", _disk, otherwise=Status.LIMITED, remedy=remedy)


def limits() -> Iterator[Finding]:
    """Say what a notebook may use where its assignment says nothing else."""
    limits = Limits()
    for name, about in Limits.model_fields.items():
        value, what = getattr(limits, name), about.description or ""
        for unit, instead in UNITS.items():
            if what.startswith(unit):
                what = f"{instead}{what.removeprefix(unit)}".strip()
                break
        found = f"{_amount(name, value)} {what}"
        yield Finding(name=name, status=Status.OK, found=found, data={"value": value})


def _processors() -> Iterator[Finding]:
    """Count processors."""
    count = _n_processors()
    yield Finding(name="processors", status=Status.OK, found=str(count), data={"count": count})


def _memory() -> Iterator[Finding]:
    """Look at memory, and say for how many kernels it and the processors are enough."""
    limits, (total, available) = Limits(), _bytes_of_memory()
    each = limits.memory_bytes + limits.scratch_bytes  # what a sealed kernel writes stays in memory, too
    data = {"bytes": total, "available_bytes": available, "kernel_bytes": each}
    found = f"{total / GIB:.1f} GB, {available / GIB:.1f} GB of it free"
    yield Finding(name="memory", status=Status.OK, found=found, data=data)
    processors, fit = _n_processors(), available // each
    side_by_side = min(processors, fit)
    use = f"each may use {_size(limits.memory_bytes)} of memory, and {_size(limits.scratch_bytes)} for files"
    data = {"count": side_by_side}
    if fit < 1:
        found = f"not even one that uses all it may: {use}. The system may stop it first"
        remedy = "Free memory, or lower memory_bytes in [limits] of the assignment."
        yield Finding(name="kernels", status=Status.LIMITED, found=found, remedy=remedy, data=data)
        return
    most = "memory" if fit < processors else "processors"
    count = "1 may run at a time" if side_by_side == 1 else f"{side_by_side} may run side by side"
    yield Finding(name="kernels", status=Status.OK, found=f"{count}, as the {most} allow; {use}", data=data)


def _n_processors() -> int:
    """Return how many processors this process may use, by its affinity and its control group."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for text in _group_files("cpu.max"):
        quota, period = text.split()
        if quota != "max":
            count = min(count, max(1, int(quota) // int(period)))
    return count


def _bytes_of_memory() -> tuple[int, int]:
    """Return the bytes of memory there are and those that are free, both at most what the control group allows."""
    memory = psutil.virtual_memory()
    total, available = memory.total, memory.available
    allowed = [int(text) for text in _group_files("memory.max", "memory.limit_in_bytes") if text != "max"]
    return min([total, *allowed]), min([available, total, *allowed])


def _group_files(*names: str) -> Iterator[str]:
    """Yield the content of files of this name in the control group of this process and in those above it."""
    root = Path("/sys/fs/cgroup")
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            place = root / controllers / path.strip("/")
            for folder in (place, *(above for above in place.parents if above.is_relative_to(root))):
                for name in names:
                    with suppress(OSError):
                        yield (folder / name).read_text().strip()


def _disk() -> Iterator[Finding]:
    """Look at the folder for temporary files."""
    folder = tempfile.gettempdir()
    with tempfile.TemporaryFile(dir=folder):
        free = shutil.disk_usage(folder).free
    data = {"folder": folder, "free_bytes": free}
    found = f"{free / 1e9:,.1f} GB free in {folder}, for notebooks that run unsealed"
    if free >= MIN_DISK:
        yield Finding(name="temp folder", status=Status.OK, found=found, data=data)
        return
    remedy = "Make room there, or set TMPDIR to a folder on another disk."
    yield Finding(name="temp folder", status=Status.LIMITED, found=found, remedy=remedy, data=data)


def _amount(name: str, value: float) -> str:
    """Return a limit in units for people; its name ends with the unit."""
    if name.endswith("_bytes"):
        return _size(int(value))
    if name.endswith("_s"):
        return f"{value / 60:g} min" if value >= 120 and value % 60 == 0 else f"{value:g} s"
    return f"{value:,}"


def _size(count: int) -> str:
    """Return a limit in bytes; memory comes in powers of two, files in powers of ten."""
    step = 1024 if count and count % 2**20 == 0 else 1000
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if count >= step**power:
            return f"{round(count / step**power, 1):,g} {unit}"
    return f"{count} bytes"
