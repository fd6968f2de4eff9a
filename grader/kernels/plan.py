"""What to start: everything a warden must know about one kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.config import Budget, Limits
from grader.kernels.warm import fonts

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to start a kernel.

    `sealed` puts it in a sandbox, else it works in the folder `scratch`; `tensorflow` asks the warm server that has it;
    `data` is the folder of data sets; `budget` caps `fit`; `files` are copied beside the notebook; `hidden` folders
    are covered wherever a sandbox would show them; `environment` are variables more.
    """

    limits: Limits
    seed: int
    sealed: bool = True
    tensorflow: bool = True
    data: Path | None = None
    budget: Budget | None = None
    files: Sequence[Path] = ()
    hidden: Sequence[Path] = ()
    scratch: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def order(self, connection: dict[str, Any]) -> dict[str, Any]:
        """Return the plan as the warden reads it, with the kernel's connection."""
        return {
            "connection": connection,
            "limits": self.limits.model_dump(),
            "seed": self.seed,
            "sealed": self.sealed,
            "budget": (self.budget or Budget()).model_dump(),
            "data": str(self.data.resolve()) if self.data else "",
            "files": [str(file.resolve()) for file in self.files if not file.is_symlink()],
            "hidden": [str(folder.resolve()) for folder in self.hidden],
            "scratch": str(self.scratch or ""),
            "fonts": list(fonts()),
        }
