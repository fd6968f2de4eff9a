"""Whether this Python has what a bundle needs, before anything is imported that lacks it."""

from __future__ import annotations

import importlib.util
import sys

from grader.bundle import Bundle
from grader.errors import UsageError

CORE = {"numpy": "NumPy", "ipykernel": "the IPython kernel", "nbclient": "nbclient", "pytest": "pytest"}
EXTRAS = {"keras": {"tensorflow": "TensorFlow", "keras": "Keras"}}


def require_software(bundle: Bundle) -> None:
    """Raise UsageError with the line to type when this Python lacks something."""
    wanted = CORE | {name: said for extra in bundle.extras for name, said in EXTRAS.get(extra, {}).items()}
    missing = [said for name, said in wanted.items() if not _there(name)]
    if missing:
        raise UsageError(
            f"This Python ({sys.executable}) has no {' and no '.join(missing)}, which {bundle.title!r} needs. "
            f"Type: {sys.executable} -m {bundle.install}"
        )


def _there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # half removed
        return False
