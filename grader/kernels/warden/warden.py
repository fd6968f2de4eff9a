"""The warden of one kernel: starts it where it is told, watches what it uses, ends everything it started.

In a sandbox the warden itself enters the sandbox's namespaces (all but the PID namespace, which only its children
enter), so that `/proc` and `/scratch` are the kernel's, while no process in there can see it or send it a signal.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from grader.kernels.inside import kernel
    from grader.kernels.warden import seal
    from grader.kernels.warden.holder import Holder, SealError
    from grader.kernels.warden.line import Line
    from grader.kernels.warden.place import Place
    from grader.kernels.warden.usage import Usage
else:
    import kernel
    import seal
    from holder import Holder, SealError
    from line import Line
    from place import Place
    from usage import Usage

TICK_S = 0.1
LOG_TAIL = 2_000

Order = dict[str, Any]


def guard(grader: socket.socket) -> NoReturn:
    """Serve one kernel from the order that comes first on the socket to its end; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    line = Line(grader)
    with contextlib.suppress(EOFError):
        order = line.next()
        grader.setblocking(False)  # noqa: FBT003
        warden = Warden(line, order)
        try:
            warden.start()
        except SealError as error:
            line.say({"failed": str(error), "remedy": error.remedy})
        except BaseException as error:  # noqa: BLE001 - the grader must hear of it
            line.say({"failed": f"{type(error).__name__}: {error}"})
        else:
            warden.watch()
        finally:
            line.say(warden.end())
    os._exit(0)


class Warden:
    """The kernel's process, its sandbox, and what they use."""

    def __init__(self, line: Line, order: Order) -> None:
        self._line, self._order = line, order
        self._holder: Holder | None = None
        self._kernel = 0
        self._code: int | None = None
        self._broken = ""
        self._log, self._said = -1, b""

    def start(self) -> None:
        """Start the kernel and tell the grader where its sockets are, once it has made them."""
        kernel.set_the_stage()
        place = Place.of(self._order)
        place.load_fonts(self._order["fonts"])
        if self._order["sealed"]:
            self._holder = Holder(self._order)
            self._holder.enter()
            place.bring(self._order["files"])
        else:
            seal.adopt_orphans()
        self._usage = Usage(self._order["limits"], None if self._holder is None else place.root)
        ready, made = os.pipe()
        self._log, log = os.pipe()
        os.set_blocking(self._log, False)
        self._kernel = os.fork()
        if not self._kernel:
            _become_kernel(self._order, place, made, log)
        os.close(made)
        os.close(log)
        self._await(ready)
        sockets = os.open(place.ipc, os.O_PATH)
        self._line.say({"kernel": self._kernel}, sockets)
        os.close(sockets)

    def _await(self, ready: int) -> None:
        """Wait until the kernel has made its sockets, or is gone; what it says meanwhile is kept."""
        while not select.select([ready], [], [], TICK_S)[0]:
            self._listen()
            self._obey()
            if self._line.closed:
                raise InterruptedError("the grader wants no kernel any more")
        done = os.read(ready, 1)
        os.close(ready)
        if not done:
            raise ChildProcessError("the kernel ended before it was ready")

    def watch(self) -> None:
        """Return when the kernel has ended, has used too much, or the grader wants no more of it."""
        try:
            self._watch()
        except Exception:  # noqa: BLE001 - ours, and told as such
            self._broken, self._said = "warden", traceback.format_exc().encode()

    def _watch(self) -> None:
        ended = _descriptor_of(self._kernel)
        poller = select.poll()
        for descriptor in (self._line.end.fileno(), self._log, ended):
            if descriptor >= 0:
                poller.register(descriptor, select.POLLIN)
        looked = time.monotonic()
        while not self._line.closed and not self._broken and not self._has_ended():
            events = {descriptor for descriptor, _ in poller.poll(1000 * TICK_S)}
            if self._log in events and not self._listen():
                poller.unregister(self._log)
            if self._line.end.fileno() in events:
                self._obey()
            if time.monotonic() - looked > TICK_S:
                self._broken, looked = self._usage.broken(), time.monotonic()

    def _obey(self) -> None:
        for message in self._line.heard():
            if message["do"] == "interrupt" and not self._has_ended():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._kernel, signal.SIGINT)
            elif message["do"] == "cell":
                self._usage.begin_cell()
            elif message["do"] == "end":
                self._line.closed = True

    def _listen(self) -> bool:
        """Keep the end of what the kernel's process writes itself; return False when nobody is there to write."""
        try:
            data = os.read(self._log, 65_536)
        except BlockingIOError:
            return True
        self._said = (self._said + data)[-LOG_TAIL:]
        return bool(data)

    def _has_ended(self) -> bool:
        if self._code is None and self._kernel:
            found, status = os.waitpid(self._kernel, os.WNOHANG)
            if found:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code is not None

    def end(self) -> dict[str, Any]:
        """Kill everything that was started, wait until it is gone, and return how the kernel ended."""
        if self._holder is not None:
            self._holder.kill()
        if self._kernel and not self._has_ended():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._kernel, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._kernel, signal.SIGKILL)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self._kernel, 0)[1])
        if self._holder is not None:
            self._holder.wait()
        else:
            _end_orphans()
        if self._log >= 0:
            self._listen()
        return {"code": self._code, "broken": self._broken, "said": self._said.decode(errors="replace")}


def _descriptor_of(process: int) -> int:
    """Return a descriptor that becomes readable when a child ends, -1 where the system has none (macOS)."""
    return os.pidfd_open(process) if hasattr(os, "pidfd_open") else -1


def _end_orphans() -> None:
    """Kill what a kernel without a sandbox left running: its orphans became children of this process."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while children.exists() and (found := children.read_text().split()):
        for process in map(int, found):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)


def _become_kernel(order: Order, place: Place, ready: int, log: int) -> NoReturn:
    """Seal this process, turn it into the kernel, and serve until it is killed."""
    code = 1
    try:
        os.setsid()
        _keep_only(ready, log)
        if order["sealed"]:
            seal.give_up_identity()
        seal.die_with_warden()
        place.furnish()
        seal.give_up(order, place)
        app = kernel.prepare(place.connection, order["seed"], place.data, order["budget"])
        kernel.leave_the_stage()
        os.write(ready, b"1")
        os.close(ready)
        app.start()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - the end of this process
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _keep_only(ready: int, log: int) -> None:
    """Close every inherited descriptor but `ready`; input is empty, output goes to `log`."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.closerange(3, ready)
    os.closerange(ready + 1, os.sysconf("SC_OPEN_MAX"))
