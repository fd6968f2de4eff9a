"""What a kernel's process gives up before a student's code runs in it: identity, capabilities, means, system calls.

The order matters: whatever needs a right comes before the right is dropped; Landlock and seccomp come last, and before
the kernel starts threads, since both hold for the calling thread and what it starts.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.platform == "linux":  # imported while they can be found
    with contextlib.suppress(ModuleNotFoundError):  # the holder refuses to seal without them
        import py_landlock
        from py_landlock import AccessFs
        from pyseccomp import ALLOW, EQ, ERRNO, GT, KILL_PROCESS, MASKED_EQ, NE, Arg, Attr, SyscallFilter

if TYPE_CHECKING:
    from grader.kernels.warden.holder import CLONE_NEWUSER
    from grader.kernels.warden.place import Place
else:
    from holder import CLONE_NEWUSER

NOBODY, STUDENT = 65534, 1000  # outside and inside the kernel's user namespace
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 4, 24, 38, 47, 4
LINUX_CAPABILITY_VERSION_3 = 0x20080522
LAST_CAPABILITY = "/proc/sys/kernel/cap_last_cap"

FORBIDDEN = (
    # other namespaces, mounts and roots
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount"),
    *("fsconfig", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "quotactl", "quotactl_fd"),
    # other processes' memory
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise"),
    # memory that belongs to no process, and so is not counted
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open"),
    # large parts of the system nobody needs for homework
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("add_key", "request_key", "keyctl", "fanotify_init", "lookup_dcookie", "vmsplice", "acct", "syslog", "ioperm"),
    *("iopl", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon"),
    *("swapoff", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname"),
    *("vhangup", "mlockall", "mlock", "mlock2", "personality", "modify_ldt", "landlock_create_ruleset"),
)
NEW_NAMESPACES = (0x00000080, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
# AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: the network namespace holds nothing to reach with them. Of the last only
# NETLINK_ROUTE, with which libzmq asks for the interfaces.
SOCKET_FAMILIES = (1, 2, 10, 16)
AF_NETLINK, NETLINK_ROUTE = 16, 0
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
SOL_SOCKET, BUFFER_SIZES = 1, (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and the same by force

_libc = ctypes.CDLL(None, use_errno=True)


def give_up_identity() -> None:
    """Become an ordinary user in a user namespace without anybody else, and drop every capability in it."""
    outside = STUDENT  # in the holder's user namespace
    if os.geteuid() == 0:
        outside = NOBODY
        os.setgroups([])
        os.setresgid(outside, outside, outside)
        os.setresuid(outside, outside, outside)
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # else the files written next belong to root
    _call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{STUDENT} {outside} 1")
    Path("/proc/self/uid_map").write_text(f"{STUDENT} {outside} 1")
    for capability in range(int(Path(LAST_CAPABILITY).read_text()) + 1):
        _call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)


def die_with_warden() -> None:
    """Have the system kill this process when its parent ends, however it ends (Linux only)."""
    if sys.platform == "linux":
        _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that all can be found in the end (Linux only)."""
    if sys.platform == "linux":
        _call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def give_up(order: dict[str, Any], place: Place) -> None:
    """Set the limits of the process and, in a sandbox, take away everything a notebook does not need."""
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text("1000")  # if the machine runs out of memory, this goes first
    _limit(order["limits"], sealed=order["sealed"])
    if order["sealed"]:
        _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _restrict_files(place)
        _restrict_calls()


def _limit(limits: dict[str, Any], *, sealed: bool) -> None:
    """Set what the system counts per process; the sum over all of them is the warden's to watch."""
    memory, processor_s = limits["memory_bytes"], int(limits["cpu_s"]) + 1
    wanted = {
        resource.RLIMIT_DATA: memory * 3 // 4,
        resource.RLIMIT_AS: memory * 3,
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CPU: processor_s,
        resource.RLIMIT_CORE: 0,
    }
    if sealed:  # counted per user namespace
        wanted |= {resource.RLIMIT_NPROC: limits["processes"], resource.RLIMIT_MEMLOCK: 0}
    elif sys.platform == "darwin":
        del wanted[resource.RLIMIT_AS]
    for number, value in wanted.items():
        hard = resource.getrlimit(number)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (most, most))


def _restrict_files(place: Place) -> None:
    """Let nothing be written outside the scratch folder: a second line behind the mounts (Linux 5.13 and later)."""
    reading = AccessFs.READ_FILE | AccessFs.READ_DIR | AccessFs.EXECUTE
    rules = py_landlock.Landlock(strict=False)
    try:
        rules.add_path_rule("/", access=reading)
        rules.add_path_rule("/dev", access=reading | AccessFs.WRITE_FILE)
        rules.add_path_rule("/proc", access=reading | AccessFs.WRITE_FILE)
        writing = ~AccessFs(0) & ~(AccessFs.MAKE_CHAR | AccessFs.MAKE_BLOCK)
        rules.add_path_rule(place.root, "/tmp", access=writing)  # noqa: S108
        rules.allow_all_network().apply()
    except (py_landlock.LandlockNotAvailableError, py_landlock.LandlockDisabledError):
        return


def _restrict_calls() -> None:
    """Refuse the system calls that notebooks do not need, and others where their arguments ask for too much."""
    rules, refuse = SyscallFilter(ALLOW), ERRNO(errno.EPERM)
    for name in FORBIDDEN:
        rules.add_rule(refuse, name)
    for flag in NEW_NAMESPACES:
        rules.add_rule(refuse, "clone", Arg(0, MASKED_EQ, flag, flag))
    rules.add_rule(ERRNO(errno.ENOSYS), "clone3")  # its flags cannot be looked at; libraries then use `clone`
    unknown = ERRNO(errno.EAFNOSUPPORT)
    rules.add_rule(unknown, "socket", Arg(0, GT, max(SOCKET_FAMILIES)))
    for family in set(range(max(SOCKET_FAMILIES))) - set(SOCKET_FAMILIES):
        rules.add_rule(unknown, "socket", Arg(0, EQ, family))
    rules.add_rule(unknown, "socket", Arg(0, EQ, AF_NETLINK), Arg(2, NE, NETLINK_ROUTE))
    for option in BUFFER_SIZES:  # what waits in sockets is memory nobody counts: it stays small, without a word
        rules.add_rule(ERRNO(0), "setsockopt", Arg(1, EQ, SOL_SOCKET), Arg(2, EQ, option))
    shared = MAP_SHARED | MAP_ANONYMOUS  # such memory stays when it is not mapped in any more
    rules.add_rule(refuse, "mmap", Arg(3, MASKED_EQ, shared, shared))
    rules.set_attr(Attr.ACT_BADARCH, KILL_PROCESS)  # system calls of 32 bits, which the rules are not about
    rules.load()


def _call(name: str, *arguments: Any) -> None:
    """Call a function of the C library; OSError when it fails."""
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
