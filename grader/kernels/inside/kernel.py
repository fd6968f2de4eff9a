"""The kernel: ipykernel, tuned for grading, with one more kind of message.

A `grader_request` on the shell channel is answered by a `grader_reply`, on the main thread, so that an
interrupt reaches the student's function that is being asked. `{"op": "cell", "index": 7}` names the cell that
comes next, `{"op": "events"}` is the end of the cells (or, before the first, brings variables for the environment), and
both bring what was made harmless since the last one; everything else goes to the agent.
"""

from __future__ import annotations

import functools
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core.compilerop import CachingCompiler
from traitlets import Type
from traitlets.config import Config

if TYPE_CHECKING:
    from grader.kernels.inside import applications, figures, hooks, ledger, neutral, served
    from grader.kernels.inside.agent import Agent
    from grader.kernels.inside.counts import Counts
    from grader.kernels.inside.figures import Album
    from grader.kernels.inside.guard import Guard
    from grader.kernels.inside.journal import Journal
    from grader.kernels.inside.seeds import Seeds
else:
    import applications
    import figures
    import hooks
    import ledger
    import neutral
    import served
    from agent import Agent
    from counts import Counts
    from figures import Album
    from guard import Guard
    from journal import Journal
    from seeds import Seeds

MAX_FAILURE = 1_000
FLUSH_S = 1  # ipykernel waits ten times as long for a thread that may have died for want of descriptors
HERE = str(Path(__file__).resolve().parent)
INLINE = "matplotlib_inline.backend_inline"

JOURNAL, SEEDS, STORE = Journal(), Seeds(), served.Store()
ALBUM, LEDGER = Album(JOURNAL), ledger.Ledger(JOURNAL)


class CellCompiler(CachingCompiler):
    """Names code after the cell it stands in: `<cell 7>`, counted from 0; people read "cell 8"."""

    journal = JOURNAL

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """Return the file name of the cell that is running."""
        return "<call>" if self.journal.cell is None else f"<cell {self.journal.cell}>"

    def format_code_name(self, name: str) -> tuple[str, str] | None:
        """Return what tracebacks call a file name of ours."""
        return ("cell", str(int(name[6:-1]) + 1)) if name.startswith("<cell ") else None


class GraderKernel(IPythonKernel):
    """ipykernel's kernel that also answers the grader."""

    shell_class = Type(neutral.NeutralShell)
    compiler_class = Type(CellCompiler)  # type: ignore[assignment]
    journal = JOURNAL

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self.debugpy_stream = None
        self.shell_handlers["grader_request"] = self.grader_request
        shell: Any = self.shell
        shell.journal = self.journal
        self.console = neutral.Console(self.journal)
        shell.guard = guard = Guard()
        shell.ast_transformers.append(Counts(STORE, self.journal))
        self.agent = Agent(shell, SEEDS.reseed, guard.restore, ALBUM, LEDGER)
        shell.display_pub.register_hook(ALBUM.hear)

    def start(self) -> None:
        """Start, with a loop that wakes up at signals.

        An interrupt of a cell that awaits something would otherwise be seen only at the next message. That the
        loop handles one signal, any, makes it wake up at all of them.
        """
        super().start()  # type: ignore[no-untyped-call]
        loop: Any = self.io_loop
        if hasattr(signal, "SIGWINCH"):  # Windows wakes its loop up by itself
            loop.asyncio_loop.add_signal_handler(signal.SIGWINCH, int)

    def _publish_status(self, status: str, channel: str, parent: Any = None) -> None:
        """Say "busy" and "idle" about cells only: nobody listens for the rest."""
        about: Any = parent or self.get_parent(channel)  # type: ignore[no-untyped-call]
        if about.get("header", {}).get("msg_type") == "execute_request":
            super()._publish_status(status, channel, parent)  # type: ignore[no-untyped-call]

    async def grader_request(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Answer, whatever happens: the grader must hear that an interrupt came through."""
        buffers: list[bytes] = []
        try:
            content, buffers = self._answer(parent["content"], [bytes(part) for part in parent["buffers"]])
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
            content = {"failed": f"{type(error).__name__}: {error}"[:MAX_FAILURE]}
        session: Any = self.session
        session.send(stream, "grader_reply", content, parent, ident=ident, buffers=buffers)

    def _answer(self, content: dict[str, Any], buffers: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        if content.get("op") not in {"cell", "events"}:
            return self.agent.handle(content, buffers)
        os.environ.update(content.get("environment", {}))
        self.journal.cell = content.get("index")
        return {"events": self.journal.take()}, []

    def raw_input(self, prompt: str = "") -> str:
        """Answer `input()` inside a cell."""
        return self.console.answer(prompt)

    def getpass(self, prompt: str = "", *_: Any, **__: Any) -> str:
        """Answer `getpass()` inside a cell."""
        return self.console.answer(prompt, "getpass")


class GraderApp(IPKernelApp):
    """ipykernel's application without what nobody uses here."""

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Read no settings: the same notebook gives the same result on every machine."""

    def init_heartbeat(self) -> None:
        """Have none: the grader watches the process itself."""

    def init_pdb(self) -> None:
        """Have none: there is nobody to type."""


@functools.cache
def set_the_stage() -> None:
    """Have everything that is imported from now on made harmless, seeded and served; only the first call counts."""
    after_import = hooks.install()
    SEEDS.watch(after_import)
    served.watch(after_import, STORE)
    applications.watch(after_import, JOURNAL, STORE)
    neutral.watch(after_import, JOURNAL)
    figures.watch(after_import, ALBUM)
    ledger.watch(after_import, LEDGER)


def prepare(connection_file: str, seed: int, data: str, budget: dict[str, int | None]) -> Any:
    """Return the kernel's application, ready to start: seeded, with data sets from the folder `data`, `fit` capped."""
    STORE.folder, LEDGER.budget = data, budget
    SEEDS.begin(seed)
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.IPythonKernel._execute_sleep = 0.0
    settings.InteractiveShell.colors = "nocolor"
    settings.InteractiveShell.banner1 = ""
    OutStream.flush_timeout = FLUSH_S
    app: Any = GraderApp.instance(
        connection_file=connection_file,
        kernel_class=GraderKernel,
        config=settings,
        log_level=logging.CRITICAL,
        extensions=[],
        exec_PYTHONSTARTUP=False,
    )
    app.initialize([])
    if INLINE in sys.modules:  # imported before there was a shell to show figures in
        sys.modules[INLINE]._enable_matplotlib_integration()
    return app


def leave_the_stage() -> None:
    """Hide the modules that made this process, whose names are then free, and look for modules in the work folder.

    A student's own `agent.py` or `kernel.py` is found as in any other place.
    """
    ours = {HERE, sys.path[0]}
    sys.path[:] = ["", *[entry for entry in sys.path if entry not in ours]]
    for name, module in list(sys.modules.items()):
        folder = str(getattr(module, "__file__", None)).rpartition(os.sep)[0]
        if module is None or (name != "__main__" and folder in ours):
            del sys.modules[name]
