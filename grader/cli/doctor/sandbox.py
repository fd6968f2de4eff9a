"""Whether a kernel can be sealed, and what is in force in it."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from grader.cli.doctor.cells import printed, run
from grader.cli.doctor.finding import AGAIN, PATIENCE_S, Finding, Status, looked
from grader.kernels.sandbox import bubblewrap, why_not
from grader.kernels.warden.holder import SealError
from grader.report import words

NAMESPACES = {"user": "user", "mnt": "mount", "pid": "PID", "net": "network", "ipc": "IPC", "uts": "UTS"}

# Making a device is refused by Landlock before the system asks for a capability, and then with another number.
INSIDE = """
import json, os, stat
with open("/proc/self/status") as file:
    status = dict(line.strip().split(":", 1) for line in file)
try:
    os.mknod("device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    refused = 0
except OSError as error:
    refused = error.errno
spaces = {name: os.readlink(f"/proc/self/ns/{name}") for name in os.listdir("/proc/self/ns")}
print(json.dumps({"status": status, "refused": refused, "namespaces": spaces, "user": os.getuid()}))
"""


def looks() -> Iterator[Finding]:
    """Yield what there is to say about sealing."""
    yield from looked("bubblewrap", _bubblewrap)
    yield from looked("sealed kernel", _kernel)


def _bubblewrap() -> Iterator[Finding]:
    """Find bubblewrap."""
    try:
        path = bubblewrap()
    except SealError as error:
        yield Finding(name="bubblewrap", status=Status.MISSING, found=str(error), remedy=error.remedy)
        return
    version = "of unknown version"
    with suppress(OSError, subprocess.SubprocessError):
        asked = [path, "--version"]
        said = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE_S, check=True)  # noqa: S603
        version = said.stdout.strip().removeprefix("bubblewrap ")
    data = {"version": version, "path": path}
    yield Finding(name="bubblewrap", status=Status.OK, found=f"{version}, {path}", data=data)


def _kernel() -> Iterator[Finding]:
    """Run a cell in a sealed kernel, and tell from what it sees what is in force there."""
    name, refusal = "sealed kernel", why_not()
    if refusal is not None:
        remedy = "" if _nothing_to_start() else refusal.remedy  # which is said one line above
        yield Finding(name=name, status=Status.MISSING, found=f"cannot be started: {refusal}", remedy=remedy)
        return
    began = perf_counter()
    (cell,) = run([INSIDE], sealed=True)
    seconds = perf_counter() - began
    seen = json.loads(printed(cell))
    found = f"started, ran a cell and ended in {words.seconds(seconds)}"
    yield Finding(name=name, status=Status.OK, found=found, data={"seconds": round(seconds, 3)})
    yield _namespaces(seen["namespaces"])
    yield from _rights(seen["user"], {key: value.strip() for key, value in seen["status"].items()})
    yield _landlock(in_force=seen["refused"] == errno.EACCES)


def _nothing_to_start() -> bool:
    try:
        bubblewrap()
    except SealError:
        return True
    return False


def _namespaces(inside: dict[str, str]) -> Finding:
    shared = [label for name, label in NAMESPACES.items() if inside.get(name, _namespace(name)) == _namespace(name)]
    own = [label for label in NAMESPACES.values() if label not in shared]
    found = f"{', '.join(own)}: all its own" if not shared else f"shared with this machine: {', '.join(shared)}"
    return _required("namespaces", found, met=not shared, data={"own": own, "shared": shared})


def _required(name: str, found: str, *, met: bool, data: dict[str, Any]) -> Finding:
    """Return a finding on what every sealed kernel must have."""
    return Finding(
        name=name, status=Status.OK if met else Status.MISSING, found=found, remedy="" if met else AGAIN, data=data
    )


def _namespace(name: str) -> str:
    return str(Path(f"/proc/self/ns/{name}").readlink())


def _rights(user: int, status: dict[str, str]) -> Iterator[Finding]:
    """Say which rights are left, from the lines of `/proc/self/status`."""
    held = {key: value for key, value in status.items() if key.startswith("Cap")}
    no_new, seccomp = status.get("NoNewPrivs") == "1", status.get("Seccomp") == "2"
    some = sorted(key for key, value in held.items() if int(value, 16))
    found = f"{', '.join(some) or 'none'}, as user {user}; no_new_privs is {'set' if no_new else 'not set'}"
    good = bool(held) and not some and no_new and user != 0
    data = {"user": user, "no_new_privs": no_new, **held}
    yield _required("capabilities", found, met=good, data=data)
    found = "a filter refuses the system calls notebooks do not need" if seccomp else "there is no filter"
    yield _required("seccomp", found, met=seccomp, data={"filter": seccomp})


def _landlock(*, in_force: bool) -> Finding:
    data = {"in_force": in_force}
    if in_force:
        found = "in force, a second line behind the read-only file system"
        return Finding(name="Landlock", status=Status.OK, found=found, data=data)
    return Finding(
        name="Landlock",
        status=Status.LIMITED,
        found="not on this system: the read-only file system has no second line behind it",
        remedy="Use Linux 5.13 or later, with landlock among its security modules (boot option lsm=landlock,...).",
        data=data,
    )
