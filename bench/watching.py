"""Looks at a `grade` command from outside: who uses how much memory and processor time.

The processes below the command, by how deep they are:

    main      0   the command itself, which writes all files
    starter   1   forks the workers (and whatever else the command starts)
    worker    2   reads, compares, writes pages; one submission at a time
    server    3   warm servers, at most two for each worker
    warden    4   guards one kernel
    kernel    5   the sealed kernel, and the holder of its namespaces

Wardens and kernels are too short-lived to be caught by looking now and then. What all processes together used comes
from a control group of their own, where one may be made (as root on Linux); wardens and kernels are then what the
others did not use. Without one it is what was seen, which is less than it was.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from notebooks import memory_of

ROLES = ("main", "starter", "worker", "server", "warden", "kernel")
LASTING = ROLES[:4]
LOOK_S, WEIGH_S = 0.1, 1.0  # memory takes longer to look at
MAX_SAID = 800
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
GROUPS = (  # control groups of version 1 and 2: the folder, the file, the seconds of its unit
    (Path("/sys/fs/cgroup/cpuacct"), "cpuacct.usage", 1e-9),
    (Path("/sys/fs/cgroup"), "cpu.stat", 1e-6),
)
JOIN = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


@dataclass(kw_only=True)
class Watched:
    """What was seen of a command: seconds, megabytes (proportional set size)."""

    seconds: float = 0.0
    code: int = 0
    said: str = ""
    processor_s: float | None = None  # of all processes, where the system counts it
    seen_s: dict[int, tuple[str, float]] = field(default_factory=dict)  # role and seconds of each process
    highest: dict[str, float] = field(default_factory=dict)  # of one process in each role, and of "all" together
    weighed: list[tuple[float, dict[str, float]]] = field(default_factory=list)  # what `mark` said, the largest by role

    def used_s(self, *roles: str) -> float:
        """Return the processor seconds seen in these roles."""
        return sum(seconds for role, seconds in self.seen_s.values() if role in roles)

    @property
    def total_s(self) -> float:
        """Processor seconds of all processes."""
        return self.processor_s if self.processor_s is not None else self.used_s(*ROLES)

    @property
    def short_lived_s(self) -> float:
        """Processor seconds of wardens and kernels."""
        return self.total_s - self.used_s(*LASTING)


def watch(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], mark: Callable[[], float] = lambda: 0.0
) -> Watched:
    """Run a command and return what was seen of it; `mark` is asked whenever memory is looked at."""
    found = Watched()
    with control_group() as group, tempfile.TemporaryFile() as said:
        joined = command if group is None else ["sh", "-c", JOIN, str(group[0]), *command]
        began = time.perf_counter()
        process = subprocess.Popen(
            joined, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        ended = threading.Event()
        looker = threading.Thread(target=_look, args=(process.pid, found, mark, ended))
        looker.start()
        found.code = process.wait()
        found.seconds = time.perf_counter() - began
        ended.set()
        looker.join()
        if group is not None:
            found.processor_s = _used(*group)
        said.seek(0)
        found.said = said.read().decode(errors="replace")[-MAX_SAID:]
    return found


def _look(root: int, found: Watched, mark: Callable[[], float], ended: threading.Event) -> None:
    weighed = 0.0
    while not ended.wait(LOOK_S):
        roles = roles_below(root)
        for process, (role, seconds) in roles.items():
            found.seen_s[process] = role, max(seconds, found.seen_s.get(process, ("", 0.0))[1])
        if time.perf_counter() - weighed > WEIGH_S:
            weighed = time.perf_counter()
            _weigh(roles, found, mark())


def _weigh(roles: Mapping[int, tuple[str, float]], found: Watched, mark: float) -> None:
    largest: dict[str, float] = {}
    everything = 0.0
    for process, (role, _) in roles.items():
        megabytes = memory_of(process).get("pss", 0.0)
        everything += megabytes
        largest[role] = max(largest.get(role, 0.0), megabytes)
    largest["all"] = everything
    found.weighed.append((mark, largest))
    for role, megabytes in largest.items():
        found.highest[role] = max(found.highest.get(role, 0.0), megabytes)


def roles_below(root: int) -> dict[int, tuple[str, float]]:
    """Return role and processor seconds of a process and of all below it."""
    parents, seconds = {}, {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - faster, and this is done often
        if name.isdecimal():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{name}/stat").read_text(errors="replace").rpartition(")")[2].split()
                parents[int(name)], seconds[int(name)] = int(fields[1]), TICK_S * (int(fields[11]) + int(fields[12]))
    found = {}
    for process in parents:
        depth, above = 0, process
        while above != root and above in parents:
            depth, above = depth + 1, parents[above]
        if above == root:
            found[process] = ROLES[min(depth, len(ROLES) - 1)], seconds[process]
    return found


@contextlib.contextmanager
def control_group() -> Iterator[tuple[Path, str, float] | None]:
    """Give a control group that counts processor time, None where none can be made."""
    for top, file, unit in GROUPS:
        folder = top / f"bench-{os.getpid()}-{time.monotonic_ns()}"
        try:
            if not (top / file).exists():
                continue
            folder.mkdir()
        except OSError:
            continue
        try:
            yield folder, file, unit
        finally:
            with contextlib.suppress(OSError):  # somebody still in there: then it stays
                time.sleep(LOOK_S)
                folder.rmdir()
        return
    yield None


def _used(folder: Path, file: str, unit: float) -> float:
    text = (folder / file).read_text().split()
    return unit * int(text[text.index("usage_usec") + 1] if "usage_usec" in text else text[0])
