"""What is set up by `%load_ext grader` in one shell, and taken down by `%unload_ext grader`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.selfcheck.live.diary import Diary

if TYPE_CHECKING:
    from grader.selfcheck.live.watching import Watch


class Session:
    """The diary, the watch and the data sets of one shell; without NumPy there is the diary alone."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.folder: Path | None = None  # the one it is loaded in: a cell may change to another
        with contextlib.suppress(OSError):  # it is gone
            self.folder = Path.cwd()
        self.diary = Diary(shell)
        self._watch: Watch | None = None
        self._closing = contextlib.ExitStack()
        self._closing.callback(self.diary.close)
        with contextlib.suppress(ImportError):
            self.watching()

    def close(self) -> None:
        """Take everything down."""
        self._closing.close()

    def watching(self) -> Watch:
        """Return the watch, set up now where it is not; ModuleNotFoundError without NumPy."""
        from grader.selfcheck.live.served import Fallback
        from grader.selfcheck.live.watching import Watch

        if self._watch is None:
            self._watch = Watch(self._shell)
            self._closing.callback(self._watch.close)
            self._closing.callback(Fallback().close)
        return self._watch
