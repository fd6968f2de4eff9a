"""The asking code of sealed kernels (grader/kernels/inside/agent.py), at work on the names of this kernel."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.kernels.inside.memory import Memory
from grader.selfcheck.live.loading import loaded

MAX_FRAMES, MAX_SOURCE = 20, 200
MAX_LEGACY_SEED = 2**32

if TYPE_CHECKING:
    from grader.kernels.inside import agent, guard
    from grader.selfcheck.live.watching import Watch
else:
    agent, guard = loaded("agent"), loaded("guard")


class LiveAgent(agent.Agent):
    """Answers about the names of a running notebook; what it remembers of them also holds the private ones."""

    def __init__(self, shell: Any, memory: Memory, watch: Watch) -> None:
        super().__init__(shell, reseed, guard.Guard().restore, watch.album, watch.ledger)
        self._shell = shell
        self._given = dict(shell.user_ns_hidden)
        self._memory = memory

    def _reset(self, content: agent.Content, _: list[bytes]) -> agent.Content:
        self._handles.clear()
        self._album.forget_calls()
        self._memory.restore(self._names, list(self._names))
        self._reseed(content["seed"])
        return {}

    def _report(self, error: BaseException) -> agent.Content:
        return {**super()._report(error), "frames": list(self._frames(error.__traceback__))[-MAX_FRAMES:]}

    def _frames(self, traceback: TracebackType | None) -> Iterator[agent.Content]:
        """Yield the frames that lie in cells, numbered as in `In [ ]`."""
        while traceback is not None:
            code = traceback.tb_frame.f_code
            number = self._number_of(code.co_filename)
            if number is not None:
                line = traceback.tb_lineno
                source = agent.getline(code.co_filename, line).strip()[:MAX_SOURCE]
                cell = f"<cell {number - 1}>"  # whose number is shown counted from 1
                yield {"cell": cell, "line": line, "function": code.co_name[:80], "source": source}
            traceback = traceback.tb_next

    def _number_of(self, filename: str) -> int | None:
        known = getattr(self._shell.compile, "_filename_map", {})
        return known.get(filename) if isinstance(known, dict) else None


def reseed(seed: int) -> None:
    """Seed Python's and NumPy's generators, whose states can be put back; Keras's and TensorFlow's cannot be."""
    random.seed(seed)
    np.random.seed(seed % MAX_LEGACY_SEED)
