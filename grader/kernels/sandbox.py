"""Whether this machine can seal kernels: asked before a batch begins, and by whoever wants to know why not."""

from __future__ import annotations

from grader.errors import SandboxUnavailable
from grader.kernels.warden.holder import SealError, bubblewrap, why_not

__all__ = ["bubblewrap", "require_sandbox", "why_not"]

UNSEALED = "Or run notebooks you trust as yourself, unsealed, with --no-sandbox: the reports then say so."


def require_sandbox() -> None:
    """Make a sandbox and take it away again; SandboxUnavailable says why that is not possible, and the way out."""
    if (error := why_not()) is not None:
        raise unavailable(error)


def unavailable(error: SealError) -> SandboxUnavailable:
    """Return the error for people that a warden's error stands for."""
    return SandboxUnavailable(f"Notebooks cannot be sealed here: {str(error).rstrip('.')}. {error.remedy} {UNSEALED}")
