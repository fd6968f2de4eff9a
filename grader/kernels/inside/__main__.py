"""The program of a kernel: `python -s -P <this folder> -f connection.json`.

The modules beside this file import each other by their plain names, and nothing of `grader`. Once the kernel
stands, they are taken out of `sys.modules` and the folder out of `sys.path`, so that a student's own
`agent.py` or `kernel.py` is found as anywhere else.
"""

from __future__ import annotations

import os
import signal
import site
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Completion and debugging are for people who type; a start that does not find them takes a third less time.
UNUSED = ("jedi", "debugpy")


def die_with_parent() -> None:
    """Have the system kill this process when the grader ends, however it ends (Linux only)."""
    parent = int(os.environ.pop("GRADER_PARENT", "0"))
    if sys.platform != "linux" or not parent:
        return
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def keep_only_environment(folder: str) -> None:
    """Drop from `sys.path` what is neither the standard library, this environment's packages nor `folder`.

    An editable install would otherwise show the grader and its solutions to the notebook.
    """
    library = Path(os.__file__).parent
    kept = {folder, str(library), str(library / "lib-dynload"), *site.getsitepackages()}
    sys.path[:] = [entry for entry in sys.path if entry in kept]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in type(finder).__module__]


def leave_the_stage(folder: str) -> None:
    """Hide the modules of `folder`, whose names are then free, and look for modules in the notebook's folder."""
    sys.path[sys.path.index(folder)] = ""
    for name in UNUSED:
        sys.modules.pop(name, None)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and file is not None and str(Path(file).parent) == folder:
            del sys.modules[name]


def main() -> None:
    """Start the kernel and serve until it is killed."""
    die_with_parent()
    folder = sys.path[0]
    keep_only_environment(folder)
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]
    from kernel import prepare  # type: ignore[import-not-found]

    app = prepare(sys.argv[sys.argv.index("-f") + 1])
    leave_the_stage(folder)
    app.start()


if __name__ == "__main__":
    main()
