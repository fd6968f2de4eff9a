"""A real kernel, started as Jupyter starts one, and what its cells display."""

from __future__ import annotations

import contextvars
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel
from jupyter_core.utils import ensure_event_loop

ROOT = Path(__file__).parents[2]


@dataclass
class Outputs:
    """What one cell gave."""

    stdout: str = ""
    stderr: str = ""
    error: str = ""
    results: list[str] = field(default_factory=list)
    displays: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The one thing that was displayed, as text."""
        assert not self.error, self.error
        (data,) = self.displays
        return str(data["text/plain"])

    @property
    def html(self) -> str:
        """The same as HTML."""
        (data,) = self.displays
        return str(data["text/html"])


class Notebook:
    """A kernel that works in a folder."""

    def __init__(self, folder: Path, **env: str) -> None:
        known = {**os.environ, "PYTHONPATH": str(ROOT), "MPLCONFIGDIR": str(folder), **env}
        self._context = contextvars.copy_context()  # jupyter_client keeps its loop in one
        self._manager, self._client = self._context.run(start_new_kernel, cwd=str(folder), env=known)

    def close(self) -> None:
        """End the kernel."""
        self._client.stop_channels()
        self._context.run(self._manager.shutdown_kernel, now=True)
        self._context.run(ensure_event_loop).close()

    def _press_stop(self) -> None:
        self._manager.interrupt_kernel()
        ensure_event_loop().close()  # of this thread

    def run(self, source: str, *, stop_after_s: float | None = None, timeout: float = 20) -> Outputs:
        """Run a cell; `stop_after_s` presses the Stop button that much later."""
        outputs = Outputs()
        stop = threading.Timer(stop_after_s or 0, self._press_stop)
        if stop_after_s is not None:
            stop.start()
        try:
            run = self._client.execute_interactive
            self._context.run(run, source, output_hook=lambda m: _keep(outputs, m), timeout=timeout)
        finally:
            stop.cancel()
        return outputs


def _keep(outputs: Outputs, message: dict[str, Any]) -> None:
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            setattr(outputs, content["name"], getattr(outputs, content["name"]) + content["text"])
        case "display_data":
            outputs.displays.append(content["data"])
        case "execute_result":
            outputs.results.append(content["data"]["text/plain"])
        case "error":
            outputs.error = f"{content['ename']}: {content['evalue']}"
