"""Where a kernel works: the same five folders, in a sandbox below `/scratch`, else in a folder of the grader's."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.kernels.inside import home
    from grader.kernels.warden.holder import SANDBOX_DATA, SANDBOX_FILES, SANDBOX_ROOT
else:
    import home
    from holder import SANDBOX_DATA, SANDBOX_FILES, SANDBOX_ROOT


@dataclass
class Place:
    """The folders of one kernel, and the list of fonts that matplotlib would otherwise make anew."""

    root: str
    data: str
    _connection: dict[str, Any]
    _fonts: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, order: dict[str, Any]) -> Place:
        """Return the place an order asks for."""
        if order["sealed"]:
            return cls(SANDBOX_ROOT, SANDBOX_DATA if order["data"] else "", order["connection"])
        return cls(order["scratch"], order["data"], order["connection"])

    @property
    def work(self) -> str:
        """The folder the notebook runs in."""
        return f"{self.root}/work"

    @property
    def ipc(self) -> str:
        """The folder of the kernel's sockets."""
        return f"{self.root}/ipc"

    @property
    def connection(self) -> str:
        """The connection file the kernel reads."""
        return f"{self.ipc}/connection.json"

    def load_fonts(self, files: list[str]) -> None:
        """Read matplotlib's lists of fonts while they can be reached; whoever has matplotlib loaded needs none."""
        if "matplotlib.font_manager" not in sys.modules:
            self._fonts = {Path(file).name: Path(file).read_bytes() for file in files}

    def bring(self, files: list[str]) -> None:
        """Copy the files handed in beside the notebook into the sandbox, so that whoever works there may use them."""
        Path(self.work).mkdir()
        if files:
            shutil.copytree(SANDBOX_FILES, self.work, symlinks=True, dirs_exist_ok=True)
        for place, folders, names in os.walk(self.work):
            for name in (".", *folders, *names):
                if not Path(place, name).is_symlink():
                    Path(place, name).chmod(0o777)

    def furnish(self) -> None:
        """Make the folders, write what the kernel reads first, and work there from now on."""
        fonts = f"{self.root}/home/.matplotlib"
        home.furnish(self.root, fonts)
        for name, content in self._fonts.items():
            Path(fonts, name).write_bytes(content)
        Path(self.connection).write_text(json.dumps({**self._connection, "ip": f"{self.ipc}/k"}))
