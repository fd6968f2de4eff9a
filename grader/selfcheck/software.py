"""Whether this Python has what a bundle needs, before anything is imported that lacks it."""

from __future__ import annotations

import sys

from grader.bundle import Bundle
from grader.errors import UsageError
from grader.extras import EXTRAS, NAMES, installed

CORE = {"numpy": "NumPy", "ipykernel": "the IPython kernel", "nbclient": "nbclient", "pytest": "pytest"}


def require_software(bundle: Bundle) -> None:
    """Raise UsageError with the line to type when this Python lacks something."""
    wanted = CORE | {module: NAMES.get(module, module) for extra in bundle.extras for module in EXTRAS.get(extra, ())}
    missing = [said for module, said in wanted.items() if not installed(module)]
    if missing:
        raise UsageError(
            f"This Python ({sys.executable}) has no {' and no '.join(missing)}, which {bundle.title!r} needs. "
            f"Type: {sys.executable} -m {bundle.install}"
        )
