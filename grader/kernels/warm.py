"""Starting wardens: one by itself, also ahead of time, or by a warm server, of which a grader has at most two.

Importing TensorFlow takes seconds and hundreds of megabytes, so notebooks that do not mention it are forked from a
server without it.
"""

from __future__ import annotations

import atexit
import functools
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from grader.errors import HarnessError

WARDEN = Path(__file__).parent / "warden"
POSSIBLE = sys.platform == "linux" and hasattr(os, "fork")  # elsewhere kernels are plain processes
HASH_SEED = "0"  # of forks it is the server's, so it is the same for every kernel

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/dev/null",  # a kernel gets its own; whatever is imported before finds nothing here
    "KERAS_HOME": "/dev/null/keras",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": HASH_SEED,
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pandas imports pyarrow, whose allocator would start a thread
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
# What Windows itself needs in an environment that is made from nothing.
KEPT = ("PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PROGRAMDATA", "PROCESSOR_ARCHITECTURE")


def start(work: str, descriptor: int) -> subprocess.Popen[bytes]:
    """Start the wardens' program with an environment made from nothing; it inherits one descriptor.

    `-s -P` isolate as `-I` does, but leave `PYTHONHASHSEED` its effect.
    """
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-s", "-P", str(WARDEN), work, str(descriptor)],
        cwd="/",
        env={**ENVIRONMENT, "MPLCONFIGDIR": str(font_cache())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[descriptor],
        start_new_session=True,
    )


@dataclass(frozen=True)
class Warden:
    """A warden that waits for its order at the other end of `line`."""

    line: socket.socket
    process: subprocess.Popen[bytes]
    owner: int = field(default_factory=os.getpid)

    @classmethod
    def started(cls) -> Warden:
        """Start one."""
        ours, theirs = socket.socketpair()
        with theirs:
            return cls(ours, start("guard", theirs.fileno()))

    def dismiss(self) -> None:
        """End it before it has an order."""
        self.line.close()
        if self.owner == os.getpid():  # else it was started before a fork, and is another process's
            self.process.kill()
            self.process.communicate()


_SPARE: list[Warden] = []


def get_ready() -> None:
    """Start a warden now, to have it ready when the next kernel is wanted: it imports things meanwhile."""
    if not _SPARE:
        _SPARE.append(Warden.started())


def new_warden() -> Warden:
    """Return a warden that waits for its order: the one started ahead, where it is there."""
    while _SPARE:
        spare = _SPARE.pop()
        if spare.owner == os.getpid() and spare.process.poll() is None:
            return spare
        spare.dismiss()
    return Warden.started()


@atexit.register
def _dismiss_spare() -> None:
    while _SPARE:
        _SPARE.pop().dismiss()


def system_environment() -> dict[str, str]:
    """Return the variables that the system itself needs; other than on Windows there are none."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} if os.name == "nt" else {}


class WarmServer:
    """A warm server of this process, started when the first kernel is wanted."""

    def __init__(self, work: str) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._owner = 0
        self.failures = 0
        atexit.register(self.stop)

    def call(self) -> socket.socket:
        """Return a line to a new warden. It answers when the server is warm."""
        with self._lock:
            for _ in range(2):
                line = self._ensure()
                ours, theirs = socket.socketpair()
                with theirs:
                    try:
                        socket.send_fds(line, [b"+"], [theirs.fileno()])
                    except OSError:  # it ended by itself
                        ours.close()
                        self._stop()
                    else:
                        return ours
        raise HarnessError("The warm server cannot be started.")

    def stop(self) -> None:
        """End it; kernels that run go on."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """The number of its process, None when there is none."""
        return None if self._process is None else self._process.pid

    def _ensure(self) -> socket.socket:
        if self._owner != os.getpid():  # after a fork: the other process's server is not ours to stop
            self._process = self._line = None
        if self._process is not None and self._process.poll() is not None:
            self._stop()
        if self._line is None:
            self._owner = os.getpid()
            self._line, theirs = socket.socketpair()
            with theirs:
                self._process = start(self._work, theirs.fileno())
        return self._line

    def _stop(self) -> None:
        if self._owner == os.getpid() and self._process is not None and self._line is not None:
            self._line.close()
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:  # which wardens that run still have
                self._process.stderr.close()
        self._process = self._line = None


SERVERS = {False: WarmServer("serve"), True: WarmServer("serve-tensorflow")}  # by whether they have TensorFlow


def font_cache() -> Path:
    """Return matplotlib's cache folder of this user, with its list of fonts in it: to make that takes seconds."""
    folder = font_folder()
    if not fonts():
        program = [sys.executable, "-I", "-c", "import matplotlib.font_manager"]
        variables = {"PATH": os.defpath, **system_environment(), "MPLCONFIGDIR": str(folder)}
        subprocess.run(program, env=variables, capture_output=True, check=False)  # noqa: S603
        fonts.cache_clear()
    return folder


@functools.cache
def fonts() -> tuple[str, ...]:
    """Return the files of matplotlib's lists of fonts."""
    return tuple(map(str, font_folder().glob("fontlist-*.json")))


def font_folder() -> Path:
    """Return the folder in which matplotlib keeps its lists of fonts, whether it is there or not."""
    return Path(platformdirs.user_cache_dir("homework-grader")) / "matplotlib"
