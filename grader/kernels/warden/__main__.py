"""The program of wardens: `python -s -P <this folder> guard|serve|serve-tensorflow <descriptor>`.

`guard` starts one kernel for the grader at the other end of the socket; the others are the warm server, without and
with TensorFlow. None imports anything of `grader`: the modules beside this file and those of `inside/` import each
other by their plain names.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

INSIDE = Path(__file__).resolve().parents[1] / "inside"


def main() -> None:
    """Do what the command line says on the socket it names."""
    sys.path.insert(1, str(INSIDE))
    from home import keep_only_environment  # type: ignore[import-not-found]

    keep_only_environment(*sys.path[:2])
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
