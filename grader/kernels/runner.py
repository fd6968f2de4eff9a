"""Running a student's notebook, and asking it questions afterwards.

Theory of operation
-------------------
Processes. The *grader* (this one) is trusted. A provisioner has a *warden* started, a small trusted process that
starts the *kernel*, watches what it uses, and ends it. The kernel runs the student's code with an environment built
from nothing, sealed in namespaces or, if that is asked for, in a plain scratch folder; nothing it says is believed.
It gets no Ctrl-C from the terminal, and ends with the warden, which ends with the grader. docs/security.md says more.

Channels. Sockets in the kernel's own folder, made before the first cell, connected to once:

    shell    the grader asks, one thing at a time: `execute_request` for a cell, `grader_request` for the rest
    iopub    the kernel tells what cells print and show, within budgets
    control, stdin    made by ipykernel, not used: interrupts are signals, and nobody types

A cell. `{"op": "cell", "index": i}` names it, nbclient executes it; the answer to the next naming, or to
`{"op": "events"}` at the end, brings what was made harmless. Past its time limit a cell is interrupted
(SIGINT to the kernel's process group); when that does not end it within two seconds, the kernel is killed.

A death. A kernel that ends, or has to be killed, is started again from nothing, and all cells run again but the
deadly one: at most twice per submission. After a death while answering a question, the next question does so.

The end. `with Kernel(...)` always leaves with everything killed and removed; a Ctrl-C meanwhile has its effect
afterwards.

Without a warden (elsewhere than on Linux, for people who run their own code) the kernel is a plain child process; all
else is the same. See `plain`.

Files. `live` is one started kernel, `passes` one run of all cells on it, `cells` one cell (nbclient),
`client` the channels, `outputs` what a cell showed; `provisioners` talk with a warden, `warm` starts one, `plain`
does without, and both end by `killing`; `ahead` starts a process before it is wanted; `warden/` is its side, `inside/`
the kernel's.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbformat import NotebookNode

from grader.config import FORKED, PLAIN, Limits
from grader.errors import CallTimedOut, HarnessError, KernelDied
from grader.kernels.cells import StuckError
from grader.kernels.client import DiedError
from grader.kernels.flood import bound
from grader.kernels.live import Answer, Live, undisturbed
from grader.kernels.outputs import Shown
from grader.kernels.passes import Pass
from grader.kernels.plan import Plan
from grader.kernels.warm import POSSIBLE
from grader.results import Cell, Execution

MAX_REVIVALS = 2

OnCell = Callable[[int, int], None]
T = TypeVar("T")


class Kernel:
    """A student's kernel: made in a `with` statement, it runs a notebook and answers questions about it."""

    def __init__(
        self,
        limits: Limits,
        *,
        seed: int,
        provisioner: str = FORKED,
        **how: Any,
    ) -> None:
        """Plan a kernel; `how` are fields of `Plan`, and nothing starts before it is needed."""
        self._plan = Plan(limits=limits, seed=seed, **how)
        self._limits, self._provisioner = limits, _known(provisioner if self._plan.sealed or POSSIBLE else PLAIN)
        self._runner = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)  # libzmq's sockets need that kind
        self._live: Live | None = None
        self._starts = self._most_bytes = 0
        self._node = NotebookNode(cells=[])  # type: ignore[no-untyped-call]
        self._deadly: dict[int, Cell] = {}
        self._attempt: Pass | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with undisturbed():
            try:
                self._end()
            finally:
                self._runner.close()

    @property
    def alive(self) -> bool:
        """Whether there is a process that can be asked."""
        return self._live is not None and self._live.alive

    @property
    def sandbox(self) -> str:
        """How the kernel is sealed: "namespaces", or "none" for a plain process."""
        return "namespaces" if self._plan.sealed else "none"

    def start(self) -> None:
        """Start the process unless it runs; `run` and `ask` do so by themselves."""
        self._wait_for(self._start())

    def run(self, node: NotebookNode, on_cell: OnCell | None = None) -> Execution:
        """Run a notebook's cells and return what that gave; never raises for what a student's code does.

        `on_cell(index, total)` is called before each cell. The notebook itself is not changed.
        """
        self._node, self._deadly = copy.deepcopy(node), {}
        return self._wait_for(self._execute(on_cell))

    def shown(self, index: int) -> Shown | None:
        """Return what a cell showed when the notebook was run; None when it was not run."""
        return None if self._attempt is None else self._attempt.shown(index)

    def ask(
        self, content: dict[str, Any], buffers: Sequence[bytes] = (), *, timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Ask the agent in the kernel; return its answer's content and buffers.

        Raises CallTimedOut when the answer had to be stopped, KernelDied when the kernel ended meanwhile or
        was already ended too often to be started again.
        """
        return self._wait_for(self._ask(content, buffers, timeout_s))

    # --- the life of a kernel -----------------------------------------------------------------------------

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _start(self) -> Live:
        if self._live is not None and self._live.alive:
            return self._live
        self._end()
        if self._starts > MAX_REVIVALS:
            message = f"The kernel ended {self._starts} times and is not started any more."
            raise KernelDied(message)
        self._starts += 1
        self._most_bytes = self._most_bytes or bound()
        try:
            with undisturbed():  # a scratch folder is made, which has to be known to be removed
                self._live = Live(self._provisioner, self._plan, self._most_bytes)
        except OSError as error:
            message = f"The scratch folder of a kernel could not be made: {error}."
            raise HarnessError(message) from error
        await self._live.start()
        return self._live

    def _end(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.end()

    async def _execute(self, on_cell: OnCell | None) -> Execution:
        """Run the cells until a kernel stands that has run them all but those that ended it."""
        began = monotonic()
        while True:
            live = await self._start()
            attempt = self._attempt = Pass(live, self._node, self._limits, self._deadly)
            death = await attempt.run(on_cell)
            if death is None:
                live.stop_listening()
                return attempt.execution(monotonic() - began, revived=True)
            self._deadly[death.index] = death
            if self._starts > MAX_REVIVALS:
                return attempt.execution(monotonic() - began, revived=False)

    async def _ask(self, content: dict[str, Any], buffers: Sequence[bytes], timeout_s: float) -> Answer:
        if not self.alive:
            await self._execute(None)
        live = await self._start()
        try:
            answer = await live.request(content, buffers, timeout_s)
        except DiedError:
            live.end()
            message = f"The kernel ended while your code was called: {live.died_how()}."
            raise KernelDied(message) from None
        except StuckError:
            live.end()
            answer = None
        if answer is None:
            message = f"The call took longer than {timeout_s:g} s and was stopped."
            raise CallTimedOut(message)
        return answer


def _known(provisioner: str) -> str:
    if provisioner not in KernelProvisionerFactory.instance().provisioners:
        again = "Install the package again: pip install --force-reinstall homework-grader"
        message = f"No kernel provisioner is called {provisioner!r}. {again}"
        raise HarnessError(message)
    return provisioner
