"""The program of wardens: `python -s -P <this folder> guard|serve|serve-tensorflow <descriptor>`.

`guard` starts one kernel for the grader at the other end of the socket; the others are the warm server, without and
with TensorFlow. None imports anything of `grader`: the modules beside this file and those of `inside/` import each
other by their plain names.
"""

from __future__ import annotations

import os
import site
import socket
import sys
from pathlib import Path

INSIDE = Path(__file__).resolve().parents[1] / "inside"
# Completion and debugging are for people who type; a start that does not find them takes a third less time.
UNUSED = ("jedi", "debugpy")


def keep_only_environment(folder: str) -> None:
    """Drop from `sys.path` what is neither the standard library, this environment's packages nor our folders.

    An editable install would otherwise show the grader and its solutions to the notebook.
    """
    library = Path(os.__file__).parent
    kept = {folder, str(library), str(library / "lib-dynload"), *site.getsitepackages()}
    sys.path[:] = [entry for entry in sys.path if entry in kept]
    sys.path.insert(1, str(INSIDE))
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in type(finder).__module__]


def main() -> None:
    """Do what the command line says on the socket it names."""
    keep_only_environment(sys.path[0])
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]
    work, descriptor = sys.argv[1:]
    grader = socket.socket(fileno=int(descriptor))
    if work == "guard":
        from warden import guard  # type: ignore[import-not-found]

        guard(grader)
    else:
        from server import serve  # type: ignore[import-not-found]

        serve(grader, tensorflow=work == "serve-tensorflow")


if __name__ == "__main__":
    main()
