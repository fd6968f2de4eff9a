"""The kernel that checks ask, where it is the one they run in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from grader.checks.plugin import NotReached
from grader.errors import CallTimedOut, StudentError
from grader.probe import Thing
from grader.selfcheck.live.alarm import Stop, TooLong
from grader.selfcheck.live.inside import LiveAgent

AT_THE_DESK = (
    "put `%load_ext grader` into the first cell, restart the kernel and run all cells; or save the notebook and type "
    "`grade {notebook}` in a terminal"
)
FROM_THE_START = {
    "figures": "This check looks at the figures of your notebook, of which some may have been missed",
    "runs": "This check looks at how your models were trained, of which a part may have been missed",
}


class Stopped(StudentError):
    """The Stop button was pressed while a student's code was running."""


class LiveKernel:
    """Answers what checks ask, on this thread; what was being called when Stop was pressed is in `stopped`."""

    def __init__(self, agent: LiveAgent, stop: Stop, notebook: str, heard: Collection[str]) -> None:
        self._agent, self._stop, self._heard = agent, stop, heard
        self._elsewhere = AT_THE_DESK.format(notebook=notebook)
        self.stopped = ""

    def ask(
        self, content: dict[str, Any], buffers: Sequence[bytes] = (), *, timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer's content and buffers; raise CallTimedOut, Stopped or NotReached."""
        if content["op"] in FROM_THE_START and content["op"] not in self._heard:
            raise NotReached(f"{FROM_THE_START[content['op']]}: {self._elsewhere}.")
        if self._stop.asked():
            raise NotReached("Not run: you stopped the checks.")
        reply, out = self._answer(content, buffers, timeout_s)
        if self._stop.asked():
            self.stopped = _called(content)
            raise Stopped(f"Stopped while {self.stopped} was running.")
        return reply, out

    def _answer(
        self, content: dict[str, Any], buffers: Sequence[bytes], timeout_s: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        try:
            with self._stop.after(timeout_s):
                answer = self._agent.handle(content, list(buffers))
        except TooLong as error:
            raise CallTimedOut("") from error
        if self._stop.over:
            raise CallTimedOut("")
        return answer


def _called(content: dict[str, Any]) -> str:
    path = tuple((str(kind), key) for kind, key in content.get("path") or ())
    return f"your `{Thing(path=path, kind='name').label}`" if path else "your code"
