"""Whether there is room for reports: asked before anything is graded."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from grader.errors import OutputError
from grader.files import atomic_write
from grader.notebook.read import leads_nowhere


def require_writable(out: Path) -> None:
    """Raise OutputError unless a file of some size can be written into the output folder; leave nothing behind."""
    missing = [folder for folder in (out, *out.parents) if not os.path.lexists(folder)]
    probe = out / ".probe"
    try:
        atomic_write(probe, b"\0" * 65536)
        probe.unlink(missing_ok=True)
    except (OSError, OutputError) as error:
        raise OutputError(f"Cannot write in {out}: {_why(out, error)}. Choose another folder with --out.") from error
    finally:
        with contextlib.suppress(OSError):
            for folder in missing:
                folder.rmdir()


def _why(out: Path, error: OSError | OutputError) -> str:
    cause = error if isinstance(error, OSError) else error.__cause__
    nowhere = next(filter(None, map(leads_nowhere, (out, *out.parents))), "")
    return f"it {nowhere}" if nowhere else getattr(cause, "strerror", None) or str(cause)
