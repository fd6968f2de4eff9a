"""`%load_ext grader`, then `%grade q4`: the public checks of a bundle, asked of the running notebook's own names.

    magic     the line that was typed, and what is said where nothing can be checked
    judging   one round of checks, in this process: checks are pytest functions, the kernel they ask is this one
    asking    the kernel they ask; what may not be asked while a notebook is being written
    loading   modules of sealed kernels, loaded into this one
    inside    the asking code of sealed kernels, at work on this kernel's names
    alarm     the time limit of a call, and the Stop button
    state     everything a check or a student's function could change, put back afterwards
    fingerprint  whether what could not be remembered was changed
    session   what `%load_ext grader` sets up: a diary, a watch, data sets
    diary     which cells were run when
    watching  what was trained and shown since
    sources   the notebook's file, where it can be found, and what is read of it
    shown     the verdicts as HTML and as text
    served    the bundle's small data sets, where the real ones cannot be downloaded

The rest is imported when it is asked for.
"""

from __future__ import annotations

from typing import Any

from grader.selfcheck.live.session import Session

NAME = "grade"
_SESSIONS: dict[int, Session] = {}  # by shell: there is one in a process, in tests there are more


def load(shell: Any) -> None:
    """Give a shell the magic `%grade`."""

    def grade(line: str) -> None:
        """Check what you have run so far: `%grade` for all questions, `%grade q4` for one, `%grade --help` for more."""
        from grader.selfcheck.live.magic import answer

        answer(shell, _SESSIONS[id(shell)], line)

    unload(shell)
    _SESSIONS[id(shell)] = Session(shell)
    shell.register_magic_function(grade, "line", NAME)


def unload(shell: Any) -> None:
    """Take the magic away again."""
    session = _SESSIONS.pop(id(shell), None)
    if session is not None:
        session.close()
    shell.magics_manager.magics["line"].pop(NAME, None)
