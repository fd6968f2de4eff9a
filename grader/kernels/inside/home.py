"""Where the kernel's process lives: what it may import, and the folders that its environment names."""

from __future__ import annotations

import os
import site
import sys
import tempfile
from pathlib import Path

# Completion and debugging are for people who type; a start that does not find them takes a third less time.
UNUSED = ("jedi", "debugpy")


def keep_only_environment(*ours: str) -> None:
    """Drop from `sys.path` what is neither the standard library, this environment's packages nor our folders.

    An editable install would otherwise show the grader and its solutions to the notebook.
    """
    library = Path(os.__file__).parent
    standard = {str(library), str(library / "lib-dynload"), str(Path(sys.base_prefix, "DLLs"))}
    packages = {*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else ())}
    sys.path[:] = [entry for entry in sys.path if entry in {*ours, *standard, *packages}]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "__editable__" not in type(finder).__module__]
    sys.modules.update(dict.fromkeys(UNUSED))  # type: ignore[arg-type]


def furnish(root: str, matplotlib: str) -> None:
    """Make the folders below `root`, have the environment name them, and work there from now on."""
    home, temporary = f"{root}/home", f"{root}/tmp"  # noqa: S108
    for folder in (home, temporary, f"{root}/shm", f"{root}/ipc", matplotlib):
        Path(folder).mkdir(parents=True, exist_ok=True)
    os.environ.update(
        HOME=home,
        USER="student",
        LOGNAME="student",
        TMPDIR=temporary,
        IPYTHONDIR=f"{home}/.ipython",
        KERAS_HOME=f"{home}/.keras",
        MPLCONFIGDIR=matplotlib,
    )
    if os.name == "nt":
        os.environ.update(USERPROFILE=home, TEMP=temporary, TMP=temporary, APPDATA=home, LOCALAPPDATA=home)
    tempfile.tempdir = None
    if "keras.src.backend.config" in sys.modules:
        sys.modules["keras.src.backend.config"]._KERAS_DIR = os.environ["KERAS_HOME"]  # type: ignore[attr-defined]
    os.chdir(f"{root}/work")
