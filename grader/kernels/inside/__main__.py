"""The kernel as a plain process: `python -P <this folder>`, for people who run their own code.

It imports what it needs, then waits for its order, a line of JSON on standard input: `root`, the folder it works in;
`key`, which signs messages; `seed`, `data` and `budget` as in `kernel.prepare`; `matplotlib`, the folder for its list
of fonts. It listens on ports of 127.0.0.1 that the system chooses; once the file `ipc/ready` is there,
`ipc/connection.json` has them. With the end of input instead of an order it ends.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.kernels.inside import home
else:
    import home


def main() -> None:
    """Become the kernel, and serve until the process is killed."""
    home.keep_only_environment(sys.path[0])
    if TYPE_CHECKING:
        from grader.kernels.inside import kernel
    else:
        import kernel
    kernel.set_the_stage()
    line = sys.stdin.buffer.readline()
    if not line:
        return
    order = json.loads(line)
    place = Path(order["root"], "ipc")
    home.furnish(order["root"], order["matplotlib"])
    connection = place / "connection.json"
    connection.write_text(json.dumps({"transport": "tcp", "ip": "127.0.0.1", "key": order["key"]}), encoding="utf-8")
    app = kernel.prepare(str(connection), order["seed"], order["data"], order["budget"])
    kernel.leave_the_stage()
    (place / "ready").touch()
    app.start()


if __name__ == "__main__":
    main()
