"""The parts of Python the kernel itself stands on, put back after a cell or a call replaced them.

A notebook that sets `builtins.len` or `json.dumps` breaks the machinery that runs it. What it adds to these modules
stays, what it replaced or removed is restored.
"""

from __future__ import annotations

import builtins
import inspect
import json
import json.decoder
import json.encoder
import json.scanner
import linecache
import sys
import traceback
from types import ModuleType
from typing import Any

MODULES: tuple[ModuleType, ...] = (
    builtins,
    inspect,
    json,
    json.decoder,
    json.encoder,
    json.scanner,
    linecache,
    traceback,
)
_update = dict.update


class Guard:
    """Remembers the content of the modules when it is made."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = tuple(
            (vars(module), dict(vars(module))) for module in MODULES
        )
        self._streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
        self._classes = tuple(
            (kind, name, value)
            for kind in (json.JSONEncoder, json.JSONDecoder)
            for name, value in vars(kind).items()
            if callable(value)
        )

    def restore(self) -> None:
        """Put back what was there; streams only where nothing can be written to what stands in their place."""
        for name, stream in self._streams.items():
            if not _can_write(getattr(sys, name, None)):
                setattr(sys, name, stream)
        for present, kept in self._kept:
            _update(present, kept)
        for kind, name, value in self._classes:
            setattr(kind, name, value)


def _can_write(stream: Any) -> bool:
    try:
        return callable(stream.write) and callable(stream.flush) and not getattr(stream, "closed", False)
    except Exception:  # noqa: BLE001 - a student's own stream
        return False
