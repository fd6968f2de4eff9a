"""`%load_ext grader`, then `%grade q4`: the public checks of a bundle, asked of the running notebook's own names.

    magic     the line that was typed, and what is said where nothing can be checked
    judging   one round of checks, in this process: checks are pytest functions, the kernel they ask is this one
    asking    the kernel they ask; what may not be asked while a notebook is being written
    inside    the asking code of sealed kernels, at work on this kernel's names
    alarm     the time limit of a call, and the Stop button
    state     everything a check or a student's function could change, put back afterwards
    diary     which cells were run when
    sources   the notebook's file, where it can be found, and what is read of it
    shown     the verdicts as HTML and as text
    served    the bundle's small data sets, where the real ones cannot be downloaded

`%load_ext grader` sets up the magic's name and the data sets: the rest is imported when it is asked for.
"""

from __future__ import annotations

import contextlib
from typing import Any

from grader.selfcheck.live.diary import Diary

NAME = "grade"
_DIARIES: dict[int, Diary] = {}  # by shell: there is one in a process, in tests there are more
_FALLBACKS: list[Any] = []


def load(shell: Any) -> None:
    """Give a shell the magic `%grade`."""

    def grade(line: str) -> None:
        """Check what you have run so far: `%grade` for all questions, `%grade q4` for one, `%grade --help` for more."""
        from grader.selfcheck.live.magic import answer

        answer(shell, _DIARIES[id(shell)], line)

    unload(shell)
    _DIARIES[id(shell)] = Diary(shell)
    shell.register_magic_function(grade, "line", NAME)
    with contextlib.suppress(ImportError):  # without NumPy there is nothing to load data into
        from grader.selfcheck.live.served import Fallback

        _FALLBACKS.append(Fallback())


def unload(shell: Any) -> None:
    """Take the magic away again."""
    diary = _DIARIES.pop(id(shell), None)
    if diary is not None:
        diary.close()
    while _FALLBACKS:
        _FALLBACKS.pop().close()
    shell.magics_manager.magics["line"].pop(NAME, None)
