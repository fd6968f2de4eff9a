"""Kernels: a student's notebook runs in one, and answers questions there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.kernels.runner import Kernel

__all__ = ["Kernel"]


def __getattr__(name: str) -> Any:
    """Import the machinery when it is asked for: `ahead` is there to start a process before that."""
    if name == "Kernel":
        from grader.kernels.runner import Kernel

        return Kernel
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
