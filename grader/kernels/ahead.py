"""Starting the next kernel's process ahead of time.

A new process needs a while to import what every kernel needs, and so does the grader: they do it side by side. What was
started ahead and is not used ends with the grader.
"""

from __future__ import annotations

from grader.kernels import warm


def begin() -> None:
    """Start the process of the next kernel that is not forked; nothing happens where one waits already."""
    if warm.POSSIBLE:
        warm.get_ready()
        return
    from grader.kernels import plain

    plain.get_ready()
